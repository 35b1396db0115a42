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

int vw_xml_finish(struct vw_xml *x, struct vw_out *out)
{
    if (x->writer) {
        check(x, xmlTextWriterFlush(x->writer));
        xmlFreeTextWriter(x->writer);
    }
    if (!x->failed)
        vw_out_string(out, (const char *)xmlBufferContent(x->text));
    if (x->text)
        xmlBufferFree(x->text);
    return x->failed || out->failed ? VW_ENOMEM : 0;
}
