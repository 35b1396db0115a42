// SPDX-License-Identifier: MIT
#include "conformance/cases/vector-classes.h"

#include <string.h>

#include "base/words.h"

#define ACCEPTED (1u << VW_ACCEPT)
#define REFUSED  (1u << VW_REFUSE)
#define EITHER   (1u << VW_EITHER)
#define OPEN     (ACCEPTED | REFUSED | EITHER)

const struct vw_vector_class vw_vector_wholes[VW_WHOLES] = {
    [VW_WHOLE_MINIMAL] = {"minimal", "", "basic", "all is zero, empty or absent", ACCEPTED},
    [VW_WHOLE_SAMPLE] = {"sample", "", "basic", "one of everything", ACCEPTED},
    [VW_WHOLE_RANDOM] = {"random", "", "basic", "a value by chance", ACCEPTED},
    [VW_WHOLE_BOUNDARY] = {"boundary", "X-3", "off-by-one", "none, one, or what the bound allows",
                           ACCEPTED},
    [VW_WHOLE_OPTIONAL] = {"optional", "X-9", "basic", "absent (0) or there (1)", ACCEPTED},
    [VW_WHOLE_UNION] = {"union", "X-8", "basic", "one of the arms, by its place", ACCEPTED},
    [VW_WHOLE_OVER] = {"over", "X-3", "no-bound", "one more than the bound allows, with all bytes",
                       REFUSED},
};

/* ---- edits that need to know more than the path ---- */

/* Every count on the way at its bound: what is allocated ahead of the bytes multiplies. */
static const char *nested(const struct vw_vector_sample *s, const struct vw_span *span,
                          struct vw_arena *arena)
{
    const char *text = vw_arena_printf(arena, "relabel %s max", span->path);
    bool any = false;
    for (const char *p = span->path; text && (p = strchr(p, '[')) != NULL; p++) {
        const char *outer = vw_arena_printf(arena, "%.*s%s#count", (int)(p - span->path),
                                            span->path, p == span->path ? "" : ".");
        const struct vw_span *count = outer ? vw_spans_find(&s->spans, outer) : NULL;
        if (!outer)
            return NULL;
        if (!count || count->type->max == VW_UNBOUNDED)
            continue;
        any = true;
        text = vw_arena_printf(arena, "%s; relabel %s max", text, outer);
    }
    return any ? text : text ? "" : NULL;
}

static const char *set_word(const struct vw_span *span, int64_t word, struct vw_arena *arena)
{
    return vw_arena_printf(arena, "set %s %08x", *span->path ? span->path : ".", (uint32_t)word);
}

/* One more than the largest member. */
static const char *next_member(const struct vw_vector_sample *s, const struct vw_span *span,
                               struct vw_arena *arena)
{
    int64_t last = INT32_MIN;
    for (uint32_t i = 0; i < span->type->n_members; i++)
        if (span->type->members[i].value > last)
            last = span->type->members[i].value;
    return last < INT32_MAX ? set_word(span, last + 1, arena) : "";
}

/* One more than the largest case that has an arm. */
static const char *next_case(const struct vw_vector_sample *s, const struct vw_span *span,
                             struct vw_arena *arena)
{
    int64_t last = INT32_MIN;
    for (uint32_t i = 0; i < span->type->n_fields; i++)
        for (uint32_t k = 0; k < span->type->fields[i].n_cases; k++)
            if (span->type->fields[i].cases[k] > last)
                last = span->type->fields[i].cases[k];
    return last < INT32_MAX ? set_word(span, last + 1, arena) : "";
}

/* The first arm that is another than the one that is there. */
static const char *other_case(const struct vw_vector_sample *s, const struct vw_span *span,
                              struct vw_arena *arena)
{
    const struct vw_type *u = span->type;
    const struct vw_field *here = vw_type_arm(u, (int32_t)vw_load32(s->bytes.data + span->offset));
    for (uint32_t i = 0; i < u->n_fields; i++)
        if (&u->fields[i] != here && u->fields[i].n_cases > 0)
            return set_word(span, u->fields[i].cases[0], arena);
    return "";
}

/* ---- the rows ---- */

#define SPAN(kind) (1u << VW_SPAN_##kind)
#define ANY_FIELD                                                                                  \
    (SPAN(VALUE) | SPAN(LENGTH) | SPAN(COUNT) | SPAN(PRESENT) | SPAN(DISC) | SPAN(DATA))
#define COUNTS     (SPAN(LENGTH) | SPAN(COUNT))
#define TYPE(kind) (1ull << VW_##kind)
#define ANY_TYPE   (~0ull)
#define NARROW     (TYPE(CHAR) | TYPE(UCHAR) | TYPE(SHORT) | TYPE(USHORT))
#define WORDS      (TYPE(INT) | TYPE(UINT))
#define HYPERS     (TYPE(HYPER) | TYPE(UHYPER))

/* clang-format off */
const struct vw_vector_edit vw_vector_edits[] = {
    {{"truncated", "D-9", "read-past-end", "the value ends ahead of the field", REFUSED},
     ANY_FIELD, ANY_TYPE, .not_first = true, .everywhere = true, .edit = "truncate %s"},
    {{"truncated-inside", "D-9", "read-past-end", "the value ends in the middle of the field", REFUSED},
     SPAN(VALUE) | COUNTS | SPAN(PRESENT) | SPAN(DISC), ANY_TYPE, .edit = "truncate %s 1"},
    {{"padding-missing", "X-1", "read-past-end", "the value ends ahead of its padding", REFUSED},
     SPAN(PAD), ANY_TYPE, .edit = "truncate %s"},
    {{"padding", "X-1", "malleable", "padding that is not zero", EITHER},
     SPAN(PAD), ANY_TYPE, .edit = "flip %s ffffff"},
    {{"padding-last", "X-1", "malleable", "one bit of the last byte of padding", EITHER},
     SPAN(PAD), ANY_TYPE, .edit = "flip %s at -1 01"},
    {{"presence", "X-4", "malleable", "a presence word of 2", EITHER},
     SPAN(PRESENT), ANY_TYPE, .edit = "relabel %s 2"},
    {{"presence-lost", "X-4", "out-of-step", "what is there is said to be absent", OPEN},
     SPAN(PRESENT), ANY_TYPE, .edit = "relabel %s 0"},
    {{"bool", "X-4", "malleable", "a boolean of 2", EITHER},
     SPAN(VALUE), TYPE(BOOL), .edit = "set %s 00000002"},
    {{"bool-largest", "X-4", "malleable", "a boolean of all bits", EITHER},
     SPAN(VALUE), TYPE(BOOL), .edit = "set %s ffffffff"},
    {{"enum", "X-5", "unknown-value", "a word that is no member of the enum", EITHER},
     SPAN(VALUE), TYPE(ENUM), .edit = "set %s 7ffffffe"},
    {{"enum-next", "X-5", "unknown-value", "one more than the largest member of the enum", EITHER},
     SPAN(VALUE), TYPE(ENUM), .say = next_member},
    {{"arm", "X-8", "unknown-value", "a discriminant without an arm", OPEN},
     SPAN(DISC), ANY_TYPE, .edit = "relabel %s 0x7ffffffe"},
    {{"arm-next", "X-8", "unknown-value", "one more than the largest discriminant that has an arm", OPEN},
     SPAN(DISC), ANY_TYPE, .say = next_case},
    {{"arm-other", "X-8", "out-of-step", "the discriminant of another arm than the one that follows", OPEN},
     SPAN(DISC), ANY_TYPE, .say = other_case},
    {{"count-over", "X-3", "no-bound", "a count past the bound, nothing behind it", REFUSED},
     COUNTS, ANY_TYPE, .bounded = true, .edit = "relabel %s max+1"},
    {{"count-bound", "X-3", "allocates-ahead", "a count at the bound, nothing behind it", OPEN},
     COUNTS, ANY_TYPE, .bounded = true, .edit = "relabel %s max"},
    {{"count-nested", "X-3", "allocates-ahead", "this count and all around it at their bounds, nothing behind them",
      OPEN},
     COUNTS, ANY_TYPE, .bounded = true, .everywhere = true, .say = nested},
    {{"count-largest", "X-3", "overflow", "a count of 2^32 - 1", REFUSED},
     COUNTS, ANY_TYPE, .edit = "relabel %s 0xffffffff"},
    {{"count-wraps", "X-3", "overflow", "a length that is 0 once padded, in 32 bits", REFUSED},
     SPAN(LENGTH), ANY_TYPE, .edit = "relabel %s 0xfffffffd"},
    {{"count-negative", "X-3", "sign", "a count of 2^31", REFUSED},
     COUNTS, ANY_TYPE, .edit = "relabel %s 0x80000000"},
    {{"count-more", "D-9", "read-past-end", "a count that is one too large", OPEN},
     COUNTS, ANY_TYPE, .edit = "add %s 1"},
    {{"count-less", "D-10", "out-of-step", "a count that is one too small", OPEN},
     COUNTS, ANY_TYPE, .edit = "add %s -1"},
    {{"nul", "X-2", "cut-short", "a NUL in a string", EITHER},
     SPAN(DATA), TYPE(STRING), .edit = "set %s at 0 00"},
    {{"utf8", "X-2", "text", "a string that is no UTF-8", EITHER},
     SPAN(DATA), TYPE(STRING), .edit = "set %s at 0 ff"},
    {{"utf8-cut", "X-2", "text", "a string that ends within a character", EITHER},
     SPAN(DATA), TYPE(STRING), .edit = "set %s at -1 c3"},
    {{"narrow", "X-6", "malleable", "bits that the type has not", EITHER},
     SPAN(VALUE), NARROW, .edit = "set %s 00010000"},
    {{"smallest", "", "sign", "the smallest signed number", ACCEPTED},
     SPAN(VALUE), WORDS, .edit = "set %s 80000000"},
    {{"largest", "", "sign", "all bits", ACCEPTED},
     SPAN(VALUE), WORDS, .edit = "set %s ffffffff"},
    {{"smallest-hyper", "", "sign", "the smallest signed number", ACCEPTED},
     SPAN(VALUE), HYPERS, .edit = "set %s 8000000000000000"},
    {{"largest-hyper", "", "sign", "all bits", ACCEPTED},
     SPAN(VALUE), HYPERS, .edit = "set %s ffffffffffffffff"},
    {{"trailing-word", "D-10", "leftover", "a word behind the value", EITHER}, .edit = "pad 00000000"},
    {{"trailing-byte", "D-10", "leftover", "a byte behind the value", EITHER}, .edit = "pad 00"},
    {{"empty", "D-9", "read-past-end", "no bytes at all", OPEN}, .edit = "truncate ."},
};
/* clang-format on */
const size_t vw_n_vector_edits = sizeof(vw_vector_edits) / sizeof(vw_vector_edits[0]);
