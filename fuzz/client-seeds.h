// SPDX-License-Identifier: MIT
// The scripts that the fuzz target client_reply starts from.
#pragma once

#include <stddef.h>

/* Gives each to WRITE. */
void vw_client_seeds(void (*write)(const void *bytes, size_t len));
