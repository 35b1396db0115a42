// SPDX-License-Identifier: MIT
// Cases about clients: what they all share, and what was heard of one.
#pragma once

#include "conformance/play/served.h"

struct vw_by_hand;

struct vw_client_suite {
    const char *virwired; /* the program */
    const char *pki;      /* a folder that ci/make-pki made; NULL: TLS is not tried */
    struct vw_client_commands commands;
    bool memory;                /* what the client takes is looked at */
    struct vw_by_hand *by_hand; /* somebody starts the client; NULL: the commands do */
};

/* Ends the server of RUN, and reads what it recorded into the log of the run too. Once it has, it
 * does nothing. VW_ENOMEM, VW_ESYSTEM. */
int vw_heard_end(struct vw_run *run, struct vw_error *err);

/* Whether the client has said nothing at all; ends the server. */
bool vw_heard_nothing(struct vw_run *run);

/* The last message on the wire on one line, in BUF. */
const char *vw_heard_latest(const struct vw_run *run, char *buf, size_t size);

/* What a recorder has kept as NAME ("argv"), line by line; to be put. NULL: no memory. */
struct json_object *vw_heard_kept(const struct vw_run *run, const char *name);

/* Ends the server, and the case where the client broke a rule that EXCUSES (clauses; may be NULL)
 * does not name, and that was not excused before. False: it is over. */
bool vw_heard_judge(struct vw_run *run, const struct vw_node *excuses);

/* The client said with STATUS that it cannot do what it was asked for: the case is skipped, unless
 * all can. */
void vw_client_cannot(struct vw_run *run, int status);
