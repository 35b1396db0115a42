// SPDX-License-Identifier: MIT
// See rows.h.
#include "conformance/play/testing/rows.h"

#include <stdio.h>
#include <string.h>

static bool ends_with(const char *s, const char *end)
{
    size_t n = strlen(s), m = strlen(end);
    return n >= m && strcmp(s + n - m, end) == 0;
}

static bool play_row(const struct vw_profile *profile, const struct row *r, size_t i, size_t chunk)
{
    static struct peer p;
    struct played got;
    char text[2000];
    bool own = strncmp(r->steps, "needs:", 6) == 0;
    snprintf(text, sizeof(text), "%s%s", own ? "" : "needs: [open]\nsteps:\n", r->steps);
    peer_init(&p, profile, &r->rule, 1);
    p.chunk = chunk;
    play_text(&p, text, &got);
    peer_finish(&p);
    if (got.verdict == r->verdict && strcmp(got.reason, r->reason) == 0 && got.ms == r->ms &&
        got.suspicious == r->suspicious && (!r->log || ends_with(p.log, r->log)))
        return true;
    printf("# row %zu (%s): %s, %s, %d ms, %d; %s\n", i, r->steps, vw_verdict_name(got.verdict),
           got.reason, (int)got.ms, got.suspicious, p.log);
    return false;
}

size_t rows_wrong(const struct vw_profile *profile, const struct row *rows, size_t n, size_t chunk)
{
    size_t wrong = 0;
    for (size_t i = 0; i < n; i++)
        wrong += !play_row(profile, &rows[i], i, chunk);
    return wrong;
}
