// SPDX-License-Identifier: MIT
// The shared parts of fuzz targets. What is loaded here stays until the process ends.
#include "fuzz/common.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "message/message.h"
#include "xdr/xdr.h"

struct keyed {
    uint32_t key;
    const struct vw_type *type;
};

void vw_fuzz_fail(const char *name, const char *fmt, ...)
{
    va_list ap;
    fprintf(stderr, "oracle %s: ", name);
    va_start(ap, fmt);
    vfprintf(stderr, fmt, ap);
    va_end(ap);
    fputc('\n', stderr);
    abort();
}

const struct vw_profile *vw_fuzz_profile(void)
{
    static struct vw_profile *profile;
    struct vw_error err = VW_ERROR_INIT;

    if (!profile && vw_profile_load(NULL, NULL, &profile, &err) < 0)
        vw_fuzz_fail("profile", "%s", err.text);
    return profile;
}

void vw_fuzz_compile_all(void)
{
    static bool done;
    size_t n;

    if (done)
        return;
    done = true;
    const struct vw_type *const *types = vw_schema_types(vw_fuzz_profile()->schema, &n);
    for (size_t i = 0; i < n; i++) {
        struct vw_arena arena = VW_ARENA_INIT;
        void *value;
        (void)vw_xdr_decode(types[i], "", 0, &arena, &value, NULL, NULL);
        vw_arena_finish(&arena);
    }
}

uint32_t vw_fuzz_type_key(const char *name)
{
    uint32_t hash = 2166136261u; /* FNV-1a, folded to 24 bits */
    for (const char *p = name; *p; p++)
        hash = (hash ^ (unsigned char)*p) * 16777619u;
    return (hash >> 24) ^ (hash & 0xffffff);
}

static int by_key(const void *a, const void *b)
{
    uint32_t x = ((const struct keyed *)a)->key, y = ((const struct keyed *)b)->key;
    return x < y ? -1 : x > y;
}

static const struct keyed *keyed_types(size_t *n)
{
    static struct keyed *sorted;
    static size_t count;

    if (!sorted) {
        const struct vw_type *const *types = vw_schema_types(vw_fuzz_profile()->schema, &count);
        sorted = calloc(count, sizeof(*sorted));
        if (!sorted || count == 0)
            vw_fuzz_fail("profile", "no types");
        for (size_t i = 0; i < count; i++)
            sorted[i] = (struct keyed){vw_fuzz_type_key(types[i]->name), types[i]};
        qsort(sorted, count, sizeof(*sorted), by_key);
    }
    *n = count;
    return sorted;
}

const struct vw_type *vw_fuzz_type(uint32_t key)
{
    size_t n;
    const struct keyed *sorted = keyed_types(&n);
    size_t low = 0, high = n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (sorted[middle].key < key)
            low = middle + 1;
        else
            high = middle;
    }
    return sorted[low < n ? low : 0].type;
}

const struct vw_type *vw_fuzz_body_type(const struct vw_schema *schema, const struct vw_header *h)
{
    if (h->status == VW_MSG_ERROR)
        return vw_schema_type(schema, "virNetMessageError");
    if (h->type == VW_MSG_STREAM_HOLE)
        return vw_schema_type(schema, "virNetStreamHole");
    const struct vw_program *program = vw_schema_program(schema, h->program, h->version);
    const struct vw_proc *proc = program ? vw_program_proc(program, h->procedure) : NULL;
    if (!proc)
        return NULL;
    switch (h->type) {
    case VW_MSG_CALL:
    case VW_MSG_CALL_WITH_FDS:
    case VW_MSG_MESSAGE:
        return proc->args;
    case VW_MSG_REPLY:
    case VW_MSG_REPLY_WITH_FDS:
        return proc->ret;
    default:
        return NULL;
    }
}

bool vw_fuzz_choose(const uint8_t *data, size_t size, struct vw_fuzz_input *in)
{
    if (size < VW_LENGTH_BYTES)
        return false;
    uint32_t first = vw_load32(data);
    if (first >> 24 == VW_FUZZ_TYPE_MARK) {
        *in = (struct vw_fuzz_input){vw_fuzz_type(first & 0xffffff), data + 4, size - 4};
        return true;
    }
    if (size < VW_PREFIX_BYTES)
        return false;

    struct vw_header h;
    vw_header_decode(data + VW_LENGTH_BYTES, &h);
    bool counted = h.type == VW_MSG_CALL_WITH_FDS || h.type == VW_MSG_REPLY_WITH_FDS;
    size_t skip = VW_PREFIX_BYTES + (counted ? 4 : 0);
    if (size < skip)
        return false;
    *in = (struct vw_fuzz_input){vw_fuzz_body_type(vw_fuzz_profile()->schema, &h), data + skip,
                                 size - skip};
    return in->type != NULL;
}
