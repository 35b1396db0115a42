// SPDX-License-Identifier: MIT
// Runs a fuzz target over files and folders with any compiler, no engine needed: how corpora and
// regressions are tested, and how a finding is looked at in a debugger.
// Usage: replay-TARGET [--time] FILE|FOLDER...
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "fuzz/common.h"

#define MAX_BYTES       ((size_t)1 << 20)
#define SECONDS_EACH    30 /* an input that takes longer is a finding; Valgrind has its part in it */
#define EXIT_NO_INPUTS  77
#define EXIT_UNREADABLE 2

static char current[4096];
static size_t inputs;
static bool timed;

/* Says which input it was before the process goes. */
static void name_input(int sig)
{
    static const char text[] = "\nwhile running ";
    ssize_t ignored = write(STDERR_FILENO, text, sizeof(text) - 1);
    ignored += write(STDERR_FILENO, current, strlen(current));
    ignored += write(STDERR_FILENO, "\n", 1);
    (void)ignored;
    signal(sig, SIG_DFL);
    raise(sig);
}

static void run_bytes(const uint8_t *data, size_t size)
{
    struct timespec begin, end;

    alarm(SECONDS_EACH);
    clock_gettime(CLOCK_MONOTONIC, &begin);
    LLVMFuzzerTestOneInput(data, size);
    clock_gettime(CLOCK_MONOTONIC, &end);
    alarm(0);
    inputs++;
    if (timed)
        printf("%10.1f us %7zu bytes %s\n",
               (double)(end.tv_sec - begin.tv_sec) * 1e6 +
                   (double)(end.tv_nsec - begin.tv_nsec) / 1e3,
               size, current);
}

static int run_file(const char *path)
{
    FILE *f = fopen(path, "rb");
    uint8_t *data = f ? malloc(MAX_BYTES) : NULL;
    if (!data) {
        fprintf(stderr, "replay: cannot read %s: %s\n", path, strerror(errno));
        if (f)
            fclose(f);
        return EXIT_UNREADABLE;
    }
    size_t size = fread(data, 1, MAX_BYTES, f);
    fclose(f);

    /* An exact copy, so that the sanitizers see a read past the end. */
    uint8_t *exact = malloc(size ? size : 1);
    if (exact) {
        memcpy(exact, data, size);
        snprintf(current, sizeof(current), "%s", path);
        run_bytes(exact, size);
    }
    free(exact);
    free(data);
    return exact ? 0 : EXIT_UNREADABLE;
}

static int run_path(const char *path);

static int run_folder(const char *path)
{
    struct dirent **entries;
    int rc = 0, n = scandir(path, &entries, NULL, alphasort);
    if (n < 0) {
        fprintf(stderr, "replay: cannot read %s: %s\n", path, strerror(errno));
        return EXIT_UNREADABLE;
    }
    for (int i = 0; i < n; i++) {
        char *child = NULL;
        if (entries[i]->d_name[0] != '.' && rc == 0 &&
            asprintf(&child, "%s/%s", path, entries[i]->d_name) >= 0)
            rc = run_path(child);
        free(child);
        free(entries[i]);
    }
    free(entries);
    return rc;
}

static int run_path(const char *path)
{
    struct stat st;
    if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
        return run_folder(path);
    return run_file(path);
}

int main(int argc, char **argv)
{
    static const int fatal[] = {SIGABRT, SIGALRM, SIGSEGV, SIGBUS, SIGFPE, SIGILL};

    for (size_t i = 0; i < sizeof(fatal) / sizeof(fatal[0]); i++)
        signal(fatal[i], name_input);
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--time") == 0) {
            timed = true;
            continue;
        }
        int rc = run_path(argv[i]);
        if (rc)
            return rc;
    }
    printf("%zu inputs\n", inputs);
    return inputs ? 0 : EXIT_NO_INPUTS;
}
