// SPDX-License-Identifier: MIT
// The tables of the build say what the parser says: every type, field, member, constant, program,
// procedure, annotation, place and answer.
#include "base/testing/test.h"

#include <stdlib.h>
#include <string.h>

#include "schema/basic.h"
#include "schema/profile.h"
#include "schema/tables.h"

static struct vw_profile *printed, *parsed;

static int load(void **state)
{
    const struct vw_profile_options options = {VW_PROFILE_OPTIONS_INIT, .parse = true};
    return vw_profile_load(NULL, NULL, &printed, NULL) ||
           vw_profile_load(NULL, &options, &parsed, NULL);
}

static unsigned freed;

static void count_freed(const struct vw_attachment *a)
{
    freed++;
}

/* What is attached to the shared types has gone with the last who used them, once. */
static int unload(void **state)
{
    unsigned before = freed;
    vw_profile_destroy(printed);
    vw_profile_destroy(parsed);
    return before == 0 && freed == 1 ? 0 : -1;
}

/* Of two that are loaded, each sees what is attached, and the first to go leaves it. */
static void attachments_are_shared(void **state)
{
    static const struct vw_attachment attached = {count_freed};
    const char name[] = "remote_domain_create_args";
    struct vw_profile *other;
    assert_int_equal(vw_profile_load(NULL, NULL, &other, NULL), 0);
    const struct vw_type *t = vw_schema_type(printed->schema, name);
    assert_non_null(t);
    assert_ptr_equal(vw_schema_type(other->schema, name), t);
    ((struct vw_type *)(uintptr_t)t)->attached = &attached;
    vw_profile_destroy(other);
    assert_int_equal(freed, 0);
    assert_ptr_equal(t->attached, &attached);
}

static void same_text(const char *a, const char *b)
{
    assert_int_equal(a == NULL, b == NULL);
    if (a)
        assert_string_equal(a, b);
}

static void same_place(const struct vw_where *a, const struct vw_where *b)
{
    same_text(a->file, b->file);
    assert_int_equal(a->line, b->line);
    assert_int_equal(a->column, b->column);
}

static void same_type(const struct vw_type *a, const struct vw_type *b, unsigned depth);

/* Named types are compared once, from their list. */
static void same_reference(const struct vw_type *a, const struct vw_type *b, unsigned depth)
{
    assert_int_equal(a == NULL, b == NULL);
    if (!a || a == b)
        return;
    same_text(a->name, b->name);
    assert_int_equal(a->index, b->index);
    assert_false(vw_basic_is(a));
    if (a->name)
        assert_ptr_equal(a, vw_schema_type(printed->schema, a->name));
    else
        same_type(a, b, depth + 1);
}

static void same_field(const struct vw_field *a, const struct vw_field *b, unsigned depth)
{
    same_text(a->name, b->name);
    same_reference(a->type, b->type, depth);
    assert_int_equal(a->offset, b->offset);
    assert_int_equal(a->boxed, b->boxed);
    assert_int_equal(a->is_default, b->is_default);
    assert_int_equal(a->n_cases, b->n_cases);
    if (a->n_cases)
        assert_memory_equal(a->cases, b->cases, a->n_cases * sizeof(*a->cases));
    same_place(&a->where, &b->where);
}

static void same_type(const struct vw_type *a, const struct vw_type *b, unsigned depth)
{
    assert_true(depth < 50);
    same_text(a->name, b->name);
    assert_int_equal(a->kind, b->kind);
    assert_int_equal(a->size, b->size);
    assert_int_equal(a->align, b->align);
    assert_int_equal(a->max, b->max);
    same_text(a->max_name, b->max_name);
    same_reference(a->elem, b->elem, depth);
    same_reference(a->alias_of, b->alias_of, depth);
    assert_int_equal(a->n_fields, b->n_fields);
    for (uint32_t i = 0; i < a->n_fields; i++)
        same_field(&a->fields[i], &b->fields[i], depth);
    assert_int_equal(a->disc == NULL, b->disc == NULL);
    if (a->disc)
        same_field(a->disc, b->disc, depth);
    assert_int_equal(a->n_members, b->n_members);
    for (uint32_t i = 0; i < a->n_members; i++) {
        same_text(a->members[i].name, b->members[i].name);
        assert_int_equal(a->members[i].value, b->members[i].value);
        same_place(&a->members[i].where, &b->members[i].where);
    }
    assert_true(a->wire_min == b->wire_min && a->wire_max == b->wire_max);
    assert_int_equal(a->is_typedef, b->is_typedef);
    assert_int_equal(a->index, b->index);
    same_place(&a->where, &b->where);
}

static void types_are_the_same(void **state)
{
    size_t n, m;
    const struct vw_type *const *a = vw_schema_types(printed->schema, &n);
    const struct vw_type *const *b = vw_schema_types(parsed->schema, &m);
    assert_int_equal(n, m);
    assert_true(n > 500);
    for (size_t i = 0; i < n; i++) {
        assert_ptr_not_equal(a[i], b[i]);
        same_type(a[i], b[i], 0);
        assert_ptr_equal(vw_schema_type(printed->schema, b[i]->name), a[i]);
    }
    assert_ptr_equal(vw_schema_type(printed->schema, "unsigned hyper"), vw_type_basic(VW_UHYPER));
    assert_null(vw_schema_type(printed->schema, "no_such_type"));
}

static void constants_are_the_same(void **state)
{
    size_t n, m;
    int64_t value;
    const struct vw_const *const *a = vw_schema_consts(printed->schema, &n);
    const struct vw_const *const *b = vw_schema_consts(parsed->schema, &m);
    assert_int_equal(n, m);
    for (size_t i = 0; i < n; i++) {
        same_text(a[i]->name, b[i]->name);
        assert_int_equal(a[i]->value, b[i]->value);
        assert_int_equal(a[i]->external, b[i]->external);
        same_place(&a[i]->where, &b[i]->where);
        assert_true(vw_schema_const(printed->schema, b[i]->name, &value));
        assert_int_equal(value, b[i]->value);
    }
    assert_true(vw_schema_const(printed->schema, "REMOTE_PROC_DOMAIN_LOOKUP_BY_NAME", &value));
    assert_int_equal(value, 23);
    assert_false(vw_schema_const(printed->schema, "NO_SUCH_CONSTANT", &value));
}

static void same_proc(const struct vw_proc *a, const struct vw_proc *b)
{
    same_text(a->name, b->name);
    same_text(a->short_name, b->short_name);
    assert_int_equal(a->number, b->number);
    assert_int_equal(a->kind, b->kind);
    same_reference(a->args, b->args, 0);
    same_reference(a->ret, b->ret, 0);
    assert_int_equal(a->high_priority, b->high_priority);
    assert_int_equal(a->readstream, b->readstream);
    assert_int_equal(a->writestream, b->writestream);
    same_text(a->sparseflag, b->sparseflag);
    assert_int_equal(a->n_annotations, b->n_annotations);
    for (uint32_t i = 0; i < a->n_annotations; i++) {
        same_text(a->annotations[i].key, b->annotations[i].key);
        same_text(a->annotations[i].value, b->annotations[i].value);
    }
    same_place(&a->where, &b->where);
    assert_ptr_equal(vw_schema_proc(printed->schema, b->name), a);
}

static void programs_are_the_same(void **state)
{
    size_t n, m;
    const struct vw_program *const *a = vw_schema_programs(printed->schema, &n);
    const struct vw_program *const *b = vw_schema_programs(parsed->schema, &m);
    assert_int_equal(n, m);
    for (size_t i = 0; i < n; i++) {
        same_text(a[i]->name, b[i]->name);
        same_text(a[i]->prefix, b[i]->prefix);
        assert_int_equal(a[i]->number, b[i]->number);
        assert_int_equal(a[i]->version, b[i]->version);
        same_place(&a[i]->where, &b[i]->where);
        assert_int_equal(a[i]->n_procs, b[i]->n_procs);
        for (uint32_t k = 0; k < a[i]->n_procs; k++) {
            same_proc(&a[i]->procs[k], &b[i]->procs[k]);
            assert_ptr_equal(a[i]->procs[k].program, a[i]);
        }
    }
}

static void the_rest_is_the_same(void **state)
{
    same_text(printed->name, parsed->name);
    assert_int_equal(printed->dialect, parsed->dialect);
    assert_int_equal(printed->min_length_word, parsed->min_length_word);
    assert_int_equal(printed->max_length_word, parsed->max_length_word);
    assert_int_equal(printed->string_max, parsed->string_max);
    assert_int_equal(printed->fds_max, parsed->fds_max);
    same_text(vw_schema_digest(printed->schema), vw_schema_digest(parsed->schema));
    const struct vw_setting *a = vw_profile_answers(printed), *b = vw_profile_answers(parsed);
    assert_non_null(a);
    for (; a && b; a = a->next, b = b->next) {
        same_text(a->key, b->key);
        same_text(a->text, b->text);
        assert_int_equal(a->line, b->line);
    }
    assert_true(!a && !b);
}

/* What needs more than the tables still says the same, and nothing can be added to it. */
static void headers_are_the_same(void **state)
{
    const struct vw_profile *both[] = {printed, parsed};
    struct vw_schema *s = (struct vw_schema *)(uintptr_t)printed->schema;
    char *text[2];
    size_t len[2];
    for (int i = 0; i < 2; i++) {
        FILE *f = open_memstream(&text[i], &len[i]);
        assert_int_equal(vw_schema_header(both[i]->schema, "x.h", f), 0);
        fclose(f);
    }
    assert_string_equal(text[0], text[1]);
    free(text[0]);
    free(text[1]);
    assert_int_equal(vw_schema_define(s, "A", 1, NULL), VW_EUSAGE);
    assert_int_equal(vw_schema_add(s, "a.x", "", 0, false, NULL), VW_EUSAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(types_are_the_same),    cmocka_unit_test(constants_are_the_same),
        cmocka_unit_test(programs_are_the_same), cmocka_unit_test(the_rest_is_the_same),
        cmocka_unit_test(headers_are_the_same),  cmocka_unit_test(attachments_are_shared),
    };
    return cmocka_run_group_tests(tests, load, unload) + vw_test_leaked();
}
