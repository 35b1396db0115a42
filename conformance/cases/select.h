// SPDX-License-Identifier: MIT
// Which cases of a suite run, and why the others do not.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <virwire/uri.h>

#include "conformance/cases/scenario.h"

struct vw_selection {
    const char *const *run; /* patterns; n_run 0: all */
    size_t n_run;
    const char *const *skip;
    size_t n_skip;
    const char *const *clauses; /* "F-3", or "F" for the whole group; n_clauses 0: all */
    size_t n_clauses;
    enum vw_level level;      /* at least */
    uint32_t shard, n_shards; /* 1 of 1: all */
};

/* Is the case one of those asked for? Cases left out this way are not even planned. */
bool vw_select_case(const struct vw_selection *s, const struct vw_case *c);

/* May one of the cases of the file FILE_ID be asked for by name? Files of which none is need not be
 * read. */
bool vw_select_file(const struct vw_selection *s, const char *file_id);

/* Does the N-th of the cases asked for (from 0) belong to this shard? */
bool vw_select_shard(const struct vw_selection *s, size_t n);

/* ID against PATTERN: equal, below it ("dispatch" takes "dispatch/x"), or as with * and ?. */
bool vw_select_match(const char *pattern, const char *id);

/* What the peer and the user allow. */
struct vw_permission {
    enum vw_effect allowed; /* the largest effect */
    enum vw_transport_kind transport;
    bool test_driver;      /* the domain "test" is there */
    bool read_only_socket; /* the URI names one */
    bool programs;         /* cases may start some */
    bool slow;             /* cases may wait for tens of seconds */
    unsigned configured;   /* of VW_NEEDS_CONFIGURED, what the server is configured to be */
    const struct vw_profile *profile;
};

/* Why a planned case is skipped, or NULL. TEXT is room for it. */
const char *vw_select_skip(const struct vw_permission *p, const struct vw_case *c, char *text,
                           size_t size);

/* What a user can say of the configuration of a server. */
#define VW_NEEDS_CONFIGURED (VW_NEED_ONE_REQUEST | VW_NEED_NAMES | VW_NEED_ANYBODY)
/* Reads words of it with commas between. VW_ENAME. */
int vw_select_read_configured(const char *text, unsigned *out, struct vw_error *err);
/* The same words. */
void vw_select_say_configured(unsigned set, FILE *f);

/* Whether what is needed can be had over KIND. */
bool vw_select_transport_fits(unsigned needs, enum vw_transport_kind kind);

/* It opens a connection besides its first. */
bool vw_select_wants_more(const struct vw_case *c);
