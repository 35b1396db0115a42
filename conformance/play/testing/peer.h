// SPDX-License-Identifier: MIT
// A server in memory for tests of the judge: it answers every call as it should, but where a rule
// bends one thing. Virtual time (client/testing/memory.h); any number of connections.
#pragma once

#include "client/testing/memory.h"
#include "conformance/play/run.h"

#define PEER_LOG  65536
#define PEER_FLIP 0x55

enum peer_word {
    PEER_NO_WORD,
    PEER_PROGRAM,
    PEER_VERSION,
    PEER_PROCEDURE,
    PEER_TYPE,
    PEER_SERIAL,
    PEER_STATUS,
    PEER_LENGTH
};

/* One message of the peer, right where nothing is said. */
struct peer_answer {
    const char *ret;     /* what is not the smallest value in the body, as YAML */
    const char *error;   /* the same of an error structure; status is then ERROR */
    const char *event;   /* short name: a MESSAGE of that procedure, RET is of its arguments */
    enum peer_word word; /* this word of the header becomes VALUE */
    uint32_t value;
    enum peer_word word2; /* and this one */
    uint32_t value2;
    unsigned at; /* AT - 1 is the place in the body of a word that becomes PATCH */
    uint32_t patch;
    unsigned extra;  /* bytes behind the body */
    unsigned cut;    /* bytes of its end that are missing */
    bool no_body;    /* none at all */
    const char *hex; /* this is all of it */
};

enum peer_act {
    PEER_ANSWER,      /* with .answer */
    PEER_TWICE,       /* the same, twice */
    PEER_SILENT,      /* nothing */
    PEER_LATE,        /* the answer, MS later */
    PEER_CLOSE,       /* ends the connection instead */
    PEER_LEAVE,       /* answers and ends the connection */
    PEER_RESET,       /* reading fails with ECONNRESET */
    PEER_DIE,         /* all connections end, and no new ones are taken */
    PEER_DIE_LATER,   /* answers, and dies when the next connection is made */
    PEER_ALONE,       /* answers, and ends all other connections */
    PEER_FLOOD,       /* more messages than anybody keeps */
    PEER_STOP_READING /* answers, and takes no byte from then on */
};

struct peer_rule {
    const char *procedure; /* short name; NULL: any call */
    unsigned nth;          /* of the calls of it to the peer, from 1; 0: each */
    enum peer_act act;
    struct peer_answer answer;
    int64_t ms;
    const struct peer_answer *before, *behind; /* sent around the answer */
};

struct peer_conn {
    struct vw_memory memory;
    struct vw_reader reader;
    struct peer *peer;
    struct peer_conn *next;
    unsigned number;       /* from 1 */
    struct vw_header last; /* of the last call */
    struct vw_buf late;
    int64_t late_ms;
};

struct peer {
    const struct vw_profile *profile;
    const struct peer_rule *rules; /* the first that fits holds */
    unsigned n_rules;
    unsigned caps;    /* of its connections */
    size_t chunk;     /* most bytes of one read of the client; 0: any */
    int64_t back_ms;  /* after a death it is back so many ms later; -1: never */
    int refuse_errno; /* the REFUSE_NTH connection is refused so; 0 for the nth: none */
    unsigned refuse_nth;
    const struct vw_client_options *login; /* of the settings */
    const char *flip_behind; /* a layer that flips bytes begins behind the answer to this */
    bool unread;   /* it looks at nothing that is written, as far as the client can tell */
    bool together; /* over records: what a call brings about goes in one */

    struct peer_conn *conns; /* the last first */
    unsigned accepted, open, most_open;
    bool dead, dying;
    unsigned deaths;
    int64_t dead_until;
    unsigned seen[512]; /* calls by procedure number */
    char log[PEER_LOG]; /* "1:auth_list 1:connect_open ..."; "1:end" when the client closes */
    size_t log_len;
    char writes[256]; /* sizes of the client's writes; the first of them */
};

/* The clock goes back to its start. */
void peer_init(struct peer *p, const struct vw_profile *profile, const struct peer_rule *rules,
               unsigned n_rules);
void peer_finish(struct peer *p);

/* Settings for runs against it: a second to wait, half of one for quiet. URI is left to have a name
 * of its own. */
void peer_settings(struct peer *p, const struct vw_uri *uri, struct vw_run_settings *out);

/* Appends the answer to CALL. */
void peer_frame(const struct vw_profile *profile, const struct vw_header *call,
                const struct peer_answer *a, struct vw_buf *out);
/* Sends it on the N-th connection, as an answer to the last call there. */
void peer_say(struct peer *p, unsigned n, const struct peer_answer *a);
struct peer_conn *peer_conn(struct peer *p, unsigned n);
