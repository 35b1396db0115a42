// SPDX-License-Identifier: MIT
// For tests of what messages mean: a small program, rows of messages and calls in their order, and
// all that a session tells and sends because of them, in words.
#pragma once

#include <stdio.h>

#include "session/testing-raw.h"
#include "session/testing.h"

static const char toy[] =
    "const TOY_PROGRAM = 0x20202020; const TOY_PROTOCOL_VERSION = 1;\n"
    "const KEEPALIVE_PROGRAM = 0x6b656570; const KEEPALIVE_PROTOCOL_VERSION = 1;\n"
    "enum keepalive_procedure { KEEPALIVE_PROC_PING = 1, KEEPALIVE_PROC_PONG = 2 };\n"
    "enum colour { RED = 1 };\n"
    "struct toy_get_ret { int v; }; struct toy_put_args { bool b; colour c; short s; };\n"
    "struct toy_tick_msg { int v; }; struct toy_text_args { string t<8>; opaque o<8>; };\n"
    "struct toy_bits_args { bool b<>; };\n"
    "enum toy_procedure { TOY_PROC_GET = 1, TOY_PROC_PUT = 2, /** @readstream: 1 */\n"
    "TOY_PROC_READ = 3, /** @writestream: 1 */ TOY_PROC_WRITE = 4, TOY_PROC_TICK = 5,\n"
    "/** @priority: high */ TOY_PROC_TEXT = 6, TOY_PROC_BITS = 8 };\n";

#define TOY       0x20202020u
#define KEEPALIVE 0x6b656570u

enum { GET = 1, PUT, READ, WRITE, TICK, TEXT, BITS = 8 };

/* What is done here in place of a message that comes. */
enum deed { NONE, CALL, FORGET, FINISH, ABORT, OPEN_STREAM, REPLY };

struct message {
    enum deed deed;
    enum vw_side from;
    uint32_t program, version;
    int32_t procedure, type;
    uint32_t serial;
    int32_t status;
    const char *body;
    size_t len;
};

#define OF(side, program, version, procedure, type, serial, status, body)                          \
    {                                                                                              \
        NONE, VW_SIDE_##side, program, version, procedure, VW_MSG_##type, serial, status, body,    \
            sizeof(body) - 1                                                                       \
    }
#define M(side, procedure, type, serial, status, body)                                             \
    OF(side, TOY, 1, procedure, type, serial, status, body)
#define DO(deed, procedure, serial)                                                                \
    {                                                                                              \
        deed, VW_SIDE_CLIENT, TOY, 1, procedure, 0, serial, 0, NULL, 0                             \
    }

/* Error 42 of domain 10 and level 2, without texts. */
#define ERROR_BYTES "\0\0\0\52\0\0\0\12\0\0\0\0\0\0\0\2" ZEROS ZEROS
#define ZEROS       "\0\0\0\0\0\0\0\0\0\0\0\0\0\0"

struct row {
    struct message list[8]; /* ends at program 0 */
    const char *said;
};

static const struct vw_profile *toy_profile;
static int toy_user;

static int load_toy(void **state)
{
    toy_profile = test_profile_of(toy);
    return 0;
}

/* Adds " WORD" to TEXT if YES. */
static inline size_t word(char *text, size_t size, bool yes, const char *what)
{
    return yes ? (size_t)snprintf(text, size, " %s", what) : 0;
}

/* The offset is told from where the body starts. */
static inline size_t tell_violation(const struct vw_event *ev, const char *side, char *text,
                                    size_t size)
{
    const struct vw_finding *f = ev->finding;
    bool fine = strcmp(f->place.side, side) == 0 && strcmp(f->found, ev->text) == 0 &&
                strcmp(f->clauses, ev->clause) == 0 && f->place.in_bytes && *f->cause;
    size_t at = (size_t)snprintf(text, size, "!%s %s %s", side, fine ? f->clauses : "?", f->found);
    size_t count = ev->header.type == VW_MSG_REPLY_WITH_FDS ? 4 : 0; /* of descriptors */
    if (*f->place.path)
        at += (size_t)snprintf(text + at, size - at, " at %s, offset %lld", f->place.path,
                               (long long)(f->place.offset - ev->offset - VW_PREFIX_BYTES - count));
    if (f->count > 1)
        at += (size_t)snprintf(text + at, size - at, " and %zu more", f->count - 1);
    return at + (size_t)snprintf(text + at, size - at, "; ");
}

static inline size_t tell_event(const struct vw_event *ev, char *text, size_t size)
{
    const char *side = ev->from == VW_SIDE_CLIENT ? "client" : "server";
    size_t at;
    if (ev->kind == VW_EVENT_VIOLATION)
        return tell_violation(ev, side, text, size);
    at = (size_t)snprintf(text, size, "%s", vw_event_kind_name(ev->kind));
    at += word(text + at, size - at, *ev->clause, ev->clause);
    at += word(text + at, size - at, ev->proc, ev->proc ? ev->proc->short_name : "");
    at += word(text + at, size - at, ev->value, "value");
    at += word(text + at, size - at, ev->stream, "opens");
    at += word(text + at, size - at, ev->out_of_order, "early");
    at += word(text + at, size - at, ev->early, "ahead");
    at += word(text + at, size - at, ev->high_priority, "high");
    at += word(text + at, size - at, ev->local, "local");
    at += word(text + at, size - at, ev->user == &toy_user, "user");
    if (ev->error.code)
        at += (size_t)snprintf(text + at, size - at, " %d/%d %s", ev->error.code, ev->error.domain,
                               ev->error.message ? ev->error.message : "-");
    return at + (size_t)snprintf(text + at, size - at, "; ");
}

/* Takes the output away: type, procedure, serial, status and length of the body of each message. */
static inline void tell_output(struct vw_session *s, char *text, size_t size)
{
    struct vw_segment seg;
    uint8_t bytes[2048];
    size_t len = 0, at = 0;
    while (vw_session_output(s, false, &seg)) {
        assert_true(len + seg.len <= sizeof(bytes));
        memcpy(bytes + len, seg.data, seg.len);
        len += seg.len;
        vw_session_written(s, seg.len);
    }
    for (size_t i = 0; i < len; i += vw_load32(bytes + i))
        at += (size_t)snprintf(text + at, size - at, ">%u:%d:%u:%d+%u; ", vw_load32(bytes + i + 16),
                               (int)vw_load32(bytes + i + 12), vw_load32(bytes + i + 20),
                               (int)vw_load32(bytes + i + 24), vw_load32(bytes + i) - 28);
}

/* Adds all events and all output that S has to TEXT. */
static inline void tell(struct vw_session *s, char *text, size_t size)
{
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_event ev;
    size_t at = strlen(text);
    int rc;
    while ((rc = vw_session_next(s, &arena, &ev)) != 0) {
        if (rc == 1)
            at += tell_event(&ev, text + at, size - at);
        else
            assert_int_equal(rc, VW_ENOMEM);
        assert_true(at < size);
    }
    vw_arena_finish(&arena);
    tell_output(s, text + at, size - at);
}

static inline int do_deed(struct vw_session *s, const struct message *m)
{
    const struct vw_header h = {m->program, m->version, m->procedure, 0, m->serial, 0};
    const struct vw_program *p = vw_session_program(s, m->program, m->version);
    switch (m->deed) {
    case CALL:
        return test_call(s, vw_program_proc(p, m->procedure), &toy_user, NULL, NULL);
    case FORGET:
        assert_true(vw_session_forget(s, m->serial, &toy_user));
        return 0;
    case FINISH:
        return vw_session_stream_finish(s, &h, NULL);
    case ABORT:
        return vw_session_stream_abort(s, &h, NULL, NULL);
    case OPEN_STREAM:
        return vw_session_stream_open(s, &h, &toy_user);
    default:
        return test_reply_raw(s, &h, NULL, 0);
    }
}

static inline int feed_message(struct vw_session *s, const struct message *m)
{
    const struct vw_header h = {m->program, m->version, m->procedure,
                                m->type,    m->serial,  m->status};
    uint8_t bytes[256];
    assert_true(m->len <= sizeof(bytes) - 28);
    vw_store32(bytes, (uint32_t)m->len + 28);
    vw_header_encode(&h, bytes + 4);
    if (m->len)
        memcpy(bytes + 28, m->body, m->len);
    return vw_session_feed(s, m->from, bytes, m->len + 28);
}

/* Plays ROW into SAID. What fails for want of memory is tried again. */
static inline void play(const struct row *row, const struct vw_session_options *o, size_t fail,
                        char *said, size_t size)
{
    struct vw_session *s;
    assert_int_equal(vw_session_create(o, &s, NULL), 0);
    vw_session_set_opened(s, true);
    said[0] = '\0';
    vw_failalloc_set(fail);
    for (const struct message *m = row->list; m->program; m++) {
        int rc;
        while ((rc = m->deed ? do_deed(s, m) : feed_message(s, m)) == VW_ENOMEM)
            continue;
        assert_int_equal(rc, 0);
        tell(s, said, size);
    }
    vw_session_destroy(s);
}

/* ROW comes to what it says, also when any one allocation fails. */
static inline bool row_holds(const struct row *row, size_t i, enum vw_role role, unsigned strict,
                             bool fds)
{
    const struct vw_session_options o = {
        .role = role, .profile = toy_profile, .strict = strict, .fds = fds};
    char said[1600];
    bool failed = true;
    for (size_t n = 0; failed || n == 1; n++) {
        play(row, &o, n, said, sizeof(said));
        failed = vw_failalloc_clear();
        if (strcmp(said, row->said) == 0)
            continue;
        print_error("row %zu\n  wanted %s\n  got    %s\n", i, row->said, said);
        return false;
    }
    return true;
}

static inline void expect_rows(const struct row *rows, size_t n, enum vw_role role, unsigned strict,
                               bool fds)
{
    unsigned wrong = 0;
    for (size_t i = 0; i < n; i++)
        wrong += !row_holds(&rows[i], i, role, strict, fds);
    assert_int_equal(wrong, 0);
}

#define EXPECT_ROWS(rows, role, strict, fds)                                                       \
    expect_rows(rows, sizeof(rows) / sizeof((rows)[0]), role, strict, fds)
