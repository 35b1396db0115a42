// SPDX-License-Identifier: MIT
// A cookie is XML of our own: whose it is, where it comes from, and the definition that goes along.
#include "mock-daemon/conn.h"
#include "mock-daemon/migrate/migration.h"
#include "mock-daemon/model.h"
#include "mock-daemon/xml.h"

#define ROOT "virwired-migration"

enum vw_outcome vw_cookie_write(struct vw_call *c, const struct vw_domain *d,
                                const char *persistent, struct vw_bytes *out)
{
    char uuid[VW_UUID_TEXT];
    struct vw_string text;
    struct vw_xml x;
    vw_uuid_text(d->o.uuid, uuid);
    vw_xml_begin(&x);
    vw_xml_start(&x, ROOT);
    vw_xml_leaf(&x, "name", d->o.name.data);
    vw_xml_leaf(&x, "uuid", uuid);
    vw_xml_leaf(&x, "hostname", c->conn->model->hostname);
    if (persistent)
        vw_xml_leaf(&x, "persistent", persistent);
    vw_xml_end(&x);
    if (vw_xml_finish(&x, c, &text) != VW_DONE)
        return VW_FAILED;
    *out = (struct vw_bytes){(uint8_t *)text.data, text.len};
    return VW_DONE;
}

static enum vw_outcome refuse(struct vw_call *c)
{
    return vw_call_fail(c, VW_ERR_INTERNAL, VW_FROM_QEMU, "the cookie is none of ours");
}

static enum vw_outcome read_root(struct vw_call *c, const xmlNode *root, struct vw_cookie *out)
{
    const char *uuid = vw_xml_content(c, vw_xml_child(root, "uuid"));
    out->name = vw_xml_content(c, vw_xml_child(root, "name"));
    out->hostname = vw_xml_content(c, vw_xml_child(root, "hostname"));
    out->persistent = vw_xml_content(c, vw_xml_child(root, "persistent"));
    if (!root || !xmlStrEqual(root->name, BAD_CAST ROOT) || !out->name || !uuid ||
        !vw_uuid_parse(uuid, out->uuid))
        return refuse(c);
    return VW_DONE;
}

enum vw_outcome vw_cookie_read(struct vw_call *c, const struct vw_bytes *bytes,
                               struct vw_cookie *out)
{
    const struct vw_string text = {(char *)bytes->data, bytes->len};
    *out = (struct vw_cookie){0};
    if (bytes->len == 0)
        return VW_DONE;
    xmlDoc *doc = vw_xml_parse(c, &text, VW_FROM_QEMU);
    if (!doc)
        return VW_FAILED;
    const enum vw_outcome outcome = read_root(c, xmlDocGetRootElement(doc), out);
    xmlFreeDoc(doc);
    return outcome;
}
