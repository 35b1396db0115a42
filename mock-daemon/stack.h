// SPDX-License-Identifier: MIT
// The faults and rules of a daemon that can be changed while it runs. Connections that are there
// go by the new ones as well.
#pragma once

#include "mock-daemon/faults/fault.h"

struct vw_daemon;
struct vw_rules_file;

struct vw_stack {
    struct vw_fault *faults;     /* a copy of those of the start, and what became of them */
    struct vw_fault bottom;      /* below them, where there are no rules */
    struct vw_rules_file *rules; /* loaded since; NULL: none, or those of the start */
    bool loaded;                 /* those of the start no longer count */
};

/* From here on D's stack can change, and each connection to come has one. VW_ENOMEM. */
int vw_stack_begin(struct vw_daemon *d, struct vw_error *err);
/* No connection may be left. */
void vw_stack_finish(struct vw_daemon *d);

/* NAME or NAME=VALUE, behind those that are there. Errors as of vw_faults_parse. */
int vw_stack_add(struct vw_daemon *d, const char *word, struct vw_error *err);
/* All of that name; "all": each. VW_ENAME: it is not there. */
int vw_stack_remove(struct vw_daemon *d, const char *name, struct vw_error *err);
/* The rules of the file PATH in place of those that are there; NULL: none. As vw_rules_load. */
int vw_stack_load(struct vw_daemon *d, const char *path, struct vw_error *err);
