// SPDX-License-Identifier: MIT
// Writes the typed C API of the built-in protocol: one function for each procedure that is a call,
// over the structs of `virwire schema header`. Run by the build. Usage: make-api
// types|header|source
#include <stdio.h>
#include <string.h>

#include "schema/profile.h"

/* What a C prototype calls a type: "struct remote_domain_create_args", "void" when there is none.
 */
static const char *struct_name(const struct vw_type *t, char *buf, size_t size)
{
    if (!t)
        return "void";
    bool plain = t->kind != VW_STRUCT && t->kind != VW_UNION;
    snprintf(buf, size, "%s%s", plain || t->alias_of ? "" : "struct ", t->name);
    return buf;
}

static void print_prototype(const struct vw_proc *p, FILE *out)
{
    char args[300], ret[300];
    fprintf(out, "int vw_%s_%s(struct vw_client *c", p->program->name, p->short_name);
    if (p->args)
        fprintf(out, ", const %s *args", struct_name(p->args, args, sizeof(args)));
    if (p->ret)
        fprintf(out, ", struct vw_arena *arena,\n    %s **ret",
                struct_name(p->ret, ret, sizeof(ret)));
    fprintf(out, ", struct vw_error *err)");
}

static void print_shape(const struct vw_type *t, FILE *out)
{
    if (t)
        fprintf(out, "{%u, %lluu, %lluu}", t->size, (unsigned long long)t->wire_min,
                (unsigned long long)t->wire_max);
    else
        fprintf(out, "{0, 0, 0}");
}

static void print_body(const struct vw_proc *p, FILE *out)
{
    fprintf(out,
            "\n{\n    static const struct vw_api_proc proc = {\"%s.%s\", 0x%08xu, %u, %d,\n    ",
            p->program->name, p->short_name, p->program->number, p->program->version, p->number);
    print_shape(p->args, out);
    fprintf(out, ", ");
    print_shape(p->ret, out);
    fprintf(out, "};\n    return vw_api_call(c, &proc, %s, %s, %s, err);\n}\n\n",
            p->args ? "args" : "NULL", p->ret ? "arena" : "NULL", p->ret ? "(void **)ret" : "NULL");
}

static void print_comment(const struct vw_proc *p, FILE *out)
{
    const char *way = p->readstream ? "read" : p->writestream ? "written" : NULL;
    fprintf(out, "\n/* %s, procedure %d.", p->name, p->number);
    if (way)
        fprintf(out, " Opens a stream that can be %s (S-1).", way);
    fputs(" */\n", out);
}

static void print_calls(const struct vw_schema *s, bool source, FILE *out)
{
    size_t n;
    const struct vw_program *const *programs = vw_schema_programs(s, &n);
    for (size_t i = 0; i < n; i++) {
        for (uint32_t k = 0; k < programs[i]->n_procs; k++) {
            const struct vw_proc *p = &programs[i]->procs[k];
            if (p->kind != VW_PROC_CALL)
                continue;
            if (!source)
                print_comment(p, out);
            print_prototype(p, out);
            if (source)
                print_body(p, out);
            else
                fputs(";\n", out);
        }
    }
}

static const char header_head[] =
    "// SPDX-License-Identifier: MIT\n"
    "// One function for each call of the protocol, made from the schema. ARGS and *RET are the "
    "structs of\n"
    "// protocol.h. *RET lies in ARENA and lives until the arena is reset; RET may be NULL. Blocks "
    "until the\n"
    "// answer has come, at most as long as the client's timeout. Returns 0, or as "
    "vw_client_call:\n"
    "// VW_EREMOTE (vw_client_error says what the server answered), VW_ETIMEOUT, VW_ECLOSED, "
    "VW_EPROTOCOL,\n"
    "// VW_ELIMIT or VW_EVALUE (arguments), VW_ENOMEM; and VW_EUSAGE when the client's profile "
    "does not have\n"
    "// the call, or has it in another shape (0.3.0). One client belongs to one thread at a time.\n"
    "// Clauses H-1 to H-11 (header), D-1 to D-21 (answers).\n"
    "//\n"
    "// Units: the wire carries plain numbers, which mean what they mean in libvirt's function of "
    "that name:\n"
    "// memory of domains and of the node is in KiB, free memory of the node and sizes of volumes "
    "and pools\n"
    "// in bytes, processor time in nanoseconds, migration speed in MiB/s. A pair named seconds "
    "and useconds or\n"
    "// nseconds is one time.\n"
    "#pragma once\n\n"
    "#include <virwire/client.h>\n"
    "#include <virwire/protocol.h>\n\n"
    "VW_BEGIN_DECLS\n";

static const char source_head[] = "// Made by make-api from the schema.\n"
                                  "#include <virwire/calls.h>\n\n"
                                  "#include \"api/api.h\"\n\n";

int main(int argc, char **argv)
{
    struct vw_profile *p;
    struct vw_error err = VW_ERROR_INIT;
    const char *what = argc == 2 ? argv[1] : "";
    if (strcmp(what, "types") != 0 && strcmp(what, "header") != 0 && strcmp(what, "source") != 0) {
        fprintf(stderr, "Usage: make-api types|header|source\n");
        return 2;
    }
    if (vw_profile_load(NULL, NULL, &p, &err)) {
        fprintf(stderr, "make-api: %s\n", err.text);
        return 3;
    }
    if (!strcmp(what, "types")) {
        if (vw_schema_header(p->schema, "protocol", stdout))
            return 3;
    } else {
        bool source = !strcmp(what, "source");
        fputs(source ? source_head : header_head, stdout);
        print_calls(p->schema, source, stdout);
        fputs(source ? "" : "\nVW_END_DECLS\n", stdout);
    }
    vw_profile_destroy(p);
    return fflush(stdout) || ferror(stdout) ? 3 : 0;
}
