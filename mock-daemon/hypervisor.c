// SPDX-License-Identifier: MIT
// What hypervisors call themselves. Of libvirtd 9.0.0 were asked: type, domain of errors and
// features of the drivers of qemu and LXC, and whether they migrate; the domain of errors of those
// of VirtualBox and Xen, which open nothing where there is no such hypervisor. The others are by
// libvirt's names and numbers. Versions are picked: a client sees one that looks like the
// hypervisor's.
#include "mock-daemon/hypervisor.h"

#include <string.h>

#include "mock-daemon/conn.h"
#include "schema/facts.h"

/* virErrorDomain */
enum {
    FROM_XEN = 1,
    FROM_QEMU = 10,
    FROM_OPENVZ = 14,
    FROM_LXC = 17,
    FROM_STORAGE = 18,
    FROM_NODEDEV = 22,
    FROM_VBOX = 25,
    FROM_INTERFACE = 26,
    FROM_ESX = 28,
    FROM_VMWARE = 39,
    FROM_LIBXL = 41,
    FROM_HYPERV = 43,
    FROM_PARALLELS = 48,
    FROM_BHYVE = 57,
    FROM_CH = 72
};

#define QEMU "/usr/bin/qemu-system-i386"

const struct vw_hypervisor vw_hypervisor_test = {
    "test", "TEST", 2, VW_FROM_TEST, "test", "hvm", "/usr/bin/test-hv"};

static const struct vw_hypervisor hypervisors[] = {
    {"qemu", "QEMU", 7002000, FROM_QEMU, "qemu", "hvm", QEMU, true},
    {"lxc", "LXC", 6001000, FROM_LXC, "lxc", "exe", "/usr/lib/libvirt/libvirt_lxc"},
    {"xen", "Xen", 4017000, FROM_LIBXL, "xen", "xen", "/usr/lib/xen/bin/qemu-system-i386", true},
    {"vbox", "VBOX", 7000000, FROM_VBOX, "vbox", "hvm", "/usr/bin/VBoxHeadless"},
    {"bhyve", "BHYVE", 1301000, FROM_BHYVE, "bhyve", "hvm", "/usr/sbin/bhyve"},
    {"vz", "vz", 7000000, FROM_PARALLELS, "vz", "hvm", "/usr/bin/vz", true},
    {"openvz", "OpenVZ", 4007000, FROM_OPENVZ, "openvz", "exe", "/usr/sbin/vzctl", true},
    {"vmwareplayer", "VMware", 17000000, FROM_VMWARE, "vmware", "hvm", "/usr/bin/vmplayer"},
    {"vmwarews", "VMware", 17000000, FROM_VMWARE, "vmware", "hvm", "/usr/bin/vmware"},
    {"esx", "ESX", 7000000, FROM_ESX, "vmware", "hvm", "", true},
    {"hyperv", "Hyper-V", 10000000, FROM_HYPERV, "hyperv", "hvm", ""},
    {"ch", "CH", 28000000, FROM_CH, "kvm", "hvm", "/usr/bin/cloud-hypervisor"},
    /* Of 2007. */
    {"qemud", "QEMU", 9000, FROM_QEMU, "qemu", "hvm", QEMU, true},
    {"xend", "Xen", 3001000, FROM_XEN, "xen", "xen", "/usr/lib/xen/bin/qemu-dm", true},
};

const struct vw_hypervisor *vw_hypervisor(const char *uri)
{
    const size_t len = strcspn(uri, ":+");
    for (size_t i = 0; i < sizeof(hypervisors) / sizeof(hypervisors[0]); i++) {
        const struct vw_hypervisor *h = &hypervisors[i];
        if (strlen(h->scheme) == len && strncmp(h->scheme, uri, len) == 0)
            return h;
    }
    return &vw_hypervisor_test;
}

/* Drivers that each hypervisor leaves it to. */
static bool is_shared(int32_t domain)
{
    return domain == FROM_STORAGE || domain == VW_FROM_NETWORK || domain == FROM_NODEDEV ||
           domain == FROM_INTERFACE;
}

void vw_hypervisor_own_error(struct vw_call *c)
{
    const bool own = c->error.domain == VW_FROM_TEST || c->error.domain == FROM_QEMU;
    if (!c->conn->hosted || !own)
        return;
    const int32_t domain = vw_proc_facts(c->event->proc)->domain;
    c->error.domain = is_shared(domain) ? domain : c->conn->hosted->domain;
}
