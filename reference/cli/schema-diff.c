// SPDX-License-Identifier: MIT
// `virwire schema diff`: loads the versions, compares, judges, reports. Whatever keeps it from a
// verdict is exit status 3, never 0.
#include "cli/schema-diff.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/file.h"
#include "cli/commit.h"
#include "cli/exit.h"
#include "cli/message.h"
#include "cli/output.h"

#define MAX_SIDES    (VW_CLI_MAX_AGAINST + 16)
#define OPINIONS_MAX ((size_t)16 << 20)

/* One older version, and what is found against it. */
struct against {
    struct vw_gate_side side;
    struct vw_gate found;
    bool loaded;
};

struct work {
    const char *command;
    struct vw_cli_diff *o;
    struct vw_gate_side after;
    struct against older[MAX_SIDES];
    size_t n;
    struct vw_gate all;
    struct vw_gate_settings settings;
    struct timespec start;
};

/* No verdict: whatever it was, 3. */
static int no_verdict(struct work *w, const char *file, const char *rule,
                      const struct vw_error *err)
{
    char text[700];
    const struct vw_finding f = vw_finding_of_error(err, file && *file ? file : NULL);
    return vw_cli_error(w->command, VW_EXIT_TOOL, "%s (%s)",
                        vw_finding_line(&f, text, sizeof(text)), rule);
}

static int load(struct work *w, struct vw_gate_side *side, const char *name, bool old)
{
    struct vw_error err = VW_ERROR_INIT;
    if (vw_gate_side_load(side, name, w->o->defines, &err))
        return no_verdict(w, side->error_file, vw_gate_error_rule(&err, old), &err);
    return 0;
}

/* Compares with the older version NAME. SPARED: what it alone has was never released. */
static int compare(struct work *w, const char *name, bool spared)
{
    struct vw_error err = VW_ERROR_INIT;
    char note[200];
    if (w->n == MAX_SIDES)
        return vw_cli_error(w->command, VW_EXIT_USAGE, "more than %d versions", MAX_SIDES);
    struct against *a = &w->older[w->n++];
    vw_gate_init(&a->found);
    int status = load(w, &a->side, name, true);
    if (status)
        return status;
    if (vw_gate_diff(&a->found, &a->side, &w->after, &err))
        return no_verdict(w, name, "GEN001", &err);
    if (vw_gate_witness(&a->found, &a->side, &w->after, &err))
        return vw_cli_error(w->command, VW_EXIT_TOOL, "out of memory");
    snprintf(note, sizeof(note), spared ? "never released: it was in %.150s" : "against %.150s",
             name);
    bool one = !w->o->n_against && !spared;
    return vw_gate_join(&w->all, &a->found, one ? NULL : note, spared)
               ? vw_cli_error(w->command, VW_EXIT_TOOL, "out of memory")
               : 0;
}

static int compare_all(struct work *w, const char *before)
{
    int status = 0;
    if (w->o->baseline)
        status = compare(w, w->o->baseline, false);
    if (before && !status)
        status = compare(w, before, w->o->baseline != NULL);
    for (size_t i = 0; i < w->o->n_against && !status; i++) {
        if (strcmp(w->o->against[i], "all") != 0)
            status = compare(w, w->o->against[i], false);
        for (const char *const *name = vw_profile_names();
             strcmp(w->o->against[i], "all") == 0 && *name && !status; name++)
            status = compare(w, *name, false);
    }
    return status;
}

/* What rpcgen's code says of the witnesses. */
static int read_opinions(struct work *w)
{
    struct vw_error err = VW_ERROR_INIT;
    char *text = NULL;
    size_t len;
    if (!w->o->rpcgen)
        return 0;
    int failed = vw_file_read(w->o->rpcgen, false, OPINIONS_MAX, &text, &len);
    if (failed)
        return vw_cli_error(w->command, VW_EXIT_TOOL, "%s: %s", w->o->rpcgen, strerror(failed));
    int status = vw_gate_opinions(&w->all, text, len, &err)
                     ? no_verdict(w, w->o->rpcgen, "GEN001", &err)
                     : 0;
    free(text);
    return status;
}

static int read_settings(struct work *w, enum vw_gate_class *last)
{
    struct vw_error err = VW_ERROR_INIT;
    const char *word = "limit";
    if (w->o->settings && vw_gate_settings_load(&w->settings, w->o->settings, &err))
        return no_verdict(w, err.line ? w->o->settings : NULL, "GEN001", &err);
    word = w->o->gate ? w->o->gate : w->settings.gate ? w->settings.gate : word;
    if (!vw_gate_last_gated(word, last))
        return vw_cli_error(w->command, VW_EXIT_USAGE,
                            "--gate: \"%s\" is not wire, limit, source or all", word);
    return 0;
}

static int report(struct work *w, const char *before)
{
    static const struct vw_peer nobody;
    static const char *const none[] = {NULL};
    struct vw_tally tally = {.planned = w->all.count, .done = w->all.count};
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    for (size_t i = 0; i < w->all.count; i++)
        tally.by[w->all.list[i]->verdict]++;
    const struct vw_report r = {
        .kind = "schema",
        .command = "virwire schema diff",
        .uri = w->after.name,
        .against = before,
        .commit = VW_COMMIT,
        .digest = vw_schema_digest(w->after.schema),
        .profile = w->after.name,
        .without = none,
        .peer = &nobody,
        .findings = (const struct vw_finding *const *)w->all.list,
        .count = w->all.count,
        .tally = &tally,
        .us = (now.tv_sec - w->start.tv_sec) * 1000000 + (now.tv_nsec - w->start.tv_nsec) / 1000,
        .when = (int64_t)time(NULL),
    };
    int written = vw_cli_reports_write(w->command, &w->o->reports, &r);
    return vw_exit_worse(vw_tally_exit(&tally), written);
}

/* One line: what the bytes are, of which types, who writes them, and in hex. */
static void write_witness(const struct vw_change *c, FILE *out)
{
    const struct vw_witness *w = c->witness;
    const char *before = w->missing ? NULL : w->types[0], *after = w->missing ? NULL : w->types[1];
    fprintf(out, "%s\t%s\t%s\t%s\t%s\t", c->fingerprint, w->missing ? "unconfirmed" : w->how,
            before ? before : "-", after ? after : "-", w->missing ? "-" : w->writer);
    for (size_t i = 0; !w->missing && i < w->len; i++)
        fprintf(out, "%02x", w->bytes[i]);
    fputc('\n', out);
}

static int write_witnesses(const struct work *w)
{
    struct vw_error err = VW_ERROR_INIT;
    struct vw_output *out;
    if (!w->o->witnesses)
        return VW_EXIT_OK;
    if (vw_output_open(w->o->witnesses, &out, &err))
        return vw_cli_fail(w->command, NULL, &err);
    for (size_t i = 0; i < w->all.count; i++)
        if (w->all.list[i]->change && w->all.list[i]->change->witness)
            write_witness(w->all.list[i]->change, vw_output_file(out));
    return vw_output_commit(out, &err) ? vw_cli_fail(w->command, NULL, &err) : VW_EXIT_OK;
}

static int run(struct work *w, const char *before, const char *after)
{
    char today[16];
    time_t now = time(NULL);
    struct tm tm;
    struct vw_error err = VW_ERROR_INIT;
    struct vw_gate_terms terms = {.settings = &w->settings, .today = today};
    strftime(today, sizeof(today), "%Y-%m-%d", gmtime_r(&now, &tm));
    int status = read_settings(w, &terms.last_gated);
    if (!status)
        status = vw_cli_reports_open(w->command, &w->o->reports);
    if (!status)
        status = load(w, &w->after, after, false);
    if (!status)
        status = compare_all(w, before);
    if (!status)
        status = read_opinions(w);
    if (!status && vw_gate_judge(&w->all, &terms, &err))
        status = no_verdict(w, NULL, "GEN001", &err);
    const struct vw_cli_seen seen = {w->o->captures, w->o->n_captures};
    if (!status)
        status = vw_cli_seen_add(w->command, &seen, &w->all);
    const char *old = w->o->baseline ? w->o->baseline : before ? before : w->o->against[0];
    if (status)
        return status;
    status = write_witnesses(w);
    return vw_exit_worse(report(w, old), status);
}

int vw_cli_diff_run(const char *command, struct vw_cli_diff *o, int argc, char **argv)
{
    static struct work w; /* too large for a stack */
    bool one = o->n_against || o->baseline;
    if (argc > 2 || argc < (one ? 1 : 2))
        return vw_cli_error(command, VW_EXIT_USAGE, "diff takes the old version and the new one");
    w = (struct work){.command = command, .o = o};
    vw_gate_init(&w.all);
    clock_gettime(CLOCK_MONOTONIC, &w.start);
    int status = run(&w, argc == 2 ? argv[0] : NULL, argv[argc - 1]);
    for (size_t i = 0; i < w.n; i++) {
        vw_gate_finish(&w.older[i].found);
        vw_gate_side_finish(&w.older[i].side);
    }
    vw_gate_finish(&w.all);
    vw_gate_side_finish(&w.after);
    vw_gate_settings_finish(&w.settings);
    vw_cli_reports_abandon(&o->reports);
    return status;
}
