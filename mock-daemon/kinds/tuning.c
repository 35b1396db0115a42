// SPDX-License-Identifier: MIT
// Parameters of domains, disks and interfaces: each set of them is a table, which says where in the
// XML it stands, and a row of `sets`, which says whose it is.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mock-daemon/conn.h"
#include "mock-daemon/daemon.h"
#include "mock-daemon/params.h"
#include "mock-daemon/rows.h"

/* virErrorNumber */
enum { ERR_UNSUPPORTED = 67 };

static enum vw_outcome invalid(struct vw_call *c, const char *why)
{
    return vw_call_fail(c, VW_ERR_INVALID_ARG, VW_FROM_TEST, why);
}

/* ---- memory ---- */

#define UNLIMITED "9007199254740991"

static const struct vw_param memory[] = {
    {"hard_limit", VW_PARAM_ULLONG, "memtune/hard_limit", UNLIMITED, .unit = "KiB"},
    {"soft_limit", VW_PARAM_ULLONG, "memtune/soft_limit", UNLIMITED, .unit = "KiB"},
    {"swap_hard_limit", VW_PARAM_ULLONG, "memtune/swap_hard_limit", UNLIMITED, .unit = "KiB"},
};

static enum vw_outcome check_memory(struct vw_doc *doc, xmlNode *from, const struct vw_list *list)
{
    const uint64_t most = strtoull(UNLIMITED, NULL, 10);
    if (vw_doc_number(doc, from, "memtune/hard_limit", most) >
        vw_doc_number(doc, from, "memtune/swap_hard_limit", most))
        return invalid(doc->c, "hard_limit is above swap_hard_limit");
    return VW_DONE;
}

/* ---- NUMA ---- */

static const char *const numa_modes[] = {"strict", "preferred", "interleave", "restrictive"};

static const char *read_mode(struct vw_doc *doc, xmlNode *from, const struct vw_param *p)
{
    static const char *const numbers[] = {"0", "1", "2", "3"};
    const char *mode = vw_doc_get(doc, from, p->path);
    for (size_t i = 0; mode && i < sizeof(numa_modes) / sizeof(numa_modes[0]); i++) {
        if (strcmp(mode, numa_modes[i]) == 0)
            return numbers[i];
    }
    return NULL;
}

static enum vw_outcome write_mode(struct vw_doc *doc, xmlNode *from, const struct vw_param *p,
                                  const char *value)
{
    const unsigned long mode = strtoul(value, NULL, 10);
    if (mode >= sizeof(numa_modes) / sizeof(numa_modes[0]))
        return invalid(doc->c, "there is no such mode");
    vw_doc_set(doc, from, p->path, numa_modes[mode]);
    return VW_DONE;
}

static const struct vw_param numa[] = {
    {"numa_mode", VW_PARAM_INT, "numatune/memory@mode", "0", read_mode, write_mode},
    {"numa_nodeset", VW_PARAM_STRING, "numatune/memory@nodeset", ""},
};

static enum vw_outcome check_numa(struct vw_doc *doc, xmlNode *from, const struct vw_list *list)
{
    if (!vw_doc_get(doc, from, "numatune/memory@nodeset"))
        return vw_call_fail(doc->c, ERR_UNSUPPORTED, VW_FROM_DOMAIN, "the nodes are missing");
    /* Again, in libvirt's order of attributes. */
    const char *mode = vw_doc_get(doc, from, "numatune/memory@mode");
    const char *nodes = vw_doc_get(doc, from, "numatune/memory@nodeset");
    vw_doc_set(doc, from, "numatune", NULL);
    vw_doc_set(doc, from, "numatune/memory@mode", mode ? mode : numa_modes[0]);
    vw_doc_set(doc, from, "numatune/memory@nodeset", nodes);
    return VW_DONE;
}

/* ---- block I/O: of each device one value, as PATH,VALUE,PATH,VALUE ---- */

static const char *read_devices(struct vw_doc *doc, xmlNode *from, const struct vw_param *p)
{
    xmlNode *tune = vw_doc_at(doc, from, "blkiotune");
    char *text = vw_call_alloc(doc->c, 4096);
    size_t len = 0;
    for (xmlNode *n = NULL; text && (n = vw_doc_next(tune, n, "device"));) {
        const char *value = vw_doc_get(doc, n, p->path), *path = vw_doc_get(doc, n, "path");
        if (value && path && len < 4096)
            len += (size_t)snprintf(text + len, 4096 - len, "%s%s,%s", len ? "," : "", path, value);
    }
    return text;
}

/* The device of that path, made if there is none. */
static xmlNode *device_of(struct vw_doc *doc, xmlNode *from, const char *path)
{
    xmlNode *tune = vw_doc_make(doc, from, "blkiotune"), *n = NULL;
    while ((n = vw_doc_next(tune, n, "device"))) {
        const char *is = vw_doc_get(doc, n, "path");
        if (is && strcmp(is, path) == 0)
            return n;
    }
    n = tune ? xmlNewChild(tune, NULL, BAD_CAST "device", NULL) : NULL;
    doc->failed |= !n;
    if (n)
        vw_doc_set(doc, n, "path", path);
    return n;
}

static enum vw_outcome write_devices(struct vw_doc *doc, xmlNode *from, const struct vw_param *p,
                                     const char *value)
{
    const char *at = value;
    while (*at) {
        char path[256], number[32];
        size_t len = strcspn(at, ",");
        snprintf(path, sizeof(path), "%.*s", (int)len, at);
        if (!at[len])
            return invalid(doc->c, "a device without a value");
        at += len + 1;
        len = strcspn(at, ",");
        snprintf(number, sizeof(number), "%.*s", (int)len, at);
        if (!len || strspn(number, "0123456789") != strlen(number))
            return invalid(doc->c, "a value that is no number");
        at += len + (at[len] == ',');
        xmlNode *n = device_of(doc, from, path);
        if (n)
            vw_doc_set(doc, n, p->path, strcmp(number, "0") == 0 ? NULL : number);
        if (n && !n->children->next) {
            xmlUnlinkNode(n);
            xmlFreeNode(n);
        }
    }
    return VW_DONE;
}

#define DEVICES(name, path)                                                                        \
    {                                                                                              \
        name, VW_PARAM_STRING, path, "", read_devices, write_devices                               \
    }
static const struct vw_param blkio[] = {
    {"weight", VW_PARAM_UINT, "blkiotune/weight", "0"},
    DEVICES("device_weight", "weight"),
    DEVICES("device_read_iops_sec", "read_iops_sec"),
    DEVICES("device_write_iops_sec", "write_iops_sec"),
    DEVICES("device_read_bytes_sec", "read_bytes_sec"),
    DEVICES("device_write_bytes_sec", "write_bytes_sec"),
};

/* ---- disks ---- */

#define IOTUNE(name)                                                                               \
    {                                                                                              \
#name, VW_PARAM_ULLONG, "iotune/" #name, "0"                                               \
    }
#define IOTUNES(suffix)                                                                            \
    IOTUNE(total_bytes_sec##suffix), IOTUNE(read_bytes_sec##suffix),                               \
        IOTUNE(write_bytes_sec##suffix), IOTUNE(total_iops_sec##suffix),                           \
        IOTUNE(read_iops_sec##suffix), IOTUNE(write_iops_sec##suffix)

static const struct vw_param iotune[] = {
    IOTUNES(),
    IOTUNES(_max),
    IOTUNE(size_iops_sec),
    {"group_name", VW_PARAM_STRING, "iotune/group_name", ""},
    IOTUNES(_max_length),
};

/* The limits that all lengths of bursts and those beside each other must keep. */
static enum vw_outcome check_iotune(struct vw_doc *doc, xmlNode *from, const struct vw_list *list)
{
    static const char *const units[] = {"bytes", "iops"};
    static const char *const ways[] = {"total", "read", "write"};
    for (int i = 0; i < 6; i++) {
        char path[64], burst[80];
        snprintf(path, sizeof(path), "iotune/%s_%s_sec", ways[i % 3], units[i / 3]);
        snprintf(burst, sizeof(burst), "%s_max", path);
        if (vw_doc_number(doc, from, path, 0) > vw_doc_number(doc, from, burst, 0))
            return invalid(doc->c, "a limit is above that of its bursts");
    }
    for (int i = 0; i < 4; i++) {
        char total[64], part[2][64];
        const char *end = i % 2 ? "_max" : "";
        snprintf(total, sizeof(total), "iotune/total_%s_sec%s", units[i / 2], end);
        for (int k = 0; k < 2; k++)
            snprintf(part[k], sizeof(part[k]), "iotune/%s_%s_sec%s", ways[k + 1], units[i / 2],
                     end);
        if (vw_doc_get(doc, from, total) &&
            (vw_doc_get(doc, from, part[0]) || vw_doc_get(doc, from, part[1])))
            return invalid(doc->c, "either the total or its parts");
    }
    return VW_DONE;
}

/* ---- interfaces ---- */

#define BANDWIDTH(way, what)                                                                       \
    {                                                                                              \
#way "." #what, VW_PARAM_UINT, "bandwidth/" #way "@" #what, "0"                            \
    }
static const struct vw_param bandwidth[] = {
    BANDWIDTH(inbound, average), BANDWIDTH(inbound, peak),     BANDWIDTH(inbound, burst),
    BANDWIDTH(inbound, floor),   BANDWIDTH(outbound, average), BANDWIDTH(outbound, peak),
    BANDWIDTH(outbound, burst),
};

static const char *const ways[] = {"inbound", "outbound"};

/* What is said of a direction is all of it. */
static void clear_bandwidth(struct vw_doc *doc, xmlNode *from, const struct vw_list *list)
{
    const struct remote_typed_param *params = list->items;
    for (uint32_t k = 0; k < 2 * list->count; k++) {
        const char *way = ways[k % 2];
        char path[32];
        snprintf(path, sizeof(path), "bandwidth/%s", way);
        if (strncmp(vw_text(&params[k / 2].field), way, strlen(way)) == 0)
            vw_doc_set(doc, from, path, NULL);
    }
}

/* One without an average is none. */
static enum vw_outcome check_bandwidth(struct vw_doc *doc, xmlNode *from,
                                       const struct vw_list *list)
{
    for (int i = 0; i < 2; i++) {
        char name[32], path[32];
        snprintf(name, sizeof(name), "%s.average", ways[i]);
        const struct remote_typed_param *p = vw_params_find(list, name);
        snprintf(path, sizeof(path), "bandwidth/%s", ways[i]);
        if (p && vw_params_number(p) == 0)
            vw_doc_set(doc, from, path, NULL);
    }
    return VW_DONE;
}

/* ---- events of performance ---- */

#define EVENT(name)                                                                                \
    {                                                                                              \
#name, VW_PARAM_BOOLEAN, "perf/event[@name=" #name "]@enabled", "no"                       \
    }
static const struct vw_param perf[] = {
    EVENT(cmt),
    EVENT(mbmt),
    EVENT(mbml),
    EVENT(cpu_cycles),
    EVENT(instructions),
    EVENT(cache_references),
    EVENT(cache_misses),
    EVENT(branch_instructions),
    EVENT(branch_misses),
    EVENT(bus_cycles),
    EVENT(stalled_cycles_frontend),
    EVENT(stalled_cycles_backend),
    EVENT(ref_cpu_cycles),
    EVENT(cpu_clock),
    EVENT(task_clock),
    EVENT(page_faults),
    EVENT(context_switches),
    EVENT(cpu_migrations),
    EVENT(page_faults_min),
    EVENT(page_faults_maj),
    EVENT(alignment_faults),
    EVENT(emulation_faults),
};

/* ---- the sets, and where each begins ---- */

struct set {
    const struct vw_param *table;
    size_t n;
    /* Ahead of a change. NULL: what is not said stays. */
    void (*clear)(struct vw_doc *doc, xmlNode *from, const struct vw_list *list);
    /* After a change: whether it can be. */
    enum vw_outcome (*check)(struct vw_doc *doc, xmlNode *from, const struct vw_list *list);
    const char *device;   /* the element whose parameters they are; NULL: the domain */
    const char *by[3];    /* paths that name it */
    int32_t error_domain; /* of the error for one that is not there */
};

#define TABLE(t) .table = (t), .n = sizeof(t) / sizeof((t)[0])

static const struct set memory_set = {TABLE(memory), .check = check_memory};
static const struct set numa_set = {TABLE(numa), .check = check_numa};
static const struct set blkio_set = {TABLE(blkio)};
static const struct set perf_set = {TABLE(perf)};
static const struct set disk_set = {TABLE(iotune), .check = check_iotune, .device = "disk",
                                    .by = {"target@dev", "source@file", "source@dev"},
                                    .error_domain = VW_FROM_TEST};
static const struct set interface_set = {TABLE(bandwidth),
                                         .clear = clear_bandwidth,
                                         .check = check_bandwidth,
                                         .device = "interface",
                                         .by = {"target@dev", "mac@address"},
                                         .error_domain = VW_FROM_DOMAIN};

/* Where the parameters of SET begin; NULL: there is no device of that NAME. */
static xmlNode *beginning(struct vw_doc *doc, const struct set *set, const char *name)
{
    xmlNode *n = set->device ? NULL : doc->root;
    for (size_t i = 0; !n && i < 3 && set->by[i]; i++)
        n = vw_doc_device(doc, set->device, set->by[i], name);
    if (!n)
        vw_call_fail(doc->c, VW_ERR_INVALID_ARG, set->error_domain, "there is no such device");
    return n;
}

/* How many there are when NPARAMS is 0, else their values. */
static enum vw_outcome get(struct vw_call *c, const struct set *set,
                           const struct remote_nonnull_domain *dom, const char *name,
                           int32_t nparams, uint32_t flags, struct vw_list *out, int32_t *count)
{
    const struct vw_domain *d;
    struct vw_doc doc;
    if ((count && vw_call_check_count(c, nparams) != VW_DONE) ||
        vw_call_check_flags(c, flags, VW_AFFECT_BOTH | VW_PARAM_STRING_OKAY) != VW_DONE ||
        !(d = vw_call_domain(c, dom)))
        return VW_FAILED;
    if (count)
        *count = (int32_t)set->n;
    if (nparams == 0)
        return VW_DONE;
    if (vw_doc_open(&doc, c, d, flags) != VW_DONE)
        return VW_FAILED;
    xmlNode *from = beginning(&doc, set, name);
    enum vw_outcome outcome = from ? VW_DONE : VW_FAILED;
    if (from)
        outcome =
            vw_params_read(&doc, from, set->table,
                           nparams > 0 && (size_t)nparams < set->n ? (size_t)nparams : set->n, out);
    vw_doc_close(&doc);
    return outcome;
}

struct change {
    const struct set *set;
    const char *name;
    const struct vw_list *list;
};

static enum vw_outcome edit(struct vw_doc *doc, const void *what)
{
    const struct change *change = what;
    xmlNode *from = beginning(doc, change->set, change->name);
    if (from && change->set->clear)
        change->set->clear(doc, from, change->list);
    if (!from ||
        vw_params_write(doc, from, change->set->table, change->set->n, change->list) != VW_DONE)
        return VW_FAILED;
    return change->set->check ? change->set->check(doc, from, change->list) : VW_DONE;
}

static enum vw_outcome set(struct vw_call *c, const struct set *s,
                           const struct remote_nonnull_domain *dom, const char *name,
                           const struct vw_list *list, uint32_t flags)
{
    const struct change change = {s, name, list};
    struct vw_domain *d;
    if (vw_call_check_flags(c, flags, VW_AFFECT_BOTH) != VW_DONE ||
        vw_params_check(c, s->table, s->n, list) != VW_DONE || !(d = vw_call_domain(c, dom)))
        return VW_FAILED;
    return vw_doc_change(c, d, flags, edit, &change);
}

/* The handlers: NAME says which device, COUNT where the result has a number of them. */
#define GET(proc, s, name, nparams, count)                                                         \
    enum vw_outcome vw_on_##proc(struct vw_call *c, const struct remote_##proc##_args *args,       \
                                 struct remote_##proc##_ret *ret)                                  \
    {                                                                                              \
        return get(c, &(s), &args->dom, name, nparams, args->flags, &ret->params, count);          \
    }
#define SET(proc, s, name)                                                                         \
    enum vw_outcome vw_on_##proc(struct vw_call *c, const struct remote_##proc##_args *args)       \
    {                                                                                              \
        return set(c, &(s), &args->dom, name, &args->params, args->flags);                         \
    }

GET(domain_get_memory_parameters, memory_set, NULL, args->nparams, &ret->nparams)
SET(domain_set_memory_parameters, memory_set, NULL)
GET(domain_get_numa_parameters, numa_set, NULL, args->nparams, &ret->nparams)
SET(domain_set_numa_parameters, numa_set, NULL)
GET(domain_get_blkio_parameters, blkio_set, NULL, args->nparams, &ret->nparams)
SET(domain_set_blkio_parameters, blkio_set, NULL)
GET(domain_get_perf_events, perf_set, NULL, -1, NULL)
SET(domain_set_perf_events, perf_set, NULL)
GET(domain_get_block_io_tune, disk_set, args->disk ? vw_text(args->disk) : "", args->nparams,
    &ret->nparams)
SET(domain_set_block_io_tune, disk_set, vw_text(&args->disk))
GET(domain_get_interface_parameters, interface_set, vw_text(&args->device), args->nparams,
    &ret->nparams)
SET(domain_set_interface_parameters, interface_set, vw_text(&args->device))

/* ---- the scheduler, which takes all and forgets it ---- */

static const struct vw_param scheduler[] = {{"weight", VW_PARAM_UINT, "", "50"}};

enum vw_outcome
vw_on_domain_get_scheduler_type(struct vw_call *c,
                                const struct remote_domain_get_scheduler_type_args *args,
                                struct remote_domain_get_scheduler_type_ret *ret)
{
    ret->type = vw_string("fair");
    ret->nparams = 1;
    return vw_call_domain(c, &args->dom) ? VW_DONE : VW_FAILED;
}

static enum vw_outcome get_scheduler(struct vw_call *c, const struct remote_nonnull_domain *dom,
                                     int32_t nparams, uint32_t flags, struct vw_list *out)
{
    struct vw_params p;
    if (vw_call_check_count(c, nparams) != VW_DONE || vw_call_check_flags(c, flags, 0) != VW_DONE ||
        !vw_call_domain(c, dom))
        return VW_FAILED;
    vw_params_begin(&p, c, 1);
    if (nparams > 0)
        vw_params_add_uint(&p, scheduler[0].name, 50);
    return vw_params_end(&p, out);
}

static enum vw_outcome set_scheduler(struct vw_call *c, const struct remote_nonnull_domain *dom,
                                     uint32_t flags, const struct vw_list *list)
{
    return vw_call_check_flags(c, flags, 0) == VW_DONE &&
                   vw_params_check(c, scheduler, 1, list) == VW_DONE && vw_call_domain(c, dom)
               ? VW_DONE
               : VW_FAILED;
}

#define SCHEDULER(suffix, given)                                                                   \
    enum vw_outcome vw_on_domain_get_scheduler_parameters##suffix(                                 \
        struct vw_call *c,                                                                         \
        const struct remote_domain_get_scheduler_parameters##suffix##_args *args,                  \
        struct remote_domain_get_scheduler_parameters##suffix##_ret *ret)                          \
    {                                                                                              \
        return get_scheduler(c, &args->dom, args->nparams, given, &ret->params);                   \
    }                                                                                              \
    enum vw_outcome vw_on_domain_set_scheduler_parameters##suffix(                                 \
        struct vw_call *c,                                                                         \
        const struct remote_domain_set_scheduler_parameters##suffix##_args *args)                  \
    {                                                                                              \
        return set_scheduler(c, &args->dom, given, &args->params);                                 \
    }
SCHEDULER(, 0)
SCHEDULER(_flags, args->flags)

static const struct vw_row rows[] = {
    VW_CALL(domain_get_memory_parameters),
    VW_CALL_WANTS(domain_set_memory_parameters, params.count),
    VW_CALL(domain_get_numa_parameters),
    VW_CALL_WANTS(domain_set_numa_parameters, params.count),
    VW_CALL(domain_get_blkio_parameters),
    VW_CALL_WANTS(domain_set_blkio_parameters, params.count),
    VW_CALL(domain_get_perf_events),
    VW_CALL_WANTS(domain_set_perf_events, params.count),
    VW_CALL(domain_get_block_io_tune),
    VW_CALL_WANTS(domain_set_block_io_tune, params.count),
    VW_CALL(domain_get_interface_parameters),
    VW_CALL(domain_set_interface_parameters),
    VW_CALL(domain_get_scheduler_type),
    VW_CALL_WANTS(domain_get_scheduler_parameters, nparams),
    VW_CALL_WANTS(domain_get_scheduler_parameters_flags, nparams),
    VW_CALL_WANTS(domain_set_scheduler_parameters, params.count),
    VW_CALL_WANTS(domain_set_scheduler_parameters_flags, params.count),
    {NULL},
};

const struct vw_object_kind vw_object_kind_tuning = {
    .name = "tuning", .rows = rows, .about = &vw_object_kind_domain};
