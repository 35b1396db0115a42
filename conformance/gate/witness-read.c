// SPDX-License-Identifier: MIT
// What a version makes of bytes, and whether two versions make the same of them. What libvirt's
// readers refuse is refused: bytes behind a value (D-9), values that the type does not have.
#include <inttypes.h>
#include <stdlib.h>

#include "conformance/gate/witness.h"
#include "xdr/json.h"
#include "xdr/memory.h"
#include "xdr/xdr.h"

#define TEXT_MAX  160        /* of a value that is shown */
#define SHOWN_MAX (1u << 20) /* larger ones are not made into JSON */

/* Values of words and strings that one version has and the other has not. */
#define FLAGS                                                                                      \
    (VW_STRICT_BOOL | VW_STRICT_ENUM | VW_STRICT_NUL | VW_STRICT_NARROW | VW_STRICT_TRAILING)

static int refuse(struct vw_heard *out, const char *text)
{
    out->refused = true;
    out->text = text;
    return text ? 0 : VW_ENOMEM;
}

/* ---- one value ---- */

static int show(struct vw_heard *r, size_t len_on_wire, struct vw_arena *arena)
{
    if (len_on_wire > SHOWN_MAX)
        return (r->text = vw_arena_printf(arena, "a value of %zu bytes", len_on_wire)) ? 0
                                                                                       : VW_ENOMEM;
    struct vw_error err = VW_ERROR_INIT;
    struct json_object *json = vw_json_from_value(r->type, r->value, &err);
    char *text = err.code ? NULL : vw_json_text(json, false);
    json_object_put(json);
    if (err.code == VW_ELIMIT)
        return (r->text = vw_arena_printf(arena, "a value that nests deep")) ? 0 : VW_ENOMEM;
    size_t len = text ? strlen(text) : 0;
    size_t cut = len > TEXT_MAX ? TEXT_MAX : len;
    while (cut < len && ((unsigned char)text[cut] & 0xc0) == 0x80)
        cut--;
    r->text =
        text ? vw_arena_printf(arena, "%.*s%s", (int)cut, text, cut < len ? "..." : "") : NULL;
    free(text);
    return r->text ? 0 : VW_ENOMEM;
}

int vw_witness_read(const struct vw_type *t, const void *bytes, size_t len, struct vw_arena *arena,
                    struct vw_heard *out)
{
    struct vw_error err = VW_ERROR_INIT;
    struct vw_findings found = {0};
    void *value = NULL;
    char line[700];
    *out = (struct vw_heard){.type = t};
    int rc = vw_xdr_check(t, bytes, len, FLAGS, arena, &found, NULL, &err);
    if (rc == VW_ENOMEM)
        return rc;
    if (rc)
        return refuse(
            out, vw_arena_printf(arena, "%s", vw_error_format(&err, NULL, line, sizeof(line))));
    if (found.count)
        return refuse(
            out, vw_arena_printf(arena, "%s", vw_finding_line(&found.list[0], line, sizeof(line))));
    rc = vw_xdr_decode(t, bytes, len, arena, &value, NULL, &err);
    if (rc)
        return rc == VW_ENOMEM ? rc : refuse(out, vw_arena_printf(arena, "%s", err.text));
    out->value = value;
    return show(out, len, arena);
}

/* ---- a whole message ---- */

void vw_witness_put_word(uint8_t *at, uint32_t word)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(word >> (24 - 8 * i));
}

static uint32_t word_at(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

/* Why the procedure has no such message; NULL: it has. */
static const char *unfit(const struct vw_proc *p, uint32_t type, bool from_server)
{
    bool event = p->kind == VW_PROC_EVENT;
    if (type == VW_WITNESS_EVENT && !event)
        return "it is a call, and no event";
    if (type == VW_WITNESS_CALL && event)
        return "it is an event, and no call";
    if (type == VW_WITNESS_STREAM && !(from_server ? p->readstream : p->writestream))
        return "it has no stream in this direction";
    if (type == VW_WITNESS_HOLE && !p->sparseflag)
        return "its streams have no holes";
    return NULL;
}

static int read_body(const struct vw_proc *p, uint32_t type, const uint8_t *bytes, size_t len,
                     struct vw_arena *arena, struct vw_heard *out)
{
    const struct vw_type *t = type == VW_WITNESS_REPLY ? p->ret : p->args;
    int rc = 0;
    *out = (struct vw_heard){.proc = p};
    if (type == VW_WITNESS_STREAM || type == VW_WITNESS_HOLE) {
        out->text = vw_arena_printf(arena, "%s of the stream of %s",
                                    type == VW_WITNESS_STREAM ? "data" : "a hole", p->short_name);
        return out->text ? 0 : VW_ENOMEM;
    }
    if (t)
        rc = vw_witness_read(t, bytes, len, arena, out);
    out->proc = p;
    if (!t && len)
        return refuse(
            out, vw_arena_printf(arena, "%s has %s, and %zu bytes are there", p->short_name,
                                 type == VW_WITNESS_REPLY ? "no result" : "no arguments", len));
    if (!rc && !out->refused)
        out->text = vw_arena_printf(arena, "%s %s", p->short_name, t ? out->text : "(nothing)");
    return rc ? rc : out->text ? 0 : VW_ENOMEM;
}

int vw_witness_read_message(const struct vw_schema *s, const struct vw_witness_bytes *bytes,
                            struct vw_arena *arena, struct vw_heard *out)
{
    const uint8_t *b = bytes->data;
    uint32_t number = word_at(b + 4), version = word_at(b + 8), type = word_at(b + 16);
    const struct vw_program *program = vw_schema_program(s, number, version);
    *out = (struct vw_heard){.refused = true};
    if (!program)
        return refuse(out, vw_arena_printf(arena, "there is no program 0x%08x of version %" PRIu32,
                                           number, version));
    const struct vw_proc *p = vw_program_proc(program, (int32_t)word_at(b + 12));
    if (!p)
        return refuse(out, vw_arena_printf(arena, "%s has no procedure %" PRId32, program->name,
                                           (int32_t)word_at(b + 12)));
    const char *why = unfit(p, type, bytes->from_server);
    if (why)
        return refuse(out, vw_arena_printf(arena, "%s: %s", p->short_name, why));
    return read_body(p, type, b + VW_WITNESS_HEAD, bytes->len - VW_WITNESS_HEAD, arena, out);
}

/* ---- two readings ---- */

static bool differ(const struct vw_type *t, const void *a, const struct vw_type *u, const void *b,
                   unsigned depth);

/* A name became another, and neither version has both: it was renamed. */
static bool same_name(const char *a, const char *b, bool a_stays, bool b_was)
{
    return !a || !b || strcmp(a, b) == 0 || (!a_stays && !b_was);
}

static bool has_field(const struct vw_type *t, const char *name)
{
    for (uint32_t i = 0; i < t->n_fields; i++)
        if (t->fields[i].name && strcmp(t->fields[i].name, name) == 0)
            return true;
    return false;
}

static bool same_field(const struct vw_type *t, const struct vw_field *f, const struct vw_type *u,
                       const struct vw_field *g)
{
    return same_name(f->name, g->name, f->name && has_field(u, f->name),
                     g->name && has_field(t, g->name));
}

static bool has_member(const struct vw_type *t, const char *name)
{
    for (uint32_t i = 0; i < t->n_members; i++)
        if (strcmp(t->members[i].name, name) == 0)
            return true;
    return false;
}

/* Numbers of up to 64 bits with their sign. */
struct number {
    uint64_t bits;
    bool negative, is_float;
    double real;
};

static struct number number_of(const struct vw_type *t, const void *at)
{
    struct number n = {0};
    int64_t wide = 0;
    switch (t->kind) {
    case VW_BOOL:
        wide = *(const bool *)at;
        break;
    case VW_CHAR:
        wide = *(const int8_t *)at;
        break;
    case VW_UCHAR:
        wide = *(const uint8_t *)at;
        break;
    case VW_SHORT:
        wide = *(const int16_t *)at;
        break;
    case VW_USHORT:
        wide = *(const uint16_t *)at;
        break;
    case VW_UINT:
        wide = *(const uint32_t *)at;
        break;
    case VW_HYPER:
    case VW_UHYPER:
        memcpy(&wide, at, sizeof(wide));
        break;
    case VW_FLOAT:
        n.real = (double)*(const float *)at;
        break;
    case VW_DOUBLE:
        n.real = *(const double *)at;
        break;
    default:
        wide = *(const int32_t *)at;
    }
    n.is_float = t->kind == VW_FLOAT || t->kind == VW_DOUBLE;
    n.negative = wide < 0 && t->kind != VW_UHYPER;
    n.bits = (uint64_t)wide;
    return n;
}

/* What is no number is equal to itself here. */
static uint64_t bits_of(double real)
{
    uint64_t bits;
    memcpy(&bits, &real, sizeof(bits));
    return bits;
}

static bool differ_numbers(const struct vw_type *t, const void *a, const struct vw_type *u,
                           const void *b)
{
    struct number n = number_of(t, a), m = number_of(u, b);
    if (n.is_float || m.is_float)
        return n.is_float != m.is_float || bits_of(n.real) != bits_of(m.real);
    if (n.bits != m.bits || n.negative != m.negative)
        return true;
    if (t->kind != VW_ENUM || u->kind != VW_ENUM)
        return false;
    const struct vw_member *x = vw_type_member(t, (int32_t)n.bits);
    const struct vw_member *y = vw_type_member(u, (int32_t)n.bits);
    return !x != !y ||
           (x && !same_name(x->name, y->name, has_member(u, x->name), has_member(t, y->name)));
}

/* What stands in lists, optionals and byte strings. */
struct items {
    const struct vw_type *elem; /* NULL: bytes */
    const uint8_t *at;
    uint64_t count;
};

static bool items_of(const struct vw_type *t, const void *at, struct items *out)
{
    const struct vw_bytes *bytes = at; /* as struct vw_string */
    const struct vw_list *list = at;
    switch (t->kind) {
    case VW_STRING:
    case VW_OPAQUE:
        *out = (struct items){NULL, bytes->data, bytes->len};
        return true;
    case VW_FIXED_OPAQUE:
        *out = (struct items){NULL, at, t->max};
        return true;
    case VW_FIXED_ARRAY:
        *out = (struct items){t->elem, at, t->max};
        return true;
    case VW_ARRAY:
        *out = (struct items){t->elem, list->items, list->count};
        return true;
    case VW_OPTIONAL:
        *out = (struct items){t->elem, *(const uint8_t *const *)at, *(void *const *)at != NULL};
        return true;
    default:
        return false;
    }
}

static bool differ_items(const struct items *a, const struct items *b, unsigned depth)
{
    if (a->count != b->count || !a->elem != !b->elem)
        return true;
    if (!a->elem)
        return a->count && memcmp(a->at, b->at, a->count) != 0;
    for (uint64_t i = 0; i < a->count; i++)
        if (differ(a->elem, a->at + i * a->elem->size, b->elem, b->at + i * b->elem->size, depth))
            return true;
    return false;
}

static bool differ_unions(const struct vw_type *t, const void *a, const struct vw_type *u,
                          const void *b, unsigned depth)
{
    int32_t value = vw_union_disc(a);
    const struct vw_field *f = vw_type_arm(t, value), *g = vw_type_arm(u, vw_union_disc(b));
    if (vw_type_case(t, value) != vw_type_case(u, vw_union_disc(b)) || !f || !g)
        return true;
    if (f->type->kind == VW_VOID || g->type->kind == VW_VOID)
        return f->type->kind != g->type->kind;
    return !same_field(t, f, u, g) ||
           differ(f->type, vw_field_memory(f, a), g->type, vw_field_memory(g, b), depth);
}

static bool differ(const struct vw_type *t, const void *a, const struct vw_type *u, const void *b,
                   unsigned depth)
{
    struct items x, y;
    if (depth == VW_MAX_RECURSION)
        return false;
    depth++;
    if (vw_gate_width(t->kind) && vw_gate_width(u->kind))
        return differ_numbers(t, a, u, b);
    if (items_of(t, a, &x) && items_of(u, b, &y))
        return differ_items(&x, &y, depth);
    if (t->kind != u->kind)
        return true;
    if (t->kind == VW_UNION)
        return differ_unions(t, a, u, b, depth);
    if (t->kind != VW_STRUCT)
        return false;
    for (uint32_t i = 0; i < t->n_fields && i < u->n_fields; i++) {
        const struct vw_field *f = &t->fields[i], *g = &u->fields[i];
        if (!same_field(t, f, u, g) || differ(f->type, (const uint8_t *)a + f->offset, g->type,
                                              (const uint8_t *)b + g->offset, depth))
            return true;
    }
    return t->n_fields != u->n_fields;
}

static bool has_proc(const struct vw_program *p, const char *name)
{
    for (uint32_t i = 0; i < p->n_procs; i++)
        if (strcmp(p->procs[i].name, name) == 0)
            return true;
    return false;
}

bool vw_witness_differ(const struct vw_heard *a, const struct vw_heard *b)
{
    if (a->proc && b->proc &&
        !same_name(a->proc->name, b->proc->name, has_proc(b->proc->program, a->proc->name),
                   has_proc(a->proc->program, b->proc->name)))
        return true;
    return a->value && b->value && differ(a->type, a->value, b->type, b->value, 0);
}
