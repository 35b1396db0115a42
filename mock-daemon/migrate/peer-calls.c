// SPDX-License-Identifier: MIT
// What the target of a migration is asked in each step, and what its answers say.
#include <string.h>

#include "mock-daemon/migrate/peer.h"
#include "mock-daemon/params.h"
#include "transport/transport.h"

/* virDrvFeature */
enum { FEATURE_MIGRATION_V3 = 6, FEATURE_MIGRATION_PARAMS = 13 };
/* Milliseconds that the target has for each answer. */
#define ANSWER_MS 30000
/* What does not concern the target: to abort on an error, to converge. */
#define SOURCE_ONLY ((uint64_t)(1 << 12 | 1 << 13))

/* ---- answers ---- */

static bool asks(const struct vw_migrate_peer *p)
{
    return p->step == VW_PEER_ASKS || p->step == VW_PEER_ASKS_VERSION;
}

/* What the target says of itself is for its own cookies, and the address is for who moves memory.
 */
static void on_done(void *user, struct vw_client *client, const struct vw_event *ev)
{
    struct vw_migrate_peer *p = user;
    p->answered = true;
    if (ev->kind == VW_EVENT_REPLY && asks(p)) {
        p->version3 = ((const struct remote_connect_supports_feature_ret *)ev->value)->supported;
        p->params = p->version3 && p->step == VW_PEER_ASKS;
    } else if (ev->kind == VW_EVENT_ERROR && p->code == 0 && p->step != VW_PEER_CLOSES) {
        p->refused = true;
        p->code = ev->error.code;
        p->domain = ev->error.domain;
        snprintf(p->why, sizeof(p->why), "%s", ev->error.message ? ev->error.message : "");
    }
}

/* ---- questions ---- */

static struct vw_string *optional(struct vw_migrate_peer *p, const char *text)
{
    struct vw_string *s = text ? vw_arena_zalloc(&p->arena, sizeof(*s), _Alignof(void *)) : NULL;
    if (s)
        *s = vw_string(text);
    return s;
}

static int submit(struct vw_migrate_peer *p, const char *name, const void *args, bool stream,
                  struct vw_error *err)
{
    static const struct vw_stream_options plain = {VW_STREAM_OPTIONS_INIT};
    const struct vw_submission what = {VW_SUBMISSION_INIT,
                                       .proc = vw_profile_proc(vw_client_profile(p->client), name),
                                       .args = args,
                                       .deadline_ms = vw_now_ms() + ANSWER_MS,
                                       .done = on_done,
                                       .user = p,
                                       .stream = stream ? &plain : NULL};
    return stream ? vw_stream_submit(p->client, &what, &p->stream, err)
                  : vw_client_submit(p->client, &what, NULL, err);
}

static void add_text(struct vw_list *params, const char *name, const char *text)
{
    struct remote_typed_param *list = params->items;
    if (!text)
        return;
    list[params->count] = (struct remote_typed_param){.field = vw_string(name)};
    list[params->count].value.type = VW_PARAM_STRING;
    list[params->count++].value.u.s = vw_string(text);
}

static uint32_t target_flags(const struct vw_migrate_peer *p)
{
    return (uint32_t)(p->wish.flags & ~SOURCE_ONLY);
}

static int prepare_params(struct vw_migrate_peer *p, struct vw_error *err)
{
    struct remote_typed_param list[3];
    struct remote_domain_migrate_prepare3_params_args args = {
        .params = {list, 0}, .cookie_in = p->wish.cookie, .flags = target_flags(p)};
    add_text(&args.params, "destination_xml", p->wish.xml);
    add_text(&args.params, "destination_name", p->wish.dname);
    add_text(&args.params, "migrate_uri", p->wish.uri);
    return submit(p, "domain_migrate_prepare3_params", &args, false, err);
}

static int prepare_tunnel_params(struct vw_migrate_peer *p, struct vw_error *err)
{
    struct remote_typed_param list[2];
    struct remote_domain_migrate_prepare_tunnel3_params_args args = {
        .params = {list, 0}, .cookie_in = p->wish.cookie, .flags = target_flags(p)};
    add_text(&args.params, "destination_xml", p->wish.xml);
    add_text(&args.params, "destination_name", p->wish.dname);
    return submit(p, "domain_migrate_prepare_tunnel3_params", &args, true, err);
}

static int prepare_tunnel(struct vw_migrate_peer *p, struct vw_error *err)
{
    const struct remote_domain_migrate_prepare_tunnel3_args args = {
        p->wish.cookie, target_flags(p), optional(p, p->wish.dname), p->wish.bandwidth,
        vw_string(p->wish.xml)};
    return submit(p, "domain_migrate_prepare_tunnel3", &args, true, err);
}

static int prepare2(struct vw_migrate_peer *p, struct vw_error *err)
{
    const struct vw_wish *w = &p->wish;
    const struct remote_domain_migrate_prepare2_args plain = {optional(p, w->uri), target_flags(p),
                                                              optional(p, w->dname), w->bandwidth,
                                                              vw_string(w->xml)};
    const struct remote_domain_migrate_prepare_tunnel_args tunnel = {
        target_flags(p), optional(p, w->dname), w->bandwidth, vw_string(w->xml)};
    return w->flags & VW_MIGRATE_TUNNELLED
               ? submit(p, "domain_migrate_prepare_tunnel", &tunnel, true, err)
               : submit(p, "domain_migrate_prepare2", &plain, false, err);
}

static int prepare(struct vw_migrate_peer *p, struct vw_error *err)
{
    const struct vw_wish *w = &p->wish;
    const struct remote_domain_migrate_prepare3_args args = {w->cookie,       optional(p, w->uri),
                                                             target_flags(p), optional(p, w->dname),
                                                             w->bandwidth,    vw_string(w->xml)};
    if (!p->version3)
        return prepare2(p, err);
    if (w->flags & VW_MIGRATE_TUNNELLED)
        return p->params ? prepare_tunnel_params(p, err) : prepare_tunnel(p, err);
    return p->params ? prepare_params(p, err)
                     : submit(p, "domain_migrate_prepare3", &args, false, err);
}

static int finish(struct vw_migrate_peer *p, struct vw_error *err)
{
    const struct vw_wish *w = &p->wish;
    const char *name = w->dname ? w->dname : p->migration->domain->o.name.data;
    const int cancelled = p->code != 0;
    struct remote_typed_param list[1];
    struct vw_list params = {list, 0};
    add_text(&params, "destination_name", name);
    const struct remote_domain_migrate_finish3_params_args with = {params, w->cookie,
                                                                   target_flags(p), cancelled};
    const struct remote_domain_migrate_finish3_args without = {.dname = vw_string(name),
                                                               .cookie_in = w->cookie,
                                                               .uri = optional(p, w->uri),
                                                               .flags = target_flags(p),
                                                               .cancelled = cancelled};
    const struct remote_domain_migrate_finish2_args before = {
        vw_string(name), w->cookie, vw_string(w->uri ? w->uri : ""), target_flags(p), cancelled};
    if (!p->version3)
        return submit(p, "domain_migrate_finish2", &before, false, err);
    return p->params ? submit(p, "domain_migrate_finish3_params", &with, false, err)
                     : submit(p, "domain_migrate_finish3", &without, false, err);
}

int vw_peer_ask(struct vw_migrate_peer *p, struct vw_error *err)
{
    const struct remote_connect_supports_feature_args feature = {
        p->step == VW_PEER_ASKS ? FEATURE_MIGRATION_PARAMS : FEATURE_MIGRATION_V3};
    switch (p->step) {
    case VW_PEER_ASKS:
    case VW_PEER_ASKS_VERSION:
        return submit(p, "connect_supports_feature", &feature, false, err);
    case VW_PEER_PREPARES:
        return prepare(p, err);
    case VW_PEER_FINISHES:
        return finish(p, err);
    default:
        return submit(p, "connect_close", NULL, false, err);
    }
}
