// SPDX-License-Identifier: MIT
// The one record for whatever a tool finds: a case that failed, a clause that a peer broke, a byte
// that a strict decoder refuses, a mistake in a .x file. Reports know nothing else.
// Engine: it may change with every release (docs/api.md).
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <virwire/error.h>

/* How much the rule asks (RFC 2119). */
enum vw_level { VW_LEVEL_MAY, VW_LEVEL_SHOULD, VW_LEVEL_MUST };

enum vw_verdict {
    VW_PASS,
    VW_LENIENT, /* accepted what the strict rule forbids and real implementations allow */
    VW_SKIP,    /* left out; FOUND says why */
    VW_XFAIL,   /* fails, as an expectation file says */
    VW_XPASS,   /* should fail, as an expectation file says, and did not */
    VW_FAIL,
    VW_HUNG,  /* no answer in time, and the connection was open */
    VW_CRASH, /* the peer was gone after it */
    VW_ERROR, /* the harness itself could not decide */
    VW_VERDICTS,
    VW_NOT_RUN = VW_VERDICTS /* it was planned, and there is no verdict */
};

/* Where: in a file, in the bytes of one side, or both. */
struct vw_location {
    const char *file; /* NULL: in none */
    unsigned line;    /* from 1; 0: not known */
    unsigned column;  /* in bytes, from 1; 0: not known */
    unsigned step;    /* of a case, from 1; 0: none */
    const char *side; /* whose bytes: "client", "server"; NULL: not on a wire, or not known */
    bool in_bytes;    /* offset says something */
    uint64_t offset;  /* bytes from the start of the input, or of what SIDE has sent */
    const char *path; /* field path such as "args.dom.uuid"; NULL or "": the whole */
};

/* Bytes that prove such a change: one version writes them, the other refuses them or takes them for
 * something else. */
struct vw_witness {
    const char *what;     /* "arguments of remote.domain_create" */
    const char *writer;   /* "old client" */
    const char *reader;   /* "new server" */
    const char *how;      /* BYTES are a "value" of TYPES, a whole "message", or a word that is held
                             against the "constant" of that name */
    const char *types[2]; /* old and new, or the constant; NULL: it has no name */
    const uint8_t *bytes; /* LEN of them */
    size_t len;
    const char *written; /* what the writer means, cut where it is long */
    const char *read;    /* what the reader makes of it, or why it refuses */
    const char *missing; /* why there are none: what changed is unconfirmed; else NULL */
    /* What C that rpcgen makes of both versions says of BYTES: "confirmed", "unconfirmed" or
     * "beyond rpcgen", and both readings or the reason; NULL: it was not asked. */
    const char *rpcgen, *rpcgen_text;
};

/* Cases or captures that hold a procedure: the first ones by name, and how many there are. */
#define VW_USAGE_KEPT 5
struct vw_usage_in {
    const char *names[VW_USAGE_KEPT];
    size_t kept, total;
};
struct vw_usage {
    struct vw_usage_in cases, captures;
    bool looked_at_captures;
};

/* What a finding about two versions of a schema says besides (conformance/gate). */
struct vw_change {
    const char *class;          /* "wire", "limit", ... of docs/gate.md */
    unsigned rank;              /* of the class: the worst has the smallest */
    const char *meaning;        /* of the rule, in a sentence */
    const char *hurts;          /* who can no longer speak with whom; NULL: nobody */
    const char *fingerprint;    /* names it for ever: no places, no order */
    const char *waived;         /* why it is let pass; NULL: it is not */
    const char *const *touches; /* procedures, "remote.domain_create"; N_TOUCHES of them */
    size_t n_touches;
    struct vw_location before;        /* the place in the old version */
    bool companion;                   /* stands beside another of the same CAUSE */
    const struct vw_usage *seen;      /* where TOUCHES are seen; NULL: nobody looked */
    const struct vw_witness *witness; /* NULL: it needs none, or none was looked for */
};

/* What a program that was given some bytes took for them. */
struct vw_cost {
    bool known;
    uint64_t input, memory; /* bytes */
};

/* Texts are NULL where there is nothing to say. Who owns them is said where a finding is made. */
struct vw_finding {
    const char *rule;      /* id of the case, name of the rule; NULL: the clause is the rule */
    const char *group;     /* that the rule belongs to: the file of an expanded case */
    const char *title;     /* what the rule says, in a few words */
    const char *clauses;   /* of docs/protocol/PROTOCOL.md, apart by spaces: "F-3 D-4"; or "" */
    const char *cause;     /* equal for findings that one mistake explains */
    const char *also;      /* more clauses that speak of what was found */
    const char *shows;     /* those that the rule is there to show, if CLAUSES are others */
    const char *expected;  /* the step, the bound, ... */
    const char *found;     /* one sentence, starts small, no full stop */
    const char *frames;    /* the messages that passed, for people; lines */
    const char *only_when; /* the smallest condition under which it was found, "bytes=byte" */
    size_t entry;          /* bytes of FRAMES that are the log-in, which findings share */
    const struct vw_change *change; /* NULL: it is about no change */
    struct vw_location place;
    enum vw_level level;
    enum vw_verdict verdict;
    size_t count; /* how many it stands for; more than 1: the others were not kept */
    int64_t us;   /* that it took, microseconds; 0: not measured */
    struct vw_cost cost;
};

/* Findings of one walk. */
struct vw_findings {
    struct vw_finding *list; /* in the order in which they were found */
    size_t count;            /* kept; the last one stands for those that are not */
};
/* Those that are not kept included. */
size_t vw_findings_seen(const struct vw_findings *f);

const char *vw_level_name(enum vw_level level);
/* False when there is none of that name. */
bool vw_level_parse(const char *name, enum vw_level *out);

const char *vw_verdict_name(enum vw_verdict v);
/* True for what an exit status of 1 is for: fail, hung, crash, xpass. */
bool vw_verdict_is_finding(enum vw_verdict v);

/* "F-3", "Q-10": a letter, a dash, a number of at most five digits. */
bool vw_clause_valid(const char *text);
/* True if CLAUSE, or as one letter its group, is one of CLAUSES. */
bool vw_clause_is_among(const char *clauses, const char *clause);

/* The rule, or where that is NULL its clauses. Never NULL. */
const char *vw_finding_name(const struct vw_finding *f);

/* What ERR says about FILE (may be NULL) as a finding. Its texts are those of ERR and FILE. */
struct vw_finding vw_finding_of_error(const struct vw_error *err, const char *file);

/* Writes it as one line without newline into BUF: "FILE:LINE:COLUMN: RULE: FOUND at PATH, offset N
 * (clause F-3), and 3 more", leaving out what is not set. Returns BUF. */
char *vw_finding_line(const struct vw_finding *f, char *buf, size_t size);
