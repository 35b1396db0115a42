// SPDX-License-Identifier: MIT
// Made-up answers: the maker of random values, with a seed that is made of the question.
#include "mock-daemon/synthesize.h"

#include "mock-daemon/conn.h"
#include "mock-daemon/daemon.h"
#include "xdr/values.h"

/* Of the encoded value, about and at most. */
#define VALUE_BYTES 1024

bool vw_synthesize_can(const struct vw_proc *proc)
{
    return !proc->readstream && !proc->writestream;
}

/* FNV-1a. */
static uint64_t mix(uint64_t h, const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        h = (h ^ bytes[i]) * 0x100000001b3u;
    return h;
}

static uint64_t seed_of(const struct vw_call *c)
{
    const struct vw_proc *proc = c->event->proc;
    const uint64_t words[] = {c->conn->model->seed, proc->program->number, (uint64_t)proc->number};
    uint64_t h = 0xcbf29ce484222325u;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        for (unsigned shift = 0; shift < 64; shift += 8) {
            uint8_t byte = (uint8_t)(words[i] >> shift);
            h = mix(h, &byte, 1);
        }
    }
    return mix(h, c->event->body, c->event->body_len);
}

enum vw_outcome vw_synthesize(struct vw_call *c)
{
    const struct vw_type *t = c->event->proc->ret;
    struct vw_rng rng;
    void *value = NULL;
    if (!t)
        return VW_DONE;
    vw_rng_seed(&rng, seed_of(c));
    if (vw_value_random(t, &rng, VALUE_BYTES, &c->conn->daemon->arena, &value, NULL) < 0)
        return vw_call_fail(c, VW_ERR_INTERNAL, VW_FROM_RPC, "no memory for a value");
    c->value = value;
    return VW_DONE;
}
