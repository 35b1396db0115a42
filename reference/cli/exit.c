// SPDX-License-Identifier: MIT
// Which exit status wins, and which one an error of the libraries becomes.
#include "cli/exit.h"

#include <stddef.h>
#include <virwire/error.h>

/* Worst first. A status that is not listed comes from a bug and is as bad as VW_EXIT_TOOL. */
static const int order[] = {VW_EXIT_TOOL,       VW_EXIT_USAGE,       VW_EXIT_NOTHING,
                            VW_EXIT_INCOMPLETE, VW_EXIT_UNREACHABLE, VW_EXIT_FINDINGS,
                            VW_EXIT_SKIPPED,    VW_EXIT_OK};

static size_t rank(int status)
{
    for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
        if (order[i] == status)
            return i;
    return 0;
}

int vw_exit_worse(int a, int b)
{
    return rank(b) < rank(a) ? b : a;
}

int vw_exit_of(int status)
{
    if (status >= 0)
        return VW_EXIT_OK;
    switch (status) {
    case VW_ESYNTAX:
    case VW_ENAME:
    case VW_EUSAGE:
        return VW_EXIT_USAGE;
    case VW_ETRUNCATED:
    case VW_ELIMIT:
    case VW_EVALUE:
    case VW_EPROTOCOL:
    case VW_EREMOTE:
        return VW_EXIT_FINDINGS;
    case VW_ECLOSED:
    case VW_ETIMEOUT:
    case VW_EUNREACHABLE:
        return VW_EXIT_UNREACHABLE;
    default:
        return VW_EXIT_TOOL;
    }
}
