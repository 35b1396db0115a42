// SPDX-License-Identifier: MIT
// The slow walk over bytes: findings of strictness, the span map, and the place of a decoding
// error. It accepts exactly what the fast decoder accepts (fuzz/decode_any.c holds the two
// together), but reads step by step and knows its path.
#include <string.h>

#include "base/room.h"
#include "base/utf8.h"
#include "schema/facts.h"
#include "xdr/code.h"
#include "xdr/path.h"
#include "xdr/xdr.h"

#define MAX_SPANS 1000000u
/* Recursion of all sorts; a schema would have to nest absurdly by value to meet it before the
 * depth. */
#define MAX_RECURSION 4096u

struct walker {
    const uint8_t *bytes;
    size_t len, pos;
    unsigned flags;
    uint32_t depth, recursion;
    struct vw_arena *arena;
    struct vw_findings *found; /* or NULL */
    struct vw_spans *spans;    /* or NULL */
    struct vw_error *err;
    struct vw_path path;
};

static int walk(struct walker *w, const struct vw_type *t);

static int __attribute__((format(printf, 3, 4)))
fail(struct walker *w, int code, const char *fmt, ...)
{
    if (w->err && !w->err->code) {
        va_list ap;
        va_start(ap, fmt);
        vw_error_vset(w->err, code, fmt, ap);
        va_end(ap);
        w->err->offset = w->pos;
        vw_path_report(&w->path, w->err);
    }
    return code;
}

/* ---- flags ---- */

static const struct flag_row {
    unsigned flag;
    const char *name;
    const char *clause;
} flag_rows[] = {
    {VW_STRICT_PADDING, "padding", "X-1"},    {VW_STRICT_BOOL, "bool", "X-4"},
    {VW_STRICT_ENUM, "enum", "X-5"},          {VW_STRICT_NUL, "nul", "X-2"},
    {VW_STRICT_UTF8, "utf8", "X-2"},          {VW_STRICT_NARROW, "narrow", "X-6"},
    {VW_STRICT_TRAILING, "trailing", "D-10"}, {VW_STRICT_RANGE, "range", "O-4"},
};
#define FLAGS (sizeof(flag_rows) / sizeof(flag_rows[0]))

static const struct flag_row *row_of(unsigned flag)
{
    static const struct flag_row unknown = {0, "unknown", ""};
    for (size_t i = 0; i < FLAGS; i++)
        if (flag_rows[i].flag == flag)
            return &flag_rows[i];
    return &unknown;
}

const char *vw_strict_name(unsigned flag)
{
    return row_of(flag)->name;
}

unsigned vw_strict_flag(const char *name)
{
    for (size_t i = 0; i < FLAGS; i++)
        if (strcmp(flag_rows[i].name, name) == 0)
            return flag_rows[i].flag;
    return 0;
}

/* ---- findings ---- */

static int __attribute__((format(printf, 4, 5)))
find(struct walker *w, unsigned flag, size_t offset, const char *fmt, ...)
{
    struct vw_findings *f = w->found;
    if (!f || !(w->flags & flag))
        return 0;
    if (f->count == VW_FINDINGS_MAX) {
        f->list[f->count - 1].count++;
        return 0;
    }
    char text[160];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    const char *kept = vw_arena_strndup(w->arena, text, strlen(text));
    const char *path = vw_arena_strndup(w->arena, w->path.text, strlen(w->path.text));
    struct vw_finding *list = vw_arena_room(w->arena, f->list, f->count, sizeof(*list));
    if (!kept || !path || !list)
        return vw_error_nomem(w->err);
    f->list = list;
    f->list[f->count++] = (struct vw_finding){
        .rule = row_of(flag)->name,
        .clauses = row_of(flag)->clause,
        .cause = row_of(flag)->name,
        .found = kept,
        .place = {.in_bytes = true, .offset = offset, .path = path},
        .level = VW_LEVEL_MUST,
        .verdict = VW_FAIL,
        .count = 1,
    };
    return 0;
}

/* ---- spans ---- */

/* Adds a span and gives its index; SIZE_MAX and *RC where that fails. PART is "#len" and so on, or
 * NULL. */
static size_t add_span(struct walker *w, const struct vw_type *t, enum vw_span_kind kind,
                       const char *part, size_t length, int *rc)
{
    struct vw_spans *s = w->spans;
    *rc = 0;
    if (!s)
        return SIZE_MAX;
    if (s->count == MAX_SPANS) {
        *rc = fail(w, VW_ELIMIT, "the message has more than %u parts", MAX_SPANS);
        return SIZE_MAX;
    }
    struct vw_span *list = vw_arena_room(w->arena, s->list, s->count, sizeof(*list));
    struct vw_path_mark mark = {w->path.len, w->path.hidden};
    if (part)
        vw_path_push(&w->path, part);
    const char *path = vw_arena_strndup(w->arena, w->path.text, strlen(w->path.text));
    vw_path_pop(&w->path, mark);
    if (!path || !list) {
        *rc = vw_error_nomem(w->err);
        return SIZE_MAX;
    }
    s->list = list;
    s->list[s->count] = (struct vw_span){path, kind, w->pos, length, t};
    return s->count++;
}

static void end_group(struct walker *w, size_t span)
{
    if (span != SIZE_MAX)
        w->spans->list[span].length = w->pos - w->spans->list[span].offset;
}

/* ---- primitives ---- */

static int need(struct walker *w, uint64_t n, const char *what)
{
    size_t left = w->len - w->pos;
    if (n <= left)
        return 0;
    return fail(w, VW_ETRUNCATED, "%llu byte%s needed for %s, %zu left", (unsigned long long)n,
                n == 1 ? " is" : "s are", what, left);
}

static int read_word(struct walker *w, const struct vw_type *t, enum vw_span_kind kind,
                     const char *part, const char *what, uint32_t *out)
{
    int rc = need(w, 4, what);
    if (rc)
        return rc;
    add_span(w, t, kind, part, 4, &rc);
    *out = vw_load32(w->bytes + w->pos);
    w->pos += 4;
    return rc;
}

static int read_padding(struct walker *w, const struct vw_type *t, uint64_t n)
{
    uint32_t pad = (uint32_t)(-n & 3);
    int rc = need(w, pad, "padding");
    if (rc || !pad)
        return rc;
    add_span(w, t, VW_SPAN_PAD, "#pad", pad, &rc);
    for (uint32_t i = 0; !rc && i < pad; i++) {
        if (w->bytes[w->pos + i]) {
            rc = find(w, VW_STRICT_PADDING, w->pos + i, "padding byte is 0x%02x, not zero",
                      w->bytes[w->pos + i]);
            break;
        }
    }
    w->pos += pad;
    return rc;
}

static int read_bool(struct walker *w, size_t offset, uint32_t word, const char *what)
{
    return word > 1 ? find(w, VW_STRICT_BOOL, offset, "%s is %u, neither 0 nor 1", what, word) : 0;
}

/* Whether a word holds what a char or short can. */
static bool fits(enum vw_kind kind, uint32_t word)
{
    int32_t s = (int32_t)word;
    switch (kind) {
    case VW_CHAR: /* written with its sign or without it */
        return (s >= INT8_MIN && s <= INT8_MAX) || word <= UINT8_MAX;
    case VW_UCHAR:
        return word <= UINT8_MAX;
    case VW_SHORT:
        return s >= INT16_MIN && s <= INT16_MAX;
    default:
        return word <= UINT16_MAX;
    }
}

static int walk_scalar(struct walker *w, const struct vw_type *t)
{
    bool wide = t->kind == VW_HYPER || t->kind == VW_UHYPER || t->kind == VW_DOUBLE;
    size_t at = w->pos;
    uint32_t n = wide ? 8 : 4;
    int rc = need(w, n, vw_kind_name(t->kind));
    if (rc)
        return rc;
    add_span(w, t, VW_SPAN_VALUE, NULL, n, &rc);
    w->pos += n;
    if (rc || wide)
        return rc;
    uint32_t word = vw_load32(w->bytes + at);
    switch (t->kind) {
    case VW_BOOL:
        return read_bool(w, at, word, "the boolean");
    case VW_ENUM:
        return vw_type_member(t, (int32_t)word)
                   ? 0
                   : find(w, VW_STRICT_ENUM, at, "%d is no member of %s", (int32_t)word,
                          t->name ? t->name : "the enum");
    case VW_CHAR:
    case VW_UCHAR:
    case VW_SHORT:
    case VW_USHORT:
        return fits(t->kind, word) ? 0
                                   : find(w, VW_STRICT_NARROW, at, "0x%08x does not fit a %s", word,
                                          vw_kind_name(t->kind));
    default:
        return 0;
    }
}

static int check_text(struct walker *w, const uint8_t *s, size_t len)
{
    const uint8_t *nul = memchr(s, 0, len);
    int rc = 0;
    if (nul)
        rc = find(w, VW_STRICT_NUL, w->pos + (size_t)(nul - s), "NUL inside a string of %zu bytes",
                  len);
    size_t good = w->flags & VW_STRICT_UTF8 ? vw_utf8_valid(s, len) : len;
    if (!rc && good < len)
        rc = find(w, VW_STRICT_UTF8, w->pos + good, "byte 0x%02x is not UTF-8", s[good]);
    return rc;
}

static int walk_bytes(struct walker *w, const struct vw_type *t, uint32_t len)
{
    int rc = need(w, len, t->kind == VW_STRING ? "a string" : "opaque data");
    if (rc)
        return rc;
    add_span(w, t, t->kind == VW_FIXED_OPAQUE ? VW_SPAN_VALUE : VW_SPAN_DATA,
             t->kind == VW_FIXED_OPAQUE ? NULL : "#data", len, &rc);
    if (!rc && t->kind == VW_STRING && w->found)
        rc = check_text(w, w->bytes + w->pos, len);
    w->pos += len;
    return rc ? rc : read_padding(w, t, len);
}

static int walk_counted_bytes(struct walker *w, const struct vw_type *t)
{
    uint32_t len;
    int rc = read_word(w, t, VW_SPAN_LENGTH, "#len", "a length", &len);
    if (rc)
        return rc;
    if (len > t->max) {
        w->pos -= 4;
        return fail(w, VW_ELIMIT, "length %u is over the limit of %u", len, t->max);
    }
    return walk_bytes(w, t, len);
}

/* ---- what nests ---- */

static int enter(struct walker *w, const struct vw_type *t)
{
    if (w->depth == VW_XDR_MAX_DEPTH)
        return fail(w, VW_ELIMIT, "the value nests deeper than %d", VW_XDR_MAX_DEPTH);
    w->depth++;
    int rc = walk(w, t);
    w->depth--;
    return rc;
}

static int walk_items(struct walker *w, const struct vw_type *elem, uint32_t n)
{
    bool scalar = vw_kind_is_scalar(elem->kind);
    for (uint32_t i = 0; i < n; i++) {
        struct vw_path_mark mark = vw_path_push_index(&w->path, i);
        int rc = scalar ? walk_scalar(w, elem) : enter(w, elem);
        vw_path_pop(&w->path, mark);
        if (rc)
            return rc;
    }
    return 0;
}

static int walk_array(struct walker *w, const struct vw_type *t)
{
    uint32_t n;
    int rc = read_word(w, t, VW_SPAN_COUNT, "#count", "a count", &n);
    if (rc)
        return rc;
    size_t left = w->len - w->pos;
    if (n <= t->max && (!n || t->elem->wire_min <= left / n))
        return walk_items(w, t->elem, n);
    w->pos -= 4;
    if (n > t->max)
        return fail(w, VW_ELIMIT, "count %u is over the limit of %u", n, t->max);
    return fail(w, VW_ETRUNCATED, "count %u needs at least %llu bytes each, %zu are left", n,
                (unsigned long long)t->elem->wire_min, left);
}

static int walk_optional(struct walker *w, const struct vw_type *t)
{
    uint32_t present;
    size_t at = w->pos;
    int rc = read_word(w, t, VW_SPAN_PRESENT, "#present", "a presence word", &present);
    if (!rc)
        rc = read_bool(w, at, present, "the presence word");
    return rc || !present ? rc : enter(w, t->elem);
}

/* A number of the type KIND at AT. */
static int check_number(struct walker *w, const struct vw_range *r, enum vw_kind kind, size_t at)
{
    const uint8_t *bytes = w->bytes + at;
    uint32_t word = vw_load32(bytes);
    int64_t value = word;
    if (kind == VW_HYPER || kind == VW_UHYPER)
        value = (int64_t)((uint64_t)word << 32 | vw_load32(bytes + 4));
    else if (kind == VW_INT)
        value = (int32_t)word;
    else if (kind == VW_CHAR || kind == VW_UCHAR) /* without the bits that X-6 drops */
        value = kind == VW_CHAR ? (int8_t)word : (uint8_t)word;
    else if (kind == VW_SHORT || kind == VW_USHORT)
        value = kind == VW_SHORT ? (int16_t)word : (uint16_t)word;
    bool above = kind == VW_UHYPER && value < 0;
    if (!above && value >= r->low && value <= r->high)
        return 0;
    if (r->high == INT64_MAX)
        return find(w, VW_STRICT_RANGE, at, "%lld is less than %lld", (long long)value,
                    (long long)r->low);
    return find(w, VW_STRICT_RANGE, at, "%llu is not within %lld to %lld",
                (unsigned long long)value, (long long)r->low, (long long)r->high);
}

/* The field F of PARENT that stands from AT on, a number or an array of some (O-4). */
static int check_range(struct walker *w, const struct vw_type *parent, const struct vw_field *f,
                       size_t at)
{
    const struct vw_type *t = f->type->kind == VW_ARRAY ? f->type->elem : f->type;
    const struct vw_range *r =
        w->flags & VW_STRICT_RANGE && f->name ? vw_facts_range(parent->name, f->name) : NULL;
    int rc = 0;
    if (!r || !vw_kind_is_scalar(t->kind) || t->kind == VW_DOUBLE)
        return 0;
    size_t size = t->kind == VW_HYPER || t->kind == VW_UHYPER ? 8 : 4;
    for (at += t == f->type ? 0 : 4; rc == 0 && at + size <= w->pos; at += size)
        rc = check_number(w, r, t->kind, at);
    return rc;
}

static int walk_field(struct walker *w, const struct vw_type *parent, const struct vw_field *f)
{
    if (f->type->kind == VW_VOID)
        return 0;
    struct vw_path_mark mark = vw_path_push(&w->path, f->name);
    size_t at = w->pos;
    int rc = f->boxed ? enter(w, f->type) : walk(w, f->type);
    if (rc == 0)
        rc = check_range(w, parent, f, at);
    vw_path_pop(&w->path, mark);
    return rc;
}

static int walk_union(struct walker *w, const struct vw_type *t)
{
    char part[160];
    uint32_t word;
    snprintf(part, sizeof(part), "#%s", t->disc->name);
    size_t at = w->pos;
    int rc = read_word(w, t, VW_SPAN_DISC, part, "a discriminant", &word);
    if (rc)
        return rc;
    const struct vw_field *arm = vw_type_arm(t, (int32_t)word);
    if (!arm) {
        w->pos -= 4;
        return fail(w, VW_EVALUE, "the union %s has no arm %d", t->name ? t->name : "",
                    (int32_t)word);
    }
    if (t->disc->type->kind == VW_BOOL)
        rc = read_bool(w, at, word, "the discriminant");
    else if (t->disc->type->kind == VW_ENUM && !vw_type_member(t->disc->type, (int32_t)word))
        rc = find(w, VW_STRICT_ENUM, at, "%d is no member of %s", (int32_t)word,
                  t->disc->type->name ? t->disc->type->name : "the enum");
    return rc ? rc : walk_field(w, t, arm);
}

static int walk_struct(struct walker *w, const struct vw_type *t)
{
    int rc = 0;
    for (uint32_t i = 0; !rc && i < t->n_fields; i++)
        rc = walk_field(w, t, &t->fields[i]);
    return rc;
}

static int walk_group(struct walker *w, const struct vw_type *t)
{
    int rc;
    size_t span = add_span(w, t, VW_SPAN_GROUP, NULL, 0, &rc);
    if (rc)
        return rc;
    switch (t->kind) {
    case VW_STRING:
    case VW_OPAQUE:
        rc = walk_counted_bytes(w, t);
        break;
    case VW_FIXED_ARRAY:
        rc = walk_items(w, t->elem, t->max);
        break;
    case VW_ARRAY:
        rc = walk_array(w, t);
        break;
    case VW_OPTIONAL:
        rc = walk_optional(w, t);
        break;
    case VW_STRUCT:
        rc = walk_struct(w, t);
        break;
    default:
        rc = walk_union(w, t);
        break;
    }
    end_group(w, span);
    return rc;
}

static int walk(struct walker *w, const struct vw_type *t)
{
    if (t->kind == VW_VOID)
        return 0;
    if (vw_kind_is_scalar(t->kind))
        return walk_scalar(w, t);
    if (t->kind == VW_FIXED_OPAQUE)
        return walk_bytes(w, t, t->max);
    if (w->recursion == MAX_RECURSION)
        return fail(w, VW_ELIMIT, "types nest deeper than %u", MAX_RECURSION);
    w->recursion++;
    int rc = walk_group(w, t);
    w->recursion--;
    return rc;
}

int vw_xdr_check(const struct vw_type *t, const void *bytes, size_t len, unsigned flags,
                 struct vw_arena *arena, struct vw_findings *found, size_t *used,
                 struct vw_error *err)
{
    struct walker w = {
        .bytes = bytes, .len = len, .flags = flags, .arena = arena, .found = found, .err = err};
    vw_path_init(&w.path);
    if (found)
        *found = (struct vw_findings){0};
    int rc = walk(&w, t);
    if (rc)
        return rc;
    if (used)
        *used = w.pos;
    if (w.pos < len)
        return find(&w, VW_STRICT_TRAILING, w.pos, "%zu bytes follow the value", len - w.pos);
    return 0;
}

int vw_xdr_spans(const struct vw_type *t, const void *bytes, size_t len, struct vw_arena *arena,
                 struct vw_spans *out, struct vw_error *err)
{
    struct walker w = {.bytes = bytes, .len = len, .arena = arena, .spans = out, .err = err};
    vw_path_init(&w.path);
    *out = (struct vw_spans){0};
    return walk(&w, t);
}

const struct vw_span *vw_spans_find(const struct vw_spans *s, const char *path)
{
    for (size_t i = 0; i < s->count; i++) {
        if (!strcmp(s->list[i].path, path))
            return &s->list[i];
    }
    return NULL;
}
