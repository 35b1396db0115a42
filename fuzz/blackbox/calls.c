// SPDX-License-Identifier: MIT
// Which procedures a campaign calls (generate.h).
#include <stdlib.h>
#include <string.h>

#include "conformance/cases/select.h"
#include "fuzz/blackbox/generate.h"

#define DEPTH_MAX 6 /* of a result in which objects are looked for */

/* The programs that one socket of a hypervisor's daemon serves. */
static const char *const programs[] = {"remote", "qemu", "lxc"};

static bool fits(const struct vw_proc *p, const char *const *patterns, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (vw_select_match(patterns[i], p->short_name) ||
            vw_select_match(patterns[i], vw_proc_today(p)))
            return true;
    return false;
}

/* Opening is the log-in's matter: under another name it would be about another driver, to which
 * other things could be done than to the one that was named. What closes ends the connection. */
static bool may_be_called(const struct vw_generator_options *o, const struct vw_proc *p)
{
    const struct vw_facts *f = vw_proc_facts(p);
    const struct vw_proc *open = vw_schema_call(o->profile->schema, "remote", "connect_open");
    return p->kind == VW_PROC_CALL && p != open && f->effect <= o->allowed &&
           !(f->before & VW_BEFORE_CLOSE);
}

static bool has_objects(const struct vw_type *t, int depth)
{
    if (!t || depth == 0)
        return false;
    if (t->kind == VW_STRUCT && t->name && strstr(t->name, "nonnull"))
        return true;
    if (t->elem && has_objects(t->elem, depth - 1))
        return true;
    for (uint32_t i = 0; t->kind == VW_STRUCT && i < t->n_fields; i++)
        if (has_objects(t->fields[i].type, depth - 1))
            return true;
    return false;
}

static void add(struct vw_calls *c, const struct vw_proc *p)
{
    c->list[c->count] = p;
    c->tells[c->count++] = has_objects(p->ret, DEPTH_MAX) && !has_objects(p->args, DEPTH_MAX);
}

static void choose_of(const struct vw_generator_options *o, const struct vw_program *p,
                      struct vw_calls *out)
{
    for (uint32_t i = 0; p && i < p->n_procs; i++) {
        const struct vw_proc *proc = &p->procs[i];
        if (may_be_called(o, proc) && (o->n_run == 0 || fits(proc, o->run, o->n_run)) &&
            !fits(proc, o->skip, o->n_skip))
            add(out, proc);
    }
}

/* A pattern that fits nothing is a slip of the pen, and not what was meant. */
static int check_patterns(const struct vw_schema *s, const char *const *patterns, size_t n,
                          struct vw_error *err)
{
    for (size_t i = 0; i < n; i++) {
        bool found = false;
        for (size_t k = 0; k < sizeof(programs) / sizeof(programs[0]); k++) {
            const struct vw_program *p = vw_schema_program_named(s, programs[k]);
            for (uint32_t j = 0; p && j < p->n_procs && !found; j++)
                found = fits(&p->procs[j], &patterns[i], 1);
        }
        if (!found)
            return vw_error_set(err, VW_ENAME, "\"%.60s\" fits no procedure", patterns[i]);
    }
    return 0;
}

int vw_calls_choose(const struct vw_generator_options *o, struct vw_calls *out,
                    struct vw_error *err)
{
    const struct vw_schema *s = o->profile->schema;
    size_t room = 1;
    *out = (struct vw_calls){0};
    int rc = check_patterns(s, o->run, o->n_run, err);
    if (rc == 0)
        rc = check_patterns(s, o->skip, o->n_skip, err);
    for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++) {
        const struct vw_program *p = vw_schema_program_named(s, programs[i]);
        room += p ? p->n_procs : 0;
    }
    out->list = calloc(room, sizeof(*out->list));
    out->tells = calloc(room, sizeof(*out->tells));
    out->left_out = calloc(room, sizeof(*out->left_out));
    if (rc == 0 && (!out->list || !out->tells || !out->left_out))
        rc = vw_error_nomem(err);
    for (size_t i = 0; rc == 0 && i < sizeof(programs) / sizeof(programs[0]); i++)
        choose_of(o, vw_schema_program_named(s, programs[i]), out);
    out->fence = vw_schema_call(s, "remote", "connect_get_type");
    out->bare_fence = vw_schema_call(s, "remote", "auth_list");
    if (!out->bare_fence)
        out->bare_fence = out->fence;
    if (rc == 0 && (out->count == 0 || !out->fence))
        rc = vw_error_set(err, VW_EVALUE, "there is no procedure that may be called");
    return rc;
}

void vw_calls_finish(struct vw_calls *c)
{
    free(c->list);
    free(c->tells);
    free(c->left_out);
    *c = (struct vw_calls){0};
}

void vw_calls_leave_out(struct vw_calls *c, const struct vw_proc *proc)
{
    for (size_t i = 0; i < c->count; i++)
        if (c->list[i] == proc)
            c->left_out[i] = true;
}
