// SPDX-License-Identifier: MIT
// Text and messages in HTML: what the page of a run shows of a peer.
#pragma once

#include <stddef.h>
#include <stdio.h>

/* LEN bytes of TEXT: none of them is markup, in an attribute neither, and none acts on a terminal.
 */
void vw_html_text(const char *text, size_t len, FILE *out);

/* FRAMES (as of struct vw_finding): for each message its bytes with offsets, the words of the
 * header by name, and what the body means beside them. Bytes that a remark behind the message is
 * about are marked. Lines that are no message stay lines. */
void vw_html_frames(const char *frames, FILE *out);

/* LEN BYTES with offsets, eight in a line. */
void vw_html_bytes(const unsigned char *bytes, size_t len, FILE *out);
