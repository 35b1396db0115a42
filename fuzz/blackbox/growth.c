// SPDX-License-Identifier: MIT
// See growth.h.
#include "fuzz/blackbox/growth.h"

#define WINDOWS_MIN 8 /* fewer tell nothing */

void vw_growth_init(struct vw_growth *g)
{
    *g = (struct vw_growth){.each = 1, .now = UINT64_MAX};
}

static void halve(struct vw_growth *g)
{
    for (unsigned i = 0; i < VW_GROWTH_WINDOWS / 2; i++) {
        uint64_t a = g->least[2 * i], b = g->least[2 * i + 1];
        g->least[i] = a < b ? a : b;
    }
    g->count = VW_GROWTH_WINDOWS / 2;
    g->each *= 2;
}

void vw_growth_add(struct vw_growth *g, uint64_t sample)
{
    g->now = sample < g->now ? sample : g->now;
    if (++g->have < g->each)
        return;
    g->least[g->count++] = g->now;
    g->have = 0;
    g->now = UINT64_MAX;
    if (g->count == VW_GROWTH_WINDOWS)
        halve(g);
}

uint64_t vw_growth_of(const struct vw_growth *g)
{
    uint64_t most = 0, least = UINT64_MAX;
    unsigned quarter = g->count / 4;
    if (g->count < WINDOWS_MIN)
        return 0;
    for (unsigned i = quarter; i < 2 * quarter; i++)
        most = g->least[i] > most ? g->least[i] : most;
    for (unsigned i = g->count - quarter; i < g->count; i++)
        least = g->least[i] < least ? g->least[i] : least;
    return least > most ? least - most : 0;
}
