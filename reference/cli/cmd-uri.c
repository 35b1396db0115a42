// SPDX-License-Identifier: MIT
// virwire uri: what a connection URI means in one of the three dialects, as JSON.
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <json-c/json.h>
#include <virwire/uri.h>

#include "base/nearest.h"
#include "base/shown.h"
#include "cli/command.h"
#include "cli/exit.h"
#include "cli/message.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/uri-json.h"
#include "cli/usage.h"

static int choose_dialect(const char *command, void *user, const char *name)
{
    static const char *const known[] = {"2007", "0.3.0", "modern"};
    if (vw_dialect_from_name(name, user) == 0)
        return 0;
    const char *near = vw_nearest(name, known, 3);
    return vw_cli_error(command, VW_EXIT_USAGE, "unknown dialect '%s'%s", name,
                        near ? VW_HINT(",", near) : ", known are 2007, 0.3.0 and modern");
}

static int show(const char *text, const struct vw_uri_options *options, struct vw_arena *arena)
{
    struct vw_error err = VW_ERROR_INIT;
    const struct vw_uri *uri;
    struct json_object *json = NULL;
    if (vw_uri_parse(text, strlen(text), options, arena, &uri, &err) ||
        vw_uri_to_json(uri, arena, &json, &err))
        return vw_cli_fail_input("uri", NULL, &err);
    const char *out = json_object_to_json_string_ext(
        json, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED | JSON_C_TO_STRING_NOSLASHESCAPE);
    int rc = out ? VW_EXIT_OK : vw_cli_error("uri", VW_EXIT_TOOL, "out of memory");
    if (out) {
        vw_shown_print(stdout, out, strlen(out), VW_SHOWN_JSON);
        putchar('\n');
    }
    json_object_put(json);
    for (size_t i = 0; i < uri->warning_count; i++)
        vw_cli_warn("uri", "%s (clause %s)", uri->warnings[i].text, uri->warnings[i].clause);
    return rc;
}

static int run(int argc, char **argv)
{
    struct vw_uri_options options = {
        VW_URI_OPTIONS_INIT,
        .uid = geteuid(),
        .home = getenv("HOME"),
        .runtime_dir = getenv("XDG_RUNTIME_DIR"),
    };
    const struct vw_cli_option rows[] = {
        {"dialect", 'd', .take = choose_dialect, .user = &options.dialect},
        {"read-only", 'r', .flag = &options.read_only},
        {"truncate", .flag = &options.truncate_nul},
        {"uid", .count = &options.uid, .max = UINT32_MAX - 1},
        {NULL},
    };
    int rc = vw_cli_options("uri", argc, argv, rows);
    if (rc)
        return rc;
    if (argc - optind != 1)
        return vw_cli_error("uri", VW_EXIT_USAGE, "%s",
                            optind < argc ? "more than one URI" : "no URI");
    struct vw_arena arena = VW_ARENA_INIT;
    rc = show(argv[optind], &options, &arena);
    vw_arena_finish(&arena);
    return rc;
}

const struct vw_command vw_command_uri = {
    .name = "uri",
    .summary = "what a connection URI means, as JSON",
    .usage = vw_usage_uri,
    .run = run,
};
