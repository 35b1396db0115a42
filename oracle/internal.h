// SPDX-License-Identifier: MIT
// What the generated tables and oracle.c share.
#pragma once

#include "oracle/oracle.h"

typedef void (*vw_oracle_filter)(void);

/* Made by make-table. */
extern const struct vw_oracle_type vw_oracle_newest[];
extern const size_t vw_oracle_newest_count;
extern const struct vw_oracle_type vw_oracle_2007[];
extern const size_t vw_oracle_2007_count;
