// SPDX-License-Identifier: MIT
// What domains, their disks and interfaces have used: numbers that follow the clock, as the test
// driver makes them.
#include <unistd.h>

#include "mock-daemon/conn.h"
#include "mock-daemon/daemon.h"
#include "mock-daemon/domain-doc.h"
#include "mock-daemon/params.h"
#include "mock-daemon/rows.h"

/* virErrorNumber */
enum { ERR_ARGUMENT_UNSUPPORTED = 74, ERR_OPERATION_UNSUPPORTED = 84 };

static enum vw_outcome invalid(struct vw_call *c, const char *why)
{
    return vw_call_fail(c, VW_ERR_INVALID_ARG, VW_FROM_TEST, why);
}

/* Opens what D runs as; NULL: it does not run. */
static bool open_running(struct vw_call *c, struct vw_doc *doc,
                         const struct remote_nonnull_domain *dom, uint32_t flags)
{
    const struct vw_domain *d = vw_domain_running(c, dom, flags, 0);
    return d && vw_doc_open(doc, c, d, VW_AFFECT_LIVE) == VW_DONE;
}

/* ---- numbers from the clock ---- */

/* A number that grows by one each so many microseconds. */
struct rate {
    size_t at;
    int64_t us;
};
#define SECONDS(n) ((n)*INT64_C(1000000))

static void fill(const struct vw_call *c, void *ret, const struct rate *rates, size_t n)
{
    const int64_t us = vw_clock_ns(&c->conn->daemon->clock) / 1000;
    for (size_t i = 0; i < n; i++) {
        const int64_t v = us / rates[i].us;
        memcpy((uint8_t *)ret + rates[i].at, &v, sizeof(v));
    }
}

#define FILL(c, ret, rates) fill(c, ret, rates, sizeof(rates) / sizeof((rates)[0]))
#define OF(proc, member)    offsetof(struct remote_##proc##_ret, member)

/* The disk of that name, or of that source. */
static xmlNode *disk(struct vw_doc *doc, const char *path)
{
    static const char *const paths[] = {"target@dev", "source@file", "source@dev"};
    xmlNode *n = NULL;
    for (size_t i = 0; !n && i < sizeof(paths) / sizeof(paths[0]); i++)
        n = vw_doc_device(doc, "disk", paths[i], path);
    return n;
}

enum vw_outcome vw_on_domain_block_stats(struct vw_call *c,
                                         const struct remote_domain_block_stats_args *args,
                                         struct remote_domain_block_stats_ret *ret)
{
    static const struct rate rates[] = {{OF(domain_block_stats, rd_req), 10},
                                        {OF(domain_block_stats, rd_bytes), 20},
                                        {OF(domain_block_stats, wr_req), 30},
                                        {OF(domain_block_stats, wr_bytes), 40},
                                        {OF(domain_block_stats, errs), SECONDS(2)}};
    struct vw_doc doc;
    if (!*vw_text(&args->path))
        return vw_call_fail(c, ERR_OPERATION_UNSUPPORTED, VW_FROM_TEST, "of one disk only");
    if (!open_running(c, &doc, &args->dom, 0))
        return VW_FAILED;
    const bool there = disk(&doc, vw_text(&args->path)) != NULL;
    vw_doc_close(&doc);
    FILL(c, ret, rates);
    return there ? VW_DONE : invalid(c, "there is no such disk");
}

enum vw_outcome vw_on_domain_interface_stats(struct vw_call *c,
                                             const struct remote_domain_interface_stats_args *args,
                                             struct remote_domain_interface_stats_ret *ret)
{
    static const struct rate rates[] = {{OF(domain_interface_stats, rx_bytes), 10},
                                        {OF(domain_interface_stats, rx_packets), 100},
                                        {OF(domain_interface_stats, rx_errs), SECONDS(1)},
                                        {OF(domain_interface_stats, rx_drop), SECONDS(2)},
                                        {OF(domain_interface_stats, tx_bytes), 20},
                                        {OF(domain_interface_stats, tx_packets), 110},
                                        {OF(domain_interface_stats, tx_errs), SECONDS(3)},
                                        {OF(domain_interface_stats, tx_drop), SECONDS(4)}};
    struct vw_doc doc;
    if (!open_running(c, &doc, &args->dom, 0))
        return VW_FAILED;
    const char *name = vw_text(&args->device);
    const bool there = vw_doc_device(&doc, "interface", "target@dev", name) ||
                       vw_doc_device(&doc, "interface", "mac@address", name);
    vw_doc_close(&doc);
    FILL(c, ret, rates);
    return there
               ? VW_DONE
               : vw_call_fail(c, VW_ERR_INVALID_ARG, VW_FROM_DOMAIN, "there is no such interface");
}

/* ---- disks ---- */

enum vw_outcome vw_on_domain_get_block_info(struct vw_call *c,
                                            const struct remote_domain_get_block_info_args *args,
                                            struct remote_domain_get_block_info_ret *ret)
{
    const struct vw_domain *d;
    struct vw_doc doc;
    if (vw_call_check_flags(c, args->flags, 0) != VW_DONE || !(d = vw_call_domain(c, &args->dom)) ||
        vw_doc_open(&doc, c, d, 0) != VW_DONE)
        return VW_FAILED;
    const bool there = disk(&doc, vw_text(&args->path)) != NULL;
    vw_doc_close(&doc);
    ret->capacity = 1099506450432;
    ret->allocation = ret->physical = 1099511627776;
    return there ? VW_DONE : invalid(c, "there is no such disk");
}

/* Whether the result may hold COUNT of what is asked for (D-18). */
static bool may_ask(struct vw_call *c, uint32_t count)
{
    return vw_call_check_count(c, count > INT32_MAX ? INT32_MAX : (int32_t)count) == VW_DONE;
}

enum vw_outcome vw_on_domain_get_disk_errors(struct vw_call *c,
                                             const struct remote_domain_get_disk_errors_args *args,
                                             struct remote_domain_get_disk_errors_ret *ret)
{
    enum { ERRORS = 2 };
    struct vw_doc doc;
    if (!may_ask(c, args->maxerrors) || !open_running(c, &doc, &args->dom, args->flags))
        return VW_FAILED;
    const uint32_t count = vw_doc_count(&doc, "disk");
    const uint32_t some = count < args->maxerrors ? count : args->maxerrors;
    struct remote_domain_disk_error *list = vw_call_alloc(c, some * sizeof(*list));
    xmlNode *n = NULL;
    for (uint32_t i = 0; list && i < some; i++) {
        n = vw_doc_next(vw_doc_at(&doc, doc.root, "devices"), n, "disk");
        const char *name = vw_doc_get(&doc, n, "target@dev");
        list[i].disk = vw_string(name ? name : "");
        list[i].error = (int32_t)(i % ERRORS) + 1;
    }
    vw_doc_close(&doc);
    ret->errors = (struct vw_list){list, some};
    ret->nerrors = (int32_t)(args->maxerrors ? some : count);
    return list ? VW_DONE : VW_FAILED;
}

/* ---- memory ---- */

/* virDomainMemoryStatTags, in the order in which they come: so many eighths of what the domain has,
 * or ABSOLUTE. */
static const struct {
    int32_t tag;
    uint32_t eighths;
    uint64_t absolute;
} memory_stats[] = {{6, 8, 0},  {0, 0, 0},  {1, 0, 0}, {2, 0, 0},         {3, 0, 0},
                    {4, 4, 0},  {5, 8, 0},  {8, 4, 0}, {9, 0, 627319920}, {10, 1, 0},
                    {11, 0, 0}, {12, 0, 0}, {7, 4, 0}};

enum vw_outcome vw_on_domain_memory_stats(struct vw_call *c,
                                          const struct remote_domain_memory_stats_args *args,
                                          struct remote_domain_memory_stats_ret *ret)
{
    if (!may_ask(c, args->maxStats))
        return VW_FAILED;
    const struct vw_domain *d = vw_domain_running(c, &args->dom, args->flags, 0);
    uint32_t count = sizeof(memory_stats) / sizeof(memory_stats[0]);
    struct vw_doc doc;
    if (!d || vw_doc_open(&doc, c, d, VW_AFFECT_LIVE) != VW_DONE)
        return VW_FAILED;
    const char *model = vw_doc_get(&doc, doc.root, "devices/memballoon@model");
    vw_doc_close(&doc);
    if (!model || strcmp(model, "virtio") != 0)
        count = 0;
    count = args->maxStats < count ? args->maxStats : count;
    struct remote_domain_memory_stat *list = vw_call_alloc(c, count * sizeof(*list));
    for (uint32_t i = 0; list && i < count; i++) {
        list[i].tag = memory_stats[i].tag;
        list[i].val = memory_stats[i].absolute + d->facts.memory * memory_stats[i].eighths / 8;
    }
    ret->stats = (struct vw_list){list, count};
    return list ? VW_DONE : VW_FAILED;
}

enum vw_outcome vw_on_domain_memory_peek(struct vw_call *c,
                                         const struct remote_domain_memory_peek_args *args,
                                         struct remote_domain_memory_peek_ret *ret)
{
    const struct vw_type *t = c->event->proc->ret;
    if ((args->flags & 3) == 3)
        return vw_call_fail(c, VW_ERR_INVALID_ARG, VW_FROM_DOMAIN, "virtual or physical");
    if (args->flags != 1 && args->flags != 2)
        return vw_call_fail(c, VW_ERR_INVALID_ARG, VW_FROM_TEST, "either virtual or physical");
    if (args->size > t->fields[0].type->max)
        return vw_call_fail(c, VW_ERR_INTERNAL, VW_FROM_RPC, "more than an answer may hold");
    if (!vw_domain_running(c, &args->dom, 0, 0))
        return VW_FAILED;
    uint8_t *bytes = vw_call_alloc(c, args->size);
    for (uint32_t i = 0; bytes && i < args->size; i++)
        bytes[i] = (uint8_t)(args->offset + i);
    ret->buffer = (struct vw_bytes){bytes, args->size};
    return bytes ? VW_DONE : VW_FAILED;
}

/* ---- processors ---- */

/* In nanoseconds. */
#define CPU_TOTAL    48772617035u
#define CPU_USER     5540000000u
#define CPU_SYSTEM   6460000000u
#define CPU_OVERHEAD 1234567890u

enum vw_outcome vw_on_domain_get_cpu_stats(struct vw_call *c,
                                           const struct remote_domain_get_cpu_stats_args *args,
                                           struct remote_domain_get_cpu_stats_ret *ret)
{
    enum { TOTAL_PARAMS = 3, CPU_PARAMS = 2 };
    const uint32_t cpus = (uint32_t)sysconf(_SC_NPROCESSORS_CONF);
    const uint32_t start = (uint32_t)args->start_cpu;
    struct vw_params p;
    if (!may_ask(c, args->nparams) || !may_ask(c, args->ncpus) ||
        !vw_domain_running(c, &args->dom, args->flags, VW_PARAM_STRING_OKAY))
        return VW_FAILED;
    ret->nparams = args->start_cpu < 0 ? TOTAL_PARAMS : CPU_PARAMS;
    if (args->start_cpu >= 0 && args->ncpus == 0) {
        ret->nparams = (int32_t)cpus;
        return VW_DONE;
    }
    if (args->start_cpu >= 0 && start >= cpus)
        return invalid(c, "there are not so many processors");
    if (args->nparams == 0)
        return VW_DONE;
    const uint32_t some = args->ncpus < cpus - start ? args->ncpus : cpus - start;
    if (args->start_cpu < 0) {
        vw_params_begin(&p, c, TOTAL_PARAMS);
        vw_params_add_u64(&p, "cpu_time", CPU_TOTAL);
        vw_params_add_u64(&p, "user_time", CPU_USER);
        vw_params_add_u64(&p, "system_time", CPU_SYSTEM);
        return vw_params_end(&p, &ret->params);
    }
    vw_params_begin(&p, c, some * CPU_PARAMS);
    for (uint32_t i = start; i < start + some; i++) {
        const uint64_t time =
            i + 1 < cpus ? CPU_TOTAL / cpus : CPU_TOTAL - CPU_TOTAL / cpus * (cpus - 1);
        vw_params_add_u64(&p, "cpu_time", time);
        vw_params_add_u64(&p, "vcpu_time", time - CPU_OVERHEAD);
    }
    return vw_params_end(&p, &ret->params);
}

/* ---- all that is known of all ---- */

/* virDomainStatsTypes, as far as there are any. */
enum { STATS_STATE = 1 << 0, STATS_IOTHREAD = 1 << 7 };
#define STATS_ENFORCE (1u << 31)

/* virConnectGetAllDomainStatsFlags: those of lists, by which domains are chosen. */
#define STATS_LIST_KNOWN 0xffu

static enum vw_outcome put_iothreads(struct vw_params *p, struct vw_call *c,
                                     const struct vw_domain *d)
{
    static const char *const names[] = {"poll-max-ns", "poll-grow", "poll-shrink"};
    struct vw_doc doc;
    uint32_t count = 0;
    /* A call can ask for thousands of domains: those that surely have none are not parsed. */
    if (!d->o.active || !d->o.xml.data || !memmem(d->o.xml.data, d->o.xml.len, "<iothreadids", 12))
        return VW_DONE;
    if (vw_doc_open(&doc, c, d, VW_AFFECT_LIVE) != VW_DONE)
        return VW_FAILED;
    xmlNode *ids = vw_doc_at(&doc, doc.root, "iothreadids");
    for (xmlNode *n = NULL; (n = vw_doc_next(ids, n, "iothread"));)
        count++;
    if (count)
        vw_params_add_uint(p, "iothread.count", count);
    for (xmlNode *n = NULL; (n = vw_doc_next(ids, n, "iothread"));) {
        const uint32_t id = (uint32_t)vw_doc_number(&doc, n, "@id", 0);
        const struct vw_polling polling = vw_domain_polling(d, id);
        for (size_t i = 0; i < 3; i++) {
            const char *name = vw_params_name(p, "iothread.%u.%s", id, names[i]);
            if (i == VW_POLL_MAX)
                vw_params_add_u64(p, name, polling.values[i]);
            else
                vw_params_add_uint(p, name, (uint32_t)polling.values[i]);
        }
    }
    vw_doc_close(&doc);
    return VW_DONE;
}

static enum vw_outcome put_record(struct vw_call *c, const struct vw_domain *d, uint32_t stats,
                                  struct remote_domain_stats_record *out)
{
    struct vw_params p;
    vw_refer(&vw_object_kind_domain, &d->o, &out->dom);
    vw_params_begin(&p, c, 4);
    if (!stats || (stats & STATS_STATE)) {
        vw_params_add_int(&p, "state.state", d->o.state);
        vw_params_add_int(&p, "state.reason", d->o.reason);
    }
    if ((!stats || (stats & STATS_IOTHREAD)) && put_iothreads(&p, c, d) != VW_DONE)
        return VW_FAILED;
    return vw_params_end(&p, &out->params);
}

/* Puts the records of those that ARGS name, or of all that its flags choose. */
enum vw_outcome
vw_on_connect_get_all_domain_stats(struct vw_call *c,
                                   const struct remote_connect_get_all_domain_stats_args *args,
                                   struct remote_connect_get_all_domain_stats_ret *ret)
{
    const struct remote_nonnull_domain *named = args->doms.items;
    const struct vw_objects *t = vw_call_objects(c);
    const uint32_t known = STATS_STATE | STATS_IOTHREAD;
    uint32_t count = args->doms.count ? args->doms.count : t->count;
    if (vw_call_check_flags(c, args->flags, STATS_LIST_KNOWN | STATS_ENFORCE) != VW_DONE)
        return VW_FAILED;
    if ((args->flags & STATS_ENFORCE) && (args->stats & ~known))
        return vw_call_fail(c, ERR_ARGUMENT_UNSUPPORTED, VW_FROM_TEST, "some are not known here");
    if (count > vw_call_list_bound(c)) /* L-7 */
        return vw_call_fail(c, VW_ERR_INTERNAL, VW_FROM_RPC, "more than a list may hold");
    struct remote_domain_stats_record *list = vw_call_alloc(c, count * sizeof(*list));
    if (!list)
        return VW_FAILED;
    ret->retStats.items = list;
    for (uint32_t i = 0; i < count; i++) {
        const struct vw_object *o =
            args->doms.count ? vw_objects_by_uuid(t, named[i].uuid) : t->list[i];
        if (!o || !vw_row_chosen(t->kind, o, args->doms.count ? 0 : args->flags & STATS_LIST_KNOWN))
            continue;
        if (put_record(c, (const struct vw_domain *)o, args->stats, &list[ret->retStats.count++]) !=
            VW_DONE)
            return VW_FAILED;
    }
    return VW_DONE;
}

static const struct vw_row rows[] = {
    VW_CALL(domain_block_stats),
    VW_CALL(domain_interface_stats),
    VW_CALL_WANTS(domain_get_block_info, path.len),
    VW_CALL(domain_get_disk_errors),
    VW_CALL(domain_memory_stats),
    VW_CALL(domain_memory_peek),
    VW_CALL(domain_get_cpu_stats),
    VW_CALL(connect_get_all_domain_stats),
    {NULL},
};

const struct vw_object_kind vw_object_kind_stats = {
    .name = "stats", .rows = rows, .about = &vw_object_kind_domain};
