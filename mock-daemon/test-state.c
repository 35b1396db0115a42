// SPDX-License-Identifier: MIT
// That a snapshot holds all that objects have, of whatever kind.
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mock-daemon/own.h"
#include "mock-daemon/state.h"
#include "mock-daemon/testing.h"

/* Of a struct that ends at SIZE the bytes that lie between members to align what is behind them. */
#define PADDING 7u

/* A member that no row gives out must stand among what the kind owns (handler.h). */
static void nothing_that_an_object_has_is_left_out(void **state)
{
    for (size_t k = 0; vw_object_kinds[k]; k++) {
        const struct vw_object_kind *kind = vw_object_kinds[k];
        uint8_t *held = calloc(1, kind->size + 1);
        struct vw_owns all;
        unsigned missing = 0;
        assert_non_null(held);
        vw_owns_of(kind, &all);
        assert_true(all.count < VW_OWNS_MAX);
        for (size_t i = 0; kind->size && i < all.count; i++) {
            const struct vw_own m = all.list[i];
            assert_true(m.offset + m.size <= kind->size);
            memset(held + m.offset, 1, m.size);
            if (m.form == VW_FORM_LIST)
                memset(held + m.count, 1, sizeof(uint32_t));
        }
        for (size_t at = sizeof(struct vw_object); at < kind->size; at++) {
            missing = held[at] ? 0 : missing + 1;
            if (missing > PADDING)
                fail_msg("%s: what ends at byte %zu is in no VW_FACT and among no VW_OWN",
                         kind->name, at);
        }
        free(held);
    }
}

/* ---- each form ---- */

struct thing {
    struct vw_object o;
    int32_t small;
    uint64_t large;
    struct vw_string text;
    struct vw_string *optional;
    char *owned;
    char array[8];
    uint32_t *list, n_list;
};

static const struct vw_own owns[] = {
    VW_OWN(struct thing, small),
    VW_OWN(struct thing, large),
    VW_OWN(struct thing, text),
    VW_OWN(struct thing, optional),
    VW_OWN(struct thing, owned),
    VW_OWN(struct thing, array),
    VW_OWN_LIST(struct thing, list, n_list),
    {NULL},
};
static const struct vw_row rows[] = {{NULL}};
static const struct vw_object_kind kind = {
    .rows = rows, .size = sizeof(struct thing), .owns = owns};

/* What comes out of FROM goes into TO. */
static void carry(const struct thing *from, struct thing *to, struct vw_arena *texts)
{
    struct vw_owns all;
    vw_owns_of(&kind, &all);
    for (size_t i = 0; i < all.count; i++) {
        const struct vw_own m = all.list[i];
        struct json_object *v;
        assert_true(vw_own_get(&m, &from->o, &v));
        if (v)
            assert_int_equal(vw_own_set(&m, &to->o, v, texts), 0);
        json_object_put(v);
    }
}

static void what_goes_out_comes_back(void **state)
{
    char owned[] = "mine";
    uint32_t list[] = {1, 2};
    struct vw_string optional = VW_STRING("if at all");
    struct vw_arena texts = VW_ARENA_INIT;
    const struct thing first = {.o = {.id = -1, .state = 3, .autostart = 1},
                                .small = -5,
                                .large = UINT64_MAX - 1,
                                .text = VW_STRING("a\0b"),
                                .optional = &optional,
                                .owned = owned,
                                .array = "1234567",
                                .list = list,
                                .n_list = 2};
    struct thing second = {.small = 0}, none = {.small = 1};
    carry(&first, &second, &texts);
    assert_int_equal(second.o.id, -1);
    assert_int_equal(second.o.state, 3);
    assert_int_equal(second.o.autostart, 1);
    assert_int_equal(second.small, -5);
    assert_int_equal(second.large, UINT64_MAX - 1);
    assert_int_equal(second.text.len, 3);
    assert_memory_equal(second.text.data, "a\0b", 4);
    assert_string_equal(second.optional->data, "if at all");
    assert_string_equal(second.owned, "mine");
    assert_string_equal(second.array, "1234567");
    free(second.owned);
    assert_int_equal(second.n_list, 2);
    assert_memory_equal(second.list, list, sizeof(list));
    free(second.list);
    carry(&(struct thing){.small = 0}, &none, &texts);
    assert_null(none.optional);
    assert_null(none.owned);
    assert_null(none.list);
    assert_null(none.text.data);
    vw_arena_finish(&texts);
}

static void what_is_no_such_value_is_refused(void **state)
{
    struct thing t = {.small = 0};
    struct vw_arena texts = VW_ARENA_INIT;
    struct json_object *text = json_object_new_string("12345678");
    struct json_object *number = json_object_new_int64(1);
    assert_int_equal(vw_own_set(&owns[0], &t.o, text, &texts), VW_EVALUE);
    assert_int_equal(vw_own_set(&owns[2], &t.o, number, &texts), VW_EVALUE);
    assert_int_equal(vw_own_set(&owns[5], &t.o, text, &texts), VW_EVALUE);
    for (size_t i = 0; i < 2; i++) {
        struct json_object *hex = json_object_new_string(i ? "0000000000" : "0000000x");
        assert_int_equal(vw_own_set(&owns[6], &t.o, hex, &texts), VW_EVALUE);
        json_object_put(hex);
    }
    assert_null(t.list);
    assert_string_equal(t.array, "");
    json_object_put(text);
    json_object_put(number);
    vw_arena_finish(&texts);
}

/* ---- files ---- */

/* Objects go, others come, and what was is there again; what is wrong leaves all as it is. */
static void a_model_is_as_it_was(void **state)
{
    static const struct vw_domain many[] = {
        {.o = {.name = VW_STRING("a"), .state = VW_DOMAIN_RUNNING, .persistent = 1},
         .facts.memory = 7},
        {.o = {.name = VW_STRING("b"), .state = VW_DOMAIN_SHUTOFF}, .os_type = VW_STRING("hvm")},
    };
    static const struct vw_domain one[] = {{.o = {.name = VW_STRING("c"), .state = 1}}};
    struct peer peer;
    char folder[VW_TEST_FOLDER], path[VW_TEST_FOLDER + 8];
    assert_int_equal(vw_test_folder(folder), 0);
    snprintf(path, sizeof(path), "%s/s", folder);
    peer_start(&peer, NULL, NULL);
    peer_set_domains(&peer, many, 2);
    assert_int_equal(vw_state_save(&peer.daemon.model, path, NULL), 0);
    peer_set_domains(&peer, one, 1);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(vw_state_load(&peer.daemon.model, path, NULL), 0);
        const struct vw_objects *t = peer_domains(&peer);
        assert_int_equal(t->count, 2);
        assert_int_equal(t->active, 1);
        assert_int_equal(((struct vw_domain *)vw_objects_by_name(t, "a"))->facts.memory, 7);
        assert_int_equal(vw_objects_by_name(t, "a")->id, 1);
        assert_int_equal(vw_objects_by_name(t, "b")->id, -1);
        assert_string_equal(((struct vw_domain *)vw_objects_by_name(t, "b"))->os_type.data, "hvm");
        assert_null(vw_objects_by_name(t, "c"));
    }
    vw_model_begin_again(&peer.daemon.model);
    assert_non_null(vw_objects_by_name(peer_domains(&peer), "c"));
    assert_int_equal(vw_state_load(&peer.daemon.model, folder, NULL), VW_EUSAGE);
    assert_int_equal(peer_domains(&peer)->count, 1);
    peer_stop(&peer);
    unlink(path);
    assert_int_equal(rmdir(folder), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_that_an_object_has_is_left_out),
        cmocka_unit_test(what_goes_out_comes_back),
        cmocka_unit_test(what_is_no_such_value_is_refused),
        cmocka_unit_test(a_model_is_as_it_was),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
