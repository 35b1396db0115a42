// SPDX-License-Identifier: MIT
// Capabilities XML: the host's architecture and cells, and one kind of guest.
#include "mock-daemon/capabilities.h"

#include "mock-daemon/xml.h"

static void host(struct vw_xml *x)
{
    vw_xml_start(x, "host");
    vw_xml_start(x, "cpu");
    vw_xml_leaf(x, "arch", "i686");
    vw_xml_start(x, "features");
    vw_xml_empty(x, "pae", NULL);
    vw_xml_empty(x, "nonpae", NULL);
    vw_xml_end(x);
    vw_xml_end(x);
    vw_xml_empty(x, "power_management", NULL);
    vw_xml_empty(x, "iommu", "support", "no", NULL);
    vw_xml_end(x);
}

static void guest(struct vw_xml *x)
{
    vw_xml_start(x, "guest");
    vw_xml_leaf(x, "os_type", "hvm");
    vw_xml_start(x, "arch");
    vw_xml_attribute(x, "name", "i686");
    vw_xml_leaf(x, "wordsize", "32");
    vw_xml_empty(x, "domain", "type", "test", NULL);
    vw_xml_end(x);
    vw_xml_end(x);
}

enum vw_outcome vw_capabilities_xml(struct vw_call *c, struct vw_string *out)
{
    struct vw_xml x;
    vw_xml_begin(&x);
    vw_xml_start(&x, "capabilities");
    host(&x);
    guest(&x);
    vw_xml_end(&x);
    return vw_xml_finish(&x, c, out);
}
