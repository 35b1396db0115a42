// SPDX-License-Identifier: MIT
// Settings as libvirt's daemons have them in their files: a name, `=` and a value in a line, as the
// same tree of nodes that YAML becomes, so that what reads it can say where something is wrong.
#pragma once

#include "base/yaml.h"

/* Reads NAME = VALUE from TEXT; a value is a text in '', "" or """, a whole number, or a list of
 * values. *OUT is a VW_NODE_MAP in ARENA, in the order of the file, in which a name may come again:
 * vw_node_get gives the first, as libvirt does. A text is quoted, a number is not, and is plain
 * decimal. The limits are those of YAML, but for that of the keys. VW_ESYNTAX or VW_ELIMIT with
 * line and column, VW_ENOMEM. */
int vw_conf_parse(const char *text, size_t len, struct vw_arena *arena, struct vw_node **out,
                  struct vw_error *err);
