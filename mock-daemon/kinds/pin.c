// SPDX-License-Identifier: MIT
// Which processors of the host the vcpus, the emulator and the IOThreads of a domain may run on,
// and the IOThreads themselves.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mock-daemon/conn.h"
#include "mock-daemon/daemon.h"
#include "mock-daemon/domain-doc.h"
#include "mock-daemon/params.h"
#include "mock-daemon/rows.h"

/* Of the host that the test driver pretends to have. */
#define HOST_CPUS 16u

#define CPUS_MAX 1024u
/* Those that a definition may only count. */
#define IOTHREADS_MAX 1024u

static enum vw_outcome invalid(struct vw_call *c, int32_t domain, const char *why)
{
    return vw_call_fail(c, VW_ERR_INVALID_ARG, domain, why);
}

static enum vw_outcome idle(struct vw_call *c)
{
    return vw_call_fail(c, ERR_OPERATION_INVALID, VW_FROM_TEST, "the domain does not run");
}

/* ---- sets of processors ---- */

struct cpus {
    uint8_t bits[CPUS_MAX / 8];
};

static bool has(const struct cpus *s, unsigned cpu)
{
    return s->bits[cpu / 8] & 1u << cpu % 8;
}

static void add(struct cpus *s, unsigned from, unsigned to)
{
    for (unsigned i = from; i <= to && i < CPUS_MAX; i++)
        s->bits[i / 8] |= (uint8_t)(1u << i % 8);
}

/* "1-2,5", as libvirt writes it. */
static struct cpus cpus_of_text(const char *text)
{
    struct cpus s = {0};
    while (*text) {
        char *end;
        const unsigned from = (unsigned)strtoul(text, &end, 10);
        const unsigned to = *end == '-' ? (unsigned)strtoul(end + 1, &end, 10) : from;
        if (end == text)
            break;
        add(&s, from, to);
        text = end + (*end == ',');
    }
    return s;
}

static struct cpus cpus_of_map(const struct vw_bytes *map)
{
    struct cpus s = {0};
    if (map->len)
        memcpy(s.bits, map->data, map->len < sizeof(s.bits) ? map->len : sizeof(s.bits));
    return s;
}

/* In the memory of the call, which is that long at least whatever the set. */
static const char *text_of(struct vw_call *c, const struct cpus *s)
{
    enum { SIZE = CPUS_MAX * 5 };
    char *text = vw_call_alloc(c, SIZE);
    int len = 0;
    for (unsigned i = 0; text && i < CPUS_MAX; i++) {
        unsigned last = i;
        if (!has(s, i))
            continue;
        while (last + 1 < CPUS_MAX && has(s, last + 1))
            last++;
        len += snprintf(text + len, (size_t)(SIZE - len), last > i ? "%s%u-%u" : "%s%u",
                        len ? "," : "", i, last);
        i = last;
    }
    return text;
}

/* What stands at PATH, or for all vcpus; else the first N processors. */
static struct cpus cpus_at(struct vw_doc *doc, const char *path, unsigned n)
{
    struct cpus all = {0};
    const char *text = vw_doc_get(doc, doc->root, path);
    if (!text)
        text = vw_doc_get(doc, doc->root, "vcpu@cpuset");
    if (text)
        return cpus_of_text(text);
    add(&all, 0, n - 1);
    return all;
}

/* Puts the first LEN bytes of S to AT. */
static void put_map(uint8_t *at, const struct cpus *s, uint32_t len)
{
    memcpy(at, s->bits, len < sizeof(s->bits) ? len : sizeof(s->bits));
}

/* ---- changing ---- */

struct pinning {
    char path[64];
    const char *cpuset;
};

static enum vw_outcome edit_pin(struct vw_doc *doc, const void *what)
{
    const struct pinning *p = what;
    vw_doc_set(doc, doc->root, p->path, p->cpuset);
    return VW_DONE;
}

static enum vw_outcome pin(struct vw_call *c, struct vw_domain *d, uint32_t flags,
                           const struct vw_bytes *map, struct pinning *p)
{
    const struct cpus s = cpus_of_map(map);
    p->cpuset = text_of(c, &s);
    if (!p->cpuset)
        return VW_FAILED;
    if (!*p->cpuset)
        return invalid(c, VW_FROM_TEST, "on no processor");
    return vw_doc_change(c, d, flags, edit_pin, p);
}

static enum vw_outcome pin_vcpu(struct vw_call *c, const struct remote_nonnull_domain *dom,
                                uint32_t vcpu, const struct vw_bytes *map, uint32_t flags)
{
    struct pinning p;
    struct vw_domain *d;
    if (vw_call_check_flags(c, flags, 0) != VW_DONE || !(d = vw_call_domain(c, dom)))
        return VW_FAILED;
    if (!d->o.active)
        return idle(c);
    if (vcpu >= (uint32_t)d->facts.vcpus)
        return invalid(c, VW_FROM_TEST, "the domain has not so many vcpus");
    snprintf(p.path, sizeof(p.path), "cputune/vcpupin[@vcpu=%u]@cpuset", vcpu);
    return pin(c, d, VW_AFFECT_LIVE, map, &p);
}

enum vw_outcome vw_on_domain_pin_vcpu(struct vw_call *c,
                                      const struct remote_domain_pin_vcpu_args *args)
{
    return pin_vcpu(c, &args->dom, args->vcpu, &args->cpumap, 0);
}

enum vw_outcome vw_on_domain_pin_vcpu_flags(struct vw_call *c,
                                            const struct remote_domain_pin_vcpu_flags_args *args)
{
    return pin_vcpu(c, &args->dom, args->vcpu, &args->cpumap, args->flags);
}

enum vw_outcome vw_on_domain_pin_emulator(struct vw_call *c,
                                          const struct remote_domain_pin_emulator_args *args)
{
    struct pinning p = {.path = "cputune/emulatorpin@cpuset"};
    struct vw_domain *d;
    if (vw_call_check_flags(c, args->flags, VW_AFFECT_BOTH) != VW_DONE ||
        !(d = vw_call_domain(c, &args->dom)))
        return VW_FAILED;
    return pin(c, d, args->flags, &args->cpumap, &p);
}

/* ---- asking ---- */

static enum vw_outcome check_positive(struct vw_call *c, int32_t a, int32_t b)
{
    return a > 0 && b > 0 ? VW_DONE
                          : vw_call_fail(c, VW_ERR_INVALID_ARG, VW_FROM_DOMAIN,
                                         "a count must be more than zero");
}

/* A map of MAPLEN bytes for each of N. */
static enum vw_outcome maps(struct vw_call *c, uint32_t n, uint32_t maplen, struct vw_bytes *out)
{
    const uint64_t size = (uint64_t)n * maplen;
    if (size > CPUS_MAX * 64)
        return vw_call_fail(c, VW_ERR_INTERNAL, VW_FROM_RPC, "more than an answer may hold");
    *out = (struct vw_bytes){vw_call_alloc(c, (size_t)size), (uint32_t)size};
    return out->data ? VW_DONE : VW_FAILED;
}

static struct cpus cpus_of_vcpu(struct vw_doc *doc, uint32_t vcpu)
{
    char path[64];
    snprintf(path, sizeof(path), "cputune/vcpupin[@vcpu=%u]@cpuset", vcpu);
    return cpus_at(doc, path, HOST_CPUS);
}

enum vw_outcome vw_on_domain_get_vcpus(struct vw_call *c,
                                       const struct remote_domain_get_vcpus_args *args,
                                       struct remote_domain_get_vcpus_ret *ret)
{
    const struct vw_domain *d = vw_call_domain(c, &args->dom);
    struct vw_doc doc;
    if (!d)
        return VW_FAILED;
    if (!d->o.active)
        return idle(c);
    if (args->maxinfo < 0 || args->maplen < 0 || (uint32_t)args->maxinfo > vw_call_list_bound(c))
        return vw_call_fail(c, VW_ERR_INTERNAL, VW_FROM_RPC, "no such count of processors");
    const uint32_t on = (uint32_t)(d->facts.vcpus - d->facts.vcpus_off);
    const uint32_t n = (uint32_t)args->maxinfo < on ? (uint32_t)args->maxinfo : on;
    struct remote_vcpu_info *list = vw_call_alloc(c, n * sizeof(*list));
    if (!list || maps(c, n, (uint32_t)args->maplen, &ret->cpumaps) != VW_DONE ||
        vw_doc_open(&doc, c, d, VW_AFFECT_LIVE) != VW_DONE)
        return VW_FAILED;
    const uint64_t time = (uint64_t)vw_clock_ns(&c->conn->daemon->clock) / 10000;
    for (uint32_t i = 0; i < n; i++) {
        const struct cpus s = cpus_of_vcpu(&doc, i);
        list[i] = (struct remote_vcpu_info){.number = i, .state = 1, .cpu_time = time};
        for (unsigned k = 0; k < HOST_CPUS; k++)
            list[i].cpu = has(&s, k) ? (int32_t)k : list[i].cpu;
        put_map(ret->cpumaps.data + (size_t)i * (uint32_t)args->maplen, &s, (uint32_t)args->maplen);
    }
    vw_doc_close(&doc);
    ret->info = (struct vw_list){list, n};
    return VW_DONE;
}

enum vw_outcome
vw_on_domain_get_vcpu_pin_info(struct vw_call *c,
                               const struct remote_domain_get_vcpu_pin_info_args *args,
                               struct remote_domain_get_vcpu_pin_info_ret *ret)
{
    const struct vw_domain *d;
    struct vw_doc doc;
    if (check_positive(c, args->ncpumaps, args->maplen) != VW_DONE ||
        vw_call_check_flags(c, args->flags, VW_AFFECT_BOTH) != VW_DONE ||
        !(d = vw_call_domain(c, &args->dom)) || vw_doc_open(&doc, c, d, args->flags) != VW_DONE)
        return VW_FAILED;
    const uint32_t vcpus = (uint32_t)vw_doc_number(&doc, doc.root, "vcpu", 1);
    const uint32_t n = (uint32_t)args->ncpumaps < vcpus ? (uint32_t)args->ncpumaps : vcpus;
    const uint32_t len = (uint32_t)args->maplen;
    const enum vw_outcome outcome = maps(c, n, len, &ret->cpumaps);
    for (uint32_t i = 0; outcome == VW_DONE && i < n; i++) {
        const struct cpus s = cpus_of_vcpu(&doc, i);
        put_map(ret->cpumaps.data + (size_t)i * len, &s, len);
    }
    vw_doc_close(&doc);
    ret->num = (int32_t)n;
    return outcome;
}

enum vw_outcome
vw_on_domain_get_emulator_pin_info(struct vw_call *c,
                                   const struct remote_domain_get_emulator_pin_info_args *args,
                                   struct remote_domain_get_emulator_pin_info_ret *ret)
{
    const struct vw_domain *d;
    struct vw_doc doc;
    const uint32_t len = (uint32_t)args->maplen;
    if (check_positive(c, args->maplen, args->maplen) != VW_DONE ||
        vw_call_check_flags(c, args->flags, VW_AFFECT_BOTH) != VW_DONE ||
        !(d = vw_call_domain(c, &args->dom)) || vw_doc_open(&doc, c, d, args->flags) != VW_DONE)
        return VW_FAILED;
    const struct cpus s = cpus_at(&doc, "cputune/emulatorpin@cpuset", HOST_CPUS);
    const enum vw_outcome outcome = maps(c, 1, len, &ret->cpumaps);
    if (outcome == VW_DONE)
        put_map(ret->cpumaps.data, &s, len);
    vw_doc_close(&doc);
    ret->ret = 1;
    return outcome;
}

/* ---- IOThreads ---- */

static xmlNode *thread_of(struct vw_doc *doc, uint32_t id)
{
    char path[64];
    snprintf(path, sizeof(path), "iothreadids/iothread[@id=%u]", id);
    return vw_doc_at(doc, doc->root, path);
}

/* Names those that are only counted: each the first number that is free. */
static void name_threads(struct vw_doc *doc)
{
    uint64_t missing = vw_doc_number(doc, doc->root, "iothreads", 0);
    const uint32_t named = vw_doc_children(doc, "iothreadids", "iothread");
    missing = missing > named && missing <= IOTHREADS_MAX ? missing - named : 0;
    for (uint32_t id = 1; missing > 0; id++) {
        char path[64];
        if (thread_of(doc, id))
            continue;
        snprintf(path, sizeof(path), "iothreadids/iothread[@id=%u]", id);
        vw_doc_make(doc, doc->root, path);
        missing--;
    }
}

static void count_again(struct vw_doc *doc)
{
    const uint32_t n = vw_doc_children(doc, "iothreadids", "iothread");
    if (n)
        vw_doc_set_number(doc, doc->root, "iothreads", n);
    else
        vw_doc_set(doc, doc->root, "iothreads", NULL);
}

static enum vw_outcome edit_add(struct vw_doc *doc, const void *what)
{
    const uint32_t *id = what;
    char path[64];
    name_threads(doc);
    if (thread_of(doc, *id))
        return invalid(doc->c, VW_FROM_DOMAIN, "there is an IOThread of this number");
    snprintf(path, sizeof(path), "iothreadids/iothread[@id=%u]", *id);
    vw_doc_make(doc, doc->root, path);
    count_again(doc);
    return VW_DONE;
}

static enum vw_outcome edit_delete(struct vw_doc *doc, const void *what)
{
    const uint32_t *id = what;
    char path[64];
    name_threads(doc);
    if (!thread_of(doc, *id))
        return invalid(doc->c, VW_FROM_DOMAIN, "there is no IOThread of this number");
    snprintf(path, sizeof(path), "iothreadids/iothread[@id=%u]", *id);
    vw_doc_set(doc, doc->root, path, NULL);
    snprintf(path, sizeof(path), "cputune/iothreadpin[@iothread=%u]", *id);
    vw_doc_set(doc, doc->root, path, NULL);
    count_again(doc);
    return VW_DONE;
}

static enum vw_outcome change_threads(struct vw_call *c, const struct remote_nonnull_domain *dom,
                                      uint32_t id, uint32_t flags, vw_doc_edit edit)
{
    struct vw_domain *d;
    if (vw_call_check_flags(c, flags, VW_AFFECT_BOTH) != VW_DONE)
        return VW_FAILED;
    if (id == 0)
        return invalid(c, VW_FROM_TEST, "an IOThread has a number above 0");
    if (!(d = vw_call_domain(c, dom)))
        return VW_FAILED;
    return vw_doc_change(c, d, flags, edit, &id);
}

enum vw_outcome vw_on_domain_add_iothread(struct vw_call *c,
                                          const struct remote_domain_add_iothread_args *args)
{
    return change_threads(c, &args->dom, args->iothread_id, args->flags, edit_add);
}

enum vw_outcome vw_on_domain_del_iothread(struct vw_call *c,
                                          const struct remote_domain_del_iothread_args *args)
{
    return change_threads(c, &args->dom, args->iothread_id, args->flags, edit_delete);
}

/* PIN may be of a thread that is not there: then it is an error. */
static enum vw_outcome edit_thread_pin(struct vw_doc *doc, const void *what)
{
    const struct pinning *p = what;
    const char *digits = strpbrk(p->path, "0123456789");
    name_threads(doc);
    if (!thread_of(doc, (uint32_t)strtoul(digits, NULL, 10)))
        return invalid(doc->c, VW_FROM_TEST, "there is no IOThread of this number");
    return edit_pin(doc, what);
}

enum vw_outcome vw_on_domain_pin_iothread(struct vw_call *c,
                                          const struct remote_domain_pin_iothread_args *args)
{
    const struct cpus s = cpus_of_map(&args->cpumap);
    struct pinning p = {.cpuset = text_of(c, &s)};
    struct vw_domain *d;
    if (!p.cpuset || vw_call_check_flags(c, args->flags, VW_AFFECT_BOTH) != VW_DONE ||
        !(d = vw_call_domain(c, &args->dom)))
        return VW_FAILED;
    snprintf(p.path, sizeof(p.path), "cputune/iothreadpin[@iothread=%u]@cpuset",
             args->iothreads_id);
    return vw_doc_change(c, d, args->flags, edit_thread_pin, &p);
}

enum vw_outcome
vw_on_domain_get_iothread_info(struct vw_call *c,
                               const struct remote_domain_get_iothread_info_args *args,
                               struct remote_domain_get_iothread_info_ret *ret)
{
    const unsigned cpus = (unsigned)sysconf(_SC_NPROCESSORS_CONF);
    const struct vw_domain *d;
    struct vw_doc doc;
    if (vw_call_check_flags(c, args->flags, VW_AFFECT_BOTH) != VW_DONE ||
        !(d = vw_call_domain(c, &args->dom)) || vw_doc_open(&doc, c, d, args->flags) != VW_DONE)
        return VW_FAILED;
    name_threads(&doc);
    const uint32_t n = vw_doc_children(&doc, "iothreadids", "iothread"), len = (cpus + 7) / 8;
    struct remote_domain_iothread_info *list = vw_call_alloc(c, n * sizeof(*list));
    xmlNode *ids = vw_doc_at(&doc, doc.root, "iothreadids"), *at = NULL;
    enum vw_outcome outcome = list ? VW_DONE : VW_FAILED;
    for (uint32_t i = 0; outcome == VW_DONE && i < n; i++) {
        char path[64];
        at = vw_doc_next(ids, at, "iothread");
        list[i].iothread_id = (uint32_t)vw_doc_number(&doc, at, "@id", 0);
        snprintf(path, sizeof(path), "cputune/iothreadpin[@iothread=%u]@cpuset",
                 list[i].iothread_id);
        const struct cpus s = cpus_at(&doc, path, cpus);
        outcome = maps(c, 1, len, &list[i].cpumap);
        if (outcome == VW_DONE)
            put_map(list[i].cpumap.data, &s, len);
    }
    vw_doc_close(&doc);
    ret->info = (struct vw_list){list, n};
    ret->ret = n;
    return outcome;
}

static const struct vw_param polling[VW_POLLS] = {
    [VW_POLL_MAX] = {"poll_max_ns", VW_PARAM_ULLONG},
    [VW_POLL_GROW] = {"poll_grow", VW_PARAM_UINT},
    [VW_POLL_SHRINK] = {"poll_shrink", VW_PARAM_UINT},
};

enum vw_outcome
vw_on_domain_set_iothread_params(struct vw_call *c,
                                 const struct remote_domain_set_iothread_params_args *args)
{
    struct vw_doc doc;
    if (args->params.count == 0)
        return invalid(c, VW_FROM_DOMAIN, "no parameters");
    if (args->iothread_id == 0)
        return invalid(c, VW_FROM_TEST, "an IOThread has a number above 0");
    if (vw_call_check_flags(c, args->flags, VW_AFFECT_LIVE) != VW_DONE ||
        vw_params_check(c, polling, VW_POLLS, &args->params) != VW_DONE)
        return VW_FAILED;
    struct vw_domain *d = vw_domain_running(c, &args->dom, 0, 0);
    if (!d || vw_doc_open(&doc, c, d, VW_AFFECT_LIVE) != VW_DONE)
        return VW_FAILED;
    name_threads(&doc);
    const bool there = thread_of(&doc, args->iothread_id) != NULL;
    vw_doc_close(&doc);
    if (!there)
        return invalid(c, VW_FROM_TEST, "there is no IOThread of this number");
    struct vw_polling is = vw_domain_polling(d, args->iothread_id);
    for (int i = 0; i < VW_POLLS; i++) {
        const struct remote_typed_param *p = vw_params_find(&args->params, polling[i].name);
        if (p)
            is.values[i] = vw_params_number(p);
    }
    return vw_domain_set_polling(d, &is) == 0
               ? VW_DONE
               : vw_call_fail(c, VW_ERR_INTERNAL, VW_FROM_TEST, "no memory for the parameters");
}

static const struct vw_row rows[] = {
    VW_CALL_WANTS(domain_pin_vcpu, cpumap.len),
    VW_CALL_WANTS(domain_pin_vcpu_flags, cpumap.len),
    VW_CALL_WANTS(domain_pin_emulator, cpumap.len),
    VW_CALL_WANTS(domain_get_vcpus, maxinfo),
    VW_CALL_WANTS(domain_get_vcpu_pin_info, ncpumaps),
    VW_CALL_WANTS(domain_get_emulator_pin_info, maplen),
    VW_CALL(domain_add_iothread),
    VW_CALL_WANTS(domain_del_iothread, iothread_id),
    VW_CALL_WANTS(domain_pin_iothread, iothreads_id),
    VW_CALL(domain_get_iothread_info),
    VW_CALL(domain_set_iothread_params),
    {NULL},
};

const struct vw_object_kind vw_object_kind_pin = {
    .name = "pin", .rows = rows, .about = &vw_object_kind_domain};
