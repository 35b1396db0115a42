// SPDX-License-Identifier: MIT
#include "mock-daemon/stack.h"

#include <stdlib.h>
#include <string.h>

#include "mock-daemon/daemon.h"
#include "mock-daemon/faults/tamper.h"
#include "mock-daemon/rules/rules.h"

static struct vw_rules_file *rules_of(const struct vw_daemon *d)
{
    return d->stack.loaded ? d->stack.rules : d->rules;
}

/* Puts the members together, with their places, and gives the stack to all connections. */
static void put_together(struct vw_daemon *d)
{
    struct vw_stack *s = &d->stack;
    struct vw_rules_file *rules = rules_of(d);
    struct vw_fault **end = &s->faults;
    unsigned index = 0;
    for (; *end && *end != &s->bottom; end = &(*end)->next)
        (*end)->index = index++;
    s->bottom = (struct vw_fault){.kind = &vw_tamper_end, .index = index};
    *end = &s->bottom;
    d->faults = rules ? vw_rules_stack(rules, &vw_tamper_end, s->faults) : s->faults;
    for (struct vw_conn *c = TAILQ_FIRST(&d->conns); c; c = TAILQ_NEXT(c, link)) {
        if (c->tamper)
            vw_tamper_restack(c, d->faults);
    }
}

int vw_stack_begin(struct vw_daemon *d, struct vw_error *err)
{
    struct vw_fault **end = &d->stack.faults;
    for (const struct vw_fault *f = d->faults; f; f = f->next) {
        if (f->own || f->kind == &vw_tamper_end)
            continue;
        *end = calloc(1, sizeof(**end));
        if (!*end)
            return vw_error_nomem(err);
        (*end)->kind = f->kind;
        (*end)->value = f->value;
        end = &(*end)->next;
    }
    put_together(d);
    return 0;
}

void vw_stack_finish(struct vw_daemon *d)
{
    struct vw_stack *s = &d->stack;
    struct vw_fault **end = &s->faults;
    while (*end && *end != &s->bottom)
        end = &(*end)->next;
    *end = NULL;
    vw_faults_destroy(s->faults);
    vw_rules_destroy(s->rules);
    *s = (struct vw_stack){0};
}

int vw_stack_add(struct vw_daemon *d, const char *word, struct vw_error *err)
{
    struct vw_fault *one, **end = &d->stack.faults;
    int rc = vw_faults_parse(&word, 1, NULL, &one, err);
    if (rc < 0)
        return rc;
    while (*end != &d->stack.bottom)
        end = &(*end)->next;
    one->next = *end;
    *end = one;
    put_together(d);
    return 0;
}

int vw_stack_remove(struct vw_daemon *d, const char *name, struct vw_error *err)
{
    bool all = strcmp(name, "all") == 0;
    struct vw_fault *gone = NULL, **at = &d->stack.faults;
    while (*at != &d->stack.bottom) {
        struct vw_fault *f = *at;
        if (!all && strcmp(f->kind->name, name) != 0) {
            at = &f->next;
            continue;
        }
        *at = f->next;
        f->next = gone;
        gone = f;
    }
    if (!gone && !all)
        return vw_error_set(err, VW_ENAME, "no fault '%s' is switched on", name);
    put_together(d);
    vw_faults_destroy(gone);
    return 0;
}

int vw_stack_load(struct vw_daemon *d, const char *path, struct vw_error *err)
{
    struct vw_rules_file *rules = NULL, *old = d->stack.rules;
    int rc = path ? vw_rules_load(path, d->profile, &rules, err) : 0;
    if (rc < 0)
        return rc;
    d->stack.rules = rules;
    d->stack.loaded = true;
    put_together(d);
    vw_rules_destroy(old);
    return 0;
}
