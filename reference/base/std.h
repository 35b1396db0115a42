// SPDX-License-Identifier: MIT
// What a program inherits from its caller and cannot work with: closed standard descriptors,
// blocked signals.
#pragma once

/* For the first line of main: where stdin, stdout or stderr is closed, a descriptor takes the place
 * that can neither be read (stdin) nor written (the others). Else the next file or socket would get
 * the number, and messages would end up in it. 0, or -1 with errno. */
int vw_std_hold(void);

/* Unblocks what ends a program (SIGHUP, SIGINT, SIGTERM, SIGPIPE) and what tells of a child's end.
 * What is ignored stays so: nohup means it. To be called when SIGPIPE has got its action, for one
 * may wait. */
void vw_std_hear(void);
