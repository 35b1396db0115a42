// SPDX-License-Identifier: MIT
// Small helpers over libxml2's text writer. The first failure sticks; the caller asks once, at the
// end.
#pragma once

#include <libxml/tree.h>
#include <libxml/xmlwriter.h>

#include "mock-daemon/handler.h"

struct vw_xml {
    xmlBufferPtr text;
    xmlTextWriterPtr writer;
    int failed;
    int depth; /* elements that are open */
};

/* Check nothing: vw_xml_finish tells. */
void vw_xml_begin(struct vw_xml *x);
void vw_xml_start(struct vw_xml *x, const char *element);
void vw_xml_end(struct vw_xml *x);
void vw_xml_attribute(struct vw_xml *x, const char *name, const char *value);
void vw_xml_attribute_number(struct vw_xml *x, const char *name, long long value);
void vw_xml_text(struct vw_xml *x, const char *text);
/* Between start and end of an element with nothing in it: it has an end of its own then. */
void vw_xml_open_up(struct vw_xml *x);
/* <element>text</element> */
void vw_xml_leaf(struct vw_xml *x, const char *element, const char *text);
/* <element a='b' c='d'/>: names and values in turn, ends at NULL. */
void vw_xml_empty(struct vw_xml *x, const char *element, ...) __attribute__((sentinel));

/* What stands around the values of attributes from here on; ' at first. */
void vw_xml_quote(struct vw_xml *x, char quote);
/* The element N with all that is in it, as it would be written here; comments go. */
void vw_xml_copy(struct vw_xml *x, const xmlNode *n);

/* Puts the text into *OUT, for the result of the call, and frees the rest. */
enum vw_outcome vw_xml_finish(struct vw_xml *x, struct vw_call *c, struct vw_string *out);

/* ---- reading ---- */

/* Reads TEXT, which the caller frees with xmlFreeDoc. NULL: it is not well-formed, or defines
 * entities, which could make it any size, or has more than 32768 signs <, or an element more than a
 * thousand attributes, which could take any time; the error of the call is of DOMAIN. */
xmlDoc *vw_xml_parse(struct vw_call *c, const struct vw_string *text, int32_t domain);

/* The first element within PARENT that is called so, or NULL; NULL has none. */
const xmlNode *vw_xml_child(const xmlNode *parent, const char *name);
/* What stands in N, or its attribute, in the memory of the call; NULL: there is none. */
const char *vw_xml_content(struct vw_call *c, const xmlNode *n);
const char *vw_xml_get(struct vw_call *c, const xmlNode *n, const char *attribute);

/* ---- in texts that were written here ---- */

/* What stands behind the first BEFORE in TEXT, up to an apostrophe or the next element; it lies in
 * there. No data: BEFORE is not in it. */
struct vw_string vw_xml_said(const struct vw_string *text, const char *before);
/* The same as a number; 0: none is said. */
uint64_t vw_xml_said_number(const struct vw_string *text, const char *before);
/* WRITTEN, found there, without its entities, in the memory of the call. NULL: no memory. */
char *vw_xml_plain(struct vw_call *c, struct vw_string written);
