// SPDX-License-Identifier: MIT
// One boundary of one type as both codecs see it: everything minimal but one bound, which is at 0,
// 1, its maximum, or one past it.
#pragma once

#include "oracle/differ.h"
#include "xdr/values.h"

/* Bytes that the value at its maximum takes for itself at least; 0 where COUNT is no bound. */
uint64_t bounds_bytes(const struct vw_boundary *b);

/* Compares one boundary. Past the maximum both codecs must refuse, and ours as VW_ELIMIT. False,
 * with text in D, on a difference. *LEN (may be NULL) is the length of the encoding. */
bool bounds_compare(struct differ *d, const struct vw_boundary *b, size_t *len);
