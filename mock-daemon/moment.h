// SPDX-License-Identifier: MIT
// Snapshots and checkpoints: what a domain was at a moment, each a child of one before it. What the
// two kinds share.
#pragma once

#include "mock-daemon/kinds/domain.h"

struct vw_moment {
    struct vw_object o; /* its parent is the domain; its XML has no <parent> */
    struct vw_moment *before;
    int32_t was_active;
    /* While a list is made: how it stands to the one that was asked for, and whether none is behind
     * it. */
    uint8_t place;
    bool leaf;
};

extern const struct vw_object_kind vw_object_kind_snapshot;
extern const struct vw_object_kind vw_object_kind_checkpoint;

/* What the two kinds have in their own places. */
struct vw_moments {
    const struct vw_object_kind *kind;
    size_t current, count;   /* in struct vw_domain */
    const char *disk_method; /* the attribute of a disk, and what it is unless that is said */
    const char *disk_default;
};

extern const struct vw_moments vw_snapshots, vw_checkpoints;

/* What a snapshot of the model has of them (state.h). */
extern const struct vw_own vw_moment_owns[];

/* The kind's find() and refer(): by the domain and the name. */
struct vw_object *vw_moment_find(struct vw_call *c, const struct vw_objects *t, const void *named);
void vw_moment_refer(const struct vw_object *o, void *to);

struct vw_moment **vw_moment_current(const struct vw_moments *m, struct vw_domain *d);
uint32_t *vw_moment_count(const struct vw_moments *m, struct vw_domain *d);

/* ---- lists ---- */

/* Which of them are meant. */
struct vw_moment_choice {
    const struct vw_domain *domain;
    const struct vw_moment *below; /* those that come behind it; NULL: all */
    uint32_t flags;                /* virDomainSnapshotListFlags; those of checkpoints are alike */
};

uint32_t vw_moments_count(struct vw_call *c, const struct vw_moments *m,
                          const struct vw_moment_choice *choice);
/* At most MAX of their names. */
enum vw_outcome vw_moments_names(struct vw_call *c, const struct vw_moments *m,
                                 const struct vw_moment_choice *choice, uint32_t max,
                                 struct vw_list *out);
/* How many, and with RESULTS those that are meant. */
enum vw_outcome vw_moments_all(struct vw_call *c, const struct vw_moments *m,
                               const struct vw_moment_choice *choice, bool results,
                               struct vw_list *out, int32_t *count);

/* ---- coming and going ---- */

/* The XML that a client gives, read: the name is made of the clock if there is none, and what
 * stands there of disks is brought together with those that D has. */
enum vw_outcome vw_moment_create(struct vw_call *c, const struct vw_moments *m, struct vw_domain *d,
                                 const struct vw_string *xml, struct vw_moment **out);
/* The same of one whose XML says all, which is there from now on or is again: CURRENT, or not. */
enum vw_outcome vw_moment_redefine(struct vw_call *c, const struct vw_moments *m,
                                   struct vw_domain *d, const struct vw_string *xml, bool current,
                                   struct vw_moment **out);
/* The XML with the one before it, and with the domain or without. */
enum vw_outcome vw_moment_xml(struct vw_call *c, const struct vw_moments *m,
                              const struct vw_moment *moment, bool with_domain,
                              struct vw_string *out);
/* The text of the domain as it was. */
enum vw_outcome vw_moment_domain(struct vw_call *c, const struct vw_moment *moment,
                                 struct vw_string *out, struct vw_domain_facts *facts);

/* virDomainSnapshotDeleteFlags, and of checkpoints */
enum { VW_MOMENT_CHILDREN = 1, VW_MOMENT_METADATA = 2, VW_MOMENT_CHILDREN_ONLY = 4 };

void vw_moment_delete(struct vw_call *c, const struct vw_moments *m, struct vw_moment *moment,
                      uint32_t flags);
/* All that D has. */
void vw_moment_delete_all(struct vw_call *c, const struct vw_moments *m, struct vw_domain *d);
