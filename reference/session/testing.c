// SPDX-License-Identifier: MIT
// See testing.h.
#include "session/testing.h"

#include <stdio.h>

#include "session/internal.h"
#include "xdr/values.h"

static struct vw_profile *loaded[8];
static const char *names[8];
static size_t n_loaded;
static struct vw_arena arena;
static struct vw_buf taken;

const struct vw_profile *test_profile(const char *name)
{
    for (size_t i = 0; i < n_loaded; i++)
        if (names[i] && strcmp(names[i], name) == 0)
            return loaded[i];
    assert_int_equal(vw_profile_load(name, NULL, &loaded[n_loaded], NULL), 0);
    names[n_loaded] = name;
    return loaded[n_loaded++];
}

const struct vw_profile *test_profile_of(const char *text)
{
    char dir[VW_TEST_FOLDER], file[sizeof(dir) + 16];
    struct vw_error err = VW_ERROR_INIT;
    assert_int_equal(vw_test_folder(dir), 0);
    snprintf(file, sizeof(file), "%s/toy.x", dir);
    FILE *f = fopen(file, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
    const struct vw_profile_options options = {VW_PROFILE_OPTIONS_INIT, .schema_dir = dir};
    int rc = vw_profile_load("12.8.0", &options, &loaded[n_loaded], &err);
    unlink(file);
    rmdir(dir);
    if (rc)
        print_error("%s\n", err.text);
    assert_int_equal(rc, 0);
    return loaded[n_loaded++];
}

struct vw_session *test_session(enum vw_role role, const char *profile)
{
    const struct vw_session_options o = {.role = role, .profile = test_profile(profile)};
    struct vw_session *s;
    assert_int_equal(vw_session_create(&o, &s, NULL), 0);
    return s;
}

const struct vw_proc *test_proc(const struct vw_session *s, const char *name)
{
    const struct vw_proc *p = vw_schema_proc(s->o.profile->schema, name);
    assert_non_null(p);
    return p;
}

int test_call(struct vw_session *s, const struct vw_proc *proc, void *user, uint32_t *serial,
              struct vw_error *err)
{
    struct vw_arena values = VW_ARENA_INIT;
    void *args = NULL;
    if (proc->args)
        assert_int_equal(vw_value_minimal(proc->args, &values, &args, NULL), 0);
    int rc = vw_session_call(s, proc, args, NULL, 0, user, serial, err);
    vw_arena_finish(&values);
    return rc;
}

struct vw_event test_next(struct vw_session *s)
{
    struct vw_event ev;
    vw_arena_reset(&arena);
    int rc = vw_session_next(s, &arena, &ev);
    assert_in_range(rc, 0, 1);
    if (rc == 0)
        ev = (struct vw_event){.kind = (enum vw_event_kind) - 1};
    return ev;
}

struct vw_event test_expect(struct vw_session *s, enum vw_event_kind kind)
{
    struct vw_event ev = test_next(s);
    if (ev.kind != kind)
        print_error("got %s (%s %s)\n",
                    (int)ev.kind == -1 ? "nothing" : vw_event_kind_name(ev.kind),
                    (int)ev.kind == -1 ? "" : ev.clause, (int)ev.kind == -1 ? "" : ev.text);
    assert_int_equal(ev.kind, kind);
    return ev;
}

void test_expect_none(struct vw_session *s)
{
    struct vw_event ev = test_next(s);
    if ((int)ev.kind != -1)
        print_error("got %s (%s %s)\n", vw_event_kind_name(ev.kind), ev.clause, ev.text);
    assert_int_equal((int)ev.kind, -1);
}

void test_expect_violation(struct vw_session *s, const char *clause)
{
    struct vw_event ev = test_expect(s, VW_EVENT_VIOLATION);
    assert_string_equal(ev.clause, clause);
    assert_true(ev.text[0] != '\0');
}

size_t test_take(struct vw_session *s, const uint8_t **bytes)
{
    struct vw_segment seg;
    taken.len = 0;
    while (vw_session_output(s, false, &seg)) {
        assert_int_equal(vw_buf_append(&taken, seg.data, seg.len), 0);
        vw_session_written(s, seg.len);
    }
    *bytes = taken.data;
    return taken.len;
}

size_t test_pump(struct vw_session *from, enum vw_side side, struct vw_session *to)
{
    const uint8_t *bytes;
    size_t len = test_take(from, &bytes);
    assert_int_equal(vw_session_feed(to, side, bytes, len), 0);
    return len;
}

void test_feed(struct vw_session *s, enum vw_side from, uint32_t program, uint32_t version,
               int32_t procedure, int32_t type, uint32_t serial, int32_t status, const void *body,
               size_t len)
{
    const struct vw_limits limits = {.min_length_word = 28, .max_length_word = UINT32_MAX};
    const struct vw_header h = {program, version, procedure, type, serial, status};
    struct vw_buf b = VW_BUF_INIT;
    /* The caller writes the count of descriptors itself. */
    struct vw_header plain = h;
    plain.type = VW_MSG_CALL;
    assert_int_equal(vw_message_append(&b, &limits, &plain, 0, body, len, NULL), 0);
    vw_header_encode(&h, b.data + VW_LENGTH_BYTES);
    assert_int_equal(vw_session_feed(s, from, b.data, b.len), 0);
    vw_buf_finish(&b);
}

void test_feed_error(struct vw_session *s, const struct vw_header *h, int32_t code, int32_t domain,
                     const char *message)
{
    struct vw_buf b = VW_BUF_INIT;
    const struct vw_remote_error e = {
        .code = code, .domain = domain, .level = 2, .message = message};
    assert_int_equal(vw_remote_error_encode(&e, 1 << 20, &b, NULL), 0);
    test_feed(s, VW_SIDE_SERVER, h->program, h->version, h->procedure, h->type, h->serial,
              VW_MSG_ERROR, b.data, b.len);
    vw_buf_finish(&b);
}

void test_feed_call(struct vw_session *s, int32_t procedure, uint32_t serial, const void *body,
                    size_t len)
{
    test_feed(s, VW_SIDE_CLIENT, REMOTE, 1, procedure, VW_MSG_CALL, serial, VW_MSG_OK, body, len);
}

struct vw_session *test_opened_server(void)
{
    struct vw_session *s = test_session(VW_ROLE_SERVER, "9.0.0");
    vw_session_set_opened(s, true);
    return s;
}

void test_expect_error_reply(struct vw_session *s, const struct vw_header *want, int32_t code,
                             int32_t domain, const char *start)
{
    const uint8_t *bytes;
    struct vw_header h;
    struct vw_remote_error e;
    struct vw_arena texts = VW_ARENA_INIT;
    size_t len = test_take(s, &bytes), used;
    assert_true(len >= 28 + 44);
    assert_int_equal(vw_load32(bytes), len);
    vw_header_decode(bytes + 4, &h);
    assert_memory_equal(&h, want, sizeof(h));
    assert_int_equal(vw_remote_error_decode(bytes + 28, len - 28, 1 << 20, &texts, &e, &used, NULL),
                     0);
    assert_int_equal(used, len - 28);
    assert_int_equal(e.code, code);
    assert_int_equal(e.domain, domain);
    assert_int_equal(e.level, 2);
    assert_non_null(e.message);
    assert_null(e.dom);
    assert_null(e.net);
    if (start)
        assert_memory_equal(e.message, start, strlen(start));
    vw_arena_finish(&texts);
}

void test_expect_refused(struct vw_session *s, struct vw_header h, const char *clause, int32_t code,
                         int32_t domain, const char *start)
{
    struct vw_event ev = test_expect(s, VW_EVENT_REFUSED);
    assert_string_equal(ev.clause, clause);
    assert_int_equal(ev.error.code, code);
    assert_string_equal(ev.text, ev.error.message);
    h.type = VW_MSG_REPLY;
    h.status = VW_MSG_ERROR;
    test_expect_error_reply(s, &h, code, domain, start);
    test_expect_none(s);
    assert_true(vw_session_wants_read(s));
}

void test_refuse(struct vw_session *s, struct vw_header h, const void *body, size_t len,
                 const char *clause, int32_t code, int32_t domain, const char *start)
{
    test_feed(s, VW_SIDE_CLIENT, h.program, h.version, h.procedure, h.type, h.serial, h.status,
              body, len);
    test_expect_refused(s, h, clause, code, domain, start);
}

void test_expect_closed(struct vw_session *s, const char *clause)
{
    test_expect_violation(s, clause);
    struct vw_event ev = test_expect(s, VW_EVENT_CLOSED);
    assert_int_equal(ev.reason, VW_CLOSE_VIOLATION);
    assert_int_equal(vw_session_output_pending(s), 0);
    assert_true(vw_session_over(s));
    vw_session_destroy(s);
}

int test_finish(void **state)
{
    while (n_loaded)
        vw_profile_destroy(loaded[--n_loaded]);
    vw_arena_finish(&arena);
    vw_buf_finish(&taken);
    return 0;
}
