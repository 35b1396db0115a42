// SPDX-License-Identifier: MIT
// A whole check: load the suite, choose, ask the peer what it is, play, judge by expectations.
#pragma once

#include "conformance/cases/expectation.h"
#include "conformance/cases/select.h"
#include "conformance/play/condition.h"
#include "conformance/play/player.h"
#include "conformance/report/dialects.h"
#include "conformance/report/report.h"

#define VW_CHECK_JOBS_MAX 64

struct vw_check;

/* What can be checked. One file check-NAME.c each, named in the list of meson.build. */
struct vw_check_kind {
    const char *name; /* "server"; also the folder of its cases */
    const char *about;
    const char *operand; /* "URI", or "-- COMMAND" where it starts a program */
    /* Fills the suite of CHECK. */
    int (*load)(struct vw_check *check, const struct vw_suite_options *options,
                struct vw_error *err);
    /* Plays the planned cases of CHECK: fills results, tally and peer. See vw_check_run. */
    int (*run)(struct vw_check *check, struct vw_error *err);
};
extern const struct vw_check_kind *const vw_check_kinds[];

/* NULL when there is none of that name; ERR then lists the known ones. */
const struct vw_check_kind *vw_check_kind_find(const char *name, struct vw_error *err);

struct vw_check_options {
    const struct vw_check_kind *kind;
    const char *suite; /* a folder; NULL: the one that belongs to this program */
    const char *uri;
    const char *const *also; /* of servers: further URIs, N_ALSO of them */
    size_t n_also;
    const char *start; /* of servers: a command for the shell that starts it; NULL: it runs */
    const struct vw_uri_options *how; /* to read the URI; NULL: as today's clients */
    vw_warn_fn warn;            /* of the URI and of TLS, with USER; may be told the same again */
    const char *const *command; /* ends at NULL; of kinds that start a program */
    bool ndjson;                /* that program speaks lines of JSON */
    const char *const *against; /* commands for the shell of others, whose answers are compared */
    size_t n_against;
    uint64_t max_memory;  /* bytes that such a program may take for one vector */
    const char *profile;  /* NULL: the newest; of a server, what fits it (choose.c) */
    const char *schema;   /* a folder of .x files; NULL: those of the profile */
    const char *program;  /* of servers: that the cases are about (cases/program.h); NULL: remote */
    const char *commands; /* of clients, in place of COMMAND: a file or a name; NULL: none */
    bool memory;          /* of clients: what they take while they do the same again is looked at */
    bool listen_only;     /* somebody starts the client */
    void (*say)(void *user, const char *text); /* what to start then, one line; with USER */
    const char *does;   /* what COMMAND does, with commas between; NULL: see client-commands.h */
    const char *pki;    /* a folder that ci/make-pki made; NULL: none */
    const char *volume; /* POOL/NAME that cases may use (vw_volume_is_named); NULL: none */
    const struct vw_client_options *login; /* see vw_run_settings; the URI adds to it */
    struct vw_selection selection;
    bool allow_set; /* ALLOW says what may run, else the peer decides */
    enum vw_effect allow;
    bool allow_run;      /* cases of any suite may start programs */
    int slow_ms;         /* also cases that wait longer, up to this; 0: none of them */
    unsigned configured; /* what a server is configured to be (VW_NEEDS_CONFIGURED) */
    bool slow_enough;    /* what does not come in that time fails the case; else it is skipped */
    unsigned jobs;
    unsigned repeat;
    unsigned combine; /* play under all tuples of so many conditions; 0: as usual */
    const char *when; /* the one condition under which all is played; NULL: as usual */
    int timeout_ms;
    unsigned quiet_ms;
    uint64_t seed;
    bool expect_nothing;       /* no failure is excused, not even what is known of libvirt */
    FILE *discover;            /* what the server has goes there, as a profile, and no case is
                                  played; NULL: it is checked */
    const char *const *expect; /* files */
    size_t n_expect;
    bool fail_fast;
    bool keep_going;        /* though the beginning is malformed, or the open is refused */
    vw_watched_set without; /* clauses that are left out: the run is no verdict, but incomplete */
    bool show_secrets;      /* in transcripts */
    struct vw_recorder *recorder; /* of what is said; NULL: none */
    const char *trace;            /* a folder that exists, for transcripts; NULL: none */
    const volatile sig_atomic_t *interrupted; /* see vw_player_options */
    void (*progress)(void *user, const struct vw_result *result);
    /* Told ahead of condition I of N, which is TEXT; may be NULL. */
    void (*stage)(void *user, size_t i, size_t n, const char *text);
    void *user;
};

/* TEXT is POOL/NAME, neither of them empty. */
bool vw_volume_is_named(const char *text);

struct vw_check {
    const struct vw_check_options *options;
    struct vw_arena arena;
    struct vw_profile *profile;
    struct vw_profile *before;  /* that of the first question, when another one was chosen */
    const char *excused_by;     /* the file of known deviations that was used unasked, or NULL */
    char note[200];             /* about the choice; or "" */
    const struct vw_uri **uris; /* of a server: that of the options, and those besides */
    const char **uri_texts;     /* the same as texts, with the place of a server that is ours */
    size_t n_uris;
    struct vw_conditions conditions;
    struct vw_condition when;  /* that of the options */
    size_t rows_played;        /* conditions besides the usual one */
    struct vw_own_server *own; /* the server, where it is ours; NULL: it is not */
    struct vw_suite suite;
    bool own_suite; /* it is the one that belongs to this program, or a part of it */
    struct vw_expectations expectations;
    struct vw_result *results; /* the planned cases, in order */
    size_t count;
    struct vw_tally tally;
    struct vw_peer peer;
    struct vw_sanity sanity;
    struct vw_dialects dialects; /* of a client that was played */
    void *state;                 /* of the kind, in ARENA */
    struct vw_result first;      /* of the sanity case ahead of all others */
    bool one_client; /* the peer serves one client at a time, and so the cases were played */
    bool malformed;  /* that case has found the beginning so, and nothing more was played */
    int64_t us;
    char error_file[2048]; /* what an error is about, or "" */
};

/* Profile, suite, expectations, selection. Needs options->uri only for vw_check_run. VW_ENAME,
 * VW_ESYNTAX, VW_ESYSTEM, VW_EUSAGE, VW_ENOMEM; finish CHECK in any case. */
int vw_check_load(struct vw_check *check, const struct vw_check_options *options,
                  struct vw_error *err);

/* The suite of files, as the options say. */
int vw_check_load_suite(struct vw_check *check, const struct vw_suite_options *options,
                        struct vw_error *err);

/* Loads and plans anew for PROFILE. What was planned is gone, `first` too. */
int vw_check_load_again(struct vw_check *check, const char *profile, struct vw_error *err);

/* Asks the peer what it is (vw_player_interview), and takes the profile that fits it where the
 * options name none. */
int vw_check_meet(struct vw_check *check, struct vw_player_options *po, struct vw_error *err);

/* The run is over before it began: its one result is `first`. Of what is malformed all else would
 * be a consequence, and is not planned: 0 then; else the run is incomplete, and this is what ERR
 * says. */
int vw_check_give_up(struct vw_check *check, bool malformed, struct vw_error *err);

/* Ahead of the run: where the peer says that it is a libvirt, by its errors too, and something is
 * to be played in which its release is known to fail, the expectations are those of this program.
 */
int vw_check_excuse(struct vw_check *check, const struct vw_player_options *po,
                    struct vw_error *err);

/* Puts UNDER into SETTINGS: condition and, of servers, URI, and LOGIN as who logs in there. UNDER
 * and LOGIN outlive them. */
void vw_check_condition(const struct vw_check *check, const struct vw_condition *under,
                        struct vw_run_settings *settings, struct vw_client_options *login);

/* Plays. VW_EUNREACHABLE and VW_ETIMEOUT when the peer cannot be reached at all (tally.unreachable
 * is then set), VW_ESYNTAX for the URI. */
int vw_check_run(struct vw_check *check, struct vw_error *err);

void vw_check_finish(struct vw_check *check);

/* The folder that belongs to this program for what KIND checks ("expect" for the expectation
 * files): installed, or in the source tree as long as nothing is. */
void vw_check_own_suite(const char *kind, char *buf, size_t size);
