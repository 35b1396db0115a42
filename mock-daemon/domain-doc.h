// SPDX-License-Identifier: MIT
// The XML of a domain as something to look into and to change: paths, the two that a running domain
// has (as it runs, and as it is when it starts again), and what flags mean for them.
#pragma once

#include <libxml/tree.h>

#include "mock-daemon/handler.h"
#include "mock-daemon/kinds/domain.h"

/* virDomainModificationImpact */
enum { VW_AFFECT_LIVE = 1, VW_AFFECT_CONFIG = 2, VW_AFFECT_BOTH = 3 };

struct vw_doc {
    struct vw_call *c;
    xmlDoc *xml;
    xmlNode *root;
    bool failed; /* no memory for a change */
};

/* Which of the two FLAGS mean for D: VW_AFFECT_LIVE, VW_AFFECT_CONFIG, both; 0 and the error of the
 * call when D does not run, or will not be there again. */
uint32_t vw_doc_affected(struct vw_call *c, const struct vw_domain *d, uint32_t flags);

/* Opens the one that FLAGS mean, which may not be both, to be read. */
enum vw_outcome vw_doc_open(struct vw_doc *doc, struct vw_call *c, const struct vw_domain *d,
                            uint32_t flags);
/* Opens TEXT, which is a domain's. */
enum vw_outcome vw_doc_open_text(struct vw_doc *doc, struct vw_call *c,
                                 const struct vw_string *text);
/* The text of what D is now, or (VW_AFFECT_CONFIG) will be when it starts again. */
enum vw_outcome vw_doc_source(struct vw_call *c, const struct vw_domain *d, uint32_t which,
                              struct vw_string *out);
void vw_doc_close(struct vw_doc *doc);

/* Makes the change in all that FLAGS mean, or in none. EDIT returns VW_FAILED and sets the error of
 * the call where it cannot be. */
typedef enum vw_outcome (*vw_doc_edit)(struct vw_doc *doc, const void *what);
enum vw_outcome vw_doc_change(struct vw_call *c, struct vw_domain *d, uint32_t flags,
                              vw_doc_edit edit, const void *what);

/* ---- paths: names by '/', each with or without [@attribute=value]; at the end @attribute ---- */

/* The element, or NULL. */
xmlNode *vw_doc_at(struct vw_doc *doc, xmlNode *from, const char *path);
/* The same, made with all that is on the way; NULL: no memory, which doc->failed says. */
xmlNode *vw_doc_make(struct vw_doc *doc, xmlNode *from, const char *path);
/* What stands there, in the memory of the call; NULL: nothing. */
const char *vw_doc_get(struct vw_doc *doc, xmlNode *from, const char *path);
uint64_t vw_doc_number(struct vw_doc *doc, xmlNode *from, const char *path, uint64_t none);
/* Puts VALUE there, and the elements on the way where libvirt writes them. NULL: takes it away, and
 * those above it that are empty then. */
void vw_doc_set(struct vw_doc *doc, xmlNode *from, const char *path, const char *value);
void vw_doc_set_number(struct vw_doc *doc, xmlNode *from, const char *path, uint64_t value);

/* The next child of that name; AFTER is NULL: the first. */
xmlNode *vw_doc_next(xmlNode *parent, xmlNode *after, const char *name);

/* How many such elements what stands at PATH has; how many devices are such. */
uint32_t vw_doc_children(struct vw_doc *doc, const char *path, const char *element);
uint32_t vw_doc_count(struct vw_doc *doc, const char *element);
/* The device of that element whose CHILD has VALUE as its attribute, as in ("disk", "target@dev",
 * "vda"). */
xmlNode *vw_doc_device(struct vw_doc *doc, const char *element, const char *path,
                       const char *value);

/* Puts all elements into libvirt's order, drops those that it does not know. */
void vw_doc_arrange(struct vw_doc *doc);
/* The text of ELEMENT, indented as libvirt does. */
enum vw_outcome vw_doc_text(struct vw_doc *doc, const xmlNode *element, struct vw_string *out);
/* What is read of it into D so often that it has fields. */
void vw_doc_facts(struct vw_doc *doc, struct vw_domain_facts *facts);
