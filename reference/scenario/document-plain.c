// SPDX-License-Identifier: MIT
// Without libxml2 nobody looks into documents.
#include "scenario/document.h"

int vw_document_read(const char *text, size_t len, struct vw_document **out, struct vw_error *err)
{
    *out = NULL;
    return vw_error_set(err, VW_ESYSTEM, "there is no libxml2 in this build");
}

void vw_document_destroy(struct vw_document *d)
{
}

int vw_document_ask(struct vw_document *d, const char *expression, struct json_object **out,
                    struct vw_error *err)
{
    *out = NULL;
    return vw_error_set(err, VW_ESYSTEM, "there is no libxml2 in this build");
}
