// SPDX-License-Identifier: MIT
// What rpcgen's code says of the witnesses reaches the findings, and is counted.
#include "base/testing/failalloc.h"
#include "base/testing/test.h"
#include "conformance/gate/gate.h"

#define PROGRAM "program P { version V { s F(s) = 1; } = 1; } = 5;"

static void load(struct vw_gate_side *side, const char *text)
{
    assert_int_equal(vw_gate_side_start(side, "test.x"), 0);
    assert_int_equal(vw_gate_side_add(side, "test.x", text, strlen(text), NULL), 0);
    assert_int_equal(vw_gate_side_make(side, NULL, NULL), 0);
}

struct pair {
    struct vw_gate_side sides[2];
    struct vw_gate gate;
};

/* A bound of one member is lowered, and another member has another type. */
static void start(struct pair *p)
{
    load(&p->sides[0], "struct s { string b<4>; int a; };" PROGRAM);
    load(&p->sides[1], "struct s { string b<3>; unsigned a; };" PROGRAM);
    vw_gate_init(&p->gate);
    assert_int_equal(vw_gate_diff(&p->gate, &p->sides[0], &p->sides[1], NULL), 0);
    assert_int_equal(vw_gate_witness(&p->gate, &p->sides[0], &p->sides[1], NULL), 0);
}

static void finish(struct pair *p)
{
    vw_gate_finish(&p->gate);
    vw_gate_side_finish(&p->sides[0]);
    vw_gate_side_finish(&p->sides[1]);
}

static const struct vw_finding *finding(const struct vw_gate *g, const char *rule)
{
    for (size_t i = 0; i < g->count; i++)
        if (strcmp(g->list[i]->rule, rule) == 0)
            return g->list[i];
    fail_msg("no %s", rule);
    return NULL;
}

static void test_opinions(void **state)
{
    const struct vw_gate_terms terms = {VW_GATE_LIMIT, NULL, "2026-11-30"};
    struct pair p;
    char text[400];
    start(&p);
    snprintf(text, sizeof(text), "%s\tconfirmed\tthe reader refused\nGONE s\tunconfirmed\t-\n",
             finding(&p.gate, "LEN001")->change->fingerprint);
    assert_int_equal(vw_gate_opinions(&p.gate, text, strlen(text), NULL), 0);
    const struct vw_witness *w = finding(&p.gate, "LEN001")->change->witness;
    assert_string_equal(w->rpcgen, "confirmed");
    assert_string_equal(w->rpcgen_text, "the reader refused");
    w = finding(&p.gate, "TYP002")->change->witness;
    assert_string_equal(w->rpcgen, "unconfirmed");
    assert_string_equal(w->rpcgen_text, "it was not asked");
    assert_int_equal(vw_gate_judge(&p.gate, &terms, NULL), 0);
    assert_string_equal(finding(&p.gate, "compared")->found,
                        "1 procedures, 2 of 2 wire and limit findings confirmed by bytes, 1 by "
                        "rpcgen and libtirpc (0 beyond rpcgen)");
    finish(&p);
}

static void test_bad_lines(void **state)
{
    static const char *const texts[] = {"x", "x\tconfirmed", "x\tperhaps\ty",
                                        "a\tconfirmed\tb\n\n"};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct vw_error err = VW_ERROR_INIT;
        struct pair p;
        start(&p);
        assert_int_equal(vw_gate_opinions(&p.gate, texts[i], strlen(texts[i]), &err), VW_ESYNTAX);
        assert_int_equal(err.line, i == 3 ? 2 : 1);
        finish(&p);
    }
}

static void test_without_memory(void **state)
{
    struct pair p;
    int rc = VW_ENOMEM;
    start(&p);
    for (size_t n = 1; rc == VW_ENOMEM; n++) {
        char text[5000];
        int len = snprintf(text, sizeof(text), "%s\tconfirmed\t%04000d\n",
                           finding(&p.gate, "LEN001")->change->fingerprint, 0);
        vw_failalloc_set(n);
        rc = vw_gate_opinions(&p.gate, text, (size_t)len, NULL);
        vw_failalloc_clear();
    }
    assert_int_equal(rc, 0);
    finish(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_opinions),
        cmocka_unit_test(test_bad_lines),
        cmocka_unit_test(test_without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
