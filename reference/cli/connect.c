// SPDX-License-Identifier: MIT
// From options and a URI to what the client library needs.
#include "cli/connect.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/exit.h"
#include "cli/message.h"
#include "cli/options.h"

#define DEFAULT_TIMEOUT_MS 30000
#define MAX_TIMEOUT_MS     86400000
/* Bytes of a message that a trace shows. */
#define TRACE_BYTES 256

void vw_connect_init(struct vw_connect *x, const char *command)
{
    *x = (struct vw_connect){.command = command, .timeout_ms = DEFAULT_TIMEOUT_MS};
}

void vw_connect_finish(struct vw_connect *x)
{
    vw_profile_destroy(x->profile);
    vw_arena_finish(&x->arena);
    x->profile = NULL;
}

static int add_define(struct vw_connect *x, const char *text)
{
    const size_t room = sizeof(x->defines) / sizeof(x->defines[0]) - 1;
    if (!strchr(text, '=') || text[0] == '=')
        return vw_cli_error(x->command, VW_EXIT_USAGE, "-D '%s' is not NAME=VALUE", text);
    if (x->n_defines >= room)
        return vw_cli_error(x->command, VW_EXIT_USAGE, "more than %zu options -D", room);
    x->defines[x->n_defines++] = text;
    return 0;
}

int vw_connect_option(struct vw_connect *x, int opt)
{
    switch (opt) {
    case VW_OPT_PROFILE:
        x->profile_name = optarg;
        return 0;
    case VW_OPT_SCHEMA:
        x->schema_dir = optarg;
        return 0;
    case VW_OPT_DEFINE:
    case 'D':
        return add_define(x, optarg);
    case VW_OPT_TIMEOUT:
        return vw_cli_seconds(x->command, "--timeout", optarg, 0, MAX_TIMEOUT_MS, &x->timeout_ms);
    case VW_OPT_READ_ONLY:
    case 'r':
        x->read_only = true;
        return 0;
    case VW_OPT_TRACE:
        x->trace = true;
        return 0;
    case VW_OPT_NO_AUTH:
        x->no_auth = true;
        return 0;
    case VW_OPT_NO_OPEN:
        x->no_open = true;
        return 0;
    case VW_OPT_NAME:
        x->open_name = optarg;
        return 0;
    default:
        return -1;
    }
}

int vw_connect_load(struct vw_connect *x)
{
    struct vw_error err = VW_ERROR_INIT;
    const struct vw_profile_options options = {.schema_dir = x->schema_dir, .defines = x->defines};
    if (vw_profile_load(x->profile_name, &options, &x->profile, &err) == 0)
        return 0;
    return vw_cli_fail(x->command, NULL, &err);
}

int vw_connect_uri(struct vw_connect *x, const char *text)
{
    struct vw_error err = VW_ERROR_INIT;
    const struct vw_uri_options options = {.read_only = x->read_only,
                                           .uid = geteuid(),
                                           .home = getenv("HOME"),
                                           .runtime_dir = getenv("XDG_RUNTIME_DIR")};
    enum vw_dialect dialect =
        x->profile->dialect == VW_PROFILE_2007 ? VW_DIALECT_030 : VW_DIALECT_MODERN;
    if (vw_uri_parse(text, strlen(text), dialect, &options, &x->arena, &x->uri, &err)) {
        vw_cli_fail(x->command, NULL, &err);
        return err.code == VW_ENOMEM ? VW_EXIT_TOOL : VW_EXIT_USAGE;
    }
    for (size_t i = 0; i < x->uri.warning_count; i++)
        vw_cli_warn(x->command, "%s (clause %s)", x->uri.warnings[i].text,
                    x->uri.warnings[i].clause);
    return 0;
}

void vw_connect_client_options(struct vw_connect *x, struct vw_client_options *out)
{
    *out = (struct vw_client_options){.profile = x->profile,
                                      .read_only = x->read_only,
                                      .no_auth = x->no_auth,
                                      .no_open = x->no_open,
                                      .open_name = x->open_name,
                                      .timeout_ms = x->timeout_ms,
                                      .user = x};
    if (x->trace)
        out->on_trace = vw_connect_trace;
}

static const char *word_of(const char *const *words, size_t n, int32_t value)
{
    return value >= 0 && (size_t)value < n ? words[value] : "?";
}

static void print_hex(const uint8_t *bytes, size_t len)
{
    size_t shown = len < TRACE_BYTES ? len : TRACE_BYTES;
    for (size_t at = 0; at < shown; at += 16) {
        char text[17] = "";
        fprintf(stderr, "    %04zx ", at);
        for (size_t i = at; i < at + 16; i++) {
            if (i < shown)
                fprintf(stderr, "%s%02x", i % 4 ? "" : " ", bytes[i]);
            else
                fprintf(stderr, "%s  ", i % 4 ? "" : " ");
            text[i - at] = i < shown ? isprint(bytes[i]) ? (char)bytes[i] : '.' : '\0';
        }
        fprintf(stderr, "  %s\n", text);
    }
    if (shown < len)
        fprintf(stderr, "    ... and %zu bytes\n", len - shown);
}

void vw_connect_trace(void *user, enum vw_side from, const uint8_t *bytes, size_t len)
{
    static const char *const types[] = {"call",          "reply",          "event",      "stream",
                                        "call with fds", "reply with fds", "stream hole"};
    static const char *const statuses[] = {"ok", "error", "continue"};
    const struct vw_connect *x = user;
    const char *arrow = from == VW_SIDE_CLIENT ? ">" : "<";
    struct vw_header h;
    if (len < VW_PREFIX_BYTES) {
        fprintf(stderr, "%s %zu bytes\n", arrow, len);
        print_hex(bytes, len);
        return;
    }
    vw_header_decode(bytes + VW_LENGTH_BYTES, &h);
    const struct vw_program *p = vw_schema_program(x->profile->schema, h.program, h.version);
    const struct vw_proc *proc = p ? vw_program_proc(p, h.procedure) : NULL;
    fprintf(stderr, "%s %s.%s %s, serial %u, status %s, %zu bytes\n", arrow,
            p ? p->name : "unknown program", proc ? proc->short_name : "unknown procedure",
            word_of(types, sizeof(types) / sizeof(types[0]), h.type), h.serial,
            word_of(statuses, sizeof(statuses) / sizeof(statuses[0]), h.status), len);
    print_hex(bytes, len);
}
