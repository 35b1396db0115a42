// SPDX-License-Identifier: MIT
#include "conformance/play/meter.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define PATH_SIZE 64
/* How long it may take a program to rest behind its answer, in steps of REST_US. */
#define REST_US    20
#define REST_STEPS 500

struct reading {
    uint64_t resident, peak; /* bytes */
    bool rests;
};

static uint64_t number_behind(const char *text, const char *name)
{
    const char *at = strstr(text, name);
    return at ? strtoull(at + strlen(name), NULL, 10) * 1024 : 0;
}

/* False when the program is gone. */
static bool read_status(const struct vw_meter *m, struct reading *out)
{
    char text[4096];
    ssize_t n = m->works ? pread(m->status, text, sizeof(text) - 1, 0) : -1;
    text[n > 0 ? n : 0] = '\0';
    out->resident = number_behind(text, "\nVmRSS:");
    out->peak = number_behind(text, "\nVmHWM:");
    out->rests = strstr(text, "\nState:\tS") != NULL;
    return out->peak > 0;
}

/* Waits until the program waits for its next task: it may free what it had behind its answer. */
static void settle(struct vw_meter *m)
{
    struct reading r = {0, 0, false};
    for (int i = 0; i < REST_STEPS && read_status(m, &r) && !r.rests; i++)
        nanosleep(&(struct timespec){.tv_nsec = REST_US * 1000}, NULL);
    m->works = m->works && pwrite(m->clear, "5", 1, 0) == 1 && read_status(m, &r);
    m->before = r.resident;
    m->peak = r.peak;
}

static int open_file(pid_t program, const char *name, int flags)
{
    char path[PATH_SIZE];
    snprintf(path, sizeof(path), "/proc/%d/%s", (int)program, name);
    return open(path, flags | O_CLOEXEC);
}

bool vw_meter_possible(struct vw_error *err)
{
    static const char path[] = "/proc/self/clear_refs";
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        vw_error_errno(err, errno, "memory cannot be measured here: %s", path);
    else
        close(fd);
    return fd >= 0;
}

void vw_meter_start(struct vw_meter *m, pid_t program)
{
    *m = (struct vw_meter){.status = open_file(program, "status", O_RDONLY),
                           .clear = open_file(program, "clear_refs", O_WRONLY)};
    m->works = m->status >= 0 && m->clear >= 0;
    settle(m);
}

void vw_meter_end(struct vw_meter *m)
{
    if (m->status > 0)
        close(m->status);
    if (m->clear > 0)
        close(m->clear);
    *m = (struct vw_meter){.works = false};
}

uint64_t vw_meter_now(const struct vw_meter *m)
{
    struct reading r;
    return read_status(m, &r) && r.peak > m->before ? r.peak - m->before : 0;
}

uint64_t vw_meter_task(struct vw_meter *m)
{
    struct reading r;
    if (!read_status(m, &r) || r.peak < m->peak + VW_METER_LEAST)
        return 0;
    uint64_t took = r.peak - m->before;
    settle(m);
    return took;
}

char **vw_meter_environment(char *const *env)
{
    static char settings[][40] = {"MALLOC_MMAP_THRESHOLD_=131072", "MALLOC_TRIM_THRESHOLD_=131072"};
    const size_t n_settings = sizeof(settings) / sizeof(settings[0]);
    size_t n = 0;
    while (env[n])
        n++;
    char **list = calloc(n + n_settings + 1, sizeof(*list));
    if (!list)
        return NULL;
    if (n > 0)
        memcpy(list, env, n * sizeof(*list));
    for (size_t i = 0; i < n_settings; i++)
        list[n + i] = settings[i];
    return list;
}
