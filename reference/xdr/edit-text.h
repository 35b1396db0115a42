// SPDX-License-Identifier: MIT
// The language of byte edits: what cases, `virwire encode --edit` and the mock's faults are written
// in. A text is one edit or several with ';' between them; an edit is a verb and its words.
//
//     set PATH BYTES              the span becomes BYTES, however many
//     set PATH at AT BYTES        as many bytes of the span, from AT
//     insert PATH BYTES           BYTES stand before the span
//     append PATH BYTES           BYTES stand behind the span
//     cut PATH [AT [LENGTH]]      LENGTH bytes go, from AT in the span; all to its end
//     truncate PATH [AT]          the message ends AT bytes into the span
//     pad BYTES                   BYTES stand behind the whole
//     relabel PATH NUMBER         a length, count, presence or discriminant word alone; "max" is
//                                 the bound of the type, "max+1" one past it
//     add PATH NUMBER [nonzero]   a word of 4 or 8 bytes; nonzero: one that is 0 stays
//     flip PATH [at AT] BYTES     the bits of BYTES change in the span, as far as both reach
//     reverse PATH                the bytes of the span the other way round: little-endian
//     swap PATH PATH              two spans change places
//
// PATH is that of a span ("dom.name.#len"), "." for the whole, or names several: '*' stands for any
// characters of one step ("list[*].name"), "**" for any at all ("**.#pad"). BYTES are hex digits,
// and texts in double quotes, each a string as XDR has it: length, bytes, padding. AT may be below
// 0: from the end of the span.
// Engine: it may change with every release (docs/api.md).
#pragma once

#include <virwire/memory.h>

#include "xdr/edit.h"

/* Appends the edits of TEXT, which refer to memory of ARENA. VW_ESYNTAX, VW_ENAME (an unknown
 * verb), VW_ENOMEM. */
int vw_edits_parse(const char *text, struct vw_arena *arena, struct vw_edits *out,
                   struct vw_error *err);
