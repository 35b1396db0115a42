// SPDX-License-Identifier: MIT
// Small helpers over libxml2's text writer. The first failure sticks; the caller asks once, at the
// end.
#pragma once

#include <libxml/xmlwriter.h>

#include "mock-daemon/handler.h"

struct vw_xml {
    xmlBufferPtr text;
    xmlTextWriterPtr writer;
    int failed;
};

/* Check nothing: vw_xml_finish tells. */
void vw_xml_begin(struct vw_xml *x);
void vw_xml_start(struct vw_xml *x, const char *element);
void vw_xml_end(struct vw_xml *x);
void vw_xml_attribute(struct vw_xml *x, const char *name, const char *value);
void vw_xml_attribute_number(struct vw_xml *x, const char *name, long long value);
void vw_xml_text(struct vw_xml *x, const char *text);
/* <element>text</element> */
void vw_xml_leaf(struct vw_xml *x, const char *element, const char *text);
/* <element a='b' c='d'/>: names and values in turn, ends at NULL. */
void vw_xml_empty(struct vw_xml *x, const char *element, ...) __attribute__((sentinel));

/* Puts the text into *OUT, for the result of the call, and frees the rest. */
enum vw_outcome vw_xml_finish(struct vw_xml *x, struct vw_call *c, struct vw_string *out);
