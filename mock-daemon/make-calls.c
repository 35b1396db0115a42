// SPDX-License-Identifier: MIT
// Writes what the handlers of virwired are made of: the types of today's protocol, and for each
// call of the remote and admin programs the prototype of its handler. Run by the build. Usage:
// make-calls
#include <stdio.h>

#include "schema/profile.h"

/* PREFIX tells the procedures of a program from those of others. */
static void put_call(const struct vw_proc *p, const char *prefix, FILE *out)
{
    fprintf(out, "\nenum vw_outcome vw_on_%s%s(struct vw_call *c", prefix, p->short_name);
    if (p->args)
        fprintf(out, ", const struct %s *args", p->args->name);
    if (p->ret)
        fprintf(out, ", struct %s *ret", p->ret->name);
    fprintf(out,
            ");\nstatic inline enum vw_outcome vw_run_%s%s(struct vw_call *c, const void *args, "
            "void *ret)\n{\n    return vw_on_%s%s(c%s%s);\n}\n",
            prefix, p->short_name, prefix, p->short_name, p->args ? ", args" : "",
            p->ret ? ", ret" : "");
}

static int put_calls(const struct vw_schema *s, FILE *out)
{
    static const char *const programs[][2] = {{"remote", ""}, {"admin", "admin_"}};
    int rc = vw_schema_header(s, "calls", out);
    if (rc)
        return rc;
    fputs(
        "\n/* The handler of each call; *RET is 0 at first. vw_run_* is the same for a table. */\n"
        "#include \"mock-daemon/handler.h\"\n",
        out);
    for (size_t k = 0; k < sizeof(programs) / sizeof(programs[0]); k++) {
        const struct vw_program *p = vw_schema_program_named(s, programs[k][0]);
        for (uint32_t i = 0; i < p->n_procs; i++) {
            if (p->procs[i].kind == VW_PROC_CALL)
                put_call(&p->procs[i], programs[k][1], out);
        }
    }
    return 0;
}

int main(void)
{
    struct vw_profile *p;
    struct vw_error err = VW_ERROR_INIT;
    int rc = vw_profile_load(NULL, NULL, &p, &err);
    if (rc == 0) {
        rc = put_calls(p->schema, stdout);
        vw_profile_destroy(p);
    }
    if (rc)
        fprintf(stderr, "make-calls: %s\n", err.text);
    return rc || fflush(stdout) || ferror(stdout) ? 3 : 0;
}
