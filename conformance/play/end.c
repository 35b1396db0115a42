// SPDX-License-Identifier: MIT
// How a case ends. Below all of a run, which may end anywhere.
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "conformance/play/run.h"

static void print_expected(struct vw_run *run)
{
    if (!run->step)
        return;
    FILE *f = fmemopen(run->expected, sizeof(run->expected), "w");
    if (!f)
        return;
    vw_node_print(run->step, f);
    fclose(f);
    run->expected[sizeof(run->expected) - 1] = 0;
}

enum vw_step_result vw_run_fail(struct vw_run *run, enum vw_verdict v, const char *fmt, ...)
{
    if (run->over)
        return VW_STEP_FAIL;
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(run->reason, sizeof(run->reason), fmt, ap);
    va_end(ap);
    run->over = true;
    run->verdict = v;
    run->ended_us = vw_now_us();
    print_expected(run);
    return VW_STEP_FAIL;
}

enum vw_step_result vw_run_error(struct vw_run *run, const struct vw_error *err)
{
    char text[600];
    vw_error_format(err, run->c->path, text, sizeof(text));
    return vw_run_fail(run, VW_ERROR, "%s", text);
}

bool vw_run_is_short(const struct vw_error *err)
{
    const int e = err->sys_errno;
    return err->code == VW_ENOMEM || e == EMFILE || e == ENFILE || e == ENOMEM;
}

enum vw_step_result vw_run_unconnected(struct vw_run *run, const char *who,
                                       const struct vw_error *err)
{
    bool ours = vw_run_is_short(err);
    run->suspicious = run->suspicious || !ours;
    return vw_run_fail(run, ours ? VW_ERROR : VW_FAIL, "%scannot connect: %s", who, err->text);
}

enum vw_step_result vw_run_skip(struct vw_run *run, const char *reason)
{
    return vw_run_fail(run, VW_SKIP, "%s", reason);
}

void vw_run_stray(struct vw_run *run, const struct vw_got *got)
{
    run->strayed = got && !got->short_header;
    if (run->strayed)
        run->stray = got->header;
}

bool vw_run_ended(const struct vw_link *c)
{
    return vw_link_over(c) && !c->broken && !c->flooded;
}
