// SPDX-License-Identifier: MIT
// Where a program that belongs to a run finds its things: a private folder, and words such as
// {socket} in texts.
#pragma once

#include <virwire/error.h>
#include <virwire/memory.h>

#define VW_PLACE_ROOM 64

/* Makes a private folder in TMPDIR and puts its path into DIR; "" after an error. */
int vw_place_make(char dir[VW_PLACE_ROOM], struct vw_error *err);
/* Removes it with all that is in it. "" is none. */
void vw_place_remove(const char *dir);

struct vw_place_word {
    const char *mark, *value; /* "{socket}" */
};

/* TEXT with each of WORDS (ends at a NULL mark) replaced, in ARENA. NULL: no memory. */
char *vw_place_fill(struct vw_arena *arena, const char *text, const struct vw_place_word *words);
