// SPDX-License-Identifier: MIT
#include "base/testing/test.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/hex.h"
#include "base/words.h"
#include "capture/captured.h"
#include "capture/write.h"

static struct vw_profile *profile;
static char said[4000];
static uint8_t file[1 << 20];

/* A call of 28 bytes, an answer of 36, one with a descriptor. */
#define CALL  "0000001c 20008086 00000001 0000003b 00000000 00000005 00000000"
#define REPLY "00000024 20008086 00000001 0000003b 00000001 00000005 00000000 00000002 61620000"
#define FD                                                                                         \
    "00000028 20008086 00000001 0000003b 00000005 00000005 00000000 00000001 00000002 61620000"

static void __attribute__((format(printf, 1, 2))) say(const char *fmt, ...)
{
    size_t n = strlen(said);
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(said + n, sizeof(said) - n, fmt, ap);
    va_end(ap);
}

static int hear(void *user, const struct vw_captured_event *ev)
{
    static const char *const kinds[] = {"begin", "", "comment", "over", "secrets"};
    const struct vw_talk_event *t = ev->talk;
    unsigned long long n = ev->conn ? ev->conn->number : 0;
    if (!t)
        say("%llu %s%s%s; ", n, kinds[ev->kind], ev->text ? " " : "", ev->text ? ev->text : "");
    else if (t->kind == VW_TALK_MESSAGE)
        say("%llu %s %s; ", n, t->from ? "server" : "client", vw_event_kind_name(t->event->kind));
    else
        say("%llu %s%s; ", n, t->kind == VW_TALK_NOTE ? "note " : "finding ",
            t->kind == VW_TALK_NOTE ? t->text : t->finding->clauses);
    return 0;
}

/* What LEN bytes of a file are told as goes to SAID; returns the error. */
static int read_file(const void *bytes, size_t len, size_t step)
{
    const struct vw_captured_options o = {
        .profile = profile, .strict = VW_STRICT_ALL, .sink = hear};
    struct vw_error err = VW_ERROR_INIT;
    struct vw_captured *c;
    said[0] = '\0';
    int rc = vw_captured_create(&o, &c, &err);
    if (rc)
        return rc;
    for (size_t at = 0; at < len && rc == 0; at += step)
        rc = vw_captured_feed(c, (const char *)bytes + at, at + step > len ? len - at : step, &err);
    int ended = rc == VW_ENOMEM ? 0 : vw_captured_end(c, &err);
    vw_captured_destroy(c);
    return rc ? rc : ended;
}

static size_t unhex(const char *text, uint8_t *out)
{
    struct vw_hex_reader r;
    size_t n;
    vw_hex_reader_init(&r);
    assert_int_equal(vw_hex_reader_feed(&r, text, strlen(text), out, &n, NULL), 0);
    return n;
}

static void put_hex(struct vw_capture *c, struct vw_capture_conn *conn, enum vw_side side,
                    const char *hex)
{
    uint8_t bytes[200];
    vw_capture_bytes(c, conn, side, 7, bytes, unhex(hex, bytes), NULL);
}

/* A capture into FILE; how long it is. */
static size_t write_file(void (*put)(struct vw_capture *c))
{
    const struct vw_capture_options o = {.form = VW_PCAPNG};
    struct vw_capture *c;
    int fd = memfd_create("capture", MFD_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(vw_capture_create(fd, &o, &c, NULL), 0);
    put(c);
    assert_int_equal(vw_capture_flush(c, NULL), 0);
    vw_capture_destroy(c);
    ssize_t n = pread(fd, file, sizeof(file), 0);
    close(fd);
    assert_true(n > 0 && n < (ssize_t)sizeof(file));
    return (size_t)n;
}

/* A descriptor, then what is opaque. */
static void put_notes(struct vw_capture *c)
{
    struct vw_capture_conn conn;
    vw_capture_secrets(c, "key", 3);
    vw_capture_begin(c, &conn, 1, "unix:///x\n", true);
    put_hex(c, &conn, VW_SIDE_CLIENT, CALL);
    put_hex(c, &conn, VW_SIDE_SERVER, FD);
    vw_capture_descriptors(c, &conn, VW_SIDE_SERVER, 8, 1);
    put_hex(c, &conn, VW_SIDE_CLIENT, CALL);
    put_hex(c, &conn, VW_SIDE_SERVER, REPLY);
    vw_capture_opaque(c, &conn, VW_SIDE_CLIENT, 9, "SASL");
    put_hex(c, &conn, VW_SIDE_CLIENT, "ffffffff");
    vw_capture_end(c, &conn, VW_SIDE_CLIENT, 9, true);
}

static void test_notes(void **state)
{
    assert_int_equal(read_file(file, write_file(put_notes), 4096), 0);
    assert_string_equal(said,
                        "0 secrets; 1 begin; 1 comment unix:///x?; 1 client call; 1 server reply; "
                        "1 client call; 1 server reply; 1 note what the client says from here "
                        "on cannot be read: it is within SASL; 1 over; ");
}

/* What is no packet. */
static void test_bytes(void **state)
{
    uint8_t bytes[200];
    size_t len = unhex(CALL, bytes);
    assert_int_equal(read_file(bytes, len, 5), 0);
    assert_string_equal(said, "1 begin; 1 client call; 1 over; ");
    len = unhex(REPLY, bytes);
    assert_int_equal(read_file(bytes, len, 400), 0);
    assert_string_equal(said, "1 begin; 1 server reply; 1 over; ");
    assert_int_equal(read_file(REPLY, sizeof(REPLY) - 1, 3), 0);
    assert_string_equal(said, "1 begin; 1 server reply; 1 over; ");
    assert_int_equal(read_file("", 0, 1), 0);
    assert_string_equal(said, "");
    assert_int_equal(read_file(CALL "\nzz", sizeof(CALL) + 2, 100), VW_ESYNTAX);
    assert_string_equal(said, "1 begin; 1 client call; 1 over; ");
    assert_int_equal(read_file("GET / HTTP/1.1\r\n", 16, 100), 0);
    assert_non_null(strstr(said, "finding F-4; "));
}

/* Each allocation that fails ends the reading, and leaves nothing behind. */
static void test_memory(void **state)
{
    size_t len = write_file(put_notes);
    bool failed = true;
    for (size_t n = 1; failed; n++) {
        vw_failalloc_set(n);
        int rc = read_file(file, len, 500);
        failed = vw_failalloc_clear();
        assert_int_equal(rc, failed ? VW_ENOMEM : 0);
    }
}

/* Cut anywhere, what was whole is told, and then what is wrong. */
static void test_cut(void **state)
{
    size_t len = write_file(put_notes), whole = 0;
    for (size_t at = 0; at <= len; at++) {
        int rc = read_file(file, at, 4096);
        assert_true(rc == 0 || rc == VW_ETRUNCATED);
        whole += rc == 0;
    }
    /* Between blocks: two of the start, the secrets, eleven packets; and three bytes at most, which
     * are white space. */
    assert_int_equal(whole, 14 + 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_notes),
        cmocka_unit_test(test_bytes),
        cmocka_unit_test(test_memory),
        cmocka_unit_test(test_cut),
    };
    if (vw_profile_load("12.8.0", NULL, &profile, NULL))
        return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    vw_profile_destroy(profile);
    return failed ? failed : vw_test_leaked();
}
