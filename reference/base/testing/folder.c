// SPDX-License-Identifier: MIT
// Private folders of tests. A test that fails jumps out before it has removed its own: the rest
// goes at the end of the process that made it, and not of a child that it has forked.
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/testing/test.h"

#define MAX_FOLDERS 64

static char made[MAX_FOLDERS][VW_TEST_FOLDER];
static pid_t maker;
static size_t n_made;

int vw_test_folder(char name[VW_TEST_FOLDER])
{
    const char *tmp = getenv("TMPDIR");
    int n = snprintf(name, VW_TEST_FOLDER, "%s/virwire-test.XXXXXX", tmp && *tmp ? tmp : "/tmp");
    if (n < 0 || n >= VW_TEST_FOLDER || !mkdtemp(name))
        return -1;
    if (maker == 0)
        maker = getpid();
    if (maker == getpid())
        memcpy(made[n_made++ % MAX_FOLDERS], name, (size_t)n + 1);
    return 0;
}

void vw_test_path_in_uri(const char *path, char *out, size_t size)
{
    size_t at = 0;
    for (; *path && at + 4 <= size; path++)
        at += (size_t)sprintf(out + at, *path == ' ' ? "%%20" : "%c", *path);
    assert_true(at < size && !*path);
    out[at] = 0;
}

/* A folder that the test has closed to itself is opened again, or nothing in it could go. */
static int make_open(const char *path, const struct stat *st, int kind, struct FTW *where)
{
    return kind == FTW_D || kind == FTW_DNR ? chmod(path, 0700) : 0;
}

static int remove_it(const char *path, const struct stat *st, int kind, struct FTW *where)
{
    return remove(path);
}

static void __attribute__((destructor)) remove_folders(void)
{
    if (maker != getpid())
        return;
    for (size_t i = 0; i < MAX_FOLDERS; i++) {
        if (!made[i][0] || access(made[i], F_OK) != 0)
            continue;
        nftw(made[i], make_open, 8, FTW_PHYS);
        nftw(made[i], remove_it, 8, FTW_PHYS | FTW_DEPTH);
    }
}
