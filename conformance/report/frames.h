// SPDX-License-Identifier: MIT
// The messages of a transcript (`frames` of struct vw_finding), for reports that show or list their
// bytes.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#define VW_FRAME_KEPT   256 /* bytes of a message; the lines have fewer */
#define VW_FRAME_HEADER 28  /* with the length word */

struct vw_frame_line {
    const char *text;
    size_t len;
};

struct vw_listed_frame {
    struct vw_frame_line head;    /* what stands behind the arrow */
    struct vw_frame_line time;    /* "0.004" */
    char way;                     /* '>' sent, '<' received, '-' a remark, 0: just a line */
    struct vw_frame_line decoded; /* what the body means; LEN 0: it is not known */
    unsigned char bytes[VW_FRAME_KEPT];
    bool marked[VW_FRAME_KEPT]; /* in brackets, or what a remark behind the message is about */
    size_t n;                   /* bytes that are here */
    size_t cut;                 /* how many it had; 0: all are here */
    bool broken;                /* a remark says that it is against a clause */
};

/* The message, remark or other line at *TEXT, which is moved behind it. */
struct vw_listed_frame vw_listed_frame_next(const char **text);
