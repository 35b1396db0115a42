// SPDX-License-Identifier: MIT
// The examples of the protocol page, held against the codec and the observer.
#include "base/testing/test.h"

#include <string.h>

#include "base/hex.h"
#include "capture/talk.h"
#include "conformance/report/clauses.h"
#include "xdr/xdr.h"

static struct vw_profile *profile;

static size_t unhex(const char *text, size_t len, uint8_t *out)
{
    struct vw_hex_reader r;
    size_t n;
    vw_hex_reader_init(&r);
    assert_int_equal(vw_hex_reader_feed(&r, text, len, out, &n, NULL), 0);
    assert_int_equal(vw_hex_reader_end(&r, NULL), 0);
    return n;
}

struct heard {
    unsigned messages, findings;
};

static int hear(void *user, const struct vw_talk_event *ev)
{
    struct heard *h = user;
    h->messages += ev->kind == VW_TALK_MESSAGE;
    h->findings += ev->kind == VW_TALK_FINDING;
    return 0;
}

/* "> 0000 < 0000": nothing to be found in it, and nothing left over. */
static bool talk_is_taken(const char *bytes)
{
    struct heard heard = {0};
    const struct vw_talk_options o = {
        .profile = profile, .strict = VW_STRICT_RANGE, .sink = hear, .user = &heard};
    struct vw_talk *t = NULL;
    uint8_t raw[1000];
    assert_int_equal(vw_talk_create(&o, &t, NULL), 0);
    for (const char *s = bytes; *s;) {
        enum vw_side side = *s++ == '<' ? VW_SIDE_SERVER : VW_SIDE_CLIENT;
        size_t len = strcspn(s, "<>");
        size_t n = unhex(s, len, raw);
        assert_int_equal(vw_talk_feed(t, side, 0, raw, n), 0);
        s += len;
    }
    vw_talk_destroy(t);
    return heard.messages > 0 && heard.findings == 0;
}

static bool value_is_taken(const char *type, const char *bytes)
{
    const struct vw_type *t = vw_schema_type(profile->schema, type);
    struct vw_arena arena = VW_ARENA_INIT;
    uint8_t raw[1000];
    void *value;
    size_t n = unhex(bytes, strlen(bytes), raw), used = 0;
    assert_non_null(t);
    bool taken = vw_xdr_decode(t, raw, n, &arena, &value, &used, NULL) == 0 && used == n;
    vw_arena_finish(&arena);
    return taken;
}

static void test_examples(void **state)
{
    unsigned n = 0, wrong = 0;
    for (const struct vw_clause *c = vw_clauses; c->id; c++) {
        for (const struct vw_clause_example *e = c->examples; e && e->line; e++, n++) {
            bool taken = strcmp(e->what, "talk") == 0 ? talk_is_taken(e->bytes)
                                                      : value_is_taken(e->what, e->bytes);
            if (taken == e->accepted)
                continue;
            print_error("PROTOCOL.md:%u: %s is %s\n", e->line, c->id,
                        taken ? "taken" : "not taken");
            wrong++;
        }
    }
    assert_int_equal(wrong, 0);
    assert_true(n >= 45);
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
        cmocka_unit_test(test_table),
    };
    if (vw_profile_load(NULL, NULL, &profile, NULL) < 0)
        return 1;
    int rc = cmocka_run_group_tests(tests, NULL, NULL);
    vw_profile_destroy(profile);
    return rc ? rc : vw_test_leaked();
}
