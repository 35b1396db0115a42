// SPDX-License-Identifier: MIT
// A profile: the protocol as one release speaks it. It overrides constants, hides programs,
// procedures and union arms, replaces types, and holds the limits and answers that differ. Data,
// never a branch on a version number (reference/protocol/profiles).
// Engine: it may change with every release (docs/api.md).
#pragma once

#include <virwire/error.h>
#include <virwire/lookups.h>

#include "schema/schema.h"

enum vw_profile_dialect { VW_PROFILE_MODERN, VW_PROFILE_2007 };

struct vw_profile {
    const char *name; /* "9.0.0" */
    const struct vw_schema *schema;
    enum vw_profile_dialect dialect;
    uint32_t min_length_word; /* smallest acceptable length word (F-3) */
    uint32_t max_length_word; /* largest acceptable length word (F-4, F-6, F-7) */
    uint32_t string_max;      /* bytes (F-6) */
    uint32_t fds_max;         /* descriptors a message (P-2); 0: none */
    const struct vw_partial
        *partial;        /* it is of a server that lacks some of `program`; NULL: a whole one */
    const char *program; /* what scenarios mean where they name none: "remote", unless it was set */
};

/* What every whole server says yes to in CONNECT_SUPPORTS_FEATURE (C-11, K-4, P-1): a bit each. */
#define VW_SERVER_FEATURES (1U << 8 | 1U << 10 | 1U << 14 | 1U << 15)

/* What a server has of a program, and what its release has. */
struct vw_partial {
    const struct vw_partial *next; /* of another program */
    const char *program;
    uint32_t calls, all_calls, events, all_events;
    uint32_t streams, all_streams; /* calls that open one, which are calls too */
    uint32_t lacking_features;     /* of VW_SERVER_FEATURES; 0 for other programs than remote */
    const int32_t *lacking;        /* the numbers of the other calls; all_calls - calls of them */
};

/* An answer that differs between releases ("open_unknown_driver.code"), or FALLBACK. */
int64_t vw_profile_answer(const struct vw_profile *p, const char *key, int64_t fallback);
const char *vw_profile_answer_text(const struct vw_profile *p, const char *key,
                                   const char *fallback);

/* "9.0.0": the release that it is of, or is based on; its name where none is known. */
const char *vw_profile_release(const struct vw_profile *p);

/* PROGRAM, which stays the caller's, is what scenarios mean where they name none, and `partial`
 * what the server has of it. */
void vw_profile_set_program(struct vw_profile *p, const char *program);

/* The name of the newest one. */
const char *vw_profile_newest(void);
