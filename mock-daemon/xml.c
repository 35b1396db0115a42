// SPDX-License-Identifier: MIT
// XML text through libxml2, indented as libvirt does it.
#include "mock-daemon/xml.h"

#include <libxml/parser.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static void check(struct vw_xml *x, int rc)
{
    if (rc < 0)
        x->failed = 1;
}

void vw_xml_begin(struct vw_xml *x)
{
    xmlResetLastError();
    *x = (struct vw_xml){.text = xmlBufferCreate()};
    if (x->text) /* else each write moves all of it */
        xmlBufferSetAllocationScheme(x->text, XML_BUFFER_ALLOC_DOUBLEIT);
    x->writer = x->text ? xmlNewTextWriterMemory(x->text, 0) : NULL;
    if (!x->writer) {
        x->failed = 1;
        return;
    }
    check(x, xmlTextWriterSetIndent(x->writer, 1));
    check(x, xmlTextWriterSetIndentString(x->writer, BAD_CAST "  "));
    check(x, xmlTextWriterSetQuoteChar(x->writer, '\''));
}

void vw_xml_start(struct vw_xml *x, const char *element)
{
    x->depth++;
    if (!x->failed)
        check(x, xmlTextWriterStartElement(x->writer, BAD_CAST element));
}

void vw_xml_end(struct vw_xml *x)
{
    x->depth--;
    if (!x->failed)
        check(x, xmlTextWriterEndElement(x->writer));
}

static const char signs[] = "<>&\"'";
static const char *const entities[] = {"&lt;", "&gt;", "&amp;", "&quot;", "&apos;"};

/* TEXT with entities for five signs, as libvirt has them; the writer itself would leave some, and
 * the quotes around attributes too. */
static void put_text(struct vw_xml *x, const char *text)
{
    while (*text && !x->failed) {
        size_t n = strcspn(text, signs);
        check(x, xmlTextWriterWriteRawLen(x->writer, BAD_CAST text, (int)n));
        text += n;
        if (*text && !x->failed)
            check(x, xmlTextWriterWriteRaw(x->writer,
                                           BAD_CAST entities[strchr(signs, *text++) - signs]));
    }
}

void vw_xml_attribute(struct vw_xml *x, const char *name, const char *value)
{
    if (!x->failed)
        check(x, xmlTextWriterStartAttribute(x->writer, BAD_CAST name));
    put_text(x, value);
    if (!x->failed)
        check(x, xmlTextWriterEndAttribute(x->writer));
}

void vw_xml_attribute_number(struct vw_xml *x, const char *name, long long value)
{
    char text[24];
    snprintf(text, sizeof(text), "%lld", value);
    vw_xml_attribute(x, name, text);
}

void vw_xml_text(struct vw_xml *x, const char *text)
{
    put_text(x, text);
}

void vw_xml_open_up(struct vw_xml *x)
{
    char blanks[64];
    snprintf(blanks, sizeof(blanks), "\n%*s", 2 * (x->depth - 1), "");
    vw_xml_text(x, blanks);
}

void vw_xml_leaf(struct vw_xml *x, const char *element, const char *text)
{
    vw_xml_start(x, element);
    vw_xml_text(x, text);
    vw_xml_end(x);
}

void vw_xml_empty(struct vw_xml *x, const char *element, ...)
{
    va_list ap;
    const char *name;
    vw_xml_start(x, element);
    va_start(ap, element);
    while ((name = va_arg(ap, const char *)))
        vw_xml_attribute(x, name, va_arg(ap, const char *));
    va_end(ap);
    vw_xml_end(x);
}

enum vw_outcome vw_xml_finish(struct vw_xml *x, struct vw_call *c, struct vw_string *out)
{
    if (x->writer) {
        check(x, xmlTextWriterFlush(x->writer));
        /* A text that it had no memory for is left out without a word. */
        check(x, xmlGetLastError() ? -1 : 0);
        xmlFreeTextWriter(x->writer);
    }
    if (!x->failed) {
        out->len = (uint32_t)xmlBufferLength(x->text);
        out->data = vw_call_alloc(c, out->len + (size_t)1);
        if (out->data)
            memcpy(out->data, xmlBufferContent(x->text), out->len);
    }
    if (x->text)
        xmlBufferFree(x->text);
    return out->data ? VW_DONE
                     : vw_call_fail(c, VW_ERR_INTERNAL, VW_FROM_TEST, "no memory for the XML");
}

/* A name with the prefix that stands in the document, in BUFFER if it has one. */
static const char *qualified(const xmlNs *ns, const xmlChar *name, char *buffer, size_t size)
{
    if (!ns || !ns->prefix)
        return (const char *)name;
    snprintf(buffer, size, "%s:%s", (const char *)ns->prefix, (const char *)name);
    return buffer;
}

static void copy_attributes(struct vw_xml *x, const xmlNode *n)
{
    char name[256];
    for (const xmlNs *ns = n->nsDef; ns; ns = ns->next) {
        snprintf(name, sizeof(name), "xmlns%s%s", ns->prefix ? ":" : "",
                 ns->prefix ? (const char *)ns->prefix : "");
        vw_xml_attribute(x, name, ns->href ? (const char *)ns->href : "");
    }
    for (const xmlAttr *a = n->properties; a; a = a->next) {
        const xmlNode *value = a->children;
        vw_xml_attribute(x, qualified(a->ns, a->name, name, sizeof(name)),
                         value && value->content ? (const char *)value->content : "");
    }
}

void vw_xml_quote(struct vw_xml *x, char quote)
{
    if (!x->failed)
        check(x, xmlTextWriterSetQuoteChar(x->writer, (xmlChar)quote));
}

void vw_xml_copy(struct vw_xml *x, const xmlNode *n)
{
    char name[256];
    /* What others put there is given back by libxml2 itself. */
    const bool foreign = n->type == XML_ELEMENT_NODE && xmlStrEqual(n->name, BAD_CAST "metadata");
    if (n->type == XML_TEXT_NODE && n->content)
        vw_xml_text(x, (const char *)n->content);
    if (n->type != XML_ELEMENT_NODE)
        return;
    vw_xml_start(x, qualified(n->ns, n->name, name, sizeof(name)));
    copy_attributes(x, n);
    if (foreign)
        vw_xml_quote(x, '"');
    for (const xmlNode *inner = n->children; inner; inner = inner->next)
        vw_xml_copy(x, inner);
    /* libvirt has no short form of this one. */
    if (!n->children && xmlStrEqual(n->name, BAD_CAST "devices"))
        vw_xml_open_up(x);
    if (foreign)
        vw_xml_quote(x, '\'');
    vw_xml_end(x);
}

/* virErrorNumber */
enum { ERR_XML_DETAIL = 35 };

/* The reader holds each attribute of an element against all others, and what asks of a document
 * goes through its elements: bounds of what one call may take. */
#define ATTRIBUTES_MOST 1024
#define SIGNS_MOST      32768 /* of the signs <: at most so many elements, half if they have an end */

/* Whether TEXT keeps to both; between two signs < there is at most one element. */
static bool is_bounded(const struct vw_string *text)
{
    unsigned attributes = 0, begun = 0;
    for (uint32_t i = 0; i < text->len && attributes <= ATTRIBUTES_MOST; i++) {
        if (text->data[i] == '<') {
            attributes = 0;
            if (++begun > SIGNS_MOST)
                return false;
        }
        attributes += text->data[i] == '=';
    }
    return attributes <= ATTRIBUTES_MOST;
}

xmlDoc *vw_xml_parse(struct vw_call *c, const struct vw_string *text, int32_t domain)
{
    const int how = XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_NOBLANKS;
    xmlResetLastError();
    xmlDoc *doc = text->len > INT32_MAX || !is_bounded(text)
                      ? NULL
                      : xmlReadMemory(text->data, (int)text->len, NULL, NULL, how);
    const xmlError *last = xmlGetLastError();
    const bool no_memory = !doc && last && last->code == XML_ERR_NO_MEMORY;
    if (doc && !doc->intSubset && xmlDocGetRootElement(doc))
        return doc;
    xmlFreeDoc(doc);
    if (no_memory)
        vw_call_fail(c, VW_ERR_INTERNAL, VW_FROM_TEST, "no memory for the object");
    else
        vw_call_fail(c, ERR_XML_DETAIL, domain, "the XML is not well-formed");
    return NULL;
}

const xmlNode *vw_xml_child(const xmlNode *parent, const char *name)
{
    const xmlNode *n = parent ? parent->children : NULL;
    while (n && (n->type != XML_ELEMENT_NODE || !xmlStrEqual(n->name, BAD_CAST name)))
        n = n->next;
    return n;
}

static const char *take(struct vw_call *c, xmlChar *text)
{
    size_t len = text ? strlen((const char *)text) : 0;
    char *copy = text ? vw_call_alloc(c, len + 1) : NULL;
    if (copy)
        memcpy(copy, text, len);
    xmlFree(text);
    return copy;
}

const char *vw_xml_content(struct vw_call *c, const xmlNode *n)
{
    return n ? take(c, xmlNodeGetContent(n)) : NULL;
}

const char *vw_xml_get(struct vw_call *c, const xmlNode *n, const char *attribute)
{
    return n ? take(c, xmlGetProp(n, BAD_CAST attribute)) : NULL;
}

/* The sign that the entity at TEXT stands for, and how long that is; 0: there is none. */
static char sign_at(const char *text, size_t left, size_t *len)
{
    for (size_t i = 0; i < sizeof(signs) - 1; i++) {
        *len = strlen(entities[i]);
        if (*len <= left && strncmp(text, entities[i], *len) == 0)
            return signs[i];
    }
    return 0;
}

char *vw_xml_plain(struct vw_call *c, struct vw_string written)
{
    char *plain = vw_call_alloc(c, written.len + (size_t)1), *to = plain;
    for (uint32_t at = 0; plain && at < written.len; to++) {
        size_t len;
        const char sign = sign_at(written.data + at, written.len - at, &len);
        *to = sign ? sign : written.data[at];
        at += sign ? (uint32_t)len : 1;
    }
    return plain;
}

struct vw_string vw_xml_said(const struct vw_string *text, const char *before)
{
    const char *at = text->data ? strstr(text->data, before) : NULL;
    if (!at)
        return (struct vw_string){0};
    at += strlen(before);
    return (struct vw_string){(char *)(uintptr_t)at, (uint32_t)strcspn(at, "'<")};
}

uint64_t vw_xml_said_number(const struct vw_string *text, const char *before)
{
    const struct vw_string s = vw_xml_said(text, before);
    return s.data ? strtoull(s.data, NULL, 10) : 0;
}
