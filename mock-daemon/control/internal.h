// SPDX-License-Identifier: MIT
// Between the socket (control.c) and what its lines say (request.c).
#pragma once

#include "mock-daemon/control/control.h"

/* Reads the LEN bytes of a line into C and runs it. The answer, a line, is *ANSWER, malloc'ed;
 * NULL: it comes later, or there is no memory, which is VW_ENOMEM. */
int vw_control_request(struct vw_control_call *c, const char *line, size_t len, char **answer);
/* The answer to C, of which RC has come. NULL: no memory. */
char *vw_control_line(struct vw_control_call *c, int rc);
/* Forgets what C has of its request. */
void vw_control_forget(struct vw_control_call *c);
