// SPDX-License-Identifier: MIT
// virwire capture stats: which procedures, errors, events and arms of unions have been seen, how
// often, and how large their messages are.
#include <inttypes.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "base/room.h"
#include "cli/capture.h"
#include "cli/exit.h"
#include "cli/message.h"
#include "message/message-json.h"
#include "xdr/json.h"

enum column { CALLS, REPLIES, ERRORS, EVENTS, PACKETS, COLUMNS };

static const char *const columns[] = {"calls", "replies", "errors", "events", "packets"};

struct row {
    const struct vw_program *program; /* NULL: what is not known */
    const struct vw_proc *proc;
    uint64_t counts[COLUMNS], bytes;
    uint32_t largest;
};

/* A discriminant that was seen. */
struct arm {
    const struct vw_type *type;
    int32_t value;
    uint64_t count;
};

struct stats {
    struct vw_capture_in in;
    bool json;
    struct row *rows;
    size_t n_rows;
    struct arm *arms;
    size_t n_arms;
    uint64_t connections;
    struct vw_arena arena;
};

/* ---- counting ---- */

/* There are as many rows as procedures, at most. */
static struct row *row_of(struct stats *s, const struct vw_body *b)
{
    const struct vw_proc *proc = b->proc;
    for (size_t i = 0; i < s->n_rows; i++)
        if (s->rows[i].proc == proc)
            return &s->rows[i];
    struct row *rows = vw_room(s->rows, s->n_rows, sizeof(*rows));
    if (!rows)
        return NULL;
    s->rows = rows;
    rows[s->n_rows] = (struct row){.program = proc ? b->program : NULL, .proc = proc};
    return &rows[s->n_rows++];
}

static enum column column_of(const struct vw_header *h)
{
    switch (h->type) {
    case VW_MSG_CALL:
    case VW_MSG_CALL_WITH_FDS:
        return CALLS;
    case VW_MSG_REPLY:
    case VW_MSG_REPLY_WITH_FDS:
        return h->status == VW_MSG_ERROR ? ERRORS : REPLIES;
    case VW_MSG_MESSAGE:
        return EVENTS;
    default:
        return PACKETS;
    }
}

static int count_arm(struct stats *s, const struct vw_type *type, int32_t value)
{
    size_t i = 0;
    while (i < s->n_arms && (s->arms[i].type != type || s->arms[i].value != value))
        i++;
    if (i == s->n_arms) {
        struct arm *arms = vw_room(s->arms, i, sizeof(*arms));
        if (!arms)
            return VW_ENOMEM;
        s->arms = arms;
        arms[s->n_arms++] = (struct arm){.type = type, .value = value};
    }
    s->arms[i].count++;
    return 0;
}

static const struct vw_type *named(const struct vw_type *t)
{
    return t->alias_of ? t->alias_of : t;
}

static int count_arms(struct stats *s, const struct vw_body *b, const uint8_t *body, size_t len)
{
    struct vw_spans spans;
    int rc = vw_xdr_spans(b->type, body, len, &s->arena, &spans, NULL);
    for (size_t i = 0; rc == 0 && i < spans.count; i++) {
        const struct vw_span *x = &spans.list[i];
        if (x->kind == VW_SPAN_GROUP && x->type->kind == VW_UNION)
            rc = count_arm(s, named(x->type), (int32_t)vw_load32(body + x->offset));
    }
    vw_arena_reset(&s->arena);
    return rc == VW_ENOMEM ? rc : 0;
}

static int take_message(struct stats *s, const struct vw_event *ev)
{
    struct vw_body body;
    if (ev->length < VW_PREFIX_BYTES)
        return 0;
    vw_body_of(s->in.profile->schema, &ev->header, &body);
    struct row *row = row_of(s, &body);
    if (!row)
        return VW_ENOMEM;
    row->counts[column_of(&ev->header)]++;
    row->bytes += ev->length;
    row->largest = ev->length > row->largest ? ev->length : row->largest;
    size_t skip = VW_PREFIX_BYTES + (body.has_fds ? 4 : 0);
    return body.type && ev->length >= skip
               ? count_arms(s, &body, ev->message + skip, ev->length - skip)
               : 0;
}

static int hear(void *user, const struct vw_captured_event *ev)
{
    struct stats *s = user;
    s->connections += ev->kind == VW_CAPTURED_BEGIN;
    if (ev->kind != VW_CAPTURED_TALK || ev->talk->kind != VW_TALK_MESSAGE)
        return 0;
    return take_message(s, ev->talk->event);
}

/* ---- telling ---- */

static uint64_t messages_of(const struct row *r)
{
    uint64_t n = 0;
    for (int i = 0; i < COLUMNS; i++)
        n += r->counts[i];
    return n;
}

static int by_name(const void *a, const void *b)
{
    const struct row *x = a, *y = b;
    if (!x->proc || !y->proc)
        return !x->proc - !y->proc;
    int rc = strcmp(x->program->name, y->program->name);
    return rc ? rc : strcmp(x->proc->short_name, y->proc->short_name);
}

static int by_type(const void *a, const void *b)
{
    const struct arm *x = a, *y = b;
    int rc = strcmp(x->type->name ? x->type->name : "", y->type->name ? y->type->name : "");
    return rc ? rc : x->value < y->value ? -1 : x->value > y->value;
}

static void name_of(const struct row *r, char *out, size_t size)
{
    if (r->proc)
        snprintf(out, size, "%s.%s", r->program->name, r->proc->short_name);
    else
        snprintf(out, size, "unknown");
}

static void print_text(const struct stats *s)
{
    char name[200];
    printf("connections %" PRIu64 "\n\n%8s %8s %8s %8s %8s %10s %10s  %s\n", s->connections,
           columns[0], columns[1], columns[2], columns[3], columns[4], "mean", "largest",
           "procedure");
    for (size_t i = 0; i < s->n_rows; i++) {
        const struct row *r = &s->rows[i];
        for (int k = 0; k < COLUMNS; k++)
            printf("%8" PRIu64 " ", r->counts[k]);
        name_of(r, name, sizeof(name));
        printf("%10" PRIu64 " %10u  %s\n", r->bytes / messages_of(r), r->largest, name);
    }
    for (size_t i = 0; i < s->n_arms; i++)
        printf("%s%8" PRIu64 "  %s %d\n", i ? "" : "\narms of unions\n", s->arms[i].count,
               s->arms[i].type->name ? s->arms[i].type->name : "?", s->arms[i].value);
}

static struct json_object *row_json(const struct row *r)
{
    char name[200];
    struct json_object *o = json_object_new_object();
    name_of(r, name, sizeof(name));
    bool ok = o && vw_json_put(o, "procedure", json_object_new_string(name));
    for (int k = 0; k < COLUMNS && ok; k++)
        ok = vw_json_put(o, columns[k], json_object_new_int64((int64_t)r->counts[k]));
    ok = ok && vw_json_put(o, "bytes", json_object_new_int64((int64_t)r->bytes)) &&
         vw_json_put(o, "largest", json_object_new_int64(r->largest));
    if (ok)
        return o;
    json_object_put(o);
    return NULL;
}

static struct json_object *arm_json(const struct arm *a)
{
    struct json_object *o = json_object_new_object();
    if (o && vw_json_put(o, "type", json_object_new_string(a->type->name ? a->type->name : "")) &&
        vw_json_put(o, "value", json_object_new_int(a->value)) &&
        vw_json_put(o, "count", json_object_new_int64((int64_t)a->count)))
        return o;
    json_object_put(o);
    return NULL;
}

static bool append(struct json_object *list, struct json_object *value)
{
    if (value && json_object_array_add(list, value) == 0)
        return true;
    json_object_put(value);
    return false;
}

static bool print_json(const struct stats *s)
{
    struct json_object *o = json_object_new_object(), *rows = json_object_new_array(),
                       *arms = json_object_new_array();
    bool ok = o && rows && arms;
    for (size_t i = 0; ok && i < s->n_rows; i++)
        ok = append(rows, row_json(&s->rows[i]));
    for (size_t i = 0; ok && i < s->n_arms; i++)
        ok = append(arms, arm_json(&s->arms[i]));
    ok = ok && vw_json_put(o, "connections", json_object_new_int64((int64_t)s->connections));
    ok = ok && json_object_object_add(o, "procedures", json_object_get(rows)) == 0 &&
         json_object_object_add(o, "arms", json_object_get(arms)) == 0;
    char *text = ok ? vw_json_text(o, true) : NULL;
    if (text)
        puts(text);
    json_object_put(rows);
    json_object_put(arms);
    json_object_put(o);
    free(text);
    return text != NULL;
}

static int print_all(struct stats *s)
{
    if (s->n_rows == 0)
        return VW_EXIT_NOTHING;
    qsort(s->rows, s->n_rows, sizeof(*s->rows), by_name);
    if (s->n_arms)
        qsort(s->arms, s->n_arms, sizeof(*s->arms), by_type);
    if (!s->json)
        print_text(s);
    else if (!print_json(s))
        return vw_cli_error(s->in.command, VW_EXIT_TOOL, "out of memory");
    return 0;
}

static int run(int argc, char **argv)
{
    struct stats s = {.in = {.command = argv[0]}};
    const struct vw_cli_option options[] = {
        VW_CAPTURE_OPTIONS(&s.in), {"json", .flag = &s.json}, {NULL}};
    int status = vw_capture_open(&s.in, argc, argv, options);
    if (status == 0) {
        status = vw_capture_read(&s.in, hear, &s);
        int printed = print_all(&s);
        status = status ? status : printed;
    }
    free(s.rows);
    free(s.arms);
    vw_arena_finish(&s.arena);
    vw_capture_close(&s.in);
    return status;
}

const struct vw_capture_verb vw_capture_stats = {"stats", run};
