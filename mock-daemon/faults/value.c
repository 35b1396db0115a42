// SPDX-License-Identifier: MIT
// Faults of values that a call alone does not show: what is said once is another the next time.
#include "mock-daemon/faults/edit.h"

struct unsteady {
    const char *procedure, *edit;
};

/* Each second good reply is edited. */
static enum vw_fate unsteady(const struct vw_fault *f, struct vw_tamper *t,
                             struct vw_fault_output *m)
{
    const struct unsteady *row = f->kind->detail;
    if (m->kind != VW_OUT_REPLY || !vw_proc_is(m->proc, row->procedure) ||
        vw_tamper_state(t, f)->count++ % 2 == 0)
        return VW_FATE_PASS;
    return vw_fault_edit(t, m, row->edit);
}

#define UNSTEADY(...)                                                                              \
    .output = unsteady, .detail = &(const struct unsteady)                                         \
    {                                                                                              \
        __VA_ARGS__                                                                                \
    }

const struct vw_fault_kind vw_fault_kinds_value[] = {
    {"version-changes", "O-2", "each second time the version is another",
     UNSTEADY("connect_get_version", "flip body.hv_ver at -1 01")},
    {"library-changes", "O-2", "each second time the version of the library is another",
     UNSTEADY("connect_get_lib_version", "flip body.lib_ver at -1 01")},
    {"hostname-changes", "O-2", "each second time the name of the host is another",
     UNSTEADY("connect_get_hostname", "flip body.hostname.#data 01")},
    {"capabilities-change", "O-2", "each second time the capabilities are other ones",
     UNSTEADY("connect_get_capabilities", "flip body.capabilities.#data at -1 2a")},
    {"node-changes", "O-2", "each second time the machine has another number of processors",
     UNSTEADY("node_get_info", "flip body.cpus at -1 01")},
    {NULL},
};
