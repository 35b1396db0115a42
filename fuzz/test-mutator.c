// SPDX-License-Identifier: MIT
// The mutator: the same every time, within its bounds, of the type that it was given, with every
// operation done, lengths that are mostly right, and parts that go one by one.
#include "base/testing/test.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fuzz/common.h"
#include "fuzz/mutator-ops.h"
#include "fuzz/mutator.h"

#define SEEDS 20000

static struct vw_mutator *make(const char *spec, const char *schema)
{
    struct vw_error err = VW_ERROR_INIT;
    struct vw_mutator *m;
    if (vw_mutator_create(spec, schema, &m, &err))
        fail_msg("%s: %s", spec, err.text);
    return m;
}

/* The call NAME with a random value for its arguments. */
static void message(const char *name, uint64_t seed, struct vw_buf *b)
{
    const struct vw_proc *proc = vw_schema_proc(vw_fuzz_profile()->schema, name);
    const struct vw_header h = {.program = proc->program->number,
                                .version = proc->program->version,
                                .procedure = proc->number,
                                .serial = 1};
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_rng rng;
    void *value;
    uint8_t head[VW_PREFIX_BYTES] = {0};
    vw_header_encode(&h, head + VW_LENGTH_BYTES);
    vw_rng_seed(&rng, seed);
    b->len = 0;
    assert_int_equal(vw_buf_append(b, head, sizeof(head)), 0);
    assert_int_equal(vw_value_random(proc->args, &rng, 400, &arena, &value, NULL), 0);
    assert_int_equal(vw_xdr_encode(proc->args, value, b, SIZE_MAX, NULL), 0);
    vw_store32(b->data, (uint32_t)b->len);
    vw_arena_finish(&arena);
}

static void same_every_time(void **state)
{
    struct vw_mutator *a = make("message", NULL), *b = make("message", NULL);
    struct vw_buf in = VW_BUF_INIT, other = VW_BUF_INIT;
    size_t changed = 0;
    message("domain_migrate_perform3_params", 1, &in);
    message("domain_set_interface_parameters", 2, &other);
    for (uint64_t seed = 0; seed < 2000; seed++) {
        size_t n, again;
        const uint8_t *x = vw_mutate(a, seed, in.data, in.len, other.data, other.len, 4096, &n);
        /* What was done in between does not matter. */
        vw_mutate(b, seed + 7, other.data, other.len, NULL, 0, 4096, &again);
        const uint8_t *y = vw_mutate(b, seed, in.data, in.len, other.data, other.len, 4096, &again);
        assert_non_null(x);
        assert_int_equal(n, again);
        assert_memory_equal(x, y, n);
        changed += n != in.len || memcmp(x, in.data, n) != 0;
    }
    assert_true(changed > 1900);
    vw_mutator_destroy(a);
    vw_mutator_destroy(b);
    vw_buf_finish(&in);
    vw_buf_finish(&other);
}

/* Of what comes out of a good message, how much is a whole message of the schema again. */
static void lengths_and_bodies(void **state)
{
    struct vw_mutator *m = make("message", NULL);
    struct vw_buf in = VW_BUF_INIT;
    struct vw_arena arena = VW_ARENA_INIT;
    size_t right = 0, whole = 0;
    message("domain_migrate_perform3_params", 1, &in);
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        size_t n, used;
        void *value;
        struct vw_header h;
        const uint8_t *x = vw_mutate(m, seed, in.data, in.len, NULL, 0, 65536, &n);
        assert_non_null(x);
        assert_true(n <= 65536);
        if (n < VW_PREFIX_BYTES || vw_load32(x) != n)
            continue;
        right++;
        vw_header_decode(x + VW_LENGTH_BYTES, &h);
        const struct vw_type *t = vw_fuzz_body_type(vw_fuzz_profile()->schema, &h);
        vw_arena_reset(&arena);
        whole += t &&
                 vw_xdr_decode(t, x + VW_PREFIX_BYTES, n - VW_PREFIX_BYTES, &arena, &value, &used,
                               NULL) == 0 &&
                 used == n - VW_PREFIX_BYTES;
    }
    assert_in_range(right, SEEDS * 85 / 100, SEEDS - 1);
    assert_in_range(whole, SEEDS * 55 / 100, SEEDS * 85 / 100);
    vw_arena_finish(&arena);
    vw_mutator_destroy(m);
    vw_buf_finish(&in);
}

/* Writes TEXT to a file, whose name goes into FILE. */
static void write_schema(const char *text, char *file, size_t size)
{
    const char *dir = getenv("TMPDIR");
    snprintf(file, size, "%s/virwire-mutator.XXXXXX", dir ? dir : "/tmp");
    int fd = mkstemp(file);
    assert_true(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    close(fd);
}

static void each_operation_is_done(void **state)
{
    char file[4096];
    write_schema("struct flags { bool a; bool b; };\n", file, sizeof(file));
    struct vw_mutator *m = make("message", NULL), *any = make(NULL, NULL);
    struct vw_mutator *flags = make("type flags", file); /* libvirt has no bool */
    unlink(file);
    struct vw_buf in = VW_BUF_INIT, other = VW_BUF_INIT;
    static const char *const names[] = {"domain_migrate_perform3_params", "domain_create_xml",
                                        "connect_list_all_domains", "auth_sasl_start",
                                        "domain_set_memory_parameters"};
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        size_t n;
        message(names[seed % 5], seed, &in);
        message(names[0], seed + 1, &other);
        vw_mutate(m, seed, in.data, in.len, other.data, other.len, 8192, &n);
        /* A type that is named: the message's bytes as those of any. */
        in.data[0] = 0xff;
        vw_mutate(any, seed, in.data, in.len, NULL, 0, 8192, &n);
        vw_mutate(flags, seed, in.data + 4, 8, NULL, 0, 8192, &n);
    }
    for (size_t i = 0; i < vw_mutator_n_ops; i++)
        if (m->done[i] + any->done[i] + flags->done[i] == 0)
            fail_msg("%s was never done", vw_mutator_ops[i].name);
    vw_mutator_destroy(m);
    vw_mutator_destroy(any);
    vw_mutator_destroy(flags);
    vw_buf_finish(&in);
    vw_buf_finish(&other);
}

/* Whatever comes in, and however little may come out. */
static void bounds_hold(void **state)
{
    static const char *const specs[] = {"any", "message", "stream", "type remote_typed_param"};
    struct vw_rng rng;
    uint8_t noise[200];
    vw_rng_seed(&rng, 1);
    for (size_t s = 0; s < sizeof(specs) / sizeof(specs[0]); s++) {
        struct vw_mutator *m = make(specs[s], NULL);
        for (uint64_t seed = 0; seed < 4000; seed++) {
            size_t len = vw_rng_below(&rng, sizeof(noise)), max = vw_rng_below(&rng, 300), n;
            for (size_t i = 0; i < sizeof(noise); i++)
                noise[i] = (uint8_t)(vw_rng_below(&rng, 3) ? 0 : vw_rng_next(&rng));
            if (seed % 2)
                noise[0] = 0xff;
            uint8_t *exact = malloc(len + 1);
            assert_non_null(exact);
            memcpy(exact, noise, len);
            const uint8_t *x = vw_mutate(m, seed, exact, len, exact, len / 2, max, &n);
            assert_true(n <= max);
            assert_true(x || n == 0);
            free(exact);
        }
        vw_mutator_destroy(m);
    }
}

/* Two messages are still told apart, doubled, dropped and swapped. */
static void streams_are_messages(void **state)
{
    struct vw_mutator *m = make("stream", NULL);
    struct vw_buf in = VW_BUF_INIT, second = VW_BUF_INIT;
    size_t swapped = 0, dropped = 0, doubled = 0;
    message("domain_lookup_by_name", 1, &in);
    message("domain_create_xml", 2, &second);
    size_t first_len = in.len, second_len = second.len;
    assert_int_equal(vw_buf_append(&in, second.data, second.len), 0);
    for (uint64_t seed = 0; seed < 2000; seed++) {
        size_t n;
        const uint8_t *x = vw_mutate(m, seed, in.data, in.len, NULL, 0, 4096, &n);
        assert_non_null(x);
        swapped += n == in.len && memcmp(x, second.data, second_len) == 0;
        dropped += n == first_len || n == second_len;
        doubled += n == in.len + first_len || n == in.len + second_len;
    }
    assert_true(swapped > 20 && dropped > 50 && doubled > 50);
    vw_mutator_destroy(m);
    vw_buf_finish(&in);
    vw_buf_finish(&second);
}

static void parts_go_one_by_one(void **state)
{
    struct vw_mutator *m = make("message", NULL);
    struct vw_buf in = VW_BUF_INIT;
    struct vw_arena arena = VW_ARENA_INIT;
    message("domain_migrate_perform3_params", 3, &in);
    size_t start = in.len, parts = vw_mutator_parts(m, in.data, in.len), rounds = 0;
    assert_true(parts > 1);
    while (parts > 0) {
        size_t n, used;
        void *value;
        struct vw_header h;
        const uint8_t *x = vw_mutator_without(m, 0, in.data, in.len, &n);
        assert_non_null(x);
        assert_true(n < in.len);
        assert_int_equal(vw_load32(x), n);
        vw_header_decode(x + VW_LENGTH_BYTES, &h);
        assert_int_equal(vw_xdr_decode(vw_fuzz_body_type(vw_fuzz_profile()->schema, &h),
                                       x + VW_PREFIX_BYTES, n - VW_PREFIX_BYTES, &arena, &value,
                                       &used, NULL),
                         0);
        assert_int_equal(used, n - VW_PREFIX_BYTES);
        in.len = n;
        memcpy(in.data, x, n);
        parts = vw_mutator_parts(m, in.data, in.len);
        assert_true(++rounds < start);
    }
    size_t n;
    assert_null(vw_mutator_without(m, 0, in.data, in.len, &n));
    vw_arena_finish(&arena);
    vw_mutator_destroy(m);
    vw_buf_finish(&in);
}

/* A type of the user's own .x file. */
static void schemas_of_others(void **state)
{
    struct vw_error err = VW_ERROR_INIT;
    struct vw_mutator *m;
    char file[4096];
    write_schema("struct pair { string name<16>; unsigned hyper n; };\ntypedef pair pairs<4>;\n",
                 file, sizeof(file));
    m = make("type pairs", file);
    size_t n, most = 0;
    const uint8_t none[4] = {0};
    for (uint64_t seed = 0; seed < 500; seed++) {
        vw_mutate(m, seed, none, sizeof(none), NULL, 0, 1000, &n);
        most = n > most ? n : most;
    }
    assert_true(most > 32);
    vw_mutator_destroy(m);

    assert_int_equal(vw_mutator_create("any", file, &m, &err), VW_EUSAGE);
    assert_int_equal(vw_mutator_create("type nothing", file, &m, NULL), VW_ENAME);
    assert_int_equal(vw_mutator_create("words", NULL, &m, NULL), VW_EUSAGE);
    unlink(file);
    err = (struct vw_error)VW_ERROR_INIT;
    assert_int_equal(vw_mutator_create("message", file, &m, &err), VW_ESYSTEM);
    assert_non_null(strstr(err.text, "cannot read"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_every_time),        cmocka_unit_test(lengths_and_bodies),
        cmocka_unit_test(each_operation_is_done), cmocka_unit_test(bounds_hold),
        cmocka_unit_test(streams_are_messages),   cmocka_unit_test(parts_go_one_by_one),
        cmocka_unit_test(schemas_of_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
