// SPDX-License-Identifier: MIT
// Messages are kept until the end: what a call needs (a label, the log-in before it) depends on
// what follows it.
#include "capture/retell.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/room.h"
#include "capture/entrance.h"
#include "capture/retell-value.h"
#include "message/message-json.h"
#include "schema/facts.h"
#include "xdr/json.h"

#define KEPT_MAX (8u << 20) /* bytes of messages: more makes no case */

struct conn {
    struct conn *next;
    uint64_t number;
    struct vw_entrance entrance;
    bool told;       /* its connect step is written */
    uint64_t proofs; /* calls of SASL, which are no part of a case */
};

struct item {
    struct conn *conn;
    struct vw_frame frame; /* of bytes of ours */
    enum vw_side from;
    uint64_t number, answers;
    bool labelled;
    bool data; /* what came last in its stream was data of the server */
    bool read; /* there was some */
};

struct vw_retell {
    struct vw_retell_options o;
    struct vw_arena arena; /* of everything that is kept */
    struct vw_retell_values values;
    struct conn *conns;
    struct item *items;
    size_t n, bytes;
    bool too_much;
    uint64_t left_out;
    FILE *out;
};

int vw_retell_create(const struct vw_retell_options *o, struct vw_retell **out)
{
    struct vw_retell *s = *out = calloc(1, sizeof(*s));
    if (!s)
        return VW_ENOMEM;
    s->o = *o;
    s->values.arena = &s->arena;
    return 0;
}

void vw_retell_destroy(struct vw_retell *s)
{
    if (!s)
        return;
    vw_arena_finish(&s->arena);
    free(s->items);
    free(s);
}

uint64_t vw_retell_left_out(const struct vw_retell *s)
{
    return s->left_out;
}

/* ---- what is kept ---- */

static struct conn *conn_of(struct vw_retell *s, uint64_t number)
{
    struct conn **at = &s->conns;
    while (*at && (*at)->number != number)
        at = &(*at)->next;
    if (!*at && (*at = vw_arena_zalloc(&s->arena, sizeof(**at), _Alignof(struct conn))))
        (*at)->number = number;
    return *at;
}

static struct item *call_of(const struct vw_retell *s, const struct conn *c, uint64_t number)
{
    for (size_t i = s->n; number && i > 0; i--)
        if (s->items[i - 1].conn == c && s->items[i - 1].number == number)
            return &s->items[i - 1];
    return NULL;
}

/* The call that opened the stream of a packet. */
static struct item *opener_of(const struct vw_retell *s, const struct item *packet)
{
    const struct vw_header *p = &packet->frame.header;
    for (size_t i = (size_t)(packet - s->items); i > 0; i--) {
        struct item *it = &s->items[i - 1];
        const struct vw_header *h = &it->frame.header;
        if (it->conn == packet->conn && it->from == VW_SIDE_CLIENT && h->type == VW_MSG_CALL &&
            h->serial == p->serial && h->program == p->program && h->procedure == p->procedure)
            return it;
    }
    return NULL;
}

static bool is_call(const struct vw_header *h)
{
    return h->type == VW_MSG_CALL || h->type == VW_MSG_CALL_WITH_FDS;
}

/* Whether whoever plays the case logs in by himself: the remote program's way is the only one that
 * cases leave out. */
static bool is_within(const struct vw_retell *s, const struct conn *c)
{
    return c->entrance.stage == VW_WITHIN &&
           c->entrance.program == vw_schema_program_named(s->o.profile->schema, "remote");
}

static int keep(struct vw_retell *s, struct conn *c, const struct vw_retell_said *said)
{
    const struct vw_frame *f = said->frame;
    struct item *items = vw_room(s->items, s->n, sizeof(*items));
    if (!items)
        return VW_ENOMEM;
    s->items = items;
    uint8_t *bytes = vw_arena_alloc(&s->arena, f->length, 1);
    if (!bytes)
        return VW_ENOMEM;
    memcpy(bytes, f->bytes, f->length);
    struct item *it = &s->items[s->n++];
    *it = (struct item){
        .conn = c, .from = said->from, .number = said->number, .answers = said->answers};
    vw_frame_of(bytes, f->length, &it->frame);
    s->bytes += f->length;
    return 0;
}

/* What SASL says is a secret, and true once. */
static bool is_proof(const struct vw_retell *s, const struct vw_header *h)
{
    struct vw_body body;
    vw_body_of(s->o.profile->schema, h, &body);
    const struct vw_facts *f = body.proc ? vw_proc_facts(body.proc) : NULL;
    return f && f->before & VW_BEFORE_AUTH && f->secret;
}

int vw_retell_message(struct vw_retell *s, const struct vw_retell_said *said)
{
    const struct vw_header *h = &said->frame->header;
    struct conn *c = conn_of(s, said->connection);
    if (!c)
        return VW_ENOMEM;
    /* Nothing can come of it any more. */
    if (s->too_much)
        return 0;
    if (said->frame->short_header) {
        s->left_out++;
        return 0;
    }
    vw_entrance_follow(&c->entrance, s->o.profile->schema, said->frame, said->number,
                       said->answers);
    bool reply = h->type == VW_MSG_REPLY || h->type == VW_MSG_REPLY_WITH_FDS;
    if (reply ? !call_of(s, c, said->answers) : !said->wanted)
        return 0;
    if (is_proof(s, h)) {
        c->proofs++;
        return 0;
    }
    if (said->frame->length > KEPT_MAX - s->bytes) {
        s->too_much = true;
        return 0;
    }
    return keep(s, c, said);
}

/* ---- bodies ---- */

static struct vw_node *map_node(struct vw_retell *s)
{
    return vw_node_new(&s->arena, VW_NODE_MAP);
}

/* Adds KEY: TEXT. False: no memory. */
static bool put(struct vw_retell *s, struct vw_node *map, const char *key, const char *text,
                bool quoted)
{
    struct vw_node *n = text ? vw_node_text(&s->arena, text) : NULL;
    if (!n || !map)
        return false;
    n->quoted = quoted;
    return vw_node_add(map, key, n) != NULL;
}

static bool put_number(struct vw_retell *s, struct vw_node *map, const char *key, int64_t number)
{
    return map && vw_node_add(map, key, vw_node_printf(&s->arena, "%" PRId64, number));
}

static bool put_hex(struct vw_retell *s, struct vw_node *map, const uint8_t *bytes, size_t len)
{
    char *digits = vw_arena_alloc(&s->arena, 2 * len + 1, 1);
    for (size_t i = 0; digits && i < len; i++)
        snprintf(digits + 2 * i, 3, "%02x", bytes[i]);
    if (digits)
        digits[2 * len] = 0;
    return put(s, map, "body", digits, true);
}

/* "procedure: NAME", or the words of the header where there is no name. */
static bool put_procedure(struct vw_retell *s, struct vw_node *map, const struct vw_header *h,
                          const struct vw_body *body)
{
    const struct vw_proc *proc = body->proc;
    if (!proc)
        return put(s, map, "program", vw_arena_printf(&s->arena, "0x%x", h->program), false) &&
               put_number(s, map, "version", h->version) &&
               put_number(s, map, "procedure", h->procedure);
    if (vw_schema_proc(s->o.profile->schema, proc->short_name) != proc &&
        !put(s, map, "program", proc->program->name, false))
        return false;
    const char *name = proc->short_name;
    if (vw_schema_proc(s->o.profile->schema, name) != proc)
        return put_number(s, map, "procedure", proc->number);
    return put(s, map, "procedure", name, false);
}

/* ---- steps ---- */

/* A text of several lines that can stand as it is, with lines of its own. */
static bool is_document(const struct vw_node *n)
{
    if (n->kind != VW_NODE_SCALAR || !n->quoted || *n->text != '<' || !strchr(n->text, '\n') ||
        strstr(n->text, "\n\n") || strstr(n->text, "\n \n"))
        return false;
    for (const unsigned char *c = (const unsigned char *)n->text; *c; c++)
        if ((*c < 0x20 && *c != '\n') || *c == 0x7f)
            return false;
    return true;
}

static void print_document(FILE *f, const char *key, const char *text, int indent)
{
    size_t len = strlen(text);
    fprintf(f, "%*s%s: |%s\n", indent, "", key, text[len - 1] == '\n' ? "" : "-");
    for (size_t n; *text; text += n + (text[n] == '\n')) {
        n = strcspn(text, "\n");
        fprintf(f, "%*s%.*s\n", indent + 2, "", (int)n, text);
    }
}

static bool has_document(const struct vw_node *map)
{
    for (const struct vw_node *n = map ? map->first : NULL; n; n = n->next)
        if (is_document(n))
            return true;
    return false;
}

/* "KEY: {...}", with documents among the arguments as blocks. */
static void print_member(FILE *f, const char *key, const struct vw_node *value, int indent)
{
    const struct vw_node *args = vw_node_get(value, "args");
    fprintf(f, "%*s%s:", indent, "", key);
    if (!has_document(args)) {
        if (value->kind != VW_NODE_NULL)
            fputc(' ', f);
        vw_node_print(value, f);
        fputc('\n', f);
        return;
    }
    fputc('\n', f);
    for (const struct vw_node *n = value->first; n; n = n->next) {
        if (n != args) {
            print_member(f, n->key, n, indent + 2);
            continue;
        }
        fprintf(f, "%*sargs:\n", indent + 2, "");
        for (const struct vw_node *a = args->first; a; a = a->next) {
            if (is_document(a))
                print_document(f, a->key, a->text, indent + 4);
            else
                print_member(f, a->key, a, indent + 4);
        }
    }
}

/* VERB: {KIND: VALUE, WORD: LABEL}; WORD may be NULL. */
static void print_step(struct vw_retell *s, const struct conn *c, const char *verb,
                       const char *kind, const struct vw_node *value, const char *word,
                       uint64_t label)
{
    bool first = c == s->conns;
    if (!first)
        fprintf(s->out, "  - on: c%" PRIu64 "\n", c->number);
    fprintf(s->out, "  %s %s:\n", first ? "-" : " ", verb);
    print_member(s->out, kind, value, 6);
    if (word)
        fprintf(s->out, "      %s: call-%" PRIu64 "\n", word, label);
}

/* The descriptors that CALL announces: which ones they were is in no capture. */
static void print_pass(struct vw_retell *s, const struct item *call, uint32_t n)
{
    if (call->conn != s->conns)
        fprintf(s->out, "  - on: c%" PRIu64 "\n    pass: %" PRIu32 "\n", call->conn->number, n);
    else
        fprintf(s->out, "  - pass: %" PRIu32 "\n", n);
}

/* Another connection than the first has to be made. */
static void print_connect(struct vw_retell *s, struct conn *c)
{
    if (!c->told && c != s->conns)
        fprintf(s->out, "  - connect: {as: c%" PRIu64 ", upto: %s%s}\n", c->number,
                is_within(s, c) ? "open" : "connect",
                is_within(s, c) && c->entrance.read_only ? ", read-only: true" : "");
    c->told = true;
}

/* ---- what the client sent ---- */

/* A word that counts descriptors stands ahead of the arguments, or of what is returned (P-2). */
static bool has_count(const struct item *it)
{
    int32_t type = it->frame.header.type;
    return type == VW_MSG_CALL_WITH_FDS || type == VW_MSG_REPLY_WITH_FDS;
}

static uint32_t announced(const struct item *it)
{
    return has_count(it) && it->frame.body_len >= 4 ? vw_load32(it->frame.body) : 0;
}

static bool write_call(struct vw_retell *s, struct item *it)
{
    struct vw_body body;
    size_t skip = has_count(it) ? 4 : 0;
    uint32_t n_fds = announced(it);
    struct vw_node *map = map_node(s);
    struct json_object *args = vw_body_to_json(s->o.profile->schema, &it->frame, &body);
    bool ok = put_procedure(s, map, &it->frame.header, &body);
    if (ok && body.type) {
        struct vw_node *n = vw_retell_args(&s->values, body.proc, args);
        ok = n && (n->count == 0 || vw_node_add(map, "args", n));
    } else if (ok && it->frame.body_len > skip) {
        ok = put_hex(s, map, it->frame.body + skip, it->frame.body_len - skip);
    }
    json_object_put(args);
    if (ok && skip)
        ok = put(s, map, "type", "call-with-fds", false) && put_number(s, map, "fds", n_fds);
    if (ok && it->frame.header.status != VW_MSG_OK)
        ok = put_number(s, map, "status", it->frame.header.status);
    if (ok)
        print_step(s, it->conn, "send", "call", map, it->labelled ? "as" : NULL, it->number);
    if (ok && n_fds)
        print_pass(s, it, n_fds);
    return ok;
}

/* The client's PING; its PONGs are those of who plays the case. */
static bool write_ping(struct vw_retell *s, const struct item *it)
{
    struct vw_body body;
    struct vw_node *map = map_node(s);
    vw_body_of(s->o.profile->schema, &it->frame.header, &body);
    if (body.proc && strcmp(body.proc->short_name, "pong") == 0)
        return true;
    if (!put_procedure(s, map, &it->frame.header, &body))
        return false;
    print_step(s, it->conn, "send", "message", map, NULL, 0);
    return true;
}

/* The words of a hole of a stream (S-9). */
static bool put_hole(struct vw_retell *s, struct vw_node *map, const struct item *it)
{
    const uint8_t *body = it->frame.body;
    struct vw_node *args = it->frame.body_len == 12 ? map_node(s) : NULL;
    if (!put(s, map, "type", "stream-hole", false))
        return false;
    if (it->frame.body_len != 12)
        return put_hex(s, map, body, it->frame.body_len);
    return put_number(s, args, "length", (int64_t)vw_load64(body)) &&
           (vw_load32(body + 8) == 0 || put_number(s, args, "flags", vw_load32(body + 8))) &&
           vw_node_add(map, "args", args);
}

static bool write_packet(struct vw_retell *s, const struct item *it, const struct item *call)
{
    struct vw_node *map = map_node(s);
    const char *status = vw_msg_status_name(it->frame.header.status);
    if (!put(s, map, "of", vw_arena_printf(&s->arena, "call-%" PRIu64, call->number), false) ||
        !put(s, map, "status", status ? status : "continue", false))
        return false;
    if (it->frame.header.type == VW_MSG_STREAM_HOLE) {
        if (!put_hole(s, map, it))
            return false;
    } else if (it->frame.body_len && !put_hex(s, map, it->frame.body, it->frame.body_len)) {
        return false;
    }
    print_step(s, it->conn, "send", "stream", map, NULL, 0);
    return true;
}

/* ---- what the server said ---- */

/* Code and domain: texts are each release's own. */
static struct vw_node *error_pattern(struct vw_retell *s, struct json_object *error)
{
    struct vw_node *map = map_node(s);
    int64_t code = json_object_get_int64(json_object_object_get(error, "code"));
    int64_t domain = json_object_get_int64(json_object_object_get(error, "domain"));
    return put_number(s, map, "code", code) && put_number(s, map, "domain", domain) ? map : NULL;
}

static bool write_reply(struct vw_retell *s, const struct item *it)
{
    struct item *call = call_of(s, it->conn, it->answers);
    struct vw_body body;
    struct json_object *value = vw_body_to_json(s->o.profile->schema, &it->frame, &body);
    struct vw_node *n = vw_node_new(&s->arena, VW_NODE_NULL);
    const char *kind = "reply";
    if (body.kind == VW_BODY_ERROR) {
        kind = value ? "error" : "answer";
        n = value ? error_pattern(s, value) : n;
    } else if (body.type) {
        n = vw_retell_pattern(&s->values, body.proc, "ret", value);
    } else if (it->frame.body_len > (has_count(it) ? 4u : 0u)) {
        kind = "answer";
    }
    json_object_put(value);
    if (!n)
        return false;
    print_step(s, it->conn, "expect", kind, n, call && call->labelled ? "to" : NULL, it->answers);
    return true;
}

/* Events, and PONGs: a PING is answered by who plays the case. */
static bool write_message(struct vw_retell *s, const struct item *it)
{
    struct vw_body body;
    struct vw_node *map = map_node(s), *n;
    struct json_object *value = vw_body_to_json(s->o.profile->schema, &it->frame, &body);
    bool ok = true;
    if (!body.proc || strcmp(body.proc->short_name, "ping") == 0) {
        json_object_put(value);
        return true;
    }
    ok = put_procedure(s, map, &it->frame.header, &body);
    if (ok && body.type) {
        n = vw_retell_pattern(&s->values, body.proc, "args", value);
        ok = n && (n->kind == VW_NODE_NULL || vw_node_add(map, "args", n));
    }
    json_object_put(value);
    if (ok)
        print_step(s, it->conn, "wait-for", "message", map, NULL, 0);
    return ok;
}

/* How data is cut into packets, and which zeros are a hole, is the server's choice: that there is
 * some, and its end. */
static bool write_stream(struct vw_retell *s, const struct item *it, struct item *call)
{
    const struct vw_header *h = &it->frame.header;
    struct vw_node *map = map_node(s), *length = NULL;
    bool data = h->status == VW_MSG_CONTINUE && it->frame.body_len;
    if (data && call->data)
        return true;
    bool ok = put(s, map, "of", vw_arena_printf(&s->arena, "call-%" PRIu64, call->number), false) &&
              put(s, map, "status", vw_msg_status_name(h->status), false);
    if (ok && h->status != VW_MSG_ERROR) {
        length = data ? map_node(s) : vw_node_text(&s->arena, "0");
        ok = length && (!data || put_number(s, length, "at-least", 1)) &&
             vw_node_add(map, "length", length);
    }
    /* More of it may come now than then, also after the client has said that it has enough. */
    if (ok && !data && call->read)
        ok = put(s, map, "data", h->status == VW_MSG_CONTINUE ? "ignored" : "all-ignored", false);
    call->data = data;
    call->read |= data;
    if (ok)
        print_step(s, it->conn, "expect", "stream", map, NULL, 0);
    return ok;
}

/* ---- all of it ---- */

static bool is_part(const struct vw_retell *s, const struct item *it)
{
    return !is_within(s, it->conn) || !vw_entrance_has(&it->conn->entrance, it->number);
}

static bool opens_stream(const struct vw_retell *s, const struct item *it)
{
    struct vw_body body;
    vw_body_of(s->o.profile->schema, &it->frame.header, &body);
    return body.proc && (body.proc->readstream || body.proc->writestream);
}

/* An answer that comes next needs no label. */
static void label_calls(struct vw_retell *s)
{
    for (size_t i = 0; i < s->n; i++) {
        struct item *it = &s->items[i], *next = it + 1;
        if (it->from != VW_SIDE_CLIENT || !is_call(&it->frame.header))
            continue;
        it->labelled = i + 1 == s->n || next->conn != it->conn || next->answers != it->number ||
                       opens_stream(s, it);
    }
}

static bool write_item(struct vw_retell *s, struct item *it)
{
    const struct vw_header *h = &it->frame.header;
    bool client = it->from == VW_SIDE_CLIENT;
    bool packet = h->type == VW_MSG_STREAM || h->type == VW_MSG_STREAM_HOLE;
    struct item *call = packet ? opener_of(s, it) : NULL;
    print_connect(s, it->conn);
    switch (h->type) {
    case VW_MSG_CALL:
    case VW_MSG_CALL_WITH_FDS:
        return write_call(s, it);
    case VW_MSG_REPLY:
    case VW_MSG_REPLY_WITH_FDS:
        return write_reply(s, it);
    case VW_MSG_MESSAGE:
        return client ? write_ping(s, it) : write_message(s, it);
    case VW_MSG_STREAM:
    case VW_MSG_STREAM_HOLE:
        if (call && vw_msg_status_name(h->status))
            return client ? write_packet(s, it, call) : write_stream(s, it, call);
        break;
    default:
        break;
    }
    s->left_out++;
    return true;
}

static enum vw_effect effect_of(const struct vw_retell *s)
{
    enum vw_effect most = VW_EFFECT_READ;
    for (size_t i = 0; i < s->n; i++) {
        struct vw_body body;
        vw_body_of(s->o.profile->schema, &s->items[i].frame.header, &body);
        enum vw_effect e = body.proc ? vw_proc_facts(body.proc)->effect : VW_EFFECT_READ;
        if (is_part(s, &s->items[i]) && is_call(&s->items[i].frame.header) && e > most)
            most = e;
    }
    return most;
}

static bool has_descriptors(const struct vw_retell *s)
{
    for (size_t i = 0; i < s->n; i++)
        if (announced(&s->items[i]))
            return true;
    return false;
}

static void write_head(struct vw_retell *s)
{
    static const char *const effects[] = {"read", "write", "host", "crash"};
    const struct conn *c = s->conns;
    enum vw_effect effect = effect_of(s);
    struct vw_node *title = vw_node_text(&s->arena, s->o.title);
    fputs("title: ", s->out);
    if (title) {
        title->quoted = strpbrk(s->o.title, ":#") != NULL;
        vw_node_print(title, s->out);
    }
    fprintf(s->out, "\nclause: [H-9, D-20]\nlevel: may\neffect: %s\nneeds: [%s%s%s%s]\nsteps:\n",
            effects[effect],
            !is_within(s, c)        ? "connect"
            : c->entrance.read_only ? "read-only"
                                    : "open",
            c->entrance.test_driver ? ", test-driver" : "", has_descriptors(s) ? ", unix" : "",
            effect > VW_EFFECT_READ ? ", alone" : "");
}

/* The first connection of the case is the first that says something in it. */
static void order_conns(struct vw_retell *s, const struct conn *first)
{
    struct conn **at = &s->conns, *c;
    while (*at != first)
        at = &(*at)->next;
    c = *at;
    *at = c->next;
    c->next = s->conns;
    s->conns = c;
}

static bool write_all(struct vw_retell *s)
{
    bool ok = true;
    for (struct conn *c = s->conns; c; c = c->next)
        c->told = false;
    for (size_t i = 0; i < s->n; i++)
        s->items[i].data = s->items[i].read = false;
    for (size_t i = 0; i < s->n && ok; i++)
        ok = write_item(s, &s->items[i]);
    return ok;
}

/* Twice, since the first time shows which names are used. The text is malloc'ed; NULL: no memory.
 */
static char *text_of(struct vw_retell *s, size_t *len)
{
    uint64_t left_out = s->left_out;
    char *text = NULL;
    bool ok = true;
    for (int round = 0; round < 2 && ok; round++) {
        free(text);
        text = NULL;
        s->left_out = left_out;
        if (!(s->out = open_memstream(&text, len)))
            return NULL;
        write_head(s);
        ok = write_all(s);
        ok = fclose(s->out) == 0 && ok;
        vw_retell_again(&s->values);
    }
    if (ok)
        return text;
    free(text);
    return NULL;
}

int vw_retell_write(struct vw_retell *s, FILE *out, struct vw_error *err)
{
    size_t len = 0, n = 0;
    for (size_t i = 0; i < s->n; i++)
        if (is_part(s, &s->items[i]))
            s->items[n++] = s->items[i];
    s->n = n;
    for (const struct conn *c = s->conns; c; c = c->next)
        s->left_out += is_within(s, c) ? 0 : c->proofs;
    if (n == 0)
        return vw_error_set(err, VW_EUSAGE, "there is no message for a case in it");
    order_conns(s, s->items[0].conn);
    label_calls(s);
    char *text = text_of(s, &len);
    if (!text)
        return vw_error_nomem(err);
    if (s->too_much || len > VW_YAML_MAX_BYTES)
        vw_error_set(err, VW_ELIMIT, "a case has at most %u KiB: choose a part of it",
                     VW_YAML_MAX_BYTES / 1024);
    else
        fwrite(text, 1, len, out);
    free(text);
    return err->code;
}
