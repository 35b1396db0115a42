// SPDX-License-Identifier: MIT
// Build tool of ci/gate-witness: from one version of the .x files, the text for rpcgen (all files
// as one, what they need first; of a profile or a lock what its tables say) or the tables of a
// reader (reader.h), which print what rpcgen's structs hold. Names, numbers and layouts are those
// of rpcgen's header; only which there are is ours. Usage: make-reader x|c VERSION

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conformance/gate/side.h"
#include "fuzz/print-x.h"

/* ---- the text for rpcgen ---- */

static const char *file_of(const struct vw_gate_side *s, const struct vw_type *t)
{
    for (size_t i = 0; i < s->n_files; i++)
        if (t->where.file && strcmp(t->where.file, s->files[i].name) == 0)
            return s->files[i].name;
    return NULL;
}

static bool has_word(const struct vw_gate_file *f, const char *word)
{
    size_t n = strlen(word);
    for (const char *at = f->text; (at = strstr(at, word)); at += n) {
        bool begins = at == f->text || !(isalnum((unsigned char)at[-1]) || at[-1] == '_');
        if (begins && !isalnum((unsigned char)at[n]) && at[n] != '_')
            return true;
    }
    return false;
}

/* F uses a type or a constant of G. */
static bool needs(const struct vw_gate_side *s, const struct vw_gate_file *f,
                  const struct vw_gate_file *g)
{
    size_t n;
    const struct vw_type *const *types = vw_schema_types(s->schema, &n);
    for (size_t i = 0; i < n; i++) {
        const char *file = file_of(s, types[i]);
        if (file && strcmp(file, g->name) == 0 && has_word(f, types[i]->name))
            return true;
    }
    const struct vw_const *const *consts = vw_schema_consts(s->schema, &n);
    for (size_t i = 0; i < n; i++)
        if (!consts[i]->external && strcmp(consts[i]->where.file, g->name) == 0 &&
            has_word(f, consts[i]->name))
            return true;
    return false;
}

static void print_file(const struct vw_gate_file *f)
{
    for (const char *line = f->text; *line;) {
        size_t n = strcspn(line, "\n");
        if (*line != '%')
            printf("%.*s\n", (int)n, line);
        line += n + (line[n] == '\n');
    }
}

static void print_x(const struct vw_gate_side *s)
{
    bool *done = calloc(s->n_files + 1, sizeof(*done));
    size_t n, left = s->n_files;
    const struct vw_const *const *consts = vw_schema_consts(s->schema, &n);
    for (size_t i = 0; i < n; i++)
        if (consts[i]->external)
            printf("const %s = %" PRId64 ";\n", consts[i]->name, consts[i]->value);
    for (size_t round = 0; done && left && round <= s->n_files; round++) {
        for (size_t i = 0; i < s->n_files; i++) {
            bool ready = !done[i];
            for (size_t k = 0; ready && k < s->n_files && round < s->n_files; k++)
                ready = k == i || done[k] || !needs(s, &s->files[i], &s->files[k]);
            if (!ready)
                continue;
            print_file(&s->files[i]);
            done[i] = true;
            left--;
        }
    }
    free(done);
}

/* ---- printers ---- */

static void print_value(const struct vw_type *t, const char *at, const char *name);

static const char *basic_filter(enum vw_kind kind)
{
    static const char *const names[] = {
        [VW_INT] = "int",         [VW_UINT] = "u_int",   [VW_HYPER] = "quad_t",
        [VW_UHYPER] = "u_quad_t", [VW_BOOL] = "bool",    [VW_CHAR] = "char",
        [VW_UCHAR] = "u_char",    [VW_SHORT] = "short",  [VW_USHORT] = "u_short",
        [VW_FLOAT] = "float",     [VW_DOUBLE] = "double"};
    return names[kind];
}

static void print_list(const struct vw_type *t, const char *at, const char *name)
{
    static unsigned depth;
    char item[600], i[16];
    snprintf(i, sizeof(i), "i%u", depth++);
    bool fixed = t->kind == VW_FIXED_ARRAY;
    printf("    printf(\"[\\\"list\\\"\");\n    for (unsigned %s = 0; %s < ", i, i);
    if (fixed)
        printf("%" PRIu32, t->max);
    else
        printf("(unsigned)(%s).%s_len", at, name);
    printf("; %s++) {\n    putchar(',');\n", i);
    if (fixed)
        snprintf(item, sizeof(item), "(%s)[%s]", at, i);
    else
        snprintf(item, sizeof(item), "(%s).%s_val[%s]", at, name, i);
    print_value(t->elem, item, name);
    puts("    }\n    putchar(']');");
    depth--;
}

static void print_number(const struct vw_type *t, const char *at)
{
    if (t->kind == VW_FLOAT || t->kind == VW_DOUBLE)
        printf("    printf(\"[\\\"real\\\",\\\"%%a\\\"]\", (double)(%s));\n", at);
    else if (t->kind == VW_UHYPER)
        printf("    printf(\"%%llu\", (unsigned long long)(%s));\n", at);
    else
        printf("    printf(\"%%lld\", (long long)(%s));\n", at);
}

/* The expression AT of type T; NAME: of the member or typedef, which rpcgen gives to its parts. */
static void print_value(const struct vw_type *t, const char *at, const char *name)
{
    char inner[600];
    if (t->name && t->kind > VW_DOUBLE) {
        printf("    print_%s(&(%s));\n", t->name, at);
        return;
    }
    switch (t->kind) {
    case VW_STRING:
        printf("    reader_bytes(%s ? %s : \"\", %s ? strlen(%s) : 0);\n", at, at, at, at);
        break;
    case VW_OPAQUE:
        printf("    reader_bytes((%s).%s_val, (%s).%s_len);\n", at, name, at, name);
        break;
    case VW_FIXED_OPAQUE:
        printf("    reader_bytes(%s, %" PRIu32 ");\n", at, t->max);
        break;
    case VW_ARRAY:
    case VW_FIXED_ARRAY:
        print_list(t, at, name);
        break;
    case VW_OPTIONAL:
        snprintf(inner, sizeof(inner), "*(%s)", at);
        printf("    printf(\"[\\\"list\\\"\");\n    if (%s) {\n    putchar(',');\n", at);
        print_value(t->elem, inner, name);
        puts("    }\n    putchar(']');");
        break;
    case VW_VOID:
        puts("    printf(\"null\");");
        break;
    default:
        print_number(t, at);
    }
}

static void print_struct(const struct vw_type *t)
{
    char at[600];
    puts("    printf(\"{\");");
    for (uint32_t i = 0; i < t->n_fields; i++) {
        printf("    printf(\"%s\\\"%s\\\":\");\n", i ? "," : "", t->fields[i].name);
        snprintf(at, sizeof(at), "v->%s", t->fields[i].name);
        print_value(t->fields[i].type, at, t->fields[i].name);
    }
    puts("    printf(\"}\");");
}

static void print_union(const struct vw_type *t)
{
    char at[600];
    snprintf(at, sizeof(at), "v->%s", t->disc->name);
    puts("    printf(\"[\\\"union\\\",\");");
    print_value(t->disc->type, at, t->disc->name);
    printf("    switch (v->%s) {\n", t->disc->name);
    for (uint32_t i = 0; i < t->n_fields; i++) {
        const struct vw_field *f = &t->fields[i];
        for (uint32_t k = 0; k < f->n_cases; k++)
            printf("    case %" PRId64 ":\n", vw_type_case(t, f->cases[k]));
        if (f->is_default)
            puts("    default:");
        printf("    printf(\",\\\"%s\\\",\");\n", f->name ? f->name : "");
        snprintf(at, sizeof(at), "v->%s_u.%s", t->name, f->name ? f->name : "");
        print_value(f->type, at, f->name);
        puts("    break;");
    }
    puts("    }\n    printf(\"]\");");
}

static void print_enum(const struct vw_type *t)
{
    puts("    const char *name = NULL;");
    for (uint32_t i = t->n_members; i > 0; i--)
        printf("    if (*v == %s)\n        name = \"%s\";\n", t->members[i - 1].name,
               t->members[i - 1].name);
    puts("    printf(\"[\\\"enum\\\",%d,\\\"%s\\\"]\", (int)*v, name ? name : \"\");");
}

static void print_body(const struct vw_type *t)
{
    struct vw_type plain = *t;
    plain.name = NULL;
    if (t->alias_of)
        print_value(t->alias_of, "*v", t->name);
    else if (t->kind == VW_STRUCT)
        print_struct(t);
    else if (t->kind == VW_UNION)
        print_union(t);
    else if (t->kind == VW_ENUM)
        print_enum(t);
    else
        print_value(&plain, "*v", t->name);
}

/* ---- tables ---- */

static void print_types(const struct vw_schema *s)
{
    size_t n;
    const struct vw_type *const *types = vw_schema_types(s, &n);
    for (size_t i = 0; i < n; i++)
        printf("static void print_%s(const %s *v);\n", types[i]->name, types[i]->name);
    for (size_t i = 0; i < n; i++) {
        printf("\nstatic void print_%s(const %s *v)\n{\n", types[i]->name, types[i]->name);
        print_body(types[i]);
        puts("}");
    }
    puts("\nconst struct reader_type reader_types[] = {");
    for (size_t i = 0; i < n; i++)
        printf("    {\"%s\", sizeof(%s), (reader_filter)xdr_%s, (reader_print)print_%s},\n",
               types[i]->name, types[i]->name, types[i]->name, types[i]->name);
    puts("    {NULL, 0, NULL, NULL}};");
}

static void print_type_row(const struct vw_schema *s, const struct vw_type *t)
{
    if (t && t->name && t->kind > VW_DOUBLE)
        printf(", &reader_types[%" PRIu32 "]", vw_schema_type(s, t->name)->index);
    else if (t && t->kind != VW_VOID)
        printf(", &(const struct reader_type){\"%s\", 8, (reader_filter)xdr_%s, print_word}",
               basic_filter(t->kind), basic_filter(t->kind));
    else
        printf(", NULL");
}

/* The name of the constant of the program, where the files have one, or else its number. */
static void print_number_of(const struct vw_schema *s, const char *prefix, const char *ending,
                            uint32_t number)
{
    char name[300];
    int64_t value;
    snprintf(name, sizeof(name), "%s_%s", prefix, ending);
    if (vw_schema_const(s, name, &value) && (uint32_t)value == number)
        printf("%s, ", name);
    else
        printf("%" PRIu32 "u, ", number);
}

static void print_procs(const struct vw_schema *s)
{
    size_t n;
    const struct vw_program *const *list = vw_schema_programs(s, &n);
    puts("\nstatic void print_word(const void *v)\n{\n    reader_bytes(v, 8);\n}\n"
         "\nconst struct reader_proc reader_procs[] = {");
    for (size_t i = 0; i < n; i++)
        for (uint32_t k = 0; k < list[i]->n_procs; k++) {
            const struct vw_proc *p = &list[i]->procs[k];
            printf("    {");
            print_number_of(s, list[i]->prefix, "PROGRAM", list[i]->number);
            print_number_of(s, list[i]->prefix, "PROTOCOL_VERSION", list[i]->version);
            printf("%s, %d, \"%s\"", p->name, p->kind == VW_PROC_EVENT, p->name);
            print_type_row(s, p->args);
            print_type_row(s, p->ret);
            puts("},");
        }
    puts("    {0, 0, 0, 0, NULL, NULL, NULL}};");
}

static void print_constants(const struct vw_schema *s)
{
    size_t n;
    const struct vw_const *const *list = vw_schema_consts(s, &n);
    puts("\nconst struct reader_constant reader_constants[] = {");
    for (size_t i = 0; i < n; i++)
        if (!list[i]->external)
            printf("    {\"%s\", %s},\n", list[i]->name, list[i]->name);
    puts("    {NULL, 0}};");
}

int main(int argc, char **argv)
{
    struct vw_gate_side s;
    struct vw_error err = VW_ERROR_INIT;
    char line[700];
    if (argc != 3 || !strchr("xc", argv[1][0])) {
        fputs("Usage: make-reader x|c VERSION\n", stderr);
        return 2;
    }
    int rc = vw_gate_side_load(&s, argv[2], NULL, &err);
    if (rc)
        fprintf(stderr, "make-reader: %s\n",
                vw_error_format(&err, s.error_file, line, sizeof(line)));
    else if (argv[1][0] == 'x' && s.n_files)
        print_x(&s);
    else if (argv[1][0] == 'x')
        vw_print_x(s.schema, stdout);
    else {
        puts("#include <string.h>\n\n#include \"side.h\"\n\n#include \"reader.h\"\n");
        print_types(s.schema);
        print_procs(s.schema);
        print_constants(s.schema);
    }
    vw_gate_side_finish(&s);
    return rc ? 3 : 0;
}
