// SPDX-License-Identifier: MIT
#include "base/testing/test.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/hex.h"
#include "base/words.h"
#include "capture/write.h"

#define SECOND 1000000000ll

static char folder[VW_TEST_FOLDER];
static char path[VW_TEST_FOLDER + 16];

static int open_file(void)
{
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    return fd;
}

/* What FD holds as hex, which the caller frees; closes it. */
static char *hex_of(int fd)
{
    static uint8_t bytes[4096];
    ssize_t n = pread(fd, bytes, sizeof(bytes), 0);
    assert_true(n >= 0 && n < (ssize_t)sizeof(bytes));
    char *text = malloc(2 * (size_t)n + 1);
    assert_non_null(text);
    vw_hex_encode(bytes, (size_t)n, text);
    close(fd);
    return text;
}

/* One connection with five bytes and a descriptor. */
static void put_connection(struct vw_capture *c)
{
    struct vw_capture_conn conn;
    vw_capture_secrets(c, "key", 3);
    vw_capture_begin(c, &conn, SECOND, NULL, true);
    vw_capture_bytes(c, &conn, VW_SIDE_CLIENT, 2 * SECOND, "\1\2\3\4\5", 5, "note");
    vw_capture_descriptors(c, &conn, VW_SIDE_CLIENT, 2 * SECOND, 1);
    vw_capture_end(c, &conn, VW_SIDE_CLIENT, 3 * SECOND, false);
    vw_capture_end(c, &conn, VW_SIDE_CLIENT, 3 * SECOND, false);
    vw_capture_end(c, &conn, VW_SIDE_SERVER, 4 * SECOND, true);
    vw_capture_end(c, &conn, VW_SIDE_SERVER, 4 * SECOND, true);
}

/* Headers: lengths, checksums, ports, sequence numbers, flags. */
#define SYN                                                                                        \
    "4500002c0000400040063cca7f0000017f0000018000407d00000000000000006002ffffd05b0000"             \
    "03030e00"
#define SYNACK                                                                                     \
    "4500002c0000400040063cca7f0000017f000001407d800000000000000000016012ffffd04a0000"             \
    "03030e00"
#define ACK "450000280000400040063cce7f0000017f0000018000407d00000001000000015010fffff1520000"
#define DATA                                                                                       \
    "4500002d0000400040063cc97f0000017f0000018000407d00000001000000015018ffffe83f0000"             \
    "0102030405"
#define EMPTY "450000280000400040063cce7f0000017f0000018000407d00000006000000015010fffff14d0000"
#define FIN   "450000280000400040063cce7f0000017f0000018000407d00000006000000015011fffff14c0000"
#define RST   "450000280000400040063cce7f0000017f000001407d800000000001000000075014fffff1480000"

static const char pcapng[] =
    /* Section: version 1.0, length unknown; a comment "all", the program "me". */
    "0a0d0d0a000000301a2b3c4d00010000ffffffffffffffff00010003616c6c00000400026d650000"
    "0000000000000030"
    /* Interface: raw IP, its name "if", nanoseconds. */
    "00000001000000280065000000000000000200026966000000090001090000000000000000000028"
    /* Secrets of TLS. */
    "0000000a00000018544c534b000000036b65790000000018000000060000004c0000000000000000"
    "3b9aca000000002c0000002c" SYN
    "0000004c000000060000007800000000000000003b9aca000000002c0000002c" SYNACK
    "00010022766972776972653a2064657363726970746f72732063616e206265207061737365640000"
    "0000000000000078000000060000004800000000000000003b9aca000000002800000028" ACK
    "00000048000000060000005c0000000000000000773594000000002d0000002d" DATA
    "000000000100046e6f7465000000000000005c000000060000006800000000000000007735940000"
    "00002800000028" EMPTY
    "00010017766972776972653a2064657363726970746f72733a203100000000000000006800000006"
    "000000480000000000000000b2d05e000000002800000028" FIN
    "0000004800000006000000480000000000000000ee6b28000000002800000028" RST "00000048";

/* What pcap has no place for is left out, the empty packet for a comment too. */
static const char pcap[] =
    "a1b23c4d000200040000000000000000000400000000006500000001000000000000002c0000002c" SYN
    "00000001000000000000002c0000002c" SYNACK "00000001000000000000002800000028" ACK
    "00000002000000000000002d0000002d" DATA "00000003000000000000002800000028" FIN
    "00000004000000000000002800000028" RST;

static void expect_bytes(enum vw_pcap_form form, const char *wanted)
{
    const struct vw_capture_options o = {form, "me", "if", "all", 0};
    struct vw_capture *c;
    int fd = open_file();
    assert_int_equal(vw_capture_create(fd, &o, &c, NULL), 0);
    put_connection(c);
    assert_int_equal(vw_capture_flush(c, NULL), 0);
    vw_capture_destroy(c);
    char *got = hex_of(fd);
    assert_string_equal(got, wanted);
    free(got);
}

static void test_bytes(void **state)
{
    expect_bytes(VW_PCAPNG, pcapng);
    expect_bytes(VW_PCAP, pcap);
}

/* The sum of RFC 1071 over LEN bytes and SUM: 0xffff where what is summed up holds its own. */
static uint32_t sum_of(const uint8_t *p, size_t len, uint32_t sum)
{
    for (size_t i = 0; i < len; i++)
        sum += i % 2 ? p[i] : (uint32_t)p[i] << 8;
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return sum;
}

/* More than a packet holds: segments follow each other, and their sums are right. */
static void test_segments(void **state)
{
    const struct vw_capture_options o = {.form = VW_PCAP, .first = 28001};
    static uint8_t bytes[200001], all[240000];
    struct vw_capture *c;
    struct vw_capture_conn conn;
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (uint8_t)(i * 7);
    int fd = open_file();
    assert_int_equal(vw_capture_create(fd, &o, &c, NULL), 0);
    vw_capture_begin(c, &conn, 0, NULL, false);
    assert_int_equal(conn.address, 0x7f000002);
    assert_int_equal(conn.port, 32769);
    vw_capture_bytes(c, &conn, VW_SIDE_SERVER, 0, bytes, sizeof(bytes), NULL);
    assert_int_equal(vw_capture_flush(c, NULL), 0);
    assert_int_equal(conn.next[VW_SIDE_SERVER], 1 + sizeof(bytes));
    ssize_t size = pread(fd, all, sizeof(all), 0);
    assert_true(size > 0 && size < (ssize_t)sizeof(all));
    size_t at = 24 + 2 * (16 + 44) + 16 + 40, done = 0, packets = 0;
    for (uint32_t n; at < (size_t)size; at += 16 + n, packets++) {
        n = vw_load32(all + at + 8);
        const uint8_t *p = all + at + 16;
        assert_true(n <= 65535);
        assert_int_equal(vw_load32(p) & 0xffff, n);
        assert_int_equal(vw_load32(p + 24), 1 + done);
        assert_memory_equal(p + 40, bytes + done, n - 40);
        assert_int_equal(sum_of(p, 20, 0), 0xffff);
        assert_int_equal(sum_of(p + 12, n - 12, 6 + n - 20), 0xffff);
        done += n - 40;
    }
    assert_int_equal(done, sizeof(bytes));
    assert_int_equal(packets, 4);
    vw_capture_destroy(c);
    close(fd);
}

static void write_and_die(void)
{
    const struct vw_capture_options o = {.form = VW_PCAP};
    struct vw_capture *c;
    struct vw_capture_conn conn;
    if (vw_capture_create(open_file(), &o, &c, NULL))
        _exit(1);
    vw_capture_begin(c, &conn, 0, NULL, false);
    vw_capture_bytes(c, &conn, VW_SIDE_CLIENT, 0, "whole", 5, NULL);
    if (vw_capture_flush(c, NULL))
        _exit(1);
    vw_capture_bytes(c, &conn, VW_SIDE_CLIENT, 0, "half", 4, NULL);
    raise(SIGKILL);
}

static void test_killed(void **state)
{
    int status;
    struct stat st;
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0)
        write_and_die();
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_size, 24 + 4 * 16 + 2 * 44 + 40 + 45);
}

/* A failure is told by each flush from there on, and nothing more is written. */
static void test_full(void **state)
{
    const struct vw_capture_options o = {.form = VW_PCAPNG};
    struct vw_error err = VW_ERROR_INIT;
    struct vw_capture *c;
    int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(vw_capture_create(fd, &o, &c, &err), VW_ESYSTEM);
    assert_null(c);
    assert_string_equal(err.text, "cannot write the capture: No space left on device");
    close(fd);
}

static void test_memory(void **state)
{
    const struct vw_capture_options o = {VW_PCAPNG, "me", "if", "all", 0};
    bool failed = true;
    for (size_t n = 1; failed; n++) {
        struct vw_capture *c;
        int fd = open_file();
        vw_failalloc_set(n);
        int rc = vw_capture_create(fd, &o, &c, NULL);
        if (rc == 0)
            put_connection(c);
        int flushed = rc ? rc : vw_capture_flush(c, NULL);
        failed = vw_failalloc_clear();
        assert_int_equal(flushed, failed ? VW_ENOMEM : 0);
        if (rc == 0) {
            assert_int_equal(vw_capture_flush(c, NULL), flushed);
            vw_capture_destroy(c);
        }
        char *got = hex_of(fd);
        assert_true(failed || strcmp(got, pcapng) == 0);
        free(got);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bytes),  cmocka_unit_test(test_segments),
        cmocka_unit_test(test_killed), cmocka_unit_test(test_full),
        cmocka_unit_test(test_memory),
    };
    if (vw_test_folder(folder))
        return 1;
    snprintf(path, sizeof(path), "%s/capture", folder);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    unlink(path);
    rmdir(folder);
    return failed ? failed : vw_test_leaked();
}
