// SPDX-License-Identifier: MIT
// Threads that share a profile: each type is compiled at its first use, by whichever thread comes
// first. Without the counting allocator, which is not for threads. Worth a run with
// -Db_sanitize=thread.
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema/profile.h"
#include "xdr/values.h"
#include "xdr/xdr.h"

enum { THREADS = 8, ROUNDS = 5 };

struct shared {
    const struct vw_profile *profile;
    pthread_barrier_t start;
    char digest[65];
    _Atomic(const char *) known; /* the digest that the first thread was given */
};

/* One type: its smallest value there and back. */
static bool agrees(const struct vw_type *t, struct vw_arena *arena, struct vw_buf *b)
{
    void *value, *back;
    size_t used;
    b->len = 0;
    return vw_value_minimal(t, arena, &value, NULL) == 0 &&
           vw_xdr_encode(t, value, b, SIZE_MAX, NULL) == 0 &&
           vw_xdr_decode(t, b->data, b->len, arena, &back, &used, NULL) == 0 && used == b->len &&
           vw_value_equal(t, value, back);
}

/* The number of types that went wrong. */
static void *walk(void *arg)
{
    struct shared *s = arg;
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_buf b = VW_BUF_INIT;
    size_t n, wrong = 0;
    const struct vw_type *const *types = vw_schema_types(s->profile->schema, &n);
    pthread_barrier_wait(&s->start);
    /* All are given the same text, however many made one. */
    const char *digest = vw_schema_digest(s->profile->schema), *known = NULL;
    wrong += strcmp(digest, s->digest) != 0;
    wrong += !atomic_compare_exchange_strong(&s->known, &known, digest) && known != digest;
    for (size_t i = 0; i < n; i++) {
        wrong += !agrees(types[i], &arena, &b);
        vw_arena_reset(&arena);
    }
    vw_buf_finish(&b);
    vw_arena_finish(&arena);
    return (void *)wrong;
}

static size_t run_round(struct shared *s, const char *name)
{
    struct vw_profile *p, *other;
    pthread_t threads[THREADS];
    size_t wrong = 0;
    int started = 0;
    if (vw_profile_load(name, NULL, &p, NULL) || vw_profile_load(name, NULL, &other, NULL))
        return 1;
    snprintf(s->digest, sizeof(s->digest), "%s", vw_schema_digest(other->schema));
    vw_profile_destroy(other);
    s->profile = p;
    s->known = NULL;
    while (started < THREADS && pthread_create(&threads[started], NULL, walk, s) == 0)
        started++;
    if (started < THREADS) { /* those that run wait for the rest */
        printf("threads cannot be started\n");
        exit(77);
    }
    for (int i = 0; i < THREADS; i++) {
        void *result = NULL;
        pthread_join(threads[i], &result);
        wrong += (size_t)result;
    }
    vw_profile_destroy(p);
    return wrong;
}

int main(void)
{
    struct shared s = {0};
    size_t wrong = 0;
    pthread_barrier_init(&s.start, NULL, THREADS);
    for (int i = 0; i < ROUNDS; i++) { /* the newest is printed as C, the other one is parsed */
        wrong += run_round(&s, NULL);
        wrong += run_round(&s, "7.0.0");
    }
    pthread_barrier_destroy(&s.start);
    printf("%d threads, %d rounds: %zu differences\n", THREADS, ROUNDS, wrong);
    return wrong != 0;
}
