// SPDX-License-Identifier: MIT
// The journal of a campaign: what was sent, byte for byte, written before it goes. It is text: a
// line for each message, its bytes in hex digits and behind '#' the connection and what it is, so
// that `virwire capture show` reads it too. docs/fuzzing-a-server.md has the format.
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <virwire/error.h>
#include <virwire/memory.h>

#include "xdr/xdr.h"

#define VW_JOURNAL_SLOTS 32  /* connections at a time have numbers below this */
#define VW_ENTRY_NOTE    256 /* of a note, with its NUL */

enum vw_entry_kind {
    VW_ENTRY_OPEN,   /* a connection is made, and logs in */
    VW_ENTRY_BARE,   /* a connection is made */
    VW_ENTRY_CALL,   /* a call as the schema has it: it is answered */
    VW_ENTRY_BENT,   /* a whole message that is answered or not */
    VW_ENTRY_BROKEN, /* bytes whose end the server cannot tell: nothing goes behind them */
    VW_ENTRY_WAIT,   /* for all answers */
    VW_ENTRY_CLOSE   /* the connection is closed */
};

struct vw_journal_entry {
    enum vw_entry_kind kind;
    unsigned slot;
    const uint8_t *bytes;
    size_t len;
    const char *note; /* what was bent; NULL: nothing to say */
};

static inline bool vw_entry_is_message(const struct vw_journal_entry *e)
{
    return e->kind >= VW_ENTRY_CALL && e->kind <= VW_ENTRY_BROKEN;
}

/* ---- writing ---- */

struct vw_journal_head {
    const char *profile;
    uint64_t seed;
    const char *uri;
};

struct vw_journal {
    char *path; /* of the part that is written */
    char *base;
    struct vw_journal_head head;
    int fd;
    unsigned part;      /* from 1 */
    bool kept;          /* the part shows something */
    char *last;         /* the part before, which shows nothing, or NULL */
    uint64_t written;   /* bytes of the part */
    struct vw_buf held; /* not written yet */
};

/* Makes the file PATH, which must not be there: VW_EUSAGE. HEAD's texts are kept as pointers. */
int vw_journal_create(const char *path, const struct vw_journal_head *head, struct vw_journal *out,
                      struct vw_error *err);
/* Twice is fine. */
void vw_journal_close(struct vw_journal *j);

/* VW_ENOMEM or 0. What is added is in the file after vw_journal_flush, and not before. */
int vw_journal_add(struct vw_journal *j, const struct vw_journal_entry *e, struct vw_error *err);
/* A line for people; the part is kept. */
int vw_journal_found(struct vw_journal *j, const char *text, struct vw_error *err);
int vw_journal_flush(struct vw_journal *j, struct vw_error *err);
/* Goes on in a new file, PATH.2 and so on. Of parts that show nothing only the last one stays. No
 * connection may be open. */
int vw_journal_next(struct vw_journal *j, struct vw_error *err);

/* ---- reading ---- */

struct vw_journal_text {
    char *profile; /* in ARENA, as all that follows */
    uint64_t seed;
    struct vw_journal_entry *list;
    size_t count;
    const char *found; /* what was found first; NULL: nothing */
    size_t found_at;   /* behind so many of LIST */
    struct vw_arena arena;
};

/* Reads a whole journal of LEN bytes. A last line without an end is passed over: whoever wrote it
 * was stopped. VW_ESYNTAX with line and column, VW_ENOMEM; finish OUT in any case. */
int vw_journal_parse(const char *text, size_t len, struct vw_journal_text *out,
                     struct vw_error *err);
void vw_journal_text_finish(struct vw_journal_text *t);
