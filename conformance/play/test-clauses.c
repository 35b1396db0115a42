// SPDX-License-Identifier: MIT
// The examples of the protocol page, held against the codec and the observer.
#include "base/testing/test.h"

#include <string.h>

#include "capture/talk.h"
#include "conformance/report/clauses.h"
#include "xdr/xdr.h"

#define RELEASES 4

static struct vw_profile *profiles[RELEASES];

/* Of a release; NULL: the newest. Kept to the end. */
static const struct vw_profile *profile_of(const char *release)
{
    size_t i = 0;
    for (; i < RELEASES && profiles[i]; i++)
        if (release ? strcmp(profiles[i]->name, release) == 0 : i == 0)
            return profiles[i];
    assert_true(i < RELEASES);
    assert_int_equal(vw_profile_load(release, NULL, &profiles[i], NULL), 0);
    return profiles[i];
}

/* ---- what both sides say ---- */

struct heard {
    unsigned messages, findings, notes;
};

static int hear(void *user, const struct vw_talk_event *ev)
{
    struct heard *h = user;
    h->messages += ev->kind == VW_TALK_MESSAGE;
    h->findings += ev->kind == VW_TALK_FINDING;
    h->notes += ev->kind == VW_TALK_NOTE;
    return 0;
}

/* What has been looked at: WRONG, or CUT within a message. */
static bool is_right(const struct vw_clause_example *e, bool wrong, bool cut, bool any)
{
    return !wrong && (any || e->more) && (e->accepted ? cut == e->more : !cut || e->more);
}

/* Nothing is to be found in it, and it ends where it says that it does. */
static bool talk_is_taken(const struct vw_clause_example *e, size_t piece)
{
    struct heard heard = {0};
    const struct vw_talk_options o = {.profile = profile_of(e->release),
                                      .fds = true,
                                      .strict = VW_STRICT_RANGE,
                                      .sink = hear,
                                      .user = &heard};
    struct vw_talk *t = NULL;
    enum vw_side side;
    uint8_t raw[VW_EXAMPLE_BYTES];
    const char *at = e->bytes;
    assert_int_equal(vw_talk_create(&o, &t, NULL), 0);
    for (size_t len; vw_example_next(&at, &side, raw, &len);)
        for (size_t i = 0; i < len; i += piece)
            assert_int_equal(vw_talk_feed(t, side, 0, raw + i, len - i < piece ? len - i : piece),
                             0);
    assert_int_equal(*at, '\0');
    unsigned odd = heard.notes;
    assert_int_equal(vw_talk_end(t, VW_SIDE_CLIENT, 0), 0);
    assert_int_equal(vw_talk_end(t, VW_SIDE_SERVER, 0), 0);
    vw_talk_destroy(t);
    return is_right(e, heard.findings || odd, heard.notes > odd, heard.messages > 0);
}

/* ---- what a client says to a server ---- */

static struct vw_session *server_for(const struct vw_clause_example *e)
{
    bool in = strcmp(e->what, VW_EXAMPLE_UNAUTHENTICATED) != 0;
    const struct vw_session_options o = {
        .role = VW_ROLE_SERVER, .profile = profile_of(e->release), .auth_required = !in};
    struct vw_session *s = NULL;
    assert_int_equal(vw_session_create(&o, &s, NULL), 0);
    vw_session_set_authenticated(s, in);
    vw_session_set_opened(s, strcmp(e->what, VW_EXAMPLE_SERVER) == 0);
    return s;
}

/* Each message is handed out, and nothing is left over. */
static bool server_takes(const struct vw_clause_example *e, size_t piece)
{
    struct vw_session *s = server_for(e);
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_event ev;
    enum vw_side side;
    uint8_t raw[VW_EXAMPLE_BYTES];
    const char *at = e->bytes;
    size_t len;
    unsigned taken = 0, refused = 0;
    assert_true(vw_example_next(&at, &side, raw, &len));
    assert_int_equal(*at, '\0');
    for (size_t i = 0; i < len; i += piece) {
        assert_int_equal(vw_session_feed(s, side, raw + i, len - i < piece ? len - i : piece), 0);
        while (vw_session_next(s, &arena, &ev) > 0) {
            bool takes = ev.kind == VW_EVENT_CALL || ev.kind == VW_EVENT_PING;
            taken += takes;
            refused += !takes;
        }
    }
    bool cut = vw_session_held(s, VW_SIDE_CLIENT) > 0;
    vw_session_destroy(s);
    vw_arena_finish(&arena);
    return is_right(e, refused > 0, cut, taken > 0);
}

/* ---- one value ---- */

static bool value_is_taken(const struct vw_clause_example *e)
{
    const struct vw_type *t = vw_schema_type(profile_of(e->release)->schema, e->what);
    struct vw_arena arena = VW_ARENA_INIT;
    enum vw_side side;
    uint8_t raw[VW_EXAMPLE_BYTES];
    const char *at = e->bytes;
    void *value;
    size_t n, used = 0;
    assert_non_null(t);
    assert_true(vw_example_next(&at, &side, raw, &n));
    bool taken = vw_xdr_decode(t, raw, n, &arena, &value, &used, NULL) == 0 && used == n;
    vw_arena_finish(&arena);
    return taken;
}

/* Whether PIECE bytes come at a time makes no difference (F-9). */
static bool is_taken(const struct vw_clause_example *e, size_t piece)
{
    return vw_example_is_value(e)                  ? value_is_taken(e)
           : strcmp(e->what, VW_EXAMPLE_TALK) == 0 ? talk_is_taken(e, piece)
                                                   : server_takes(e, piece);
}

static void test_examples(void **state)
{
    unsigned wrong = 0;
    for (const struct vw_clause *c = vw_clauses; c->id; c++) {
        for (const struct vw_clause_example *e = c->examples; e && e->line; e++) {
            bool whole = is_taken(e, VW_EXAMPLE_BYTES), in_bytes = is_taken(e, 1);
            if (whole == e->accepted && in_bytes == e->accepted)
                continue;
            print_error("PROTOCOL.md:%u: %s/%s is %s, and %s byte by byte\n", e->line, c->id,
                        e->name, whole ? "taken" : "not taken", in_bytes ? "taken" : "not taken");
            wrong++;
        }
    }
    assert_int_equal(wrong, 0);
}

/* Of framing, headers, values and errors each clause shows both. */
static void test_examples_are_there(void **state)
{
    unsigned wrong = 0;
    for (const struct vw_clause *c = vw_clauses; c->id; c++) {
        unsigned accepted = 0, refused = 0;
        for (const struct vw_clause_example *e = c->examples; e && e->line; e++)
            e->accepted ? accepted++ : refused++;
        if (strchr("FHXE", c->id[0]) && (!accepted || !refused)) {
            print_error("%s: %u accepted, %u refused\n", c->id, accepted, refused);
            wrong++;
        }
    }
    assert_int_equal(wrong, 0);
}

static void test_table(void **state)
{
    size_t n = 0;
    for (const struct vw_clause *c = vw_clauses; c->id; c++, n++) {
        assert_ptr_equal(vw_clause_find(c->id), c);
        assert_true(*c->section && *c->brief && strlen(c->text) > strlen(c->brief));
        assert_null(strstr(c->text, "**"));
    }
    assert_true(n >= 190);
    assert_null(vw_clause_find("F-99"));
    assert_string_equal(vw_clause_find("f-3")->brief, "The smallest acceptable length is 28.");
    assert_string_equal(vw_clause_find("D-8")->brief,
                        "CALL with status 1, 2 or any non-zero: the answer: 39/7, text names the "
                        "status; the connection stays.");
    for (const struct vw_known_fault *f = vw_known_faults; f->name; f++) {
        assert_non_null(vw_clause_find(f->clause));
        assert_int_equal(*f->caught_by == 0, strncmp(f->name, "legal-", 6) == 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_examples),
        cmocka_unit_test(test_examples_are_there),
        cmocka_unit_test(test_table),
    };
    profile_of(NULL);
    int rc = cmocka_run_group_tests(tests, NULL, NULL);
    for (size_t i = 0; i < RELEASES; i++)
        vw_profile_destroy(profiles[i]);
    return rc ? rc : vw_test_leaked();
}
