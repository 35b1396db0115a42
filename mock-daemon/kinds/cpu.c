// SPDX-License-Identifier: MIT
// The processor that all of some have in common. What features a model has is not known here: those
// are compared that stand in the XML, and of several models none is in common.
#include "mock-daemon/cpu-models.h"
#include "mock-daemon/kinds/domain.h"
#include "mock-daemon/rows.h"
#include "mock-daemon/xml.h"

/* virErrorNumber and virErrorDomain */
enum { ERR_OPERATION_FAILED = 9, ERR_XML_ERROR = 27, ERR_CONFIG_UNSUPPORTED = 67, FROM_CPU = 31 };

/* virConnectBaselineCPUFlags: with the features that the model has. */
#define BASELINE_EXPAND 1u

struct cpu {
    xmlDoc *doc;
    const xmlNode *root;
    const char *model, *vendor;
};

static enum vw_outcome wrong(struct vw_call *c, int32_t code, const char *why)
{
    return vw_call_fail(c, code, FROM_CPU, why);
}

static bool has_model(const struct vw_cpu_arch *arch, const char *model)
{
    for (uint32_t i = 0; i < arch->count; i++) {
        if (strcmp(arch->models[i].data, model) == 0)
            return true;
    }
    return arch->count == 0;
}

static enum vw_outcome check(struct vw_call *c, struct cpu *cpu)
{
    const char *name = vw_xml_content(c, vw_xml_child(cpu->root, "arch"));
    const struct vw_cpu_arch *arch = name ? vw_cpu_arch(name) : NULL;
    if (!xmlStrEqual(cpu->root->name, BAD_CAST "cpu"))
        return wrong(c, ERR_XML_ERROR, "the XML is no processor");
    if (vw_xml_get(c, cpu->root, "mode"))
        return wrong(c, ERR_CONFIG_UNSUPPORTED, "a mode is for guests");
    if (!name)
        return wrong(c, ERR_XML_ERROR, "the architecture is missing");
    if (!arch)
        return wrong(c, ERR_CONFIG_UNSUPPORTED, "no such architecture");
    cpu->model = vw_xml_content(c, vw_xml_child(cpu->root, "model"));
    cpu->vendor = vw_xml_content(c, vw_xml_child(cpu->root, "vendor"));
    if (!cpu->model)
        return wrong(c, ERR_XML_ERROR, "the model is missing");
    if (!has_model(arch, cpu->model))
        return wrong(c, VW_ERR_INTERNAL, "no such model");
    return VW_DONE;
}

static enum vw_outcome read(struct vw_call *c, const struct vw_string *text, struct cpu *cpu)
{
    cpu->doc = vw_xml_parse(c, text, FROM_CPU);
    if (!cpu->doc)
        return VW_FAILED;
    cpu->root = xmlDocGetRootElement(cpu->doc);
    return check(c, cpu);
}

/* A vendor that only some name is nobody's. */
static enum vw_outcome compare(struct vw_call *c, struct cpu *list, uint32_t n)
{
    for (uint32_t i = 1; i < n; i++) {
        if (list[0].vendor && list[i].vendor && strcmp(list[0].vendor, list[i].vendor) != 0)
            return wrong(c, ERR_OPERATION_FAILED, "they are of several vendors");
        if (strcmp(list[0].model, list[i].model) != 0)
            return vw_call_fail(c, VW_ERR_NO_SUPPORT, VW_FROM_DOMAIN,
                                "what several models have in common is not known here");
    }
    for (uint32_t i = 1; i < n; i++) {
        if (!list[i].vendor)
            list[0].vendor = NULL;
    }
    return VW_DONE;
}

static const xmlNode *next_feature(const xmlNode *n)
{
    while (n && (n->type != XML_ELEMENT_NODE || !xmlStrEqual(n->name, BAD_CAST "feature")))
        n = n->next;
    return n;
}

static bool has_feature(struct vw_call *c, const struct cpu *cpu, const char *name)
{
    const xmlNode *n = next_feature(cpu->root->children);
    for (; n; n = next_feature(n->next)) {
        const char *this = vw_xml_get(c, n, "name");
        if (this && strcmp(this, name) == 0)
            return true;
    }
    return false;
}

static void put_features(struct vw_call *c, struct vw_xml *x, const struct cpu *list, uint32_t n)
{
    const xmlNode *one = next_feature(list[0].root->children);
    for (; one; one = next_feature(one->next)) {
        const char *name = vw_xml_get(c, one, "name");
        uint32_t i = 1;
        while (i < n && name && has_feature(c, &list[i], name))
            i++;
        if (name && i == n)
            vw_xml_empty(x, "feature", "policy", "require", "name", name, NULL);
    }
}

static enum vw_outcome put(struct vw_call *c, const struct cpu *list, uint32_t n,
                           struct vw_string *out)
{
    struct vw_xml x;
    vw_xml_begin(&x);
    vw_xml_start(&x, "cpu");
    vw_xml_attribute(&x, "mode", "custom");
    vw_xml_attribute(&x, "match", "exact");
    vw_xml_start(&x, "model");
    vw_xml_attribute(&x, "fallback", "forbid");
    vw_xml_text(&x, list[0].model);
    vw_xml_end(&x);
    if (list[0].vendor)
        vw_xml_leaf(&x, "vendor", list[0].vendor);
    put_features(c, &x, list, n);
    vw_xml_end(&x);
    return vw_xml_finish(&x, c, out);
}

enum vw_outcome vw_on_connect_baseline_cpu(struct vw_call *c,
                                           const struct remote_connect_baseline_cpu_args *args,
                                           struct remote_connect_baseline_cpu_ret *ret)
{
    const struct vw_string *texts = args->xmlCPUs.items;
    const uint32_t n = args->xmlCPUs.count;
    struct cpu *list = vw_call_alloc(c, n * sizeof(*list));
    enum vw_outcome outcome =
        list ? vw_call_check_flags(c, args->flags, BASELINE_EXPAND) : VW_FAILED;
    uint32_t i = 0;
    for (; outcome == VW_DONE && i < n; i++)
        outcome = read(c, &texts[i], &list[i]);
    if (outcome == VW_DONE)
        outcome = compare(c, list, n);
    if (outcome == VW_DONE && (args->flags & BASELINE_EXPAND))
        outcome = vw_call_fail(c, VW_ERR_NO_SUPPORT, VW_FROM_DOMAIN,
                               "what features a model has is not known here");
    if (outcome == VW_DONE)
        outcome = put(c, list, n, &ret->cpu);
    while (i > 0)
        xmlFreeDoc(list[--i].doc);
    return outcome;
}

static const struct vw_row rows[] = {
    VW_CALL_WANTS(connect_baseline_cpu, xmlCPUs.count),
    {NULL},
};

const struct vw_object_kind vw_object_kind_cpu = {
    .name = "cpu", .rows = rows, .about = &vw_object_kind_domain};
