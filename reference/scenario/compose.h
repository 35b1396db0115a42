// SPDX-License-Identifier: MIT
// Making the bytes of a message from its node: encode what is good, then patch what is not.
#pragma once

#include <virwire/error.h>
#include <virwire/memory.h>

#include "message/message.h"
#include "scenario/format.h"
#include "schema/profile.h"
#include "xdr/xdr.h"

struct vw_compose_context {
    const struct vw_profile *profile;
    struct vw_arena *arena;
    struct json_object *variables;
    const struct vw_header *of; /* of the call that a packet or a reply belongs to, or NULL */
    uint32_t serial;            /* the next of the connection */
};

struct vw_composed {
    struct vw_header header;    /* as it was sent */
    const struct vw_proc *proc; /* NULL: not in the schema */
};

extern const struct vw_keys vw_message_keys;

/* Appends the message that N (a mapping of vw_message_keys) describes to OUT, whoever sends it.
 * TYPE is what it is, and that of the header if N does not say: VW_MSG_CALL, VW_MSG_MESSAGE,
 * VW_MSG_STREAM, VW_MSG_REPLY. VW_ESYNTAX with the place, VW_ENAME for a procedure that the profile
 * does not have, and the errors of the codec. */
int vw_compose(const struct vw_compose_context *ctx, const struct vw_node *n, int32_t type,
               struct vw_buf *out, struct vw_composed *composed, struct vw_error *err);

/* The procedure that N names, by itself: VW_ENAME (unknown) or 0 with *PROC NULL for a number that
 * is not in the schema. */
int vw_compose_proc(const struct vw_profile *profile, const struct vw_node *n,
                    const struct vw_proc **proc, struct vw_header *h, struct vw_error *err);
