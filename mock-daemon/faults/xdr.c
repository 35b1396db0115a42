// SPDX-License-Identifier: MIT
// Faults of XDR (section 5): too strict or too lax on arguments, wrong in results.
#include "mock-daemon/faults/tamper.h"

#include <string.h>

#include "mock-daemon/daemon.h"

static const uint8_t *body_of(const struct vw_fault_input *m, size_t *len)
{
    *len = m->len - VW_PREFIX_BYTES;
    return m->bytes + VW_PREFIX_BYTES;
}

static enum vw_fate refuse(struct vw_tamper *t, const struct vw_fault_input *m)
{
    const struct vw_error_pair *pair = &vw_tamper_conn(t)->daemon->answers.bad_arguments;
    vw_tamper_send_error(t, &m->header, pair->code, pair->domain,
                         "the arguments cannot be decoded");
    return VW_FATE_DROP;
}

/* ---- too strict ---- */

/* Do the arguments breach some of FLAGS (enum vw_strict)? */
static bool breaches(const struct vw_fault_input *m, unsigned flags)
{
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_findings found = {0};
    size_t len;
    const uint8_t *body = body_of(m, &len);
    bool bad;
    if (m->header.type != VW_MSG_CALL || !m->proc)
        return false;
    if (m->proc->args)
        bad = vw_xdr_check(m->proc->args, body, len, flags, &arena, &found, NULL, NULL) == 0 &&
              found.count > 0;
    else
        bad = (flags & VW_STRICT_TRAILING) && len > 0;
    vw_arena_finish(&arena);
    return bad;
}

/* DETAIL: flags, any breach of which is refused. */
static enum vw_fate strict(const struct vw_fault *f, struct vw_tamper *t, struct vw_fault_input *m)
{
    const unsigned *flags = f->kind->detail;
    return breaches(m, *flags) ? refuse(t, m) : VW_FATE_PASS;
}

/* The same, but the connection goes with it. */
static enum vw_fate strict_end(const struct vw_fault *f, struct vw_tamper *t,
                               struct vw_fault_input *m)
{
    const unsigned *flags = f->kind->detail;
    return breaches(m, *flags) ? VW_FATE_CLOSE : VW_FATE_PASS;
}

#define STRICT(flags)     ON_BREACH(strict, flags)
#define STRICT_END(flags) ON_BREACH(strict_end, flags)
#define ON_BREACH(hook, flags)                                                                     \
    .input = hook, .detail = &(const unsigned)                                                     \
    {                                                                                              \
        flags                                                                                      \
    }

/* True when a string of the arguments has a length that MATCHES. */
static bool any_string(const struct vw_fault_input *m, uint64_t value,
                       bool (*matches)(const struct vw_type *t, uint32_t len, uint64_t value))
{
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_spans spans = {0};
    size_t len;
    const uint8_t *body = body_of(m, &len);
    bool any = false;
    if (m->header.type == VW_MSG_CALL && m->proc && m->proc->args &&
        vw_xdr_spans(m->proc->args, body, len, &arena, &spans, NULL) == 0) {
        for (size_t i = 0; i < spans.count && !any; i++) {
            const struct vw_span *s = &spans.list[i];
            uint32_t word;
            if (s->kind != VW_SPAN_LENGTH)
                continue;
            memcpy(&word, body + s->offset, 4);
            any = matches(s->type, __builtin_bswap32(word), value);
        }
    }
    vw_arena_finish(&arena);
    return any;
}

static bool at_limit(const struct vw_type *t, uint32_t len, uint64_t value)
{
    return len == t->max;
}

static bool longer(const struct vw_type *t, uint32_t len, uint64_t value)
{
    return len > value;
}

static enum vw_fate off_by_one(const struct vw_fault *f, struct vw_tamper *t,
                               struct vw_fault_input *m)
{
    return any_string(m, 0, at_limit) ? refuse(t, m) : VW_FATE_PASS;
}

static enum vw_fate limit_low(const struct vw_fault *f, struct vw_tamper *t,
                              struct vw_fault_input *m)
{
    return any_string(m, f->value, longer) ? refuse(t, m) : VW_FATE_PASS;
}

/* VALUE: the bits of a presence word that are looked at. One in which none of them is set, but
 * another, becomes 0, and what it is ahead of stays. */
static enum vw_fate presence_absent(const struct vw_fault *f, struct vw_tamper *t,
                                    struct vw_fault_input *m)
{
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_spans spans = {0};
    size_t len;
    const uint8_t *body = body_of(m, &len);
    if (m->header.type == VW_MSG_CALL && m->proc && m->proc->args &&
        vw_xdr_spans(m->proc->args, body, len, &arena, &spans, NULL) == 0) {
        for (size_t i = 0; i < spans.count; i++) {
            uint8_t *word = m->bytes + VW_PREFIX_BYTES + spans.list[i].offset;
            if (spans.list[i].kind == VW_SPAN_PRESENT && vw_load32(word) > 1 &&
                !(vw_load32(word) & f->value))
                vw_store32(word, 0);
        }
    }
    vw_arena_finish(&arena);
    return VW_FATE_PASS;
}

/* Of flags, which are the last argument, only the highest bit is looked at as one that nobody
 * knows. */
static enum vw_fate second_flag_unseen(const struct vw_fault *f, struct vw_tamper *t,
                                       struct vw_fault_input *m)
{
    const struct vw_type *args = m->proc ? m->proc->args : NULL;
    bool flags =
        args && args->n_fields > 0 && strcmp(args->fields[args->n_fields - 1].name, "flags") == 0;
    if (m->header.type == VW_MSG_CALL && flags && m->len >= VW_PREFIX_BYTES + 4) {
        uint8_t *word = m->bytes + m->len - 4;
        vw_store32(word, vw_load32(word) & ~(UINT32_C(1) << 30));
    }
    return VW_FATE_PASS;
}

/* ---- too lax: what the session refused is answered as if it had been served ---- */

static enum vw_fate served_anyway(const struct vw_fault *f, struct vw_tamper *t,
                                  struct vw_fault_output *m)
{
    const int *status = f->kind->detail;
    if (m->refusal && strcmp(m->refusal->clause, "D-9") == 0 &&
        m->refusal->decode_status == *status)
        vw_tamper_make_ok(t, m);
    return VW_FATE_PASS;
}

#define SERVE(status)                                                                              \
    .output = served_anyway, .detail = &(const int)                                                \
    {                                                                                              \
        status                                                                                     \
    }

/* ---- wrong results ---- */

/* The spans of the body of a message that goes out; false: it has none. */
static bool find_spans(struct vw_tamper *t, const struct vw_fault_output *m, struct vw_arena *arena,
                       struct vw_spans *spans)
{
    const struct vw_schema *schema = vw_tamper_conn(t)->daemon->profile->schema;
    const struct vw_type *type = NULL;
    if (m->kind == VW_OUT_REPLY)
        type = m->proc ? m->proc->ret : NULL;
    else if (m->kind == VW_OUT_ERROR)
        type = vw_schema_type(schema, "remote_error");
    return type && vw_xdr_spans(type, m->bytes.data + VW_PREFIX_BYTES,
                                m->bytes.len - VW_PREFIX_BYTES, arena, spans, NULL) == 0;
}

/* DETAIL: what the last byte of each string of a good reply becomes. */
static enum vw_fate last_bytes(const struct vw_fault *f, struct vw_tamper *t,
                               struct vw_fault_output *m)
{
    const uint8_t *byte = f->kind->detail;
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_spans spans = {0};
    if (m->kind == VW_OUT_REPLY && !vw_proc_is(m->proc, "connect_get_type") &&
        find_spans(t, m, &arena, &spans)) {
        for (size_t i = 0; i < spans.count; i++) {
            const struct vw_span *s = &spans.list[i];
            if (s->kind == VW_SPAN_DATA && s->type->kind == VW_STRING && s->length > 0)
                m->bytes.data[VW_PREFIX_BYTES + s->offset + s->length - 1] = *byte;
        }
    }
    vw_arena_finish(&arena);
    return VW_FATE_PASS;
}

static bool is_narrow(enum vw_kind kind)
{
    return kind == VW_CHAR || kind == VW_UCHAR || kind == VW_SHORT || kind == VW_USHORT;
}

static enum vw_fate high_bits(const struct vw_fault *f, struct vw_tamper *t,
                              struct vw_fault_output *m)
{
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_spans spans = {0};
    if (m->kind == VW_OUT_REPLY && find_spans(t, m, &arena, &spans)) {
        for (size_t i = 0; i < spans.count; i++) {
            const struct vw_span *s = &spans.list[i];
            if (s->kind == VW_SPAN_VALUE && is_narrow(s->type->kind))
                m->bytes.data[VW_PREFIX_BYTES + s->offset] ^= 0x10;
        }
    }
    vw_arena_finish(&arena);
    return VW_FATE_PASS;
}

/* char model[32] in 32 bytes instead of 128. */
static enum vw_fate chars_packed(const struct vw_fault *f, struct vw_tamper *t,
                                 struct vw_fault_output *m)
{
    uint8_t *body = m->bytes.data + VW_PREFIX_BYTES;
    if (m->kind != VW_OUT_REPLY || !vw_proc_is(m->proc, "node_get_info") ||
        m->bytes.len < VW_PREFIX_BYTES + 128)
        return VW_FATE_PASS;
    for (unsigned i = 0; i < 32; i++)
        body[i] = body[i * 4 + 3];
    memmove(body + 32, body + 128, m->bytes.len - VW_PREFIX_BYTES - 128);
    m->bytes.len -= 96;
    vw_word_set(m->bytes.data, VW_WORD_LENGTH, (uint32_t)m->bytes.len);
    return VW_FATE_PASS;
}

const struct vw_fault_kind vw_fault_kinds_xdr[] = {
    {"legal-padding-refused", "X-1", "arguments with non-zero padding are refused",
     STRICT(VW_STRICT_PADDING)},
    {"padding-ends", "X-1", "non-zero padding ends the connection", STRICT_END(VW_STRICT_PADDING)},
    {"legal-nul-refused", "X-2", "strings with a NUL inside are refused", STRICT(VW_STRICT_NUL)},
    {"nul-ends", "X-2", "a NUL inside a string ends the connection", STRICT_END(VW_STRICT_NUL)},
    {"utf8-refused", "X-2", "strings that are no UTF-8 are refused", STRICT(VW_STRICT_UTF8)},
    {"legal-bool-refused", "X-4", "presence words other than 0 and 1 are refused",
     STRICT(VW_STRICT_BOOL)},
    {"bool-ends", "X-4", "a presence word other than 0 and 1 ends the connection",
     STRICT_END(VW_STRICT_BOOL)},
    {"presence-two-absent", "X-4", "presence words other than 0 and 1 are taken for 0",
     .input = presence_absent},
    {"presence-by-low-byte", "X-4", "of presence words the lowest byte is looked at", .value = 255,
     .input = presence_absent},
    {"narrow-refused", "X-6", "char and short words with high bits are refused",
     STRICT(VW_STRICT_NARROW)},
    {"flags-highest-alone", "O-8", "of flags that nobody knows the highest bit alone is refused",
     .input = second_flag_unseen},
    {"trailing-bytes-refused", "D-10", "bytes behind the arguments are refused",
     STRICT(VW_STRICT_TRAILING)},
    {"string-limit-off-by-one", "X-3", "strings of just the allowed length are refused",
     .input = off_by_one},
    {"string-limit-low", "X-3", "strings of more than N bytes (65536) are refused",
     .takes_value = true, .value = 65536, .input = limit_low},
    {"string-limit-ignored", "X-3", "strings and arrays over their limit are served",
     SERVE(VW_ELIMIT)},
    {"truncated-args-accepted", "D-9", "arguments that are cut short are served",
     SERVE(VW_ETRUNCATED)},
    {"union-arm-ignored", "X-8", "unknown union arms are served", SERVE(VW_EVALUE)},
    {"nul-in-replies", "X-2",
     "strings in good replies end in a NUL, but for the name of the driver", .output = last_bytes,
     .detail = &(const uint8_t){0}},
    {"latin1-in-replies", "X-2",
     "strings in good replies end in a byte that is no UTF-8, but for the name of the driver",
     .output = last_bytes, .detail = &(const uint8_t){0xe9}},
    {"narrow-high-bits", "X-6", "char and short words in good replies have high bits",
     .output = high_bits},
    {"chars-packed", "X-7", "char arrays take one byte an element", .output = chars_packed},
    {NULL},
};
