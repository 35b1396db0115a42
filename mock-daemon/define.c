// SPDX-License-Identifier: MIT
// Rows that make objects of XML, and unmake them.
#include <libxml/tree.h>

#include "mock-daemon/conn.h"
#include "mock-daemon/daemon.h"
#include "mock-daemon/rows.h"
#include "mock-daemon/shape.h"

/* virErrorNumber and virErrorDomain */
enum { ERR_OPERATION_FAILED = 9, ERR_NO_NAME = 21, ERR_XML_ERROR = 27, ERR_XML_DETAIL = 35 };
enum { FROM_XML = 5 };

/* ---- reading ---- */

static enum vw_outcome read_name(struct vw_call *c, const xmlNode *root, struct vw_object *o)
{
    const struct vw_object_kind *kind = vw_call_objects(c)->kind;
    const char *name = vw_xml_content(c, vw_xml_child(root, "name"));
    if (!name || !*name)
        return vw_call_fail(c, ERR_NO_NAME, kind->xml_domain, "a name is missing");
    if (strchr(name, '/'))
        return vw_call_fail(c, ERR_XML_DETAIL, FROM_XML, "a name must not have a slash");
    o->name = vw_string(name);
    return VW_DONE;
}

static enum vw_outcome taken(struct vw_call *c)
{
    return vw_call_fail(c, ERR_OPERATION_FAILED, vw_call_objects(c)->kind->xml_domain,
                        "its name or uuid is another's");
}

/* One without a uuid is a new one. */
static enum vw_outcome read_uuid(struct vw_call *c, const xmlNode *root, struct vw_object *o)
{
    const char *text = vw_xml_content(c, vw_xml_child(root, "uuid"));
    if (!text && vw_objects_by_name(vw_call_objects(c), o->name.data))
        return taken(c);
    if (!text)
        vw_uuid_make(c->conn->model->seed, o->name.data, o->uuid);
    else if (!vw_uuid_parse(text, o->uuid))
        return vw_call_fail(c, VW_ERR_INTERNAL, vw_call_objects(c)->kind->xml_domain,
                            "the uuid is none");
    return VW_DONE;
}

/* Puts the uuid where it was not said; the rest is a matter of the shape. */
static enum vw_outcome write_xml(struct vw_call *c, xmlNode *root, struct vw_object *o)
{
    const struct vw_object_kind *kind = vw_call_objects(c)->kind;
    char uuid[VW_UUID_TEXT];
    struct vw_xml x;
    vw_uuid_text(o->uuid, uuid);
    xmlNode *element = (xmlNode *)(uintptr_t)vw_xml_child(root, "uuid");
    if (element)
        xmlNodeSetContent(element, BAD_CAST uuid);
    else
        xmlNewChild(root, NULL, BAD_CAST "uuid", BAD_CAST uuid);
    vw_xml_begin(&x);
    vw_shape_write(&x, kind->shape, root);
    return vw_xml_finish(&x, c, &o->xml);
}

static enum vw_outcome identify(struct vw_call *c, const xmlNode *root, struct vw_object *o)
{
    return read_name(c, root, o) == VW_DONE ? read_uuid(c, root, o) : VW_FAILED;
}

static enum vw_outcome read_root(struct vw_call *c, xmlNode *root, struct vw_object *o)
{
    const struct vw_object_kind *kind = vw_call_objects(c)->kind;
    const char *name = kind->root ? kind->root : kind->name;
    if (!root || !xmlStrEqual(root->name, BAD_CAST name))
        return vw_call_failf(c, ERR_XML_ERROR, FROM_XML, "the root is no <%s>", name);
    if ((kind->identify ? kind->identify : identify)(c, root, o) != VW_DONE ||
        (kind->parse && kind->parse(c, root, o) != VW_DONE))
        return VW_FAILED;
    return write_xml(c, root, o);
}

static enum vw_outcome no_memory(struct vw_call *c)
{
    return vw_call_fail(c, VW_ERR_INTERNAL, VW_FROM_TEST, "no memory for the object");
}

enum vw_outcome vw_call_read(struct vw_call *c, const struct vw_string *text, struct vw_object *o)
{
    xmlDoc *doc = vw_xml_parse(c, text, vw_call_objects(c)->kind->xml_domain);
    enum vw_outcome outcome;
    if (!doc)
        return VW_FAILED;
    outcome = read_root(c, xmlDocGetRootElement(doc), o);
    xmlFreeDoc(doc);
    return outcome;
}

/* ---- rows ---- */

/* LIKE is called and numbered as OLD, which is there already. */
static enum vw_outcome define_again(struct vw_call *c, struct vw_object *old,
                                    const struct vw_object *like)
{
    struct vw_objects *t = vw_call_objects(c);
    if (like->active && old->active)
        return vw_call_fail(c, ERR_OPERATION_INVALID, t->kind->xml_domain, "it is active already");
    if (vw_objects_redefine(t, old, like) < 0)
        return no_memory(c);
    if (like->active)
        vw_objects_set_state(t, old, like->state, 0);
    return VW_DONE;
}

static enum vw_outcome tell(struct vw_call *c, const struct vw_object *o)
{
    const struct vw_lives *lives = vw_call_objects(c)->kind->lives;
    const bool starts = c->entry->row->which == VW_ACTIVE;
    return vw_call_happened(c, o, starts ? lives->started : lives->defined, 0);
}

enum vw_outcome vw_row_define(struct vw_call *c, const void *args, void *ret)
{
    const struct vw_row *row = c->entry->row;
    struct vw_objects *t = vw_call_objects(c);
    struct vw_object *o = vw_call_alloc(c, t->kind->size), *same_name, *same_uuid;
    if (!o || vw_call_read(c, (const void *)((const uint8_t *)args + row->arg), o) != VW_DONE)
        return VW_FAILED;
    o->active = row->which == VW_ACTIVE;
    o->persistent = !o->active;
    o->state = o->active ? t->kind->running : t->kind->inactive;
    same_name = vw_objects_by_name(t, o->name.data);
    same_uuid = vw_objects_by_uuid(t, o->uuid);
    if (same_name != same_uuid)
        return taken(c);
    if (same_name && define_again(c, same_name, o) != VW_DONE)
        return VW_FAILED;
    if (!same_name && vw_objects_add(t, o, NULL) < 0)
        return no_memory(c);
    o = vw_objects_by_name(t, o->name.data);
    vw_refer(t->kind, o, (uint8_t *)ret + row->ret);
    return t->kind->lives ? tell(c, o) : VW_DONE;
}

enum vw_outcome vw_row_undefine(struct vw_call *c, const void *args, void *ret)
{
    const struct vw_row *row = c->entry->row;
    struct vw_object *o = vw_call_object(c, (const uint8_t *)args + row->arg);
    int32_t was = o ? o->persistent : 0;
    if (!o)
        return VW_FAILED;
    o->persistent = 0;
    if (vw_call_move(c, vw_call_objects(c), o, row->move) == VW_DONE)
        return VW_DONE;
    o->persistent = was;
    return VW_FAILED;
}
