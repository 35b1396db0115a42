// SPDX-License-Identifier: MIT
// What a domain is now, and from its next start on; starting it. Below the kinds that change it.
#include <stdlib.h>

#include "mock-daemon/conn.h"
#include "mock-daemon/domain-xml.h"
#include "mock-daemon/kinds/domain.h"
#include "mock-daemon/rows.h"

const struct vw_domain vw_domain_default = {
    .o = {.name = VW_STRING("test"),
          .uuid = {0x66, 0x95, 0xeb, 0x01, 0xf6, 0xa4, 0x83, 0x04, 0x79, 0xaa, 0x97, 0xf2, 0x50,
                   0x2e, 0x19, 0x3f},
          .state = VW_DOMAIN_RUNNING,
          .persistent = 1},
    .facts = {.max_memory = 8388608, .memory = 2097152, .vcpus = 2},
    .os_type = VW_STRING("linux"),
};

enum vw_outcome vw_domain_text(struct vw_call *c, const struct vw_domain *d, struct vw_string *out)
{
    *out = d->o.xml;
    return d->o.xml.data ? VW_DONE : vw_domain_xml(c, d, out);
}

void vw_domain_set_text(struct vw_call *c, struct vw_domain *d, char *text,
                        const struct vw_domain_facts *facts)
{
    vw_objects_set_xml(vw_model_objects(c->conn->model, &vw_object_kind_domain), &d->o, text);
    d->facts = *facts;
}

void vw_domain_set_next(struct vw_domain *d, char *text, const struct vw_domain_facts *facts)
{
    free(d->next);
    d->next = text;
    d->next_facts = *facts;
}

enum vw_outcome vw_domain_start(struct vw_call *c, struct vw_domain *d, int32_t state,
                                int32_t reason, int32_t detail)
{
    const struct vw_move m = {.from = 1u << VW_DOMAIN_SHUTOFF,
                              .to = state,
                              .reason = reason,
                              .event = VW_LIFECYCLE_STARTED,
                              .detail = detail,
                              .code = VW_ERR_INTERNAL,
                              .domain = VW_FROM_TEST,
                              .text = "the domain runs already"};
    if (vw_call_move(c, vw_model_objects(c->conn->model, &vw_object_kind_domain), &d->o, &m) !=
        VW_DONE)
        return VW_FAILED;
    free(d->saved);
    d->saved = NULL;
    return VW_DONE;
}
