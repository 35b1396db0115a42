// SPDX-License-Identifier: MIT
// Descriptors that go with `virwire call`, and those that come with its reply (P-1 to P-5).
#pragma once

#include <json-c/json.h>

#include "transport/transport.h"

/* Opens FILE for reading and writing, or for what is allowed, and adds it. 0, or an exit status
 * after the report. */
int vw_call_fds_add(struct vw_fds *fds, const char *file);
void vw_call_fds_close(struct vw_fds *fds);

/* What each of FDS is: {"kind": "pipe", "access": "read", "size": ..}, for the member
 * "descriptors". NULL: no memory. */
struct json_object *vw_call_fds_describe(const struct vw_fds *fds);
/* The most that is saved of one descriptor: 1 GiB. */
#define VW_CALL_FDS_MAX (UINT64_C(1) << 30)
/* Copies what can be read from FDS into PREFIX.0, PREFIX.1, ... An exit status after the report:
 * one that has not ended at DEADLINE_MS (of vw_now_ms), or gives more than MAX bytes, is an error
 * and leaves no file. */
int vw_call_fds_save(const struct vw_fds *fds, const char *prefix, int64_t deadline_ms,
                     uint64_t max);
