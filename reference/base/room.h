// SPDX-License-Identifier: MIT
// Lists that grow one by one. Room doubles: a list is full when the count of its items is a power
// of two, so that only the list and the count have to be kept.
#pragma once

#include <virwire/memory.h>

/* LIST, malloc'ed or NULL, with room for one more behind its N items of SIZE bytes. NULL: no
 * memory, and LIST stays. */
void *vw_room(void *list, size_t n, size_t size);

/* The same in ARENA, where an outgrown list is left behind. */
void *vw_arena_room(struct vw_arena *arena, void *list, size_t n, size_t size);
