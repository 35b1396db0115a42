// SPDX-License-Identifier: MIT
// The error structure: the body of every message with status ERROR (E-1). Its layout has never
// changed, and a session must read it whatever schema it was given, so it has a hand-written codec;
// test-remote-error.c holds that against virNetMessageError of message.x.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <virwire/error.h>
#include <virwire/memory.h>

#include "xdr/xdr.h"

/* Codes and domains that rules of the protocol itself name. All others: vw_error_code_name. */
enum {
    VW_ERR_INTERNAL = 1,
    VW_ERR_NO_SUPPORT = 3,
    VW_ERR_NO_CONNECT = 5,
    VW_ERR_INVALID_ARG = 8,
    VW_ERR_OPERATION_DENIED = 29,
    VW_ERR_SYSTEM = 38,
    VW_ERR_RPC = 39,
    VW_ERR_NO_DOMAIN = 42,
    VW_ERR_AUTH_FAILED = 45,
    VW_FROM_NONE = 0,
    VW_FROM_RPC = 7,
    VW_FROM_TEST = 12,
    VW_FROM_REMOTE = 13,
    VW_FROM_DOMAIN = 20,
    VW_FROM_STREAMS = 38,
    VW_FROM_ADMIN = 62,
    VW_LEVEL_ERROR = 2
};

/* An object that the error is about (E-2). */
struct vw_error_object {
    const char *name;
    uint8_t uuid[16];
    int32_t id; /* dom only */
};

/* What rules name an error by. */
struct vw_error_pair {
    int32_t code, domain;
};

/* NULL strings are absent ones, which differ from empty ones. Strings end at their first
 * NUL, as every client takes them. */
struct vw_remote_error {
    int32_t code;
    int32_t domain;
    int32_t level;
    const char *message;
    const char *str1;
    const char *str2;
    const char *str3;
    int32_t int1;
    int32_t int2;
    const struct vw_error_object *dom; /* NULL: absent */
    const struct vw_error_object *net;
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

/* "VIR_ERR_NO_DOMAIN", "VIR_FROM_TEST", "VIR_ERR_ERROR" (level), or NULL when the number is newer
 * than this program (E-5). */
const char *vw_error_code_name(int32_t code);
const char *vw_error_domain_name(int32_t domain);
const char *vw_error_level_name(int32_t level);
