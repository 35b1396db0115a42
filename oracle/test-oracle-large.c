// SPDX-License-Identifier: MIT
// The bounds that take more than 64 KiB, each distinct kind and bound once: at the maximum and one
// past it, ours beside the oracle. Too slow for Valgrind. What would not fit into a message is
// listed.

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/testing/test.h"
#include "oracle/bounds.h"
#include "schema/profile.h"

enum { LARGE = 65536, DONE_MAX = 512 };

/* What was compared already. */
struct done {
    struct {
        enum vw_kind kind;
        uint32_t max;
        bool over;
        const struct vw_type *elem;
    } list[DONE_MAX];
    size_t count;
};

static bool is_new(struct done *done, const struct vw_boundary *b)
{
    for (size_t i = 0; i < done->count; i++)
        if (done->list[i].kind == b->type->kind && done->list[i].max == b->type->max &&
            done->list[i].over == b->over && done->list[i].elem == b->type->elem)
            return false;
    assert_true(done->count < DONE_MAX);
    done->list[done->count].kind = b->type->kind;
    done->list[done->count].max = b->type->max;
    done->list[done->count].over = b->over;
    done->list[done->count++].elem = b->type->elem;
    return true;
}

static size_t compare_type(struct differ *d, struct done *done, size_t message_max)
{
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_boundaries list;
    size_t too_long = 0;
    assert_int_equal(vw_value_boundaries(d->type, &arena, &list, NULL), 0);
    for (size_t i = 0; i < list.count; i++) {
        const struct vw_boundary *b = &list.list[i];
        size_t len = 0;
        if ((b->count <= 1 && !b->over) || bounds_bytes(b) <= LARGE || !is_new(done, b))
            continue;
        if (!bounds_compare(d, b, &len))
            fail_msg("%s", d->text);
        if (len > message_max) {
            too_long++;
            print_message("# no message can hold %s: %s at %" PRIu32 "%s, %zu bytes\n",
                          d->type->name, b->path, b->count, b->over ? " (over)" : "", len);
        }
    }
    vw_arena_finish(&arena);
    return too_long;
}

/* 0.3.0 has no bound of that size. */
static void large_bounds_agree(void **state)
{
    (void)state;
    struct vw_profile *p;
    struct differ d;
    struct done *done = calloc(1, sizeof(*done));
    size_t n, too_long = 0;
    int64_t max;
    const struct vw_oracle_type *types = vw_oracle_types(VW_ORACLE_NEWEST, &n);
    assert_non_null(done);
    assert_int_equal(vw_profile_load(NULL, NULL, &p, NULL), 0);
    assert_true(vw_schema_const(p->schema, "VIR_NET_MESSAGE_PAYLOAD_MAX", &max));
    differ_init(&d);
    for (size_t i = 0; i < n; i++) {
        assert_true(differ_set(&d, VW_ORACLE_NEWEST, vw_schema_type(p->schema, types[i].name)));
        too_long += compare_type(&d, done, (size_t)max);
    }
    print_message("# %zu large bounds, %zu of them longer than a message\n", done->count, too_long);
    assert_true(done->count > 20);
    assert_int_equal(too_long, 0);
    differ_finish(&d);
    vw_profile_destroy(p);
    free(done);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(large_bounds_agree)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
