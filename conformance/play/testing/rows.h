// SPDX-License-Identifier: MIT
// Rows of tests of verbs: steps, what the peer makes of them, and what comes of it.
#pragma once

#include "conformance/play/testing/play.h"

/* One case and its end. */
struct row {
    const char *steps; /* of a case that needs open, unless it starts with "needs:" */
    struct peer_rule rule;
    enum vw_verdict verdict;
    const char *reason; /* all of it */
    int64_t ms;         /* that it takes */
    bool suspicious;
    const char *log; /* what the peer saw ends so; NULL: whatever */
};

/* Plays each, prints those that come out otherwise, and returns how many did. The peer's bytes come
 * in reads of CHUNK; 0: as they are. */
size_t rows_wrong(const struct vw_profile *profile, const struct row *rows, size_t n, size_t chunk);

#define PLAY(rows)                                                                                 \
    assert_int_equal(rows_wrong(profile, rows, sizeof(rows) / sizeof((rows)[0]), 0), 0)

#define CALL   "  - send: {call: {procedure: connect_get_version}}\n"
#define ANSWER "  - expect: {answer: }\n"
#define V      "connect_get_version"
#define TYPE   "connect_get_type"

/* Rules of rows. */
#define LATE(n)                                                                                    \
    {                                                                                              \
        V, 0, PEER_LATE, .ms = (n)                                                                 \
    }
#define BEFORE(a)                                                                                  \
    {                                                                                              \
        V, .before = &(a)                                                                          \
    }
#define BEHIND(a)                                                                                  \
    {                                                                                              \
        V, .behind = &(a)                                                                          \
    }
#define AROUND(a, b)                                                                               \
    {                                                                                              \
        V, .before = &(a), .behind = &(b)                                                          \
    }
#define EVENT                                                                                      \
    {                                                                                              \
        V, 0, 0,                                                                                   \
        {                                                                                          \
            .event = "domain_event_reboot"                                                         \
        }                                                                                          \
    }
