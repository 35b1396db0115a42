// SPDX-License-Identifier: MIT
// The standard input and output as a connection, as the transports ext and ssh have it.
#pragma once

#include <virwire/error.h>

/* *FD: a socket to whoever is at the other end of stdin and stdout. Where these are one socket, it
 * is that; else two processes carry what comes, until their sides end. VW_ESYSTEM. */
int vw_stdio_open(int *fd, struct vw_error *err);
