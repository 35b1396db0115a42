// SPDX-License-Identifier: MIT
// What is generated: the same for the same seed, never a call that may not be made, whatever is
// bent; and what is learnt comes back in calls.
#include "base/testing/test.h"

#include <string.h>

#include "fuzz/blackbox/generate.h"

#define BURST  16
#define BURSTS 3000

static struct vw_profile *profile;

static int load(void **state)
{
    struct vw_error err = VW_ERROR_INIT;
    return vw_profile_load(NULL, NULL, &profile, &err);
}

static int unload(void **state)
{
    vw_profile_destroy(profile);
    return 0;
}

struct source {
    struct vw_generator_options options;
    struct vw_calls calls;
    struct vw_generator g;
    struct vw_shot shots[BURST + 1];
    size_t n;
};

static void begin(struct source *s, enum vw_effect allowed, uint64_t seed)
{
    struct vw_error err = VW_ERROR_INIT;
    memset(s, 0, sizeof(*s));
    s->options =
        (struct vw_generator_options){.profile = profile, .allowed = allowed, .burst = BURST};
    assert_int_equal(vw_calls_choose(&s->options, &s->calls, &err), 0);
    assert_int_equal(vw_generator_init(&s->g, &s->options, &s->calls, seed, &err), 0);
    vw_generator_connected(&s->g, false, 1);
}

static void end(struct source *s)
{
    for (size_t i = 0; i <= BURST; i++)
        vw_buf_finish(&s->shots[i].bytes);
    vw_generator_finish(&s->g);
    vw_calls_finish(&s->calls);
}

static void burst(struct source *s)
{
    struct vw_error err = VW_ERROR_INIT;
    assert_int_equal(vw_generator_burst(&s->g, s->shots, &s->n, &err), 0);
    assert_in_range(s->n, 1, BURST + 1);
}

static bool is_called(const struct source *s, const struct vw_header *h)
{
    for (size_t i = 0; i < s->calls.count; i++) {
        const struct vw_proc *p = s->calls.list[i];
        if (p->number == h->procedure && p->program->number == h->program)
            return true;
    }
    return false;
}

/* What a server that is lax could take the bytes for. */
static void check_harmless(const struct source *s, const struct vw_shot *shot)
{
    struct vw_header h;
    const struct vw_program *p;
    if (shot->bytes.len < VW_PREFIX_BYTES)
        return;
    vw_header_decode(shot->bytes.data + VW_LENGTH_BYTES, &h);
    p = vw_schema_program(profile->schema, h.program, 1);
    if (!p || strcmp(p->name, "keepalive") == 0 || is_called(s, &h) || h.type == VW_MSG_MESSAGE)
        return;
    if (vw_program_proc(p, h.procedure))
        fail_msg("%s is named by \"%s\"", vw_program_proc(p, h.procedure)->short_name, shot->note);
}

static void harmless(void **state)
{
    for (int effect = VW_EFFECT_READ; effect <= VW_EFFECT_HOST; effect++) {
        struct source s;
        size_t kinds[3] = {0};
        begin(&s, (enum vw_effect)effect, (uint64_t)effect);
        for (int i = 0; i < BURSTS; i++) {
            if (i % 50 == 0)
                vw_generator_connected(&s.g, i % 4 == 0, 1);
            burst(&s);
            for (size_t k = 0; k < s.n; k++) {
                check_harmless(&s, &s.shots[k]);
                kinds[s.shots[k].kind - VW_ENTRY_CALL]++;
            }
        }
        assert_true(kinds[0] > 1000 && kinds[1] > 1000 && kinds[2] > 10);
        end(&s);
    }
}

static void chosen_by_effect(void **state)
{
    static const char *const skipped[] = {"domain_*"};
    static const char *const unknown[] = {"nosuch_*"};
    struct vw_error err = VW_ERROR_INIT;
    struct source s;
    begin(&s, VW_EFFECT_READ, 1);
    size_t reads = s.calls.count;
    for (size_t i = 0; i < reads; i++) {
        assert_int_equal(vw_proc_facts(s.calls.list[i])->effect, VW_EFFECT_READ);
        assert_string_not_equal(s.calls.list[i]->short_name, "connect_open");
        assert_string_not_equal(s.calls.list[i]->short_name, "connect_close");
    }
    end(&s);
    begin(&s, VW_EFFECT_WRITE, 1);
    assert_true(s.calls.count > reads);
    vw_calls_finish(&s.calls);
    s.options.skip = skipped;
    s.options.n_skip = 1;
    assert_int_equal(vw_calls_choose(&s.options, &s.calls, &err), 0);
    for (size_t i = 0; i < s.calls.count; i++)
        assert_true(strncmp(s.calls.list[i]->short_name, "domain_", 7) != 0);
    vw_calls_finish(&s.calls);
    s.options.run = unknown;
    s.options.n_run = 1;
    assert_int_equal(vw_calls_choose(&s.options, &s.calls, &err), VW_ENAME);
    end(&s);
}

static void same_for_a_seed(void **state)
{
    struct source a, b, c;
    size_t other = 0;
    begin(&a, VW_EFFECT_READ, 5);
    begin(&b, VW_EFFECT_READ, 5);
    begin(&c, VW_EFFECT_READ, 6);
    for (int i = 0; i < 200; i++) {
        burst(&a);
        burst(&b);
        burst(&c);
        assert_int_equal(a.n, b.n);
        other += a.n != c.n;
        for (size_t k = 0; k < a.n; k++) {
            assert_int_equal(a.shots[k].kind, b.shots[k].kind);
            assert_int_equal(a.shots[k].bytes.len, b.shots[k].bytes.len);
            assert_memory_equal(a.shots[k].bytes.data, b.shots[k].bytes.data, a.shots[k].bytes.len);
        }
    }
    assert_true(other > 20);
    end(&a);
    end(&b);
    end(&c);
}

/* The uuid of an answer is in calls that come later. */
static void learns(void **state)
{
    static const char uuid[] = "sixteen bytes ok";
    const struct vw_proc *proc = vw_schema_proc(profile->schema, "domain_lookup_by_name");
    struct vw_error err = VW_ERROR_INIT;
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_buf answer = VW_BUF_INIT;
    struct vw_limits limits;
    struct source s;
    void *value;
    size_t met = 0;
    begin(&s, VW_EFFECT_READ, 1);
    vw_limits_from_profile(profile, &limits);
    const struct vw_header h = {.program = proc->program->number,
                                .version = 1,
                                .procedure = proc->number,
                                .type = VW_MSG_REPLY,
                                .serial = 1};
    assert_int_equal(vw_value_minimal(proc->ret, &arena, &value, &err), 0);
    assert_int_equal(vw_message_append_value(&answer, &limits, &h, 0, proc->ret, value, &err), 0);
    /* The name is empty: the uuid stands behind its length. */
    memcpy(answer.data + VW_PREFIX_BYTES + 4, uuid, 16);
    vw_generator_learn(&s.g, &h, proc, answer.data, answer.len);
    for (int i = 0; i < 100; i++) {
        burst(&s);
        for (size_t k = 0; k < s.n; k++)
            met += memmem(s.shots[k].bytes.data, s.shots[k].bytes.len, uuid, 16) != NULL;
    }
    assert_true(met > 50);
    end(&s);
    vw_buf_finish(&answer);
    vw_arena_finish(&arena);
}

static void left_out(void **state)
{
    static const char *const two[] = {"connect_get_hostname", "connect_get_uri"};
    struct vw_error err = VW_ERROR_INIT;
    struct source s;
    begin(&s, VW_EFFECT_READ, 1);
    vw_calls_finish(&s.calls);
    s.options.run = two;
    s.options.n_run = 2;
    assert_int_equal(vw_calls_choose(&s.options, &s.calls, &err), 0);
    assert_int_equal(s.calls.count, 2);
    const struct vw_proc *gone = s.calls.list[0];
    vw_calls_leave_out(&s.calls, gone);
    for (int i = 0; i < 200; i++) {
        burst(&s);
        for (size_t k = 0; k < s.n; k++)
            assert_ptr_not_equal(s.shots[k].proc, gone);
    }
    end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(harmless),        cmocka_unit_test(chosen_by_effect),
        cmocka_unit_test(same_for_a_seed), cmocka_unit_test(learns),
        cmocka_unit_test(left_out),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
