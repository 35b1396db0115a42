// SPDX-License-Identifier: MIT
// check decoder: vectors for every type to a program that decodes them. Requests go out ahead of
// answers, so that a pipe is no brake; whoever dies, hangs or says what cannot be said costs one
// vector, and is started again. What it was given besides is then given to it one by one, since its
// answers may have died with it.
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "conformance/cases/vectors.h"
#include "conformance/play/check.h"
#include "conformance/play/testee.h"
#include "xdr/json.h"

#define AHEAD      256
#define MAX_BYTES  4096
#define RANDOM     3
#define DEATHS_MAX 20 /* without an answer in between */

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

/* ---- what is answered ---- */

struct decoding {
    struct vw_check *check;
    struct vw_testee testee;
    struct vw_arena arena;
    size_t asked, answered; /* results up to these are */
    size_t careful;         /* up to this one each is asked alone */
    unsigned deaths;
    bool failed;
};

static const struct question *question(const struct decoding *d, size_t i)
{
    const struct decoder *all = d->check->state;
    return &all->list[d->check->results[i].c - d->check->suite.cases];
}

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

static void settle(struct decoding *d, enum vw_verdict verdict, const char *found)
{
    struct vw_check *check = d->check;
    const struct question *q = question(d, d->answered);
    struct vw_result *r = &check->results[d->answered++];
    vw_result_set(r, verdict, found);
    if (vw_verdict_is_finding(verdict)) {
        d->failed = true;
        show(r, q);
    }
    check->tally.done++;
    check->tally.by[verdict]++;
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
        (again.len != a->bytes.len ||
         (again.len > 0 && memcmp(again.data, a->bytes.data, again.len) != 0)))
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

static void judge(struct decoding *d, const struct vw_testee_answer *a)
{
    const struct question *q = question(d, d->answered);
    bool accepts = a->result == VW_TESTEE_ACCEPTS;
    if (a->result == VW_TESTEE_SKIPS) {
        settle(d, VW_SKIP, "the decoder does not know the type");
    } else if (accepts && q->result == VW_REFUSE) {
        settle(d, VW_FAIL, "it accepts what must be refused");
    } else if (!accepts && q->result == VW_ACCEPT) {
        settle(d, VW_FAIL, "it refuses what is well formed");
    } else {
        const char *wrong = accepts ? judge_value(d, q, a) : NULL;
        bool lax = accepts && q->result == VW_EITHER;
        /* NULs cut strings in C, and what is odd may come out otherwise. */
        if (wrong && !lax)
            settle(d, VW_FAIL, wrong);
        else
            settle(d, lax ? VW_LENIENT : VW_PASS,
                   lax ? "it accepts what a strict one refuses" : NULL);
    }
    vw_arena_reset(&d->arena);
}

/* ---- the run ---- */

static bool over(const struct decoding *d)
{
    const struct vw_check_options *o = d->check->options;
    return d->answered == d->check->count || (o->interrupted && *o->interrupted) ||
           (o->fail_fast && d->failed);
}

static int ask(struct decoding *d, struct vw_error *err)
{
    size_t ahead = d->answered < d->careful ? 1 : AHEAD;
    int rc = 0;
    while (rc == 0 && d->asked < d->check->count && d->asked - d->answered < ahead) {
        const struct question *q = question(d, d->asked++);
        rc = vw_testee_ask(&d->testee, q->type->name, q->bytes, q->len, err);
    }
    return rc;
}

/* WHY: what became of it. Whose vector that was is only known where it was asked alone. */
static int again(struct decoding *d, int why, const struct vw_error *how, struct vw_error *err)
{
    bool alone = d->asked - d->answered <= 1;
    d->careful = d->asked;
    if (alone) {
        settle(d, why == VW_ETIMEOUT ? VW_HUNG : why == VW_ECLOSED ? VW_CRASH : VW_FAIL, how->text);
        if (++d->deaths > DEATHS_MAX)
            return vw_error_set(err, VW_EUNREACHABLE, "it ended %d times without an answer",
                                DEATHS_MAX);
    }
    d->asked = d->answered;
    vw_testee_end(&d->testee);
    return vw_testee_start(&d->testee, d->testee.form, d->check->options->command, err);
}

static int one_answer(struct decoding *d, struct vw_error *err)
{
    struct vw_testee_answer a;
    struct vw_error how = VW_ERROR_INIT;
    int rc = ask(d, err);
    if (rc)
        return rc;
    rc = vw_testee_next(&d->testee, vw_now_ms() + d->check->options->timeout_ms, &a, &how);
    if (rc == VW_ETIMEOUT || rc == VW_ECLOSED || rc == VW_EPROTOCOL)
        return again(d, rc, &how, err);
    if (rc)
        return vw_error_set(err, rc, "%s", how.text);
    judge(d, &a);
    vw_testee_answer_finish(&a);
    d->deaths = 0;
    return 0;
}

static int run(struct vw_check *check, struct vw_error *err)
{
    const struct vw_check_options *o = check->options;
    struct decoding d = {.check = check, .arena = VW_ARENA_INIT};
    check->tally.planned = check->count;
    int rc =
        vw_testee_start(&d.testee, o->ndjson ? VW_TESTEE_LINES : VW_TESTEE_FRAMES, o->command, err);
    check->tally.unreachable = rc == VW_EUNREACHABLE;
    while (rc == 0 && !over(&d))
        rc = one_answer(&d, err);
    check->tally.incomplete = d.answered < check->count;
    vw_testee_end(&d.testee);
    vw_arena_finish(&d.arena);
    return rc;
}

const struct vw_check_kind vw_check_decoder = {"decoder", "a decoder that a command starts",
                                               "-- COMMAND", load, run};
