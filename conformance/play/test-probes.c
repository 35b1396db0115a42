// SPDX-License-Identifier: MIT
// The probes of TLS, over scripted connections in memory: how each connects, every byte that it
// writes, in which order, and what it says of each answer. The connections are closed and leave
// nothing.
#include "base/testing/test.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "conformance/play/testing/play.h"
#include "transport/tls.h"

static struct vw_profile *profile;

static int setup(void **state)
{
    struct vw_error err = VW_ERROR_INIT;
    return vw_profile_load(NULL, NULL, &profile, &err);
}

static int teardown(void **state)
{
    vw_profile_destroy(profile);
    return 0;
}

/* ---- the peer ---- */

/* What a connection says: bytes in hex, of which a comma ends a record; or a letter. */
#define END   "E" /* it ends */
#define RESET "X" /* reading fails */
#define LATER "L" /* what follows comes when the client waits, LATE_MS later */

#define LATE_MS 100

struct words {
    const char *greeting, *answer; /* to the call */
    size_t room;                   /* bytes of the client that it takes; 0: all */
    int send_error;
};

struct row {
    struct words first, second; /* connection; without a greeting the second is as the first */
    int refuse_nth, refuse_errno, refuse_code;
    size_t chunk;
    enum vw_verdict verdict;
    const char *reason;
    int64_t ms;
    bool suspicious;
    const char *log; /* NULL: whatever */
};

struct end {
    struct vw_memory memory;
    const struct words *words;
    const char *rest; /* of a text, to be said later */
    uint8_t got[200];
    size_t n_got;
};

#define CONNECTIONS 9

static struct end ends[CONNECTIONS];
static const struct row *row;
static unsigned count;
static char seen[400];

static void __attribute__((format(printf, 1, 2))) see(const char *fmt, ...)
{
    size_t n = strlen(seen);
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(seen + n, sizeof(seen) - n, fmt, ap);
    va_end(ap);
}

static void say(struct end *e, const char *text)
{
    uint8_t bytes[200];
    size_t n = 0;
    for (; text && *text && *text != *LATER; text++) {
        unsigned byte;
        if (*text == *END)
            e->memory.closed = true;
        else if (*text == *RESET)
            e->memory.recv_error = -ECONNRESET;
        else if (*text == ',') {
            assert_true(vw_memory_put(&e->memory, bytes, n));
            n = 0;
        } else if (*text != ' ' && sscanf(text++, "%2x", &byte) == 1)
            bytes[n++] = (uint8_t)byte;
    }
    assert_true(n == 0 || vw_memory_put(&e->memory, bytes, n));
    if (text && *text)
        e->rest = text + 1;
}

static bool on_turn(void *user, struct vw_memory *m)
{
    struct end *e = user;
    if (!e->rest)
        return false;
    see(" late");
    vw_memory_pass(LATE_MS);
    const char *rest = e->rest;
    e->rest = NULL;
    say(e, rest);
    return true;
}

/* AUTH_LIST without arguments, whatever its serial. */
static bool is_call(const uint8_t *m)
{
    static const uint8_t want[] = {0, 0, 0, 28, 0x20, 0x00, 0x80, 0x86, 0, 0,
                                   0, 1, 0, 0,  0,    66,   0,    0,    0, 0};
    return memcmp(m, want, sizeof(want)) == 0 && vw_load32(m + 24) == 0;
}

static void on_sent(void *user, struct vw_memory *m, const uint8_t *bytes, size_t len)
{
    struct end *e = user;
    assert_true(e->n_got + len <= sizeof(e->got));
    memcpy(e->got + e->n_got, bytes, len);
    e->n_got += len;
    for (; e->n_got >= 28; e->n_got -= 28) {
        see(is_call(e->got) ? " call%u" : " wrong%u", vw_load32(e->got + 20));
        memmove(e->got, e->got + 28, e->n_got - 28);
        say(e, e->words->answer);
    }
}

static void on_closed(void *user, struct vw_memory *m)
{
    see(" end");
}

static int refuse(struct vw_error *err)
{
    vw_error_set(err, row->refuse_code, "refused");
    err->sys_errno = row->refuse_errno;
    return row->refuse_code;
}

int __wrap_vw_transport_open_with(const struct vw_uri *uri,
                                  const struct vw_transport_options *options, int64_t deadline_ms,
                                  struct vw_transport **out, struct vw_error *err);

int __wrap_vw_transport_open_with(const struct vw_uri *uri,
                                  const struct vw_transport_options *options, int64_t deadline_ms,
                                  struct vw_transport **out, struct vw_error *err)
{
    see("%s%u%s%s%s:%d", count ? " " : "", count + 1,
        uri->transport == VW_TRANSPORT_TCP ? "tcp" : "tls", options == &vw_tls_bare ? "+byte" : "",
        uri->tls_files[0].cert || uri->tls_files[1].key ? "" : "+none",
        (int)(deadline_ms - vw_memory_now()));
    assert_true(count < CONNECTIONS);
    struct end *e = &ends[count++];
    if ((int)count == row->refuse_nth)
        return refuse(err);
    const bool same = count == 1 || !row->second.greeting;
    *e = (struct end){.words = same ? &row->first : &row->second};
    vw_memory_join(&e->memory, VW_CAP_RECORDS);
    e->memory.chunk = row->chunk;
    e->memory.send_error = e->words->send_error;
    if (e->words->room)
        e->memory.send_room = e->words->room - 1;
    e->memory.sent = on_sent;
    e->memory.turn = on_turn;
    e->memory.closed_by_client = on_closed;
    e->memory.user = e;
    say(e, e->words->greeting);
    *out = &e->memory.transport;
    return 0;
}

int __wrap_vw_transport_open(const struct vw_uri *uri, int64_t deadline_ms,
                             struct vw_transport **out, struct vw_error *err);

/* The connection of the case, which does nothing. */
static struct vw_memory main_end;

int __wrap_vw_transport_open(const struct vw_uri *uri, int64_t deadline_ms,
                             struct vw_transport **out, struct vw_error *err)
{
    vw_memory_join(&main_end, 0);
    *out = &main_end.transport;
    return 0;
}

/* ---- rows ---- */

static char own_cert[VW_TEST_FOLDER + 30] = "cert";

static bool play_row(const struct row *r, const char *text)
{
    const struct vw_uri uri = {.name = "test:///default",
                               .transport = VW_TRANSPORT_TLS,
                               .tls_files = {{.cert = own_cert, .key = "key"}, {.key = "key"}},
                               .tls_file_sets = 2};
    struct vw_run_settings settings = {
        .profile = profile, .uri = &uri, .uri_text = "test+tls://h/", .timeout_ms = 1000};
    struct vw_suite suite = {0};
    struct played got;
    row = r;
    count = 0;
    seen[0] = '\0';
    vw_memory_start();
    play(play_case(&suite, profile, text), &settings, &got);
    vw_suite_finish(&suite);
    for (unsigned i = 0; i < count; i++)
        vw_memory_finish(&ends[i].memory);
    vw_memory_finish(&main_end);
    if (got.verdict == r->verdict && strcmp(got.reason, r->reason ? r->reason : "") == 0 &&
        got.ms == r->ms && got.suspicious == r->suspicious &&
        (!r->log || strcmp(seen, r->log) == 0))
        return true;
    print_message("%s, %s, %d ms, %d; %s\n", vw_verdict_name(got.verdict), got.reason, (int)got.ms,
                  got.suspicious, seen);
    return false;
}

static void play_rows(const char *probe, const struct row *rows, size_t n)
{
    char text[VW_TEST_FOLDER + 100];
    unsigned wrong = 0;
    snprintf(text, sizeof(text), "needs: [connect]\nsteps:\n  - probe: %s\n", probe);
    for (size_t i = 0; i < n; i++) {
        if (play_row(&rows[i], text))
            continue;
        print_message("row %zu of %s\n", i, probe);
        wrong++;
    }
    assert_int_equal(wrong, 0);
}
#define PLAY(probe, rows) play_rows(probe, rows, sizeof(rows) / sizeof((rows)[0]))

/* ---- tls-first-byte ---- */

#define HEAD      "0000001c 20008086 00000001 00000042"
#define REPLY     HEAD " 00000001 00000007 00000000"
#define WAITS     "1tls+byte:1000 late call7 end"
#define DOES_NOT  "2tls+byte:900 call7 late end"
#define NO_ANSWER "a call that waited for the byte is not answered: "
#define ENDED     NO_ANSWER "the peer ended the connection"
#define NO_BYTE   " gets no byte: the peer ended the connection"
#define MUST      " must first get a record of the one byte 01; it is of "
#define BYTE      LATER "01,"

static void test_first_byte(void **state)
{
    static const struct row rows[] = {
        {.first = {BYTE, REPLY},
         .second = {LATER "01," REPLY, ""},
         .ms = 200,
         .log = WAITS " " DOES_NOT},
        {.first = {"01", LATER REPLY},
         .second = {"01", LATER REPLY},
         .chunk = 1,
         .ms = 200,
         .log = "1tls+byte:1000 call7 late end 2tls+byte:900 call7 late end"},
        {{"", REPLY},
         .verdict = VW_HUNG,
         .reason = "who waits gets no byte in 1000 ms",
         .ms = 1000,
         .log = "1tls+byte:1000 end"},
        {{END, REPLY}, .verdict = VW_FAIL, .reason = "who waits" NO_BYTE},
        {{RESET, REPLY}, .verdict = VW_FAIL, .reason = "who waits" NO_BYTE},
        {{"0101", REPLY}, .verdict = VW_FAIL, .reason = "who waits" MUST "2, 0x01 first"},
        {{"00", REPLY}, .verdict = VW_FAIL, .reason = "who waits" MUST "1, 0x00 first"},
        {{"02", REPLY}, .verdict = VW_FAIL, .reason = "who waits" MUST "1, 0x02 first"},
        {{"01", REPLY},
         {"", ""},
         .verdict = VW_HUNG,
         .reason = "who does not wait gets no byte in 1000 ms",
         .ms = 1000,
         .log = "1tls+byte:1000 call7 end 2tls+byte:1000 call7 end"},
        {{"01", REPLY},
         {"", REPLY},
         .verdict = VW_FAIL,
         .reason = "who does not wait" MUST "28, 0x00 first"},
        {{"01", ""}, .verdict = VW_HUNG, .reason = NO_ANSWER "nothing comes", .ms = 1000},
        {{"01", REPLY},
         {"01", ""},
         .verdict = VW_HUNG,
         .reason = "a call that did not wait for the byte is not answered: nothing comes",
         .ms = 1000},
        {{"01", END}, .verdict = VW_FAIL, .reason = ENDED},
        {{"01", RESET}, .verdict = VW_FAIL, .reason = ENDED},
        {{"01", HEAD END}, .verdict = VW_FAIL, .reason = ENDED},
        {{"01", HEAD}, .verdict = VW_HUNG, .reason = NO_ANSWER "nothing comes", .ms = 1000},
        {{"01", "00000003" REPLY}, .verdict = VW_FAIL, .reason = ENDED},
        {{"01", "00000004" REPLY}, .verdict = VW_FAIL, .reason = ENDED},
        {{"01", "0000001b 20008086 00000001 00000042 00000001 00000007 000000"},
         .verdict = VW_FAIL,
         .reason = ENDED},
        {{"01", "00001001" REPLY}, .verdict = VW_FAIL, .reason = ENDED},
        {{"01", "00001000" REPLY},
         .verdict = VW_HUNG,
         .reason = NO_ANSWER "nothing comes",
         .ms = 1000},
        {{"01", "01000000" REPLY}, .verdict = VW_FAIL, .reason = ENDED},
        {{"01", "00010000" REPLY}, .verdict = VW_FAIL, .reason = ENDED},
        {{"01", HEAD " 00000000 00000007 00000000"},
         .verdict = VW_FAIL,
         .reason = "behind the byte the reply must come; type 0, serial 7 came"},
        {{"01", HEAD " 00000001 00000008 00000000"},
         .verdict = VW_FAIL,
         .reason = "behind the byte the reply must come; type 1, serial 8 came"},
        {{"01", REPLY, .send_error = -EPIPE},
         .verdict = VW_FAIL,
         .reason = "a call cannot be written: Broken pipe",
         .log = "1tls+byte:1000 end"},
        {{"01", REPLY},
         {"01", REPLY, .send_error = -ECONNRESET},
         .verdict = VW_FAIL,
         .reason = "a call cannot be written: Connection reset by peer"},
        {{"01", REPLY},
         {"01", REPLY, .room = 28},
         .verdict = VW_FAIL,
         .reason = "a call cannot be written: Connection timed out",
         .ms = 1000},
        {{"01", REPLY}, {"01", REPLY, .room = 29}, .verdict = VW_PASS},
        {{"01", REPLY},
         .refuse_nth = 1,
         .refuse_code = VW_EUNREACHABLE,
         .verdict = VW_FAIL,
         .reason = "cannot connect: refused",
         .suspicious = true,
         .log = "1tls+byte:1000"},
        {{"01", REPLY},
         .refuse_nth = 2,
         .refuse_code = VW_EUNREACHABLE,
         .refuse_errno = EMFILE,
         .verdict = VW_ERROR,
         .reason = "cannot connect: refused",
         .log = "1tls+byte:1000 call7 end 2tls+byte:1000"},
    };
    static const struct row old[] = {
        {{"01", REPLY}, .verdict = VW_LENIENT, .reason = "TLS 1.1 is spoken"},
        {{"00", REPLY}, .verdict = VW_FAIL, .reason = "who waits" MUST "1, 0x00 first"},
        {{"01", REPLY},
         .refuse_nth = 1,
         .refuse_code = VW_EUNREACHABLE,
         .verdict = VW_LENIENT,
         .reason = "TLS 1.1 is spoken",
         .log = "1tls+byte:1000 2tls+byte:1000 call7 end"},
        {{"01", REPLY},
         .refuse_nth = 1,
         .refuse_code = VW_ETIMEOUT,
         .verdict = VW_FAIL,
         .reason = "cannot connect: refused",
         .suspicious = true},
    };
    static const struct row tickets[] = {{{"01", REPLY}}};
    PLAY("tls-first-byte", rows);
    PLAY("{name: tls-first-byte, with: tls1.1}", old);
    PLAY("{name: tls-first-byte, with: tickets}", tickets);
}

/* ---- tls-stranger ---- */

#define NOBODY "a client without a certificate "
#define NONE   "1tls+byte+none:1000"

static void test_stranger(void **state)
{
    static const struct row rows[] = {
        {{END}, .log = NONE " end"},
        {{LATER END}, .ms = 100, .log = NONE " late end"},
        {{RESET}},
        {{"01"},
         .verdict = VW_FAIL,
         .reason = NOBODY "must be hung up on; it gets the byte 0x01",
         .log = NONE " end"},
        {{"00" END},
         .verdict = VW_FAIL,
         .reason = NOBODY "must be hung up on; it gets the byte 0x00"},
        {{"02ff"},
         .verdict = VW_FAIL,
         .reason = NOBODY "must be hung up on; it gets the byte 0x02"},
        {{""},
         .verdict = VW_HUNG,
         .reason = NOBODY "must be hung up on; nothing in 1000 ms",
         .ms = 1000,
         .log = NONE " end"},
        {{""}, .refuse_nth = 1, .refuse_code = VW_EUNREACHABLE, .log = NONE},
        {{""},
         .refuse_nth = 1,
         .refuse_code = VW_EUNREACHABLE,
         .refuse_errno = ENFILE,
         .verdict = VW_ERROR,
         .reason = NOBODY "cannot connect: refused",
         .log = NONE},
        {{""},
         .refuse_nth = 1,
         .refuse_code = VW_ETIMEOUT,
         .verdict = VW_FAIL,
         .reason = NOBODY "cannot connect: refused",
         .suspicious = true},
        {{""},
         .refuse_nth = 1,
         .refuse_code = VW_ENOMEM,
         .verdict = VW_ERROR,
         .reason = NOBODY "cannot connect: refused"},
    };
    static const struct row none[] = {
        {{END},
         .verdict = VW_SKIP,
         .reason = "there is no folder \"nosuch\" beside that of pkipath",
         .log = ""},
    };
    static const struct row there[] = {
        {{END}, .log = "1tls+byte:1000 end"},
    };
    static const char *const files[] = {"clientcert.pem", "clientkey.pem"};
    char dir[VW_TEST_FOLDER], paths[2][VW_TEST_FOLDER + 20], text[VW_TEST_FOLDER + 40];
    PLAY("{name: tls-stranger, with: none}", rows);
    PLAY("{name: tls-stranger, with: nosuch}", none);
    /* A folder beside that of the own certificate. */
    assert_int_equal(vw_test_folder(dir), 0);
    for (size_t i = 0; i < 2; i++) {
        snprintf(paths[i], sizeof(paths[i]), "%s/%s", dir, files[i]);
        FILE *f = fopen(paths[i], "w");
        assert_non_null(f);
        fclose(f);
    }
    snprintf(own_cert, sizeof(own_cert), "%s/../good/clientcert.pem", dir);
    snprintf(text, sizeof(text), "{name: tls-stranger, with: %s}", strrchr(dir, '/') + 1);
    play_rows(text, there, sizeof(there) / sizeof(there[0]));
    unlink(paths[0]);
    unlink(paths[1]);
    rmdir(dir);
}

/* ---- tls-sleepers ---- */

#define BESIDE "beside clients that stop in the middle of TLS "

static void test_sleepers(void **state)
{
    static const struct row rows[] = {
        {{"", REPLY}},
        {{"", LATER REPLY}, .ms = 100},
        {{"", ""}, .verdict = VW_HUNG, .reason = BESIDE "a call is not answered", .ms = 1000},
        {{"", END}, .verdict = VW_FAIL, .reason = BESIDE "a call is not answered"},
        {{"", REPLY},
         .refuse_nth = 3,
         .refuse_code = VW_EUNREACHABLE,
         .verdict = VW_FAIL,
         .reason = "cannot connect: refused",
         .suspicious = true},
        {{"", REPLY},
         .refuse_nth = 9,
         .refuse_code = VW_EUNREACHABLE,
         .verdict = VW_FAIL,
         .reason = BESIDE "another cannot connect: refused",
         .suspicious = true},
    };
    static const struct row hello[] = {
        {{"", REPLY}},
        {{"", REPLY, .send_error = -EPIPE},
         .verdict = VW_FAIL,
         .reason = "a client that is to stop at \"half-hello\" does not get there",
         .log = "1tcp:1000 end"},
    };
    static const struct row record[] = {
        {{"", REPLY},
         .verdict = VW_FAIL,
         .ms = 1000,
         .reason = "a client that is to stop at \"half-record\" does not get there",
         .log = "1tls+byte:1000 end"},
    };
    PLAY("{name: tls-sleepers, with: silent}", rows);
    PLAY("{name: tls-sleepers, with: half-hello}", hello);
    PLAY("{name: tls-sleepers, with: half-record}", record);
}

/* ---- tls-plain-text ---- */

#define SERVED "plain text on the TLS port must not be served; it is"
#define OPEN   "plain text on the TLS port must end the connection; it is still open after 1000 ms"
#define ALERT  "15 0301 0002 0246"

static void test_plain_text(void **state)
{
    static const struct row rows[] = {
        {{"", END}, .log = "1tcp:1000 call7 end"},
        {{"", ALERT END}},
        {{"", ALERT "," LATER END}, .ms = 100},
        {{"", ALERT "," REPLY END}},
        {{"", RESET}},
        {{"", REPLY END}, .verdict = VW_FAIL, .reason = SERVED, .log = "1tcp:1000 call7 end"},
        {{"", REPLY "," ALERT END}, .verdict = VW_FAIL, .reason = SERVED},
        {{"", REPLY}, .verdict = VW_FAIL, .reason = SERVED, .ms = 1000},
        {{"", ""}, .verdict = VW_FAIL, .reason = OPEN, .ms = 1000, .log = "1tcp:1000 call7 end"},
        {{"", ALERT}, .verdict = VW_FAIL, .reason = OPEN, .ms = 1000},
        {{"", END, .room = 28},
         .verdict = VW_FAIL,
         .reason = OPEN,
         .ms = 1000,
         .log = "1tcp:1000 end"},
        {{"", "", .send_error = -EPIPE}, .log = "1tcp:1000 end"},
        {{""},
         .refuse_nth = 1,
         .refuse_code = VW_EUNREACHABLE,
         .verdict = VW_FAIL,
         .reason = "cannot connect: refused",
         .suspicious = true,
         .log = "1tcp:1000"},
    };
    PLAY("tls-plain-text", rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_first_byte),
        cmocka_unit_test(test_stranger),
        cmocka_unit_test(test_sleepers),
        cmocka_unit_test(test_plain_text),
    };
    return cmocka_run_group_tests(tests, setup, teardown) + vw_test_leaked();
}
