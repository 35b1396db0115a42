// SPDX-License-Identifier: MIT
// What was said, as a sequence diagram: for Mermaid, which is written as it comes, or as SVG, which
// is written at the end and has so many rows at most (capture-diagram.c).
#pragma once

#include "capture/captured.h"

struct vw_diagram;

/* FORM: "svg" or "mermaid"; else VW_EUSAGE. OUT must be open until vw_diagram_finish. VW_ENOMEM. */
int vw_diagram_create(const char *form, FILE *out, struct vw_diagram **d, struct vw_error *err);
/* 0, or VW_ENOMEM. */
int vw_diagram_begin(struct vw_diagram *d, const struct vw_captured_event *ev, const char *text);
int vw_diagram_message(struct vw_diagram *d, const struct vw_captured_event *ev,
                       const struct vw_frame *frame, const struct vw_schema *schema);
int vw_diagram_note(struct vw_diagram *d, const struct vw_captured_event *ev, const char *text);
/* Writes what is left, and frees D. */
void vw_diagram_finish(struct vw_diagram *d);
