// SPDX-License-Identifier: MIT
// Reports: what a run found, for people and for programs. One file report-NAME.c each, named in the
// list of meson.build.
#pragma once

#include <stdio.h>

#include "conformance/report/groups.h"
#include "conformance/report/tally.h"

/* What the peer says of itself. Empty: it did not say. */
struct vw_peer {
    char driver[64];      /* GET_TYPE */
    char hostname[128];   /* GET_HOSTNAME */
    char lib_version[32]; /* GET_LIB_VERSION, as 9.0.0 */
    char login[16];       /* the first method of AUTH_LIST: "none", "sasl", "polkit" */
};

struct vw_case;
struct vw_dialects;

struct vw_report {
    const char *kind;    /* "server" */
    const char *command; /* the start of a command that runs one case again: "virwire check server
                            --profile 9.0.0" */
    bool replays;        /* what shows a finding again is the file of its place, and no case */
    const char *uri;     /* of the peer; the new version of a comparison */
    const char *const *argv; /* the program that was checked, up to NULL; empty: COMMAND names it;
                                NULL: it is no program */
    const char *against; /* the old one; NULL: this is no comparison, but a run against a peer */
    const char *commit;  /* of the suite */
    const char *digest;  /* of the schema */
    const char *profile;
    const char *excused_by, /* the file of known deviations that was used unasked; NULL: none */
        *program,           /* that the cases are about; NULL: remote, or no question of that */
        *implements; /* "14 of 438 calls, 0 of 18 events, ...": of a partial server; NULL: whole */
    size_t conditions; /* besides the usual one, under which cases were played */
    uint64_t seed;
    const char *const *without; /* checks that were left out: no verdict; ends with NULL */
    const struct vw_peer *peer;
    const struct vw_dialects *dialects;       /* NULL: no client was asked */
    const struct vw_finding *const *findings; /* in the order of the report; some VW_NOT_RUN */
    const struct vw_case *const *cases;       /* of the findings, for a list; NULL: a run */
    size_t count;
    const struct vw_groups *groups; /* of what fails; NULL: each finding stands for itself */
    bool rated;       /* they are cases of a suite: how many of each level are met is told */
    const bool *told; /* of each finding: it was, by vw_report_kind.tell; NULL: nothing was */
    bool verbose;     /* everything, however long, for people too */
    const struct vw_tally *tally;
    int64_t slow_us; /* what takes longer is slow; 0: nothing is */
    int64_t us;      /* of the whole run */
    int64_t when;    /* seconds since 1970 */
};

struct vw_report_kind {
    const char *name;
    const char *about;
    /* What is said of F as soon as it is known, of all in REPORT but findings, groups and tally
     * known too, and with NULL what stands ahead of them all; write is then called with TOLD. NULL:
     * nothing is said before the end. */
    int (*tell)(const struct vw_report *report, const struct vw_finding *f, FILE *out,
                struct vw_error *err);
    /* VW_ENOMEM or 0; errors of the file are the caller's. */
    int (*write)(const struct vw_report *report, FILE *out, struct vw_error *err);
    /* The same for the cases that are planned; NULL: it has no such form. */
    int (*list)(const struct vw_report *report, FILE *out, struct vw_error *err);
};
extern const struct vw_report_kind *const vw_report_kinds[];

/* NULL when there is none of that name; ERR then lists the known ones. */
const struct vw_report_kind *vw_report_find(const char *name, struct vw_error *err);

/* What BODY writes, as a terminal may have it. 0 or VW_ENOMEM. */
int vw_report_text(const struct vw_report *report, FILE *out,
                   void (*body)(const struct vw_report *report, FILE *out), struct vw_error *err);

/* S, quoted for a shell. */
void vw_report_word(const char *s, FILE *out);
/* The one command that runs the case of F only; of a comparison, that tells more of its rule. */
void vw_report_rerun(const struct vw_report *report, const struct vw_finding *f, FILE *out);

/* How many of the cases of LEVEL that were played, of a run against a peer, it meets. What is
 * excused is not met, and neither is what it may do and does otherwise (lenient). */
struct vw_rate {
    size_t met, of;
};
struct vw_rate vw_report_rate(const struct vw_report *report, enum vw_level level);

/* F ended well, and took long. */
bool vw_report_is_slow(const struct vw_report *report, const struct vw_finding *f);

/* The group of F and its number, from 1, to put beside what is said of F; NULL: it is in none. */
const struct vw_group *vw_report_group(const struct vw_report *report, const struct vw_finding *f,
                                       size_t *number);

/* The procedures that the change C touches, with commas; of many the first MAX and how many more.
 */
void vw_report_touches(const struct vw_change *c, size_t max, FILE *out);
/* "44 cases (a, b and 42 more)": WHAT in singular, and where it is. */
void vw_report_seen(const struct vw_usage_in *s, const char *what, FILE *out);
/* The bytes of W, of which there are some, in hex; of many the first ones and how many more. */
void vw_report_bytes(const struct vw_witness *w, FILE *out);
/* Both readings, or why there are none, and the second opinion: one line, without its end. */
void vw_report_proof(const struct vw_witness *w, FILE *out);
/* The same as a text that the caller frees. NULL for none, and without memory. */
char *vw_report_proof_text(const struct vw_witness *w);
