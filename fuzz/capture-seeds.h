// SPDX-License-Identifier: MIT
// What the fuzz target capture_read starts from, besides messages in captures.
#pragma once

#include <stddef.h>

/* Gives each to WRITE. */
void vw_capture_seeds(void (*write)(const void *bytes, size_t len));
