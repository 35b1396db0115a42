// SPDX-License-Identifier: MIT
// virwire call: one call of any procedure, its arguments and its result as JSON.
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/call-faults.h"
#include "cli/call-fds.h"
#include "cli/call-help.h"
#include "cli/call-load.h"
#include "cli/call-stream.h"
#include "cli/command.h"
#include "cli/connect.h"
#include "cli/exit.h"
#include "cli/input.h"
#include "cli/message.h"
#include "cli/usage.h"
#include "client/below.h"
#include "schema/facts.h"
#include "xdr/json.h"

/* JSON of the largest message is at most a few times longer than the message. */
#define INPUT_MAX (256u << 20)

struct call {
    struct vw_connect x;
    struct vw_load load;
    bool load_given;
    struct vw_call_stream stream;
    struct vw_fds fds; /* to send */
    const char *save_fds;
    const char *fault_name;
    struct vw_call_fault *fault; /* NULL: the client is right */
    bool help;
    bool compact;
    const struct vw_proc *proc;
    void *args;
    struct vw_arena arena;
};

/* ---- arguments ---- */

static int parse_json(struct call *call, const char *text, size_t len, const char *file,
                      struct json_object **json)
{
    struct vw_error err = VW_ERROR_INIT;
    if (vw_json_parse(text, len, json, &err))
        return vw_cli_fail("call", file, &err);
    if (*json && !json_object_is_type(*json, json_type_object)) {
        json_object_put(*json);
        return vw_cli_error("call", VW_EXIT_USAGE, "the arguments of %s are a JSON object",
                            call->proc->short_name);
    }
    return 0;
}

/* Operand '-' is stdin; none is an object without members, so that what is missing gets named. */
static int read_json(struct call *call, const char *operand, struct json_object **json)
{
    struct vw_error err = VW_ERROR_INIT;
    char *text;
    size_t len;
    if (!operand)
        return parse_json(call, "{}", 2, NULL, json);
    if (strcmp(operand, "-") != 0)
        return parse_json(call, operand, strlen(operand), "arguments", json);
    if (vw_input_read("-", INPUT_MAX, &text, &len, &err))
        return vw_cli_fail("call", NULL, &err);
    int rc = parse_json(call, text, len, vw_input_name("-"), json);
    free(text);
    return rc;
}

static int make_args(struct call *call, const char *operand)
{
    struct vw_error err = VW_ERROR_INIT;
    struct json_object *json = NULL;
    int rc = read_json(call, operand, &json);
    if (rc)
        return rc;
    if (!call->proc->args) {
        if (json && json_object_object_length(json))
            rc = vw_cli_error("call", VW_EXIT_USAGE, "%s takes no arguments",
                              call->proc->short_name);
    } else if (vw_json_to_value(call->proc->args, json, &call->arena, &call->args, &err)) {
        vw_cli_fail("call", NULL, &err);
        rc = err.code == VW_ENOMEM ? VW_EXIT_TOOL : VW_EXIT_USAGE;
    }
    json_object_put(json);
    return rc;
}

/* ---- the call ---- */

/* The result, and what descriptors came with it. An empty object when there is none. */
static struct json_object *make_result(const struct call *call, const void *ret,
                                       const struct vw_fds *got)
{
    struct vw_error err = VW_ERROR_INIT;
    struct json_object *json =
        call->proc->ret ? vw_json_from_value(call->proc->ret, ret, &err) : json_object_new_object();
    if (!json || got->count == 0 || !json_object_is_type(json, json_type_object))
        return json;
    struct json_object *fds = vw_call_fds_describe(got);
    if (fds && json_object_object_add(json, "descriptors", fds) == 0)
        return json;
    json_object_put(fds);
    json_object_put(json);
    return NULL;
}

static int print_result(struct call *call, const void *ret, const struct vw_fds *got)
{
    struct json_object *json = make_result(call, ret, got);
    char *text = json ? vw_json_text(json, !call->compact && call->proc->ret) : NULL;
    json_object_put(json);
    if (!text)
        return vw_cli_error("call", VW_EXIT_TOOL, "out of memory");
    puts(text);
    free(text);
    return VW_EXIT_OK;
}

/* Arguments that cannot be sent are the fault of who typed them. */
static int fail(const struct vw_error *err)
{
    int status = vw_cli_fail("call", NULL, err);
    return err->code == VW_ELIMIT || err->code == VW_EVALUE ? VW_EXIT_USAGE : status;
}

static int call_plain(struct call *call, struct vw_client *client)
{
    struct vw_error err = VW_ERROR_INIT;
    struct vw_fds got;
    void *ret = NULL;
    int rc = vw_client_call_with(
        client,
        &(const struct vw_submission){VW_SUBMISSION_INIT, .proc = call->proc, .args = call->args,
                                      .fds = call->fds.fd, .n_fds = call->fds.count},
        &call->arena, &ret, &got, &err);
    call->fds.count = 0;
    if (rc)
        return fail(&err);
    rc = print_result(call, ret, &got);
    if (rc == 0 && call->save_fds)
        rc = vw_call_fds_save(&got, call->save_fds, vw_now_ms() + call->x.timeout_ms,
                              VW_CALL_FDS_MAX);
    vw_call_fds_close(&got);
    return rc;
}

/* The result is not printed into the stream. */
static int call_stream(struct call *call, struct vw_client *client)
{
    const struct vw_fds none = {.count = 0};
    void *ret = NULL;
    int rc = vw_call_stream_run(&call->stream, client, call->proc, call->args, call->x.timeout_ms,
                                &call->arena, &ret);
    bool taken = call->stream.output && strcmp(call->stream.output, "-") == 0;
    return rc || taken ? rc : print_result(call, ret, &none);
}

static int call_once(struct call *call, const struct vw_client_options *options)
{
    struct vw_error err = VW_ERROR_INIT;
    struct vw_client *client;
    const struct vw_filter *filter = call->fault ? vw_call_fault_filter(call->fault) : NULL;
    if (vw_client_open_filtered(call->x.uri, options, filter, &client, &err))
        return vw_cli_fail("call", NULL, &err);
    vw_connect_check_keepalive(&call->x, client);
    bool stream = call->stream.output || call->stream.input;
    int rc = stream ? call_stream(call, client) : call_plain(call, client);
    /* A server that did not answer in time would not answer to this either. */
    if (rc != VW_EXIT_UNREACHABLE)
        vw_connect_goodbye(client, vw_now_ms() + VW_GOODBYE_MS);
    vw_client_destroy(client);
    return rc;
}

/* What has to come before the call: its own program may have an open of its own (admin), share that
 * of remote (qemu, lxc), or none (lock, log); and some calls are themselves these first steps. */
static void choose_steps(const struct vw_proc *proc, struct vw_client_options *options)
{
    static const char *const remote[] = {"remote", "qemu", "lxc"};
    const char *program = proc->program->name;
    bool shares = false;
    for (size_t i = 0; i < sizeof(remote) / sizeof(remote[0]); i++)
        shares = shares || strcmp(program, remote[i]) == 0;
    if (strcmp(program, "admin") == 0)
        options->program = "admin";
    else if (!shares)
        options->no_auth = options->no_open = true;
    bool first = (vw_proc_facts(proc)->before & VW_BEFORE_AUTH) != 0;
    if (first || proc == vw_program_proc_named(proc->program, "connect_open"))
        options->no_open = true;
    if (first)
        options->no_auth = true;
}

/* What goes with one call does not go with a load, and streams carry no descriptors. */
static int check_extras(struct call *call)
{
    bool stream = call->stream.output || call->stream.input;
    bool fds = call->fds.count || call->save_fds;
    if (call->load_given && call->fault)
        return vw_cli_error("call", VW_EXIT_USAGE, "--fault is of one call, not of a load");
    if (call->load_given && (stream || fds))
        return vw_cli_error("call", VW_EXIT_USAGE,
                            "streams and descriptors do not go with --repeat, --pipeline and "
                            "--connections");
    if (stream && fds)
        return vw_cli_error("call", VW_EXIT_USAGE, "descriptors do not go with a stream");
    return vw_call_stream_check(&call->stream, call->proc, call->args);
}

static int make_fault(struct call *call)
{
    struct vw_error err = VW_ERROR_INIT;
    if (!call->fault_name)
        return 0;
    int rc = vw_call_fault_create(call->fault_name, call->x.profile, &call->fault, &err);
    return rc ? vw_cli_fail("call", NULL, &err) : 0;
}

static int run_call(struct call *call, const char *uri, const char *name, const char *json)
{
    struct vw_client_options options;
    call->proc = vw_call_find("call", call->x.profile->schema, name);
    if (!call->proc)
        return VW_EXIT_USAGE;
    if (call->proc->kind == VW_PROC_EVENT)
        return vw_cli_error("call", VW_EXIT_USAGE, "%s is an event that servers send, not a call",
                            call->proc->short_name);
    int rc = make_fault(call);
    if (rc == 0)
        rc = make_args(call, json);
    if (rc == 0)
        rc = check_extras(call);
    if (rc == 0)
        rc = vw_connect_uri(&call->x, uri);
    if (rc)
        return rc;
    vw_connect_client_options(&call->x, &options);
    choose_steps(call->proc, &options);
    if (call->load_given)
        return vw_load_run(&call->x, &options, &call->load, call->proc, call->args);
    return call_once(call, &options);
}

/* ---- options ---- */

static int take_fd(const char *command, void *user, const char *file)
{
    return vw_call_fds_add(user, file);
}

static int show_help(struct call *call, int argc, char **argv)
{
    if (argc != 1)
        return vw_cli_error("call", VW_EXIT_USAGE, "--help takes one procedure");
    const struct vw_proc *proc = vw_call_find("call", call->x.profile->schema, argv[0]);
    if (!proc)
        return VW_EXIT_USAGE;
    vw_call_help(proc, stdout);
    return VW_EXIT_OK;
}

static int run_options(struct call *call, int argc, char **argv)
{
    struct vw_load *load = &call->load;
    struct vw_call_stream *stream = &call->stream;
    const struct vw_cli_option options[] = {
        VW_CONNECT_OPTIONS(&call->x),
        {"help", 'h', .flag = &call->help},
        {"compact", 'c', .flag = &call->compact},
        {"repeat", .number = &load->repeat, .min = 1, .max = 1u << 30},
        {"pipeline", .count = &load->pipeline, .min = 1, .max = 65536},
        {"connections", .count = &load->connections, .min = 1, .max = 10000},
        {"output", .text = &stream->output},
        {"input", .text = &stream->input},
        {"sparse", .flag = &stream->sparse},
        {"stream-timeout", .ms = &stream->limit_ms, .max = INT32_MAX},
        {"duration", .ms = &stream->duration_ms, .max = INT32_MAX},
        {"fd", .take = take_fd, .user = &call->fds},
        {"save-fds", .text = &call->save_fds},
        {"fault", .text = &call->fault_name},
        {NULL},
    };
    int rc = vw_cli_options("call", argc, argv, options);
    if (rc)
        return rc;
    call->load_given = load->repeat || load->pipeline || load->connections;
    load->repeat = load->repeat ? load->repeat : 1;
    load->pipeline = load->pipeline ? load->pipeline : 1;
    load->connections = load->connections ? load->connections : 1;
    argc -= optind;
    argv += optind;
    if (call->fault_name && strcmp(call->fault_name, "list") == 0) {
        vw_call_faults_list(stdout);
        return VW_EXIT_OK;
    }
    if (!call->help && argc < 2)
        return vw_cli_error("call", VW_EXIT_USAGE, "%s", argc ? "no procedure" : "no URI");
    if (!call->help && argc > 3)
        return vw_cli_error("call", VW_EXIT_USAGE, "too many arguments");
    rc = vw_connect_load(&call->x);
    if (rc)
        return rc;
    if (call->help)
        return show_help(call, argc, argv);
    return run_call(call, argv[0], argv[1], argv[2]);
}

static int run(int argc, char **argv)
{
    struct call call = {0};
    vw_connect_init(&call.x, "call");
    int rc = run_options(&call, argc, argv);
    vw_call_fds_close(&call.fds);
    vw_call_fault_destroy(call.fault);
    vw_arena_finish(&call.arena);
    vw_connect_finish(&call.x);
    return rc;
}

const struct vw_command vw_command_call = {
    .name = "call",
    .own_help = true,
    .summary = "make one call and print its result as JSON",
    .usage = vw_usage_call,
    .run = run,
};
