// SPDX-License-Identifier: MIT
// What the tests of the client share: servers in a child process, which answer what a test lets
// them answer, and clients connected to them.
#pragma once

#include "base/testing/test.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/words.h"
#include "client/below.h"
#include "xdr/json.h"

#define TEST_DOMAIN                                                                                \
    "{\"name\": \"test\", \"uuid\": \"000102030405060708090a0b0c0d0e0f\", \"id\": 1}"

struct test_server {
    struct vw_session *session;
    struct vw_transport *transport;
    unsigned calls; /* answered or not, without those of opening */
};

/* Gets every call but those of opening a connection (authentication, features, open, close), and
 * what comes on streams. */
typedef void (*test_answer_fn)(struct test_server *sv, const struct vw_event *ev);

extern const struct vw_profile *test_profile; /* of both sides; set it in the setup of the group */
/* Features that the server has, by bit; 0: all. */
extern uint32_t test_features;

/* Group setup and teardown: loads 9.0.0. */
int test_load(void **state);
int test_unload(void **state);

/* ---- in the server ---- */

void test_flush(struct test_server *sv);
_Noreturn void test_hang_up(struct test_server *sv);
void test_answer_raw(struct test_server *sv, const struct vw_event *ev, const void *body,
                     size_t len);
void test_answer_error(struct test_server *sv, const struct vw_event *ev, int32_t code,
                       int32_t domain, const char *text);
/* Whole message of TYPE and STATUS about the call of EV. */
void test_send(struct test_server *sv, const struct vw_event *ev, int32_t type, int32_t status,
               const void *body, size_t len);

/* ---- in the test ---- */

const struct vw_proc *test_proc(const char *name);
/* A value of the arguments of PROC. */
void *test_args(const struct vw_proc *proc, const char *json, struct vw_arena *arena);

/* Starts a server and returns the client's end of its socket. One at a time. */
int test_start_server(test_answer_fn answer);
void test_stop_server(void);
/* A client of a new server. */
struct vw_client *test_open_client(test_answer_fn answer, int timeout_ms);
struct vw_client *test_open_client_with(test_answer_fn answer, const struct vw_client_options *o);
/* Destroys it and ends its server. */
void test_end_client(struct vw_client *c);
