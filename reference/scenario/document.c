// SPDX-License-Identifier: MIT
#include "scenario/document.h"

#include <stdio.h>
#include <stdlib.h>

#include "scenario/xpath-calls.h"

struct vw_document {
    xmlDoc *doc;
    xmlXPathContext *context;
};

static void keep_silent(void *user, const char *fmt, ...)
{
}

static void pass_over(void *user, xmlErrorPtr error)
{
}

/* A wrong expression is told in two ways, both on stderr unless somebody hears them. */
static xmlXPathObject *evaluate(struct vw_document *d, const char *expression)
{
    xmlSetGenericErrorFunc(NULL, keep_silent);
    xmlXPathObject *found = xmlXPathEvalExpression((const xmlChar *)expression, d->context);
    xmlSetGenericErrorFunc(NULL, NULL);
    return found;
}

int vw_document_read(const char *text, size_t len, struct vw_document **out, struct vw_error *err)
{
    *out = NULL;
    int rc = vw_library_load(&vw_xpath_library, err);
    if (rc < 0)
        return rc;
    struct vw_document *d = calloc(1, sizeof(*d));
    if (!d)
        return vw_error_nomem(err);
    if (len <= INT_MAX)
        d->doc = xmlReadMemory(text, (int)len, NULL, NULL,
                               XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
    if (!d->doc) {
        free(d);
        return vw_error_set(err, VW_ESYNTAX, "no well-formed XML");
    }
    d->context = xmlXPathNewContext(d->doc);
    if (!d->context) {
        vw_document_destroy(d);
        return vw_error_nomem(err);
    }
    d->context->error = pass_over;
    *out = d;
    return 0;
}

void vw_document_destroy(struct vw_document *d)
{
    if (!d)
        return;
    xmlXPathFreeContext(d->context);
    xmlFreeDoc(d->doc);
    free(d);
}

static struct json_object *json_of(const xmlXPathObject *found)
{
    double number = found->floatval;
    switch (found->type) {
    case XPATH_BOOLEAN:
        return json_object_new_boolean(found->boolval != 0);
    case XPATH_NUMBER:
        return number > -1e15 && number < 1e15 && number == (double)(int64_t)number
                   ? json_object_new_int64((int64_t)number)
                   : json_object_new_double(number);
    default:
        return json_object_new_string(found->stringval ? (const char *)found->stringval : "");
    }
}

int vw_document_ask(struct vw_document *d, const char *expression, struct json_object **out,
                    struct vw_error *err)
{
    char whole[300];
    xmlXPathObject *found = evaluate(d, expression);
    bool nodes = found && found->type == XPATH_NODESET;
    bool none = nodes && (!found->nodesetval || found->nodesetval->nodeNr == 0);
    *out = NULL;
    if (nodes) {
        xmlXPathFreeObject(found);
        found = NULL;
        if (none)
            return 0;
        if (snprintf(whole, sizeof(whole), "string(%s)", expression) < (int)sizeof(whole))
            found = evaluate(d, whole);
    }
    if (!found)
        return vw_error_set(err, VW_ESYNTAX, "\"%.100s\" is no XPath", expression);
    *out = json_of(found);
    xmlXPathFreeObject(found);
    return *out ? 0 : vw_error_nomem(err);
}
