// SPDX-License-Identifier: MIT
// The table of facts: every procedure of the protocol has its row, every row its procedure, and
// what a row names is there.
#include <string.h>

#include "base/testing/test.h"
#include "schema/facts.h"
#include "schema/profile.h"

static struct vw_profile *load(const char *name)
{
    struct vw_profile *p = NULL;
    struct vw_error err = VW_ERROR_INIT;
    if (vw_profile_load(name, NULL, &p, &err))
        fail_msg("%s: %s", name ? name : "newest", err.text);
    return p;
}

static const struct vw_proc *proc(const struct vw_profile *p, const char *name)
{
    const struct vw_proc *found = vw_schema_proc(p->schema, name);
    if (!found)
        fail_msg("no %s", name);
    return found;
}

static void every_procedure_has_a_row(void **state)
{
    struct vw_profile *p = load(NULL);
    size_t n;
    const struct vw_program *const *programs = vw_schema_programs(p->schema, &n);
    bool used[4096] = {false};
    for (size_t i = 0; i < n; i++)
        for (uint32_t k = 0; k < programs[i]->n_procs; k++) {
            const struct vw_proc *one = &programs[i]->procs[k];
            const char *name = vw_proc_facts(one)->name;
            if (!name || strcmp(name, one->short_name) != 0)
                fail_msg("%s.%s has no row in procedures.tsv", programs[i]->name, one->short_name);
            used[one->facts] = true;
        }
    for (size_t i = 0; i < vw_facts_name_count; i++)
        if (strcmp(vw_facts_names[i].name, "*") != 0 && !used[vw_facts_names[i].row])
            fail_msg("procedures.tsv: there is no %s.%s", vw_facts_names[i].program,
                     vw_facts_names[i].name);
    vw_profile_destroy(p);
}

static void rows_say(void **state)
{
    static const struct {
        const char *name;
        enum vw_effect effect;
        bool modifies;
        int32_t domain;
        unsigned before;
    } rows[] = {
        {"connect_open", VW_EFFECT_READ, false, 20, VW_BEFORE_OPEN},
        {"connect_close", VW_EFFECT_READ, false, 20, VW_BEFORE_CLOSE},
        {"connect_supports_feature", VW_EFFECT_READ, false, 20, VW_BEFORE_FEATURE},
        {"auth_sasl_step", VW_EFFECT_READ, false, 7, VW_BEFORE_AUTH | VW_BEFORE_OPEN},
        {"domain_destroy", VW_EFFECT_WRITE, true, 20, 0},
        {"node_suspend_for_duration", VW_EFFECT_HOST, true, 20, 0},
        /* Effect and modifies are two questions: a secret is shown to nobody who only reads. */
        {"secret_get_value", VW_EFFECT_READ, true, 30, 0},
        {"domain_interface_addresses", VW_EFFECT_WRITE, false, 20, 0},
        {"network_lookup_by_name", VW_EFFECT_READ, false, 19, 0},
        {"admin.connect_open", VW_EFFECT_READ, false, 0, VW_BEFORE_OPEN},
        {"qemu.domain_monitor_command", VW_EFFECT_HOST, true, 0, 0},
        {"lock.new", VW_EFFECT_HOST, false, 0, VW_BEFORE_OPEN},
    };
    struct vw_profile *p = load(NULL);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct vw_facts *f = vw_proc_facts(proc(p, rows[i].name));
        if (f->effect != rows[i].effect || f->modifies != rows[i].modifies ||
            f->domain != rows[i].domain || f->before != rows[i].before)
            fail_msg("%s: %d %d %d %u", rows[i].name, f->effect, f->modifies, f->domain, f->before);
    }
    vw_profile_destroy(p);
}

static void events_have_their_numbers(void **state)
{
    struct vw_profile *p = load(NULL);
    const struct vw_facts *plain = vw_proc_facts(proc(p, "domain_event_reboot"));
    const struct vw_facts *callback = vw_proc_facts(proc(p, "domain_event_callback_reboot"));
    assert_string_equal(plain->event_object, "domain");
    assert_string_equal(plain->event_kind, "reboot");
    assert_int_equal(plain->event_number, 1);
    assert_string_equal(callback->event_kind, "reboot");
    assert_int_equal(callback->event_number, 1);
    const struct vw_facts *start = vw_proc_facts(proc(p, "connect_secret_event_register_any"));
    assert_string_equal(start->event_object, "secret");
    assert_string_equal(start->event_start, "id");
    assert_null(start->event_stop);
    assert_null(start->event_kind);
    assert_int_equal(start->event_number, -1);
    vw_profile_destroy(p);
}

/* Of a release that named them otherwise, procedures have the same rows, and today's names find
 * them. */
static void names_of_then(void **state)
{
    struct vw_profile *p = load("0.3.0");
    assert_string_equal(proc(p, "remote.connect_get_type")->short_name, "get_type");
    assert_string_equal(proc(p, "domain_get_xml_desc")->short_name, "domain_dump_xml");
    assert_string_equal(vw_proc_today(proc(p, "get_type")), "connect_get_type");
    assert_int_equal(vw_proc_facts(proc(p, "open"))->before, VW_BEFORE_OPEN);
    assert_ptr_equal(vw_schema_call(p->schema, "remote", "connect_open"), proc(p, "open"));
    assert_null(vw_schema_call(p->schema, "remote", "connect_get_lib_version"));
    assert_null(vw_schema_call(p->schema, "nobody", "connect_open"));
    vw_profile_destroy(p);
    p = load(NULL);
    assert_null(vw_schema_call(p->schema, "remote", "domain_event_lifecycle")); /* no call */
    vw_profile_destroy(p);
}

static void what_is_in_no_row(void **state)
{
    const struct vw_facts *nobody = &vw_facts_rows[vw_facts_find("toy", "play")];
    const struct vw_facts *fork = &vw_facts_rows[vw_facts_find("remote", "play")];
    assert_null(nobody->name);
    assert_int_equal(nobody->effect, VW_EFFECT_HOST);
    assert_int_equal(nobody->before, VW_BEFORE_OPEN);
    assert_null(fork->name);
    assert_int_equal(fork->effect, VW_EFFECT_HOST);
    assert_int_equal(fork->before, 0);
    assert_int_equal(fork->domain, 20);
}

/* The field that the LEN bytes at PATH name in T; [] stands for each element of a list. */
static const struct vw_type *step(const struct vw_type *t, const char *path, size_t len)
{
    size_t name = len > 2 && memcmp(path + len - 2, "[]", 2) == 0 ? len - 2 : len;
    while (t && t->kind == VW_OPTIONAL)
        t = t->elem;
    for (uint32_t i = 0; t && t->kind == VW_STRUCT && i < t->n_fields; i++) {
        const struct vw_field *f = &t->fields[i];
        if (f->name && strlen(f->name) == name && memcmp(f->name, path, name) == 0)
            return name == len ? f->type : f->type->elem;
    }
    return NULL;
}

static void check_paths(const struct vw_proc *p, const char *paths)
{
    while (paths && *paths) {
        size_t all = strcspn(paths, ","), len = strcspn(paths, ",:");
        const struct vw_type *t = paths[0] == 'a' ? p->args : p->ret;
        for (size_t at = strcspn(paths, ".") + 1, n; t && at < len; at += n + 1) {
            n = strcspn(paths + at, ".,:");
            t = step(t, paths + at, n);
        }
        if (!t)
            fail_msg("%s has no field %.*s", p->short_name, (int)len, paths);
        paths += all + (paths[all] == ',');
    }
}

/* In every release: a secret of which nothing is found would be shown. */
static void paths_lead_somewhere(void **state)
{
    for (const char *const *name = vw_profile_names(); *name; name++) {
        struct vw_profile *p = load(*name);
        size_t n;
        const struct vw_program *const *programs = vw_schema_programs(p->schema, &n);
        for (size_t i = 0; i < n; i++)
            for (uint32_t k = 0; k < programs[i]->n_procs; k++) {
                const struct vw_facts *f = vw_proc_facts(&programs[i]->procs[k]);
                check_paths(&programs[i]->procs[k], f->secret);
                /* 0.3.0 has its own names for some that vary. */
                if (strcmp(*name, "0.3.0") != 0)
                    check_paths(&programs[i]->procs[k], f->varies);
            }
        vw_profile_destroy(p);
    }
    struct vw_profile *p = load(NULL);
    assert_non_null(strstr(vw_proc_facts(proc(p, "secret_set_value"))->secret, "args.value"));
    vw_profile_destroy(p);
}

/* Rows of varying.tsv that mean nothing would be mistakes. */
static void what_varies_is_there(void **state)
{
    struct vw_profile *p = load(NULL);
    size_t n;
    const struct vw_type *const *types = vw_schema_types(p->schema, &n);
    for (size_t i = 0; i < vw_varying_count; i++) {
        const struct vw_varying *v = &vw_varying_rows[i];
        bool found = v->xml;
        for (size_t k = 0; k < n && !found; k++) {
            found = !v->name && strcmp(types[k]->name, v->parent) == 0;
            for (uint32_t f = 0; f < types[k]->n_fields && v->name && !found; f++)
                found = vw_facts_bound(types[k], types[k]->fields[f].name,
                                       types[k]->fields[f].type) == v->kind;
        }
        if (!found)
            fail_msg("%s.%s is nowhere", v->parent, v->name ? v->name : "");
    }
    const struct vw_type *dom = vw_schema_type(p->schema, "remote_nonnull_domain");
    const struct vw_type *uuid = vw_schema_type(p->schema, "remote_uuid");
    const struct vw_type *number = vw_schema_type(p->schema, "int");
    assert_string_equal(vw_facts_bound(dom, "id", number), "id");
    assert_string_equal(vw_facts_bound(dom, "uuid", uuid), "uuid");
    assert_string_equal(vw_facts_bound(NULL, "callbackID", number), "callback");
    assert_null(vw_facts_bound(uuid, "id", number));
    assert_null(vw_facts_bound(NULL, NULL, number));
    assert_true(vw_facts_xml_varies("uuid", NULL));
    assert_true(vw_facts_xml_varies("domain", "id"));
    assert_false(vw_facts_xml_varies("domain", NULL));
    assert_false(vw_facts_xml_varies("mac", NULL));
    assert_true(vw_facts_name("ret.a,ret.b[].c", "ret.b[].c"));
    assert_false(vw_facts_name("ret.a,ret.b:xml", "ret.b"));
    assert_false(vw_facts_name("ret.a,ret.bc", "ret.b"));
    assert_false(vw_facts_name(NULL, "ret.b"));
    vw_profile_destroy(p);
}

/* So would rows of ranges.tsv, or such as hold nothing. */
static void what_has_a_range_is_there(void **state)
{
    struct vw_profile *p = load(NULL);
    size_t n;
    const struct vw_type *const *types = vw_schema_types(p->schema, &n);
    for (size_t i = 0; i < vw_range_count; i++) {
        const struct vw_range *r = &vw_range_rows[i];
        bool found = false;
        for (size_t k = 0; k < n && !found; k++)
            for (uint32_t f = 0; f < types[k]->n_fields && !found; f++)
                found = types[k]->fields[f].name &&
                        vw_facts_range(types[k]->name, types[k]->fields[f].name) == r;
        if (!found || r->low >= r->high)
            fail_msg("%s.%s is nowhere, or nothing", r->parent, r->field);
    }
    assert_int_equal(vw_facts_range("remote_domain_get_state_ret", "state")->high, 7);
    assert_int_equal(vw_facts_range(NULL, "callbackID")->high, INT64_MAX);
    assert_null(vw_facts_range("remote_vcpu_info", "number"));
    vw_profile_destroy(p);
}

/* Two are alike; the annotations of one of them do not tell of its stream. */
static void streams_are_told_of_without_annotations(void **state)
{
    struct vw_profile *newest = load(NULL);
    const struct vw_schema *schema = newest->schema;
    const struct vw_proc *p = vw_schema_proc(schema, "remote.domain_migrate_prepare_tunnel3");
    assert_int_equal(p->writestream, 1);
    p = vw_schema_proc(schema, "remote.domain_migrate_prepare_tunnel3_params");
    assert_int_equal(p->writestream, 1);
    assert_int_equal(p->readstream, 0);
    p = vw_schema_proc(schema, "remote.domain_migrate_prepare3_params");
    assert_int_equal(p->writestream, 0);
    vw_profile_destroy(newest);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_procedure_has_a_row),
        cmocka_unit_test(rows_say),
        cmocka_unit_test(events_have_their_numbers),
        cmocka_unit_test(names_of_then),
        cmocka_unit_test(what_is_in_no_row),
        cmocka_unit_test(paths_lead_somewhere),
        cmocka_unit_test(what_varies_is_there),
        cmocka_unit_test(what_has_a_range_is_there),
        cmocka_unit_test(streams_are_told_of_without_annotations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) + vw_test_leaked();
}
