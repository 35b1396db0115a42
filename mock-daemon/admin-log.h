// SPDX-License-Identifier: MIT
// The language of logging filters and outputs as the admin program has it: words with a priority in
// front, `1:util 3:remote` and `1:stderr 3:file:/var/log/x`.
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* What may stand behind the priority. */
struct vw_log_form {
    const char *const *words; /* each whole; with a `:` at its end: more has to follow. NULL: any */
    bool wrapped;             /* it is a pattern, told back with a `*` on both sides */
    bool once;                /* of two that are the same behind the priority the last one stays */
};

extern const struct vw_log_form vw_log_filters, vw_log_outputs;

/* TEXT as it is told back: *OUT is the caller's to free, NULL where nothing stands in it.
 * VW_ESYNTAX, VW_ENOMEM. */
int vw_log_read(const struct vw_log_form *form, const char *text, char **out);

/* How many words TEXT has that vw_log_read has made; NULL: none. */
uint32_t vw_log_count(const char *text);
