// SPDX-License-Identifier: MIT
// A connection under a condition: where its writes end, and the harmless calls beside those of the
// case, whose answers no step sees.
#pragma once

#include "conformance/play/condition.h"
#include "conformance/play/link.h"

/* vw_link_send as c->condition has it. */
int vw_under_send(struct vw_link *c, const void *bytes, size_t len, struct vw_error *err);
/* H is the answer to one of the calls beside: nobody else wants it. */
bool vw_under_takes(struct vw_link *c, const struct vw_header *h);
/* All of those have their answer, or will have none. */
bool vw_under_settled(const struct vw_link *c);
