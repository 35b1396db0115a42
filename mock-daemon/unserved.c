// SPDX-License-Identifier: MIT
// A row for each procedure that the test driver of libvirtd 9.0.0 has not and that is not always
// answered with NO_SUPPORT: it was asked with arguments of which nothing is there.
#include "mock-daemon/unserved.h"

#include "mock-daemon/calls.h"
#include "mock-daemon/rows.h"
#include "schema/facts.h"

enum wanted { WANTS_MEMBER, WANTS_DESCRIPTOR, WANTS_MORE /* than there can be */ };

struct unserved {
    const char *program, *procedure;
    enum wanted wanted;
    uint32_t args_size, at, size; /* the member; it must not be all zeros */
    bool daemon;                  /* that refuses it, not the library in it */
};

#define MEMBER(prefix, program, proc, m)                                                           \
    {                                                                                              \
        program, #proc, WANTS_MEMBER, sizeof(struct prefix##proc##_args),                          \
            offsetof(struct prefix##proc##_args, m), sizeof(((struct prefix##proc##_args *)0)->m)  \
    }
#define REMOTE(proc, m) MEMBER(remote_, "remote", proc, m)
#define REFUSED(proc, w, by_daemon)                                                                \
    {                                                                                              \
        .program = "remote", .procedure = #proc, .wanted = (w), .daemon = (by_daemon)              \
    }

static const struct unserved table[] = {
    REMOTE(domain_block_peek, path.len),
    REMOTE(connect_baseline_hypervisor_cpu, xmlCPUs.count),
    REMOTE(node_set_memory_parameters, params.count),
    REMOTE(node_alloc_pages, pageSizes.count),
    REMOTE(domain_set_launch_security_state, params.count),
    REMOTE(secret_set_value, value.len),
    MEMBER(qemu_, "qemu", domain_attach, pid_value),
    REFUSED(domain_fd_associate, WANTS_DESCRIPTOR, false),
    REFUSED(domain_open_graphics, WANTS_DESCRIPTOR, true),
    /* What cannot be asked for cannot be given back. */
    REFUSED(connect_secret_event_deregister_any, WANTS_MORE, true),
    {"qemu", "connect_domain_monitor_event_deregister", WANTS_MORE, .daemon = true},
};

static const struct unserved *row_of(const struct vw_proc *proc)
{
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        if (strcmp(table[i].procedure, vw_proc_today(proc)) == 0 &&
            strcmp(table[i].program, proc->program->name) == 0)
            return &table[i];
    }
    return NULL;
}

/* A member that lies elsewhere in this profile is there. */
static bool has_member(const struct unserved *u, const struct vw_event *call)
{
    const uint8_t *at = call->value;
    uint32_t i = 0;
    if (call->proc->args->size != u->args_size)
        return true;
    while (i < u->size && !at[u->at + i])
        i++;
    return i < u->size;
}

bool vw_unserved_refuses(struct vw_call *c)
{
    const struct unserved *u = row_of(c->event->proc);
    if (!u || (u->wanted == WANTS_MEMBER && has_member(u, c->event)) ||
        (u->wanted == WANTS_DESCRIPTOR && c->event->n_fds > 0))
        return false;
    vw_call_fail(c, u->daemon ? VW_ERR_INTERNAL : VW_ERR_INVALID_ARG,
                 u->daemon ? VW_FROM_RPC : vw_proc_facts(c->event->proc)->domain,
                 "something is missing that it needs");
    return true;
}
