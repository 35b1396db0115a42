// SPDX-License-Identifier: MIT
// Journals: what is written is read again, byte for byte; what is broken is told with its place;
// parts follow each other and go.
#include "base/testing/test.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "fuzz/blackbox/journal.h"
#include "message/message.h"

static const struct vw_journal_head head = {"9.0.0", 7, "test+unix:///default?socket=/x\n# y"};

static char dir[VW_TEST_FOLDER];

static int make_dir(void **state)
{
    return vw_test_folder(dir);
}

static int remove_dir(void **state)
{
    static const char *const names[] = {"j", "j.2", "j.3", "j.4"};
    char path[VW_TEST_FOLDER + 8];
    for (size_t i = 0; i < 4; i++) {
        snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
        unlink(path);
    }
    return rmdir(dir);
}

static const char *path_of(const char *name)
{
    static char path[VW_TEST_FOLDER + 8];
    snprintf(path, sizeof(path), "%s/%s", dir, name);
    return path;
}

static uint8_t message[VW_PREFIX_BYTES + 4];

static void make_message(void)
{
    const struct vw_header h = {.program = 1, .version = 2, .procedure = 3, .serial = 4};
    vw_store32(message, sizeof(message));
    vw_header_encode(&h, message + VW_LENGTH_BYTES);
}

static void round_trip(void **state)
{
    const struct vw_journal_entry list[] = {
        {.kind = VW_ENTRY_OPEN},
        {.kind = VW_ENTRY_BARE, .slot = 31},
        {.kind = VW_ENTRY_CALL, .bytes = message, .len = sizeof(message)},
        {.kind = VW_ENTRY_BENT, .bytes = message, .len = sizeof(message), .note = "number,cut"},
        {.kind = VW_ENTRY_WAIT},
        {.kind = VW_ENTRY_BROKEN, .slot = 31, .bytes = message, .len = 3, .note = "set length 0"},
        {.kind = VW_ENTRY_WAIT, .slot = 31},
        {.kind = VW_ENTRY_CLOSE, .slot = 31},
        {.kind = VW_ENTRY_OPEN, .slot = 31},
    };
    const size_t n = sizeof(list) / sizeof(list[0]);
    struct vw_error err = VW_ERROR_INIT;
    struct vw_journal j;
    struct vw_journal_text t;
    char *text;
    size_t len;
    make_message();
    assert_int_equal(vw_journal_create(path_of("j"), &head, &j, &err), 0);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(vw_journal_add(&j, &list[i], &err), 0);
    assert_int_equal(vw_journal_found(&j, "fuzz/crash\nhere", &err), 0);
    assert_int_equal(vw_journal_flush(&j, &err), 0);
    /* It is all there while the journal is still open: a kill changes nothing. */
    assert_int_equal(vw_file_read(j.path, true, 1 << 20, &text, &len), 0);
    assert_int_equal(vw_journal_parse(text, len, &t, &err), 0);
    assert_string_equal(t.profile, "9.0.0");
    assert_int_equal(t.seed, 7);
    assert_int_equal(t.count, n);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(t.list[i].kind, list[i].kind);
        assert_int_equal(t.list[i].slot, list[i].slot);
        assert_int_equal(t.list[i].len, list[i].len);
        if (list[i].len)
            assert_memory_equal(t.list[i].bytes, list[i].bytes, list[i].len);
        assert_int_equal(!t.list[i].note, !list[i].note);
        if (list[i].note)
            assert_string_equal(t.list[i].note, list[i].note);
    }
    vw_journal_text_finish(&t);
    /* Cut anywhere it can be read: the last line is passed over. */
    for (size_t cut = len; cut > 100; cut--) {
        struct vw_error ignored = VW_ERROR_INIT;
        assert_int_equal(vw_journal_parse(text, cut, &t, &ignored), 0);
        vw_journal_text_finish(&t);
    }
    free(text);
    vw_journal_close(&j);
}

static void never_overwritten(void **state)
{
    struct vw_error err = VW_ERROR_INIT;
    struct vw_journal j;
    assert_int_equal(vw_journal_create(path_of("j"), &head, &j, &err), VW_EUSAGE);
    assert_non_null(strstr(err.text, "is there already"));
}

/* The second shows something, the third does not, and goes when the fifth would come. */
static void parts(void **state)
{
    struct vw_error err = VW_ERROR_INIT;
    struct vw_journal j;
    unlink(path_of("j"));
    assert_int_equal(vw_journal_create(path_of("j"), &head, &j, &err), 0);
    assert_int_equal(vw_journal_next(&j, &err), 0);
    assert_int_equal(access(path_of("j"), F_OK), 0);
    assert_int_equal(vw_journal_found(&j, "fuzz/hung", &err), 0);
    assert_int_equal(vw_journal_next(&j, &err), 0);
    assert_int_equal(access(path_of("j"), F_OK), -1);
    assert_int_equal(vw_journal_next(&j, &err), 0);
    assert_int_equal(access(path_of("j.2"), F_OK), 0);
    assert_int_equal(access(path_of("j.3"), F_OK), 0);
    assert_string_equal(j.path, path_of("j.4"));
    vw_journal_close(&j);
}

#define START "# virwire fuzz journal 1\n# profile 9.0.0\n# 0 open\n"
#define BYTES "0000001c20008086000000010000000300000000000000040000"

static void broken(void **state)
{
    static const struct {
        const char *text;
        unsigned line, column;
        const char *says;
    } cases[] = {
        {"", 1, 1, "no journal"},
        {"nonsense\n", 1, 1, "no journal"},
        {"# virwire fuzz journal 2\n", 1, 1, "no journal"},
        {"# virwire fuzz journal 1\n", 2, 1, "no profile"},
        {"# virwire fuzz journal 1\n# profile 1\n# seed x\n", 3, 8, "no number"},
        {START "hello\n", 4, 1, "no line"},
        {START "#\n", 4, 1, "no line"},
        {START "# nothing known\n", 4, 3, "no line"},
        {START BYTES "000\n", 4, 56, "half a byte"},
        {START BYTES "0000\n", 4, 57, "no \"  # \""},
        {START BYTES "0000  # 0 shout\n", 4, 63, "neither open"},
        {START BYTES "0000  # 32 call\n", 4, 61, "number of a connection"},
        {START BYTES "0000  # 1 call\n", 4, 63, "not open"},
        {START BYTES "0000  # 0 wait\n", 4, 63, "bytes in front"},
        {START BYTES "  # 0 call\n", 4, 1, "no message"},
        {START "# 0 call\n", 4, 5, "no bytes"},
        {START "# 0 open\n", 4, 5, "open already"},
        {START "# 99999999999999999999999 wait\n", 4, 3, "number of a connection"},
        {START "00  # 0 broken\n" BYTES "0000  # 0 call\n", 5, 63, "behind what is broken"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct vw_error err = VW_ERROR_INIT;
        struct vw_journal_text t;
        assert_int_equal(vw_journal_parse(cases[i].text, strlen(cases[i].text), &t, &err),
                         VW_ESYNTAX);
        if (!strstr(err.text, cases[i].says) || err.line != cases[i].line ||
            err.column != cases[i].column)
            fail_msg("case %zu: %u:%u: %s", i, err.line, err.column, err.text);
        vw_journal_text_finish(&t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(round_trip),
        cmocka_unit_test(never_overwritten),
        cmocka_unit_test(parts),
        cmocka_unit_test(broken),
    };
    return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
