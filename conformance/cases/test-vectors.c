// SPDX-License-Identifier: MIT
// Vectors of every type of every profile: that each is what it says, by decoding and encoding it;
// and all those of one type, by name.
#include <stdlib.h>
#include <string.h>

#include "base/testing/test.h"
#include "conformance/cases/vectors.h"
#include "schema/profile.h"
#include "xdr/xdr.h"

#define MAX_BYTES 1024

struct seen {
    struct vw_arena arena;
    char **ids;
    size_t n, cap;
    size_t results[3];
};

static void check_one(const struct vw_vector *v)
{
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_buf again = VW_BUF_INIT;
    size_t used = 0;
    void *value;
    int rc = vw_xdr_decode(v->type, v->bytes, v->len, &arena, &value, &used, NULL);
    assert_true(v->len <= MAX_BYTES);
    if ((rc == 0) != (v->result != VW_REFUSE))
        fail_msg("%s: decoding gives %d", v->id, rc);
    if (rc == 0) {
        assert_int_equal(vw_xdr_encode(v->type, value, &again, SIZE_MAX, NULL), 0);
        bool same = again.len == v->len && memcmp(again.data, v->bytes, v->len) == 0;
        /* What is well formed has one encoding; of the rest UTF-8 and enums say what the bytes
         * cannot. */
        if (v->result == VW_ACCEPT && !same)
            fail_msg("%s: encodes otherwise", v->id);
        if (v->result == VW_EITHER && same &&
            !(v->breaks & (VW_STRICT_UTF8 | VW_STRICT_ENUM | VW_STRICT_NUL)))
            fail_msg("%s: is canonical", v->id);
        assert_true(v->result != VW_EITHER || v->breaks);
        assert_non_null(v->value);
    }
    vw_buf_finish(&again);
    vw_arena_finish(&arena);
}

static int take(void *user, const struct vw_vector *v, struct vw_error *err)
{
    struct seen *s = user;
    check_one(v);
    if (s->n == s->cap) {
        s->cap = s->cap ? s->cap * 2 : 1024;
        s->ids = realloc(s->ids, s->cap * sizeof(*s->ids));
        assert_non_null(s->ids);
    }
    s->ids[s->n] = vw_arena_strndup(&s->arena, v->id, strlen(v->id));
    assert_non_null(s->ids[s->n++]);
    s->results[v->result]++;
    return 0;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void finish(struct seen *s)
{
    free(s->ids);
    vw_arena_finish(&s->arena);
}

static void each_is_what_it_says(void **state)
{
    static const char *const profiles[] = {"0.3.0", "9.0.0", NULL};
    for (size_t p = 0; p < sizeof(profiles) / sizeof(profiles[0]); p++) {
        struct seen seen = {.arena = VW_ARENA_INIT};
        const struct vw_vector_options o = {
            .max_bytes = MAX_BYTES, .random = 1, .take = take, .user = &seen};
        struct vw_error err = VW_ERROR_INIT;
        struct vw_profile *profile;
        size_t n;
        assert_int_equal(vw_profile_load(profiles[p], NULL, &profile, &err), 0);
        const struct vw_type *const *types = vw_schema_types(profile->schema, &n);
        for (size_t i = 0; i < n; i++)
            if (vw_vectors_has(types[i]) && vw_vectors_make(types[i], &o, &err))
                fail_msg("%s: %s", types[i]->name, err.text);
        qsort(seen.ids, seen.n, sizeof(*seen.ids), by_text);
        for (size_t i = 1; i < seen.n; i++)
            if (strcmp(seen.ids[i - 1], seen.ids[i]) == 0)
                fail_msg("%s: twice", seen.ids[i]);
        for (int r = VW_ACCEPT; r <= VW_EITHER; r++)
            assert_true(seen.results[r] > n);
        finish(&seen);
        vw_profile_destroy(profile);
    }
}

/* ---- one type ---- */

static int print(void *user, const struct vw_vector *v, struct vw_error *err)
{
    FILE *out = user;
    fprintf(out, "%s %s ", v->id, vw_vector_result_name(v->result));
    for (size_t i = 0; i < v->len; i++)
        fprintf(out, "%02x", v->bytes[i]);
    fprintf(out, " %s\n", v->class->clause);
    return 0;
}

static const char of_one[] = "enum e { A = 3 };\n"
                             "struct a { opaque o<2>; e w; };\n"
                             "struct t { string s<>; bool b; a *next; };\n"
                             "union u switch (int k) { case 5: char c; case 6: void; };\n"
                             "typedef unsigned hyper h;\n"
                             "struct n { a list<3>; int i; };\n";

static void print_all(const char *name, bool compact, char **text)
{
    struct vw_schema *s;
    struct vw_error err = VW_ERROR_INIT;
    size_t size;
    FILE *out = open_memstream(text, &size);
    const struct vw_vector_options o = {
        .max_bytes = 64, .compact = compact, .take = print, .user = out};
    assert_non_null(out);
    assert_int_equal(vw_schema_create(&s), 0);
    if (vw_schema_add(s, "x", of_one, strlen(of_one), false, &err) || vw_schema_finish(s, &err))
        fail_msg("%u:%u: %s", err.line, err.column, err.text);
    assert_int_equal(vw_vectors_make(vw_schema_type(s, name), &o, &err), 0);
    fclose(out);
    vw_schema_destroy(s);
}

static void all_of_one_type(void **state)
{
    static const char t[] =
        "t/minimal accept 000000000000000000000000 \n"
        "t/optional@next=0 accept 000000000000000000000000 X-9\n"
        "t/optional@next=1 accept 0000000000000000000000010000000000000003 X-9\n"
        "t/boundary@next.o=0 accept 0000000000000000000000010000000000000003 X-3\n"
        "t/boundary@next.o=1 accept 000000000000000000000001000000010000000000000003 X-3\n"
        "t/boundary@next.o=2 accept 000000000000000000000001000000020001000000000003 X-3\n"
        "t/over@next.o=3 refuse 00000000000000000000000100000003000100000000000300000000 X-3\n"
        "t/sample accept 00000001610000000000000000000001000000016100000000000003 \n"
        "t/truncated@s.#data refuse 00000001 D-9\n"
        "t/truncated@b refuse 0000000161000000 D-9\n"
        "t/truncated@next.#present refuse 000000016100000000000000 D-9\n"
        "t/truncated@next.o.#len refuse 00000001610000000000000000000001 D-9\n"
        "t/truncated@next.o.#data refuse 0000000161000000000000000000000100000001 D-9\n"
        "t/truncated@next.w refuse 000000016100000000000000000000010000000161000000 D-9\n"
        "t/truncated-inside@s.#len refuse 00 D-9\n"
        "t/truncated-inside@b refuse 000000016100000000 D-9\n"
        "t/truncated-inside@next.#present refuse 00000001610000000000000000 D-9\n"
        "t/truncated-inside@next.o.#len refuse 0000000161000000000000000000000100 D-9\n"
        "t/truncated-inside@next.w refuse 00000001610000000000000000000001000000016100000000 D-9\n"
        "t/padding-missing@s.#pad refuse 0000000161 X-1\n"
        "t/padding-missing@next.o.#pad refuse 000000016100000000000000000000010000000161 X-1\n"
        "t/padding@s.#pad either 0000000161ffffff0000000000000001000000016100000000000003 X-1\n"
        "t/padding@next.o.#pad either 000000016100000000000000000000010000000161ffffff00000003 "
        "X-1\n"
        "t/padding-last@s.#pad either 00000001610000010000000000000001000000016100000000000003 "
        "X-1\n"
        "t/padding-last@next.o.#pad either "
        "00000001610000000000000000000001000000016100000100000003 X-1\n"
        "t/presence@next.#present either 00000001610000000000000000000002000000016100000000000003 "
        "X-4\n"
        "t/presence-lost@next.#present either "
        "00000001610000000000000000000000000000016100000000000003 X-4\n"
        "t/bool@b either 00000001610000000000000200000001000000016100000000000003 X-4\n"
        "t/bool-largest@b either 0000000161000000ffffffff00000001000000016100000000000003 X-4\n"
        "t/enum@next.w either 0000000161000000000000000000000100000001610000007ffffffe X-5\n"
        "t/enum-next@next.w either 00000001610000000000000000000001000000016100000000000004 X-5\n"
        "t/count-over@next.o.#len refuse 00000001610000000000000000000001000000036100000000000003 "
        "X-3\n"
        "t/count-bound@next.o.#len accept 00000001610000000000000000000001000000026100000000000003 "
        "X-3\n"
        "t/count-largest@s.#len refuse ffffffff610000000000000000000001000000016100000000000003 "
        "X-3\n"
        "t/count-largest@next.o.#len refuse "
        "00000001610000000000000000000001ffffffff6100000000000003 X-3\n"
        "t/count-wraps@s.#len refuse fffffffd610000000000000000000001000000016100000000000003 X-3\n"
        "t/count-wraps@next.o.#len refuse 00000001610000000000000000000001fffffffd6100000000000003 "
        "X-3\n"
        "t/count-negative@s.#len refuse 80000000610000000000000000000001000000016100000000000003 "
        "X-3\n"
        "t/count-negative@next.o.#len refuse "
        "00000001610000000000000000000001800000006100000000000003 X-3\n"
        "t/count-more@s.#len either 00000002610000000000000000000001000000016100000000000003 D-9\n"
        "t/count-more@next.o.#len accept 00000001610000000000000000000001000000026100000000000003 "
        "D-9\n"
        "t/count-less@s.#len either 00000000610000000000000000000001000000016100000000000003 D-10\n"
        "t/count-less@next.o.#len either 00000001610000000000000000000001000000006100000000000003 "
        "D-10\n"
        "t/nul@s.#data either 00000001000000000000000000000001000000016100000000000003 X-2\n"
        "t/utf8@s.#data either 00000001ff0000000000000000000001000000016100000000000003 X-2\n"
        "t/utf8-cut@s.#data either 00000001c30000000000000000000001000000016100000000000003 X-2\n"
        "t/trailing-word either 0000000161000000000000000000000100000001610000000000000300000000 "
        "D-10\n"
        "t/trailing-byte either 0000000161000000000000000000000100000001610000000000000300 D-10\n"
        "t/empty refuse  D-9\n";
    static const char u[] = "u/minimal accept 0000000500000000 \n"
                            "u/union@=0 accept 0000000500000000 X-8\n"
                            "u/union@=1 accept 00000006 X-8\n"
                            "u/sample accept 0000000500000000 \n"
                            "u/truncated@c refuse 00000005 D-9\n"
                            "u/truncated-inside@#k refuse 00 D-9\n"
                            "u/truncated-inside@c refuse 0000000500 D-9\n"
                            "u/arm@#k refuse 7ffffffe00000000 X-8\n"
                            "u/arm-next@#k refuse 0000000700000000 X-8\n"
                            "u/arm-other@#k either 0000000600000000 X-8\n"
                            "u/narrow@c either 0000000500010000 X-6\n"
                            "u/trailing-word either 000000050000000000000000 D-10\n"
                            "u/trailing-byte either 000000050000000000 D-10\n"
                            "u/empty refuse  D-9\n";
    const char *const wanted[][2] = {{"t", t}, {"u", u}};
    for (size_t i = 0; i < 2; i++) {
        char *text;
        print_all(wanted[i][0], false, &text);
        assert_string_equal(text, wanted[i][1]);
        free(text);
    }
}

/* What is done to fields of a is left to a, but for cuts and counts within counts. */
static void the_compact_form(void **state)
{
    static const char wanted[] =
        "n/minimal accept 0000000000000000 \n"
        "n/boundary@list=0 accept 0000000000000000 X-3\n"
        "n/boundary@list=1 accept 00000001000000000000000300000000 X-3\n"
        "n/boundary@list=3 accept 0000000300000000000000030000000000000003000000000000000300000000 "
        "X-3\n"
        "n/over@list=4 refuse "
        "000000040000000000000003000000000000000300000000000000030000000000000000 X-3\n"
        "n/sample accept 0000000100000001610000000000000300000000 \n"
        "n/truncated@list[0].o.#len refuse 00000001 D-9\n"
        "n/truncated@list[0].o.#data refuse 0000000100000001 D-9\n"
        "n/truncated@list[0].w refuse 000000010000000161000000 D-9\n"
        "n/truncated@i refuse 00000001000000016100000000000003 D-9\n"
        "n/truncated-inside@list.#count refuse 00 D-9\n"
        "n/truncated-inside@i refuse 0000000100000001610000000000000300 D-9\n"
        "n/count-over@list.#count refuse 0000000400000001610000000000000300000000 X-3\n"
        "n/count-bound@list.#count refuse 0000000300000001610000000000000300000000 X-3\n"
        "n/count-nested@list[0].o.#len refuse 0000000300000002610000000000000300000000 X-3\n"
        "n/count-largest@list.#count refuse ffffffff00000001610000000000000300000000 X-3\n"
        "n/count-negative@list.#count refuse 8000000000000001610000000000000300000000 X-3\n"
        "n/count-more@list.#count refuse 0000000200000001610000000000000300000000 D-9\n"
        "n/count-less@list.#count either 0000000000000001610000000000000300000000 D-10\n"
        "n/smallest@i accept 0000000100000001610000000000000380000000 \n"
        "n/largest@i accept 00000001000000016100000000000003ffffffff \n"
        "n/trailing-word either 000000010000000161000000000000030000000000000000 D-10\n"
        "n/trailing-byte either 000000010000000161000000000000030000000000 D-10\n"
        "n/empty refuse  D-9\n";
    char *text;
    print_all("n", true, &text);
    assert_string_equal(text, wanted);
    free(text);
}

/* The one who takes them can end it. */
static int refuse(void *user, const struct vw_vector *v, struct vw_error *err)
{
    unsigned *left = user;
    return --*left ? 0 : vw_error_set(err, VW_EUSAGE, "enough");
}

static void making_ends(void **state)
{
    struct vw_profile *profile;
    assert_int_equal(vw_profile_load(NULL, NULL, &profile, NULL), 0);
    const struct vw_type *t = vw_schema_type(profile->schema, "remote_domain_get_info_ret");
    for (unsigned stop = 1; stop < 12; stop += 2) {
        unsigned left = stop;
        const struct vw_vector_options o = {
            .max_bytes = 64, .random = 3, .take = refuse, .user = &left};
        struct vw_error err = VW_ERROR_INIT;
        assert_int_equal(vw_vectors_make(t, &o, &err), VW_EUSAGE);
        assert_string_equal(err.text, "enough");
        assert_int_equal(left, 0);
    }
    vw_profile_destroy(profile);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_is_what_it_says),
        cmocka_unit_test(all_of_one_type),
        cmocka_unit_test(the_compact_form),
        cmocka_unit_test(making_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) + vw_test_leaked();
}
