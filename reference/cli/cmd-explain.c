// SPDX-License-Identifier: MIT
// virwire explain: what a code means. So far those of the gate.
#include <getopt.h>
#include <stdio.h>

#include "base/nearest.h"
#include "cli/command.h"
#include "cli/exit.h"
#include "cli/message.h"
#include "cli/options.h"
#include "cli/usage.h"
#include "conformance/gate/rules.h"

static bool explain_rule(const char *word)
{
    const struct vw_gate_rule *rule = vw_gate_rule_find(word);
    if (!rule)
        return false;
    printf("%s: %s\n  class: %s\n  hurts: %s\n  %s\n", rule->code, rule->title,
           vw_gate_class_name(rule->class), vw_gate_whom_text(rule->whom), rule->meaning);
    return true;
}

static void offer_rules(struct vw_near *near)
{
    for (size_t i = 0; i < vw_gate_rule_count; i++)
        vw_near_offer(near, vw_gate_rules[i].code);
}

/* What can be explained. */
static const struct {
    bool (*explain)(const char *word); /* false: it is none of these */
    void (*offer)(struct vw_near *near);
} kinds[] = {{explain_rule, offer_rules}};
#define N_KINDS (sizeof(kinds) / sizeof(kinds[0]))

static int explain(const char *word)
{
    struct vw_near near = {.word = word};
    for (size_t i = 0; i < N_KINDS; i++)
        if (kinds[i].explain(word))
            return VW_EXIT_OK;
    for (size_t i = 0; i < N_KINDS; i++)
        kinds[i].offer(&near);
    return vw_cli_error("explain", VW_EXIT_USAGE, "unknown rule '%s'%s", word,
                        VW_HINT(",", near.best));
}

static int run(int argc, char **argv)
{
    static const struct vw_cli_option options[] = {{NULL}};
    int rc = vw_cli_options("explain", argc, argv, options);
    if (rc)
        return rc;
    if (optind == argc)
        return vw_cli_error("explain", VW_EXIT_USAGE, "explain what? `virwire schema rules` lists");
    for (int i = optind; i < argc && !rc; i++)
        rc = explain(argv[i]);
    return rc;
}

const struct vw_command vw_command_explain = {
    .name = "explain",
    .summary = "what a rule of `virwire schema diff` means, and whom it hurts",
    .usage = vw_usage_explain,
    .run = run,
};
