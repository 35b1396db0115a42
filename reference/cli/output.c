// SPDX-License-Identifier: MIT
// The names of temporary files stand in a fixed table that a signal handler may read: a slot is
// published after its file exists and withdrawn before it is renamed or removed.
#include "cli/output.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <virwire/error.h>

#include "base/file.h"
#include "cli/exit.h"
#include "cli/message.h"

#define MAX_OUTPUTS 16
#define SAME_MS     250 /* signals so near are one interruption */

struct vw_output {
    FILE *file;
    char *path; /* NULL: stdout */
    char *temp; /* NULL: written in place */
    size_t slot;
};

static char *_Atomic pending[MAX_OUTPUTS];
static volatile sig_atomic_t interrupted; /* the signal, or 0 */
static bool caught;                       /* signals are looked after */

/* Why stdout could not be flushed; 0: it could, or nobody knows. */
static int stdout_errno;

static void remove_pending(int sig)
{
    for (size_t i = 0; i < MAX_OUTPUTS; i++) {
        char *temp = atomic_load(&pending[i]);
        if (temp)
            unlink(temp);
    }
    signal(sig, SIG_DFL);
    raise(sig);
}

/* nohup and background jobs ignore some signals on purpose. */
static void catch_signals(void (*handler)(int))
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
        struct sigaction old, action = {.sa_handler = handler};
        if (sigaction(signals[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
            sigaction(signals[i], &action, NULL);
    }
}

/* timeout(1) signals the program and then its group, which is one interruption. */
static void note_interrupt(int sig)
{
    static int64_t first;
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    int64_t now = (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
    if (interrupted && now - first > SAME_MS)
        remove_pending(sig);
    if (!interrupted)
        first = now;
    interrupted = sig;
}

const volatile sig_atomic_t *vw_output_note_interrupts(void)
{
    caught = true;
    catch_signals(note_interrupt);
    return &interrupted;
}

static int publish(struct vw_output *out)
{
    if (!caught)
        catch_signals(remove_pending);
    caught = true;
    for (out->slot = 0; out->slot < MAX_OUTPUTS; out->slot++) {
        char *none = NULL;
        if (atomic_compare_exchange_strong(&pending[out->slot], &none, out->temp))
            return 0;
    }
    errno = EMFILE;
    return -1;
}

static void withdraw(struct vw_output *out)
{
    if (out->slot < MAX_OUTPUTS)
        atomic_store(&pending[out->slot], NULL);
}

/* Opens the temporary file with the mode that PATH has or would get. */
static int open_temp(struct vw_output *out, mode_t mode)
{
    const char *slash = strrchr(out->path, '/');
    int dir = slash ? (int)(slash + 1 - out->path) : 0;

    if (asprintf(&out->temp, "%.*s.%s.XXXXXX", dir, out->path, out->path + dir) < 0) {
        out->temp = NULL;
        errno = ENOMEM;
        return -1;
    }
    int fd = mkostemp(out->temp, O_CLOEXEC);
    if (fd < 0) {
        free(out->temp);
        out->temp = NULL;
        return -1;
    }
    if (publish(out) < 0 || fchmod(fd, mode) < 0) {
        int saved = errno;
        close(fd);
        withdraw(out);
        unlink(out->temp);
        errno = saved;
        return -1;
    }
    return fd;
}

/* What is no regular file. READY: a FIFO that nobody reads does not hold us up; else it does for a
 * few seconds. Then it is ENXIO. */
static int open_in_place(const char *path, bool ready)
{
    return vw_file_create(path, 0, ready ? 0 : VW_FILE_WAIT_MS);
}

/* Our user's, or the system's, which this user may mean by its name. */
static bool is_own_link(const struct stat *link)
{
    return link->st_uid == geteuid() || link->st_uid == 0;
}

/* A link that the user has made and names stays, and its target is what is replaced. */
static int follow(struct vw_output *out)
{
    char *target = realpath(out->path, NULL);
    if (!target)
        return -1;
    free(out->path);
    out->path = target;
    return 0;
}

static int open_fd(struct vw_output *out, bool ready)
{
    struct stat st, link;
    bool is_link = lstat(out->path, &link) == 0 && S_ISLNK(link.st_mode);

    /* One of somebody else is replaced itself, wherever it leads. */
    if ((is_link && !is_own_link(&link)) || stat(out->path, &st) < 0) {
        mode_t mask = umask(0);
        umask(mask);
        return open_temp(out, 0666 & ~mask);
    }
    if (!S_ISREG(st.st_mode))
        return open_in_place(out->path, ready);
    if (is_link && follow(out) < 0)
        return -1;
    if (access(out->path, W_OK) < 0)
        return -1;
    return open_temp(out, st.st_mode & 0777);
}

static void output_free(struct vw_output *out)
{
    free(out->path);
    free(out->temp);
    free(out);
}

static int open_output(const char *path, bool ready, struct vw_output **out, struct vw_error *err)
{
    struct vw_output *o = calloc(1, sizeof(*o));
    if (!o)
        return vw_error_nomem(err);
    o->slot = MAX_OUTPUTS;
    *out = o;
    if (!path || strcmp(path, "-") == 0) {
        o->file = stdout;
        return 0;
    }

    *out = NULL;
    o->path = strdup(path);
    int fd = o->path ? open_fd(o, ready) : -1;
    o->file = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (o->file) {
        *out = o;
        return 0;
    }
    const char *why = errno == ENXIO ? "nobody reads from it" : strerror(errno);
    int rc = errno == ENOMEM ? vw_error_nomem(err)
                             : vw_error_set(err, VW_EUSAGE, "cannot write %s: %s", path, why);
    if (fd >= 0)
        close(fd);
    if (o->temp) {
        withdraw(o);
        unlink(o->temp);
    }
    output_free(o);
    return rc;
}

int vw_output_open(const char *path, struct vw_output **out, struct vw_error *err)
{
    return open_output(path, false, out, err);
}

int vw_output_open_ready(const char *path, struct vw_output **out, struct vw_error *err)
{
    return open_output(path, true, out, err);
}

int vw_output_open_live(const char *path, struct vw_output **out, struct vw_error *err)
{
    int rc = open_output(path, false, out, err);
    struct vw_output *o = *out;
    if (rc || !o->temp)
        return rc;
    if (rename(o->temp, o->path) < 0) {
        rc = vw_error_set(err, VW_EUSAGE, "cannot write %s: %s", path, strerror(errno));
        vw_output_abandon(o);
        *out = NULL;
        return rc;
    }
    withdraw(o);
    free(o->temp);
    o->temp = NULL;
    return 0;
}

FILE *vw_output_file(struct vw_output *out)
{
    return out->file;
}

/* Left to vw_stdout_finish, so that it is reported once. */
static int flush_stdout(struct vw_output *out)
{
    if (fflush(stdout) != 0)
        stdout_errno = errno;
    output_free(out);
    return 0;
}

int vw_output_commit(struct vw_output *out, struct vw_error *err)
{
    if (!out->path)
        return flush_stdout(out);
    int rc = 0;
    bool bad = fflush(out->file) != 0 || ferror(out->file);
    int saved = errno;

    if (fclose(out->file) != 0 && !bad) {
        bad = true;
        saved = errno;
    }
    if (!bad && out->temp && rename(out->temp, out->path) < 0) {
        bad = true;
        saved = errno;
    }
    if (bad)
        rc = vw_error_errno(err, saved, "cannot write %s", out->path);
    if (out->temp) {
        withdraw(out);
        if (bad)
            unlink(out->temp);
    }
    output_free(out);
    return rc;
}

void vw_output_abandon(struct vw_output *out)
{
    if (!out)
        return;
    if (out->path)
        fclose(out->file);
    if (out->temp) {
        withdraw(out);
        unlink(out->temp);
    }
    output_free(out);
}

void vw_stdout_failed(int sys_errno)
{
    stdout_errno = sys_errno;
}

int vw_stdout_finish(void)
{
    bool before = ferror(stdout);
    if (fflush(stdout) != 0)
        stdout_errno = errno;
    else if (!before && !stdout_errno)
        return VW_EXIT_OK;
    if (stdout_errno == EPIPE) {
        signal(SIGPIPE, SIG_DFL);
        raise(SIGPIPE);
    }
    return vw_cli_error(NULL, VW_EXIT_TOOL, "cannot write to stdout: %s",
                        stdout_errno ? strerror(stdout_errno) : "an earlier error");
}

int vw_output_folder(const char *path, struct vw_error *err)
{
    struct stat st;
    int why = mkdir(path, 0777) == 0 || errno == EEXIST ? 0 : errno;
    if (!why && (stat(path, &st) < 0 || !S_ISDIR(st.st_mode)))
        why = ENOTDIR;
    return why ? vw_error_set(err, VW_EUSAGE, "cannot make the folder %s: %s", path, strerror(why))
               : 0;
}

int vw_output_signals(const char *command, int *fd)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    if (sigprocmask(SIG_BLOCK, &set, NULL) == 0)
        *fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return *fd >= 0 ? 0 : vw_cli_error(command, VW_EXIT_TOOL, "signalfd: %s", strerror(errno));
}
