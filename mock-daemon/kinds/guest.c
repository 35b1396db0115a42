// SPDX-License-Identifier: MIT
// What is asked of the inside of a domain, of an agent or as keys and signals: the answers are the
// test driver's, which has no guests.
#include <stdio.h>

#include "mock-daemon/conn.h"
#include "mock-daemon/daemon.h"
#include "mock-daemon/domain-doc.h"
#include "mock-daemon/kinds/network.h"
#include "mock-daemon/params.h"
#include "mock-daemon/rows.h"

/* Where its clock stands, once and for all. */
#define GUEST_TIME 627319920

static enum vw_outcome not_now(struct vw_call *c, const char *why)
{
    return vw_call_fail(c, ERR_OPERATION_INVALID, VW_FROM_TEST, why);
}

/* ---- what it answers to whoever asks, if it runs ---- */

enum vw_outcome vw_on_domain_get_hostname(struct vw_call *c,
                                          const struct remote_domain_get_hostname_args *args,
                                          struct remote_domain_get_hostname_ret *ret)
{
    const struct vw_domain *d = vw_domain_running(c, &args->dom, args->flags, 0);
    const size_t size = d ? d->o.name.len + sizeof("host") : 0;
    char *text = d ? vw_call_alloc(c, size) : NULL;
    if (!text)
        return VW_FAILED;
    snprintf(text, size, "%shost", d->o.name.data);
    ret->hostname = vw_string(text);
    return VW_DONE;
}

enum vw_outcome vw_on_domain_get_time(struct vw_call *c,
                                      const struct remote_domain_get_time_args *args,
                                      struct remote_domain_get_time_ret *ret)
{
    ret->seconds = GUEST_TIME;
    return vw_domain_running(c, &args->dom, args->flags, 0) ? VW_DONE : VW_FAILED;
}

/* Accepted, if the domain runs and the flags are KNOWN. */
#define ACCEPT_RUNNING(proc, known)                                                                \
    enum vw_outcome vw_on_##proc(struct vw_call *c, const struct remote_##proc##_args *args)       \
    {                                                                                              \
        return vw_domain_running(c, &args->dom, args->flags, known) ? VW_DONE : VW_FAILED;         \
    }
ACCEPT_RUNNING(domain_set_time, 1)
ACCEPT_RUNNING(domain_set_user_password, 1)
ACCEPT_RUNNING(domain_send_key, 0)
ACCEPT_RUNNING(domain_inject_nmi, 0)
ACCEPT_RUNNING(domain_reset, 0)

enum vw_outcome
vw_on_domain_send_process_signal(struct vw_call *c,
                                 const struct remote_domain_send_process_signal_args *args)
{
    enum { SIGNALS = 65 };
    if (vw_call_check_flags(c, args->flags, 0) != VW_DONE)
        return VW_FAILED;
    if (args->pid_value != 1)
        return vw_call_fail(c, VW_ERR_INVALID_ARG, VW_FROM_TEST, "signals go to process 1");
    if (args->signum >= SIGNALS)
        return vw_call_fail(c, VW_ERR_INVALID_ARG, VW_FROM_TEST, "there is no such signal");
    return vw_domain_running(c, &args->dom, 0, 0) ? VW_DONE : VW_FAILED;
}

enum vw_outcome
vw_on_domain_get_control_info(struct vw_call *c,
                              const struct remote_domain_get_control_info_args *args,
                              struct remote_domain_get_control_info_ret *ret)
{
    return vw_domain_running(c, &args->dom, args->flags, 0) ? VW_DONE : VW_FAILED;
}

enum vw_outcome
vw_on_domain_set_memory_stats_period(struct vw_call *c,
                                     const struct remote_domain_set_memory_stats_period_args *args)
{
    struct vw_domain *d;
    if (vw_call_check_flags(c, args->flags, VW_AFFECT_BOTH) != VW_DONE ||
        !(d = vw_call_domain(c, &args->dom)) || !vw_doc_affected(c, d, args->flags))
        return VW_FAILED;
    return VW_DONE;
}

enum vw_outcome vw_on_domain_get_launch_security_info(
    struct vw_call *c, const struct remote_domain_get_launch_security_info_args *args,
    struct remote_domain_get_launch_security_info_ret *ret)
{
    /* libvirt's daemon lets the test driver have texts, which that takes for an unknown flag. */
    const uint32_t flags = c->conn->hosted ? args->flags : args->flags | VW_PARAM_STRING_OKAY;
    return vw_call_check_flags(c, flags, 0) == VW_DONE && vw_call_domain(c, &args->dom) ? VW_DONE
                                                                                        : VW_FAILED;
}

/* ---- file systems: two on the first disk ---- */

static const struct {
    const char *mountpoint;
    unsigned partition;
} filesystems[] = {{"/", 1}, {"/boot", 2}};

#define FILESYSTEMS (sizeof(filesystems) / sizeof(filesystems[0]))

/* *DISK is the name of the disk that has them; NULL: the domain has none. */
static enum vw_outcome disk_of(struct vw_call *c, const struct vw_domain *d, const char **disk)
{
    struct vw_doc doc;
    if (vw_doc_open(&doc, c, d, VW_AFFECT_LIVE) != VW_DONE)
        return VW_FAILED;
    xmlNode *n = vw_doc_device(&doc, "disk", "@device", "disk");
    *disk = n ? vw_doc_get(&doc, n, "target@dev") : NULL;
    vw_doc_close(&doc);
    return VW_DONE;
}

static enum vw_outcome put_filesystem(struct vw_call *c, const char *disk, unsigned which,
                                      struct remote_domain_fsinfo *out)
{
    const size_t size = strlen(disk) + 2;
    struct vw_string *alias = vw_call_alloc(c, sizeof(*alias));
    char *name = vw_call_alloc(c, size);
    if (!alias || !name)
        return VW_FAILED;
    *alias = vw_string(disk);
    snprintf(name, size, "%s%u", disk, filesystems[which].partition);
    *out = (struct remote_domain_fsinfo){.mountpoint = vw_string(filesystems[which].mountpoint),
                                         .name = vw_string(name),
                                         .fstype = VW_STRING("ext4"),
                                         .dev_aliases = {alias, 1}};
    return VW_DONE;
}

enum vw_outcome vw_on_domain_get_fsinfo(struct vw_call *c,
                                        const struct remote_domain_get_fsinfo_args *args,
                                        struct remote_domain_get_fsinfo_ret *ret)
{
    const struct vw_domain *d = vw_domain_running(c, &args->dom, args->flags, 0);
    struct remote_domain_fsinfo *list = d ? vw_call_alloc(c, FILESYSTEMS * sizeof(*list)) : NULL;
    const char *disk;
    enum vw_outcome outcome = list ? disk_of(c, d, &disk) : VW_FAILED;
    for (uint32_t i = 0; outcome == VW_DONE && disk && i < FILESYSTEMS; i++)
        outcome = put_filesystem(c, disk, ret->ret++, &list[i]);
    ret->info = (struct vw_list){list, ret->ret};
    return outcome;
}

/* The bit of a mount point; 0: there is none, and the error of the call is set. */
static uint32_t mounted(struct vw_call *c, const char *path)
{
    for (uint32_t i = 0; i < FILESYSTEMS; i++) {
        if (strcmp(filesystems[i].mountpoint, path) == 0)
            return 1u << i;
    }
    not_now(c, "nothing is mounted there");
    return 0;
}

/* The bits of those that PATHS name, or of all. */
static uint32_t chosen(struct vw_call *c, const struct vw_list *paths)
{
    const struct vw_string *list = paths->items;
    uint32_t bits = paths->count ? 0 : (1u << FILESYSTEMS) - 1;
    for (uint32_t i = 0; i < paths->count; i++) {
        const uint32_t bit = mounted(c, vw_text(&list[i]));
        if (!bit)
            return 0;
        bits |= bit;
    }
    return bits;
}

static enum vw_outcome freeze(struct vw_call *c, struct vw_domain *d, const struct vw_list *paths,
                              bool freezes, int32_t *count)
{
    const uint32_t bits = d ? chosen(c, paths) : 0;
    if (!bits)
        return VW_FAILED;
    const uint32_t changes = bits & (freezes ? ~d->frozen : d->frozen);
    d->frozen ^= changes;
    *count = __builtin_popcount(changes);
    return VW_DONE;
}

enum vw_outcome vw_on_domain_fsfreeze(struct vw_call *c,
                                      const struct remote_domain_fsfreeze_args *args,
                                      struct remote_domain_fsfreeze_ret *ret)
{
    return freeze(c, vw_domain_running(c, &args->dom, args->flags, 0), &args->mountpoints, true,
                  &ret->filesystems);
}

enum vw_outcome vw_on_domain_fsthaw(struct vw_call *c, const struct remote_domain_fsthaw_args *args,
                                    struct remote_domain_fsthaw_ret *ret)
{
    return freeze(c, vw_domain_running(c, &args->dom, args->flags, 0), &args->mountpoints, false,
                  &ret->filesystems);
}

enum vw_outcome vw_on_domain_fstrim(struct vw_call *c, const struct remote_domain_fstrim_args *args)
{
    if (!vw_domain_running(c, &args->dom, args->flags, 0) ||
        (args->mountPoint && !mounted(c, vw_text(args->mountPoint))))
        return VW_FAILED;
    return VW_DONE;
}

/* ---- addresses: of the network or of none, each domain from its own place on ---- */

enum { ADDRESS_SOURCES = 3 };

/* virErrorNumber */
enum { ERR_NO_NETWORK = 43, ERR_ARGUMENT_UNSUPPORTED = 74 };

static enum vw_outcome address(struct vw_doc *doc, xmlNode *n, int32_t id, unsigned number,
                               const char **out)
{
    enum { SIZE = sizeof("192.168.122.4294967295") };
    const char *type = vw_doc_get(doc, n, "@type"), *network = vw_doc_get(doc, n, "source@network");
    const bool leased = type && strcmp(type, "network") == 0;
    char *text = vw_call_alloc(doc->c, SIZE);
    if (leased &&
        !vw_objects_by_name(vw_model_objects(doc->c->conn->model, &vw_object_kind_network),
                            network ? network : ""))
        return vw_call_fail(doc->c, ERR_NO_NETWORK, VW_FROM_NETWORK, "there is no such network");
    if (!text)
        return VW_FAILED;
    if (leased)
        snprintf(text, SIZE, "192.168.122.%u", ((unsigned)(id - 1) * 20 + 3 + number) % 256);
    else
        snprintf(text, SIZE, "192.168.0.%u", (1 + number) % 256);
    *out = text;
    return VW_DONE;
}

static enum vw_outcome put_address(struct vw_doc *doc, xmlNode *n, int32_t id, unsigned number,
                                   struct remote_domain_interface *out)
{
    const char *mac = vw_doc_get(doc, n, "mac@address"), *text = NULL;
    struct vw_string *hwaddr = vw_call_alloc(doc->c, sizeof(*hwaddr));
    struct remote_domain_ip_addr *addr = vw_call_alloc(doc->c, sizeof(*addr));
    const char *name = vw_doc_get(doc, n, "target@dev");
    if (!hwaddr || !addr || address(doc, n, id, number, &text) != VW_DONE)
        return VW_FAILED;
    *hwaddr = vw_string(mac ? mac : "");
    *addr = (struct remote_domain_ip_addr){.addr = vw_string(text), .prefix = 24};
    *out = (struct remote_domain_interface){
        .name = vw_string(name ? name : ""), .hwaddr = hwaddr, .addrs = {addr, 1}};
    return VW_DONE;
}

enum vw_outcome
vw_on_domain_interface_addresses(struct vw_call *c,
                                 const struct remote_domain_interface_addresses_args *args,
                                 struct remote_domain_interface_addresses_ret *ret)
{
    const struct vw_domain *d = vw_domain_running(c, &args->dom, args->flags, 0);
    enum vw_outcome outcome = VW_DONE;
    struct vw_doc doc;
    if (d && args->source >= ADDRESS_SOURCES)
        return vw_call_fail(c, ERR_ARGUMENT_UNSUPPORTED, VW_FROM_TEST, "there is no such source");
    if (!d || vw_doc_open(&doc, c, d, VW_AFFECT_LIVE) != VW_DONE)
        return VW_FAILED;
    const uint32_t count = vw_doc_count(&doc, "interface");
    struct remote_domain_interface *list = vw_call_alloc(c, count * sizeof(*list));
    xmlNode *n = NULL;
    if (!list)
        outcome = VW_FAILED;
    for (uint32_t i = 0; outcome == VW_DONE && i < count; i++) {
        n = vw_doc_next(vw_doc_at(&doc, doc.root, "devices"), n, "interface");
        outcome = put_address(&doc, n, d->o.id, i, &list[i]);
    }
    vw_doc_close(&doc);
    ret->ifaces = (struct vw_list){list, count};
    return outcome;
}

static const struct vw_row rows[] = {
    VW_CALL(domain_get_hostname),
    VW_CALL(domain_get_time),
    VW_CALL(domain_set_time),
    VW_CALL_WANTS(domain_set_user_password, user),
    VW_CALL_WANTS(domain_send_key, keycodes.count),
    VW_CALL(domain_inject_nmi),
    VW_CALL(domain_reset),
    VW_CALL_WANTS(domain_send_process_signal, pid_value),
    VW_CALL(domain_get_control_info),
    VW_CALL(domain_set_memory_stats_period),
    VW_CALL(domain_get_launch_security_info),
    VW_CALL(domain_get_fsinfo),
    VW_CALL(domain_fsfreeze),
    VW_CALL(domain_fsthaw),
    VW_CALL(domain_fstrim),
    VW_CALL(domain_interface_addresses),
    {NULL},
};

const struct vw_object_kind vw_object_kind_guest = {
    .name = "guest", .rows = rows, .about = &vw_object_kind_domain};
