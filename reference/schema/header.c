// SPDX-License-Identifier: MIT
// The C header: every type as it lies in memory, parts before wholes, with the compiler's own check
// that it agrees about sizes.
#include <inttypes.h>

#include "schema/internal.h"

/* Words of C or C++ that may be field names in a .x file. */
static bool is_c_word(const char *name)
{
    static const char *const words[] = {
        "auto",      "bool",     "break",    "continue", "do",      "else",      "extern",
        "false",     "for",      "goto",     "if",       "inline",  "register",  "restrict",
        "return",    "signed",   "sizeof",   "static",   "true",    "volatile",  "while",
        "_Bool",     "asm",      "typeof",   "unix",     "linux",   "string",    "hyper",
        "quadruple", "and",      "bitand",   "bitor",    "catch",   "class",     "compl",
        "delete",    "explicit", "export",   "friend",   "mutable", "namespace", "new",
        "not",       "nullptr",  "operator", "or",       "private", "protected", "public",
        "requires",  "template", "this",     "throw",    "try",     "typeid",    "typename",
        "using",     "virtual",  "xor"};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcmp(name, words[i]) == 0)
            return true;
    }
    return false;
}

static const char *const scalars[] = {
    [VW_INT] = "int32_t",
    [VW_UINT] = "uint32_t",
    [VW_HYPER] = "int64_t",
    [VW_UHYPER] = "uint64_t",
    [VW_BOOL] = "bool",
    [VW_CHAR] = "int8_t",
    [VW_UCHAR] = "uint8_t",
    [VW_SHORT] = "int16_t",
    [VW_USHORT] = "uint16_t",
    [VW_FLOAT] = "float",
    [VW_DOUBLE] = "double",
    [VW_ENUM] = "int32_t",
    [VW_STRING] = "struct vw_string",
    [VW_OPAQUE] = "struct vw_bytes",
    [VW_ARRAY] = "struct vw_list",
};

static void indent(unsigned level, FILE *out)
{
    fprintf(out, "%*s", (int)level * 4, "");
}

static void put_members(const struct vw_type *t, unsigned level, FILE *out);
static void put_base(const struct vw_type *t, unsigned level, FILE *out);

/* What an optional points to. Structs need not be complete for that; other names would have to come
 * first, so that they are spelled out. */
static void put_target(const struct vw_type *t, unsigned level, FILE *out)
{
    t = vw_type_real(t);
    while (t->kind == VW_FIXED_ARRAY)
        t = vw_type_real(t->elem);
    if (t->kind == VW_FIXED_OPAQUE)
        fputs("uint8_t *", out);
    else if (t->kind == VW_OPTIONAL)
        fputs("void **", out);
    else if (t->kind == VW_STRUCT || t->kind == VW_UNION) {
        put_base(t, level, out);
        fputs(" *", out);
    } else
        fprintf(out, "%s *", scalars[t->kind]);
}

/* What stands before the name of a declaration of T. */
static void put_base(const struct vw_type *t, unsigned level, FILE *out)
{
    t = vw_type_real(t);
    while (t->kind == VW_FIXED_ARRAY && !t->name)
        t = vw_type_real(t->elem);
    if (t->name && !vw_type_node_of(t))
        fputs(scalars[t->kind], out);
    else if (t->name)
        fprintf(out, "%s%s", t->kind == VW_STRUCT || t->kind == VW_UNION ? "struct " : "", t->name);
    else if (t->kind == VW_OPTIONAL)
        put_target(t->elem, level, out);
    else if (t->kind == VW_STRUCT || t->kind == VW_UNION) {
        fputs("struct {\n", out);
        put_members(t, level + 1, out);
        indent(level, out);
        fputc('}', out);
    } else
        fputs(t->kind == VW_FIXED_OPAQUE ? "uint8_t" : scalars[t->kind], out);
}

/* What stands behind the name. */
static void put_sizes(const struct vw_type *t, FILE *out)
{
    for (; !t->name && t->kind == VW_FIXED_ARRAY; t = vw_type_real(t->elem))
        fprintf(out, "[%" PRIu32 "]", t->max);
    if (!t->name && t->kind == VW_FIXED_OPAQUE)
        fprintf(out, "[%" PRIu32 "]", t->max);
}

/* What the C type does not say: members, bounds. */
static void put_note(const struct vw_type *t, FILE *out)
{
    const struct vw_type *inner = t->kind == VW_OPTIONAL && !t->name ? t->elem : t;
    if (inner->kind == VW_ENUM && inner->name)
        fprintf(out, " /* enum %s */", inner->name);
    if (inner->kind != VW_STRING && inner->kind != VW_OPAQUE && inner->kind != VW_ARRAY)
        return;
    fputs(" /* ", out);
    if (inner->name)
        fputs(inner->name, out);
    else
        vw_type_print(inner, out);
    fputs(" */", out);
}

/* What a name stands for, where the C type does not say it: string<REMOTE_STRING_MAX>. */
static void put_shape(const struct vw_type *t, FILE *out)
{
    struct vw_type_node shape = {.type = *t};
    shape.type.name = NULL;
    put_note(&shape.type, out);
}

static void put_field(const struct vw_field *f, unsigned level, FILE *out)
{
    if (f->type->kind == VW_VOID)
        return;
    indent(level, out);
    if (f->boxed)
        put_target(f->type, level, out);
    else
        put_base(f->type, level, out);
    fprintf(out, " %s%s", f->name, is_c_word(f->name) ? "_" : "");
    if (!f->boxed)
        put_sizes(f->type, out);
    fputc(';', out);
    put_note(f->type, out);
    fputc('\n', out);
}

static bool has_arms(const struct vw_type *t)
{
    for (uint32_t i = 0; i < t->n_fields; i++) {
        if (t->fields[i].type->kind != VW_VOID)
            return true;
    }
    return false;
}

static void put_members(const struct vw_type *t, unsigned level, FILE *out)
{
    if (t->kind == VW_UNION) {
        indent(level, out);
        fprintf(out, "int32_t %s%s;\n", t->disc->name, is_c_word(t->disc->name) ? "_" : "");
        if (!has_arms(t))
            return;
        indent(level, out);
        fputs("union {\n", out);
        level++;
    }
    for (uint32_t i = 0; i < t->n_fields; i++)
        put_field(&t->fields[i], level, out);
    if (t->kind == VW_UNION) {
        indent(level - 1, out);
        fputs("} u;\n", out);
    }
}

static void put_enum(const struct vw_type *t, FILE *out)
{
    fputs("\nenum {\n", out);
    for (uint32_t i = 0; i < t->n_members; i++)
        fprintf(out, "    %s = %" PRId32 ",\n", t->members[i].name, t->members[i].value);
    fprintf(out, "};\ntypedef int32_t %s;\n", t->name);
}

static void put_struct(const struct vw_type *t, FILE *out)
{
    fprintf(out, "\nstruct %s {\n", t->name);
    put_members(t, 1, out);
    fprintf(out, "};\nVW_SIZE_IS(struct %s, %" PRIu32 ");\n", t->name, t->size);
}

static void put_typedef(const struct vw_type *t, FILE *out)
{
    /* The same without its name. */
    const struct vw_type_node shape = {.type = {.kind = t->kind, .max = t->max, .elem = t->elem}};
    fputs("\ntypedef ", out);
    if (t->kind == VW_FIXED_OPAQUE || t->kind == VW_FIXED_ARRAY || t->kind == VW_OPTIONAL) {
        put_base(&shape.type, 0, out);
        fprintf(out, " %s", t->name);
        put_sizes(&shape.type, out);
    } else {
        fprintf(out, "%s %s", scalars[t->kind], t->name);
    }
    fputc(';', out);
    put_shape(t, out);
    fputc('\n', out);
}

static void put_type(const struct vw_type *t, FILE *out)
{
    if (t->kind == VW_STRUCT || t->kind == VW_UNION)
        put_struct(t, out);
    else if (t->kind == VW_ENUM)
        put_enum(t, out);
    else
        put_typedef(t, out);
}

static void put_alias(const struct vw_type *t, FILE *out)
{
    const struct vw_type *real = vw_type_real(t);
    fputs("\ntypedef ", out);
    put_base(real, 0, out);
    fprintf(out, " %s;\n", t->name);
}

/* Procedures of enums have their numbers already; those of program blocks get theirs here. */
static void put_program(const struct vw_schema *s, const struct vw_program *p, FILE *out)
{
    fprintf(out, "\n/* Program %s: 0x%08" PRIx32 " version %" PRIu32 ". */\n", p->name, p->number,
            p->version);
    for (uint32_t i = 0; i < p->n_procs; i++) {
        const struct vw_proc *q = &p->procs[i];
        const struct vw_sym *sym = vw_symbols_find(s, q->name, strlen(q->name));
        if (sym && sym->constant && sym->constant->is_proc)
            fprintf(out, "#define %s %" PRId32 "\n", q->name, q->number);
        fprintf(out, "/* %" PRId32 " %s: ", q->number, q->short_name);
        vw_type_print(q->args ? q->args : vw_type_basic(VW_VOID), out);
        fputs(" -> ", out);
        vw_type_print(q->ret ? q->ret : vw_type_basic(VW_VOID), out);
        fputs(" */\n", out);
    }
}

static void put_consts(const struct vw_schema *s, FILE *out)
{
    fputc('\n', out);
    for (size_t i = 0; i < s->n_consts; i++) {
        const struct vw_const *c = s->const_list[i];
        if (!c->external)
            fprintf(out, c->big ? "#define %s %" PRIu64 "u\n" : "#define %s %" PRId64 "\n", c->name,
                    c->value);
    }
}

static const char shapes[] = " *\n"
                             " * A string is {data, len}: its bytes and a NUL behind them that len "
                             "does not count. Opaque bytes\n"
                             " * are {data, len}; a list is {items, count}, items being an array "
                             "of the element type that the\n"
                             " * note behind it names. An optional is a pointer, NULL when absent. "
                             "A union is its discriminant\n"
                             " * and u; an arm of more than 16 bytes is pointed to. Notes tell "
                             "bounds: <N> is the most bytes or\n"
                             " * elements. What a decoder returns lies in one arena and is freed "
                             "with it. Clauses X-1 to X-11.\n"
                             " */\n";

/* The order of declarations, in which parts come before wholes, is not in the tables. */
static int header_of_parsed(const char *guard, FILE *out)
{
    const struct vw_profile_options options = {VW_PROFILE_OPTIONS_INIT, .parse = true};
    struct vw_profile *p;
    int rc = vw_profile_load(NULL, &options, &p, NULL);
    if (rc)
        return rc;
    rc = vw_schema_header(p->schema, guard, out);
    vw_profile_destroy(p);
    return rc;
}

int vw_schema_header(const struct vw_schema *s, const char *guard, FILE *out)
{
    if (s->tables)
        return header_of_parsed(guard, out);
    fprintf(out,
            "/* %s: types of the protocol as they lie in memory. Made by `virwire schema header`\n"
            " * from the schema %s.\n%s#pragma once\n\n#include <stdbool.h>\n"
            "#include <stdint.h>\n#include <virwire/memory.h>\n",
            guard, vw_schema_digest(s), shapes);
    put_consts(s, out);
    for (const struct vw_type_node *n = s->order; n; n = n->order) {
        if (n->type.name && !n->hidden)
            put_type(&n->type, out);
    }
    for (const struct vw_type_node *n = s->nodes; n; n = n->next) {
        if (n->real && n->type.name && !n->hidden)
            put_alias(&n->type, out);
    }
    for (size_t i = 0; i < s->n_programs; i++)
        put_program(s, s->program_list[i], out);
    return ferror(out) ? VW_ESYSTEM : 0;
}
