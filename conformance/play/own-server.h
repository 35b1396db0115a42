// SPDX-License-Identifier: MIT
// A server that the run itself starts (--start), with its socket and ports, and starts again when
// it has ended.
#pragma once

#include <signal.h>
#include <virwire/uri.h>

#include "conformance/play/link.h"
#include "conformance/play/place.h"
#include "conformance/play/target.h"

#define VW_OWN_PORTS 2

struct vw_own_server {
    struct vw_target target;
    char dir[VW_PLACE_ROOM]; /* of its socket */
    char socket[VW_PLACE_ROOM + 8];
    char ports[VW_OWN_PORTS][8]; /* free when they were chosen */
    const char *command;         /* as the user gave it */
    /* Where it must listen. */
    const struct vw_connector *connector;
    const struct vw_uri *const *uris;
    size_t n_uris;
    const volatile sig_atomic_t *interrupted; /* may be NULL */
};

/* A place for COMMAND, a command for the shell; nothing runs yet. ARENA lives longer than S. */
int vw_own_server_init(struct vw_own_server *s, const char *command, struct vw_arena *arena,
                       struct vw_error *err);
/* TEXT with {socket}, {port} and {port2} replaced, in ARENA. NULL: no memory. */
char *vw_own_server_fill(const struct vw_own_server *s, const char *text, struct vw_arena *arena);
/* Starts it, for good or again, and waits until it can be reached at all of its URIs.
 * VW_EUNREACHABLE: it ended, or does not listen. */
int vw_own_server_start(struct vw_own_server *s, struct vw_error *err);
/* Ends it with all that it has started, and removes its place. One that was never made is fine. */
void vw_own_server_finish(struct vw_own_server *s);
