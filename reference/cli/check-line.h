// SPDX-License-Identifier: MIT
// What the command line of `virwire check` says.
#pragma once

#include "cli/credentials.h"
#include "cli/report-files.h"
#include "cli/uri-options.h"
#include "conformance/play/check.h"

#define VW_CHECK_LIST_MAX     64
#define VW_CHECK_WARNINGS_MAX 16

/* All zero until it is read. */
struct vw_check_request {
    struct vw_check_options o;
    struct vw_client_options login;
    struct vw_cli_credentials credentials;
    struct vw_cli_uri how;
    struct vw_uri_options uri;
    char *told[VW_CHECK_WARNINGS_MAX]; /* warnings, each of them once */
    bool list;
    bool list_checks;
    bool verbose;
    const char *record;
    const char *write_expect;
    const char *discover; /* where the profile of what the server has goes */
    struct vw_output *expect_out;
    const char *also[VW_TRANSPORTS_MAX], *run[VW_CHECK_LIST_MAX], *skip[VW_CHECK_LIST_MAX],
        *clauses[VW_CHECK_LIST_MAX], *expect[VW_CHECK_LIST_MAX], *against[VW_CHECK_LIST_MAX];
    uint64_t max_memory; /* MiB */
    struct vw_cli_reports reports;
    const struct vw_check *check;
    /* What the reports say of the request. */
    const char *without[VW_WATCHED_MAX + 1];
    char implements[120], again[1024];
    bool *was_told; /* of each case, by a report that is written as the run goes; or NULL */
};

/* Reads it. 0, or an exit status after the message. */
int vw_check_line_read(struct vw_check_request *r, int argc, char **argv);
/* What a user types to run one case again, but for --run and the URI; what does not fit is cut. */
void vw_check_line_again(const struct vw_check_request *r, char *buf, size_t size);
