// SPDX-License-Identifier: MIT
// See generate.h.
#include "fuzz/blackbox/generate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "message/message-json.h"
#include "xdr/edit-text.h"

#define SIZE_USUAL   48 /* hints for random values */
#define SIZE_SOME    1024
#define SIZE_RARE    60000
#define BOUNDARY_MAX 65536 /* a bound that is tried with all that it allows */
#define MESSAGE_MAX  (8u << 20)
#define STREAM_DATA  2000
#define BENT_MORE    65536 /* bytes that the mutator may add */
#define OTHER_MAX    16384 /* of an answer that is kept */
#define EDIT_ROOM    64
#define ASKED        16 /* that is asked for where a number says how many */

static unsigned below(struct vw_generator *g, unsigned n)
{
    return (unsigned)vw_rng_below(&g->rng, n);
}

static bool one_in(struct vw_generator *g, unsigned n)
{
    return below(g, n) == 0;
}

int vw_generator_init(struct vw_generator *g, const struct vw_generator_options *options,
                      const struct vw_calls *calls, uint64_t seed, struct vw_error *err)
{
    memset(g, 0, sizeof(*g));
    g->options = options;
    g->calls = calls;
    vw_rng_seed(&g->rng, seed);
    return vw_mutator_create_for(options->profile->schema, &g->mutator, err);
}

void vw_generator_finish(struct vw_generator *g)
{
    vw_pool_finish(&g->pool);
    vw_mutator_destroy(g->mutator);
    vw_buf_finish(&g->other);
    vw_arena_finish(&g->arena);
}

void vw_generator_connected(struct vw_generator *g, bool bare, uint32_t serial)
{
    g->bare = bare;
    g->serial = serial;
    g->bursts = 0;
    g->n_streams = 0;
    g->bend_one_in = one_in(g, 4) ? 1000 : 2 + below(g, 4);
    g->muddle_one_in = one_in(g, 5) ? 1 : 20;
}

/* ---- arguments ---- */

/* One of the boundaries of T that is not too large. */
static int at_boundary(struct vw_generator *g, const struct vw_type *t, void **value)
{
    struct vw_boundaries all;
    if (vw_value_boundaries(t, &g->arena, &all, NULL) < 0 || all.count == 0)
        return VW_EVALUE;
    const struct vw_boundary *b = &all.list[below(g, (unsigned)all.count)];
    return b->count > BOUNDARY_MAX || b->over ? VW_EVALUE
                                              : vw_value_at_boundary(t, b, &g->arena, value, NULL);
}

static int make_value(struct vw_generator *g, const struct vw_type *t, void **value)
{
    size_t size = one_in(g, 200) ? SIZE_RARE : one_in(g, 16) ? SIZE_SOME : SIZE_USUAL;
    if (one_in(g, 4))
        return vw_value_minimal(t, &g->arena, value, NULL);
    if (one_in(g, 32) && at_boundary(g, t, value) == 0)
        return 0;
    return vw_value_random(t, &g->rng, size, &g->arena, value, NULL);
}

/* A word that is a matter of how a call is meant, as one that knows the interface would have it:
 * with random ones few calls would come further than to their check. */
static bool sensible_word(struct vw_generator *g, const struct vw_span *s, bool asking,
                          uint32_t *out)
{
    const char *dot = strrchr(s->path, '.');
    const char *name = dot ? dot + 1 : s->path;
    if (s->kind != VW_SPAN_VALUE || s->length != 4)
        return false;
    if (strcmp(name, "need_results") == 0)
        *out = 1;
    else if (strcmp(name, "flags") == 0)
        *out = asking || !one_in(g, 4) ? 0 : below(g, 8);
    else if (strncmp(name, "max", 3) == 0 || strncmp(name, "nparams", 7) == 0)
        *out = ASKED;
    else
        return false;
    return asking || !one_in(g, 4);
}

/* Puts BODY into OUT with what is known in the place of what is random. */
static int bind(struct vw_generator *g, const struct vw_type *t, const struct vw_buf *body,
                bool asking, struct vw_buf *out)
{
    struct vw_spans spans;
    size_t at = 0;
    int rc = vw_xdr_spans(t, body->data, body->len, &g->arena, &spans, NULL);
    for (size_t i = 0; rc == 0 && i < spans.count; i++) {
        const struct vw_span *s = &spans.list[i];
        const struct vw_pooled *known = NULL;
        uint8_t word[4];
        uint32_t number;
        if (s->offset < at || s->length == 0)
            continue;
        bool sensible = sensible_word(g, s, asking, &number);
        if (!sensible && !one_in(g, 4))
            known = vw_pool_for(&g->pool, s, &g->rng);
        if (!sensible && !known)
            continue;
        if (sensible)
            vw_store32(word, number);
        rc = vw_buf_append(out, body->data + at, s->offset - at);
        if (rc == 0)
            rc = sensible ? vw_buf_append(out, word, sizeof(word))
                          : vw_buf_append(out, known->bytes, known->len);
        at = s->offset + s->length;
    }
    return rc == 0 && body->len > at ? vw_buf_append(out, body->data + at, body->len - at) : rc;
}

static int make_arguments(struct vw_generator *g, const struct vw_type *t, bool asking,
                          struct vw_buf *out)
{
    struct vw_buf body = VW_BUF_INIT;
    void *value;
    int rc = asking ? vw_value_minimal(t, &g->arena, &value, NULL) : make_value(g, t, &value);
    if (rc == 0)
        rc = vw_xdr_encode(t, value, &body, MESSAGE_MAX, NULL);
    if (rc == 0 && body.len <= SIZE_SOME * 4)
        rc = bind(g, t, &body, asking, out);
    else if (rc == 0)
        rc = vw_buf_append(out, body.data, body.len);
    vw_buf_finish(&body);
    return rc;
}

/* ---- messages ---- */

static void start(struct vw_shot *s, enum vw_entry_kind kind)
{
    struct vw_buf bytes = s->bytes;
    bytes.len = 0;
    *s = (struct vw_shot){.kind = kind, .bytes = bytes};
}

static struct vw_header header_of(struct vw_generator *g, const struct vw_proc *p)
{
    return (struct vw_header){.program = p->program->number,
                              .version = p->program->version,
                              .procedure = p->number,
                              .type = VW_MSG_CALL,
                              .serial = g->serial++,
                              .status = VW_MSG_OK};
}

static int finish(struct vw_shot *s, const struct vw_header *h, const void *body, size_t len)
{
    static const struct vw_limits limits = {.max_length_word = MESSAGE_MAX};
    s->header = *h;
    return vw_message_append(&s->bytes, &limits, h, 0, body, len, NULL);
}

static int make_call(struct vw_generator *g, const struct vw_proc *p, bool asking,
                     struct vw_shot *s)
{
    const struct vw_header h = header_of(g, p);
    struct vw_buf body = VW_BUF_INIT;
    start(s, VW_ENTRY_CALL);
    s->proc = p;
    s->calls = s->sure = true;
    int rc = p->args ? make_arguments(g, p->args, asking, &body) : 0;
    if (rc == 0)
        rc = finish(s, &h, body.data, body.len);
    vw_buf_finish(&body);
    return rc;
}

static size_t any_index(struct vw_generator *g)
{
    for (int tries = 0; tries < 100; tries++) {
        size_t i = below(g, (unsigned)g->calls->count);
        if (!g->calls->left_out[i])
            return i;
    }
    return g->calls->count;
}

static const struct vw_proc *any_call(struct vw_generator *g)
{
    size_t i = any_index(g);
    return i < g->calls->count ? g->calls->list[i] : g->calls->fence;
}

/* One that tells of objects, when there is any. */
static const struct vw_proc *asking_call(struct vw_generator *g)
{
    for (int tries = 0; tries < 200; tries++) {
        size_t i = any_index(g);
        if (i < g->calls->count && g->calls->tells[i])
            return g->calls->list[i];
    }
    return any_call(g);
}

/* Data, a hole, the end or the abort of a stream. */
static int make_packet(struct vw_generator *g, struct vw_shot *s)
{
    static const int32_t statuses[] = {VW_MSG_CONTINUE, VW_MSG_CONTINUE, VW_MSG_OK, VW_MSG_ERROR};
    static const uint8_t zeros[STREAM_DATA];
    unsigned which = below(g, g->n_streams);
    struct vw_header h = g->streams[which];
    bool hole = one_in(g, 6);
    start(s, VW_ENTRY_BENT);
    h.type = hole ? VW_MSG_STREAM_HOLE : VW_MSG_STREAM;
    h.status = statuses[below(g, 4)];
    s->stream = true;
    if (!hole && h.status != VW_MSG_CONTINUE)
        g->streams[which] = g->streams[--g->n_streams];
    size_t len = hole ? 12 : h.status == VW_MSG_CONTINUE ? below(g, STREAM_DATA) : 0;
    snprintf(s->note, sizeof(s->note), "packet of a stream");
    return finish(s, &h, zeros, len);
}

static int make_ping(struct vw_generator *g, struct vw_shot *s)
{
    const struct vw_program *p = vw_schema_program_named(g->options->profile->schema, "keepalive");
    start(s, VW_ENTRY_BENT);
    const struct vw_header h = {.program = p ? p->number : 0,
                                .version = p ? p->version : 0,
                                .procedure = 1 + (int32_t)below(g, 2),
                                .type = VW_MSG_MESSAGE};
    snprintf(s->note, sizeof(s->note), "keepalive");
    return finish(s, &h, NULL, 0);
}

/* ---- what is bent ---- */

/* Applies the edit TEXT. False: it does not fit. */
static bool apply(struct vw_generator *g, struct vw_shot *s, const struct vw_spans *spans,
                  const char *text)
{
    struct vw_edits edits = {0};
    struct vw_buf out = VW_BUF_INIT;
    bool good = vw_edits_parse(text, &g->arena, &edits, NULL) == 0 &&
                vw_edits_apply(spans, s->bytes.data, s->bytes.len, &edits, &out, NULL) == 0;
    if (good) {
        vw_buf_finish(&s->bytes);
        s->bytes = out;
        snprintf(s->note, sizeof(s->note), "%s", text);
    } else {
        vw_buf_finish(&out);
    }
    return good;
}

static bool spans_of(struct vw_generator *g, const struct vw_shot *s, struct vw_spans *out)
{
    return vw_message_spans(g->options->profile->schema, s->bytes.data, s->bytes.len, &g->arena,
                            out, NULL) == 0;
}

/* The words of the header stay as they are, whatever the mutator makes of them: the call is still
 * one of the procedure that may be called. */
static void bend_body(struct vw_generator *g, struct vw_shot *s)
{
    size_t len;
    const uint8_t *bytes = vw_mutate(g->mutator, vw_rng_next(&g->rng), s->bytes.data, s->bytes.len,
                                     g->other.data, g->other.len, s->bytes.len + BENT_MORE, &len);
    if (!bytes || len < VW_PREFIX_BYTES || vw_buf_reserve(&s->bytes, len) < 0)
        return;
    if (len > VW_PREFIX_BYTES)
        memcpy(s->bytes.data + VW_PREFIX_BYTES, bytes + VW_PREFIX_BYTES, len - VW_PREFIX_BYTES);
    s->bytes.len = len;
    vw_store32(s->bytes.data, (uint32_t)len);
    snprintf(s->note, sizeof(s->note), "%s", vw_mutator_last(g->mutator));
    s->kind = VW_ENTRY_BENT;
}

/* A number for a word of the header: none that names what may not be called. */
static uint32_t header_word(struct vw_generator *g, const char *word)
{
    static const uint32_t programs[] = {0, 1, 0x20008085, 0x6b656570, 0x7fffffff, 0xffffffff};
    static const uint32_t numbers[] = {0, 100000, 0x7fffffff, 0x80000000, 0xffffffff};
    static const uint32_t types[] = {1, 2, 3, 6, 7, 8, 0x7fffffff, 0x80000000, 0xffffffff};
    static const uint32_t others[] = {0, 2, 3, 0x7fffffff, 0x80000000, 0xffffffff};
    if (strcmp(word, "program") == 0)
        return programs[below(g, 6)];
    if (strcmp(word, "type") == 0)
        return types[below(g, 9)];
    if (strcmp(word, "procedure") == 0)
        return numbers[below(g, 5)];
    return strcmp(word, "status") == 0 ? 1 + below(g, 3) : others[below(g, 6)];
}

bool vw_shot_is_sure(const struct vw_schema *schema, const struct vw_shot *s)
{
    static const char *const words[] = {"set type ", "set serial ", "set status "};
    const struct vw_program *keepalive = vw_schema_program_named(schema, "keepalive");
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (strncmp(s->note, words[i], strlen(words[i])) == 0)
            return false;
    return s->kind != VW_ENTRY_BROKEN && s->header.type == VW_MSG_CALL &&
           !(keepalive && s->header.program == keepalive->number);
}

static void bend_header(struct vw_generator *g, struct vw_shot *s)
{
    static const char *const words[] = {"program", "version", "procedure",
                                        "type",    "serial",  "status"};
    const char *word = words[below(g, 6)];
    struct vw_spans spans;
    char text[EDIT_ROOM];
    /* Another procedure of the same program that may be called, with these arguments. */
    const struct vw_proc *other = one_in(g, 3) ? any_call(g) : NULL;
    if (other && s->proc && other->program == s->proc->program)
        snprintf(text, sizeof(text), "set procedure %08x", (unsigned)other->number);
    else
        snprintf(text, sizeof(text), "set %s %08x", word, header_word(g, word));
    if (!spans_of(g, s, &spans) || !apply(g, s, &spans, text))
        return;
    vw_header_decode(s->bytes.data + VW_LENGTH_BYTES, &s->header);
    const struct vw_program *p =
        vw_schema_program(g->options->profile->schema, s->header.program, s->header.version);
    s->proc = p ? vw_program_proc(p, s->header.procedure) : NULL;
    s->kind = VW_ENTRY_BENT;
    s->calls = s->header.type == VW_MSG_CALL;
    s->sure = vw_shot_is_sure(g->options->profile->schema, s);
    s->stream = false;
    s->muddled = true;
}

/* Bytes whose end cannot be told: a length that lies, descriptors that never come, junk. */
static void break_it(struct vw_generator *g, struct vw_shot *s)
{
    static const uint32_t lengths[] = {0,        3,          4,          24,         27,
                                       28,       0x01ffffff, 0x02000004, 0x02000005, 0x7fffffff,
                                       80000000, 0x80000000, 0xffffffff};
    struct vw_spans spans;
    char text[EDIT_ROOM];
    unsigned how = below(g, 4);
    if (how == 0)
        snprintf(text, sizeof(text), "set length %08x", lengths[below(g, 13)]);
    else if (how == 1)
        snprintf(text, sizeof(text), "add length %d", one_in(g, 2) ? 1 : -1);
    else if (how == 2)
        snprintf(text, sizeof(text), "set type %08x", 4 + below(g, 2));
    else
        snprintf(text, sizeof(text), "truncate . %u", 1 + below(g, (unsigned)s->bytes.len - 1));
    if (spans_of(g, s, &spans) && apply(g, s, &spans, text))
        s->kind = VW_ENTRY_BROKEN;
    s->calls = s->sure = s->stream = false;
    s->muddled = true;
}

/* ---- bursts ---- */

static int make_any(struct vw_generator *g, struct vw_shot *s)
{
    bool asking = !g->bare && g->bursts == 1 && !one_in(g, 4);
    if (g->n_streams > 0 && one_in(g, 3))
        return make_packet(g, s);
    if (one_in(g, 24))
        return make_ping(g, s);
    int rc = make_call(g, asking ? asking_call(g) : any_call(g), asking || one_in(g, 24), s);
    if (rc == 0 && !asking && one_in(g, g->bend_one_in))
        bend_body(g, s);
    return rc;
}

int vw_generator_burst(struct vw_generator *g, struct vw_shot *shots, size_t *n,
                       struct vw_error *err)
{
    const struct vw_calls *c = g->calls;
    size_t want = 1 + below(g, (unsigned)g->options->burst);
    g->bursts++;
    bool first = g->bursts == 1;
    bool broken = !first && one_in(g, 40), muddled = !first && one_in(g, g->muddle_one_in);
    int rc = 0;
    *n = 0;
    for (size_t i = 0; rc == 0 && i < (broken ? 1 : want); i++) {
        vw_arena_reset(&g->arena);
        rc = make_any(g, &shots[i]);
        if (rc == 0 && muddled && one_in(g, 3))
            bend_header(g, &shots[i]);
        if (rc == 0 && broken)
            break_it(g, &shots[i]);
        *n = i + 1;
    }
    if (rc == 0 && shots[0].kind != VW_ENTRY_BROKEN)
        rc = make_call(g, g->bare ? c->bare_fence : c->fence, false, &shots[(*n)++]);
    return rc ? vw_error_nomem(err) : 0;
}

/* ---- what comes back ---- */

void vw_generator_learn(struct vw_generator *g, const struct vw_header *h,
                        const struct vw_proc *proc, const uint8_t *message, size_t len)
{
    if ((proc->readstream || proc->writestream) && g->n_streams < VW_STREAMS_MAX)
        g->streams[g->n_streams++] = *h;
    vw_arena_reset(&g->arena);
    if (!proc->ret || len <= VW_PREFIX_BYTES)
        return;
    vw_pool_learn(&g->pool, proc->ret, message + VW_PREFIX_BYTES, len - VW_PREFIX_BYTES, &g->arena);
    g->other.len = 0;
    if (len > OTHER_MAX || vw_buf_append(&g->other, message, len) < 0)
        g->other.len = 0;
}

void vw_generator_stream_ended(struct vw_generator *g, uint32_t serial)
{
    for (unsigned i = 0; i < g->n_streams; i++)
        if (g->streams[i].serial == serial)
            g->streams[i--] = g->streams[--g->n_streams];
}
