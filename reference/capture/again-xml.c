// SPDX-License-Identifier: MIT
// Both documents are laid out as lists of fields in the order in which they stand; a field that is
// in one of them alone is looked for a little further on in the other.
#include "capture/again-xml.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/room.h"
#include "capture/xml2-calls.h"
#include "schema/facts.h"

#define DEPTH_MAX  64
#define FIELDS_MAX 30000 /* each may be looked for among all of the other document */

struct field {
    const char *path, *text;
    bool varies;
};

struct fields {
    struct vw_arena arena;
    struct field *list;
    size_t n;
    bool failed, too_many;
};

static bool is_blank(const char *s)
{
    return s[strspn(s, " \t\r\n")] == 0;
}

static void add(struct fields *f, const char *path, const xmlChar *text, bool varies)
{
    f->too_many = f->n == FIELDS_MAX;
    if (f->failed || f->too_many)
        return;
    struct field *list = vw_room(f->list, f->n, sizeof(*list));
    const char *kept_path = vw_arena_strndup(&f->arena, path, strlen(path));
    const char *s = text ? (const char *)text : "";
    const char *kept = vw_arena_strndup(&f->arena, s, strlen(s));
    if (list)
        f->list = list;
    if (!list || !kept_path || !kept) {
        f->failed = true;
        return;
    }
    list[f->n++] = (struct field){kept_path, kept, varies};
}

static void add_attributes(struct fields *f, const xmlNode *node, const char *path)
{
    char whole[600];
    for (const xmlAttr *a = node->properties; a; a = a->next) {
        snprintf(whole, sizeof(whole), "%s@%s", path, (const char *)a->name);
        add(f, whole, a->children ? a->children->content : NULL,
            vw_facts_xml_varies((const char *)node->name, (const char *)a->name));
    }
}

static int by_path(const void *a, const void *b)
{
    const struct field *x = a, *y = b;
    return strcmp(x->path, y->path);
}

static void lay_out(struct fields *f, const xmlNode *node, const char *above, int depth)
{
    char path[500];
    const xmlChar *text = NULL;
    size_t from;
    if (depth > DEPTH_MAX || f->too_many)
        return;
    snprintf(path, sizeof(path), "%s/%s", above, (const char *)node->name);
    for (const xmlNode *n = node->children; n && !text; n = n->next)
        if ((n->type == XML_TEXT_NODE || n->type == XML_CDATA_SECTION_NODE) && n->content &&
            !is_blank((const char *)n->content))
            text = n->content;
    add(f, path, text, vw_facts_xml_varies((const char *)node->name, NULL));
    from = f->n;
    add_attributes(f, node, path);
    if (f->n > from)
        qsort(f->list + from, f->n - from, sizeof(*f->list), by_path);
    for (const xmlNode *n = node->children; n; n = n->next)
        if (n->type == XML_ELEMENT_NODE)
            lay_out(f, n, path, depth + 1);
}

static int read_fields(struct fields *f, const char *text)
{
    xmlDoc *doc = xmlReadMemory(text, (int)strlen(text), NULL, NULL,
                                XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
    const xmlNode *root = doc ? xmlDocGetRootElement(doc) : NULL;
    if (root)
        lay_out(f, root, "", 0);
    xmlFreeDoc(doc);
    return f->failed ? VW_ENOMEM : root && !f->too_many ? 0 : VW_ESYNTAX;
}

/* The first field at or behind I of PATH, or N. */
static size_t look_for(const struct fields *f, size_t i, const char *path)
{
    while (i < f->n && strcmp(f->list[i].path, path) != 0)
        i++;
    return i;
}

static void compare(const struct fields *then, const struct fields *now,
                    void (*tell)(void *user, const char *path, const char *expected,
                                 const char *found),
                    void *user)
{
    size_t k = 0;
    for (size_t i = 0; i < then->n; i++) {
        const struct field *was = &then->list[i];
        size_t at = look_for(now, k, was->path);
        if (at == now->n) {
            if (!was->varies)
                tell(user, was->path, was->text, "nothing");
            continue;
        }
        for (; k < at; k++)
            if (!now->list[k].varies)
                tell(user, now->list[k].path, "nothing", now->list[k].text);
        if (!was->varies && strcmp(was->text, now->list[k].text) != 0)
            tell(user, was->path, was->text, now->list[k].text);
        k++;
    }
    for (; k < now->n; k++)
        if (!now->list[k].varies)
            tell(user, now->list[k].path, "nothing", now->list[k].text);
}

int vw_again_xml(const char *then, const char *now,
                 void (*tell)(void *user, const char *path, const char *expected,
                              const char *found),
                 void *user)
{
    struct fields a = {.arena = VW_ARENA_INIT}, b = {.arena = VW_ARENA_INIT};
    int rc = vw_library_load(&vw_xml2_library, NULL);
    if (rc == 0)
        rc = read_fields(&a, then);
    if (rc == 0)
        rc = read_fields(&b, now);
    if (rc == 0)
        compare(&a, &b, tell, user);
    vw_arena_finish(&a.arena);
    vw_arena_finish(&b.arena);
    free(a.list);
    free(b.list);
    return rc;
}
