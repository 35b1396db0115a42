// SPDX-License-Identifier: MIT
// What is given of which record, with and without the end of T-13.
#include "base/testing/test.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "mock-daemon/records.h"

/* A transport from which records of these sizes come; 0: nothing just now. */
struct lower {
    struct vw_transport base;
    const char *records;
    uint8_t stream[400];
    size_t at;
};

static ssize_t lower_recv(struct vw_transport *t, void *buf, size_t len, struct vw_fds *fds)
{
    struct lower *l = (struct lower *)t;
    if (!*l->records)
        return 0;
    char *end;
    size_t n = strtoul(l->records, &end, 10);
    l->records = *end ? end + 1 : end;
    if (n == 0)
        return -EAGAIN;
    assert_true(n <= len);
    memcpy(buf, l->stream + l->at, n);
    l->at += n;
    return (ssize_t)n;
}

static int lower_fd(const struct vw_transport *t)
{
    return -1;
}

static void lower_close(struct vw_transport *t)
{
}

static const struct vw_transport_ops ops = {
    .name = "tls", .recv = lower_recv, .fd = lower_fd, .close = lower_close};

/* Messages of 10 bytes each. */
static void make(struct lower *l, const char *records)
{
    *l = (struct lower){.base = {&ops}, .records = records};
    for (size_t i = 0; i < sizeof(l->stream); i++)
        l->stream[i] = i % 10 == 3 ? 10 : i % 10 < 3 ? 0 : (uint8_t)i;
}

/* All that recv says, one word each: bytes, "-" for later, "end". */
static void drain(struct vw_transport *t, char *out, size_t size)
{
    uint8_t buf[64];
    size_t at = 0;
    *out = '\0';
    for (int i = 0; i < 40; i++) {
        ssize_t n = t->ops->recv(t, buf, sizeof(buf), NULL);
        for (ssize_t k = 0; k < n; k++, at++)
            assert_int_equal(buf[k], at % 10 == 3 ? 10 : at % 10 < 3 ? 0 : (uint8_t)at);
        size_t len = strlen(out);
        if (n > 0)
            snprintf(out + len, size - len, "%zd ", n);
        else
            snprintf(out + len, size - len, n == 0 ? "end" : "- ");
        if (n == 0)
            return;
    }
}

static void each_way_to_cut(void **state)
{
    static const struct {
        const char *records, *modern, *of_2007;
    } rows[] = {
        {"10,10,10", "10 10 10 end", "10 10 10 end"},
        {"4,6,1,9", "4 6 1 9 end", "4 6 1 9 end"},
        {"20,0,10", "10 - 20 end", "10 - 20 end"},
        {"30,0,0,10", "10 - - 30 end", "10 - - 30 end"},
        {"14,0,6", "10 - 10 end", "10 end"},
        {"19,0,1", "10 - 10 end", "10 end"},
        {"18,0,2", "10 - 10 end", "10 - 10 end"},
        {"6,14,0,10", "6 4 - 20 end", "6 4 - 20 end"},
        {"6,5,0,9", "6 4 - 10 end", "6 4 end"},
        {"20,5,5", "10 15 5 end", "10 15 5 end"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        for (int part_ends = 0; part_ends < 2; part_ends++) {
            struct lower l;
            struct vw_transport *t = &l.base;
            char got[200];
            make(&l, rows[i].records);
            assert_int_equal(vw_records_wrap(&t, part_ends, NULL), 0);
            assert_int_equal(t->ops->fd(t), -1);
            assert_false(t->ops->pending(t));
            drain(t, got, sizeof(got));
            const char *want = part_ends ? rows[i].of_2007 : rows[i].modern;
            if (strcmp(got, want) != 0)
                fail_msg("%s, %d: %s, not %s", rows[i].records, part_ends, got, want);
            t->ops->close(t);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_way_to_cut)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
