// SPDX-License-Identifier: MIT
// The operations of the mutator: first those that leave a value well formed, then those that lie,
// then those on the words ahead of the body.
#include "fuzz/mutator-ops.h"

#include <string.h>

#include "fuzz/common.h"

#define TEXT_MAX  65536u /* bytes that a string is made of */
#define ITEMS_MAX 5000u  /* elements that are added at once */

static const uint32_t edges[] = {
    0,       1,          2,          3,          4,          16,         17,
    0x7f,    0x80,       0xff,       0x100,      0x7fff,     0x8000,     0xffff,
    0x10000, 0x7ffffffe, 0x7fffffff, 0x80000000, 0x80000001, 0xfffffffe, 0xffffffff};
#define N_EDGES (sizeof(edges) / sizeof(edges[0]))

static uint32_t edge(struct vw_mutator *m)
{
    return edges[vw_mutator_below(m, N_EDGES)];
}

/* ---- finding a place ---- */

typedef bool want_fn(const struct vw_span *s);

/* A random span that WANT likes, and that its path names; NULL: none. */
static const struct vw_span *find(struct vw_mutator *m, want_fn *want)
{
    const struct vw_spans *s = vw_mutator_spans(m);
    size_t start = s->count ? vw_mutator_below(m, s->count) : 0;
    for (size_t i = 0; i < s->count; i++) {
        const struct vw_span *span = &s->list[(start + i) % s->count];
        if (want(span) && vw_mutator_named(s, span))
            return span;
    }
    return NULL;
}

static bool is_value(const struct vw_span *s)
{
    return s->kind == VW_SPAN_VALUE && s->type->kind != VW_FIXED_OPAQUE;
}
static bool is_part(const struct vw_span *s)
{
    return s->kind == VW_SPAN_VALUE || s->kind == VW_SPAN_GROUP;
}
static bool is_bool(const struct vw_span *s)
{
    return (s->kind == VW_SPAN_VALUE && s->type->kind == VW_BOOL);
}
static bool is_enum(const struct vw_span *s)
{
    return s->kind == VW_SPAN_VALUE && s->type->kind == VW_ENUM;
}
static bool is_length(const struct vw_span *s)
{
    return s->kind == VW_SPAN_LENGTH;
}
static bool is_count(const struct vw_span *s)
{
    return s->kind == VW_SPAN_COUNT;
}
static bool is_lengthy(const struct vw_span *s)
{
    return is_length(s) || is_count(s);
}
static bool is_presence(const struct vw_span *s)
{
    return s->kind == VW_SPAN_PRESENT;
}
static bool is_discriminant(const struct vw_span *s)
{
    return s->kind == VW_SPAN_DISC;
}
static bool is_padding(const struct vw_span *s)
{
    return s->kind == VW_SPAN_PAD;
}
static bool is_text(const struct vw_span *s)
{
    return s->kind == VW_SPAN_DATA && s->length > 0;
}
static bool any(const struct vw_span *s)
{
    return true;
}

/* A number that says how many there are, by its name: nparams, maxnames, need_results, ... */
static bool is_counting(const struct vw_span *s)
{
    const char *name = strrchr(s->path, '.');
    name = name ? name + 1 : s->path;
    return is_value(s) && (s->type->kind == VW_INT || s->type->kind == VW_UINT) &&
           (name[0] == 'n' || strncmp(name, "max", 3) == 0 || strstr(name, "len") ||
            strstr(name, "count") || strstr(name, "size"));
}

/* ---- edits ---- */

static bool set_word(struct vw_mutator *m, const struct vw_span *s, uint32_t word)
{
    uint8_t bytes[8] = {0};
    if (s->length != 4 && s->length != 8)
        return false;
    vw_store32(bytes + s->length - 4, word);
    if (s->length == 8 && word >> 31)
        memset(bytes, 0xff, 4);
    const struct vw_edit e = {
        .op = VW_EDIT_SET, .path = s->path, .bytes = bytes, .n_bytes = s->length};
    return vw_mutator_edit(m, &e);
}

static bool relabel(struct vw_mutator *m, const struct vw_span *s, uint32_t word)
{
    const struct vw_edit e = {.op = VW_EDIT_RELABEL, .path = s->path, .number = word};
    return vw_mutator_edit(m, &e);
}

static bool set_bytes(struct vw_mutator *m, const struct vw_span *s, const void *bytes, size_t len)
{
    const struct vw_edit e = {.op = VW_EDIT_SET, .path = s->path, .bytes = bytes, .n_bytes = len};
    return vw_mutator_edit(m, &e);
}

static uint32_t word_at(const struct vw_mutator *m, const struct vw_span *s)
{
    return vw_load32(m->body.data + s->offset);
}

/* A length or count near NOW or a bound of MAX. */
static uint32_t near_bound(struct vw_mutator *m, uint32_t now, uint32_t max)
{
    const uint32_t choice[] = {0, 1, now - 1, now + 1, max - 1, max, max + 1, now * 2};
    return choice[vw_mutator_below(m, sizeof(choice) / sizeof(choice[0]))];
}

/* ---- well formed ---- */

static bool regenerate(struct vw_mutator *m)
{
    const uint8_t *bytes;
    size_t len;
    return m->type &&
           vw_mutator_value(m, m->type, (size_t)16 << vw_mutator_below(m, 7), &bytes, &len) &&
           vw_mutator_body(m, bytes, len);
}

static bool regenerate_part(struct vw_mutator *m)
{
    const uint8_t *bytes;
    size_t len;
    const struct vw_span *s = find(m, is_part);
    return s && vw_mutator_value(m, s->type, (size_t)8 << vw_mutator_below(m, 6), &bytes, &len) &&
           set_bytes(m, s, bytes, len);
}

static bool number(struct vw_mutator *m)
{
    const struct vw_span *s = find(m, is_value);
    if (!s || is_bool(s) || is_enum(s))
        return false;
    if (vw_mutator_below(m, 2))
        return set_word(m, s, edge(m));
    const struct vw_edit e = {
        .op = VW_EDIT_ADD, .path = s->path, .number = (int64_t)vw_mutator_below(m, 9) - 4};
    return vw_mutator_edit(m, &e);
}

/* What is meant as a count and is a signed number on the wire. */
static bool counting(struct vw_mutator *m)
{
    static const uint32_t words[] = {0xffffffff, 0x80000000, 0x7fffffff, 0, 1, 16, 17, 65536};
    const struct vw_span *s = find(m, is_counting);
    return s && set_word(m, s, words[vw_mutator_below(m, sizeof(words) / sizeof(words[0]))]);
}

static bool two_for_true(struct vw_mutator *m)
{
    const struct vw_span *s = find(m, is_bool);
    return s && set_word(m, s, vw_mutator_below(m, 3) ? (uint32_t)vw_mutator_below(m, 3) : edge(m));
}

static bool enum_neighbour(struct vw_mutator *m)
{
    const struct vw_span *s = find(m, is_enum);
    const struct vw_edit e = {
        .op = VW_EDIT_ADD, .path = s ? s->path : "", .number = vw_mutator_below(m, 2) ? 1 : -1};
    if (!s)
        return false;
    return vw_mutator_below(m, 4) ? vw_mutator_edit(m, &e) : set_word(m, s, edge(m));
}

static bool odd_byte(struct vw_mutator *m)
{
    static const uint8_t bytes[] = {0, 0xff, 0x80, 0xc0, '"', '\'', '\\', '<', '&', '\n', '%', '/'};
    const struct vw_span *s = find(m, is_text);
    if (!s)
        return false;
    const struct vw_edit e = {.op = VW_EDIT_SET,
                              .path = s->path,
                              .placed = true,
                              .at = (int64_t)vw_mutator_below(m, s->length),
                              .bytes = &bytes[vw_mutator_below(m, sizeof(bytes))],
                              .n_bytes = 1};
    return vw_mutator_edit(m, &e);
}

/* A string or opaque of another length, with its bytes and padding behind it. */
static bool text_length(struct vw_mutator *m)
{
    const struct vw_span *s = find(m, is_length);
    if (!s)
        return false;
    const struct vw_span *group = vw_mutator_group(&m->spans, (size_t)(s - m->spans.list));
    uint32_t now = word_at(m, s), len = near_bound(m, now, s->type->max);
    size_t padded = ((size_t)len + 3) & ~(size_t)3;
    if (!group || len > TEXT_MAX || padded > m->room)
        return false;
    uint8_t *bytes = vw_arena_zalloc(&m->arena, padded + 4, 1);
    if (!bytes)
        return false;
    vw_store32(bytes, len);
    const uint8_t *from = m->body.data + s->offset + 4;
    for (uint32_t i = 0; i < len; i++)
        bytes[4 + i] = now && s->offset + 4 + now <= m->body.len ? from[i % now] : 'a';
    return set_bytes(m, group, bytes, padded + 4);
}

/* The first element of the array whose count stands at S; NULL: it is empty, or cannot be read. */
static const struct vw_span *first_item(const struct vw_mutator *m, const struct vw_span *s)
{
    const struct vw_span *next = s + 1;
    bool inside = next < m->spans.list + m->spans.count && word_at(m, s) > 0 && is_part(next);
    return inside && vw_mutator_named(&m->spans, next) ? next : NULL;
}

/* ADDED copies of an element more, behind the first. */
static bool add_items(struct vw_mutator *m, const struct vw_span *s, uint32_t added)
{
    const struct vw_span *item = first_item(m, s);
    const uint8_t *one = item ? m->body.data + item->offset : NULL;
    size_t len = item ? item->length : 0;
    if (!item && !vw_mutator_value(m, s->type->elem, 16, &one, &len))
        return false;
    if (added == 0 || added > ITEMS_MAX || len * added > m->room)
        return false;
    uint8_t *bytes = vw_arena_alloc(&m->arena, len * added + 1, 1);
    for (uint32_t i = 0; bytes && i < added && len > 0; i++)
        memcpy(bytes + i * len, one, len);
    struct vw_edits edits = {0};
    const struct vw_edit more = {.op = VW_EDIT_APPEND,
                                 .path = item ? item->path : s->path,
                                 .bytes = bytes,
                                 .n_bytes = len * added};
    const struct vw_edit label = {
        .op = VW_EDIT_RELABEL, .path = s->path, .number = word_at(m, s) + added};
    return bytes && vw_edits_add(&edits, &m->arena, &more, NULL) == 0 &&
           vw_edits_add(&edits, &m->arena, &label, NULL) == 0 && vw_mutator_apply(m, &edits);
}

static bool item_count(struct vw_mutator *m)
{
    const struct vw_span *s = find(m, is_count);
    if (!s)
        return false;
    uint32_t now = word_at(m, s), count = near_bound(m, now, s->type->max);
    return count > now && add_items(m, s, count - now);
}

static bool one_more(struct vw_mutator *m)
{
    const struct vw_span *s = find(m, is_count);
    return s && add_items(m, s, 1);
}

static bool remove_part(struct vw_mutator *m)
{
    struct vw_edits edits = {0};
    const struct vw_spans *s = vw_mutator_spans(m);
    size_t start = s->count ? vw_mutator_below(m, s->count) : 0;
    for (size_t i = 0; i < s->count; i++)
        if (vw_mutator_remove(m, (start + i) % s->count, &edits))
            return vw_mutator_apply(m, &edits);
    return false;
}

static bool put_optional(struct vw_mutator *m)
{
    const struct vw_span *s = find(m, is_presence);
    const uint8_t *bytes;
    size_t len;
    if (!s || word_at(m, s) || !vw_mutator_value(m, s->type->elem, 32, &bytes, &len))
        return false;
    const struct vw_span *group = vw_mutator_group(&m->spans, (size_t)(s - m->spans.list));
    uint8_t *both = vw_arena_zalloc(&m->arena, len + 4, 1);
    if (!group || !both)
        return false;
    both[3] = 1;
    if (len)
        memcpy(both + 4, bytes, len);
    return set_bytes(m, group, both, len + 4);
}

static bool swap_parts(struct vw_mutator *m)
{
    const struct vw_span *a = find(m, is_part), *b = find(m, is_part);
    if (!a || !b || a == b || a->type != b->type ||
        (a->offset < b->offset + b->length && b->offset < a->offset + a->length))
        return false;
    const struct vw_edit e = {.op = VW_EDIT_SWAP, .path = a->path, .other = b->path};
    return vw_mutator_edit(m, &e);
}

/* A part of another input, of the same type as one of this. */
static bool splice(struct vw_mutator *m)
{
    struct vw_spans from = {0};
    const struct vw_span *s = find(m, is_part);
    if (!s || !m->other_type || !m->other_len)
        return false;
    (void)vw_xdr_spans(m->other_type, m->other, m->other_len, &m->arena, &from, NULL);
    size_t start = from.count ? vw_mutator_below(m, from.count) : 0;
    for (size_t i = 0; i < from.count; i++) {
        const struct vw_span *o = &from.list[(start + i) % from.count];
        if (is_part(o) && o->type == s->type && o->offset + o->length <= m->other_len)
            return set_bytes(m, s, m->other + o->offset, o->length);
    }
    return false;
}

/* ---- lies ---- */

static bool lie_length(struct vw_mutator *m)
{
    const struct vw_span *s = find(m, is_lengthy);
    if (!s)
        return false;
    return relabel(m, s,
                   vw_mutator_below(m, 3) ? near_bound(m, word_at(m, s), s->type->max) : edge(m));
}

static bool lie_presence(struct vw_mutator *m)
{
    const struct vw_span *s = find(m, is_presence);
    return s &&
           relabel(m, s, vw_mutator_below(m, 4) ? 2 - (uint32_t)vw_mutator_below(m, 3) : edge(m));
}

/* Another arm, or none, with the old body behind it. */
static bool lie_arm(struct vw_mutator *m)
{
    const struct vw_span *s = find(m, is_discriminant);
    if (!s)
        return false;
    const struct vw_type *u = s->type;
    const struct vw_field *arm = u->n_fields ? &u->fields[vw_mutator_below(m, u->n_fields)] : NULL;
    if (vw_mutator_below(m, 3) == 0 || !arm || !arm->n_cases)
        return relabel(m, s, word_at(m, s) + (vw_mutator_below(m, 2) ? 1 : 0xffffffff));
    return relabel(m, s, (uint32_t)arm->cases[vw_mutator_below(m, arm->n_cases)]);
}

static bool padding(struct vw_mutator *m)
{
    const struct vw_span *s = find(m, is_padding);
    const uint8_t byte = (uint8_t)(1 + vw_mutator_below(m, 255));
    if (!s)
        return false;
    const struct vw_edit e = {.op = VW_EDIT_SET,
                              .path = s->path,
                              .placed = true,
                              .at = (int64_t)vw_mutator_below(m, s->length),
                              .bytes = &byte,
                              .n_bytes = 1};
    return vw_mutator_edit(m, &e);
}

static bool truncate_at(struct vw_mutator *m)
{
    const struct vw_span *s = find(m, any);
    if (!s)
        return false;
    const struct vw_edit e = {
        .op = VW_EDIT_TRUNCATE,
        .path = s->path,
        .placed = true,
        .at = vw_mutator_below(m, 2) ? (int64_t)vw_mutator_below(m, s->length + 1) : 0};
    return vw_mutator_edit(m, &e);
}

static bool trailing(struct vw_mutator *m)
{
    static const uint8_t zeros[16];
    static const uint8_t ones[4] = {0, 0, 0, 1};
    bool one = vw_mutator_below(m, 2);
    const struct vw_edit e = {.op = VW_EDIT_PAD,
                              .bytes = one ? ones : zeros,
                              .n_bytes =
                                  one ? sizeof(ones) : 1 + vw_mutator_below(m, sizeof(zeros))};
    return vw_mutator_edit(m, &e);
}

static bool cut_part(struct vw_mutator *m)
{
    const struct vw_span *s = find(m, any);
    const struct vw_edit e = {.op = VW_EDIT_CUT, .path = s ? s->path : ""};
    return s && s->length > 0 && vw_mutator_edit(m, &e);
}

static bool insert_word(struct vw_mutator *m)
{
    uint8_t bytes[4];
    const struct vw_span *s = find(m, any);
    vw_store32(bytes, edge(m));
    const struct vw_edit e = {.op = vw_mutator_below(m, 2) ? VW_EDIT_INSERT : VW_EDIT_APPEND,
                              .path = s ? s->path : "",
                              .bytes = bytes,
                              .n_bytes = 4};
    return s && vw_mutator_edit(m, &e);
}

/* What knows nothing of types: for what cannot be read. */
static bool flip_bytes(struct vw_mutator *m)
{
    if (m->body.len == 0)
        return false;
    for (unsigned n = 1 + (unsigned)vw_mutator_below(m, 4); n > 0; n--) {
        uint8_t *at = m->body.data + vw_mutator_below(m, m->body.len);
        *at ^= (uint8_t)(1u << vw_mutator_below(m, 8));
    }
    m->fresh = false;
    return true;
}

static bool any_word(struct vw_mutator *m)
{
    if (m->body.len < 4)
        return false;
    uint8_t *at = m->body.data + 4 * vw_mutator_below(m, m->body.len / 4);
    vw_store32(at, edge(m));
    m->fresh = false;
    return true;
}

/* ---- ahead of the body ---- */

static uint8_t *header_word(struct vw_mutator *m, size_t n)
{
    return m->head + VW_LENGTH_BYTES + 4 * n;
}

/* Another procedure of any program, as a call, reply or event, with a body of its own or the old
 * one. */
static bool procedure(struct vw_mutator *m)
{
    size_t n;
    const struct vw_program *const *programs = vw_schema_programs(m->schema, &n);
    const struct vw_program *p = n ? programs[vw_mutator_below(m, n)] : NULL;
    if (!p || p->n_procs == 0 || !vw_mutator_has_header(m))
        return false;
    const struct vw_proc *proc = &p->procs[vw_mutator_below(m, p->n_procs)];
    bool event = proc->kind == VW_PROC_EVENT, error = !event && vw_mutator_below(m, 16) == 0;
    vw_store32(header_word(m, 0), p->number);
    vw_store32(header_word(m, 1), p->version);
    vw_store32(header_word(m, 2), (uint32_t)proc->number);
    vw_store32(header_word(m, 3),
               event ? VW_MSG_MESSAGE : (uint32_t)vw_mutator_below(m, 2) || error);
    vw_store32(header_word(m, 5), error ? VW_MSG_ERROR : VW_MSG_OK);
    vw_mutator_retype(m);
    return vw_mutator_below(m, 4) == 0 || regenerate(m) || vw_mutator_body(m, NULL, 0);
}

/* Another named type, for inputs that name one. */
static bool key(struct vw_mutator *m)
{
    size_t n;
    const struct vw_type *const *types = vw_schema_types(m->schema, &n);
    if (m->format != VW_MUTATOR_ANY || vw_mutator_has_header(m) || n == 0)
        return false;
    const uint32_t word = vw_fuzz_type_key(types[vw_mutator_below(m, n)]->name);
    vw_store32(m->head, VW_FUZZ_TYPE_MARK << 24 | word);
    vw_mutator_retype(m);
    return vw_mutator_below(m, 4) == 0 || regenerate(m);
}

static bool header(struct vw_mutator *m)
{
    if (!vw_mutator_has_header(m))
        return false;
    uint8_t *at = header_word(m, vw_mutator_below(m, 6));
    uint32_t word = vw_load32(at);
    vw_store32(at,
               vw_mutator_below(m, 2) ? word + 1 - 2 * (uint32_t)vw_mutator_below(m, 2) : edge(m));
    vw_mutator_retype(m);
    return true;
}

static bool serial(struct vw_mutator *m)
{
    if (!vw_mutator_has_header(m))
        return false;
    vw_store32(header_word(m, 4),
               vw_mutator_below(m, 2) ? (uint32_t)vw_mutator_below(m, 8) : edge(m));
    return true;
}

static bool length_word(struct vw_mutator *m)
{
    static const uint32_t words[] = {0, 3, 27, 28, 29, 33554436, 33554437, 0x80000000, 0xffffffff};
    size_t code = vw_mutator_below(m, sizeof(words) / sizeof(words[0]) + 2);
    uint32_t right = (uint32_t)(m->head_len + m->body.len);
    if (!vw_mutator_has_header(m) || m->format == VW_MUTATOR_ANY)
        return false;
    vw_store32(m->head, code < 2 ? right + 1 - 2 * (uint32_t)code : words[code - 2]);
    m->lying = true;
    return true;
}

const struct vw_mutator_op vw_mutator_ops[] = {
    {"regenerate", false, regenerate},
    {"regenerate-part", false, regenerate_part},
    {"number", false, number},
    {"counting", false, counting},
    {"bool", false, two_for_true},
    {"enum", false, enum_neighbour},
    {"odd-byte", false, odd_byte},
    {"text-length", false, text_length},
    {"item-count", false, item_count},
    {"one-more", false, one_more},
    {"remove", false, remove_part},
    {"optional", false, put_optional},
    {"swap", false, swap_parts},
    {"splice", false, splice},
    {"procedure", false, procedure},
    {"type", false, key},
    {"serial", false, serial},
    {"lie-length", true, lie_length},
    {"lie-presence", true, lie_presence},
    {"lie-arm", true, lie_arm},
    {"padding", true, padding},
    {"truncate", true, truncate_at},
    {"trailing", true, trailing},
    {"cut", true, cut_part},
    {"insert", true, insert_word},
    {"flip", true, flip_bytes},
    {"word", true, any_word},
    {"header", true, header},
    {"length-word", true, length_word},
};
const size_t vw_mutator_n_ops = sizeof(vw_mutator_ops) / sizeof(vw_mutator_ops[0]);
