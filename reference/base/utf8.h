// SPDX-License-Identifier: MIT
// UTF-8 (RFC 3629): shortest forms only, no surrogates, nothing above U+10FFFF.
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Length of the good sequence at S, of which N bytes are there, at least one; 0: none. */
size_t vw_utf8_sequence(const uint8_t *s, size_t n);

/* The offset of the first byte that is not part of a good sequence; LEN when all is good. */
size_t vw_utf8_valid(const void *bytes, size_t len);
