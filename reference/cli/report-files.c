// SPDX-License-Identifier: MIT
// Files of reports: opened before a run, written behind it.
#include "cli/report-files.h"

#include <string.h>

#include "cli/exit.h"
#include "cli/message.h"

int vw_cli_reports_take(const char *command, void *user, const char *value)
{
    struct vw_cli_reports *r = user;
    struct vw_error err = VW_ERROR_INIT;
    char name[32];
    const char *equals = strchr(value, '=');
    if (!equals || !equals[1] || equals == value || equals - value >= (int)sizeof(name))
        return vw_cli_error(command, VW_EXIT_USAGE, "--report: \"%s\" is not KIND=FILE", value);
    if (r->n == VW_CLI_MAX_REPORTS)
        return vw_cli_error(command, VW_EXIT_USAGE, "--report: at most %d of them",
                            VW_CLI_MAX_REPORTS);
    snprintf(name, sizeof(name), "%.*s", (int)(equals - value), value);
    r->list[r->n].kind = vw_report_find(name, &err);
    r->list[r->n].path = equals + 1;
    if (!r->list[r->n].kind)
        return vw_cli_error(command, VW_EXIT_USAGE, "--report: %s", err.text);
    for (size_t i = 0; i < r->n; i++)
        if (strcmp(r->list[i].path, equals + 1) == 0)
            return vw_cli_error(command, VW_EXIT_USAGE, "--report: two reports in one file, %s",
                                equals + 1);
    r->n++;
    return 0;
}

bool vw_cli_reports_on_stdout(const struct vw_cli_reports *r)
{
    for (size_t i = 0; i < r->n; i++)
        if (strcmp(r->list[i].path, "-") == 0)
            return true;
    return false;
}

int vw_cli_reports_open(const char *command, struct vw_cli_reports *r)
{
    struct vw_error err = VW_ERROR_INIT;
    int rc = 0;
    for (size_t i = 0; i < r->n && rc == 0; i++)
        rc = (r->list[i].kind->tell ? vw_output_open_live : vw_output_open)(r->list[i].path,
                                                                            &r->list[i].out, &err);
    return rc < 0 ? vw_cli_fail(command, NULL, &err) : 0;
}

bool vw_cli_reports_live(const struct vw_cli_reports *r)
{
    for (size_t i = 0; i < r->n; i++)
        if (r->list[i].kind->tell)
            return true;
    return false;
}

void vw_cli_reports_tell(struct vw_cli_reports *r, const struct vw_report *report,
                         const struct vw_finding *f)
{
    struct vw_error err = VW_ERROR_INIT;
    for (size_t i = 0; i < r->n; i++) {
        if (!r->list[i].kind->tell || r->tell_failed)
            continue;
        FILE *out = vw_output_file(r->list[i].out);
        int rc = r->told ? 0 : r->list[i].kind->tell(report, NULL, out, &err);
        rc = rc ? rc : r->list[i].kind->tell(report, f, out, &err);
        r->tell_failed = rc < 0;
        fflush(out);
    }
    r->told = true;
}

void vw_cli_reports_abandon(struct vw_cli_reports *r)
{
    for (size_t i = 0; i < r->n; i++)
        vw_output_abandon(r->list[i].out);
}

static int write_one(const char *command, const struct vw_report *report,
                     const struct vw_report_kind *kind, const char *path, struct vw_output *out)
{
    struct vw_error err = VW_ERROR_INIT;
    if (!out && vw_output_open(path, &out, &err) < 0)
        return vw_cli_fail(command, NULL, &err);
    int rc = report->cases ? kind->list(report, vw_output_file(out), &err)
                           : kind->write(report, vw_output_file(out), &err);
    if (rc < 0) {
        vw_output_abandon(out);
        return vw_cli_fail(command, path, &err);
    }
    return vw_output_commit(out, &err) < 0 ? vw_cli_fail(command, NULL, &err) : 0;
}

int vw_cli_reports_write(const char *command, struct vw_cli_reports *r,
                         const struct vw_report *report)
{
    bool stdout_taken = report->cases || vw_cli_reports_on_stdout(r);
    int status = r->tell_failed ? vw_cli_error(command, VW_EXIT_TOOL, "out of memory") : 0;
    for (size_t i = 0; i < r->n; i++) {
        struct vw_output *out = r->list[i].out;
        r->list[i].out = NULL;
        int rc = write_one(command, report, r->list[i].kind, r->list[i].path, out);
        status = rc ? vw_exit_worse(status, rc) : status;
    }
    if (!stdout_taken) {
        int rc = write_one(command, report, vw_report_find("console", NULL), "-", NULL);
        status = rc ? vw_exit_worse(status, rc) : status;
    }
    return status;
}
