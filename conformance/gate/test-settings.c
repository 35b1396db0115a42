// SPDX-License-Identifier: MIT
// Settings of the gate: what they say, and what is wrong with them, with its place.
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/testing/test.h"
#include "conformance/gate/settings.h"

static int load(const char *yaml, struct vw_gate_settings *out, struct vw_error *err)
{
    char path[] = "settings-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, yaml, strlen(yaml)), (ssize_t)strlen(yaml));
    close(fd);
    int rc = vw_gate_settings_load(out, path, err);
    unlink(path);
    return rc;
}

static void test_fine(void **state)
{
    struct vw_error err = VW_ERROR_INIT;
    struct vw_gate_settings s;
    enum vw_gate_class last;
    int rc = load("gate: source\nwaivers:\n  - {rule: len001, type: t, reason: r, expires: "
                  "2027-01-31}\n  - fingerprint: \"X y\"\n",
                  &s, &err);
    if (rc)
        fail_msg("%u:%u: %s", err.line, err.column, err.text);
    assert_string_equal(s.gate, "source");
    assert_int_equal(s.count, 2);
    assert_string_equal(s.waivers[0].expires, "2027-01-31");
    assert_int_equal(s.waivers[1].line, 4);
    assert_null(s.waivers[1].reason);
    vw_gate_settings_finish(&s);
    assert_int_equal(load("", &s, &err), 0);
    assert_int_equal(s.count, 0);
    vw_gate_settings_finish(&s);
    assert_true(vw_gate_last_gated("all", &last));
    assert_int_equal(last, VW_GATE_PRIVATE);
    assert_false(vw_gate_last_gated("none", &last));
}

static void test_wrong(void **state)
{
    static const struct {
        const char *yaml;
        unsigned line;
        const char *part;
    } rows[] = {
        {"- a\n", 1, "expected a mapping"},
        {"gates: wire\n", 1, "did you mean"},
        {"gate: most\n", 1, "unknown gate"},
        {"gate: [wire]\n", 1, "unknown gate"},
        {"waivers: 5\n", 1, "a list of waivers"},
        {"waivers:\n  - 5\n", 2, "a mapping"},
        {"waivers:\n  - {fingerprint: a, reasn: b}\n", 2, "unknown key"},
        {"waivers:\n  - {fingerprint: [a]}\n", 2, "expected text"},
        {"waivers:\n  - {reason: b}\n", 2, "a fingerprint, or a rule and a type"},
        {"waivers:\n  - {rule: LEN001, reason: b}\n", 2, "a fingerprint, or a rule and a type"},
        {"waivers:\n  - {rule: LEN001, type: t, fingerprint: f}\n", 2, "a fingerprint, or a rule"},
        {"waivers:\n  - {rule: LEN01, type: t}\n", 2, "no rule 'LEN01'"},
        {"waivers:\n  - {fingerprint: f, expires: tomorrow}\n", 2, "a date such as"},
        {"waivers:\n  - {fingerprint: f, expires: 2027-1-31}\n", 2, "a date such as"},
        {"waivers: &a [*a]\n", 1, ""},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct vw_error err = VW_ERROR_INIT;
        struct vw_gate_settings s;
        int rc = load(rows[i].yaml, &s, &err);
        if (rc != VW_ESYNTAX || err.line != rows[i].line || !strstr(err.text, rows[i].part))
            fail_msg("%s: %s at %u: %s", rows[i].yaml, vw_status_name(rc), err.line, err.text);
        vw_gate_settings_finish(&s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fine),
        cmocka_unit_test(test_wrong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
