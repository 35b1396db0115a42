// SPDX-License-Identifier: MIT
// One case while it runs: what the verbs work on. Shared by the player, the prelude, the verbs and
// the judging of answers.
#pragma once

#include <json-c/json.h>
#include <poll.h>
#include <virwire/memory.h>

#include "conformance/cases/scenario.h"
#include "conformance/play/link.h"
#include "conformance/play/verbs.h"
#include "conformance/play/watched.h"
#include "scenario/compose.h"
#include "scenario/match.h"

struct vw_client_suite;
struct vw_hoard;
struct vw_host;
struct vw_served;

struct vw_run_settings {
    const struct vw_profile *profile;
    struct vw_connector connector;
    const struct vw_uri *uri;
    const char *uri_text; /* as the user gave it */
    /* Who logs in where the peer asks for it: of these, what concerns authentication. NULL: nobody,
     * and what needs it is skipped. */
    const struct vw_client_options *login;
    int64_t timeout_ms; /* of silence */
    int64_t *heard_ms;  /* when a connection of any case heard something last; NULL: not kept */
    int64_t slow_ms;    /* at most, of a step that says how long it may wait; 0: no limit */
    bool slow_enough;   /* a wait that SLOW_MS has cut was long enough for this peer */
    const char *volume; /* POOL/NAME of one that cases may use; NULL: there is none */
    int64_t quiet_ms;   /* how long "nothing" is listened for behind a fence */
    bool show_secrets;  /* in transcripts */
    const struct vw_client_suite
        *client;            /* cases are about clients; NULL: about the server at URI */
    vw_watched_set without; /* clauses that are left out, for a proof; as a rule none */
};

struct vw_run {
    const struct vw_case *c;
    const struct vw_run_settings *settings;
    struct vw_spawned *spawned; /* programs beside the case, the last one first */
    struct vw_host *hosts;      /* the last one first */
    struct vw_served *served;   /* of cases about clients; NULL: not started */
    struct vw_hoard *hoard;     /* of the program that is judged; NULL: nobody asks */
    struct vw_link *conns;      /* the first is the one that steps mean without "on" */
    struct vw_arena arena;      /* of this run */
    struct json_object *variables;
    struct vw_log log;

    bool prepared;              /* needs are met */
    bool played;                /* all steps are done */
    size_t entered;             /* messages and notes of the log until then */
    const struct vw_node *step; /* NULL: all done */
    unsigned step_no;           /* from 1 */
    bool step_first;
    int64_t deadline_ms;      /* of the step; CLOCK_MONOTONIC */
    int64_t look_ms;          /* when it wants another turn though nothing comes; 0: not before */
    int64_t allowed_ms;       /* that the step had at its start */
    int64_t since_ms;         /* of that start */
    bool patient;             /* that is of silence only: it begins anew when something comes */
    uint64_t state[4];        /* of the verb, 0 at its first call */
    char label[VW_NAME_ROOM]; /* of the last send */

    bool over;
    enum vw_verdict verdict;
    char reason[700];
    char expected[700]; /* the step that failed, as YAML; may be empty */
    const char *unseen; /* what nobody could look at: a case that passes so far is skipped for
                           it; NULL: nothing */
    bool lenient;
    char lenient_why[200];
    bool kept_out;     /* skipped, since the log-in that was asked for has failed */
    bool locked;       /* skipped, since credentials are missing */
    bool refused;      /* a call of the log-in was answered by an error, which says why */
    bool no_auth_list; /* the peer does not know AUTH_LIST: it is old */
    /* What ended the case: what the observer found, ... */
    const struct vw_breach *blamed; /* ... or NULL; ... */
    enum vw_mismatch mismatch;      /* ... an answer, in this way, ... */
    struct vw_match_error told;     /* which was this error; ... */
    bool strayed;                   /* ... a message that nobody wanted, STRAY; ... */
    struct vw_header stray;
    enum { VW_WAIT_WENT_ON, VW_WAIT_SILENT, VW_WAIT_CLOSED } wait; /* ... or a wait, ... */
    bool partial;    /* ... in the middle of a message */
    bool late;       /* it took all the time that it had */
    bool endless;    /* something came all the time, and the case did not end */
    bool suspicious; /* the peer may be dead: closed or silent where it should not be */
    int64_t started_us, ended_us;
};

void vw_run_init(struct vw_run *run, const struct vw_case *c,
                 const struct vw_run_settings *settings);
/* Gives the first connection to *SHARED if the case may share it and left it clean (then the caller
 * owns it), and frees the rest. SHARED may be NULL. */
void vw_run_finish(struct vw_run *run, struct vw_link **shared);

/* Does what can be done without waiting. Sets run->over at the end. */
void vw_run_advance(struct vw_run *run);
/* Reads and writes on all connections; true if anything changed. */
bool vw_run_pump(struct vw_run *run);
/* What poll(2) has to look at, at most CAP; the rest is seen at the next turn. */
nfds_t vw_run_poll_set(const struct vw_run *run, struct pollfd *fds, nfds_t cap);

/* ---- for verbs ---- */

/* The connection that the step means; NULL after a report if there is none. */
struct vw_link *vw_run_conn(struct vw_run *run);
struct vw_link *vw_run_conn_named(struct vw_run *run, const char *name);
/* The time is up: that of the step, or of the silence. */
bool vw_run_late(struct vw_run *run);
/* The peer has ended C, and not by a framing error or a flood (F-12). */
bool vw_run_ended(const struct vw_link *c);
/* When the step of RUN is to have its next turn, at the latest. */
int64_t vw_run_due(const struct vw_run *run);
/* The step may take MS from now on. */
void vw_run_allow(struct vw_run *run, int64_t ms);
/* From now on it may be silent for so long as a peer may; whoever answers, if slowly, has time. */
void vw_run_await(struct vw_run *run);

/* Ends the case. The first report wins. All return VW_STEP_FAIL. */
enum vw_step_result vw_run_fail(struct vw_run *run, enum vw_verdict v, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* The scenario or the harness is at fault. */
enum vw_step_result vw_run_error(struct vw_run *run, const struct vw_error *err);
/* True where ERR is about this process, which has no descriptor or memory left, not the peer. */
bool vw_run_is_short(const struct vw_error *err);
/* There is no connection: VW_ERROR where this process is short of something, else the peer's fault.
 * WHO cannot connect; empty, or with a space behind. */
enum vw_step_result vw_run_unconnected(struct vw_run *run, const char *who,
                                       const struct vw_error *err);
/* Ends the case as skipped. */
enum vw_step_result vw_run_skip(struct vw_run *run, const char *reason);
/* FAIL because the connection ended or what came is none of it, or HUNG because nothing came before
 * the deadline (wait.c); WAIT if neither. WHAT is what was waited for. */
enum vw_step_result vw_run_wait(struct vw_run *run, const struct vw_link *c, const char *what);

/* GOT is what nobody wanted. */
void vw_run_stray(struct vw_run *run, const struct vw_got *got);

/* Composes and queues the message N on C, labelled. */
int vw_run_send(struct vw_run *run, struct vw_link *c, const struct vw_node *n, int32_t type,
                const char *label, struct vw_error *err);

/* COUNT descriptors go with the byte that is queued next on C. 0; negative: the case has ended,
 * skipped where none can be passed. */
int vw_run_pass(struct vw_run *run, struct vw_link *c, uint32_t count);

/* Brings a connection as far as NEEDS say (VW_NEED_AUTH, OPEN, READ_ONLY): step by step. */
enum vw_step_result vw_prepare(struct vw_run *run, struct vw_link *c, unsigned needs);
/* The first of the methods that AUTH_LIST has named, as it names them. */
const char *vw_run_method(const struct vw_run *run);

/* Opens a connection NAME and adds it to the run. */
struct vw_link *vw_run_connect(struct vw_run *run, const char *name);

/* ---- the fence (fence.c) ---- */

/* Sends a harmless call, whose answer shows that the peer reads and answers. */
int vw_fence_send(struct vw_run *run, struct vw_link *c, uint32_t *serial, struct vw_error *err);
/* True when its answer is there; it is taken out. */
bool vw_fence_answered(struct vw_run *run, struct vw_link *c, uint32_t serial);

/* ---- judging answers (answer.c) ---- */

enum vw_fit {
    VW_FIT_NONE, /* nothing has come that it could be about */
    VW_FIT_YES,
    VW_FIT_NO /* something came and is wrong */
};

/* A judgement under way, and what comes of it. */
struct vw_judgement {
    struct vw_run *run;
    struct vw_match match; /* its WHY is the reason of VW_FIT_NO */
};
struct vw_judgement vw_judgement_of(struct vw_run *run);

extern const struct vw_keys vw_expect_keys;
extern const struct vw_keys vw_expected_message_keys;

/* Tries one alternative of an expectation; takes what fits out of the inbox. */
enum vw_fit vw_answer_try(struct vw_judgement *j, struct vw_link *c, const struct vw_node *pattern,
                          const char *label);

/* A message that no call asked for (an event, a PING): one that is as M says is taken. PATIENT:
 * those of its procedure that are not are taken too and forgotten; else the first is VW_FIT_NO. */
enum vw_fit vw_answer_try_message(struct vw_judgement *j, struct vw_link *c,
                                  const struct vw_node *m, bool patient);

/* The first of LIST that is not left out, borne by every client, or excused by PATTERN (NULL: by
 * nothing); or NULL. */
const struct vw_breach *vw_answer_breach(struct vw_run *run, const struct vw_breach *list,
                                         const struct vw_node *pattern);
/* Ends the case because of B. WHEN: in front of what is said of it. */
enum vw_step_result vw_answer_blame(struct vw_run *run, const struct vw_breach *b,
                                    const char *when);

/* Ends the case with the reason of J; WHEN in front of it. */
enum vw_step_result vw_answer_refuse(struct vw_judgement *j, const char *when);

/* A frame that no client can make sense of: false and the reason. */
bool vw_answer_no_stray(struct vw_judgement *j, const struct vw_link *c);
