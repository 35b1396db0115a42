// SPDX-License-Identifier: MIT
// XML text through libxml2, indented as libvirt does it.
#include "mock-daemon/xml.h"

#include <stdarg.h>
#include <stdio.h>

static void check(struct vw_xml *x, int rc)
{
    if (rc < 0)
        x->failed = 1;
}

void vw_xml_begin(struct vw_xml *x)
{
    *x = (struct vw_xml){.text = xmlBufferCreate()};
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
    if (!x->failed)
        check(x, xmlTextWriterStartElement(x->writer, BAD_CAST element));
}

void vw_xml_end(struct vw_xml *x)
{
    if (!x->failed)
        check(x, xmlTextWriterEndElement(x->writer));
}

void vw_xml_attribute(struct vw_xml *x, const char *name, const char *value)
{
    if (!x->failed)
        check(x, xmlTextWriterWriteAttribute(x->writer, BAD_CAST name, BAD_CAST value));
}

void vw_xml_attribute_number(struct vw_xml *x, const char *name, long long value)
{
    char text[24];
    snprintf(text, sizeof(text), "%lld", value);
    vw_xml_attribute(x, name, text);
}

void vw_xml_text(struct vw_xml *x, const char *text)
{
    if (!x->failed)
        check(x, xmlTextWriterWriteString(x->writer, BAD_CAST text));
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
