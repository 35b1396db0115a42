// SPDX-License-Identifier: MIT
// Migration as hypervisors have it that are no test driver: the calls of versions 1 and 2 of the
// protocol, of version 3, and of that with typed parameters. What they do is in migrate/.
#include "mock-daemon/migrate/migration.h"
#include "mock-daemon/conn.h"
#include "mock-daemon/daemon.h"
#include "mock-daemon/rows.h"
#include "mock-daemon/transfer.h"

/* virErrorNumber */
enum { ERR_OVERFLOW = 70 };

/* ---- version 3 with typed parameters ---- */

enum vw_outcome
vw_on_domain_migrate_begin3_params(struct vw_call *c,
                                   const struct remote_domain_migrate_begin3_params_args *args,
                                   struct remote_domain_migrate_begin3_params_ret *ret)
{
    struct vw_domain *d = vw_call_domain(c, &args->dom);
    struct vw_wish w;
    if (!d || vw_wish_read(c, &args->params, args->flags, &(struct vw_bytes){0}, &w) != VW_DONE)
        return VW_FAILED;
    return vw_source_begin(c, d, &w, &ret->xml, &ret->cookie_out);
}

enum vw_outcome
vw_on_domain_migrate_prepare3_params(struct vw_call *c,
                                     const struct remote_domain_migrate_prepare3_params_args *args,
                                     struct remote_domain_migrate_prepare3_params_ret *ret)
{
    struct vw_wish w;
    if (vw_wish_read(c, &args->params, args->flags, &args->cookie_in, &w) != VW_DONE)
        return VW_FAILED;
    return vw_target_prepare(c, &w, false, &ret->cookie_out, &ret->uri_out);
}

/* By the client, or if that is asked for by the daemon itself, which connects to DCONNURI. */
static enum vw_outcome perform(struct vw_call *c, const struct remote_nonnull_domain *dom,
                               const struct vw_wish *w, const struct vw_string *dconnuri,
                               struct vw_bytes *cookie)
{
    struct vw_domain *d = vw_call_domain(c, dom);
    if (!d)
        return VW_FAILED;
    if (w->flags & VW_MIGRATE_PEER2PEER)
        return vw_source_perform_peer(c, d, w, vw_wish_text(dconnuri));
    return vw_source_perform(c, d, w, cookie);
}

enum vw_outcome
vw_on_domain_migrate_perform3_params(struct vw_call *c,
                                     const struct remote_domain_migrate_perform3_params_args *args,
                                     struct remote_domain_migrate_perform3_params_ret *ret)
{
    struct vw_wish w;
    if (vw_wish_read(c, &args->params, args->flags, &args->cookie_in, &w) != VW_DONE)
        return VW_FAILED;
    return perform(c, &args->dom, &w, args->dconnuri, &ret->cookie_out);
}

enum vw_outcome
vw_on_domain_migrate_finish3_params(struct vw_call *c,
                                    const struct remote_domain_migrate_finish3_params_args *args,
                                    struct remote_domain_migrate_finish3_params_ret *ret)
{
    struct vw_wish w;
    if (vw_wish_read(c, &args->params, args->flags, &args->cookie_in, &w) != VW_DONE)
        return VW_FAILED;
    return vw_target_finish(c, &w, args->cancelled != 0, &ret->dom, &ret->cookie_out);
}

enum vw_outcome
vw_on_domain_migrate_confirm3_params(struct vw_call *c,
                                     const struct remote_domain_migrate_confirm3_params_args *args)
{
    struct vw_domain *d = vw_call_domain(c, &args->dom);
    struct vw_wish w;
    if (!d || vw_wish_read(c, &args->params, args->flags, &args->cookie_in, &w) != VW_DONE)
        return VW_FAILED;
    return vw_source_confirm(c, d, args->cancelled != 0);
}

/* ---- version 3 without ---- */

enum vw_outcome vw_on_domain_migrate_begin3(struct vw_call *c,
                                            const struct remote_domain_migrate_begin3_args *args,
                                            struct remote_domain_migrate_begin3_ret *ret)
{
    struct vw_domain *d = vw_call_domain(c, &args->dom);
    const struct vw_wish w = {.flags = args->flags,
                              .xml = vw_wish_text(args->xmlin),
                              .dname = vw_wish_text(args->dname),
                              .bandwidth = args->bandwidth};
    return d ? vw_source_begin(c, d, &w, &ret->xml, &ret->cookie_out) : VW_FAILED;
}

enum vw_outcome
vw_on_domain_migrate_prepare3(struct vw_call *c,
                              const struct remote_domain_migrate_prepare3_args *args,
                              struct remote_domain_migrate_prepare3_ret *ret)
{
    const struct vw_wish w = {.flags = args->flags,
                              .xml = vw_wish_text(&args->dom_xml),
                              .dname = vw_wish_text(args->dname),
                              .uri = vw_wish_text(args->uri_in),
                              .cookie = args->cookie_in};
    return vw_target_prepare(c, &w, false, &ret->cookie_out, &ret->uri_out);
}

enum vw_outcome
vw_on_domain_migrate_perform3(struct vw_call *c,
                              const struct remote_domain_migrate_perform3_args *args,
                              struct remote_domain_migrate_perform3_ret *ret)
{
    const struct vw_wish w = {.flags = args->flags,
                              .xml = vw_wish_text(args->xmlin),
                              .dname = vw_wish_text(args->dname),
                              .uri = vw_wish_text(args->uri),
                              .bandwidth = args->bandwidth,
                              .cookie = args->cookie_in};
    return perform(c, &args->dom, &w, args->dconnuri, &ret->cookie_out);
}

enum vw_outcome vw_on_domain_migrate_finish3(struct vw_call *c,
                                             const struct remote_domain_migrate_finish3_args *args,
                                             struct remote_domain_migrate_finish3_ret *ret)
{
    const struct vw_wish w = {
        .flags = args->flags, .dname = vw_wish_text(&args->dname), .cookie = args->cookie_in};
    return vw_target_finish(c, &w, args->cancelled != 0, &ret->dom, &ret->cookie_out);
}

enum vw_outcome
vw_on_domain_migrate_confirm3(struct vw_call *c,
                              const struct remote_domain_migrate_confirm3_args *args)
{
    struct vw_domain *d = vw_call_domain(c, &args->dom);
    return d ? vw_source_confirm(c, d, args->cancelled != 0) : VW_FAILED;
}

/* ---- versions 1 and 2, which have neither begin nor confirm ---- */

enum vw_outcome vw_on_domain_migrate_prepare(struct vw_call *c,
                                             const struct remote_domain_migrate_prepare_args *args,
                                             struct remote_domain_migrate_prepare_ret *ret)
{
    const struct vw_wish w = {.flags = args->flags,
                              .dname = vw_wish_text(args->dname),
                              .uri = vw_wish_text(args->uri_in)};
    return vw_target_expect(c, &w, &ret->uri_out);
}

enum vw_outcome
vw_on_domain_migrate_prepare2(struct vw_call *c,
                              const struct remote_domain_migrate_prepare2_args *args,
                              struct remote_domain_migrate_prepare2_ret *ret)
{
    const struct vw_wish w = {.flags = args->flags,
                              .xml = vw_wish_text(&args->dom_xml),
                              .dname = vw_wish_text(args->dname),
                              .uri = vw_wish_text(args->uri_in)};
    return vw_target_prepare(c, &w, false, &ret->cookie, &ret->uri_out);
}

/* Peer to peer URI is that of the target, which then has version 3 where it can. */
enum vw_outcome vw_on_domain_migrate_perform(struct vw_call *c,
                                             const struct remote_domain_migrate_perform_args *args)
{
    struct vw_wish w = {.flags = args->flags,
                        .dname = vw_wish_text(args->dname),
                        .bandwidth = args->bandwidth,
                        .cookie = args->cookie};
    return perform(c, &args->dom, &w, &args->uri, NULL);
}

enum vw_outcome vw_on_domain_migrate_finish(struct vw_call *c,
                                            const struct remote_domain_migrate_finish_args *args,
                                            struct remote_domain_migrate_finish_ret *ret)
{
    return vw_target_appear(c, vw_text(&args->dname), args->flags, &ret->ddom);
}

enum vw_outcome vw_on_domain_migrate_finish2(struct vw_call *c,
                                             const struct remote_domain_migrate_finish2_args *args,
                                             struct remote_domain_migrate_finish2_ret *ret)
{
    struct vw_bytes cookie;
    const struct vw_wish w = {
        .flags = args->flags, .dname = vw_wish_text(&args->dname), .cookie = args->cookie};
    return vw_target_finish(c, &w, args->retcode != 0, &ret->ddom, &cookie);
}

/* ---- the tunnel ---- */

static const char *through(struct vw_transfer *t, const uint8_t *bytes, size_t len)
{
    t->at += len;
    return NULL;
}

/* Who arrives by it is there, if anything came at all. */
static void end_of_tunnel(struct vw_transfer *t)
{
    for (struct vw_migration *m = LIST_FIRST(&t->conn->daemon->migrations); m;
         m = LIST_NEXT(m, link)) {
        if (m->tunnelled && m->owner == t->conn && m->serial == t->header.serial)
            m->whole = t->at > 0;
    }
}

static enum vw_outcome prepare_tunnel(struct vw_call *c, const struct vw_wish *w,
                                      struct vw_bytes *cookie)
{
    static const struct vw_transfer_kind tunnel = {.data = through, .finish = end_of_tunnel};
    if (vw_transfer_take(c, &tunnel) != VW_DONE)
        return VW_FAILED;
    return vw_target_prepare(c, w, true, cookie, NULL);
}

enum vw_outcome vw_on_domain_migrate_prepare_tunnel3_params(
    struct vw_call *c, const struct remote_domain_migrate_prepare_tunnel3_params_args *args,
    struct remote_domain_migrate_prepare_tunnel3_params_ret *ret)
{
    struct vw_wish w;
    if (vw_wish_read(c, &args->params, args->flags, &args->cookie_in, &w) != VW_DONE)
        return VW_FAILED;
    return prepare_tunnel(c, &w, &ret->cookie_out);
}

enum vw_outcome
vw_on_domain_migrate_prepare_tunnel3(struct vw_call *c,
                                     const struct remote_domain_migrate_prepare_tunnel3_args *args,
                                     struct remote_domain_migrate_prepare_tunnel3_ret *ret)
{
    const struct vw_wish w = {.flags = args->flags,
                              .xml = vw_wish_text(&args->dom_xml),
                              .dname = vw_wish_text(args->dname),
                              .cookie = args->cookie_in};
    return prepare_tunnel(c, &w, &ret->cookie_out);
}

enum vw_outcome
vw_on_domain_migrate_prepare_tunnel(struct vw_call *c,
                                    const struct remote_domain_migrate_prepare_tunnel_args *args)
{
    struct vw_bytes cookie;
    const struct vw_wish w = {.flags = args->flags,
                              .xml = vw_wish_text(&args->dom_xml),
                              .dname = vw_wish_text(args->dname)};
    return prepare_tunnel(c, &w, &cookie);
}

/* ---- what migrations of a domain may do ---- */

/* What hypervisors take for no limit, in MiB/s, and milliseconds that a guest may stand still. */
#define SPEED_MAX (INT64_MAX >> 20)
#define DOWNTIME  300

enum vw_outcome
vw_on_domain_migrate_get_max_speed(struct vw_call *c,
                                   const struct remote_domain_migrate_get_max_speed_args *args,
                                   struct remote_domain_migrate_get_max_speed_ret *ret)
{
    const struct vw_domain *d = vw_call_domain(c, &args->dom);
    if (!d || vw_call_check_flags(c, args->flags, 0) != VW_DONE)
        return VW_FAILED;
    ret->bandwidth = d->max_speed ? d->max_speed : SPEED_MAX;
    return VW_DONE;
}

enum vw_outcome
vw_on_domain_migrate_set_max_speed(struct vw_call *c,
                                   const struct remote_domain_migrate_set_max_speed_args *args)
{
    struct vw_domain *d = vw_call_domain(c, &args->dom);
    if (!d || vw_call_check_flags(c, args->flags, 0) != VW_DONE)
        return VW_FAILED;
    if (args->bandwidth > SPEED_MAX)
        return vw_call_fail(c, ERR_OVERFLOW, VW_FROM_QEMU, "no speed is as high as that");
    d->max_speed = args->bandwidth == SPEED_MAX ? 0 : args->bandwidth;
    if (d->migration && d->migration->phase == VW_MIGRATION_MOVING)
        vw_source_move(d->migration, d->max_speed);
    return VW_DONE;
}

enum vw_outcome vw_on_domain_migrate_get_max_downtime(
    struct vw_call *c, const struct remote_domain_migrate_get_max_downtime_args *args,
    struct remote_domain_migrate_get_max_downtime_ret *ret)
{
    const struct vw_domain *d = vw_domain_running(c, &args->dom, args->flags, 0);
    if (!d)
        return VW_FAILED;
    ret->downtime = d->max_downtime ? d->max_downtime : DOWNTIME;
    return VW_DONE;
}

enum vw_outcome vw_on_domain_migrate_set_max_downtime(
    struct vw_call *c, const struct remote_domain_migrate_set_max_downtime_args *args)
{
    struct vw_domain *d = vw_domain_running(c, &args->dom, args->flags, 0);
    if (!d)
        return VW_FAILED;
    d->max_downtime = args->downtime;
    return VW_DONE;
}

/* What is left comes when the other side asks for it: the domain goes at once. */
enum vw_outcome
vw_on_domain_migrate_start_post_copy(struct vw_call *c,
                                     const struct remote_domain_migrate_start_post_copy_args *args)
{
    struct vw_domain *d = vw_domain_running(c, &args->dom, args->flags, 0);
    struct vw_migration *m = d ? d->migration : NULL;
    if (!d)
        return VW_FAILED;
    if (!m || m->phase != VW_MIGRATION_MOVING)
        return vw_call_fail(c, ERR_OPERATION_INVALID, VW_FROM_QEMU,
                            "the domain is not being migrated");
    if (!(m->flags & VW_MIGRATE_POSTCOPY))
        return vw_call_fail(c, ERR_OPERATION_INVALID, VW_FROM_QEMU,
                            "the migration was not started for that");
    vw_source_move(m, 0);
    return VW_DONE;
}

static const struct vw_row rows[] = {
    VW_HOSTED(domain_migrate_prepare),
    VW_HOSTED(domain_migrate_perform),
    VW_HOSTED(domain_migrate_finish),
    VW_HOSTED(domain_migrate_prepare2),
    VW_HOSTED(domain_migrate_finish2),
    VW_HOSTED(domain_migrate_prepare_tunnel),
    VW_HOSTED(domain_migrate_begin3),
    VW_HOSTED(domain_migrate_prepare3),
    VW_HOSTED(domain_migrate_perform3),
    VW_HOSTED(domain_migrate_finish3),
    VW_HOSTED(domain_migrate_confirm3),
    VW_HOSTED(domain_migrate_prepare_tunnel3),
    VW_HOSTED(domain_migrate_begin3_params),
    VW_HOSTED(domain_migrate_prepare3_params),
    VW_HOSTED(domain_migrate_prepare_tunnel3_params),
    VW_HOSTED(domain_migrate_perform3_params),
    VW_HOSTED(domain_migrate_finish3_params),
    VW_HOSTED(domain_migrate_confirm3_params),
    VW_HOSTED(domain_migrate_get_max_speed),
    VW_HOSTED(domain_migrate_set_max_speed),
    VW_HOSTED(domain_migrate_get_max_downtime),
    VW_HOSTED(domain_migrate_set_max_downtime),
    VW_HOSTED(domain_migrate_start_post_copy),
    {NULL},
};

const struct vw_object_kind vw_object_kind_migration = {
    .name = "migration", .rows = rows, .migration = true, .about = &vw_object_kind_domain};
