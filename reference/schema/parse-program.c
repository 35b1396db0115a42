// SPDX-License-Identifier: MIT
// Program blocks of RFC 5531 section 12: a program, its versions, their procedures. Each version
// becomes a program of the schema. Several arguments are packed into a struct, as rpcgen does.
#include <ctype.h>
#include <stdio.h>

#include "schema/parse.h"

static int pack_arguments(struct vw_parser *p, struct vw_block_proc *proc, uint32_t n)
{
    struct vw_definition *d = vw_parse_new(p, sizeof(*d));
    char *name =
        d ? vw_arena_printf(&p->schema->arena, "%s_argument", proc->constant->pub.name) : NULL;
    if (!name)
        return d ? vw_error_nomem(p->err) : p->failed;
    for (char *c = name; *c; c++)
        *c = (char)tolower((unsigned char)*c);
    d->what = VW_DEF_STRUCT;
    d->where = proc->constant->pub.where;
    d->fields = proc->args;
    d->n_fields = n;
    d->sym = vw_symbols_intern(p->schema, name, strlen(name));
    if (!d->sym)
        return vw_error_nomem(p->err);
    /* Another version may have a procedure of the same name; its struct goes without one. */
    if (d->sym->type)
        d->sym = NULL;
    unsigned i = 0;
    for (struct vw_declaration *a = d->fields; a; a = a->next) {
        char text[16];
        int len = snprintf(text, sizeof(text), "arg%u", ++i);
        if (!a->name && !(a->name = vw_symbols_intern(p->schema, text, (size_t)len)))
            return vw_error_nomem(p->err);
    }
    proc->packed = d;
    return d->sym ? vw_parse_define_type(p, d) : 0;
}

/* "void", or arguments between commas. */
static int parse_arguments(struct vw_parser *p, struct vw_block_proc *proc, uint32_t *n)
{
    struct vw_declaration **end = &proc->args;
    bool is_void = false;
    if (p->lex.kind == ')')
        return 0;
    for (;;) {
        struct vw_declaration *a = NULL;
        struct vw_where where = p->lex.where;
        int rc = vw_parse_declaration(p, VW_DECL_ARGUMENT, &a);
        if (rc)
            return rc;
        is_void |= a->spec == VW_SPEC_VOID;
        *end = a;
        end = &a->next;
        if (++*n > 1 && is_void)
            return vw_schema_fail(p->schema, &where, VW_ESYNTAX, p->err,
                                  "void stands alone in an argument list");
        if (p->lex.kind != ',')
            return 0;
        if ((rc = vw_lex_next(&p->lex)))
            return rc;
    }
}

/* A result: as an argument, without a name. */
static int parse_result(struct vw_parser *p, struct vw_block_proc *proc, struct vw_sym **name,
                        struct vw_where *where)
{
    p->declared = NULL;
    int rc = vw_parse_declaration(p, VW_DECL_ARGUMENT, &proc->ret);
    if (rc)
        return rc;
    if (proc->ret->spec == VW_SPEC_VOID)
        return vw_parse_name(p, "the name of the procedure", name, where);
    if (!proc->ret->name)
        return vw_parse_fail(p, "the name of the procedure");
    /* What the declarator took for the name of the result is that of the procedure. */
    *name = p->declared;
    *where = proc->ret->where;
    if (proc->ret->form == VW_FORM_FIXED ||
        (proc->ret->form == VW_FORM_VARIABLE && proc->ret->spec != VW_SPEC_STRING))
        return vw_schema_fail(p->schema, where, VW_ESYNTAX, p->err,
                              "a result cannot be an array; give it a name with typedef");
    return 0;
}

static int define_proc(struct vw_parser *p, struct vw_constant *c)
{
    /* Versions of a program share the names of what they share; equal numbers are checked later. */
    c->is_const = true;
    c->is_proc = true;
    return vw_parse_define_constant(p, c);
}

static int parse_proc(struct vw_parser *p, struct vw_block_proc *proc)
{
    struct vw_constant *c = vw_parse_new(p, sizeof(*c));
    if (!c)
        return p->failed;
    uint32_t n = 0;
    proc->constant = c;
    int rc = parse_result(p, proc, &c->sym, &c->pub.where);
    if (!rc)
        rc = vw_parse_take(p, '(', "'(' after the name of the procedure");
    if (!rc)
        rc = parse_arguments(p, proc, &n);
    if (!rc)
        rc = vw_parse_take(p, ')', "',' or ')' after the argument");
    if (!rc)
        rc = vw_parse_take(p, '=', "'=' after the procedure");
    if (!rc)
        rc = vw_parse_number(p, "the number of the procedure", &c->expr);
    if (!rc)
        rc = vw_parse_take(p, ';', "';' after the procedure");
    if (!rc)
        rc = define_proc(p, c);
    if (!rc && n > 1)
        rc = pack_arguments(p, proc, n);
    if (rc)
        return rc;
    *p->schema->consts_end = c;
    p->schema->consts_end = &c->next;
    return 0;
}

static int parse_procs(struct vw_parser *p, struct vw_block *b)
{
    struct vw_block_proc **end = &b->procs;
    do {
        struct vw_block_proc *proc = vw_parse_new(p, sizeof(*proc));
        if (!proc)
            return p->failed;
        int rc = parse_proc(p, proc);
        if (rc)
            return rc;
        *end = proc;
        end = &proc->next;
        b->n_procs++;
    } while (p->lex.kind != '}');
    return vw_lex_next(&p->lex);
}

static int parse_version(struct vw_parser *p, struct vw_sym *program, struct vw_block **out)
{
    struct vw_block *b = vw_parse_new(p, sizeof(*b));
    if (!b)
        return p->failed;
    b->program = program;
    b->file = p->schema->n_files;
    if (!vw_parse_is(p, VW_KW_VERSION))
        return vw_parse_fail(p, "'version'");
    int rc = vw_lex_next(&p->lex);
    if (!rc)
        rc = vw_parse_name(p, "the name of the version", &b->version, &b->where);
    if (!rc)
        rc = vw_parse_take(p, '{', "'{' after the name of the version");
    if (!rc)
        rc = parse_procs(p, b);
    if (!rc)
        rc = vw_parse_take(p, '=', "'=' after the version");
    if (!rc)
        rc = vw_parse_number(p, "the number of the version", &b->version_number);
    if (!rc)
        rc = vw_parse_take(p, ';', "';' after the version");
    *out = b;
    return rc;
}

int vw_parse_program(struct vw_parser *p)
{
    struct vw_sym *program = NULL;
    struct vw_where where;
    struct vw_block *first = NULL, **end = &first;
    int rc = vw_lex_next(&p->lex);
    if (!rc)
        rc = vw_parse_name(p, "the name of the program", &program, &where);
    if (!rc)
        rc = vw_parse_take(p, '{', "'{' after the name of the program");
    if (rc)
        return rc;
    do {
        struct vw_block *b = NULL;
        if ((rc = parse_version(p, program, &b)))
            return rc;
        *end = b;
        end = &b->next;
    } while (p->lex.kind != '}');
    struct vw_number number;
    if ((rc = vw_lex_next(&p->lex)) || (rc = vw_parse_take(p, '=', "'=' after the program")) ||
        (rc = vw_parse_number(p, "the number of the program", &number)) ||
        (rc = vw_parse_take(p, ';', "';' after the program")))
        return rc;
    for (struct vw_block *b = first; b; b = b->next)
        b->program_number = number;
    *p->schema->blocks_end = first;
    p->schema->blocks_end = end;
    return 0;
}
