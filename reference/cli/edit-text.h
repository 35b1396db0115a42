// SPDX-License-Identifier: MIT
// Byte edits as words of an option: "set PATH HEX", "insert PATH HEX", "append PATH HEX", "cut PATH
// [AT [LENGTH]]", "truncate PATH [AT]", "relabel PATH NUMBER", "pad HEX". The path "." is the
// whole.
#pragma once

#include "base/arena.h"
#include "xdr/edit.h"

/* What they are, for the help text. */
#define VW_CLI_EDIT_USAGE                                                                          \
    "EDIT is one of: set PATH HEX, insert PATH HEX (before), append PATH HEX (behind),\n"          \
    "cut PATH [AT [LENGTH]], truncate PATH [AT], relabel PATH NUMBER, pad HEX. PATH is one that\n" \
    "--spans shows, or '.' for the whole; all edits mean the bytes before the first.\n"

/* *OUT refers to memory of ARENA. VW_ESYNTAX, VW_ENAME (an unknown verb), VW_ENOMEM. */
int vw_cli_edit_parse(const char *text, struct vw_arena *arena, struct vw_edit *out,
                      struct vw_error *err);
