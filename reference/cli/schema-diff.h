// SPDX-License-Identifier: MIT
// `virwire schema diff`: what a change of the .x files does to peers.
#pragma once

#include "cli/report-files.h"
#include "cli/schema-seen.h"
#include "conformance/gate/gate.h"

#define VW_CLI_MAX_AGAINST 32

struct vw_cli_diff {
    const char *gate;     /* --gate; NULL: as the settings say */
    const char *settings; /* --settings */
    const char *baseline; /* --baseline: the last release */
    const char *against[VW_CLI_MAX_AGAINST];
    size_t n_against;
    const char *captures[VW_CLI_MAX_AGAINST];
    size_t n_captures;
    const char *witnesses; /* --witnesses: a file for the bytes */
    const char *rpcgen;    /* --rpcgen: a file of what others make of them */
    struct vw_cli_reports reports;
    const char *const *defines;
};

/* For vw_cli_options: the options into *O. */
/* clang-format off */
#define VW_CLI_DIFF_OPTIONS(o)                                                                     \
    {"gate", .text = &(o)->gate},                                                                  \
    {"settings", .text = &(o)->settings},                                                          \
    {"baseline", .text = &(o)->baseline},                                                          \
    {"against", .list = (o)->against, .n = &(o)->n_against, .max = VW_CLI_MAX_AGAINST},            \
    {"captures", .list = (o)->captures, .n = &(o)->n_captures, .max = VW_CLI_MAX_AGAINST},          \
    {"witnesses", .text = &(o)->witnesses},                                                        \
    {"rpcgen", .text = &(o)->rpcgen},                                                              \
    {"report", .take = vw_cli_reports_take, .user = &(o)->reports}
/* clang-format on */

/* ARGV: the old version and the new one; with --against the new one alone. */
int vw_cli_diff_run(const char *command, struct vw_cli_diff *o, int argc, char **argv);
