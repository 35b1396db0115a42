// SPDX-License-Identifier: MIT
// virwire explain: what a code means.
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/exit.h"
#include "cli/explain.h"
#include "cli/message.h"
#include "cli/options.h"
#include "cli/usage.h"

#define NAME "explain"

/* What can be explained; what costs nothing to look up comes first. */
static const struct vw_explained *const kinds[] = {&vw_explained_rules, &vw_explained_clauses,
                                                   &vw_explained_faults, &vw_explained_profiles,
                                                   &vw_explained_cases};
#define N_KINDS (sizeof(kinds) / sizeof(kinds[0]))

static int explain(const char *word)
{
    struct vw_near near = {.word = word};
    for (size_t i = 0; i < N_KINDS; i++)
        if (kinds[i]->explain(word))
            return VW_EXIT_OK;
    for (size_t i = 0; i < N_KINDS; i++)
        kinds[i]->offer(&near);
    return vw_cli_error(NAME, VW_EXIT_USAGE, "'%s' is no clause, case, fault, profile or rule%s",
                        word, VW_HINT(",", near.best));
}

/* Of one kind, or with NULL the kinds and how to list each. */
static int list(const char *plural)
{
    struct vw_near near = {.word = plural};
    for (size_t i = 0; i < N_KINDS; i++) {
        if (strcmp(kinds[i]->plural, plural) == 0) {
            kinds[i]->list();
            return VW_EXIT_OK;
        }
        vw_near_offer(&near, kinds[i]->plural);
    }
    return vw_cli_error(NAME, VW_EXIT_USAGE,
                        "--list %s: known are clauses, cases, faults, profiles and rules%s", plural,
                        VW_HINT(";", near.best));
}

static int run(int argc, char **argv)
{
    const char *plural = NULL;
    const struct vw_cli_option options[] = {{"list", .text = &plural}, {NULL}};
    int rc = vw_cli_options(NAME, argc, argv, options);
    if (rc)
        return rc;
    if (plural)
        return list(plural);
    if (optind == argc)
        return vw_cli_error(NAME, VW_EXIT_USAGE,
                            "explain what? `virwire explain --list clauses` (cases, faults, "
                            "profiles, rules) lists what can be");
    for (int i = optind; i < argc && !rc; i++)
        rc = explain(argv[i]);
    return rc;
}

const struct vw_command vw_command_explain = {
    .name = NAME,
    .summary = "what a clause, case, fault or rule means, with all that belongs to it",
    .usage = vw_usage_explain,
    .run = run,
};
