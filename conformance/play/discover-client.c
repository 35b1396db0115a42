// SPDX-License-Identifier: MIT
// What a client can do: it is asked for each thing by a server that is right, and can what makes it
// send the call of that, however it ends. What comes out is a file of commands for --client.
#include "conformance/play/discover-client.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "conformance/play/discover.h"

static const char case_text[] = "title: the client does it\nclause: C-10\nlevel: must\nsteps:\n"
                                "  - serve: {%s}\n"
                                "  - run: {does: %s}\n"
                                "  - judge: {ends: any, excuses: ['*'], within: 20}\n"
                                "  - came: {%s}\n";

#define ADMIN "listen: admin"
#define EVENT                                                                                      \
    "rules: [{on: {procedure: connect_domain_event_callback_register_any}, after: 50, behind: "    \
    "[{event: {procedure: domain_event_callback_lifecycle, args: {callbackID: 0, msg: {dom: "      \
    "{name: test, uuid: 00112233445566778899aabbccddeeff, id: 1}, event: 2, detail: 0}}}}]}]"

/* What the server does then, and what comes when it is done. */
static const struct {
    const char *does, *serve, *came;
} questions[] = {
    {"open", "", "procedure: connect_open"},
    {"hostname", "", "procedure: connect_get_hostname"},
    {"list", "", "procedure: connect_list_all_domains"},
    {"lookup", "", "procedure: domain_lookup_by_name, args: {name: test}"},
    {"missing", "", "procedure: domain_lookup_by_name, args: {name: nobody-has-this-name}"},
    {"info", "", "procedure: domain_get_info"},
    {"xml", "", "procedure: domain_get_xml_desc"},
    {"event", EVENT, "procedure: connect_domain_event_callback_register_any"},
    {"download", "", "procedure: storage_vol_download"},
    {"upload", "", "procedure: storage_vol_upload"},
    {"stay", "", "procedure: keepalive.ping, times: {at-least: 2}"},
    {"many", "", "procedure: connect_get_hostname, times: 20"},
    {"admin", ADMIN, "procedure: admin.connect_open"},
    {"servers", ADMIN, "procedure: admin.connect_list_servers"},
    {"no-server", ADMIN,
     "procedure: admin.connect_lookup_server, args: {name: nobody-has-this-name}"},
    {"limits", ADMIN, "procedure: admin.server_get_client_limits"},
    {"clients", ADMIN, "procedure: admin.server_list_clients"},
    {"admin-many", ADMIN, "procedure: admin.connect_list_servers, times: 20"},
};
#define N_QUESTIONS (sizeof(questions) / sizeof(questions[0]))

static int ask_all(struct vw_suite *suite, const struct vw_profile *profile, struct vw_error *err)
{
    const struct vw_suite_options o = {.profile = profile};
    char text[sizeof(case_text) + 512];
    int rc = 0;
    for (size_t i = 0; i < N_QUESTIONS && rc == 0; i++) {
        snprintf(text, sizeof(text), case_text, questions[i].serve, questions[i].does,
                 questions[i].came);
        rc = vw_suite_add(suite, questions[i].does, questions[i].does, text, strlen(text), &o, err);
    }
    return rc;
}

/* ---- the beginning ---- */

static const char sanity_text[] =
    "title: a client gets to its first call\nclause: C-10\nlevel: must\nsteps:\n"
    "  - serve: {%s}\n"
    "  - run: {does: %s}\n"
    "  - judge: {ends: any, excuses: ['*']}\n"
    "  - came: {procedure: %s}\n";

int vw_sanity_of_client(struct vw_sanity *s, const struct vw_client_commands *commands,
                        const struct vw_profile *profile, struct vw_error *err)
{
    const struct vw_suite_options o = {.profile = profile};
    char text[sizeof(sanity_text) + 512];
    size_t i = 0;
    memset(s, 0, sizeof(*s));
    while (i < N_QUESTIONS && !commands->argv[vw_does_find(questions[i].does)])
        i++;
    if (i == N_QUESTIONS)
        return 0;
    const bool admin = strcmp(questions[i].serve, ADMIN) == 0;
    snprintf(text, sizeof(text), sanity_text, questions[i].serve, questions[i].does,
             admin ? "admin.connect_open" : "auth_list");
    int rc = vw_suite_add(&s->suite, "sanity", "sanity", text, strlen(text), &o, err);
    if (rc == 0)
        s->ask = &s->suite.cases[0];
    return rc;
}

/* ---- the answers ---- */

/* As JSON has it, which is YAML too. */
static void put_text(const char *text, FILE *out)
{
    struct json_object *s = json_object_new_string(text);
    fputs(s ? json_object_to_json_string_ext(s, JSON_C_TO_STRING_NOSLASHESCAPE) : "\"\"", out);
    json_object_put(s);
}

static void put_command(const char *const *argv, FILE *out)
{
    fputc('[', out);
    for (size_t i = 0; argv[i]; i++) {
        fputs(i ? ", " : "", out);
        put_text(argv[i], out);
    }
    fputs("]\n", out);
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static void write_commands(const struct vw_client_commands *c, const struct vw_result *results,
                           FILE *out)
{
    fputs("# What a client can do, asked by `virwire check client --discover`. Take out what it is "
          "not meant\n# to do, and mend what it should: the check asks it for nothing else.\n"
          "name: ",
          out);
    put_text(*c->name ? c->name : base_name(c->argv[0][0]), out);
    fputc('\n', out);
    if (c->version) {
        fputs("version: ", out);
        put_command(c->version, out);
    }
    fputs("does:\n", out);
    for (size_t i = 0; i < N_QUESTIONS; i++) {
        const struct vw_finding *f = &results[i].finding;
        const char *why = f->found ? f->found : "";
        if (f->verdict != VW_PASS) {
            fprintf(out, "  # %s: %.*s\n", questions[i].does, (int)strcspn(why, "\n"), why);
            continue;
        }
        fprintf(out, "  %s: ", questions[i].does);
        put_command(c->argv[vw_does_find(questions[i].does)], out);
    }
}

/* With COMMAND for what C has none for. */
static int fill_in(struct vw_client_commands *c, const char *const *command, struct vw_arena *arena,
                   struct vw_error *err)
{
    size_t n = 0;
    while (vw_does_words[n])
        n++;
    const char *const **argv = vw_arena_zalloc(arena, n * sizeof(*argv), sizeof(void *));
    if (!argv)
        return vw_error_nomem(err);
    for (size_t i = 0; i < n; i++)
        argv[i] = c->argv[i] ? c->argv[i] : command;
    c->argv = argv;
    return 0;
}

int vw_discover_client(struct vw_player_options *po, const char *const *command, FILE *out,
                       struct vw_tally *tally, struct vw_error *err)
{
    struct vw_client_suite all = *po->settings.client;
    struct vw_discovery d = {0};
    struct vw_arena arena;
    vw_arena_init(&arena);
    po->settings.client = &all;
    int rc = fill_in(&all.commands, command, &arena, err);
    rc = rc ? rc : ask_all(&d.suite, po->settings.profile, err);
    rc = rc ? rc : vw_discovery_play(&d, po, tally, err);
    if (rc == 0 && !tally->by[VW_PASS])
        rc = vw_error_set(err, VW_EPROTOCOL, "it does nothing that it is asked for; open: %.250s",
                          d.results[0].finding.found);
    if (rc == 0)
        write_commands(&all.commands, d.results, out);
    vw_discovery_finish(&d);
    vw_arena_finish(&arena);
    return rc;
}
