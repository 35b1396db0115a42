// SPDX-License-Identifier: MIT
// Who may do what to which object, as libvirt's access driver polkit asks it. What a procedure
// needs is said by its annotations in the schema, acl and aclfilter; who may is said by the rules
// of the configuration, and where none fits by the defaults of libvirt's policy.
#pragma once

#include "mock-daemon/handler.h"

struct vw_happening;
struct vw_node;

/* A condition that is not set fits all. */
struct vw_access_rule {
    const char *user;    /* pattern: of SASL, or of the process behind a UNIX socket */
    int64_t uid;         /* of that process; -1: not set */
    const char *name;    /* pattern: of the certificate of TLS */
    const char *object;  /* pattern: name, uuid, or POOL/NAME of a volume */
    const char **wanted; /* patterns of permissions: "domain.*" */
    size_t n_wanted;
    bool allow;
};

struct vw_access {
    bool on; /* else anybody may do anything */
    const struct vw_access_rule *rules;
    size_t n_rules;
};

#define VW_PERMISSION_TEXT 64
/* What an annotation asks for, as libvirt's policy spells it: "storage-vol.read" of
 * "storage_vol:read:FLAGS". False: nothing, or nothing that has room. */
bool vw_access_permission(const char *annotation, char permission[VW_PERMISSION_TEXT]);

/* Reads the list of rules N; what is made of it lies in ARENA. VW_ESYNTAX with line and column,
 * VW_ENOMEM. */
int vw_access_read(struct vw_access *a, const struct vw_node *n, struct vw_arena *arena,
                   struct vw_error *err);

/* Whether the call may go on, ahead of its row. What an object has to be known for is left to
 * vw_access_after. What the client may not know of is marked as veiled in its table until then. */
enum vw_outcome vw_access_before(struct vw_call *c);
/* OUTCOME, or the error for an object that the row has found. */
enum vw_outcome vw_access_after(struct vw_call *c, enum vw_outcome outcome);
/* Whether C may be told of H. */
bool vw_access_hears(struct vw_conn *c, const struct vw_happening *h);
