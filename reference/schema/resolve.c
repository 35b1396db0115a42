// SPDX-License-Identifier: MIT
// Binds names: constants get values, references get types, aliases get what they stand for. Chains
// are followed without recursion, so their length does not matter; those that bite their own tail
// are errors.
#include <inttypes.h>
#include <stdlib.h>

#include "base/nearest.h"
#include "schema/basic.h"
#include "schema/internal.h"

/* ---- constants ---- */

/* Numbers of the C headers that libvirt's .x files of any release use without defining them, and
 * those that the language itself has. The scheduler fields are the typed parameters of 2007. */
static const struct {
    const char *name;
    int64_t value;
} header_constants[] = {
    {"TRUE", 1},
    {"FALSE", 0},
    {"VIR_UUID_BUFLEN", 16},
    {"VIR_UUID_RAW_LEN", 16},
    {"VIR_UUID_STRING_BUFLEN", 37},
    {"VIR_SECURITY_MODEL_BUFLEN", 257},
    {"VIR_SECURITY_LABEL_BUFLEN", 4097},
    {"VIR_SECURITY_DOI_BUFLEN", 257},
    {"VIR_TYPED_PARAM_INT", 1},
    {"VIR_TYPED_PARAM_UINT", 2},
    {"VIR_TYPED_PARAM_LLONG", 3},
    {"VIR_TYPED_PARAM_ULLONG", 4},
    {"VIR_TYPED_PARAM_DOUBLE", 5},
    {"VIR_TYPED_PARAM_BOOLEAN", 6},
    {"VIR_TYPED_PARAM_STRING", 7},
    {"VIR_DOMAIN_SCHED_FIELD_INT", 1},
    {"VIR_DOMAIN_SCHED_FIELD_UINT", 2},
    {"VIR_DOMAIN_SCHED_FIELD_LLONG", 3},
    {"VIR_DOMAIN_SCHED_FIELD_ULLONG", 4},
    {"VIR_DOMAIN_SCHED_FIELD_DOUBLE", 5},
    {"VIR_DOMAIN_SCHED_FIELD_BOOLEAN", 6},
    {"VIR_DOMAIN_BLKIO_PARAM_INT", 1},
    {"VIR_DOMAIN_BLKIO_PARAM_UINT", 2},
    {"VIR_DOMAIN_BLKIO_PARAM_LLONG", 3},
    {"VIR_DOMAIN_BLKIO_PARAM_ULLONG", 4},
    {"VIR_DOMAIN_BLKIO_PARAM_DOUBLE", 5},
    {"VIR_DOMAIN_BLKIO_PARAM_BOOLEAN", 6},
    {"VIR_DOMAIN_MEMORY_PARAM_INT", 1},
    {"VIR_DOMAIN_MEMORY_PARAM_UINT", 2},
    {"VIR_DOMAIN_MEMORY_PARAM_LLONG", 3},
    {"VIR_DOMAIN_MEMORY_PARAM_ULLONG", 4},
    {"VIR_DOMAIN_MEMORY_PARAM_DOUBLE", 5},
    {"VIR_DOMAIN_MEMORY_PARAM_BOOLEAN", 6},
    {"CHAR_BIT", 8},
    {"INT_MAX", INT32_MAX},
    {"UINT_MAX", UINT32_MAX},
    {"INT32_MAX", INT32_MAX},
    {"UINT32_MAX", UINT32_MAX},
    {"USHRT_MAX", UINT16_MAX},
    {"SHRT_MAX", INT16_MAX},
    {"PATH_MAX", 4096},
};

static bool known_outside(const struct vw_sym *sym, int64_t *value)
{
    if (sym->overridden || sym->weak) {
        *value = sym->number;
        return true;
    }
    for (size_t i = 0; i < sizeof(header_constants) / sizeof(header_constants[0]); i++) {
        if (strcmp(sym->name, header_constants[i].name) == 0) {
            *value = header_constants[i].value;
            return true;
        }
    }
    return false;
}

/* The external constant of a symbol that nothing defines, if it is known. */
static struct vw_constant *make_external(struct vw_schema *s, struct vw_sym *sym)
{
    int64_t value;
    if (!known_outside(sym, &value))
        return NULL;
    struct vw_constant *c = vw_arena_zalloc(&s->arena, sizeof(*c), 8);
    if (!c)
        return NULL;
    c->pub = (struct vw_const){.name = sym->name, .value = value, .external = true};
    c->pub.where.file = "";
    c->sym = sym;
    c->is_const = true;
    c->progress = VW_DONE;
    sym->constant = c;
    *s->consts_end = c;
    s->consts_end = &c->next;
    return c;
}

static int unknown(struct vw_schema *s, const struct vw_where *where, const char *what,
                   const struct vw_sym *sym, bool (*matches)(const struct vw_sym *),
                   struct vw_error *err)
{
    const char *near = vw_symbols_nearest(s, sym->name, matches);
    return vw_schema_fail(s, where, VW_ESYNTAX, err, "%s '%s' is not known%s", what, sym->name,
                          VW_HINT(";", near));
}

/* The constant that a name stands for. */
static int find_constant(struct vw_schema *s, const struct vw_number *n, struct vw_constant **out,
                         struct vw_error *err)
{
    int64_t value;
    *out = n->name->constant;
    if (!*out)
        *out = make_external(s, n->name);
    if (*out)
        return 0;
    if (known_outside(n->name, &value))
        return vw_error_nomem(err);
    return unknown(s, &n->where, "constant", n->name, vw_symbol_is_constant, err);
}

/* What C waits for, or NULL when it can be told at once. */
static int dependency(struct vw_schema *s, struct vw_constant *c, struct vw_constant **out,
                      struct vw_error *err)
{
    *out = NULL;
    if (c->sym->overridden)
        return 0;
    if (c->counts)
        *out = c->previous;
    else if (c->expr.name)
        return find_constant(s, &c->expr, out, err);
    return 0;
}

/* Sets the value once DEP, if there is one, has its own. */
static int settle(struct vw_schema *s, struct vw_constant *c, const struct vw_constant *dep,
                  struct vw_error *err)
{
    c->pub.big = !c->sym->overridden && (dep ? dep->pub.big : !c->counts && c->expr.big);
    if (c->sym->overridden)
        c->pub.value = c->sym->number;
    else if (!dep)
        c->pub.value = c->counts ? 0 : c->expr.value;
    else if (!c->counts)
        c->pub.value = dep->pub.value;
    else if (c->pub.big || __builtin_add_overflow(dep->pub.value, 1, &c->pub.value))
        return vw_schema_fail(s, &c->pub.where, VW_ESYNTAX, err, "'%s' does not fit in 64 bits",
                              c->pub.name);
    c->progress = VW_DONE;
    return 0;
}

static int resolve_constant(struct vw_schema *s, struct vw_constant *c, struct vw_error *err)
{
    struct vw_constant *waiting = NULL, *dep = NULL;
    int rc = 0;
    while (c->progress != VW_DONE) {
        if (c->progress == VW_BUSY)
            return vw_schema_fail(s, &c->pub.where, VW_ESYNTAX, err,
                                  "the value of '%s' depends on itself", c->pub.name);
        c->progress = VW_BUSY;
        if ((rc = dependency(s, c, &dep, err)))
            return rc;
        if (!dep) {
            if ((rc = settle(s, c, NULL, err)))
                return rc;
            break;
        }
        c->back = waiting;
        waiting = c;
        c = dep;
    }
    for (; waiting; waiting = waiting->back) {
        if ((rc = settle(s, waiting, c, err)))
            return rc;
        c = waiting;
    }
    return 0;
}

int vw_resolve_number(struct vw_schema *s, const struct vw_number *n, int64_t *out,
                      struct vw_error *err)
{
    bool big = n->big;
    *out = n->value;
    if (n->name) {
        struct vw_constant *c;
        int rc = find_constant(s, n, &c, err);
        if (!rc)
            rc = resolve_constant(s, c, err);
        if (rc)
            return rc;
        *out = c->pub.value;
        big = c->pub.big;
    }
    if (big)
        return vw_schema_fail(s, &n->where, VW_ESYNTAX, err, "number does not fit in 63 bits");
    return 0;
}

int vw_resolve_constants(struct vw_schema *s, struct vw_error *err)
{
    for (struct vw_constant *c = s->consts; c; c = c->next) {
        int rc = c->replaced ? 0 : resolve_constant(s, c, err);
        if (rc)
            return rc;
        if (!c->replaced && c->twin &&
            (c->twin->pub.value != c->pub.value || c->twin->pub.big != c->pub.big))
            return vw_schema_fail(s, &c->pub.where, VW_ESYNTAX, err,
                                  "'%s' is already defined as %" PRId64 ", in %s:%u:%u",
                                  c->pub.name, c->twin->pub.value, c->twin->pub.where.file,
                                  c->twin->pub.where.line, c->twin->pub.where.column);
    }
    return 0;
}

/* ---- types ---- */

static struct vw_type_node *new_node(struct vw_schema *s, struct vw_definition *def,
                                     const struct vw_where *where, struct vw_error *err)
{
    struct vw_type_node *n = vw_arena_zalloc(&s->arena, sizeof(*n), _Alignof(struct vw_type_node));
    if (!n) {
        vw_error_nomem(err);
        return NULL;
    }
    n->def = def;
    n->type.where = *where;
    n->type.index = UINT32_MAX;
    if (def) {
        n->type.name = def->sym ? def->sym->name : NULL;
        n->type.is_typedef = def->is_typedef;
        def->node = n;
    }
    *s->nodes_end = n;
    s->nodes_end = &n->next;
    return n;
}

static bool is_type(const struct vw_sym *sym)
{
    return sym->type;
}

/* rpcgen makes a struct of a union, so libvirt's first files say "struct" for one. */
static int check_tag(struct vw_schema *s, const struct vw_declaration *d, struct vw_error *err)
{
    enum vw_what what = d->ref->type->what;
    bool right = what == VW_DEF_TYPEDEF ||
                 (d->tag == VW_KW_STRUCT && (what == VW_DEF_STRUCT || what == VW_DEF_UNION)) ||
                 (d->tag == VW_KW_UNION && what == VW_DEF_UNION) ||
                 (d->tag == VW_KW_ENUM && what == VW_DEF_ENUM);
    if (d->tag == VW_KW_NONE || right)
        return 0;
    return vw_schema_fail(s, &d->spec_where, VW_ESYNTAX, err, "'%s' is no %s", d->ref->name,
                          d->tag == VW_KW_STRUCT  ? "struct"
                          : d->tag == VW_KW_UNION ? "union"
                                                  : "enum");
}

static int fill(struct vw_schema *s, struct vw_type_node *n, struct vw_error *err);

/* The type before the declarator; NULL for string, opaque and void. */
static int resolve_spec(struct vw_schema *s, const struct vw_declaration *d,
                        const struct vw_type **out, struct vw_error *err)
{
    *out = NULL;
    if (d->spec == VW_SPEC_BASIC) {
        *out = vw_type_basic(d->basic);
    } else if (d->spec == VW_SPEC_NAMED && d->ref->type) {
        *out = &d->ref->type->node->type;
        return check_tag(s, d, err);
    } else if (d->spec == VW_SPEC_NAMED) {
        *out = d->tag ? NULL : vw_basic_predefined(d->ref->name);
        if (!*out)
            return unknown(s, &d->spec_where, "type", d->ref, is_type, err);
    } else if (d->spec == VW_SPEC_BODY) {
        struct vw_type_node *n = new_node(s, d->body, &d->body->where, err);
        if (!n)
            return VW_ENOMEM;
        *out = &n->type;
        return fill(s, n, err);
    }
    return 0;
}

/* Bounds of arrays, strings and opaques. */
static int resolve_bound(struct vw_schema *s, const struct vw_declaration *d, struct vw_type *t,
                         struct vw_error *err)
{
    int64_t value;
    t->max = VW_UNBOUNDED;
    if (!d->bounded)
        return 0;
    int rc = vw_resolve_number(s, &d->bound, &value, err);
    if (rc)
        return rc;
    if (value < (d->form == VW_FORM_FIXED) || value > UINT32_MAX)
        return vw_schema_fail(s, &d->bound.where, VW_ESYNTAX, err,
                              "expected a size from %d to 4294967295, found %" PRId64,
                              d->form == VW_FORM_FIXED, value);
    t->max = (uint32_t)value;
    t->max_name = d->bound.name ? d->bound.name->name : NULL;
    return 0;
}

/* Makes N the type of a declaration with a declarator. */
static int shape(struct vw_schema *s, const struct vw_declaration *d, struct vw_type_node *n,
                 struct vw_error *err)
{
    struct vw_type *t = &n->type;
    int rc = resolve_spec(s, d, &t->elem, err);
    if (rc)
        return rc;
    if (d->form == VW_FORM_POINTER) {
        t->kind = VW_OPTIONAL;
        return 0;
    }
    bool fixed = d->form == VW_FORM_FIXED;
    if (d->spec == VW_SPEC_STRING)
        t->kind = VW_STRING;
    else if (d->spec == VW_SPEC_OPAQUE)
        t->kind = fixed ? VW_FIXED_OPAQUE : VW_OPAQUE;
    else
        t->kind = fixed ? VW_FIXED_ARRAY : VW_ARRAY;
    return resolve_bound(s, d, t, err);
}

int vw_resolve_declaration(struct vw_schema *s, const struct vw_declaration *d,
                           const struct vw_type **out, struct vw_error *err)
{
    if (d->spec == VW_SPEC_VOID) {
        *out = vw_type_basic(VW_VOID);
        return 0;
    }
    if (d->form == VW_FORM_PLAIN)
        return resolve_spec(s, d, out, err);
    struct vw_type_node *n = new_node(s, NULL, &d->where, err);
    if (!n)
        return VW_ENOMEM;
    *out = &n->type;
    return shape(s, d, n, err);
}

static int fill_typedef(struct vw_schema *s, struct vw_type_node *n, struct vw_error *err)
{
    const struct vw_declaration *d = n->def->fields;
    if (d->form == VW_FORM_PLAIN)
        return resolve_spec(s, d, &n->type.alias_of, err);
    return shape(s, d, n, err);
}

static int fill_enum(struct vw_schema *s, struct vw_type_node *n, struct vw_error *err)
{
    struct vw_definition *def = n->def;
    struct vw_member *list =
        vw_arena_alloc(&s->arena, def->n_members * sizeof(*list), _Alignof(struct vw_member));
    if (!list)
        return vw_error_nomem(err);
    n->type.kind = VW_ENUM;
    n->type.members = list;
    n->type.n_members = def->n_members;
    for (struct vw_constant *c = def->members; c; c = c->next, list++) {
        int rc = resolve_constant(s, c, err);
        if (rc)
            return rc;
        if (c->pub.big || c->pub.value < INT32_MIN || c->pub.value > INT32_MAX)
            return vw_schema_fail(s, &c->pub.where, VW_ESYNTAX, err,
                                  "member '%s' is %" PRId64 ", which does not fit in 32 bits",
                                  c->pub.name, c->pub.value);
        *list = (struct vw_member){c->pub.name, (int32_t)c->pub.value, c->pub.where};
    }
    return 0;
}

/* One name per struct or union. */
static int check_name(struct vw_schema *s, const struct vw_declaration *d, uint32_t mark,
                      struct vw_error *err)
{
    if (!d->name)
        return 0;
    if (d->name->mark == mark)
        return vw_schema_fail(s, &d->where, VW_ESYNTAX, err, "a second field '%s'", d->name->name);
    d->name->mark = mark;
    return 0;
}

/* Case labels; that they fit the discriminant is checked when its type is known. */
static int fill_cases(struct vw_schema *s, const struct vw_declaration *d, struct vw_field *f,
                      struct vw_error *err)
{
    int32_t *values = vw_arena_alloc(&s->arena, d->n_cases * sizeof(*values), 4);
    if (!values)
        return vw_error_nomem(err);
    f->cases = values;
    f->n_cases = d->n_cases;
    f->is_default = d->is_default;
    for (const struct vw_case_label *c = d->cases; c; c = c->next) {
        int64_t value;
        int rc = vw_resolve_number(s, &c->value, &value, err);
        if (rc)
            return rc;
        if (value < INT32_MIN || value > UINT32_MAX)
            return vw_schema_fail(s, &c->value.where, VW_ESYNTAX, err,
                                  "case %" PRId64 " does not fit in 32 bits", value);
        *values++ = (int32_t)(uint32_t)value;
    }
    return 0;
}

static int fill_fields(struct vw_schema *s, struct vw_type_node *n, struct vw_error *err)
{
    struct vw_definition *def = n->def;
    struct vw_field *list = vw_arena_zalloc(&s->arena, def->n_fields * sizeof(*list), 8);
    if (!list)
        return vw_error_nomem(err);
    n->type.kind = def->what == VW_DEF_UNION ? VW_UNION : VW_STRUCT;
    n->type.fields = list;
    n->type.n_fields = def->n_fields;
    for (const struct vw_declaration *d = def->fields; d; d = d->next, list++) {
        list->name = d->name ? d->name->name : NULL;
        list->where = d->where;
        int rc = vw_resolve_declaration(s, d, &list->type, err);
        if (!rc && def->what == VW_DEF_UNION)
            rc = fill_cases(s, d, list, err);
        if (rc)
            return rc;
    }
    /* Bodies inside have used marks of their own by now. */
    uint32_t mark = ++s->last_mark;
    for (const struct vw_declaration *d = def->fields; d; d = d->next) {
        int rc = check_name(s, d, mark, err);
        if (rc)
            return rc;
    }
    return 0;
}

static int fill_union(struct vw_schema *s, struct vw_type_node *n, struct vw_error *err)
{
    int rc = fill_fields(s, n, err);
    struct vw_field *disc = rc ? NULL : vw_arena_zalloc(&s->arena, sizeof(*disc), 8);
    if (!disc)
        return rc ? rc : vw_error_nomem(err);
    const struct vw_declaration *d = n->def->disc;
    disc->name = d->name->name;
    disc->where = d->where;
    n->type.disc = disc;
    return vw_resolve_declaration(s, d, &disc->type, err);
}

static int fill(struct vw_schema *s, struct vw_type_node *n, struct vw_error *err)
{
    switch (n->def->what) {
    case VW_DEF_TYPEDEF:
        return fill_typedef(s, n, err);
    case VW_DEF_ENUM:
        return fill_enum(s, n, err);
    case VW_DEF_UNION:
        return fill_union(s, n, err);
    default:
        return fill_fields(s, n, err);
    }
}

int vw_resolve_packed(struct vw_schema *s, struct vw_definition *d, const struct vw_type **out,
                      struct vw_error *err)
{
    struct vw_type_node *n = d->node;
    int rc = 0;
    if (!n) {
        n = new_node(s, d, &d->where, err);
        rc = n ? fill(s, n, err) : VW_ENOMEM;
    }
    *out = n ? &n->type : NULL;
    return rc;
}

/* ---- aliases ---- */

struct vw_type_node *vw_type_node_of(const struct vw_type *t)
{
    return vw_basic_is(t) ? NULL : (struct vw_type_node *)(uintptr_t)t;
}

const struct vw_type *vw_type_real(const struct vw_type *t)
{
    const struct vw_type_node *n = vw_type_node_of(t);
    return n && n->real ? n->real : t;
}

static int bind_alias(struct vw_schema *s, struct vw_type_node *n, struct vw_error *err)
{
    struct vw_type_node *waiting = NULL;
    const struct vw_type *t = &n->type;
    while (n && n->type.alias_of && !n->real) {
        if (n->alias == VW_BUSY)
            return vw_schema_fail(s, &n->type.where, VW_ESYNTAX, err,
                                  "type '%s' is defined as itself", n->type.name);
        n->alias = VW_BUSY;
        n->back = waiting;
        waiting = n;
        t = n->type.alias_of;
        n = vw_type_node_of(t);
    }
    const struct vw_type *real = n && n->real ? n->real : t;
    for (; waiting; waiting = waiting->back)
        waiting->real = real;
    return 0;
}

/* ---- discriminants and cases ---- */

static int compare_values(const void *a, const void *b)
{
    int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
    return (x > y) - (x < y);
}

/* Two equal labels in one union. */
static int check_double_cases(struct vw_schema *s, const struct vw_type *u, struct vw_error *err)
{
    size_t n = 0, at = 0;
    for (uint32_t i = 0; i < u->n_fields; i++)
        n += u->fields[i].n_cases;
    int32_t *all = malloc((n + 1) * sizeof(*all));
    if (!all)
        return vw_error_nomem(err);
    for (uint32_t i = 0; i < u->n_fields; i++) {
        if (u->fields[i].n_cases)
            memcpy(all + at, u->fields[i].cases, u->fields[i].n_cases * sizeof(*all));
        at += u->fields[i].n_cases;
    }
    qsort(all, n, sizeof(*all), compare_values);
    int rc = 0;
    for (size_t i = 1; i < n && !rc; i++) {
        if (all[i] == all[i - 1])
            rc = vw_schema_fail(s, &u->where, VW_ESYNTAX, err,
                                "two cases of this union are %" PRId32, all[i]);
    }
    free(all);
    return rc;
}

static bool fits(const struct vw_type *disc, const int32_t *members, int64_t value)
{
    switch (disc->kind) {
    case VW_INT:
        return value <= INT32_MAX;
    case VW_UINT:
        return value >= 0;
    case VW_BOOL:
        return value == 0 || value == 1;
    default: {
        int32_t key = (int32_t)value;
        return value <= INT32_MAX &&
               bsearch(&key, members, disc->n_members, sizeof(key), compare_values);
    }
    }
}

static int check_cases(struct vw_schema *s, struct vw_type_node *n, const struct vw_type *disc,
                       const int32_t *members, struct vw_error *err)
{
    for (const struct vw_declaration *d = n->def->fields; d; d = d->next) {
        for (const struct vw_case_label *c = d->cases; c; c = c->next) {
            int64_t value;
            int rc = vw_resolve_number(s, &c->value, &value, err);
            if (rc)
                return rc;
            if (!fits(disc, members, value))
                return vw_schema_fail(s, &c->value.where, VW_ESYNTAX, err,
                                      "case %" PRId64 " is no value of the discriminant '%s'",
                                      value, n->type.disc->name);
        }
    }
    return 0;
}

static int check_union(struct vw_schema *s, struct vw_type_node *n, struct vw_error *err)
{
    const struct vw_field *f = n->type.disc;
    const struct vw_type *disc = vw_type_real(f->type);
    if (disc->kind != VW_INT && disc->kind != VW_UINT && disc->kind != VW_BOOL &&
        disc->kind != VW_ENUM)
        return vw_schema_fail(s, &f->where, VW_ESYNTAX, err,
                              "expected a discriminant of type int, unsigned int, bool or enum");
    int32_t *members = NULL;
    if (disc->kind == VW_ENUM) {
        if (!(members = malloc(disc->n_members * sizeof(*members))))
            return vw_error_nomem(err);
        for (uint32_t i = 0; i < disc->n_members; i++)
            members[i] = disc->members[i].value;
        qsort(members, disc->n_members, sizeof(*members), compare_values);
    }
    int rc = check_cases(s, n, disc, members, err);
    free(members);
    return rc ? rc : check_double_cases(s, &n->type, err);
}

int vw_resolve_types(struct vw_schema *s, struct vw_error *err)
{
    for (struct vw_definition *d = s->defs; d; d = d->next) {
        if (!d->replaced && !new_node(s, d, &d->where, err))
            return VW_ENOMEM;
    }
    int rc = 0;
    for (struct vw_definition *d = s->defs; d && !rc; d = d->next) {
        if (!d->replaced)
            rc = fill(s, d->node, err);
    }
    return rc;
}

int vw_resolve_references(struct vw_schema *s, struct vw_error *err)
{
    int rc = 0;
    for (struct vw_type_node *n = s->nodes; n && !rc; n = n->next)
        rc = bind_alias(s, n, err);
    for (struct vw_type_node *n = s->nodes; n && !rc; n = n->next) {
        if (n->type.kind == VW_UNION)
            rc = check_union(s, n, err);
    }
    return rc;
}
