// SPDX-License-Identifier: MIT
// Published names by number; a number without a name is a NULL between the others.
#pragma once

#include <stddef.h>

extern const char *const vw_error_codes[];
extern const size_t vw_error_codes_count;
extern const char *const vw_error_domains[];
extern const size_t vw_error_domains_count;
