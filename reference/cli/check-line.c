// SPDX-License-Identifier: MIT
// See check-line.h.
#include "cli/check-line.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "cli/exit.h"
#include "cli/message.h"
#include "cli/options.h"
#include "cli/output.h"
#include "conformance/play/meter.h"

#define NAME "check"
/* What a decoder may take for a vector unless the user says something else. */
#define MEMORY_MAX_MIB 1024
#define MAX_MS         3600000 /* of one wait */
/* Of a step, unless the user says something else: programs are quick, people are not. */
#define STEP_MS   5000
#define PERSON_MS 60000

/* Digits alone, as many as a number of 32 bits has at most, and then END. NULL: something else. */
static const char *read_digits(const char *s, char end, uint32_t *out)
{
    uint64_t v = 0;
    const char *from = s;
    for (; *s >= '0' && *s <= '9' && v <= UINT32_MAX; s++)
        v = v * 10 + (unsigned)(*s - '0');
    *out = (uint32_t)v;
    return s == from || *s != end || v > UINT32_MAX ? NULL : s;
}

static int read_shard(const char *command, void *user, const char *value)
{
    struct vw_check_request *r = user;
    uint32_t i = 0, n = 0;
    const char *slash = read_digits(value, '/', &i);
    if (!slash || !read_digits(slash + 1, '\0', &n) || i < 1 || i > n)
        return vw_cli_error(NAME, VW_EXIT_USAGE, "--shard: \"%s\" is not I/N with I from 1 to N",
                            value);
    r->o.selection.shard = i;
    r->o.selection.n_shards = n;
    return 0;
}

static int read_configured(const char *command, void *user, const char *value)
{
    struct vw_check_request *r = user;
    struct vw_error err = VW_ERROR_INIT;
    if (vw_select_read_configured(value, &r->o.configured, &err) == 0)
        return 0;
    return vw_cli_error(NAME, VW_EXIT_USAGE, "--configured: %s", err.text);
}

static int read_clause(const char *command, void *user, const char *value)
{
    struct vw_check_request *r = user;
    size_t *n = &r->o.selection.n_clauses;
    bool group = value[0] >= 'A' && value[0] <= 'Z' && !value[1];
    if (!group && !vw_clause_valid(value))
        return vw_cli_error(
            NAME, VW_EXIT_USAGE,
            "--clause: \"%s\" is neither a clause such as F-3 nor a group such as F", value);
    if (*n == VW_CHECK_LIST_MAX)
        return vw_cli_error(NAME, VW_EXIT_USAGE, "--clause: at most %d of them", VW_CHECK_LIST_MAX);
    r->clauses[(*n)++] = value;
    return 0;
}

static int read_trace(const char *command, void *user, const char *value)
{
    struct vw_check_request *r = user;
    struct vw_error err = VW_ERROR_INIT;
    if (vw_output_folder(value, &err))
        return vw_cli_error(NAME, VW_EXIT_USAGE, "--trace: %s", err.text);
    r->o.trace = value;
    return 0;
}

static int read_level(const char *command, void *user, const char *value)
{
    struct vw_check_request *r = user;
    return vw_level_parse(value, &r->o.selection.level)
               ? 0
               : vw_cli_error(NAME, VW_EXIT_USAGE, "--level: \"%s\" is not must, should or may",
                              value);
}

static int read_allow(const char *command, void *user, const char *value)
{
    struct vw_check_request *r = user;
    if (strcmp(value, "run") == 0) {
        r->o.allow_run = true;
        return 0;
    }
    r->o.allow_set = true;
    return vw_effect_parse(value, &r->o.allow)
               ? 0
               : vw_cli_error(NAME, VW_EXIT_USAGE,
                              "--allow: \"%s\" is not write, host, crash or run", value);
}

static int read_without(const char *command, void *user, const char *value)
{
    struct vw_check_request *r = user;
    struct vw_error err = VW_ERROR_INIT;
    if (strcmp(value, "list") == 0)
        r->list_checks = true;
    else if (vw_watched_add(value, &r->o.without, &err) < 0)
        return vw_cli_error(NAME, VW_EXIT_USAGE, "--without: %s", err.text);
    return 0;
}

static bool starts_program(const struct vw_check_request *r)
{
    return r->o.kind->operand[0] == '-';
}

/* An option that was given and means nothing for what is checked, and what it is OF; or NULL. */
static const char *idle_option(const struct vw_check_request *r, const char **of)
{
    enum { SERVER = 1, CLIENT = 2, DECODER = 4 };
    static const char *const kinds[] = {[SERVER] = "servers",
                                        [CLIENT] = "clients",
                                        [DECODER] = "decoders",
                                        [SERVER | CLIENT] = "servers and clients"};
    const struct {
        const char *name;
        bool given;
        unsigned of;
    } options[] = {
        {"--suite", r->o.suite, SERVER | CLIENT},
        {"--allow", r->o.allow_set || r->o.allow_run, SERVER},
        {"--slow", r->o.slow_ms, SERVER | CLIENT},
        {"--trace", r->o.trace, SERVER | CLIENT},
        {"--without", r->o.without, SERVER},
        {"--record", r->record, SERVER},
        {"--schema", r->o.schema, SERVER},
        {"--program", r->o.program, SERVER},
        {"--start", r->o.start, SERVER},
        {"--volume", r->o.volume, SERVER},
        {"--configured", r->o.configured, SERVER},
        {"--also", r->o.n_also, SERVER},
        {"--combine", r->o.combine, SERVER | CLIENT},
        {"--when", r->o.when, SERVER | CLIENT},
        {"--ndjson", r->o.ndjson, DECODER},
        {"--against", r->o.n_against, DECODER},
        {"--max-memory", r->max_memory != MEMORY_MAX_MIB, DECODER},
        {"--client", r->o.commands, CLIENT},
        {"--discover", r->discover, SERVER | CLIENT},
        {"--does", r->o.does, CLIENT},
        {"--listen-only", r->o.listen_only, CLIENT},
        {"--memory", r->o.memory, CLIENT},
        {"--pki", r->how.pki, SERVER | CLIENT},
    };
    const char *kind = r->o.kind->name;
    unsigned is = *kind == 's' ? SERVER : *kind == 'c' ? CLIENT : DECODER;
    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
        if (options[i].given && !(options[i].of & is)) {
            *of = kinds[options[i].of];
            return options[i].name;
        }
    }
    return NULL;
}

static int read_command(struct vw_check_request *r, int argc, char **argv)
{
    if (r->o.commands && argc > 0)
        return vw_cli_error(NAME, VW_EXIT_USAGE, "either --client or a command; \"%s\" is too much",
                            argv[0]);
    if (r->o.listen_only && r->o.combine)
        return vw_cli_error(
            NAME, VW_EXIT_USAGE,
            "nobody starts a client that often: --combine is not for --listen-only");
    if (r->o.listen_only && r->discover)
        return vw_cli_error(NAME, VW_EXIT_USAGE,
                            "--discover starts the client; --listen-only does not");
    if (r->o.listen_only && (r->o.commands || argc > 0))
        return vw_cli_error(
            NAME, VW_EXIT_USAGE,
            "with --listen-only somebody else starts the client; \"%s\" is too much",
            argc > 0 ? argv[0] : r->o.commands);
    if (r->o.does && argc == 0 && !r->o.listen_only)
        return vw_cli_error(NAME, VW_EXIT_USAGE, "--does says what a command does; there is none");
    r->o.command = argc > 0 ? (const char *const *)argv : NULL;
    r->o.uri = argc > 0 ? argv[0] : r->o.listen_only ? "by hand" : r->o.commands;
    return 0;
}

/* What stands behind the kind. */
static int read_operands(struct vw_check_request *r, int argc, char **argv)
{
    const char *of, *idle = idle_option(r, &of);
    if (idle)
        return vw_cli_error(NAME, VW_EXIT_USAGE, "%s is for %s, not for a %s", idle, of,
                            r->o.kind->name);
    if (r->o.volume && !vw_volume_is_named(r->o.volume))
        return vw_cli_error(NAME, VW_EXIT_USAGE, "--volume takes POOL/NAME, not \"%.60s\"",
                            r->o.volume);
    if (r->o.when && r->o.combine)
        return vw_cli_error(NAME, VW_EXIT_USAGE,
                            "--when is one condition, and --combine plays under many");
    r->o.max_memory = r->max_memory << 20;
    r->o.pki = r->how.pki;
    if (starts_program(r))
        return read_command(r, argc, argv);
    if (argc > 1)
        return vw_cli_error(NAME, VW_EXIT_USAGE, "one URI is enough; \"%s\" is too much", argv[1]);
    r->o.uri = argc > 0 ? argv[0] : NULL;
    return 0;
}

int vw_check_line_read(struct vw_check_request *r, int argc, char **argv)
{
    struct vw_error err = VW_ERROR_INIT;
    struct vw_selection *s = &r->o.selection;
    const struct vw_cli_option options[] = {
        {"list", .flag = &r->list},
        {"run", .list = r->run, .n = &s->n_run, .max = VW_CHECK_LIST_MAX},
        {"skip", .list = r->skip, .n = &s->n_skip, .max = VW_CHECK_LIST_MAX},
        {"clause", .take = read_clause, .user = r},
        {"level", .take = read_level, .user = r},
        {"allow", .take = read_allow, .user = r},
        {"profile", .text = &r->o.profile},
        VW_CLI_URI_OPTIONS(&r->how),
        {"schema", .text = &r->o.schema},
        {"program", .text = &r->o.program},
        {"suite", .text = &r->o.suite},
        {"start", .text = &r->o.start},
        {"volume", .text = &r->o.volume},
        {"configured", .take = read_configured, .user = r},
        {"also", .list = r->also, .n = &r->o.n_also, .max = VW_TRANSPORTS_MAX - 1},
        {"combine", .count = &r->o.combine, .min = 1, .max = VW_FACTORS},
        {"when", .text = &r->o.when},
        {"jobs", .count = &r->o.jobs, .min = 1, .max = VW_CHECK_JOBS_MAX},
        {"slow", .ms = &r->o.slow_ms, .max = MAX_MS},
        {"slow-enough", .flag = &r->o.slow_enough},
        {"shard", .take = read_shard, .user = r},
        {"timeout", .ms = &r->o.timeout_ms, .max = MAX_MS},
        {"quiet-ms", .count = &r->o.quiet_ms, .max = 60000},
        {"seed", .number = &r->o.seed, .max = UINT64_MAX},
        {"repeat", .count = &r->o.repeat, .min = 1, .max = 10000},
        {"expect", .list = r->expect, .n = &r->o.n_expect, .max = VW_CHECK_LIST_MAX},
        {"write-expect", .text = &r->write_expect},
        {"discover", .text = &r->discover},
        {"record", .text = &r->record},
        {"trace", .take = read_trace, .user = r},
        {"show-secrets", .flag = &r->o.show_secrets},
        {"fail-fast", .flag = &r->o.fail_fast},
        {"keep-going", .flag = &r->o.keep_going},
        {"report", .take = vw_cli_reports_take, .user = &r->reports},
        {"without", .take = read_without, .user = r},
        {"ndjson", .flag = &r->o.ndjson},
        {"against", .list = r->against, .n = &r->o.n_against, .max = VW_CHECK_LIST_MAX},
        {"max-memory", .number = &r->max_memory, .min = 1, .max = MEMORY_MAX_MIB * 1024},
        {"client", .text = &r->o.commands},
        {"does", .text = &r->o.does},
        {"listen-only", .flag = &r->o.listen_only},
        {"memory", .flag = &r->o.memory},
        {"verbose", 'v', .flag = &r->verbose},
        {NULL},
    };
    *r = (struct vw_check_request){.max_memory = MEMORY_MAX_MIB,
                                   .o = {.jobs = 8,
                                         .repeat = 1,
                                         .timeout_ms = -1,
                                         .quiet_ms = 20,
                                         .selection = {.shard = 1, .n_shards = 1}}};
    r->o.also = r->also;
    r->o.selection.run = r->run;
    r->o.selection.skip = r->skip;
    r->o.selection.clauses = r->clauses;
    r->o.expect = r->expect;
    r->o.against = r->against;
    int rc = vw_cli_options(NAME, argc, argv, options);
    if (rc)
        return rc;
    if (r->o.timeout_ms < 0)
        r->o.timeout_ms = r->o.listen_only ? PERSON_MS : STEP_MS;
    if (r->o.profile && strcmp(r->o.profile, "auto") == 0)
        r->o.profile = NULL;
    if (r->o.program && strcmp(r->o.program, "remote") == 0)
        r->o.program = NULL;
    r->o.expect_nothing = r->o.n_expect == 1 && strcmp(r->expect[0], "none") == 0;
    if (r->o.expect_nothing)
        r->o.n_expect = 0;
    if (r->max_memory != MEMORY_MAX_MIB && !vw_meter_possible(&err))
        return vw_cli_fail(NAME, "--max-memory", &err);
    if (optind == argc)
        return vw_cli_error(NAME, VW_EXIT_USAGE, "say what to check: server, client or decoder");
    r->o.kind = vw_check_kind_find(argv[optind], &err);
    if (!r->o.kind)
        return vw_cli_error(NAME, VW_EXIT_USAGE, "%s", err.text);
    rc = read_operands(r, argc - optind - 1, argv + optind + 1);
    if (rc)
        return rc;
    for (size_t i = 0; i < r->reports.n && r->list; i++)
        if (!r->reports.list[i].kind->list)
            return vw_cli_error(NAME, VW_EXIT_USAGE,
                                "--list: the report %s lists no cases; json does",
                                r->reports.list[i].kind->name);
    if (r->o.uri || r->list || r->list_checks)
        return 0;
    return starts_program(r) ? vw_cli_error(NAME, VW_EXIT_USAGE,
                                            "say which %s: -- COMMAND [ARG...]", r->o.kind->name)
                             : vw_cli_error(NAME, VW_EXIT_USAGE,
                                            "name the server by a URI, such as "
                                            "test+unix:///default?socket=PATH");
}

void vw_check_line_again(const struct vw_check_request *r, char *buf, size_t size)
{
    FILE *f = fmemopen(buf, size - 1, "w");
    if (!f)
        return;
    fprintf(f, "virwire check %s", r->o.kind->name);
    if (r->o.profile)
        fprintf(f, " --profile %s", r->o.profile);
    if (r->o.schema)
        fprintf(f, " --schema %s", r->o.schema);
    if (r->o.program)
        fprintf(f, " --program %s", r->o.program);
    if (r->how.dialect_given)
        fprintf(f, " --dialect %s", vw_dialect_name(r->how.dialect));
    if (r->how.localstatedir)
        fprintf(f, " --localstatedir %s", r->how.localstatedir);
    if (r->how.pki)
        fprintf(f, " --pki %s", r->how.pki);
    if (r->o.suite)
        fprintf(f, " --suite %s", r->o.suite);
    if (r->o.start) {
        fputs(" --start ", f);
        vw_report_word(r->o.start, f);
    }
    for (size_t i = 0; i < r->o.n_also; i++) {
        fputs(" --also ", f);
        vw_report_word(r->o.also[i], f);
    }
    if (r->o.when)
        fprintf(f, " --when %s", r->o.when);
    if (r->o.allow_set)
        fprintf(f, " --allow %s", vw_effect_name(r->o.allow));
    if (r->o.allow_run)
        fputs(" --allow run", f);
    if (r->o.volume) {
        fputs(" --volume ", f);
        vw_report_word(r->o.volume, f);
    }
    if (r->o.configured) {
        fputs(" --configured ", f);
        vw_select_say_configured(r->o.configured, f);
    }
    if (r->o.slow_ms)
        fprintf(f, " --slow %g%s", (double)r->o.slow_ms / 1e3,
                r->o.slow_enough ? " --slow-enough" : "");
    for (int i = 0; vw_watched[i].clause; i++)
        if (r->o.without >> i & 1)
            fprintf(f, " --without %s", vw_watched[i].clause);
    if (r->o.ndjson)
        fputs(" --ndjson", f);
    for (size_t i = 0; i < r->o.n_against; i++) {
        fputs(" --against ", f);
        vw_report_word(r->against[i], f);
    }
    if (r->max_memory != MEMORY_MAX_MIB)
        fprintf(f, " --max-memory %llu", (unsigned long long)r->max_memory);
    if (r->o.commands)
        fprintf(f, " --client %s", r->o.commands);
    if (r->o.does)
        fprintf(f, " --does %s", r->o.does);
    if (r->o.memory)
        fputs(" --memory", f);
    if (r->o.listen_only)
        fputs(" --listen-only", f);
    if (r->o.seed)
        fprintf(f, " --seed %llu", (unsigned long long)r->o.seed);
    fclose(f);
}
