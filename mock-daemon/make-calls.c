// SPDX-License-Identifier: MIT
// Writes what the handlers of virwired are made of: the types of today's protocol, and for each
// call of the remote program the prototype of its handler. Run by the build. Usage: make-calls
#include <stdio.h>

#include "schema/profile.h"

static void put_call(const struct vw_proc *p, FILE *out)
{
    fprintf(out, "\nenum vw_outcome vw_on_%s(struct vw_call *c", p->short_name);
    if (p->args)
        fprintf(out, ", const struct %s *args", p->args->name);
    if (p->ret)
        fprintf(out, ", struct %s *ret", p->ret->name);
    fprintf(out,
            ");\nstatic inline enum vw_outcome vw_run_%s(struct vw_call *c, const void *args, "
            "void *ret)\n{\n    return vw_on_%s(c%s%s);\n}\n",
            p->short_name, p->short_name, p->args ? ", args" : "", p->ret ? ", ret" : "");
}

static int put_calls(const struct vw_schema *s, FILE *out)
{
    const struct vw_program *remote = vw_schema_program_named(s, "remote");
    int rc = vw_schema_header(s, "calls", out);
    if (rc)
        return rc;
    fputs(
        "\n/* The handler of each call; *RET is 0 at first. vw_run_* is the same for a table. */\n"
        "#include \"mock-daemon/handler.h\"\n",
        out);
    for (uint32_t i = 0; i < remote->n_procs; i++) {
        if (remote->procs[i].kind == VW_PROC_CALL)
            put_call(&remote->procs[i], out);
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
