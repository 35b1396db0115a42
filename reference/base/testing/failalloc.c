// SPDX-License-Identifier: MIT
// The wrappers of the allocating functions. Each asks admit() first, then calls the real one and
// books what it returned. `live` works with usable sizes, since free() is not told a size.
#include "base/testing/failalloc.h"

#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static size_t fail_in; /* allocations until one fails; 0: none fails */
static bool fail_on;   /* after the first failure the others fail too */
static bool failed;
static struct vw_failalloc_stats stats;
/* Of STATS: a look-up that was given up frees in its own thread. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *p, size_t size);
int __real_posix_memalign(void **out, size_t align, size_t size);
void *__real_aligned_alloc(size_t align, size_t size);
void __real_free(void *p);
int __real_vasprintf(char **out, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0)));
FILE *__real_open_memstream(char **out, size_t *size);

void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *p, size_t size);
void *__wrap_reallocarray(void *p, size_t count, size_t size);
int __wrap_posix_memalign(void **out, size_t align, size_t size);
void *__wrap_aligned_alloc(size_t align, size_t size);
void __wrap_free(void *p);
char *__wrap_strdup(const char *s);
char *__wrap_strndup(const char *s, size_t max);
int __wrap_asprintf(char **out, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
int __wrap_vasprintf(char **out, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0)));
int __wrap___asprintf_chk(char **out, int flag, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
int __wrap___vasprintf_chk(char **out, int flag, const char *fmt, va_list ap)
    __attribute__((format(printf, 3, 0)));
FILE *__wrap_open_memstream(char **out, size_t *size);

void vw_failalloc_set(size_t n)
{
    fail_in = n;
    fail_on = false;
    failed = false;
}

void vw_failalloc_set_from(size_t n)
{
    vw_failalloc_set(n);
    fail_on = true;
}

bool vw_failalloc_clear(void)
{
    bool was = failed;
    vw_failalloc_set(0);
    return was;
}

void vw_failalloc_reset(void)
{
    memset(&stats, 0, sizeof(stats));
}

struct vw_failalloc_stats vw_failalloc_stats(void)
{
    pthread_mutex_lock(&lock);
    struct vw_failalloc_stats now = stats;
    pthread_mutex_unlock(&lock);
    return now;
}

static void request(size_t calls, size_t size)
{
    pthread_mutex_lock(&lock);
    stats.count += calls;
    if (__builtin_add_overflow(stats.requested, size, &stats.requested))
        stats.requested = SIZE_MAX;
    pthread_mutex_unlock(&lock);
}

static bool admit(size_t size)
{
    request(1, size);
    if (failed && fail_on) {
        errno = ENOMEM;
        return false;
    }
    if (fail_in == 0 || --fail_in > 0)
        return true;
    failed = true;
    errno = ENOMEM;
    return false;
}

static void *booked(void *p)
{
    if (p) {
        pthread_mutex_lock(&lock);
        stats.live += malloc_usable_size(p);
        if (stats.live > stats.peak)
            stats.peak = stats.live;
        pthread_mutex_unlock(&lock);
    }
    return p;
}

static void unbook(size_t size)
{
    pthread_mutex_lock(&lock);
    stats.live -= size < stats.live ? size : stats.live;
    pthread_mutex_unlock(&lock);
}

void *__wrap_malloc(size_t size)
{
    return admit(size) ? booked(__real_malloc(size)) : NULL;
}

void *__wrap_calloc(size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes))
        bytes = SIZE_MAX;
    return admit(bytes) ? booked(__real_calloc(count, size)) : NULL;
}

void *__wrap_realloc(void *p, size_t size)
{
    if (!admit(size))
        return NULL;
    size_t old = p ? malloc_usable_size(p) : 0;
    void *q = __real_realloc(p, size);
    if (!q && size > 0)
        return NULL;
    unbook(old);
    return booked(q);
}

void *__wrap_reallocarray(void *p, size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes)) {
        errno = ENOMEM;
        return NULL;
    }
    return __wrap_realloc(p, bytes);
}

int __wrap_posix_memalign(void **out, size_t align, size_t size)
{
    if (!admit(size))
        return ENOMEM;
    int rc = __real_posix_memalign(out, align, size);
    if (rc == 0)
        booked(*out);
    return rc;
}

void *__wrap_aligned_alloc(size_t align, size_t size)
{
    return admit(size) ? booked(__real_aligned_alloc(align, size)) : NULL;
}

void __wrap_free(void *p)
{
    if (p)
        unbook(malloc_usable_size(p));
    __real_free(p);
}

char *__wrap_strndup(const char *s, size_t max)
{
    size_t len = strnlen(s, max);
    char *copy = __wrap_malloc(len + 1);
    if (!copy)
        return NULL;
    memcpy(copy, s, len);
    copy[len] = '\0';
    return copy;
}

char *__wrap_strdup(const char *s)
{
    return __wrap_strndup(s, SIZE_MAX);
}

int __wrap_vasprintf(char **out, const char *fmt, va_list ap)
{
    if (!admit(0))
        return -1;
    int len = __real_vasprintf(out, fmt, ap);
    if (len >= 0) {
        request(0, (size_t)len + 1);
        booked(*out);
    }
    return len;
}

int __wrap_asprintf(char **out, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    int len = __wrap_vasprintf(out, fmt, ap);
    va_end(ap);
    return len;
}

int __wrap___vasprintf_chk(char **out, int flag, const char *fmt, va_list ap)
{
    return __wrap_vasprintf(out, fmt, ap);
}

int __wrap___asprintf_chk(char **out, int flag, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    int len = __wrap_vasprintf(out, fmt, ap);
    va_end(ap);
    return len;
}

FILE *__wrap_open_memstream(char **out, size_t *size)
{
    return admit(0) ? __real_open_memstream(out, size) : NULL;
}
