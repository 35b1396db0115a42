// SPDX-License-Identifier: MIT
// The parser: recursive descent over RFC 4506 section 6 into definitions, in which names are not
// yet bound. Program blocks (RFC 5531 section 12) are in parse-program.c.
#include "schema/parse.h"

int vw_parse_fail(struct vw_parser *p, const char *wanted)
{
    char found[80];
    return vw_schema_fail(p->schema, &p->lex.where, VW_ESYNTAX, p->err, "expected %s, found %s",
                          wanted, vw_lex_found(&p->lex, found, sizeof(found)));
}

int vw_parse_take(struct vw_parser *p, int kind, const char *wanted)
{
    if (p->lex.kind != kind)
        return vw_parse_fail(p, wanted);
    return vw_lex_next(&p->lex);
}

bool vw_parse_is(const struct vw_parser *p, enum vw_keyword keyword)
{
    return p->lex.kind == VW_TOK_NAME && p->lex.sym->keyword == keyword;
}

void *vw_parse_new(struct vw_parser *p, size_t size)
{
    if (++p->schema->n_items > VW_SCHEMA_MAX_ITEMS) {
        vw_schema_fail(p->schema, &p->lex.where, VW_ELIMIT, p->err,
                       "more than %u constants, types, fields and members", VW_SCHEMA_MAX_ITEMS);
        p->failed = VW_ELIMIT;
        return NULL;
    }
    void *item = vw_arena_zalloc(&p->schema->arena, size, 8);
    if (!item)
        p->failed = vw_error_nomem(p->err);
    return item;
}

/* A name that may be given to something: no keyword. */
static bool may_name(const struct vw_parser *p)
{
    if (p->lex.kind != VW_TOK_NAME)
        return false;
    enum vw_keyword k = p->lex.sym->keyword;
    bool word = k == VW_KW_PROGRAM || k == VW_KW_VERSION;
    return k == VW_KW_NONE || (word && !p->schema->strict);
}

int vw_parse_name(struct vw_parser *p, const char *wanted, struct vw_sym **sym,
                  struct vw_where *where)
{
    if (!may_name(p))
        return vw_parse_fail(p, wanted);
    *sym = p->lex.sym;
    *where = p->lex.where;
    return vw_lex_next(&p->lex);
}

int vw_parse_number(struct vw_parser *p, const char *wanted, struct vw_number *out)
{
    *out = (struct vw_number){.where = p->lex.where};
    bool minus = p->lex.kind == '-';
    if (minus) {
        int rc = vw_lex_next(&p->lex);
        if (rc)
            return rc;
    }
    bool big = p->lex.kind == VW_TOK_NUMBER && p->lex.big;
    if (minus && big && p->lex.number != INT64_MIN)
        return vw_parse_fail(p, "a number that fits in 64 bits");
    out->big = big && !minus;
    if (p->lex.kind == VW_TOK_NUMBER)
        out->value = minus && !big ? -p->lex.number : p->lex.number;
    else if (!minus && may_name(p))
        out->name = p->lex.sym;
    else
        return vw_parse_fail(p, minus ? "a number" : wanted);
    return vw_lex_next(&p->lex);
}

/* ---- names that are taken ---- */

static int already(struct vw_parser *p, const struct vw_sym *sym, const struct vw_where *where,
                   const struct vw_where *first)
{
    return vw_schema_fail(p->schema, where, VW_ESYNTAX, p->err,
                          "'%s' is already defined, in %s:%u:%u", sym->name, first->file,
                          first->line, first->column);
}

/* True when a definition of an earlier file gives way. */
static bool gives_way(const struct vw_parser *p, uint32_t file)
{
    return p->replace && file != p->schema->n_files;
}

int vw_parse_define_constant(struct vw_parser *p, struct vw_constant *c)
{
    struct vw_constant *old = c->sym->constant;
    if (old && gives_way(p, old->file)) {
        old->replaced = true;
    } else if (old) {
        if (!c->is_const || !old->is_const)
            return already(p, c->sym, &c->pub.where, &old->pub.where);
        c->twin = old;
    }
    c->pub.name = c->sym->name;
    c->file = p->schema->n_files;
    c->sym->constant = c;
    return 0;
}

/* An enum that gives way takes its members along. */
static void retire(struct vw_definition *old)
{
    old->replaced = true;
    for (struct vw_constant *m = old->members; m; m = m->next) {
        m->replaced = true;
        if (m->sym->constant == m)
            m->sym->constant = NULL;
    }
}

int vw_parse_define_type(struct vw_parser *p, struct vw_definition *d)
{
    struct vw_schema *s = p->schema;
    struct vw_definition *old = d->sym ? d->sym->type : NULL;
    if (old && !gives_way(p, old->file))
        return already(p, d->sym, &d->where, &old->where);
    if (old)
        retire(old);
    if (d->sym)
        d->sym->type = d;
    d->file = s->n_files;
    *s->defs_end = d;
    s->defs_end = &d->next;
    return 0;
}

/* ---- bodies ---- */

static int parse_fields(struct vw_parser *p, struct vw_definition *d)
{
    struct vw_declaration **end = &d->fields;
    if (p->lex.kind == '}')
        return vw_parse_fail(p, "a field");
    while (p->lex.kind != '}') {
        struct vw_declaration *field = NULL;
        int rc = vw_parse_declaration(p, VW_DECL_FIELD, &field);
        if (!rc)
            rc = vw_parse_take(p, ';', "';' after the field");
        if (rc)
            return rc;
        *end = field;
        end = &field->next;
        d->n_fields++;
    }
    return vw_lex_next(&p->lex);
}

/* The labels of one arm: at least one. */
static int parse_labels(struct vw_parser *p, struct vw_case_label **cases, uint32_t *n,
                        bool *is_default)
{
    struct vw_case_label **end = cases;
    while (vw_parse_is(p, VW_KW_CASE)) {
        int rc = vw_lex_next(&p->lex);
        struct vw_case_label *c = rc ? NULL : vw_parse_new(p, sizeof(*c));
        if (!c)
            return rc ? rc : p->failed;
        if ((rc = vw_parse_number(p, "a value after 'case'", &c->value)) ||
            (rc = vw_parse_take(p, ':', "':' after the value of the case")))
            return rc;
        *end = c;
        end = &c->next;
        ++*n;
    }
    if (!vw_parse_is(p, VW_KW_DEFAULT) || *n)
        return *n ? 0 : vw_parse_fail(p, "'case' or 'default'");
    *is_default = true;
    int rc = vw_lex_next(&p->lex);
    return rc ? rc : vw_parse_take(p, ':', "':' after 'default'");
}

static int parse_arm(struct vw_parser *p, struct vw_declaration **arm)
{
    struct vw_case_label *cases = NULL;
    uint32_t n = 0;
    bool is_default = false;
    int rc = parse_labels(p, &cases, &n, &is_default);
    if (!rc)
        rc = vw_parse_declaration(p, VW_DECL_ARM, arm);
    if (!rc)
        rc = vw_parse_take(p, ';', "';' after the arm");
    if (rc)
        return rc;
    (*arm)->cases = cases;
    (*arm)->n_cases = n;
    (*arm)->is_default = is_default;
    return 0;
}

static int parse_arms(struct vw_parser *p, struct vw_definition *d)
{
    struct vw_declaration **end = &d->fields;
    bool has_default = false;
    do {
        struct vw_declaration *arm = NULL;
        struct vw_where where = p->lex.where;
        int rc = parse_arm(p, &arm);
        if (rc)
            return rc;
        if (has_default && !arm->is_default && p->schema->strict)
            return vw_schema_fail(p->schema, &where, VW_ESYNTAX, p->err,
                                  "expected '}': the default arm stands last");
        if (arm->is_default && has_default)
            return vw_schema_fail(p->schema, &where, VW_ESYNTAX, p->err,
                                  "a second default arm in one union");
        has_default |= arm->is_default;
        *end = arm;
        end = &arm->next;
        d->n_fields++;
    } while (p->lex.kind != '}');
    return vw_lex_next(&p->lex);
}

static int parse_switch(struct vw_parser *p, struct vw_definition *d)
{
    if (!vw_parse_is(p, VW_KW_SWITCH))
        return vw_parse_fail(p, "'switch' after the name of the union");
    int rc = vw_lex_next(&p->lex);
    if (!rc)
        rc = vw_parse_take(p, '(', "'(' after 'switch'");
    if (!rc)
        rc = vw_parse_declaration(p, VW_DECL_DISC, &d->disc);
    if (!rc)
        rc = vw_parse_take(p, ')', "')' after the discriminant");
    return rc;
}

static int read_annotations(struct vw_parser *p, struct vw_constant *m,
                            const struct vw_comment *doc, const struct vw_comment *tail)
{
    int rc = 0;
    if (doc->text && doc->len <= VW_SCHEMA_MAX_COMMENT)
        rc = vw_annotations_read(p->schema, m, doc->text, doc->len, false);
    if (!rc && tail->text && tail->len <= VW_SCHEMA_MAX_COMMENT && !m->n_annotations)
        rc = vw_annotations_read(p->schema, m, tail->text, tail->len, true);
    return rc ? vw_error_nomem(p->err) : 0;
}

/* One member and the comma behind it. */
static int parse_member(struct vw_parser *p, struct vw_constant *m)
{
    struct vw_comment doc = p->lex.doc;
    int rc = vw_parse_name(p, "the name of a member", &m->sym, &m->pub.where);
    if (!rc && p->lex.kind == '=') {
        m->counts = false;
        if (!(rc = vw_lex_next(&p->lex)))
            rc = vw_parse_number(p, "a value after '='", &m->expr);
    }
    if (rc)
        return rc;
    struct vw_comment tail = p->lex.tail;
    if (p->lex.kind == ',') {
        if ((rc = vw_lex_next(&p->lex)))
            return rc;
        if (p->lex.kind == '}' && p->schema->strict)
            return vw_parse_fail(p, "a member after ','");
        if (!tail.text)
            tail = p->lex.tail;
    } else if (p->lex.kind != '}') {
        return vw_parse_fail(p, "',' or '}' after the member");
    }
    if ((rc = vw_parse_define_constant(p, m)))
        return rc;
    return read_annotations(p, m, &doc, &tail);
}

static int parse_members(struct vw_parser *p, struct vw_definition *d)
{
    struct vw_constant **end = &d->members, *previous = NULL;
    do {
        struct vw_constant *m = vw_parse_new(p, sizeof(*m));
        if (!m)
            return p->failed;
        m->counts = true;
        m->previous = previous;
        int rc = parse_member(p, m);
        if (rc)
            return rc;
        *end = m;
        end = &m->next;
        previous = m;
        d->n_members++;
    } while (p->lex.kind != '}');
    return vw_lex_next(&p->lex);
}

/* What stands behind struct, union or enum and the name, if there is one: the body. */
static int parse_body(struct vw_parser *p, enum vw_keyword tag, struct vw_definition *d)
{
    if (++p->nesting > VW_SCHEMA_MAX_NESTING)
        return vw_schema_fail(p->schema, &p->lex.where, VW_ELIMIT, p->err,
                              "bodies nest deeper than %u", VW_SCHEMA_MAX_NESTING);
    int rc = tag == VW_KW_UNION ? parse_switch(p, d) : 0;
    if (!rc)
        rc = vw_parse_take(p, '{', "'{'");
    if (rc)
        return rc;
    if (tag == VW_KW_STRUCT) {
        d->what = VW_DEF_STRUCT;
        rc = parse_fields(p, d);
    } else if (tag == VW_KW_UNION) {
        d->what = VW_DEF_UNION;
        rc = parse_arms(p, d);
    } else {
        d->what = VW_DEF_ENUM;
        rc = parse_members(p, d);
    }
    p->nesting--;
    return rc;
}

/* ---- type specifiers ---- */

static int skip_int(struct vw_parser *p)
{
    return vw_parse_is(p, VW_KW_INT) ? vw_lex_next(&p->lex) : 0;
}

/* What follows "unsigned": a width, or nothing for int. */
static int parse_unsigned(struct vw_parser *p, struct vw_declaration *d)
{
    enum vw_keyword k = p->lex.kind == VW_TOK_NAME ? p->lex.sym->keyword : VW_KW_NONE;
    d->basic = VW_UINT;
    if (k == VW_KW_HYPER)
        d->basic = VW_UHYPER;
    else if (k == VW_KW_CHAR)
        d->basic = VW_UCHAR;
    else if (k == VW_KW_SHORT)
        d->basic = VW_USHORT;
    else if (k != VW_KW_INT && k != VW_KW_LONG)
        return 0;
    if (p->schema->strict == VW_SCHEMA_RFC && k != VW_KW_HYPER && k != VW_KW_INT)
        return vw_parse_fail(p, "a type of RFC 4506");
    int rc = vw_lex_next(&p->lex);
    return rc || k == VW_KW_INT || k == VW_KW_CHAR ? rc : skip_int(p);
}

/* struct, union or enum: a reference by name, or a body. */
static int parse_tagged(struct vw_parser *p, enum vw_keyword tag, struct vw_declaration *d)
{
    if (may_name(p)) {
        d->spec = VW_SPEC_NAMED;
        d->tag = tag;
        d->ref = p->lex.sym;
        return vw_lex_next(&p->lex);
    }
    d->spec = VW_SPEC_BODY;
    d->body = vw_parse_new(p, sizeof(*d->body));
    if (!d->body)
        return p->failed;
    d->body->where = d->spec_where;
    return parse_body(p, tag, d->body);
}

static const enum vw_kind basic_kinds[VW_KW_COUNT] = {
    [VW_KW_BOOL] = VW_BOOL,   [VW_KW_CHAR] = VW_CHAR,   [VW_KW_DOUBLE] = VW_DOUBLE,
    [VW_KW_FLOAT] = VW_FLOAT, [VW_KW_HYPER] = VW_HYPER, [VW_KW_INT] = VW_INT,
    [VW_KW_LONG] = VW_INT,    [VW_KW_SHORT] = VW_SHORT,
};

static int parse_keyword_spec(struct vw_parser *p, enum vw_keyword k, struct vw_declaration *d)
{
    if (p->schema->strict == VW_SCHEMA_RFC &&
        (k == VW_KW_CHAR || k == VW_KW_SHORT || k == VW_KW_LONG))
        return vw_parse_fail(p, "a type of RFC 4506");
    if (k == VW_KW_QUADRUPLE)
        return vw_schema_fail(p->schema, &p->lex.where, VW_ESYNTAX, p->err,
                              "quadruple is not supported: no machine type holds it");
    int rc = vw_lex_next(&p->lex);
    if (rc)
        return rc;
    switch (k) {
    case VW_KW_UNSIGNED:
        return parse_unsigned(p, d);
    case VW_KW_STRUCT:
    case VW_KW_UNION:
    case VW_KW_ENUM:
        return parse_tagged(p, k, d);
    case VW_KW_STRING:
        d->spec = VW_SPEC_STRING;
        return 0;
    case VW_KW_OPAQUE:
        d->spec = VW_SPEC_OPAQUE;
        return 0;
    case VW_KW_VOID:
        d->spec = VW_SPEC_VOID;
        return 0;
    default:
        d->basic = basic_kinds[k];
        return k == VW_KW_LONG || k == VW_KW_SHORT || k == VW_KW_HYPER ? skip_int(p) : 0;
    }
}

static int parse_spec(struct vw_parser *p, struct vw_declaration *d)
{
    d->spec_where = p->lex.where;
    d->where = d->spec_where;
    if (may_name(p)) {
        d->spec = VW_SPEC_NAMED;
        d->ref = p->lex.sym;
        return vw_lex_next(&p->lex);
    }
    enum vw_keyword k = p->lex.kind == VW_TOK_NAME ? p->lex.sym->keyword : VW_KW_NONE;
    bool type = k == VW_KW_UNSIGNED || k == VW_KW_STRUCT || k == VW_KW_UNION || k == VW_KW_ENUM ||
                k == VW_KW_STRING || k == VW_KW_OPAQUE || k == VW_KW_VOID || k == VW_KW_QUADRUPLE ||
                (k != VW_KW_NONE && basic_kinds[k]);
    if (!type)
        return vw_parse_fail(p, "a type");
    return parse_keyword_spec(p, k, d);
}

/* ---- declarators ---- */

/* [bound] or <bound> or <>. */
static int parse_bound(struct vw_parser *p, struct vw_declaration *d)
{
    bool fixed = p->lex.kind == '[';
    d->form = fixed ? VW_FORM_FIXED : VW_FORM_VARIABLE;
    int rc = vw_lex_next(&p->lex);
    if (rc)
        return rc;
    if (fixed || p->lex.kind != '>') {
        d->bounded = true;
        if ((rc = vw_parse_number(p, fixed ? "a size" : "a largest size or '>'", &d->bound)))
            return rc;
    }
    return fixed ? vw_parse_take(p, ']', "']' after the size")
                 : vw_parse_take(p, '>', "'>' after the largest size");
}

/* What a string or opaque can be, told after its declarator. */
static int check_bytes(struct vw_parser *p, const struct vw_declaration *d)
{
    if (d->spec == VW_SPEC_STRING && d->form != VW_FORM_VARIABLE)
        return vw_schema_fail(p->schema, &d->where, VW_ESYNTAX, p->err,
                              "expected a string with '<' and '>': strings vary in length");
    if (d->spec == VW_SPEC_OPAQUE && d->form != VW_FORM_VARIABLE && d->form != VW_FORM_FIXED)
        return vw_schema_fail(p->schema, &d->where, VW_ESYNTAX, p->err,
                              "expected an opaque with '[size]' or '<max>'");
    return 0;
}

static int parse_declarator(struct vw_parser *p, enum vw_decl_place place, struct vw_declaration *d)
{
    int rc = 0;
    if (p->lex.kind == '*') {
        d->form = VW_FORM_POINTER;
        if ((rc = vw_lex_next(&p->lex)))
            return rc;
    }
    if (place != VW_DECL_ARGUMENT || may_name(p)) {
        struct vw_sym *sym = NULL;
        if ((rc = vw_parse_name(p, "a name", &sym, &d->where)))
            return rc;
        d->name = sym;
        p->declared = sym;
    }
    if (d->form == VW_FORM_PLAIN && (p->lex.kind == '[' || p->lex.kind == '<'))
        rc = parse_bound(p, d);
    /* rpcgen lets a procedure name a bare string, without bound. */
    else if (place == VW_DECL_ARGUMENT && d->spec == VW_SPEC_STRING && d->form == VW_FORM_PLAIN)
        d->form = VW_FORM_VARIABLE;
    return rc ? rc : check_bytes(p, d);
}

int vw_parse_declaration(struct vw_parser *p, enum vw_decl_place place, struct vw_declaration **out)
{
    struct vw_declaration *d = vw_parse_new(p, sizeof(*d));
    if (!d)
        return p->failed;
    int rc = parse_spec(p, d);
    if (rc)
        return rc;
    *out = d;
    if (d->spec == VW_SPEC_VOID) {
        if (place == VW_DECL_ARM || place == VW_DECL_ARGUMENT)
            return 0;
        return vw_schema_fail(p->schema, &d->spec_where, VW_ESYNTAX, p->err,
                              "void can only be an arm of a union, a result or an argument list");
    }
    return parse_declarator(p, place, d);
}

/* ---- definitions ---- */

static int parse_const(struct vw_parser *p)
{
    struct vw_constant *c = vw_parse_new(p, sizeof(*c));
    if (!c)
        return p->failed;
    c->is_const = true;
    int rc = vw_lex_next(&p->lex);
    if (!rc)
        rc = vw_parse_name(p, "the name of a constant", &c->sym, &c->pub.where);
    if (!rc)
        rc = vw_parse_take(p, '=', "'=' after the name of the constant");
    if (!rc)
        rc = vw_parse_number(p, "a number or the name of a constant", &c->expr);
    if (!rc)
        rc = vw_parse_take(p, ';', "';' after the constant");
    if (!rc)
        rc = vw_parse_define_constant(p, c);
    if (rc)
        return rc;
    *p->schema->consts_end = c;
    p->schema->consts_end = &c->next;
    return 0;
}

/* typedef struct {...} name and its like name the body itself. */
static int parse_typedef(struct vw_parser *p)
{
    struct vw_declaration *d = NULL;
    int rc = vw_lex_next(&p->lex);
    p->declared = NULL;
    if (!rc)
        rc = vw_parse_declaration(p, VW_DECL_TYPEDEF, &d);
    struct vw_sym *sym = p->declared;
    if (!rc)
        rc = vw_parse_take(p, ';', "';' after the typedef");
    if (rc)
        return rc;
    /* "typedef struct a a;" says in C what is so in .x files anyway. */
    if (d->form == VW_FORM_PLAIN && d->tag && d->ref == sym)
        return 0;
    struct vw_definition *def = d->body;
    if (d->spec != VW_SPEC_BODY || d->form != VW_FORM_PLAIN) {
        def = vw_parse_new(p, sizeof(*def));
        if (!def)
            return p->failed;
        def->what = VW_DEF_TYPEDEF;
        def->fields = d;
        def->n_fields = 1;
    }
    def->sym = sym;
    def->where = d->where;
    def->is_typedef = true;
    return vw_parse_define_type(p, def);
}

/* struct, union or enum with a name. The name counts from here on, so that an enum that is replaced
 * loses its members before the new ones come. */
static int parse_tagged_definition(struct vw_parser *p, enum vw_keyword tag)
{
    struct vw_definition *d = vw_parse_new(p, sizeof(*d));
    if (!d)
        return p->failed;
    int rc = vw_lex_next(&p->lex);
    if (!rc)
        rc = vw_parse_name(p, "the name of the type", &d->sym, &d->where);
    if (!rc)
        rc = vw_parse_define_type(p, d);
    if (!rc)
        rc = parse_body(p, tag, d);
    if (!rc)
        rc = vw_parse_take(p, ';', "';' after the type");
    return rc;
}

static int parse_definition(struct vw_parser *p)
{
    enum vw_keyword k = p->lex.kind == VW_TOK_NAME ? p->lex.sym->keyword : VW_KW_NONE;
    switch (k) {
    case VW_KW_CONST:
        return parse_const(p);
    case VW_KW_TYPEDEF:
        return parse_typedef(p);
    case VW_KW_STRUCT:
    case VW_KW_UNION:
    case VW_KW_ENUM:
        return parse_tagged_definition(p, k);
    case VW_KW_PROGRAM:
        return vw_parse_program(p);
    default:
        return vw_parse_fail(p, "const, typedef, struct, union, enum or program");
    }
}

int vw_parse(struct vw_schema *s, const char *file, const char *text, size_t len, bool replace,
             struct vw_error *err)
{
    struct vw_parser p = {.schema = s, .err = err, .replace = replace};
    int rc = vw_lex_start(&p.lex, s, file, text, len, err);
    while (!rc && p.lex.kind != VW_TOK_END)
        rc = parse_definition(&p);
    return rc;
}
