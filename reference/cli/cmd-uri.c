// SPDX-License-Identifier: MIT
// virwire uri: what a connection URI means in one of the three dialects, as JSON.
#include <getopt.h>
#include <string.h>
#include <unistd.h>

#include <json-c/json.h>
#include <virwire/uri.h>

#include "base/shown.h"
#include "cli/command.h"
#include "cli/exit.h"
#include "cli/message.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/uri-json.h"
#include "cli/uri-options.h"
#include "cli/usage.h"

/* The releases whose clients the dialects are. */
static int choose_dialect(struct vw_cli_uri *x, const char *profile)
{
    unsigned release = profile ? vw_cli_uri_release(profile) : 0;
    if (profile && release != 3000 && release < VW_URI_FIRST_MODERN)
        return vw_cli_error("uri", VW_EXIT_USAGE,
                            "--profile %s: known are 0.3.0, and 7.0.0 and later", profile);
    if (release == 3000 && !x->dialect_given) {
        x->dialect = VW_DIALECT_030;
        x->dialect_given = true;
    }
    return 0;
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
    vw_cli_uri_warn("uri", uri);
    return rc;
}

static int run(int argc, char **argv)
{
    struct vw_cli_uri x = {0};
    struct vw_uri_options options = {VW_URI_OPTIONS_INIT};
    const char *profile = NULL;
    bool read_only = false, truncate = false;
    unsigned uid = geteuid();
    const struct vw_cli_option rows[] = {
        VW_CLI_URI_OPTIONS(&x),
        {"profile", .text = &profile},
        {"read-only", 'r', .flag = &read_only},
        {"truncate", .flag = &truncate},
        {"uid", .count = &uid, .max = UINT32_MAX - 1},
        {NULL},
    };
    int rc = vw_cli_options("uri", argc, argv, rows);
    if (rc == 0)
        rc = choose_dialect(&x, profile);
    if (rc)
        return rc;
    if (argc - optind != 1)
        return vw_cli_error("uri", VW_EXIT_USAGE, "%s",
                            optind < argc ? "more than one URI" : "no URI");
    struct vw_arena arena = VW_ARENA_INIT;
    rc = vw_cli_uri_fill("uri", &x, profile ? profile : "", false, &arena, &options);
    options.read_only = read_only;
    options.truncate_nul = truncate;
    options.uid = uid;
    rc = rc ? rc : show(argv[optind], &options, &arena);
    vw_arena_finish(&arena);
    return rc;
}

const struct vw_command vw_command_uri = {
    .name = "uri",
    .summary = "what a connection URI means, as JSON",
    .usage = vw_usage_uri,
    .run = run,
};
