// SPDX-License-Identifier: MIT
// --report KIND=FILE, of whatever reports.
#pragma once

#include "cli/output.h"
#include "conformance/report/report.h"

#define VW_CLI_MAX_REPORTS 16

struct vw_cli_reports {
    struct {
        const struct vw_report_kind *kind;
        const char *path;
        struct vw_output *out; /* open from before the run until the report is written */
    } list[VW_CLI_MAX_REPORTS];
    size_t n;
    bool told;        /* something has been, ahead of the end */
    bool tell_failed; /* without memory */
};

/* For vw_cli_options: takes KIND=FILE into the struct vw_cli_reports USER. */
int vw_cli_reports_take(const char *command, void *user, const char *value);
/* True when a report takes the place of what else would be printed. */
bool vw_cli_reports_on_stdout(const struct vw_cli_reports *r);
/* Before the run, so that a path that cannot be written costs nobody one. 0, or an exit status
 * after the message. */
int vw_cli_reports_open(const char *command, struct vw_cli_reports *r);
/* True when one of them is told of each finding as it comes. */
bool vw_cli_reports_live(const struct vw_cli_reports *r);
/* Those tell of F, with what REPORT knows so far. */
void vw_cli_reports_tell(struct vw_cli_reports *r, const struct vw_report *report,
                         const struct vw_finding *f);
/* Writes them; the console's too unless stdout is taken. 0, or the worst exit status. */
int vw_cli_reports_write(const char *command, struct vw_cli_reports *r,
                         const struct vw_report *report);
void vw_cli_reports_abandon(struct vw_cli_reports *r);
