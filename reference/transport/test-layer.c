// SPDX-License-Identifier: MIT
// The layer over a transport that takes and gives bytes as each test says: packets cut anywhere,
// bytes that were read before the layer began, packets without content, damage, no memory.
#include "base/testing/test.h"

#include <errno.h>
#include <string.h>

#include "transport/layer.h"

/* ---- below: what was sent, and what can be read, STEP bytes at a time ---- */

static uint8_t wire[4096], input[4096];
static size_t wire_len, input_at, input_len, step, closed, destroyed;

static ssize_t low_recv(struct vw_transport *t, void *buf, size_t len, struct vw_fds *fds)
{
    size_t n = input_len - input_at;
    if (n == 0)
        return -EAGAIN;
    n = n < step ? n : step;
    n = n < len ? n : len;
    memcpy(buf, input + input_at, n);
    input_at += n;
    return (ssize_t)n;
}

/* Every second call would block. */
static ssize_t low_send(struct vw_transport *t, const void *buf, size_t len,
                        const struct vw_fds *fds)
{
    static unsigned calls;
    if (calls++ % 2)
        return -EAGAIN;
    len = len < step ? len : step;
    memcpy(wire + wire_len, buf, len);
    wire_len += len;
    return (ssize_t)len;
}

static int low_fd(const struct vw_transport *t)
{
    return 7;
}

static bool low_is_pending;

static bool low_pending(const struct vw_transport *t)
{
    return low_is_pending;
}

static int low_shutdown(struct vw_transport *t)
{
    return -ENOTCONN;
}

static int low_explain(struct vw_transport *t, struct vw_error *err)
{
    return vw_error_set(err, VW_ECLOSED, "from below");
}

static void low_close(struct vw_transport *t)
{
    closed++;
}

static const struct vw_transport_ops low_ops = {
    .name = "low", .recv = low_recv, .send = low_send, .fd = low_fd, .close = low_close};
static struct vw_transport low = {.ops = &low_ops};
static const struct vw_transport_ops full_ops = {.name = "full",
                                                 .recv = low_recv,
                                                 .send = low_send,
                                                 .pending = low_pending,
                                                 .fd = low_fd,
                                                 .shutdown = low_shutdown,
                                                 .explain = low_explain,
                                                 .close = low_close};

/* ---- the codec: a length byte, then bytes with one bit turned; length 255 is damage ---- */

static uint8_t coded[512], decoded[70000];
static size_t packet_left;

static int encode(void *user, const void *in, size_t len, const uint8_t **out, size_t *out_len)
{
    coded[0] = (uint8_t)len;
    for (size_t i = 0; i < len; i++)
        coded[i + 1] = ((const uint8_t *)in)[i] ^ 0x80;
    *out = coded;
    *out_len = len + 1;
    return 0;
}

static int decode(void *user, const void *in, size_t len, const uint8_t **out, size_t *out_len)
{
    const uint8_t *p = in;
    size_t n = 0;
    for (size_t i = 0; i < len; i++) {
        if (packet_left) {
            decoded[n++] = p[i] ^ 0x80;
            packet_left--;
        } else if (p[i] == 255) {
            return -EPROTO;
        } else {
            packet_left = p[i];
        }
    }
    *out = decoded;
    *out_len = n;
    return 0;
}

static void destroy(void *user)
{
    destroyed++;
}

static const struct vw_layer_codec codec = {
    .name = "test", .max_plain = 5, .encode = encode, .decode = decode, .destroy = destroy};

static struct vw_transport *start(const char *early, size_t early_len, const char *bytes,
                                  size_t len, size_t by)
{
    struct vw_transport *t;
    wire_len = input_at = closed = destroyed = packet_left = 0;
    memcpy(input, bytes, len);
    input_len = len;
    step = by;
    assert_int_equal(vw_layer_create(&low, &codec, early, early_len, &t, NULL), 0);
    return t;
}

static void end(struct vw_transport *t)
{
    t->ops->close(t);
    assert_int_equal(closed, 1);
    assert_int_equal(destroyed, 1);
}

static size_t read_all(struct vw_transport *t, char *to, size_t by)
{
    size_t n = 0;
    ssize_t got;
    while ((got = t->ops->recv(t, to + n, by, NULL)) > 0 || input_at < input_len)
        n += got > 0 ? (size_t)got : 0;
    assert_int_equal(got, -EAGAIN);
    assert_false(t->ops->pending(t));
    to[n] = '\0';
    return n;
}

/* ---- tests ---- */

/* the first packet is half in what was read early. */
static void early_bytes_come_first(void **state)
{
    for (size_t by = 1; by < 9; by++) {
        char got[32];
        struct vw_transport *t = start("\x03\xe1\xe2", 3, "\xe3\x02\xe4\xe5\x00\x01\xe6", 7, by);
        assert_true(t->ops->pending(t));
        read_all(t, got, by);
        assert_string_equal(got, "abcdef");
        end(t);
    }
}

static void short_writes_repeat_nothing(void **state)
{
    for (size_t by = 1; by < 9; by++) {
        static const char text[] = "hello world";
        struct vw_transport *t = start("", 0, "", 0, by);
        for (size_t at = 0; at < 11;) {
            ssize_t n = t->ops->send(t, text + at, 11 - at, NULL);
            assert_true(n > 0 || n == -EAGAIN);
            at += n > 0 ? (size_t)n : 0;
        }
        assert_int_equal(wire_len, 14);
        assert_memory_equal(wire, "\x05\xe8\xe5\xec\xec\xef\x05\xa0\xf7\xef\xf2\xec\x01\xe4", 14);
        end(t);
    }
}

static void a_flood_of_empty_packets_gives_way(void **state)
{
    char zeros[1000] = "", c;
    struct vw_transport *t = start("", 0, zeros, sizeof(zeros), 1);
    assert_int_equal(t->ops->recv(t, &c, 1, NULL), -EAGAIN);
    assert_in_range(input_at, 1, 100);
    end(t);
}

static void damage_is_explained_and_lasts(void **state)
{
    struct vw_error err = VW_ERROR_INIT;
    char c;
    struct vw_transport *t = start("", 0, "\x01\xe1\xff\x01\xe2", 5, 2);
    assert_int_equal(t->ops->recv(t, &c, 1, NULL), 1);
    assert_int_equal(t->ops->recv(t, &c, 1, NULL), -EPROTO);
    assert_int_equal(t->ops->recv(t, &c, 1, NULL), -EPROTO);
    assert_int_equal(t->ops->explain(t, &err), VW_EPROTOCOL);
    assert_string_equal(err.clause, "A-11");
    assert_string_equal(err.text, "a packet of the test security layer is damaged");
    end(t);
}

/* What the one below can do is asked there, and what it cannot is said. */
static void the_one_below_is_asked(void **state)
{
    static const struct vw_fds one = {.fd = {0}, .count = 1};
    struct vw_fds fds = {.count = 4};
    struct vw_error err = VW_ERROR_INIT;
    char c;
    for (int full = 0; full <= 1; full++) {
        low.ops = full ? &full_ops : &low_ops;
        struct vw_transport *t = start("", 0, "", 0, 1);
        assert_int_equal(t->ops->caps, VW_CAP_SECURE);
        assert_int_equal(t->ops->fd(t), 7);
        assert_int_equal(t->ops->send(t, "x", 1, &one), -EOPNOTSUPP);
        assert_int_equal(t->ops->recv(t, &c, 1, &fds), -EAGAIN);
        assert_int_equal(fds.count, 0);
        assert_int_equal(t->ops->shutdown(t), full ? -ENOTCONN : -EOPNOTSUPP);
        assert_int_equal(t->ops->explain(t, &err), full ? VW_ECLOSED : 0);
        assert_false(t->ops->pending(t));
        low_is_pending = true;
        assert_int_equal(t->ops->pending(t), full);
        low_is_pending = false;
        end(t);
    }
    low.ops = &low_ops;
    assert_string_equal(err.text, "from below");
}

/* Bytes that are here are pending, whether taken from below or read early. */
static void what_is_here_is_pending(void **state)
{
    char got[4];
    struct vw_transport *t = start("\x03\xe1\xe2\xe3", 4, "", 0, 1);
    assert_true(t->ops->pending(t));
    assert_int_equal(t->ops->recv(t, got, 2, NULL), 2);
    assert_true(t->ops->pending(t));
    assert_int_equal(t->ops->recv(t, got, 4, NULL), 1);
    assert_int_equal(got[0], 'c');
    assert_false(t->ops->pending(t));
    assert_int_equal(t->ops->recv(t, got, 4, NULL), -EAGAIN);
    end(t);
    /* More of them than are decoded at once. */
    static char early[65536 + 2];
    for (size_t i = 0; i < sizeof(early); i += 2)
        memcpy(early + i, "\x01\xe1", 2);
    t = start(early, sizeof(early), "", 0, 1);
    size_t n = 0;
    static char all[65536];
    ssize_t len;
    while ((len = t->ops->recv(t, all, sizeof(all), NULL)) > 0)
        n += (size_t)len;
    assert_int_equal(len, -EAGAIN);
    assert_int_equal(n, sizeof(early) / 2);
    end(t);
}

/* Exactly sixteen reads without content, then it is somebody else's turn. */
static void empty_reads_are_counted(void **state)
{
    char c, bytes[18] = "";
    for (size_t zeros = 15; zeros <= 16; zeros++) {
        memset(bytes, 0, sizeof(bytes));
        bytes[zeros - 1] = 1;
        bytes[zeros] = (char)0xe1;
        struct vw_transport *t = start("", 0, bytes, zeros + 1, 1);
        assert_int_equal(t->ops->recv(t, &c, 1, NULL), zeros == 15 ? 1 : -EAGAIN);
        assert_int_equal(input_at, 16);
        end(t);
    }
}

static int encode_error;

static int encode_badly(void *user, const void *in, size_t len, const uint8_t **out,
                        size_t *out_len)
{
    return encode_error;
}

static int decode_badly(void *user, const void *in, size_t len, const uint8_t **out,
                        size_t *out_len)
{
    return -ENOMEM;
}

static void errors_of_the_codec(void **state)
{
    static const struct vw_layer_codec bad = {.name = "bad",
                                              .max_plain = 5,
                                              .encode = encode_badly,
                                              .decode = decode_badly,
                                              .destroy = destroy};
    struct vw_error err = VW_ERROR_INIT;
    struct vw_transport *t;
    char c;
    wire_len = closed = destroyed = 0;
    encode_error = -EPROTO;
    assert_int_equal(vw_layer_create(&low, &bad, "x", 1, &t, NULL), 0);
    assert_int_equal(t->ops->send(t, "y", 1, NULL), -EPROTO);
    assert_int_equal(wire_len, 0);
    assert_int_equal(t->ops->send(t, "", 0, NULL), 0);
    assert_int_equal(t->ops->recv(t, &c, 1, NULL), -ENOMEM);
    assert_int_equal(t->ops->explain(t, &err), VW_ENOMEM);
    assert_string_equal(err.clause, "");
    end(t);
}

static void memory_may_run_out(void **state)
{
    for (size_t n = 1; n <= 2; n++) {
        struct vw_transport *t;
        closed = destroyed = 0;
        vw_failalloc_set(n);
        int rc = vw_layer_create(&low, &codec, "abc", 3, &t, NULL);
        assert_true(vw_failalloc_clear());
        assert_int_equal(rc, VW_ENOMEM);
        assert_int_equal(closed, 1);
        assert_int_equal(destroyed, 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(early_bytes_come_first),
        cmocka_unit_test(short_writes_repeat_nothing),
        cmocka_unit_test(a_flood_of_empty_packets_gives_way),
        cmocka_unit_test(damage_is_explained_and_lasts),
        cmocka_unit_test(the_one_below_is_asked),
        cmocka_unit_test(what_is_here_is_pending),
        cmocka_unit_test(empty_reads_are_counted),
        cmocka_unit_test(errors_of_the_codec),
        cmocka_unit_test(memory_may_run_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) + vw_test_leaked();
}
