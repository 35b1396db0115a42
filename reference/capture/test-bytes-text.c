// SPDX-License-Identifier: MIT
#include "base/testing/test.h"

#include <string.h>

#include "base/hex.h"
#include "capture/bytes-text.h"

/* What all of these say. */
#define ALL "0000001c20008086"
#define TWO "0000001c20008086000000010000002061626364"

static const struct row {
    const char *text;
    const char *hex; /* or the error */
} rows[] = {
    {"", ""},
    {"0000001c20008086", ALL},
    {"0000001c 20008086\n", ALL},
    {" 00 00 00 1c # the length\n20:00:80:86", ALL},
    {"00 00 00 1c // the length\r\n2000 /* what\n it is */ 8086\r\n", ALL},
    {"\\x00\\x00\\x00\\x1c \\x20\\x00\\x80\\x86", ALL},
    {"\\0\\0\\0\\34 \\0\\200\\206", ALL},
    {"0x00,0x00,0x00,0x1c,0x20,0x0,0x80,0x86", ALL},
    {"0x0000001c 0x20008086", ALL},
    {"00000000 01 02", "0102"},
    {"0000001c 20 00 80 86", ALL},
    /* Dumps. */
    {"00000000: 0000 001c 2000 8086 0000 0001 0000 0020  .... .......... \n"
     "00000010: 6162 6364                                abcd\n",
     TWO},
    {"00000000  00 00 00 1c 20 00 80 86  00 00 00 01 00 00 00 20  |.... .......... |\n"
     "00000010  61 62 63 64                                       |abcd|\n00000014\n",
     TWO},
    {"0000000 00 00 00 1c 20 00 80 86 00 00 00 01 00 00 00 20\n0000020 61 62 63 64\n0000024\n",
     TWO},
    {"000000 00 00 00 1c 20 00 80 86 00 00 00 01 00 00 00 20  >.... .......... <\n"
     "000010 61 62 63 64  >abcd<\n000014\n",
     TWO},
    {"0000   00 00 00 1c 20 00 80 86 00 00 00 01 00 00 00 20   .... .......... \n"
     "0010   61 62 63 64                                       ab cd\n",
     TWO},
    {"0000   00 00 00 1c 20 00 80 86  00 00 00 01 00 00 00 20   .... ...\n0010   61 62 63 64", TWO},
    {"\t0x0000:  0000 001c 2000 8086 0000 0001 0000 0020  .... ...\n\t0x0010:  6162 6364   abcd\n",
     TWO},
    {"00000000  2a 2a 2a 2a 2a 2a 2a 2a  2a 2a 2a 2a 2a 2a 2a 2a  |****************|\n*\n"
     "00000030  01                                                |.|\n00000031\n",
     "2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2"
     "a2a01"},
    {"00000040: 0000 001c\n00000044: 2000 8086\n", ALL},
    {"00000000: 0000 001c\n00000000: 2000 8086\n", ALL},
    {"00000000: 0000 001c\n00000008: 2000 8086\n",
     "error 2:1: the line before ends at offset 0x4 of the dump"},
    {"00000000: 0000 001c\n*\n7fffffff: 20\n",
     "error 3:1: no lines that repeat end at this offset"},
    /* Two "*", of which each by itself stands for as much as it may. */
    {"00000000: 0000 001c\n*\n00000044: 2000 8086\n*\n00100028: 20\n",
     "error 5:1: no lines that repeat end at this offset"},
    {"0000000 0000 1c00 0020 8680\n", "error 1:8: a byte takes two hex digits"},
    {"0000000 00 00 00 1c\n0000004 20 00 80 86\n0000008\n", ALL},
    {"0000000 00 00 00 1c 00 00 00 1c\n0000008 00 00 00 1c 20 00 80 86\n0000016\n",
     "0000001c0000001c" ALL},
    {"0000000 00 00 00 1c 00 00 00 1c\n0000010 00 00 00 1c 20 00 80 86\n0000020\n",
     "0000001c0000001c" ALL},
    {"00-00-00-1C-20-00-80-86", ALL},
    {"00-", "error 1:3: '-' is no hex digit"},
    /* Base64. */
    {"AAAAHCAAgIYAAAABAAAAFw==", "0000001c200080860000000100000017"},
    {"AAAAHCAAgIYAAAAB\nAAAAFwAAAAAAAAAF\n", "0000001c20008086000000010000001700000000000000"
                                             "05"},
    {"AAAAHCAAgIYAAAA", "error 1:5: 'H' is no hex digit"},
    /* Calls. */
    {"read(3, \"\\0\\0\\0\\34 \\0\\200\\206\", 28) = 8\n", ALL},
    {"12:00:01.5 [pid 7] write(3, \"\\x00\\x00\\x00\\x1c\\x20\\x00\\x80\\x86\", 8) = 8\n", ALL},
    {"openat(AT_FDCWD, \"/etc/passwd\", O_RDONLY) = 3\nread(3, 0x7ffd, 4) = -1 EAGAIN\n"
     "sendto(3, \"\\0\\0\\0\\34\", 4, 0, NULL, 0) = 4\n<... recvfrom resumed>\" \\0\\200\\206\", "
     "4) = 4\n",
     ALL},
    {"sendmsg(3, {msg_name={sa_family=AF_UNIX, sun_path=\"/run/x\"}, "
     "msg_iov=[{iov_base=\"\\0\\0\\0\\34\", "
     "iov_len=4}, {iov_base=\" \\0\\200\\206\", iov_len=4}], msg_iovlen=2}, 0) = 8",
     ALL},
    {"read(3, \"\\0\\0\"..., 28) = 28",
     "error 1:15: a string that was cut: strace -s 9999999 shows all of it"},
    {"write(3, \"a\\tb\\n\\v\\f\\r\\\"\\\\\\7x\", 9)", "6109620a0b0c0d225c0778"},
    {"write(3, \"abc", "error 1:14: a string without an end"},
    {"write(3, \"a\\q\"", "error 1:13: no such escape of a string"},
    {"write(3, \"a\\", "error 1:13: no such escape of a string"},
    /* A process moves other bytes too, in several threads; what is not a message is left. */
    {"read(3, \"\\177ELF\\2\\1\", 832) = 832\nwrite(5, \"\\1\\0\\0\\0\\0\\0\\0\\0\", 8) = 8\n"
     "read(6, \"\\0\\0\\0\\34\", 4) = 4\nread(5, \"\\1\\0\\0\\0\\0\\0\\0\\0\", 16) = 8\n"
     "write(6, \"\\0\", 1) = 1\nread(6<socket:[7]>, \" \\0\\200\\206\", 24) = 4\n",
     ALL},
    {"7 read(6, \"\\0\\0\\0\\34\", 4) = 4\n7 read(6,  <unfinished ...>\n8 read(4,  <unfinished "
     "...>\n"
     "8 <... read resumed>\"\\1\\0\\0\\0\\0\\0\\0\\0\", 16) = 8\n8 +++ exited with 0 +++\n"
     "7 --- SIGCHLD {si_signo=SIGCHLD} ---\n7 <... read resumed>\" \\0\\200\\206\", 24) = 4\n"
     "strace: Process 7 detached\n",
     ALL},
    /* Strings. */
    {"\"\\x00\\x00\\x00\\x1c\" \\\n\"\\x20\\x00\\x80\\x86\"", ALL},
    {"b'\\x00\\x00\\x00\\x1c \\x00\\x80\\x86'", ALL},
    {"b\"\\x00\\x00\\x00\\x1c \\x00\\x80\\x86\"", ALL},
    /* Arrays. */
    {"static const uint8_t call[8] = { /* length */ 0x00, 0x00, 0x00, 0x1c,\n"
     "    0x20, 0x00, 0x80, 0x86, // program\n};\nunsigned int call_len = 8;\n",
     ALL},
    {"{0x0, 0x0, 0x0, 0x1c, ' ', 0, 128, 134}", ALL},
    {"var call = []byte{0x00, 0x00, 0x00, 0x1c, 0x20, 0x0, 0x80, 0x86}", ALL},
    {"[]byte{0x0,\n0x0, 0x0, 0x1c, 0x20,\n0x0, 0x80, 0x86}", ALL},
    {"[0 0 0 28 32 0 128 134]", ALL},
    {"[0, 0, 0, 28, 32, 0, 128, 134]", ALL},
    {"[00, 00, 00, 1c, 20, 00, 80, 86]", ALL},
    {"[0 0 0 280]", "error 1:8: a byte is not above 255"},
    {"[0 0 0 1c]", "error 1:9: 'c' is no decimal digit"},
    {"0x", "error 1:3: no digit behind 0x"},
    /* What is none. */
    {"00 0", "error 1:5: a byte takes two hex digits"},
    {"00 zz", "error 1:4: 'z' is no hex digit"},
    {"00\n  \x7f", "error 2:3: byte 0x7f is no hex digit"},
    {"GET / HTTP/1.1", "error 1:1: 'G' is no hex digit"},
};

/* What TEXT is told as, in pieces of STEP characters. */
static void read_in_steps(const char *text, size_t len, size_t step, char *said, size_t size)
{
    struct vw_error err = VW_ERROR_INIT;
    struct vw_buf out = VW_BUF_INIT;
    struct vw_bytes_text t;
    int rc = 0;
    vw_bytes_text_init(&t);
    for (size_t at = 0; at < len && rc == 0; at += step)
        rc = vw_bytes_text_feed(&t, text + at, at + step > len ? len - at : step, &out, &err);
    if (rc == 0)
        rc = vw_bytes_text_end(&t, &out, &err);
    vw_bytes_text_finish(&t);
    if (rc)
        snprintf(said, size, "error %u:%u: %.100s", err.line, err.column, err.text);
    else if (2 * out.len >= size)
        snprintf(said, size, "%zu bytes", out.len);
    else
        vw_hex_encode(out.data, out.len, said);
    vw_buf_finish(&out);
}

static void test_rows(void **state)
{
    unsigned wrong = 0;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        for (size_t step = 1; step < 1000; step = step * 6 + 1) {
            char said[400];
            const char *want = rows[i].hex;
            read_in_steps(rows[i].text, strlen(rows[i].text), step, said, sizeof(said));
            if (strcmp(said, want) == 0)
                continue;
            print_error("row %zu in steps of %zu\n  wanted %s\n  got    %s\n", i, step, want, said);
            wrong++;
            break;
        }
    assert_int_equal(wrong, 0);
}

/* Each text cut anywhere, and with each byte changed, gives bytes or an error. */
static void test_hostile(void **state)
{
    static const char others[] = {0, '"', '\\', '*', '{', '(', '0'};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char text[400], said[1000];
        size_t len = strlen(rows[i].text);
        memcpy(text, rows[i].text, len);
        for (size_t at = 0; at < len; at++) {
            read_in_steps(text, at, sizeof(text), said, sizeof(said));
            for (size_t k = 0; k < sizeof(others); k++) {
                text[at] = others[k];
                read_in_steps(text, len, sizeof(text), said, sizeof(said));
            }
            text[at] = rows[i].text[at];
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_hostile),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    return failed ? failed : vw_test_leaked();
}
