// SPDX-License-Identifier: MIT
#include "mock-daemon/owned.h"

#include <stdio.h>

/* Six numbers of one or two digits, behind which there may be blanks. */
static bool read_mac(const char *text, char out[VW_MAC_TEXT])
{
    unsigned n[6];
    int end = 0;
    if (strspn(text, "0123456789abcdefABCDEF: ") != strlen(text) || *text == ' ' ||
        sscanf(text, "%2x:%2x:%2x:%2x:%2x:%2x%n", &n[0], &n[1], &n[2], &n[3], &n[4], &n[5], &end) !=
            6)
        return false;
    snprintf(out, VW_MAC_TEXT, "%02x:%02x:%02x:%02x:%02x:%02x", n[0], n[1], n[2], n[3], n[4], n[5]);
    return text[(size_t)end + strspn(text + end, " ")] == 0;
}

static enum vw_outcome wrong(struct vw_call *c, int32_t domain, const char *why)
{
    return vw_call_fail(c, VW_ERR_INTERNAL, domain, why);
}

enum vw_outcome vw_owned_check(struct vw_call *c, xmlNode *root, int32_t domain,
                               char mac[VW_MAC_TEXT])
{
    const xmlNode *owner = vw_xml_child(root, "owner"), *n = vw_xml_child(root, "mac");
    const char *name = vw_xml_content(c, vw_xml_child(owner, "name"));
    const char *uuid = vw_xml_content(c, vw_xml_child(owner, "uuid"));
    const char *address = vw_xml_get(c, n, "address");
    uint8_t bytes[16];
    if (!name || !*name || !uuid || !*uuid)
        return wrong(c, domain, "the name or uuid of the owner is missing");
    if (!vw_uuid_parse(uuid, bytes))
        return wrong(c, domain, "the uuid of the owner is none");
    if (!address || !*address)
        return wrong(c, domain, "the address is missing");
    if (!read_mac(address, mac))
        return wrong(c, domain, "the address is none");
    xmlSetProp((xmlNode *)(uintptr_t)n, BAD_CAST "address", BAD_CAST mac);
    return VW_DONE;
}
