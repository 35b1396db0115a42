// SPDX-License-Identifier: MIT
// Field paths while a value is walked: "dom.name", "params[3].value.s", "params.#count". Internal
// to xdr/.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <virwire/error.h>

struct vw_path {
    char text[2048]; /* a longer path ends in "..." */
    size_t len;
    size_t hidden; /* bytes that did not fit, so that popping stays in step */
};

/* A place to come back to. */
struct vw_path_mark {
    size_t len, hidden;
};

void vw_path_init(struct vw_path *p);
struct vw_path_mark vw_path_push(struct vw_path *p, const char *field);
struct vw_path_mark vw_path_push_index(struct vw_path *p, uint32_t index);
void vw_path_pop(struct vw_path *p, struct vw_path_mark mark);
/* Puts the path into ERR; the front is cut where it is too long. */
void vw_path_report(const struct vw_path *p, struct vw_error *err);
/* Reports as vw_error_set does, with the path. */
int vw_path_fail(const struct vw_path *p, struct vw_error *err, int code, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
