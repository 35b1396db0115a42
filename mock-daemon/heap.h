// SPDX-License-Identifier: MIT
// Giving memory back: the buffers of connections that have nothing to do, and to the system what
// lies free in the heap, where it stays otherwise once thousands have come and gone.
#pragma once

#include "mock-daemon/daemon.h"

void vw_heap_init(struct vw_daemon *d);

/* C has something to do, and may have large buffers then. */
void vw_heap_used(struct vw_conn *c);
/* C is about to be freed. */
void vw_heap_gone(struct vw_conn *c);
/* O, which the model has no more, goes with the next one that does. */
void vw_heap_lost(struct vw_daemon *d, const struct vw_object *o);
