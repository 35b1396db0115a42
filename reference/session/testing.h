// SPDX-License-Identifier: MIT
// What the tests of the session share: profiles, sessions over memory, and messages by hand.
#pragma once

#include "base/testing/test.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/words.h"
#include "session/session.h"

#define REMOTE 0x20008086u
#define QEMU   0x20008087u

/* Procedure numbers of the remote program that do not change. */
enum {
    OPEN = 1,
    CLOSE = 2,
    GET_TYPE = 3,
    GET_CAPABILITIES = 7,
    LOOKUP_BY_ID = 22,
    LOOKUP_BY_NAME = 23,
    SUPPORTS_FEATURE = 60,
    AUTH_LIST = 66,
    EVENT_LIFECYCLE = 107,
    SCREENSHOT = 211,
    EVENT_CLOSED = 362
};

/* Loads PROFILE and keeps it to the end of the process. */
const struct vw_profile *test_profile(const char *name);
/* A profile over .x TEXT of its own. */
const struct vw_profile *test_profile_of(const char *text);

/* One session of ROLE with all else at its default. */
struct vw_session *test_session(enum vw_role role, const char *profile);

/* The procedure of that name in the profile of S. */
const struct vw_proc *test_proc(const struct vw_session *s, const char *name);
/* vw_session_call with the smallest arguments. */
int test_call(struct vw_session *s, const struct vw_proc *proc, void *user, uint32_t *serial,
              struct vw_error *err);

/* The next event, or one of kind -1 when there is none. Its texts and values live until the next
 * call. */
struct vw_event test_next(struct vw_session *s);
/* The same, and it must be of KIND. */
struct vw_event test_expect(struct vw_session *s, enum vw_event_kind kind);
void test_expect_none(struct vw_session *s);
/* An event VIOLATION with CLAUSE. */
void test_expect_violation(struct vw_session *s, const char *clause);

/* Moves all output of FROM, which speaks for SIDE, into TO. Returns how many bytes. */
size_t test_pump(struct vw_session *from, enum vw_side side, struct vw_session *to);
/* Takes all output away into a static buffer. */
size_t test_take(struct vw_session *s, const uint8_t **bytes);

/* Feeds one message: header words in their order, and a body. */
void test_feed(struct vw_session *s, enum vw_side from, uint32_t program, uint32_t version,
               int32_t procedure, int32_t type, uint32_t serial, int32_t status, const void *body,
               size_t len);
/* Feeds a reply with an error structure. */
void test_feed_error(struct vw_session *s, const struct vw_header *h, int32_t code, int32_t domain,
                     const char *message);
/* ---- of servers ---- */

/* A server session of 9.0.0 behind the open. */
struct vw_session *test_opened_server(void);
/* Feeds one call of the remote program. */
void test_feed_call(struct vw_session *s, int32_t procedure, uint32_t serial, const void *body,
                    size_t len);
/* The next output is one message with the header WANT and an error of this code and domain, whose
 * text begins with START (NULL: any). */
void test_expect_error_reply(struct vw_session *s, const struct vw_header *want, int32_t code,
                             int32_t domain, const char *start);
/* The session has refused the message H by itself: an error reply that names CLAUSE; it stays. */
void test_expect_refused(struct vw_session *s, struct vw_header h, const char *clause, int32_t code,
                         int32_t domain, const char *start);
/* Feeds a message that is to be refused so. */
void test_refuse(struct vw_session *s, struct vw_header h, const void *body, size_t len,
                 const char *clause, int32_t code, int32_t domain, const char *start);
/* A violation of CLAUSE has closed the session, without a word; destroys it. */
void test_expect_closed(struct vw_session *s, const char *clause);

/* For the end of the group. */
int test_finish(void **state);
