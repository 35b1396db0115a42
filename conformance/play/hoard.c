// SPDX-License-Identifier: MIT
// See hoard.h.
#include "conformance/play/hoard.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define DEPTH_MAX 8
#define LOOKS_MIN 12

/* What a program and its children hold. */
struct held {
    uint64_t of[2]; /* by enum vw_hoard_of */
    bool connected; /* one of the descriptors is a socket */
};

static void count_descriptors(pid_t pid, struct held *held)
{
    char path[64], is[8] = "";
    snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
    DIR *dir = opendir(path);
    for (const struct dirent *e = dir ? readdir(dir) : NULL; e; e = readdir(dir)) {
        held->of[VW_HOARD_DESCRIPTORS] += e->d_name[0] != '.';
        ssize_t n = readlinkat(dirfd(dir), e->d_name, is, sizeof(is) - 1);
        held->connected = held->connected || (n == sizeof(is) - 1 && memcmp(is, "socket:", 7) == 0);
    }
    if (dir)
        closedir(dir);
}

static void count_memory(pid_t pid, struct held *held)
{
    char path[64];
    unsigned long long pages = 0;
    snprintf(path, sizeof(path), "/proc/%d/statm", (int)pid);
    FILE *f = fopen(path, "re");
    if (f && fscanf(f, "%*u %llu", &pages) != 1)
        pages = 0;
    if (f)
        fclose(f);
    held->of[VW_HOARD_MEMORY] += pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

static void count(pid_t pid, unsigned depth, struct held *held)
{
    char path[64];
    int child;
    count_descriptors(pid, held);
    count_memory(pid, held);
    snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)pid, (int)pid);
    FILE *f = depth < DEPTH_MAX ? fopen(path, "re") : NULL;
    while (f && fscanf(f, "%d", &child) == 1)
        count(child, depth + 1, held);
    if (f)
        fclose(f);
}

void vw_hoard_look(struct vw_hoard *g, pid_t program)
{
    struct held held = {{0}, false};
    if (program > 0 && g->n < VW_HOARD_LOOKS)
        count(program, 0, &held);
    if (held.connected)
        memcpy(g->seen[g->n++], held.of, sizeof(held.of));
}

bool vw_hoard_judge(const struct vw_hoard *g, enum vw_hoard_of of, uint64_t least, uint64_t *from,
                    uint64_t *to)
{
    *from = g->seen[g->n / 4][of];
    *to = g->seen[g->n / 4 * 3][of];
    uint64_t half = g->seen[g->n / 2][of];
    return g->n >= LOOKS_MIN && half >= *from + least && *to >= half + least;
}
