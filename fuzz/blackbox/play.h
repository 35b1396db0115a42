// SPDX-License-Identifier: MIT
// Playing messages against a server, over several connections at a time, each burst of them in the
// journal before it goes. What comes is held against the protocol by the observer of each
// connection (conformance/play/link.h), which is told what is called.
#pragma once

#include <signal.h>

#include "conformance/play/link.h"
#include "conformance/play/run.h"
#include "conformance/play/target.h"
#include "fuzz/blackbox/found.h"
#include "fuzz/blackbox/generate.h"
#include "fuzz/blackbox/journal.h"

#define VW_PLAY_SLOTS VW_JOURNAL_SLOTS
#define VW_PLAY_BURST 64 /* messages of a burst */

enum vw_slot_state {
    VW_SLOT_CLOSED,
    VW_SLOT_IDLE,
    VW_SLOT_WAITING, /* for the answers of a burst */
    VW_SLOT_ENDED    /* the server has ended it */
};

/* A message of a burst. */
struct vw_awaited {
    struct vw_header header;
    const struct vw_proc *proc;
    bool sure; /* it is answered, or something is wrong */
    bool answered;
    size_t at, len; /* of its bytes in slot->sent */
};

struct vw_slot {
    enum vw_slot_state state;
    struct vw_link *link; /* NULL: none */
    bool bare;
    unsigned excused; /* bursts, this one with them, in which something may end the connection */
    bool broken;      /* nothing more goes; what becomes of it is the server's matter */
    bool muddled;     /* so was a word of a header: what comes may fit nothing */
    struct vw_awaited awaited[VW_PLAY_BURST];
    size_t n_awaited, unanswered;
    struct vw_buf sent; /* bytes of the burst */
    int64_t quiet_ms;   /* when something came, or was sent, last */
    unsigned doubts;    /* so often another connection was served while this one is silent */
    int64_t busy_ms;    /* of the server at the last of them */
    unsigned bursts;    /* of the connection */
    unsigned strange;   /* findings of the burst */
};

struct vw_play_options {
    const struct vw_run_settings *settings; /* connector, URI, profile, login, timeout */
    struct vw_journal *journal;             /* NULL: none */
    struct vw_target *target;
    struct vw_found *found;
    const volatile sig_atomic_t *interrupted; /* NULL: never */
    /* Told of good answers to calls, and of ends of streams; may be NULL. */
    void (*answer)(void *user, unsigned slot, const struct vw_header *h, const struct vw_proc *proc,
                   const uint8_t *message, size_t len);
    void (*stream_ended)(void *user, unsigned slot, uint32_t serial);
    /* A replay may end here; NULL: it goes on to its end. */
    bool (*enough)(void *user);
    void *user;
};

/* What was under way when the server went. */
struct vw_last_words {
    char text[400];                /* how it is known, and how it ended */
    char *frames;                  /* for people */
    char *file;                    /* the part of the journal that shows it, or NULL */
    struct vw_journal_entry *list; /* messages that had no answer */
    size_t count;
    struct vw_arena arena; /* of those */
};
void vw_last_words_finish(struct vw_last_words *w);

struct vw_play {
    const struct vw_play_options *options;
    struct vw_last_words last;
    struct vw_suite suite; /* its one case is the log-in */
    struct vw_case login;
    struct vw_slot slots[VW_PLAY_SLOTS];
    uint64_t messages, answers, errors, connections, silent;
};

/* VW_ENOMEM; finish P in any case. */
int vw_play_init(struct vw_play *p, const struct vw_play_options *options, struct vw_error *err);
void vw_play_finish(struct vw_play *p);

/* Brings slot N to a connection, which has logged in and been served a call unless BARE.
 * VW_EUNREACHABLE, VW_ETIMEOUT, VW_EPROTOCOL (what is wrong has been added to what was found),
 * VW_EREMOTE: it keeps us out; those of the journal. */
int vw_play_open(struct vw_play *p, unsigned n, bool bare, struct vw_error *err);
/* A further connection is made and served, and closed. */
int vw_play_known_good(struct vw_play *p, int timeout_ms, struct vw_error *err);
/* Closes slot N. VW_ENOMEM or 0. */
int vw_play_close(struct vw_play *p, unsigned n, struct vw_error *err);
/* Forgets all connections: the server is gone, and the journal knows. */
void vw_play_drop_all(struct vw_play *p);
/* All of them are closed. */
int vw_play_close_all(struct vw_play *p, struct vw_error *err);

/* Queues a message on slot N. VW_ENOMEM. */
int vw_play_send(struct vw_play *p, unsigned n, const struct vw_shot *s, struct vw_error *err);
/* The burst is whole: slot N waits. VW_ENOMEM. */
int vw_play_wait(struct vw_play *p, unsigned n, struct vw_error *err);
/* Writes and reads what goes, and waits for more for WAIT_MS where nothing does. */
int vw_play_turn(struct vw_play *p, int wait_ms, struct vw_error *err);

/* What a message of the journal is. */
void vw_shot_of_entry(const struct vw_schema *s, const struct vw_journal_entry *e,
                      struct vw_shot *out);
/* A message in words, without its secrets; malloc'ed, NULL: no memory. */
char *vw_play_line(const struct vw_profile *profile, const uint8_t *bytes, size_t len);
