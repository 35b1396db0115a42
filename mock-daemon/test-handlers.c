// SPDX-License-Identifier: MIT
// Every handler under every profile: its result has just the shape that the schema gives it. And
// every procedure without one: it is answered with NO_SUPPORT, or refused on a read-only
// connection.
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mock-daemon/plan.h"
#include "mock-daemon/testing/good.h"
#include "schema/facts.h"

/* Appends the encoding of arguments that are good for PROC. */
static void good_arguments(const struct peer *p, const struct vw_proc *proc, struct vw_buf *body)
{
    struct vw_arena arena = VW_ARENA_INIT;
    if (proc->args)
        assert_int_equal(
            vw_xdr_encode(proc->args, good_value(p, proc, &arena), body, SIZE_MAX, NULL), 0);
    vw_arena_finish(&arena);
}

static struct reply good_call(struct peer *p, const struct vw_proc *proc)
{
    struct vw_buf body = VW_BUF_INIT;
    struct reply r;
    good_arguments(p, proc, &body);
    r = peer_call(p, proc, body.data, body.len);
    vw_buf_finish(&body);
    return r;
}

static bool never_succeeds(const char *name)
{
    static const char *const hopeless[] = {"domain_get_metadata",
                                           "domain_restore",
                                           "domain_restore_flags",
                                           "domain_save_image_get_xml_desc",
                                           "domain_save_image_define_xml",
                                           "domain_del_iothread",
                                           "domain_pin_iothread",
                                           "domain_set_iothread_params",
                                           "domain_get_launch_security_info",
                                           "domain_create_with_files"};
    for (size_t i = 0; i < sizeof(hopeless) / sizeof(hopeless[0]); i++) {
        if (strcmp(name, hopeless[i]) == 0)
            return true;
    }
    return (strncmp(name, "auth_", 5) == 0 && strcmp(name, "auth_list") != 0) ||
           strcmp(name, "node_get_free_pages") == 0 ||
           strcmp(name, "interface_change_commit") == 0 ||
           strcmp(name, "interface_change_rollback") == 0;
}

/* The reply alone: a stream or an event may follow it. */
static size_t body_length(const struct reply *r)
{
    uint32_t length;
    memcpy(&length, r->body - VW_PREFIX_BYTES, 4);
    return __builtin_bswap32(length) - VW_PREFIX_BYTES;
}

static void check_shape(const struct vw_proc *proc, const struct reply *r)
{
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_findings found = {0};
    struct vw_error err = VW_ERROR_INIT;
    size_t len = body_length(r);
    if (r->header.status != VW_MSG_OK)
        fail_msg("%s: error %d", proc->short_name, reply_error(r).code);
    assert_true(len <= r->len);
    if (!proc->ret) {
        /* The number of descriptors. */
        assert_int_equal(len, r->header.type == VW_MSG_REPLY_WITH_FDS ? 4 : 0);
        return;
    }
    if (vw_xdr_check(proc->ret, r->body, len, VW_STRICT_ALL, &arena, &found, NULL, &err) < 0)
        fail_msg("%s: %s at %s", proc->short_name, err.text, err.path);
    if (found.count > 0)
        fail_msg("%s: %s", proc->short_name, found.list[0].found);
    vw_arena_finish(&arena);
}

static void check_profile(const char *profile)
{
    struct peer p;
    peer_start(&p, profile, NULL);
    for (const struct vw_object_kind *const *k = vw_object_kinds; *k; k++) {
        for (const struct vw_row *h = (*k)->rows; h->procedure && !(*k)->program; h++) {
            const struct vw_proc *proc = peer_find_proc(&p, h->procedure);
            struct reply r;
            if (!proc || strcmp(h->procedure, "connect_close") == 0 ||
                !vw_dispatch_entry(p.daemon.dispatch, proc)->row)
                continue;
            good_prepare(&p, proc);
            r = good_call(&p, proc);
            if (!never_succeeds(h->procedure))
                check_shape(proc, &r);
        }
    }
    peer_stop(&p);
}

static void test_results_have_their_shape(void **state)
{
    for (const char *const *name = vw_profile_names(); *name; name++)
        check_profile(*name);
}

/* A handler whose procedure no profile has would never run. */
static void test_handlers_are_known(void **state)
{
    struct peer p;
    peer_start(&p, NULL, NULL);
    for (const struct vw_object_kind *const *k = vw_object_kinds; *k; k++) {
        for (const struct vw_row *h = (*k)->rows; h->procedure; h++) {
            const char *program = (*k)->program ? (*k)->program : "remote";
            const struct vw_proc *proc =
                vw_schema_call(p.daemon.profile->schema, program, h->procedure);
            if (!proc || vw_dispatch_entry(p.daemon.dispatch, proc)->row != h)
                fail_msg("%s.%s: no such procedure, or another row's", program, h->procedure);
        }
    }
    peer_stop(&p);
}

/* The names of all calls of PROFILE whose arguments or results could not be today's structs. */
static void unplannable(const struct vw_profile *profile, const struct vw_schema *today, FILE *out)
{
    const struct vw_program *remote = vw_schema_program_named(profile->schema, "remote");
    for (uint32_t i = 0; i < remote->n_procs; i++) {
        const struct vw_proc *then = &remote->procs[i];
        const struct vw_proc *now = vw_schema_call(today, "remote", vw_proc_today(then));
        struct vw_plan *args = NULL, *ret = NULL;
        if (then->kind == VW_PROC_CALL &&
            (!now || vw_plan_make(then->args, now->args, &args) == VW_PLAN_IMPOSSIBLE ||
             vw_plan_make(now->ret, then->ret, &ret) == VW_PLAN_IMPOSSIBLE))
            fprintf(out, "%s %s\n", profile->name, then->short_name);
        if (args || ret)
            fail_msg("%s %s needs a plan, and no release did", profile->name, then->short_name);
        free(args);
        free(ret);
    }
}

static void put_file(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

/* A fork of the protocol: a call whose fields stand in another order and go by more names, one
 * whose count is wider. */
static void test_other_layouts_are_converted(void **state)
{
    static const char types[] =
        "struct remote_domain_get_state_args { unsigned int flags; remote_nonnull_domain dom; };"
        "struct remote_domain_get_state_ret { hyper since; int reason; int state; };"
        "struct remote_connect_num_of_domains_ret { hyper num; };";
    struct {
        uint32_t flags;
        struct remote_nonnull_domain dom;
    } args = {.dom = {.name = vw_string("test"), .id = 1}};
    struct peer p;
    struct reply r;
    char folder[VW_TEST_FOLDER], profile[VW_TEST_FOLDER + 16], x[VW_TEST_FOLDER + 16];
    assert_int_equal(vw_test_folder(folder), 0);
    snprintf(profile, sizeof(profile), "%s/fork.yaml", folder);
    snprintf(x, sizeof(x), "%s/fork.x", folder);
    put_file(profile, "profile: fork\ntypes: fork.x\n");
    put_file(x, types);
    peer_start(&p, profile, NULL);
    peer_open(&p, 0);
    memcpy(args.dom.uuid, vw_domain_default.o.uuid, 16);
    r = peer_call_with(&p, peer_proc(&p, "domain_get_state"), &args);
    assert_int_equal(r.header.status, VW_MSG_OK);
    assert_int_equal(r.len, 16);
    assert_memory_equal(r.body, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1", 16);
    r = peer_call(&p, peer_proc(&p, "connect_num_of_domains"), NULL, 0);
    assert_int_equal(reply_error(&r).code, VW_ERR_NO_SUPPORT);
    peer_stop(&p);
    unlink(profile);
    unlink(x);
    rmdir(folder);
}

/* What is off in a release, were there a row for it. */
static void test_rows_that_are_off(void **state)
{
    struct vw_profile *today, *then;
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);
    assert_non_null(out);
    assert_int_equal(vw_profile_load(NULL, NULL, &today, NULL), 0);
    for (const char *const *name = vw_profile_names(); *name; name++) {
        assert_int_equal(vw_profile_load(*name, NULL, &then, NULL), 0);
        unplannable(then, today->schema, out);
        vw_profile_destroy(then);
    }
    vw_profile_destroy(today);
    assert_int_equal(fclose(out), 0);
    assert_string_equal(text, "0.3.0 domain_get_scheduler_parameters\n"
                              "0.3.0 domain_set_scheduler_parameters\n");
    free(text);
}

/* How libvirtd refuses those that no arguments help (unserved.c). */
static struct vw_error_pair refusal(const struct vw_entry *e, const char *name)
{
    if (strcmp(name, "domain_open_graphics") == 0 ||
        strcmp(name, "connect_secret_event_deregister_any") == 0 ||
        strcmp(name, "connect_domain_monitor_event_deregister") == 0)
        return (struct vw_error_pair){VW_ERR_INTERNAL, VW_FROM_RPC};
    if (strcmp(name, "domain_fd_associate") == 0)
        return (struct vw_error_pair){VW_ERR_INVALID_ARG, VW_FROM_DOMAIN};
    return (struct vw_error_pair){VW_ERR_NO_SUPPORT, e->no_support_domain};
}

static void check_unsupported(struct peer *p, const struct vw_program *program, bool read_only)
{
    for (uint32_t i = 0; i < program->n_procs; i++) {
        const struct vw_proc *proc = &program->procs[i];
        const struct vw_entry *e = vw_dispatch_entry(p->daemon.dispatch, proc);
        struct vw_error_pair pair;
        struct reply r;
        if (proc->kind != VW_PROC_CALL || (e->row && !(read_only && e->modifies)))
            continue;
        r = good_call(p, proc);
        if (r.header.status != VW_MSG_ERROR)
            fail_msg("%s is served", proc->short_name);
        pair = reply_error(&r);
        if (read_only && e->modifies) {
            assert_int_equal(pair.code, VW_ERR_OPERATION_DENIED);
            assert_int_equal(pair.domain, e->read_only_domain);
        } else {
            const struct vw_error_pair want = refusal(e, proc->short_name);
            assert_int_equal(pair.code, want.code);
            assert_int_equal(pair.domain, want.domain);
        }
    }
}

static void test_the_rest_is_not_supported(void **state)
{
    for (const char *const *name = vw_profile_names(); *name; name++) {
        for (int read_only = 0; read_only < 2; read_only++) {
            const struct vw_dispatch_programs *programs;
            struct peer p;
            peer_start(&p, *name, NULL);
            peer_open(&p, (uint32_t)read_only);
            programs = vw_dispatch_programs(p.daemon.dispatch, false);
            for (size_t i = 0; i < programs->count; i++)
                check_unsupported(&p, programs->list[i], read_only == 1);
            peer_stop(&p);
        }
    }
}

static void test_domains_of_errors(void **state)
{
    static const struct {
        const char *procedure;
        int32_t domain;
        bool modifies;
    } rows[] = {
        {"domain_get_job_info", 20, false},     {"domain_rename", 20, true},
        {"network_list_all_ports", 19, false},  {"network_destroy", 19, true},
        {"storage_pool_build", 18, true},       {"node_device_reset", 22, true},
        {"interface_create", 26, true},         {"secret_get_value", 30, true},
        {"nwfilter_undefine", 33, true},        {"domain_snapshot_delete", 35, true},
        {"domain_checkpoint_delete", 69, true}, {"qemu.domain_monitor_command", 0, true},
        {"lxc.domain_open_namespace", 0, true},
    };
    struct peer p;
    peer_start(&p, "9.0.0", NULL);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct vw_entry *e =
            vw_dispatch_entry(p.daemon.dispatch, peer_proc(&p, rows[i].procedure));
        assert_int_equal(e->no_support_domain, rows[i].domain);
        assert_int_equal(e->modifies, rows[i].modifies);
    }
    peer_stop(&p);
}

/* ---- faults ---- */

/* A good call whose answer nobody looks at. */
static void blind_call(struct peer *p, const struct vw_proc *proc)
{
    static uint8_t in[1 << 17];
    const struct vw_header h = {.program = proc->program->number,
                                .version = proc->program->version,
                                .procedure = proc->number};
    struct vw_limits limits;
    struct vw_buf body = VW_BUF_INIT, message = VW_BUF_INIT;
    vw_limits_from_profile(p->daemon.profile, &limits);
    good_arguments(p, proc, &body);
    assert_int_equal(vw_message_append(&message, &limits, &h, 0, body.data, body.len, NULL), 0);
    peer_send(p, message.data, message.len);
    if (peer_receive(p, in, sizeof(in)) < 0) {
        close(p->fd);
        assert_int_equal(peer_connect(p), 0);
    }
    vw_buf_finish(&body);
    vw_buf_finish(&message);
}

/* Whatever a fault does to good calls, it does without harm to the daemon. Each fault meets one
 * call in four, the next fault the next one: all of them with all faults are 30 s under a
 * sanitizer. */
static void call_one_in_four(struct peer *p)
{
    static unsigned n;
    unsigned row = n++;
    for (const struct vw_object_kind *const *o = vw_object_kinds; *o; o++) {
        for (const struct vw_row *h = (*o)->rows; h->procedure && !(*o)->program; h++, row++) {
            if (row % 4 == 0)
                blind_call(p, peer_proc(p, h->procedure));
        }
    }
}

static void test_faults_with_good_calls(void **state)
{
    struct peer p;
    peer_start(&p, "9.0.0", NULL);
    peer_each_fault(&p, call_one_in_four);
    peer_stop(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_handlers_are_known),
        cmocka_unit_test(test_results_have_their_shape),
        cmocka_unit_test(test_rows_that_are_off),
        cmocka_unit_test(test_other_layouts_are_converted),
        cmocka_unit_test(test_the_rest_is_not_supported),
        cmocka_unit_test(test_domains_of_errors),
        cmocka_unit_test(test_faults_with_good_calls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
