// SPDX-License-Identifier: MIT
// Standard descriptors that the caller of a program has closed.
#pragma once

/* For the first line of main: where stdin, stdout or stderr is closed, a descriptor takes the place
 * that can neither be read (stdin) nor written (the others). Else the next file or socket would get
 * the number, and messages would end up in it. 0, or -1 with errno. */
int vw_std_hold(void);
