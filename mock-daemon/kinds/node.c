// SPDX-License-Identifier: MIT
// The machine that the hypervisor stands on, as the test driver pretends it to be.
#include <stdio.h>
#include <stdlib.h>

#include "mock-daemon/conn.h"
#include "mock-daemon/cpu-models.h"
#include "mock-daemon/rows.h"

/* virErrorDomain */
enum { FROM_CPU = 31 };

/* ---- processors and memory ---- */

/* The cells of the machine: the free memory that is told of one is in KiB, and so is its own. */
static const struct cell {
    uint64_t memory;
    unsigned page, pages; /* of its smallest size: KiB, and how many */
} cells[VW_CELLS] = {{2097152, 4, 524288}, {4194304, 8, 524288}};

enum vw_outcome vw_on_node_get_info(struct vw_call *c, struct remote_node_get_info_ret *ret)
{
    const struct vw_machine *h = &c->conn->model->host;
    *ret = (struct remote_node_get_info_ret){
        .memory = h->memory,
        .cpus = h->cpus,
        .mhz = h->mhz,
        .nodes = h->nodes,
        .sockets = h->sockets,
        .cores = h->cores,
        .threads = h->threads,
    };
    memcpy(ret->model, h->model, sizeof(h->model));
    return VW_DONE;
}

/* As many processors as half the machine has; of those three are on. */
enum vw_outcome vw_on_node_get_cpu_map(struct vw_call *c,
                                       const struct remote_node_get_cpu_map_args *args,
                                       struct remote_node_get_cpu_map_ret *ret)
{
    static uint8_t map[] = {1 << 0 | 1 << 2 | 1 << 4};
    if (vw_call_check_flags(c, args->flags, 0) != VW_DONE)
        return VW_FAILED;
    if (args->need_map)
        ret->cpumap = (struct vw_bytes){map, sizeof(map)};
    ret->online = args->need_online ? 3 : 0;
    ret->ret = 8;
    return VW_DONE;
}

/* Whatever processor is asked about. */
enum vw_outcome vw_on_node_get_cpu_stats(struct vw_call *c,
                                         const struct remote_node_get_cpu_stats_args *args,
                                         struct remote_node_get_cpu_stats_ret *ret)
{
    static struct remote_node_get_cpu_stats stats[] = {
        {VW_STRING("user"), 9797400000},
        {VW_STRING("kernel"), 34678723400000},
        {VW_STRING("idle"), 87264900000},
        {VW_STRING("iowait"), 763600000},
    };
    const int32_t count = sizeof(stats) / sizeof(stats[0]);
    if (args->nparams < 0 || (uint32_t)args->nparams > vw_call_list_bound(c))
        return vw_call_fail(c, VW_ERR_INTERNAL, VW_FROM_RPC, "no such count of values");
    if (args->cpuNum < -1)
        return vw_call_fail(c, VW_ERR_INVALID_ARG, VW_FROM_DOMAIN, "no such processor");
    if (vw_call_check_flags(c, args->flags, 0) != VW_DONE)
        return VW_FAILED;
    if (args->nparams == 0)
        ret->nparams = count;
    else
        ret->params =
            (struct vw_list){stats, (uint32_t)(args->nparams < count ? args->nparams : count)};
    return VW_DONE;
}

enum vw_outcome vw_on_node_get_free_memory(struct vw_call *c,
                                           struct remote_node_get_free_memory_ret *ret)
{
    ret->freeMem = c->conn->model->host.memory;
    return VW_DONE;
}

enum vw_outcome
vw_on_node_get_cells_free_memory(struct vw_call *c,
                                 const struct remote_node_get_cells_free_memory_args *args,
                                 struct remote_node_get_cells_free_memory_ret *ret)
{
    uint64_t *list;
    const uint32_t count = c->conn->model->host.cells;
    uint32_t n = 0;
    if (vw_call_check_count(c, args->maxcells) != VW_DONE)
        return VW_FAILED;
    if (args->maxcells == 0 || args->startCell < 0)
        return vw_call_fail(c, VW_ERR_INVALID_ARG, VW_FROM_DOMAIN, "no such cells");
    if ((uint32_t)args->startCell >= count)
        return vw_call_fail(c, VW_ERR_INVALID_ARG, VW_FROM_TEST, "there are fewer cells");
    list = vw_call_alloc(c, sizeof(*list) * count);
    if (!list)
        return VW_FAILED;
    for (uint32_t i = (uint32_t)args->startCell; i < count && n < (uint32_t)args->maxcells; i++)
        list[n++] = cells[i].memory;
    ret->cells = (struct vw_list){list, n};
    return VW_DONE;
}

/* The driver says 0 where it has done so, which the daemon takes for an error of unknown cause. */
enum vw_outcome vw_on_node_get_free_pages(struct vw_call *c,
                                          const struct remote_node_get_free_pages_args *args,
                                          struct remote_node_get_free_pages_ret *ret)
{
    if ((uint64_t)args->pages.count * args->cellCount > vw_call_list_bound(c))
        return vw_call_fail(c, VW_ERR_INTERNAL, VW_FROM_RPC, "too many pages of too many cells");
    if (args->pages.count == 0 || args->cellCount == 0)
        return vw_call_fail(c, VW_ERR_INVALID_ARG, VW_FROM_DOMAIN, "no pages or no cells");
    if (vw_call_check_flags(c, args->flags, 0) != VW_DONE)
        return VW_FAILED;
    return vw_call_fail(c, VW_ERR_INTERNAL, VW_FROM_RPC, "the pages are not known");
}

/* ---- what it is ---- */

#define SECURITY "testSecurity"

enum vw_outcome vw_on_node_get_security_model(struct vw_call *c,
                                              struct remote_node_get_security_model_ret *ret)
{
    (void)c;
    ret->model = VW_CHARACTERS(SECURITY);
    ret->doi = VW_CHARACTERS("");
    return VW_DONE;
}

enum vw_outcome vw_on_connect_get_sysinfo(struct vw_call *c,
                                          const struct remote_connect_get_sysinfo_args *args,
                                          struct remote_connect_get_sysinfo_ret *ret)
{
    static const struct vw_string xml =
        VW_STRING("<sysinfo type='smbios'>\n"
                  "  <bios>\n"
                  "    <entry name='vendor'>LENOVO</entry>\n"
                  "    <entry name='version'>G4ETA1WW (2.61 )</entry>\n"
                  "    <entry name='date'>05/07/2014</entry>\n"
                  "    <entry name='release'>2.61</entry>\n"
                  "  </bios>\n"
                  "</sysinfo>\n");
    ret->sysinfo = xml;
    return vw_call_check_flags(c, args->flags, 0);
}

static void put_cell(FILE *f, uint32_t number)
{
    const struct cell *cell = &cells[number];
    fprintf(f,
            "        <cell id='%u'>\n"
            "          <memory unit='KiB'>%llu</memory>\n"
            "          <pages unit='KiB' size='%u'>%u</pages>\n"
            "          <pages unit='KiB' size='2048'>0</pages>\n"
            "          <pages unit='KiB' size='1048576'>0</pages>\n"
            "          <cpus num='%d'>\n",
            number, (unsigned long long)cell->memory, cell->page, cell->pages, VW_CELL_CPUS);
    for (uint32_t i = 0; i < VW_CELL_CPUS; i++) {
        const uint32_t id = number * VW_CELL_CPUS + i;
        fprintf(f,
                "            <cpu id='%u' socket_id='%u' die_id='0' core_id='%u' siblings='%u'/>\n",
                id, number, i, id);
    }
    fputs("          </cpus>\n        </cell>\n", f);
}

static void put_guest(FILE *f, const char *os, const struct vw_hypervisor *h)
{
    fprintf(f,
            "  <guest>\n"
            "    <os_type>%s</os_type>\n"
            "    <arch name='i686'>\n"
            "      <wordsize>32</wordsize>\n"
            "      <emulator>%s</emulator>\n"
            "      <domain type='%s'/>\n"
            "    </arch>\n"
            "    <features>\n"
            "      <pae/>\n"
            "      <nonpae/>\n"
            "    </features>\n"
            "  </guest>\n\n",
            os, h->emulator, h->guest);
}

static void put_capabilities(FILE *f, uint32_t count, const struct vw_hypervisor *hosted)
{
    fputs("<capabilities>\n\n"
          "  <host>\n"
          "    <cpu>\n"
          "      <arch>i686</arch>\n"
          "      <features>\n"
          "        <pae/>\n"
          "        <nonpae/>\n"
          "      </features>\n"
          "      <pages unit='KiB' size='4'/>\n"
          "      <pages unit='KiB' size='8'/>\n"
          "      <pages unit='KiB' size='2048'/>\n"
          "      <pages unit='KiB' size='1048576'/>\n"
          "    </cpu>\n"
          "    <power_management/>\n"
          "    <iommu support='no'/>\n"
          "    <topology>\n",
          f);
    fprintf(f, "      <cells num='%u'>\n", count);
    for (uint32_t i = 0; i < count; i++)
        put_cell(f, i);
    fputs("      </cells>\n"
          "    </topology>\n"
          "    <secmodel>\n"
          "      <model>" SECURITY "</model>\n"
          "      <doi></doi>\n"
          "    </secmodel>\n"
          "  </host>\n\n",
          f);
    if (hosted) {
        put_guest(f, hosted->os, hosted);
    } else {
        put_guest(f, "hvm", &vw_hypervisor_test);
        put_guest(f, "xen", &vw_hypervisor_test);
    }
    fputs("</capabilities>\n", f);
}

enum vw_outcome vw_on_connect_get_capabilities(struct vw_call *c,
                                               struct remote_connect_get_capabilities_ret *ret)
{
    char *text = NULL;
    size_t size = 0;
    FILE *f = open_memstream(&text, &size);
    if (f) {
        put_capabilities(f, c->conn->model->host.cells, c->conn->hosted);
        fclose(f);
    }
    ret->capabilities.data = text ? vw_call_alloc(c, size + 1) : NULL;
    if (ret->capabilities.data)
        memcpy(ret->capabilities.data, text, size);
    ret->capabilities.len = (uint32_t)size;
    free(text);
    return ret->capabilities.data ? VW_DONE
                                  : vw_call_fail(c, VW_ERR_INTERNAL, VW_FROM_RPC, "no memory");
}

/* ---- models of processors ---- */

enum vw_outcome
vw_on_connect_get_cpu_model_names(struct vw_call *c,
                                  const struct remote_connect_get_cpu_model_names_args *args,
                                  struct remote_connect_get_cpu_model_names_ret *ret)
{
    const struct vw_cpu_arch *arch = vw_cpu_arch(vw_text(&args->arch));
    if (vw_call_check_flags(c, args->flags, 0) != VW_DONE)
        return VW_FAILED;
    if (!arch)
        return vw_call_fail(c, VW_ERR_INVALID_ARG, VW_FROM_TEST, "no architecture is called so");
    if (!arch->known)
        return vw_call_fail(c, VW_ERR_NO_SUPPORT, FROM_CPU, "no processors of it are known");
    ret->ret = (int32_t)arch->count;
    if (args->need_results && arch->count)
        ret->models = (struct vw_list){(void *)(uintptr_t)arch->models, arch->count};
    return VW_DONE;
}

static const struct vw_row rows[] = {
    VW_CALL(node_get_info),
    VW_CALL(node_get_cpu_map),
    VW_CALL(node_get_cpu_stats),
    VW_CALL(node_get_free_memory),
    VW_CALL(node_get_cells_free_memory),
    VW_CALL(node_get_free_pages),
    VW_CALL(node_get_security_model),
    VW_CALL(connect_get_sysinfo),
    VW_CALL(connect_get_capabilities),
    VW_CALL(connect_get_cpu_model_names),
    {NULL},
};

const struct vw_object_kind vw_object_kind_node = {.name = "node", .rows = rows};
