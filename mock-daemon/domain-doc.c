// SPDX-License-Identifier: MIT
// Paths into the XML of a domain, and changing it.
#include "mock-daemon/domain-doc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mock-daemon/conn.h"
#include "mock-daemon/daemon.h"
#include "mock-daemon/domain-order.h"
#include "mock-daemon/domain-xml.h"
#include "mock-daemon/xml.h"

static bool is(const xmlNode *n, const char *name)
{
    return n->type == XML_ELEMENT_NODE && xmlStrEqual(n->name, BAD_CAST name);
}

/* ---- order ---- */

static int place(const xmlNode *n)
{
    return vw_domain_place((const char *)n->parent->name, (const char *)n->name);
}

/* Puts NODE among the children of PARENT, behind those of its own name. */
static void insert(xmlNode *parent, xmlNode *node)
{
    const int at = vw_domain_place((const char *)parent->name, (const char *)node->name);
    xmlNode *before = parent->children;
    while (before && (before->type != XML_ELEMENT_NODE || place(before) <= at))
        before = before->next;
    if (before)
        xmlAddPrevSibling(before, node);
    else
        xmlAddChild(parent, node);
}

static void drop(xmlNode *n)
{
    xmlUnlinkNode(n);
    xmlFreeNode(n);
}

static void arrange(xmlNode *parent)
{
    xmlNode *next, *first = parent->children;
    if (is(parent, "metadata"))
        return;
    for (xmlNode *n = first; n; n = next) {
        next = n->next;
        if (n->type == XML_COMMENT_NODE || (n->type == XML_ELEMENT_NODE && place(n) < 0))
            drop(n);
    }
    first = parent->children;
    for (xmlNode *n = first; n && n->type == XML_ELEMENT_NODE; n = next) {
        next = n->next;
        arrange(n);
        if (n->prev && place(n->prev) > place(n)) {
            xmlUnlinkNode(n);
            insert(parent, n);
        }
    }
}

void vw_doc_arrange(struct vw_doc *doc)
{
    arrange(doc->root);
}

/* ---- paths ---- */

/* One step of a path: NAME, or NAME[@KEY=VALUE]. */
struct step {
    char name[48], key[48], value[256];
};

/* The next step of *PATH, which goes on behind it; false: that is its end. */
static bool next_step(const char **path, struct step *s)
{
    *s = (struct step){0};
    if (!**path || **path == '@')
        return false;
    size_t len = strcspn(*path, "/[@");
    snprintf(s->name, sizeof(s->name), "%.*s", (int)len, *path);
    *path += len;
    if (**path == '[') {
        const char *equals = strchr(*path, '='), *end = strchr(*path, ']');
        snprintf(s->key, sizeof(s->key), "%.*s", (int)(equals - *path - 2), *path + 2);
        snprintf(s->value, sizeof(s->value), "%.*s", (int)(end - equals - 1), equals + 1);
        *path = end + 1;
    }
    *path += **path == '/';
    return true;
}

static bool has(xmlNode *n, const char *key, const char *value)
{
    xmlChar *text = xmlGetNoNsProp(n, BAD_CAST key);
    const bool same = text && strcmp((const char *)text, value) == 0;
    xmlFree(text);
    return same;
}

static xmlNode *child(xmlNode *parent, const struct step *s)
{
    xmlNode *n = vw_doc_next(parent, NULL, s->name);
    while (n && s->key[0] && !has(n, s->key, s->value))
        n = vw_doc_next(parent, n, s->name);
    return n;
}

static xmlNode *add_child(struct vw_doc *doc, xmlNode *parent, const struct step *s)
{
    xmlNode *n = xmlNewDocNode(doc->xml, NULL, BAD_CAST s->name, NULL);
    if (!n || (s->key[0] && !xmlNewProp(n, BAD_CAST s->key, BAD_CAST s->value))) {
        doc->failed = true;
        xmlFreeNode(n);
        return NULL;
    }
    insert(parent, n);
    return n;
}

static xmlNode *walk(struct vw_doc *doc, xmlNode *from, const char **path, bool make)
{
    struct step s;
    xmlNode *n = from;
    while (n && next_step(path, &s)) {
        xmlNode *inner = child(n, &s);
        n = !inner && make ? add_child(doc, n, &s) : inner;
    }
    return n;
}

xmlNode *vw_doc_at(struct vw_doc *doc, xmlNode *from, const char *path)
{
    return walk(doc, from, &path, false);
}

xmlNode *vw_doc_make(struct vw_doc *doc, xmlNode *from, const char *path)
{
    return walk(doc, from, &path, true);
}

const char *vw_doc_get(struct vw_doc *doc, xmlNode *from, const char *path)
{
    const xmlNode *n = walk(doc, from, &path, false);
    return *path == '@' ? vw_xml_get(doc->c, n, path + 1) : vw_xml_content(doc->c, n);
}

uint64_t vw_doc_number(struct vw_doc *doc, xmlNode *from, const char *path, uint64_t none)
{
    const char *text = vw_doc_get(doc, from, path);
    return text ? strtoull(text, NULL, 10) : none;
}

/* Takes N away, and what is empty above it, up to FROM. */
static void prune(xmlNode *n, const xmlNode *from)
{
    while (n && n != from && !n->children && !n->properties) {
        xmlNode *above = n->parent;
        drop(n);
        n = above;
    }
}

static void take_away(struct vw_doc *doc, xmlNode *from, const char *path)
{
    xmlNode *n = walk(doc, from, &path, false);
    if (!n)
        return;
    if (*path == '@') {
        xmlUnsetProp(n, BAD_CAST path + 1);
        prune(n, from);
    } else if (n != from) {
        xmlNode *above = n->parent;
        drop(n);
        prune(above, from);
    }
}

static void put_text(struct vw_doc *doc, xmlNode *n, const char *value)
{
    xmlNode *text = xmlNewDocText(doc->xml, BAD_CAST value), *next;
    for (xmlNode *old = n->children; old; old = next) {
        next = old->next;
        drop(old);
    }
    if (!text || !xmlAddChild(n, text))
        doc->failed = true;
}

void vw_doc_set(struct vw_doc *doc, xmlNode *from, const char *path, const char *value)
{
    if (!value) {
        take_away(doc, from, path);
        return;
    }
    xmlNode *n = walk(doc, from, &path, true);
    if (!n)
        return;
    if (*path != '@')
        put_text(doc, n, value);
    else if (!xmlSetProp(n, BAD_CAST path + 1, BAD_CAST value))
        doc->failed = true;
}

void vw_doc_set_number(struct vw_doc *doc, xmlNode *from, const char *path, uint64_t value)
{
    char text[24];
    snprintf(text, sizeof(text), "%llu", (unsigned long long)value);
    vw_doc_set(doc, from, path, text);
}

xmlNode *vw_doc_next(xmlNode *parent, xmlNode *after, const char *name)
{
    xmlNode *n = after ? after->next : parent ? parent->children : NULL;
    while (n && !is(n, name))
        n = n->next;
    return n;
}

uint32_t vw_doc_children(struct vw_doc *doc, const char *path, const char *element)
{
    xmlNode *parent = vw_doc_at(doc, doc->root, path);
    uint32_t count = 0;
    for (xmlNode *n = NULL; (n = vw_doc_next(parent, n, element));)
        count++;
    return count;
}

uint32_t vw_doc_count(struct vw_doc *doc, const char *element)
{
    return vw_doc_children(doc, "devices", element);
}

xmlNode *vw_doc_device(struct vw_doc *doc, const char *element, const char *path, const char *value)
{
    xmlNode *devices = vw_doc_at(doc, doc->root, "devices");
    for (xmlNode *n = NULL; (n = vw_doc_next(devices, n, element));) {
        const char *text = vw_doc_get(doc, n, path);
        if (text && strcmp(text, value) == 0)
            return n;
    }
    return NULL;
}

/* ---- opening ---- */

uint32_t vw_doc_affected(struct vw_call *c, const struct vw_domain *d, uint32_t flags)
{
    uint32_t which = flags & VW_AFFECT_BOTH;
    if (!which)
        which = d->o.active ? VW_AFFECT_LIVE : VW_AFFECT_CONFIG;
    if ((which & VW_AFFECT_LIVE) && !d->o.active)
        vw_call_fail(c, ERR_OPERATION_INVALID, VW_FROM_DOMAIN, "the domain does not run");
    else if ((which & VW_AFFECT_CONFIG) && !d->o.persistent)
        vw_call_fail(c, ERR_OPERATION_INVALID, VW_FROM_DOMAIN, "the domain is not persistent");
    else
        return which;
    return 0;
}

enum vw_outcome vw_doc_open_text(struct vw_doc *doc, struct vw_call *c,
                                 const struct vw_string *text)
{
    *doc = (struct vw_doc){.c = c, .xml = vw_xml_parse(c, text, VW_FROM_DOMAIN)};
    doc->root = doc->xml ? xmlDocGetRootElement(doc->xml) : NULL;
    return doc->root ? VW_DONE : VW_FAILED;
}

enum vw_outcome vw_doc_source(struct vw_call *c, const struct vw_domain *d, uint32_t which,
                              struct vw_string *out)
{
    if (which != VW_AFFECT_CONFIG || !d->next)
        return vw_domain_text(c, d, out);
    *out = vw_string(d->next);
    return VW_DONE;
}

static enum vw_outcome open_one(struct vw_doc *doc, struct vw_call *c, const struct vw_domain *d,
                                uint32_t which)
{
    struct vw_string text;
    enum vw_outcome outcome = vw_doc_source(c, d, which, &text);
    return outcome == VW_DONE ? vw_doc_open_text(doc, c, &text) : outcome;
}

enum vw_outcome vw_doc_open(struct vw_doc *doc, struct vw_call *c, const struct vw_domain *d,
                            uint32_t flags)
{
    const uint32_t which = vw_doc_affected(c, d, flags);
    if (which == VW_AFFECT_BOTH)
        return vw_call_fail(c, VW_ERR_INVALID_ARG, VW_FROM_DOMAIN, "either of the two, not both");
    return which ? open_one(doc, c, d, which) : VW_FAILED;
}

void vw_doc_close(struct vw_doc *doc)
{
    xmlFreeDoc(doc->xml);
    doc->xml = NULL;
}

/* ---- changing ---- */

enum vw_outcome vw_doc_text(struct vw_doc *doc, const xmlNode *element, struct vw_string *out)
{
    struct vw_xml x;
    if (doc->failed)
        return vw_call_fail(doc->c, VW_ERR_INTERNAL, VW_FROM_TEST, "no memory for the XML");
    vw_xml_begin(&x);
    vw_xml_copy(&x, element);
    return vw_xml_finish(&x, doc->c, out);
}

void vw_doc_facts(struct vw_doc *doc, struct vw_domain_facts *facts)
{
    facts->max_memory = vw_doc_number(doc, doc->root, "memory", 0);
    facts->memory = vw_doc_number(doc, doc->root, "currentMemory", facts->max_memory);
    facts->vcpus = (int32_t)vw_doc_number(doc, doc->root, "vcpu", 1);
    facts->vcpus_off = facts->vcpus - (int32_t)vw_doc_number(doc, doc->root, "vcpu@current",
                                                             (uint64_t)facts->vcpus);
}

/* One of the two, changed but not yet D's. */
struct changed {
    char *text;
    struct vw_domain_facts facts;
};

static enum vw_outcome change_one(struct vw_call *c, const struct vw_domain *d, uint32_t which,
                                  vw_doc_edit edit, const void *what, struct changed *out)
{
    struct vw_string text = {0};
    struct vw_doc doc;
    enum vw_outcome outcome = open_one(&doc, c, d, which);
    if (outcome != VW_DONE)
        return outcome;
    outcome = edit(&doc, what);
    if (outcome == VW_DONE)
        outcome = vw_doc_text(&doc, doc.root, &text);
    vw_doc_facts(&doc, &out->facts);
    vw_doc_close(&doc);
    out->text = outcome == VW_DONE ? strdup(text.data) : NULL;
    if (outcome == VW_DONE && !out->text)
        return vw_call_fail(c, VW_ERR_INTERNAL, VW_FROM_TEST, "no memory for the XML");
    return outcome;
}

static enum vw_outcome none(struct vw_doc *doc, const void *what)
{
    return VW_DONE;
}

enum vw_outcome vw_doc_change(struct vw_call *c, struct vw_domain *d, uint32_t flags,
                              vw_doc_edit edit, const void *what)
{
    const uint32_t which = vw_doc_affected(c, d, flags);
    /* What a running domain will be again is its own from the first change on. */
    const bool part = !d->next && d->o.active && d->o.persistent;
    struct changed now = {0}, next = {0};
    enum vw_outcome outcome = which ? VW_DONE : VW_FAILED;
    if (outcome == VW_DONE && (which & VW_AFFECT_LIVE))
        outcome = change_one(c, d, VW_AFFECT_LIVE, edit, what, &now);
    if (outcome == VW_DONE && ((which & VW_AFFECT_CONFIG) || part))
        outcome =
            change_one(c, d, VW_AFFECT_CONFIG, which & VW_AFFECT_CONFIG ? edit : none, what, &next);
    if (outcome == VW_DONE && next.text && !d->o.active) {
        now = next;
        next.text = NULL;
    }
    if (outcome == VW_DONE && now.text)
        vw_domain_set_text(c, d, now.text, &now.facts);
    if (outcome == VW_DONE && next.text)
        vw_domain_set_next(d, next.text, &next.facts);
    if (outcome != VW_DONE) {
        free(now.text);
        free(next.text);
    }
    return outcome;
}
