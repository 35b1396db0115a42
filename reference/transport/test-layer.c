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

static void low_close(struct vw_transport *t)
{
    closed++;
}

static const struct vw_transport_ops low_ops = {
    .name = "low", .recv = low_recv, .send = low_send, .fd = low_fd, .close = low_close};
static struct vw_transport low = {.ops = &low_ops};

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
        cmocka_unit_test(memory_may_run_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
