// SPDX-License-Identifier: MIT
// Rules at work: what a client sees that makes the same few calls under each.
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "message/message-json.h"
#include "mock-daemon/faults/tamper.h"
#include "mock-daemon/rules/rules.h"
#include "mock-daemon/testing.h"

static struct peer peer;

#define RULES "rules:\n- "

static struct vw_rules_file *read_rules(const char *text, struct vw_error *err)
{
    char path[] = "/tmp/virwire-rules-XXXXXX";
    const char *dir = getenv("TMPDIR");
    char *in = NULL;
    struct vw_rules_file *file = NULL;
    if (asprintf(&in, "%s%s", dir ? dir : "/tmp", strrchr(path, '/')) < 0)
        fail_msg("no memory");
    int fd = mkstemp(in);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
    (void)vw_rules_load(in, peer.daemon.profile, &file, err);
    unlink(in);
    free(in);
    return file;
}

/* All that has come, a word a message: R or E for answers, with the serial; M for messages and
 * their procedure; S for packets; + for what is no whole message; | where the connection ends. */
static char *heard(void)
{
    static uint8_t bytes[65536];
    char *text = NULL;
    size_t size = 0;
    FILE *f = open_memstream(&text, &size);
    ssize_t n = peer_receive(&peer, bytes, sizeof(bytes)), at = 0;
    assert_non_null(f);
    while (at < n) {
        struct vw_header h;
        uint32_t len = n - at >= VW_PREFIX_BYTES ? vw_word_get(bytes + at, VW_WORD_LENGTH) : 0;
        if (len < VW_PREFIX_BYTES || len > (size_t)(n - at)) {
            fprintf(f, "+%zd ", n - at);
            break;
        }
        vw_header_decode(bytes + at + VW_LENGTH_BYTES, &h);
        if (h.type == VW_MSG_REPLY)
            fprintf(f, "%c%u ", h.status == VW_MSG_OK ? 'R' : 'E', h.serial);
        else
            fprintf(f, "%c%d ", h.type == VW_MSG_STREAM ? 'S' : 'M', h.procedure);
        at += len;
    }
    if (n < 0 || peer_receive(&peer, bytes, sizeof(bytes)) < 0)
        fputs("|", f);
    fclose(f);
    return text;
}

static void call(const char *name, const void *args, uint32_t serial)
{
    const struct vw_proc *proc = peer_proc(&peer, name);
    struct vw_buf all = VW_BUF_INIT;
    struct vw_limits limits;
    vw_limits_from_profile(peer.daemon.profile, &limits);
    const struct vw_header h = {.program = proc->program->number,
                                .version = 1,
                                .procedure = proc->number,
                                .serial = serial};
    assert_int_equal(vw_message_append_value(&all, &limits, &h, 0, proc->args, args, NULL), 0);
    peer_send(&peer, all.data, all.len);
    vw_buf_finish(&all);
}

/* Open, two hostnames, a lookup, a URI. */
static void talk(void)
{
    struct vw_string uri = vw_string("test:///default");
    const struct remote_connect_open_args open = {.name = &uri};
    const struct remote_domain_lookup_by_name_args lookup = {.name = vw_string("test")};
    call("connect_open", &open, 1);
    call("connect_get_hostname", NULL, 2);
    call("connect_get_hostname", NULL, 3);
    call("domain_lookup_by_name", &lookup, 4);
    call("connect_get_uri", NULL, 5);
}

static const struct {
    const char *rules, *heard;
} rows[] = {
    {"on: {procedure: node_get_info}\n  drop:", "R1 R2 R3 R4 R5 "},
    {"on: {procedure: connect_get_hostname}\n  drop:", "R1 R4 R5 "},
    {"on: {procedure: remote.connect_get_hostname}\n  drop:", "R1 R4 R5 "},
    {"on: {procedure: admin.connect_*}\n  drop:", "R1 R2 R3 R4 R5 "},
    {"on: {procedure: connect_get_hostname}\n  unheard:", "R1 R4 R5 "},
    {"on: {procedure: connect_get_h*, count: first}\n  drop:", "R1 R3 R4 R5 "},
    {"on: {count: every 2}\n  drop:", "R1 R3 R5 "},
    {"on: {count: after 3}\n  drop:", "R1 R2 R3 "},
    {"on: {count: 4}\n  drop:", "R1 R2 R3 R5 "},
    {"on: {connection: 2}\n  drop:", "R1 R2 R3 R4 R5 "},
    {"on: {program: qemu}\n  drop:", "R1 R2 R3 R4 R5 "},
    {"on: {message: error}\n  drop:", "R1 R2 R3 R4 R5 "},
    {"on: {message: reply, count: first}\n  drop:", "R2 R3 R4 R5 "},
    {"on: {procedure: domain_*, args: {name: test}}\n  drop:", "R1 R2 R3 R5 "},
    {"on: {procedure: domain_*, args: {name: rest}}\n  drop:", "R1 R2 R3 R4 R5 "},
    {"on: {procedure: domain_*}\n  error: {code: 42, domain: 10, message: no}", "R1 R2 R3 E4 R5 "},
    {"on: {procedure: domain_*}\n  error: unknown_procedure", "R1 R2 R3 E4 R5 "},
    {"on: {procedure: connect_get_hostname}\n  duplicate: 3\n", "R1 R2 R2 R2 R3 R3 R3 R4 R5 "},
    {"on: {procedure: connect_get_hostname, count: 1}\n  reorder: 2\n", "R1 R3 R4 R2 R5 "},
    {"on: {procedure: connect_get_hostname, count: 2}\n  hold: connect_get_uri\n",
     "R1 R2 R4 R3 R5 "},
    {"on: {procedure: connect_open}\n  edit: set serial 0000000f\n", "R15 R2 R3 R4 R5 "},
    {"on: {procedure: connect_open}\n  fault: reply-wrong-serial\n", "R2 R2 R3 R4 R5 "},
    {"on: {procedure: connect_get_uri}\n  cut: 9\n", "R1 R2 R3 R4 +9 |"},
    {"on: {procedure: connect_open}\n  cut: -1\n", "+27 |"},
    {"on: {procedure: domain_*}\n  close:\n", "R1 R2 R3 R4 |"},
    {"on: {procedure: domain_*}\n  silent:\n", "R1 R2 R3 R4 "},
    {"on: {message: connect}\n  close:\n", "|"},
    {"on: {procedure: domain_*}\n  ahead: [{raw: 01020304}]\n", "R1 R2 R3 +108 "},
    {"on: {procedure: domain_*}\n  behind: [{reply: {of: it}}, {event: {procedure: 7}}]\n",
     "R1 R2 R3 R4 R4 M7 R5 "},
    {"on: {message: connect}\n  ahead: [{event: {program: keepalive, procedure: 1}}]\n",
     "M1 R1 R2 R3 R4 R5 "},
    {"on: {message: connect}\n  pace: {chunk: 1}\n", "R1 R2 R3 R4 R5 "},
};

static void test_rows(void **state)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char *text = NULL;
        struct vw_error err = VW_ERROR_INIT;
        assert_true(asprintf(&text, RULES "%s\n", rows[i].rules) > 0);
        struct vw_rules_file *file = read_rules(text, &err);
        if (!file)
            fail_msg("%s\n%u:%u: %s", text, err.line, err.column, err.text);
        peer_reconnect(&peer, vw_rules_stack(file, &vw_tamper_end, NULL));
        talk();
        char *found = heard();
        if (strcmp(found, rows[i].heard) != 0)
            fail_msg("%sexpected %s, found %s", text, rows[i].heard, found);
        free(found);
        free(text);
        peer_reconnect(&peer, NULL);
        vw_rules_destroy(file);
    }
}

/* What is captured from a call stands in the answer to another. */
static void test_capture(void **state)
{
    struct vw_error err = VW_ERROR_INIT;
    struct vw_rules_file *file =
        read_rules(RULES "on: {procedure: domain_lookup_by_name, args: {name: {capture: n}}}\n"
                         "  duplicate: 1\n"
                         "- on: {procedure: connect_get_uri}\n  reply: {uri: $n}\n",
                   &err);
    if (!file)
        fail_msg("%u:%u: %s", err.line, err.column, err.text);
    peer_reconnect(&peer, vw_rules_stack(file, &vw_tamper_end, NULL));
    struct vw_string uri = vw_string("test:///default");
    const struct remote_connect_open_args open = {.name = &uri};
    const struct remote_domain_lookup_by_name_args lookup = {.name = vw_string("of-old")};
    peer_call_with(&peer, peer_proc(&peer, "connect_open"), &open);
    peer_call_with(&peer, peer_proc(&peer, "domain_lookup_by_name"), &lookup);
    struct reply r = peer_call(&peer, peer_proc(&peer, "connect_get_uri"), NULL, 0);
    assert_int_equal(r.len, 12);
    assert_memory_equal(r.body + 4, "of-old", 6);
    peer_reconnect(&peer, NULL);
    vw_rules_destroy(file);
}

/* One that waits goes when its time has come, and others pass it. */
static void test_delay(void **state)
{
    struct vw_error err = VW_ERROR_INIT;
    struct vw_rules_file *file =
        read_rules(RULES "on: {procedure: connect_get_hostname}\n  delay: 50\n"
                         "- on: {procedure: connect_get_uri}\n"
                         "  behind: [{event: {procedure: 7}}]\n  after: 60\n",
                   &err);
    assert_non_null(file);
    peer_reconnect(&peer, vw_rules_stack(file, &vw_tamper_end, NULL));
    talk();
    char *before = heard();
    usleep(80000);
    char *behind = heard();
    assert_string_equal(before, "R1 R4 R5 ");
    assert_string_equal(behind, "R2 R3 M7 ");
    free(before);
    free(behind);
    peer_reconnect(&peer, NULL);
    vw_rules_destroy(file);
}

/* The answer behind which the daemon hangs up, too: the connection ends behind it. */
static void test_delay_of_the_last(void **state)
{
    struct vw_error err = VW_ERROR_INIT;
    struct vw_rules_file *file =
        read_rules(RULES "on: {procedure: connect_close}\n  delay: 50\n", &err);
    assert_non_null(file);
    peer_reconnect(&peer, vw_rules_stack(file, &vw_tamper_end, NULL));
    talk();
    call("connect_close", NULL, 6);
    char *before = heard();
    usleep(80000);
    char *behind = heard();
    assert_string_equal(before, "R1 R2 R3 R4 R5 ");
    assert_string_equal(behind, "R6 |");
    free(before);
    free(behind);
    peer_reconnect(&peer, NULL);
    vw_rules_destroy(file);
}

static const struct {
    const char *text;
    unsigned line, column;
    const char *what;
} wrong[] = {
    {"rules: [\n", 0, 0, ""},
    {"rule: []\n", 1, 1, "unknown key \"rule\"; did you mean \"rules\"?"},
    {RULES "on: {procedure: connect_get_hostnam}\n  drop:\n", 2, 19,
     "unknown procedure \"connect_get_hostnam\""},
    {RULES "on: {program: remot}\n  drop:\n", 2, 17, "unknown program \"remot\""},
    {RULES "on: {count: often}\n  drop:\n", 2, 15,
     "expected first, N, \"every N\" or \"after N\", found \"often\""},
    {RULES "on: {count: every 0}\n  drop:\n", 2, 15,
     "expected first, N, \"every N\" or \"after N\", found \"every 0\""},
    {RULES "on: {procedure: connect_get_uri}\n  reply: {url: x}\n", 3, 11,
     "unknown member \"url\"; did you mean \"uri\"?"},
    {RULES "on: {procedure: connect_close}\n  reply: {x: y}\n", 3, 10,
     "connect_close returns nothing"},
    {RULES "on: {}\n  error: nobody\n", 3, 10, "the profile has no answer \"nobody\""},
    {RULES "on: {}\n  error: {code: 1}\n", 3, 10, "expected {code: N, domain: N, message: TEXT}"},
    {RULES "on: {message: reply}\n  reply:\n", 3, 3,
     "only calls can be answered or dropped as they come"},
    {RULES "on: {message: reply, args: {}}\n  drop:\n", 2, 24, "\"args\" are those of a call"},
    {RULES "on: {}\n  edit: shred all\n", 3, 9, ""},
    {RULES "on: {}\n  fault: reply-wrong-serail\n", 3, 10, ""},
    {RULES "on: {}\n  fault: stall-after=x\n", 3, 10, ""},
    {RULES "on: {}\n  ahead: [{event: {of: that, procedure: 1}}]\n", 3, 24, ""},
    {RULES "on: {}\n", 2, 3, ""},
    {RULES "on: {}\n  reply:\n  error: unknown_procedure\n", 4, 3, ""},
};

static void test_wrong(void **state)
{
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct vw_error err = VW_ERROR_INIT;
        struct vw_rules_file *file = read_rules(wrong[i].text, &err);
        if (file)
            fail_msg("taken: %s", wrong[i].text);
        if (wrong[i].line && (err.line != wrong[i].line || err.column != wrong[i].column))
            fail_msg("%s%u:%u: %s", wrong[i].text, err.line, err.column, err.text);
        assert_true(err.line > 0);
        if (*wrong[i].what)
            assert_string_equal(err.text, wrong[i].what);
    }
}

static int start(void **state)
{
    peer_start(&peer, NULL, NULL);
    return 0;
}

static int stop(void **state)
{
    peer_stop(&peer);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),  cmocka_unit_test(test_capture),
        cmocka_unit_test(test_delay), cmocka_unit_test(test_delay_of_the_last),
        cmocka_unit_test(test_wrong),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
