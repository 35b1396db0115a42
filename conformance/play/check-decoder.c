// SPDX-License-Identifier: MIT
// check decoder: vectors for every type to a program that decodes them, one at a time, so that it
// is known what each costs it. Whoever dies, hangs, bloats or says what cannot be said costs one
// vector, and is started again. Others may be asked the same, and what they answer compared.
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "conformance/cases/vectors.h"
#include "conformance/play/check.h"
#include "conformance/play/testee.h"
#include "xdr/json.h"

#define MAX_BYTES       4096
#define RANDOM          3
#define DEATHS_MAX      20   /* without an answer in between */
#define SLOW_US         5000 /* may have been a busy machine: asked again */
#define NO_SUCH_COMMAND 127  /* the status of a shell that finds none */

/* ---- what is asked ---- */

struct question {
    const struct vw_type *type;
    const uint8_t *bytes;
    size_t len;
    enum vw_vector_result result;
};

struct decoder {
    struct question *list; /* as the cases of the suite */
    size_t cap;
};

struct loading {
    struct vw_check *check;
    struct decoder *d;
};

static int grow(struct loading *l, struct vw_error *err)
{
    struct vw_suite *s = &l->check->suite;
    if (s->count < l->d->cap)
        return 0;
    size_t cap = l->d->cap ? l->d->cap * 2 : 4096;
    struct vw_case *cases = realloc(s->cases, cap * sizeof(*cases));
    struct question *list = vw_arena_alloc(&s->arena, cap * sizeof(*list), 8);
    if (cases)
        s->cases = cases;
    if (!cases || !list)
        return vw_error_nomem(err);
    if (s->count > 0)
        memcpy(list, l->d->list, s->count * sizeof(*list));
    l->d->list = list;
    l->d->cap = cap;
    return 0;
}

static int add(void *user, const struct vw_vector *v, struct vw_error *err)
{
    struct loading *l = user;
    struct vw_suite *s = &l->check->suite;
    if (grow(l, err))
        return VW_ENOMEM;
    char *id = vw_arena_strndup(&s->arena, v->id, strlen(v->id));
    char *group = vw_arena_printf(&s->arena, "decoder/%s", v->class->name);
    uint8_t *bytes = vw_arena_alloc(&s->arena, v->len + 1, 1);
    if (!id || !group || !bytes)
        return vw_error_nomem(err);
    if (v->len > 0)
        memcpy(bytes, v->bytes, v->len);
    s->cases[s->count] = (struct vw_case){.id = id,
                                          .file_id = group,
                                          .path = "",
                                          .title = v->class->why,
                                          .clauses = *v->class->clause ? v->class->clause : "X-1",
                                          .level = VW_LEVEL_MUST};
    l->d->list[s->count++] = (struct question){v->type, bytes, v->len, v->result};
    return 0;
}

static int load(struct vw_check *check, const struct vw_suite_options *options,
                struct vw_error *err)
{
    struct decoder *d = vw_arena_zalloc(&check->arena, sizeof(*d), 8);
    struct loading l = {.check = check, .d = d};
    const struct vw_vector_options o = {
        .max_bytes = MAX_BYTES, .random = RANDOM, .take = add, .user = &l};
    size_t n;
    const struct vw_type *const *types = vw_schema_types(check->profile->schema, &n);
    int rc = d ? 0 : vw_error_nomem(err);
    check->state = d;
    for (size_t i = 0; rc == 0 && i < n; i++)
        if (vw_vectors_has(types[i]))
            rc = vw_vectors_make(types[i], &o, err);
    return rc;
}

/* ---- who is asked ---- */

/* One program: the first is the one that is checked, the others are what it is compared with. */
struct seat {
    struct vw_testee_program program;
    const char *name;    /* of one of the others: its command; NULL: the first */
    const char *argv[4]; /* that has the shell become it */
    struct vw_testee testee;
    bool started;
    bool warm; /* it has answered: its start is paid for */
    unsigned deaths;
    struct vw_testee_answer answer;
    int failed;          /* 0: ANSWER; else an enum vw_status */
    struct vw_error how; /* then */
};

struct decoding {
    struct vw_check *check;
    struct seat *seats;
    size_t n_seats;
    struct vw_arena arena; /* of one vector */
    size_t done;           /* results up to these are */
    bool failed;
};

static const struct question *question(const struct decoding *d)
{
    const struct decoder *all = d->check->state;
    return &all->list[d->check->results[d->done].c - d->check->suite.cases];
}

/* What has a shell become COMMAND. A first word that is no program is told by us and not by the
 * shell. */
static const char *shell_line(struct vw_arena *arena, const char *command)
{
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+-./";
    size_t n = strspn(command, plain);
    bool is_word = n > 0 && (command[n] == ' ' || !command[n]);
    return is_word ? vw_arena_printf(arena, "command -v %.*s >/dev/null || exit %d; exec %s",
                                     (int)n, command, NO_SUCH_COMMAND, command)
                   : vw_arena_printf(arena, "exec %s", command);
}

static int open_seats(struct decoding *d, struct vw_error *err)
{
    const struct vw_check_options *o = d->check->options;
    d->n_seats = 1 + o->n_against;
    d->seats = calloc(d->n_seats, sizeof(*d->seats));
    if (!d->seats)
        return vw_error_nomem(err);
    for (size_t i = 0; i < d->n_seats; i++) {
        struct seat *s = &d->seats[i];
        s->argv[0] = "sh";
        s->argv[1] = "-c";
        s->name = i ? o->against[i - 1] : NULL;
        s->argv[2] = i ? shell_line(&d->check->arena, s->name) : "";
        if (!s->argv[2])
            return vw_error_nomem(err);
        s->program = (struct vw_testee_program){
            .form = o->ndjson ? VW_TESTEE_LINES : VW_TESTEE_FRAMES,
            .argv = i ? s->argv : o->command,
            .max_memory = o->max_memory,
        };
    }
    return 0;
}

static void close_seats(struct decoding *d)
{
    for (size_t i = 0; i < d->n_seats && d->seats; i++) {
        vw_testee_answer_finish(&d->seats[i].answer);
        if (d->seats[i].started)
            vw_testee_end(&d->seats[i].testee);
    }
    free(d->seats);
}

static int start(struct seat *s, struct vw_error *err)
{
    int rc = vw_testee_start(&s->testee, &s->program, err);
    s->started = rc == 0;
    s->warm = false;
    return rc;
}

static void end(struct seat *s)
{
    vw_testee_end(&s->testee);
    s->started = false;
}

/* Whether S starts, and answers what is asked first. One that ends of itself instead is no decoder;
 * what it means that one dies, hangs or says nonsense is for the vectors to show. */
static int greet(struct decoding *d, struct seat *s, struct vw_error *err)
{
    const struct question *q = ((const struct decoder *)d->check->state)->list;
    int rc = start(s, err);
    if (rc)
        return rc;
    rc = vw_testee_ask(&s->testee, q->type->name, q->bytes, q->len, d->check->options->timeout_ms,
                       &s->answer, &s->how);
    vw_testee_answer_finish(&s->answer);
    s->warm = rc == 0;
    if (rc == 0)
        return 0;
    int quit = rc == VW_ECLOSED ? s->testee.quit : -1;
    end(s);
    return quit < 0 ? 0
                    : vw_error_set(err, VW_EUNREACHABLE,
                                   "%.200s cannot be started: it ended with status %d%s",
                                   s->name ? s->name : s->program.argv[0], quit,
                                   quit == NO_SUCH_COMMAND ? " (no such command)" : "");
}

static int ask_once(struct decoding *d, struct seat *s, struct vw_testee_answer *a)
{
    const struct question *q = question(d);
    vw_error_clear(&s->how);
    return vw_testee_ask(&s->testee, q->type->name, q->bytes, q->len, d->check->options->timeout_ms,
                         a, &s->how);
}

/* Once more where the first answer paid for the start of the program, or came late. */
static int ask_again(struct decoding *d, struct seat *s)
{
    struct vw_testee_answer first = s->answer;
    int rc = ask_once(d, s, &s->answer);
    if (first.us < s->answer.us)
        s->answer.us = first.us;
    if (s->warm && first.memory > s->answer.memory)
        s->answer.memory = first.memory;
    vw_testee_answer_finish(&first);
    return rc;
}

/* Asks S, which is started where that is needed. What becomes of it is in S; an error ends the run.
 */
static int ask(struct decoding *d, struct seat *s, struct vw_error *err)
{
    int rc = 0;
    s->failed = 0;
    if (!s->started) {
        rc = start(s, err);
        if (rc)
            return rc;
    }
    rc = ask_once(d, s, &s->answer);
    if (rc == 0 && (!s->warm || s->answer.us > SLOW_US))
        rc = ask_again(d, s);
    s->failed = rc;
    if (rc == 0) {
        s->warm = true;
        s->deaths = 0;
        return 0;
    }
    end(s);
    if (rc != VW_ETIMEOUT && rc != VW_ECLOSED && rc != VW_EPROTOCOL && rc != VW_ELIMIT)
        return vw_error_set(err, rc, "%s", s->how.text);
    return ++s->deaths > DEATHS_MAX
               ? vw_error_set(err, VW_EUNREACHABLE, "%s%sit ended %d times without an answer",
                              s->name ? s->name : "", s->name ? ": " : "", DEATHS_MAX)
               : 0;
}

/* ---- what is answered ---- */

struct judgement {
    enum vw_verdict verdict;
    const char *found;
};

/* What was sent, and what should have come of it. Without memory the verdict stands alone. */
static void show(struct vw_result *r, const struct question *q)
{
    static const char *const wanted[] = {"accept", "refuse", "accept or refuse"};
    char *text = malloc(strlen(q->type->name) + 2 * q->len + 16);
    r->finding.expected = strdup(wanted[q->result]);
    r->finding.frames = text;
    if (!text)
        return;
    text += sprintf(text, "sent %s ", q->type->name);
    vw_hex_encode(q->bytes, q->len, text);
    strcpy(text + 2 * q->len, "\n");
}

static void settle(struct decoding *d, struct judgement j)
{
    struct vw_check *check = d->check;
    const struct question *q = question(d);
    struct vw_result *r = &check->results[d->done++];
    const struct vw_testee_answer *a = &d->seats[0].answer;
    vw_result_set(r, j.verdict, j.found);
    if (d->seats[0].failed == 0) {
        r->finding.us = a->us;
        r->finding.cost = (struct vw_cost){.known = true, .input = q->len, .memory = a->memory};
    }
    if (vw_verdict_is_finding(j.verdict)) {
        d->failed = true;
        show(r, q);
    }
    check->tally.done++;
    check->tally.by[j.verdict]++;
    if (check->options->progress)
        check->options->progress(check->options->user, r);
}

/* Whether what it says the value is, is ours: numbers that JSON cannot tell apart are one. */
static bool same_value(json_object *ours, json_object *theirs)
{
    return json_object_equal(ours, theirs) ||
           strcmp(json_object_to_json_string_ext(ours, JSON_C_TO_STRING_PLAIN),
                  json_object_to_json_string_ext(theirs, JSON_C_TO_STRING_PLAIN)) == 0;
}

static bool same_bytes(const struct vw_buf *a, const struct vw_buf *b)
{
    return a->len == b->len && (a->len == 0 || memcmp(a->data, b->data, a->len) == 0);
}

/* NULL, or what is wrong with an accepted value. */
static const char *judge_value(struct decoding *d, const struct question *q,
                               const struct vw_testee_answer *a)
{
    struct vw_error err = VW_ERROR_INIT;
    struct vw_buf again = VW_BUF_INIT;
    void *value;
    const char *wrong = NULL;
    if (vw_xdr_decode(q->type, q->bytes, q->len, &d->arena, &value, NULL, NULL))
        return NULL;
    if (a->has_bytes && vw_xdr_encode(q->type, value, &again, SIZE_MAX, NULL) == 0 &&
        !same_bytes(&again, &a->bytes))
        wrong = "it accepts the bytes, and encodes what it has read otherwise";
    vw_buf_finish(&again);
    if (!wrong && a->value) {
        json_object *ours = vw_json_from_value(q->type, value, &err);
        if (!err.code && !same_value(ours, a->value))
            wrong = "it accepts the bytes, and reads another value";
        json_object_put(ours);
    }
    return wrong;
}

static struct judgement judge(struct decoding *d, const struct seat *s)
{
    const struct question *q = question(d);
    const struct vw_testee_answer *a = &s->answer;
    bool accepts = a->result == VW_TESTEE_ACCEPTS;
    bool lax = accepts && q->result == VW_EITHER;
    if (s->failed)
        return (struct judgement){s->failed == VW_ETIMEOUT  ? VW_HUNG
                                  : s->failed == VW_ECLOSED ? VW_CRASH
                                                            : VW_FAIL,
                                  s->how.text};
    if (a->result == VW_TESTEE_SKIPS)
        return (struct judgement){VW_SKIP, "the decoder does not know the type"};
    if (accepts && q->result == VW_REFUSE)
        return (struct judgement){VW_FAIL, "it accepts what must be refused"};
    if (!accepts && q->result == VW_ACCEPT)
        return (struct judgement){VW_FAIL, "it refuses what is well formed"};
    /* NULs cut strings in C, and what is odd may come out otherwise. */
    const char *wrong = accepts && !lax ? judge_value(d, q, a) : NULL;
    if (wrong)
        return (struct judgement){VW_FAIL, wrong};
    return lax ? (struct judgement){VW_LENIENT, "it accepts what a strict one refuses"}
               : (struct judgement){VW_PASS, NULL};
}

/* ---- what others answer ---- */

static const char *said(const struct seat *s)
{
    return s->answer.result == VW_TESTEE_ACCEPTS ? "accepts" : "refuses";
}

/* In what OTHER differs from the FIRST, in words that follow its name; NULL: in nothing. */
static const char *difference(const struct seat *first, const struct seat *other)
{
    const struct vw_testee_answer *a = &first->answer, *b = &other->answer;
    if (other->failed)
        return other->how.text;
    if (b->result == VW_TESTEE_SKIPS)
        return NULL;
    if (a->result != b->result)
        return said(other);
    if (a->has_bytes && b->has_bytes && !same_bytes(&a->bytes, &b->bytes))
        return "encodes what it has read otherwise";
    if (a->value && b->value && !same_value(a->value, b->value))
        return "reads another value";
    return NULL;
}

/* J, or that they disagree. */
static struct judgement compare(struct decoding *d, struct judgement j)
{
    const struct seat *first = &d->seats[0];
    char *text = NULL;
    if (first->failed || first->answer.result == VW_TESTEE_SKIPS)
        return j;
    for (size_t i = 1; i < d->n_seats; i++) {
        const struct seat *other = &d->seats[i];
        const char *what = difference(first, other);
        if (!what)
            continue;
        char *more =
            vw_arena_printf(&d->arena, "%s; %s: %s", text ? text : said(first), other->name, what);
        text = more ? more : text;
    }
    if (!text)
        return j;
    const char *own = j.verdict == VW_FAIL ? j.found : NULL;
    text = vw_arena_printf(&d->arena, "%s%sthe decoders disagree: it %s", own ? own : "",
                           own ? "; " : "", text);
    return (struct judgement){VW_FAIL, text};
}

/* ---- the run ---- */

static bool over(const struct decoding *d)
{
    const struct vw_check_options *o = d->check->options;
    return d->done == d->check->count || (o->interrupted && *o->interrupted) ||
           (o->fail_fast && d->failed);
}

static int one_vector(struct decoding *d, struct vw_error *err)
{
    int rc = 0;
    for (size_t i = 0; i < d->n_seats && rc == 0; i++)
        rc = ask(d, &d->seats[i], err);
    /* What the last straw was is told of as well. */
    if (rc == 0 || d->seats[0].failed)
        settle(d, compare(d, judge(d, &d->seats[0])));
    for (size_t i = 0; i < d->n_seats; i++)
        vw_testee_answer_finish(&d->seats[i].answer);
    vw_arena_reset(&d->arena);
    return rc;
}

static int run(struct vw_check *check, struct vw_error *err)
{
    struct decoding d = {.check = check, .arena = VW_ARENA_INIT};
    check->tally.planned = check->count;
    int rc = open_seats(&d, err);
    for (size_t i = 0; i < d.n_seats && rc == 0; i++)
        rc = greet(&d, &d.seats[i], err);
    while (rc == 0 && !over(&d))
        rc = one_vector(&d, err);
    check->tally.unreachable = rc == VW_EUNREACHABLE && d.done == 0;
    check->tally.stopped = check->options->fail_fast && d.failed;
    if (d.done < check->count && !check->tally.stopped)
        vw_tally_incomplete(&check->tally, d.done || rc == 0 ? "broken off" : NULL);
    close_seats(&d);
    vw_arena_finish(&d.arena);
    return rc;
}

const struct vw_check_kind vw_check_decoder = {"decoder", "a decoder that a command starts",
                                               "-- COMMAND", load, run};
