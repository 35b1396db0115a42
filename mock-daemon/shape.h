// SPDX-License-Identifier: MIT
// In what shape libvirt gives XML back, whatever came: the order of attributes and elements, what
// is there although nobody said it, and what it has no word for and leaves out.
#pragma once

#include "mock-daemon/xml.h"

/* One element. What has no row is given back as it came. */
struct vw_shape {
    const char *element;    /* its name, or PARENT/NAME; the first row that fits counts */
    const char *attributes; /* by blanks, in their order; NAME=VALUE: VALUE unless it is said */
    const char *elements;   /* likewise; +NAME: there unless it is said */
    bool open;              /* has an end of its own, even with nothing in it */
};

/* Writes N and what is in it; ROWS end at a NULL element. */
void vw_shape_write(struct vw_xml *x, const struct vw_shape *rows, const xmlNode *n);
