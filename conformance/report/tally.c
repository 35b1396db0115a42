// SPDX-License-Identifier: MIT
// Weights of verdicts.
#include "conformance/report/tally.h"

#include <stdio.h>

int vw_tally_exit(const struct vw_tally *t)
{
    if (t->by[VW_ERROR])
        return 3;
    if (t->planned == 0)
        return 4;
    if (t->unreachable)
        return 5;
    if (t->incomplete || (t->done < t->planned && !t->stopped))
        return 6;
    if (t->by[VW_FAIL] + t->by[VW_HUNG] + t->by[VW_CRASH] + t->by[VW_XPASS])
        return 1;
    return t->by[VW_SKIP] == t->planned ? 77 : 0;
}

void vw_tally_incomplete(struct vw_tally *t, const char *why)
{
    t->incomplete = true;
    t->why = t->why ? t->why : why;
}

char *vw_tally_line(const struct vw_tally *t, char *buf, size_t size)
{
    static const struct {
        enum vw_verdict verdict;
        const char *word;
    } order[] = {
        {VW_PASS, "passed"},
        {VW_LENIENT, "lenient"},
        {VW_FAIL, "failed"},
        {VW_HUNG, "hung"},
        {VW_CRASH, "crashed"},
        {VW_XFAIL, "failed as expected"},
        {VW_XPASS, "passed unexpectedly"},
        {VW_ERROR, "undecided"},
        {VW_SKIP, "skipped"},
    };
    size_t used = 0;
    for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
        size_t n = t->by[order[i].verdict];
        bool always = order[i].verdict == VW_PASS || order[i].verdict == VW_FAIL;
        if ((n || always) && used < size)
            used += (size_t)snprintf(buf + used, size - used, "%s%zu %s", used ? ", " : "", n,
                                     order[i].word);
    }
    if (used < size)
        used += (size_t)snprintf(buf + used, size - used, " of %zu planned", t->planned);
    if (t->done < t->planned && used < size)
        snprintf(buf + used, size - used, "; %zu not run", t->planned - t->done);
    return buf;
}
