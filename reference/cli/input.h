// SPDX-License-Identifier: MIT
// Reading whole inputs that a user names on the command line.
#pragma once

#include <stddef.h>

struct vw_error;

/* Reads all of the file PATH, or of stdin when PATH is "-", into *TEXT, which the caller frees; a
 * NUL that is not counted in *LEN stands behind. VW_ELIMIT when there are more than CAP bytes,
 * VW_EUSAGE when it cannot be opened or read, VW_ENOMEM. */
int vw_input_read(const char *path, size_t cap, char **text, size_t *len, struct vw_error *err);

/* What to call PATH in messages: "stdin" for "-". */
const char *vw_input_name(const char *path);
