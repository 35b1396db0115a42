// SPDX-License-Identifier: MIT
// What a recorder makes of bytes, in whatever pieces they come: messages, what is hidden in them,
// descriptors, and what is no message.
#include "base/testing/test.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/hex.h"
#include "base/words.h"
#include "capture/packets.h"
#include "capture/record.h"
#include "message/message-json.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static char folder[VW_TEST_FOLDER];
static char path[VW_TEST_FOLDER + 16], keys[VW_TEST_FOLDER + 16];
static struct vw_profile *profile;

/* ---- what is recorded ---- */

/* One thing that a side does: a message as JSON, bytes as hex ("x"), so many zero bytes ("0"), so
 * many descriptors with what follows ("f"), so many bytes for descriptors ("d"), its end ("e"),
 * more keys ("k"). */
struct deed {
    enum vw_side from;
    const char *what;
};

#define C(what)                                                                                    \
    {                                                                                              \
        VW_SIDE_CLIENT, what                                                                       \
    }
#define S(what)                                                                                    \
    {                                                                                              \
        VW_SIDE_SERVER, what                                                                       \
    }

#define OPEN "{\"procedure\": \"remote.connect_get_hostname\", \"serial\": 1}"
#define SECRET                                                                                     \
    "{\"procedure\": \"remote.secret_get_value\", \"type\": \"reply\", \"body\": "                 \
    "{\"value\": \"736563726574\"}}"
#define WITH_FDS                                                                                   \
    "{\"procedure\": \"remote.domain_open_graphics\", \"type\": \"call-with-fds\", "               \
    "\"n_fds\": 2, \"body\": {\"dom\": {\"name\": \"d\", \"uuid\": "                               \
    "\"6695eb01f6a4830479aa97f2502e193f\", \"id\": 1}, \"idx\": 0, \"flags\": 0}}"
#define SASL(done)                                                                                 \
    "{\"procedure\": \"remote.auth_sasl_step\", \"type\": \"reply\", \"body\": "                   \
    "{\"complete\": " done ", \"nil\": 1, \"data\": []}}"

static void put_deed(struct vw_buf *out, const char *what)
{
    struct vw_error err = VW_ERROR_INIT;
    if (*what == 'x') {
        size_t n = strlen(what + 1) / 2;
        assert_int_equal(vw_buf_reserve(out, n), 0);
        assert_true(vw_hex_decode(what + 1, 2 * n, out->data));
        out->len = n;
    } else if (*what == '0' || *what == 'd') {
        size_t n = strtoul(what + 1, NULL, 10);
        uint8_t *zeros = calloc(1, n);
        assert_int_equal(vw_buf_append(out, zeros, n), 0);
        free(zeros);
    } else {
        struct json_object *o = json_tokener_parse(what);
        static const struct vw_limits limits = {28, 100000, 32};
        assert_non_null(o);
        if (vw_message_from_json(profile->schema, &limits, o, out, &err))
            fail_msg("%s: %s", what, err.text);
        json_object_put(o);
    }
}

static void more_keys(const char *text)
{
    int fd = open(keys, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    assert_true(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    close(fd);
}

/* In pieces of PIECE bytes. */
static void act(struct vw_recording *c, const struct deed *d, size_t piece, size_t *fds)
{
    struct vw_buf b = VW_BUF_INIT;
    if (*d->what == 'e') {
        vw_recording_end(c, d->from, false);
    } else if (*d->what == 'k') {
        more_keys(d->what + 1);
    } else if (*d->what == 'f') {
        *fds = strtoul(d->what + 1, NULL, 10);
    } else {
        put_deed(&b, d->what);
        for (size_t at = 0, n; at < b.len; at += n, *fds = 0) {
            n = b.len - at < piece ? b.len - at : piece;
            vw_recording_bytes(c, d->from, b.data + at, n, *fds);
        }
        vw_buf_finish(&b);
    }
}

/* ---- what the file says ---- */

/* Each packet with something to tell: side, length of its bytes and what they are, its comment. */
static void tell_packet(const struct vw_packet *p, char *out, size_t size)
{
    if (p->secrets) {
        snprintf(out, size, "keys %.*s; ", (int)p->len, (const char *)p->bytes);
        return;
    }
    const uint8_t *tcp = p->bytes + 20;
    size_t head = 20 + (size_t)(tcp[12] >> 4) * 4, n = p->len - head;
    const uint8_t *data = p->bytes + head;
    char side = vw_load32(tcp) >> 16 == 16509 ? 's' : 'c', what[60] = "", comment[80] = "";
    if (tcp[13] & 2)
        return;
    if (n)
        snprintf(what, sizeof(what), " %zu%s%s", n, memmem(data, n, "secret", 6) ? " shown" : "",
                 memmem(data, n, "******", 6) ? " hidden" : "");
    if (p->comment)
        snprintf(comment, sizeof(comment), " '%.*s'", (int)p->comment_len, p->comment);
    if (n || p->comment || tcp[13] & 1)
        snprintf(out, size, "%c%s%s%s; ", side, what, comment, tcp[13] & 1 ? " end" : "");
}

static void tell_file(char *out, size_t size)
{
    static uint8_t bytes[3 << 20];
    struct vw_packets in;
    struct vw_packet p;
    size_t at = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = read(fd, bytes, sizeof(bytes));
    assert_true(n > 0 && n < (ssize_t)sizeof(bytes));
    close(fd);
    *out = '\0';
    vw_packets_init(&in);
    assert_int_equal(vw_packets_feed(&in, bytes, (size_t)n), 0);
    while (vw_packets_next(&in, &p, NULL) > 0) {
        tell_packet(&p, out + at, size - at);
        at += strlen(out + at);
    }
    assert_int_equal(vw_packets_end(&in, NULL), 0);
    vw_packets_finish(&in);
}

/* ---- rows ---- */

static const struct row {
    const char *said;
    struct deed deeds[9];
    bool show, no_fds;
} rows[] = {
    /* Messages, however they come. */
    {"c 28; c 28; s 40 hidden; ", {C(OPEN), C(OPEN), S(SECRET)}},
    {"s 40 shown; ", {S(SECRET)}, .show = true},
    {"c 28; c end; s 40 hidden; s end; ", {C(OPEN), C("e"), C("e"), S(SECRET), S("e")}},
    /* One that does not end is told as far as it came. Nothing of it that may be secret is shown.
     */
    {"c 20; c end; ", {C("x0000001c20008086000000010000003b00000000"), C("e")}},
    {"s 38 hidden; ",
     {S("x0000002820008086000000010000009100000001000000000000000000000006736563726574")}},
    {"c 3; c end; ", {C("x000000"), C("e")}},
    /* Lengths that no message has: from there on all is as it comes. */
    {"c 28; c 4; c 9 shown; ", {C(OPEN), C("x0000001b"), C("x736563726574000000")}},
    {"c 4; c 4; ", {C("xffffffff"), C("x00000000")}},
    /* Bytes for descriptors are no part of messages. */
    {"c 68; c 'virwire: descriptors: 2'; c 28; ", {C(WITH_FDS), C("f2"), C("d2"), C(OPEN)}},
    {"c 68; c 'virwire: no descriptors, though bytes for them'; c 28; ",
     {C(WITH_FDS), C("d2"), C(OPEN)}},
    {"c 68; c 28; ", {C(WITH_FDS), C(OPEN)}, .no_fds = true},
    {"c 28; c 'virwire: descriptors: 1'; ", {C("f1"), C(OPEN)}},
    /* Behind SASL a layer may begin, or not. */
    {"s 40; c 28; s 40; s 40; c 'virwire: opaque, within SASL'; c 28; c 8; s 28; ",
     {S(SASL("0")), C(OPEN), S(SASL("1")), S(SASL("1")),
      C("x00000018aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"), C("xaaaaaaaabbbbbbbb"),
      S(OPEN)}},
    /* TLS passes through; keys go in once they are of use. */
    {"keys one; c 'virwire: opaque, within TLS'; c 4; c 2; keys two; s 'virwire: opaque, within "
     "TLS'; s 4; s 2; ",
     {C("kone"), C("x16030100"), C("x0500"), C("ktwo"), S("x16030300"), S("x0200")}},
    {"c 28; c 4; ", {C("kone"), C(OPEN), C("x16030100")}},
};

static void run(const struct row *row, size_t piece, char *said, size_t size)
{
    const struct vw_recorder_options o = {
        .profile = profile, .show_secrets = row->show, .keys = keys};
    struct vw_recorder *r;
    size_t fds = 0;
    unlink(keys);
    /* Keys of before are nobody's business. */
    more_keys("old");
    assert_int_equal(vw_recorder_open(path, &o, &r, NULL), 0);
    struct vw_recording *c = vw_recording_begin(r, NULL, false);
    vw_recording_destroy(c);
    c = vw_recording_begin(r, NULL, !row->no_fds);
    for (size_t i = 0; i < COUNT(row->deeds) && row->deeds[i].what; i++)
        act(c, &row->deeds[i], piece, &fds);
    vw_recording_destroy(c);
    assert_int_equal(vw_recorder_close(r, NULL), 0);
    tell_file(said, size);
}

static void test_rows(void **state)
{
    /* What is no message is written as it comes, so that pieces show. */
    static const size_t pieces[] = {SIZE_MAX, 1, 7, 33};
    char said[1000];
    for (size_t i = 0; i < COUNT(rows); i++) {
        bool raw = strstr(rows[i].said, "opaque") || strstr(rows[i].said, "c 4;");
        for (size_t k = 0; k < (raw ? 1 : COUNT(pieces)); k++) {
            run(&rows[i], pieces[k], said, sizeof(said));
            if (strcmp(said, rows[i].said) != 0)
                fail_msg("row %zu, pieces of %zu: %s", i, pieces[k], said);
        }
    }
}

/* Memory does not grow with a message: of a long one the rest is written as it comes, and hidden
 * where something in it is. */
static void test_long(void **state)
{
    static const struct row shown = {.deeds = {C("x0020001c20008086000000010000003b0000000000000001"
                                                 "00000000"),
                                               C("02097152"), C(OPEN)}},
                            hidden = {
                                .deeds = {S("x0020001c2000808600000001000000910000000100000000"
                                            "00000000"),
                                          S("02097152"), S(SECRET)}};
    static char said[60000];
    run(&shown, 65536, said, sizeof(said));
    assert_null(strstr(said, "hidden"));
    assert_memory_equal(said, "c 65492; ", 9);
    assert_string_equal(said + strlen(said) - 6, "c 28; ");
    run(&hidden, 65536, said, sizeof(said));
    for (const char *p = said; (p = strchr(p, ';')); p++)
        assert_memory_equal(p - 6, "hidden", 6);
}

/* Where borders are: none is crossed by who asks. */
static void test_room(void **state)
{
    const struct vw_recorder_options o = {.profile = profile};
    struct vw_recorder *r;
    struct vw_buf b = VW_BUF_INIT;
    assert_int_equal(vw_recorder_open(path, &o, &r, NULL), 0);
    struct vw_recording *c = vw_recording_begin(r, NULL, true);
    put_deed(&b, WITH_FDS);
    put_deed(&b, "d2");
    static const size_t borders[] = {4, 64, 2, 4};
    for (size_t i = 0, at = 0; i < COUNT(borders); i++) {
        assert_int_equal(vw_recording_room(c, VW_SIDE_CLIENT), borders[i]);
        if (at + borders[i] <= b.len)
            vw_recording_bytes(c, VW_SIDE_CLIENT, b.data + at, borders[i], i == 2);
        at += borders[i];
    }
    vw_recording_bytes(c, VW_SIDE_CLIENT, "\0\0\0\1", 4, 0);
    assert_int_equal(vw_recording_room(c, VW_SIDE_CLIENT), SIZE_MAX);
    assert_int_equal(vw_recording_room(NULL, VW_SIDE_CLIENT), SIZE_MAX);
    vw_recording_destroy(c);
    vw_recorder_close(r, NULL);
    vw_buf_finish(&b);
}

static void note(void *user, uint64_t number, const struct vw_talk_event *ev)
{
    char *heard = user;
    size_t len = strlen(heard);
    snprintf(heard + len, 200 - len, "%d: %s; ", (int)number,
             ev->kind == VW_TALK_MESSAGE   ? "message"
             : ev->kind == VW_TALK_FINDING ? ev->finding->clauses
                                           : "note");
}

/* Who listens hears of each message when it has come, and of what is wrong with it. */
static void test_hear(void **state)
{
    static const struct deed deeds[] = {C(OPEN), C(WITH_FDS), C("f2"), C("d2"), S(SECRET)};
    static const char *const told[] = {"2: message; ", "", "", "2: message; ",
                                       "2: message; 2: H-5; 2: H-5; "};
    char heard[200];
    const struct vw_recorder_options o = {.profile = profile, .hear = note, .user = heard};
    struct vw_recorder *r;
    size_t fds = 0;
    assert_int_equal(vw_recorder_open(path, &o, &r, NULL), 0);
    vw_recording_destroy(vw_recording_begin(r, NULL, false));
    struct vw_recording *c = vw_recording_begin(r, NULL, true);
    for (size_t i = 0; i < COUNT(deeds); i++) {
        heard[0] = 0;
        act(c, &deeds[i], SIZE_MAX, &fds);
        if (strcmp(heard, told[i]) != 0)
            fail_msg("%zu: %s", i, heard);
    }
    vw_recording_destroy(c);
    assert_int_equal(vw_recorder_close(r, NULL), 0);
}

/* A file that cannot be made or written is told, and memory that is out. */
static void test_failures(void **state)
{
    char heard[200] = "";
    const struct vw_recorder_options o = {
        .profile = profile, .application = "me", .hear = note, .user = heard};
    struct vw_error err = VW_ERROR_INIT;
    struct vw_recorder *r;
    assert_int_equal(vw_recorder_open("/dev/null/x", &o, &r, &err), VW_EUSAGE);
    assert_string_equal(err.text, "/dev/null/x: Not a directory");
    assert_int_equal(vw_recorder_open("/dev/full", &o, &r, NULL), VW_ESYSTEM);
    assert_null(r);
    assert_int_equal(vw_recorder_close(NULL, NULL), 0);
    bool failed = true;
    for (size_t n = 1; failed; n++) {
        struct vw_buf b = VW_BUF_INIT;
        put_deed(&b, OPEN);
        vw_failalloc_set(n);
        int rc = vw_recorder_open(path, &o, &r, NULL);
        struct vw_recording *c = rc ? NULL : vw_recording_begin(r, "name", false);
        vw_recording_bytes(c, VW_SIDE_CLIENT, b.data, b.len, 0);
        vw_recording_end(c, VW_SIDE_CLIENT, true);
        vw_recording_destroy(c);
        rc = rc ? rc : vw_recorder_close(r, NULL);
        failed = vw_failalloc_clear();
        assert_int_equal(rc, failed ? VW_ENOMEM : 0);
        vw_buf_finish(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows), cmocka_unit_test(test_long),     cmocka_unit_test(test_room),
        cmocka_unit_test(test_hear), cmocka_unit_test(test_failures),
    };
    if (vw_test_folder(folder) || vw_profile_load(NULL, NULL, &profile, NULL))
        return 1;
    snprintf(path, sizeof(path), "%s/capture", folder);
    snprintf(keys, sizeof(keys), "%s/keys", folder);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    vw_profile_destroy(profile);
    unlink(path);
    unlink(keys);
    rmdir(folder);
    return failed ? failed : vw_test_leaked();
}
