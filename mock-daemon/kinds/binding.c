// SPDX-License-Identifier: MIT
// Bindings of network filters to ports, of which any is taken to be there. The filter of one is its
// parent.
#include "mock-daemon/conn.h"
#include "mock-daemon/kinds/nwfilter.h"
#include "mock-daemon/owned.h"
#include "mock-daemon/rows.h"
#include "mock-daemon/shape.h"

/* virErrorNumber */
enum { ERR_NO_NWFILTER_BINDING = 101 };

static void refer(const struct vw_object *o, void *to)
{
    *(struct remote_nonnull_nwfilter_binding *)to = (struct remote_nonnull_nwfilter_binding){
        .portdev = o->name, .filtername = o->parent ? o->parent->name : (struct vw_string){0}};
}

/* ---- definitions ---- */

static const struct vw_shape shape[] = {
    {"filterbinding", "", "owner portdev linkdev mac filterref"},
    {"owner", "", "name uuid"},
    {"portdev", "name"},
    {"linkdev", "name"},
    {"mac", "address"},
    {NULL},
};

/* What attribute NAME of the element WHICH says, which must be there. */
static const char *said(struct vw_call *c, const xmlNode *root, const char *which, const char *name)
{
    const char *text = vw_xml_get(c, vw_xml_child(root, which), name);
    return text && *text ? text : NULL;
}

static enum vw_outcome identify(struct vw_call *c, const xmlNode *root, struct vw_object *o)
{
    const char *portdev = said(c, root, "portdev", "name");
    const char *filter = said(c, root, "filterref", "filter");
    if (!portdev || !filter)
        return vw_nwfilter_wrong(c, VW_ERR_INTERNAL, "the port or its filter is missing");
    o->name = vw_string(portdev);
    vw_uuid_from_name(portdev, o->uuid);
    o->parent =
        vw_objects_by_name(vw_model_objects(c->conn->model, &vw_object_kind_nwfilter), filter);
    return VW_DONE;
}

/* The filter, and all that it names, must be there. */
static enum vw_outcome check_filters(struct vw_call *c, const struct vw_object *o)
{
    const int leads = o->parent ? vw_nwfilter_leads_to(c, &o->parent->xml, NULL) : 1;
    if (leads > 0)
        return vw_nwfilter_wrong(c, VW_ERR_INTERNAL, "there is no such filter");
    return leads < 0 ? VW_FAILED : VW_DONE;
}

/* The address is a parameter unless another is one. */
static void add_mac(struct vw_call *c, xmlNode *reference, const char *mac)
{
    static const char name[] = "MAC";
    for (const xmlNode *n = reference->children; n; n = n->next) {
        const char *other = vw_xml_get(c, n, "name");
        if (other && strcmp(other, name) == 0)
            return;
    }
    xmlNode *n = xmlNewChild(reference, NULL, BAD_CAST "parameter", NULL);
    xmlNewProp(n, BAD_CAST "name", BAD_CAST name);
    xmlNewProp(n, BAD_CAST "value", BAD_CAST mac);
}

static enum vw_outcome parse(struct vw_call *c, xmlNode *root, struct vw_object *o)
{
    char mac[VW_MAC_TEXT];
    if (vw_owned_check(c, root, VW_FROM_NWFILTER, mac) != VW_DONE)
        return VW_FAILED;
    if (vw_objects_by_name(vw_call_objects(c), o->name.data))
        return vw_nwfilter_wrong(c, ERR_OPERATION_FAILED, "the port has a binding already");
    if (check_filters(c, o) != VW_DONE)
        return VW_FAILED;
    xmlNode *reference = (xmlNode *)(uintptr_t)vw_xml_child(root, "filterref");
    add_mac(c, reference, mac);
    return vw_nwfilter_tidy_reference(c, reference);
}

/* ---- rows ---- */

static const struct vw_move leave = {1u << 0 | 1u << 1, .to = 0};

static const struct vw_row rows[] = {
    VW_ALL(connect_list_all_nwfilter_bindings, bindings, 0),
    VW_BY_NAME(nwfilter_binding_lookup_by_port_dev, nwfilter),
    VW_DEFINE_FLAGS(nwfilter_binding_create_xml, nwfilter, VW_INACTIVE, 1),
    VW_UNDEFINE(nwfilter_binding_delete, nwfilter, &leave),
    VW_XML(nwfilter_binding_get_xml_desc, nwfilter, 0),
    {NULL},
};

const struct vw_object_kind vw_object_kind_binding = {
    .name = "nwfilter_binding",
    .root = "filterbinding",
    .rows = rows,
    .hosted = true,
    .size = sizeof(struct vw_object),
    .reference = {.size = sizeof(struct remote_nonnull_nwfilter_binding)},
    .missing = {ERR_NO_NWFILTER_BINDING, VW_FROM_NWFILTER},
    .missing_text = "there is no such binding",
    .xml_domain = VW_FROM_NWFILTER,
    .refer = refer,
    .shape = shape,
    .identify = identify,
    .parse = parse,
};
