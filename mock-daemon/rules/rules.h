// SPDX-License-Identifier: MIT
// Rules at work: a file of them is one more member of the stack of faults, ahead of the others.
#pragma once

#include "mock-daemon/faults/fault.h"
#include "scenario/rule.h"

struct vw_rules_file;

/* Reads the file PATH for PROFILE, which it keeps by pointer. VW_EUSAGE: it cannot be read or is
 * none; VW_ESYNTAX and VW_ELIMIT with line and column; VW_ENOMEM. */
int vw_rules_load(const char *path, const struct vw_profile *profile, struct vw_rules_file **out,
                  struct vw_error *err);
/* NULL is fine. No connection may be left that goes by them. */
void vw_rules_destroy(struct vw_rules_file *file);

/* STACK (NULL: none, then END is below all; see vw_faults_parse) with the rules on top, and places
 * in its count for their faults. It refers to both. */
struct vw_fault *vw_rules_stack(struct vw_rules_file *file, const struct vw_fault_kind *end,
                                struct vw_fault *stack);
