// SPDX-License-Identifier: MIT
// Exit statuses of virwire: the same for every subcommand.
#pragma once

enum vw_exit {
    VW_EXIT_OK = 0,          /* conformant, no finding */
    VW_EXIT_FINDINGS = 1,    /* findings; also: a server answered a call with an error */
    VW_EXIT_USAGE = 2,       /* wrong usage or unreadable input */
    VW_EXIT_TOOL = 3,        /* the tool itself failed */
    VW_EXIT_NOTHING = 4,     /* nothing was selected */
    VW_EXIT_UNREACHABLE = 5, /* the implementation could not be reached or started */
    VW_EXIT_INCOMPLETE = 6,  /* the run is incomplete */
    VW_EXIT_SKIPPED = 77     /* everything was skipped */
};

/* The one of two that wins when parts of a run end differently: 3, 6, 5, 1, 77, 0. 2 and 4 mean
 * that nothing ran; they win over all but 3. */
int vw_exit_worse(int a, int b);

/* The exit status for an enum vw_status that ended a command. */
int vw_exit_of(int status);
