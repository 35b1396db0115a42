// SPDX-License-Identifier: MIT
// The order in which libvirt writes the elements of a domain.
#include "mock-daemon/domain-order.h"

#include <string.h>

struct order {
    const char *parent;
    const char *words; /* each between two spaces */
    bool closed;       /* others are not known to libvirt */
};

static const struct order orders[] = {
    {"domain",
     " name uuid genid title description metadata maxMemory memory currentMemory blkiotune memtune "
     "memoryBacking vcpu vcpus iothreads iothreadids defaultiothread cputune numatune resource "
     "sysinfo bootloader bootloader_args os idmap features cpu clock on_poweroff on_reboot "
     "on_crash on_lockfailure pm perf devices seclabel keywrap launchSecurity ",
     true},
    {"devices",
     " emulator disk controller lease filesystem interface smartcard serial parallel console "
     "channel input tpm graphics audio sound video hostdev redirdev redirfilter hub watchdog "
     "memballoon rng nvram panic shmem memory iommu vsock crypto ",
     true},
    {"disk",
     " driver auth source backingStore mirror geometry blockio target iotune readonly shareable "
     "transient serial wwn vendor product encryption boot alias address ",
     false},
    {"interface",
     " mac source virtualport vlan bandwidth target guest script model driver backend filterref ip "
     "link mtu port coalesce boot rom alias address ",
     false},
    {"iotune",
     " total_bytes_sec read_bytes_sec write_bytes_sec total_iops_sec read_iops_sec write_iops_sec "
     "total_bytes_sec_max read_bytes_sec_max write_bytes_sec_max total_iops_sec_max "
     "read_iops_sec_max write_iops_sec_max size_iops_sec group_name total_bytes_sec_max_length "
     "read_bytes_sec_max_length write_bytes_sec_max_length total_iops_sec_max_length "
     "read_iops_sec_max_length write_iops_sec_max_length ",
     false},
    {"bandwidth", " inbound outbound ", false},
    {"memtune", " hard_limit soft_limit min_guarantee swap_hard_limit ", false},
    {"blkiotune", " weight device ", false},
    {"cputune", " shares period quota vcpupin emulatorpin iothreadpin ", false},
    {"os", " type loader nvram init initarg kernel initrd cmdline dtb boot bootmenu bios smbios ",
     false},
    {"features", " acpi apic pae ", false},
    {"cpu", " arch model vendor topology cache feature numa ", false},
};

static const struct order *order_of(const char *parent)
{
    for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
        if (strcmp(orders[i].parent, parent) == 0)
            return &orders[i];
    }
    return NULL;
}

int vw_domain_place(const char *parent, const char *element)
{
    const struct order *o = order_of(parent);
    const size_t len = strlen(element);
    for (const char *at = o ? strstr(o->words, element) : NULL; at; at = strstr(at + 1, element)) {
        if (at[-1] == ' ' && at[len] == ' ')
            return (int)(at - o->words);
    }
    return o && o->closed ? -1 : VW_DOMAIN_PLACE_LAST;
}
