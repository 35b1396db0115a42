// SPDX-License-Identifier: MIT
// The core of the mutator: takes inputs apart, chooses what is done to them, and puts them
// together.
#include "fuzz/mutator.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "fuzz/common.h"
#include "fuzz/mutator-ops.h"

#define TRIES      12 /* for one operation that can be done */
#define FRAMES_MAX 64 /* of a stream that are told apart */

/* ---- life ---- */

static int load(struct vw_mutator *m, const char *path, struct vw_error *err)
{
    struct stat st;
    if (!path || !*path) {
        m->schema = vw_fuzz_profile()->schema;
        return 0;
    }
    if (stat(path, &st) < 0)
        return vw_error_set(err, VW_ESYSTEM, "cannot read %s: %s", path, strerror(errno));
    int rc = vw_schema_create(&m->own);
    if (rc == 0)
        rc = S_ISDIR(st.st_mode) ? vw_schema_add_dir(m->own, path, err)
                                 : vw_schema_add_file(m->own, path, false, err);
    if (rc == 0)
        rc = vw_schema_finish(m->own, err);
    m->schema = m->own;
    return rc;
}

static int read_spec(struct vw_mutator *m, const char *spec, const char *schema,
                     struct vw_error *err)
{
    static const char *const names[] = {"any", "message", "stream"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(spec, names[i]) == 0) {
            m->format = (enum vw_mutator_format)i;
            if (i == VW_MUTATOR_ANY && schema && *schema)
                return vw_error_set(err, VW_EUSAGE,
                                    "inputs of \"any\" are of the built-in protocol: say "
                                    "\"message\" or \"type NAME\" for another schema");
            return 0;
        }
    if (strncmp(spec, "type ", 5) != 0)
        return vw_error_set(err, VW_EUSAGE,
                            "inputs are any, message, stream or type NAME, and not \"%.100s\"",
                            spec);
    m->format = VW_MUTATOR_TYPE;
    m->fixed = vw_schema_type(m->schema, spec + 5);
    return m->fixed ? 0 : vw_error_set(err, VW_ENAME, "there is no type %.100s", spec + 5);
}

int vw_mutator_create_for(const struct vw_schema *schema, struct vw_mutator **out,
                          struct vw_error *err)
{
    struct vw_mutator *m = calloc(1, sizeof(*m));
    *out = NULL;
    if (m)
        m->done = calloc(vw_mutator_n_ops, sizeof(*m->done));
    if (!m || !m->done) {
        free(m);
        return vw_error_nomem(err);
    }
    m->format = VW_MUTATOR_MESSAGE;
    m->schema = schema;
    *out = m;
    return 0;
}

int vw_mutator_create(const char *spec, const char *schema, struct vw_mutator **out,
                      struct vw_error *err)
{
    struct vw_mutator *m = calloc(1, sizeof(*m));
    *out = NULL;
    if (!m)
        return vw_error_nomem(err);
    m->done = calloc(vw_mutator_n_ops, sizeof(*m->done));
    int rc = m->done ? load(m, schema, err) : vw_error_nomem(err);
    if (rc == 0)
        rc = read_spec(m, spec && *spec ? spec : "any", schema, err);
    if (rc)
        vw_mutator_destroy(m);
    else
        *out = m;
    return rc;
}

void vw_mutator_destroy(struct vw_mutator *m)
{
    if (!m)
        return;
    vw_schema_destroy(m->own);
    vw_arena_finish(&m->arena);
    vw_arena_finish(&m->origin.arena);
    vw_buf_finish(&m->origin.body);
    vw_buf_finish(&m->body);
    vw_buf_finish(&m->next);
    vw_buf_finish(&m->out);
    free(m->done);
    free(m);
}

void vw_mutator_statistics(const struct vw_mutator *m, FILE *f)
{
    for (size_t i = 0; i < vw_mutator_n_ops; i++)
        fprintf(f, "%s %llu\n", vw_mutator_ops[i].name, (unsigned long long)m->done[i]);
}

const char *vw_mutator_last(const struct vw_mutator *m)
{
    return m->last;
}

/* ---- taking apart and putting together ---- */

/* How many bytes of DATA are ahead of the body. */
static size_t head_of(const struct vw_mutator *m, const uint8_t *data, size_t len)
{
    if (m->format == VW_MUTATOR_TYPE || len < 4)
        return 0;
    if (m->format == VW_MUTATOR_ANY && data[0] == VW_FUZZ_TYPE_MARK)
        return 4;
    if (len < VW_PREFIX_BYTES)
        return 0;
    int32_t type = (int32_t)vw_load32(data + VW_LENGTH_BYTES + 12);
    bool counted = type == VW_MSG_CALL_WITH_FDS || type == VW_MSG_REPLY_WITH_FDS;
    return counted && len >= VW_PREFIX_BYTES + 4 ? VW_PREFIX_BYTES + 4 : VW_PREFIX_BYTES;
}

static bool take_apart(struct vw_mutator *m, const uint8_t *data, size_t len, size_t max)
{
    m->head_len = head_of(m, data, len);
    if (m->head_len > max)
        return false;
    if (m->head_len)
        memcpy(m->head, data, m->head_len);
    m->room = max - m->head_len;
    m->lying = false;
    vw_mutator_retype(m);
    if (m->head_len == 0 && m->format != VW_MUTATOR_TYPE)
        m->type = NULL;
    len -= m->head_len;
    if (!vw_mutator_body(m, len ? data + m->head_len : NULL, len < m->room ? len : m->room))
        return false;
    vw_mutator_recall(m);
    return true;
}

static bool put_together(struct vw_mutator *m)
{
    if (vw_mutator_has_header(m) && !m->lying)
        vw_store32(m->head, (uint32_t)(m->head_len + m->body.len));
    return (m->head_len == 0 || vw_buf_append(&m->out, m->head, m->head_len) == 0) &&
           (m->body.len == 0 || vw_buf_append(&m->out, m->body.data, m->body.len) == 0);
}

/* ---- choosing ---- */

static void note(struct vw_mutator *m, const char *name)
{
    size_t at = strlen(m->last), len = strlen(name);
    if (at + len + 2 > sizeof(m->last))
        return;
    if (at)
        m->last[at++] = ',';
    memcpy(m->last + at, name, len + 1);
}

enum which { HONEST, LYING, EITHER };

static bool operate(struct vw_mutator *m, enum which which)
{
    for (int i = 0; i < TRIES; i++) {
        size_t n = vw_mutator_below(m, vw_mutator_n_ops);
        const struct vw_mutator_op *op = &vw_mutator_ops[n];
        if (which != EITHER && op->lies != (which == LYING))
            continue;
        if (!m->fresh)
            vw_arena_reset(&m->arena);
        vw_mutator_spans(m);
        if (!op->fn(m))
            continue;
        m->done[n]++;
        note(m, op->name);
        return true;
    }
    return false;
}

/* Of ten, seven change what is right, two tell one lie, one says anything. */
static void mutate_message(struct vw_mutator *m)
{
    uint64_t level = vw_mutator_below(m, 10);
    /* One, most of the time. */
    unsigned n = vw_mutator_below(m, 3) > 0 ? 1 : 1 + (unsigned)vw_mutator_below(m, 3);
    if (level < 7) {
        for (; n > 0; n--)
            operate(m, HONEST);
    } else if (level < 9) {
        for (; n > 1; n--)
            operate(m, HONEST);
        operate(m, LYING);
    } else {
        for (n += 2; n > 0; n--)
            operate(m, EITHER);
    }
    if (!*m->last)
        operate(m, EITHER);
}

/* ---- streams ---- */

struct piece {
    const uint8_t *bytes;
    size_t len;
};

/* The messages of DATA; what cannot be told apart is one more. */
static size_t split(const uint8_t *data, size_t len, struct piece *pieces)
{
    size_t n = 0;
    while (len > 0) {
        size_t length = len >= 4 ? vw_load32(data) : len;
        if (length < VW_PREFIX_BYTES || length > len || n == FRAMES_MAX - 1)
            length = len;
        pieces[n++] = (struct piece){data, length};
        data += length;
        len -= length;
    }
    return n;
}

static bool put_piece(struct vw_mutator *m, const struct piece *p, size_t max)
{
    return p->len == 0 || p->len > max - m->out.len ||
           vw_buf_append(&m->out, p->bytes, p->len) == 0;
}

/* Drops, doubles, swaps or halves messages, or changes one. */
static bool mutate_stream(struct vw_mutator *m, const uint8_t *data, size_t len, size_t max)
{
    static const char *const names[] = {"drop", "double", "swap-messages", "halve"};
    struct piece pieces[FRAMES_MAX];
    size_t n = split(data, len, pieces);
    if (n == 0)
        return take_apart(m, data, len, max) && (mutate_message(m), put_together(m));
    size_t at = vw_mutator_below(m, n), how = vw_mutator_below(m, 12);
    if (how < 4)
        note(m, names[how]);
    if (how == 2 && at + 1 < n) {
        struct piece first = pieces[at];
        pieces[at] = pieces[at + 1];
        pieces[at + 1] = first;
    }
    for (size_t i = 0; i < n; i++) {
        bool here = i == at;
        if (here && how == 0 && n > 1)
            continue;
        if (here && how == 3)
            pieces[i].len /= 2;
        if (here && how >= 4) {
            if (!take_apart(m, pieces[i].bytes, pieces[i].len, max - m->out.len))
                continue;
            mutate_message(m);
            if (!put_together(m))
                return false;
        } else if (!put_piece(m, &pieces[i], max)) {
            return false;
        }
        if (here && how == 1 && !put_piece(m, &pieces[i], max))
            return false;
    }
    return true;
}

/* ---- entry points ---- */

static void begin(struct vw_mutator *m, uint64_t seed)
{
    vw_arena_reset(&m->arena);
    vw_rng_seed(&m->rng, seed);
    m->last[0] = 0;
    m->out.len = 0;
    m->fresh = false;
    m->other = NULL;
    m->other_len = 0;
    m->other_type = NULL;
}

static const uint8_t *result(struct vw_mutator *m, bool good, size_t *len)
{
    *len = good ? m->out.len : 0;
    if (!good)
        return NULL;
    return m->out.data ? m->out.data : (const uint8_t *)"";
}

static void take_other(struct vw_mutator *m, const uint8_t *other, size_t len)
{
    size_t head = len ? head_of(m, other, len) : 0;
    if (len == 0 || (head == 0 && m->format != VW_MUTATOR_TYPE))
        return;
    m->other_type = vw_mutator_type(m, other, head);
    m->other = other + head;
    m->other_len = len - head < VW_MUTATOR_LOOKED_AT ? len - head : VW_MUTATOR_LOOKED_AT;
}

const uint8_t *vw_mutate(struct vw_mutator *m, uint64_t seed, const uint8_t *data, size_t len,
                         const uint8_t *other, size_t other_len, size_t max, size_t *len_out)
{
    begin(m, seed);
    take_other(m, other, other_len);
    bool good;
    if (m->format == VW_MUTATOR_STREAM) {
        good = mutate_stream(m, data, len, max);
    } else {
        good = take_apart(m, data, len, max);
        if (good) {
            mutate_message(m);
            good = put_together(m);
        }
    }
    return result(m, good, len_out);
}

size_t vw_mutator_parts(struct vw_mutator *m, const uint8_t *data, size_t len)
{
    struct vw_edits edits = {0};
    size_t n = 0;
    begin(m, 0);
    if (m->format == VW_MUTATOR_STREAM || !take_apart(m, data, len, len))
        return 0;
    const struct vw_spans *s = vw_mutator_spans(m);
    for (size_t i = 0; i < s->count; i++)
        n += vw_mutator_remove(m, i, &edits);
    return n;
}

const uint8_t *vw_mutator_without(struct vw_mutator *m, size_t n, const uint8_t *data, size_t len,
                                  size_t *len_out)
{
    struct vw_edits edits = {0};
    begin(m, 0);
    bool good = take_apart(m, data, len, len);
    const struct vw_spans *s = vw_mutator_spans(m);
    size_t i = 0;
    for (; good && i < s->count; i++)
        if (vw_mutator_remove(m, i, &edits) && n-- == 0)
            break;
    good = good && i < s->count && vw_mutator_apply(m, &edits) && put_together(m);
    return result(m, good, len_out);
}
