// SPDX-License-Identifier: MIT
// Prints declarations from the type tables alone: what the tables lost cannot come back.
#include "fuzz/print-x.h"

#include <inttypes.h>
#include <string.h>

static const char *basic_name(const struct vw_type *t)
{
    switch (t->kind) {
    case VW_UINT:
        return "unsigned int";
    case VW_UHYPER:
        return "unsigned hyper";
    case VW_UCHAR:
        return "unsigned char";
    case VW_USHORT:
        return "unsigned short";
    default:
        return vw_kind_name(t->kind);
    }
}

static void print_members(const struct vw_schema *s, const struct vw_type *t, FILE *out);

/* What stands before the name in a declaration: a name, or a body that was written in place. */
static void print_specifier(const struct vw_type *t, FILE *out)
{
    static const char *const words[] = {
        [VW_ENUM] = "enum", [VW_STRUCT] = "struct", [VW_UNION] = "union"};

    if (t->name)
        fputs(t->name, out);
    else if (t->kind == VW_ENUM || t->kind == VW_STRUCT || t->kind == VW_UNION) {
        fprintf(out, "%s ", words[t->kind]);
        print_members(NULL, t, out);
    } else
        fputs(basic_name(t), out);
}

static void print_bound(uint32_t max, FILE *out)
{
    if (max == VW_UNBOUNDED)
        fputs("<>", out);
    else
        fprintf(out, "<%" PRIu32 ">", max);
}

/* A declaration of NAME with type T, whose own name is not used if it is that of a typedef being
 * declared. */
static void print_expanded(const struct vw_type *t, const char *name, FILE *out)
{
    switch (t->kind) {
    case VW_STRING:
    case VW_OPAQUE:
        fprintf(out, "%s %s", t->kind == VW_STRING ? "string" : "opaque", name);
        print_bound(t->max, out);
        break;
    case VW_FIXED_OPAQUE:
        fprintf(out, "opaque %s[%" PRIu32 "]", name, t->max);
        break;
    case VW_FIXED_ARRAY:
        print_specifier(t->elem, out);
        fprintf(out, " %s[%" PRIu32 "]", name, t->max);
        break;
    case VW_ARRAY:
        print_specifier(t->elem, out);
        fprintf(out, " %s", name);
        print_bound(t->max, out);
        break;
    case VW_OPTIONAL:
        print_specifier(t->elem, out);
        fprintf(out, " *%s", name);
        break;
    default:
        print_specifier(t, out);
        fprintf(out, " %s", name);
    }
}

static void print_declaration(const struct vw_type *t, const char *name, FILE *out)
{
    if (t->kind == VW_VOID)
        fputs("void", out);
    else if (t->name)
        fprintf(out, "%s %s", t->name, name);
    else
        print_expanded(t, name, out);
}

static void print_arm(const struct vw_type *t, const struct vw_field *arm, FILE *out)
{
    bool is_unsigned = t->disc->type->kind == VW_UINT;

    for (uint32_t i = 0; i < arm->n_cases; i++)
        fprintf(out, "    case %" PRId64 ":\n",
                is_unsigned ? (int64_t)(uint32_t)arm->cases[i] : (int64_t)arm->cases[i]);
    if (arm->is_default)
        fputs("    default:\n", out);
    fputs("        ", out);
    if (arm->name)
        print_declaration(arm->type, arm->name, out);
    else
        fputs("void", out);
    fputs(";\n", out);
}

/* The procedure that enum member M stands for, NULL if none. */
static const struct vw_proc *proc_of(const struct vw_schema *s, const struct vw_member *m)
{
    size_t n;
    const struct vw_program *const *programs = vw_schema_programs(s, &n);

    for (size_t i = 0; i < n; i++) {
        const struct vw_proc *proc = vw_program_proc(programs[i], m->value);
        if (proc && strcmp(proc->name, m->name) == 0)
            return proc;
    }
    return NULL;
}

static void print_annotations(const struct vw_proc *proc, FILE *out)
{
    if (!proc || proc->n_annotations == 0)
        return;
    fputs("    /**\n", out);
    for (uint32_t i = 0; i < proc->n_annotations; i++)
        fprintf(out, "     * @%s: %s\n", proc->annotations[i].key, proc->annotations[i].value);
    fputs("     */\n", out);
}

static void print_enum(const struct vw_schema *s, const struct vw_type *t, FILE *out)
{
    for (uint32_t i = 0; i < t->n_members; i++) {
        if (s)
            print_annotations(proc_of(s, &t->members[i]), out);
        fprintf(out, "    %s = %" PRId32 "%s\n", t->members[i].name, t->members[i].value,
                i + 1 < t->n_members ? "," : "");
    }
}

/* S is NULL for a body that was written in place: it holds no procedures. */
static void print_members(const struct vw_schema *s, const struct vw_type *t, FILE *out)
{
    if (t->kind == VW_UNION) {
        fputs("switch (", out);
        print_declaration(t->disc->type, t->disc->name, out);
        fputs(") ", out);
    }
    fputs("{\n", out);
    if (t->kind == VW_ENUM)
        print_enum(s, t, out);
    for (uint32_t i = 0; t->kind != VW_ENUM && i < t->n_fields; i++) {
        if (t->kind == VW_UNION) {
            print_arm(t, &t->fields[i], out);
            continue;
        }
        fputs("    ", out);
        print_declaration(t->fields[i].type, t->fields[i].name, out);
        fputs(";\n", out);
    }
    fputc('}', out);
}

static void print_type(const struct vw_schema *s, const struct vw_type *t, FILE *out)
{
    if (t->is_typedef) {
        fputs("typedef ", out);
        if (t->alias_of)
            print_declaration(t->alias_of, t->name, out);
        else {
            struct vw_type unnamed = *t;
            unnamed.name = NULL;
            print_expanded(&unnamed, t->name, out);
        }
        fputs(";\n", out);
        return;
    }
    static const char *const words[] = {
        [VW_ENUM] = "enum", [VW_STRUCT] = "struct", [VW_UNION] = "union"};
    fprintf(out, "%s %s ", words[t->kind], t->name);
    print_members(s, t, out);
    fputs(";\n", out);
}

/* A program whose numbers stand in no enum was written as a block. */
static bool is_block(const struct vw_schema *s, const struct vw_program *program)
{
    size_t n;
    const struct vw_type *const *types = vw_schema_types(s, &n);

    for (size_t i = 0; i < n && program->n_procs > 0; i++)
        for (uint32_t j = 0; types[i]->kind == VW_ENUM && j < types[i]->n_members; j++)
            if (strcmp(types[i]->members[j].name, program->procs[0].name) == 0)
                return false;
    return true;
}

bool vw_print_x(const struct vw_schema *s, FILE *out)
{
    size_t n;
    const struct vw_program *const *programs = vw_schema_programs(s, &n);

    for (size_t i = 0; i < n; i++)
        if (is_block(s, programs[i]))
            return false;
    const struct vw_const *const *consts = vw_schema_consts(s, &n);

    for (size_t i = 0; i < n; i++)
        if (!consts[i]->external)
            fprintf(out, "const %s = %" PRId64 ";\n", consts[i]->name, consts[i]->value);
    const struct vw_type *const *types = vw_schema_types(s, &n);
    for (size_t i = 0; i < n; i++)
        print_type(s, types[i], out);
    return true;
}
