// SPDX-License-Identifier: MIT
// The error structure: the body of every message with status ERROR (E-1). Its layout has never
// changed, and a session must read it whatever schema it was given, so it has a hand-written codec;
// test-remote-error.c holds that against virNetMessageError of message.x.
// Engine: it may change with every release (docs/api.md).
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <virwire/error.h>
#include <virwire/event.h>
#include <virwire/memory.h>

#include "xdr/xdr.h"

/* What rules name an error by. */
struct vw_error_pair {
    int32_t code, domain;
};

/* Reads an error structure. Strings go into ARENA. STRING_MAX is the profile's bound. *USED may be
 * NULL. VW_ETRUNCATED, VW_ELIMIT, VW_ENOMEM, with offset and path. */
int vw_remote_error_decode(const void *bytes, size_t len, uint32_t string_max,
                           struct vw_arena *arena, struct vw_remote_error *out, size_t *used,
                           struct vw_error *err);
/* Appends one. VW_ELIMIT, VW_ENOMEM. */
int vw_remote_error_encode(const struct vw_remote_error *e, uint32_t string_max, struct vw_buf *b,
                           struct vw_error *err);

/* True when the error says that the peer does not know the procedure (D-21): the caller then takes
 * it as VW_ERR_NO_SUPPORT. */
bool vw_remote_error_is_unknown_procedure(const struct vw_remote_error *e);
/* Applies D-21: turns such an error's code into VW_ERR_NO_SUPPORT. */
void vw_remote_error_map(struct vw_remote_error *e);
