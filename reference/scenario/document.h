// SPDX-License-Identifier: MIT
// Documents of XML, and what stands in them.
#pragma once

#include <json-c/json.h>
#include <virwire/error.h>

struct vw_document;

/* VW_ESYNTAX: TEXT is not well-formed; VW_ESYSTEM: there is no libxml2 here; VW_ENOMEM. */
int vw_document_read(const char *text, size_t len, struct vw_document **out, struct vw_error *err);
/* D may be NULL. */
void vw_document_destroy(struct vw_document *d);
/* What the XPath EXPRESSION is of D: a text, a number, a boolean; of nodes the text of the first
 * one, and NULL where there is none. VW_ESYNTAX: it is no expression; VW_ENOMEM. */
int vw_document_ask(struct vw_document *d, const char *expression, struct json_object **out,
                    struct vw_error *err);
