// SPDX-License-Identifier: MIT
// See peer.h. A mistake of the test, or no memory, ends the program.
#include "conformance/play/testing/peer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "message/message-json.h"
#include "scenario/compose.h"

#define KEEPALIVE 0x6b656570u

static void insist(bool right, const char *what)
{
    if (right)
        return;
    fprintf(stderr, "peer: %s\n", what);
    abort();
}

/* ---- messages ---- */

static bool ends_with(const char *s, const char *end)
{
    size_t n = strlen(s), m = strlen(end);
    return n >= m && strcmp(s + n - m, end) == 0;
}

static const char *usual(const struct vw_proc *proc)
{
    static const char *const rows[][2] = {{"auth_list", "{types: [0]}"},
                                          {"get_type", "{type: TEST}"},
                                          {"get_hostname", "{hostname: peer.example}"},
                                          {"get_lib_version", "{lib_ver: 9001002}"}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (ends_with(proc->short_name, rows[i][0]))
            return rows[i][1];
    return NULL;
}

static void put_hex(const char *hex, struct vw_buf *out)
{
    for (; *hex; hex++) {
        unsigned byte;
        if (*hex == ' ')
            continue;
        insist(sscanf(hex++, "%2x", &byte) == 1, "hex");
        insist(vw_buf_append(out, &(uint8_t){(uint8_t)byte}, 1) == 0, "no memory");
    }
}

/* The good message that ANSWER begins with. */
static void put_good(const struct vw_profile *profile, const struct vw_header *call,
                     const struct peer_answer *a, struct vw_buf *out)
{
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_error err = VW_ERROR_INIT;
    struct vw_compose_context ctx = {.profile = profile, .arena = &arena};
    struct vw_composed made;
    struct vw_body body;
    struct vw_node *n;
    char yaml[2000], serial[16];
    snprintf(serial, sizeof(serial), "%u", call->serial);
    vw_body_of(profile->schema, call, &body);
    const char *args = a->error ? a->error : a->ret;
    if (!args && body.proc && !a->event)
        args = usual(body.proc);
    if (!a->event)
        ctx.of = call;
    const char *numbered = a->event ? "1" : serial; /* V-2 */
    snprintf(yaml, sizeof(yaml), "{%s%s%sserial: %s, status: %s, %s: %s}",
             a->event ? "procedure: " : "", a->event ? a->event : "", a->event ? ", " : "",
             numbered, a->error ? "error" : "ok", a->no_body ? "body" : "args",
             a->no_body || !args ? "" : args);
    insist(vw_yaml_parse(yaml, strlen(yaml), &arena, &n, &err) == 0, yaml);
    insist(vw_compose(&ctx, n, a->event ? VW_MSG_MESSAGE : VW_MSG_REPLY, out, &made, &err) == 0,
           err.text);
    vw_arena_finish(&arena);
}

static void bend(uint8_t *message, enum peer_word word, uint32_t value)
{
    if (word)
        vw_store32(message + (word == PEER_LENGTH ? 0 : 4 * (size_t)word), value);
}

void peer_frame(const struct vw_profile *profile, const struct vw_header *call,
                const struct peer_answer *a, struct vw_buf *out)
{
    static const uint8_t zeros[64];
    const size_t start = out->len;
    if (a->hex) {
        put_hex(a->hex, out);
        return;
    }
    put_good(profile, call, a, out);
    insist(a->extra <= sizeof(zeros) && vw_buf_append(out, zeros, a->extra) == 0, "no memory");
    out->len -= a->cut;
    if (a->at)
        vw_store32(out->data + start + VW_PREFIX_BYTES + a->at - 1, a->patch);
    vw_store32(out->data + start, (uint32_t)(out->len - start));
    bend(out->data + start, a->word, a->value);
    bend(out->data + start, a->word2, a->value2);
}

/* ---- calls ---- */

static void note(struct peer *p, const struct peer_conn *c, const char *what)
{
    int n = snprintf(p->log + p->log_len, sizeof(p->log) - p->log_len, "%s%u:%s",
                     p->log_len ? " " : "", c->number, what);
    insist(n > 0 && (size_t)n < sizeof(p->log) - p->log_len, "the log is full");
    p->log_len += (size_t)n;
}

static void die(struct peer *p)
{
    p->dead = true;
    p->dying = false;
    p->deaths++;
    p->dead_until = p->back_ms < 0 ? INT64_MAX : vw_memory_now() + p->back_ms;
    for (struct peer_conn *c = p->conns; c; c = c->next) {
        c->memory.closed = true;
        c->late.len = 0;
    }
}

static const struct peer_rule *rule_for(const struct peer *p, const char *name, unsigned nth)
{
    static const struct peer_rule good;
    for (unsigned i = 0; i < p->n_rules; i++) {
        const struct peer_rule *r = &p->rules[i];
        if ((!r->procedure || strcmp(r->procedure, name) == 0) && (!r->nth || r->nth == nth))
            return r;
    }
    return &good;
}

static void put(struct peer_conn *c, const struct vw_buf *b)
{
    insist(b->len == 0 || vw_memory_put(&c->memory, b->data, b->len), "no memory");
}

static void flood(struct peer_conn *c, const struct vw_header *call)
{
    struct vw_buf one = VW_BUF_INIT, all = VW_BUF_INIT;
    const struct peer_answer event = {.event = "domain_event_reboot"};
    peer_frame(c->peer->profile, call, &event, &one);
    for (int i = 0; i <= VW_LINK_INBOX_FRAMES; i++)
        insist(vw_buf_append(&all, one.data, one.len) == 0, "no memory");
    put(c, &all);
    vw_buf_finish(&one);
    vw_buf_finish(&all);
}

static void say(struct peer_conn *c, const struct vw_header *call, const struct peer_rule *r)
{
    const struct peer_answer *all[] = {r->before, &r->answer,
                                       r->act == PEER_TWICE ? &r->answer : NULL, r->behind};
    struct vw_buf b = VW_BUF_INIT;
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        if (!all[i])
            continue;
        peer_frame(c->peer->profile, call, all[i], &b);
        if (r->act == PEER_LATE || c->peer->together)
            continue;
        put(c, &b);
        b.len = 0;
    }
    if (r->act == PEER_LATE) {
        insist(vw_buf_append(&c->late, b.data, b.len) == 0, "no memory");
        c->late_ms += r->ms;
    } else {
        put(c, &b);
    }
    vw_buf_finish(&b);
}

static void obey(struct peer_conn *c, const struct vw_header *call, const struct peer_rule *r)
{
    struct peer *p = c->peer;
    bool answers = r->act == PEER_ANSWER || r->act == PEER_TWICE || r->act == PEER_LATE ||
                   r->act == PEER_LEAVE || r->act == PEER_ALONE || r->act == PEER_DIE_LATER ||
                   r->act == PEER_STOP_READING;
    if (answers)
        say(c, call, r);
    if (r->act == PEER_CLOSE || r->act == PEER_LEAVE)
        c->memory.closed = true;
    if (r->act == PEER_RESET)
        c->memory.recv_error = -ECONNRESET;
    if (r->act == PEER_STOP_READING)
        c->memory.send_room = 0;
    if (r->act == PEER_DIE)
        die(p);
    if (r->act == PEER_DIE_LATER)
        p->dying = true;
    for (struct peer_conn *o = p->conns; o && r->act == PEER_ALONE; o = o->next)
        o->memory.closed = o->memory.closed || o != c;
    if (r->act == PEER_FLOOD)
        flood(c, call);
}

static void take(struct peer_conn *c, const struct vw_header *h)
{
    struct peer *p = c->peer;
    const struct vw_program *program =
        vw_schema_program(p->profile->schema, h->program, h->version);
    const struct vw_proc *proc = program ? vw_program_proc(program, h->procedure) : NULL;
    const char *name = proc ? proc->short_name : "unknown";
    note(p, c, h->program == KEEPALIVE ? h->procedure == 1 ? "PING" : "PONG" : name);
    if (h->type != VW_MSG_CALL)
        return;
    c->last = *h;
    unsigned nth = ++p->seen[(unsigned)h->procedure % 512];
    obey(c, h, rule_for(p, name, nth));
    if (p->flip_behind && strcmp(name, p->flip_behind) == 0)
        c->memory.flip = PEER_FLIP;
}

static void note_write(struct peer *p, size_t len)
{
    size_t used = strlen(p->writes);
    if (used + 24 < sizeof(p->writes))
        snprintf(p->writes + used, sizeof(p->writes) - used, "%s%zu", used ? " " : "", len);
}

static void on_sent(void *user, struct vw_memory *m, const uint8_t *bytes, size_t len)
{
    struct peer_conn *c = user;
    struct vw_error err = VW_ERROR_INIT;
    struct vw_frame f;
    note_write(c->peer, len);
    if (m->closed)
        return;
    insist(vw_reader_feed(&c->reader, bytes, len) == 0, "no memory");
    while (vw_reader_next(&c->reader, &f, &err) == 1)
        if (!f.short_header)
            take(c, &f.header);
}

/* The client waits: what is late comes now. */
static bool on_turn(void *user, struct vw_memory *m)
{
    struct peer_conn *c = user;
    if (c->late.len == 0)
        return false;
    vw_memory_pass(c->late_ms);
    put(c, &c->late);
    c->late.len = 0;
    c->late_ms = 0;
    return true;
}

static void on_closed(void *user, struct vw_memory *m)
{
    struct peer_conn *c = user;
    c->peer->open--;
    note(c->peer, c, "end");
}

/* ---- life ---- */

static int refuse(struct vw_error *err, int code)
{
    vw_error_set(err, VW_EUNREACHABLE, "cannot connect: %s", strerror(code));
    err->sys_errno = code;
    return VW_EUNREACHABLE;
}

static int on_connect(void *user, const struct vw_uri *uri, int64_t deadline_ms,
                      struct vw_transport **out, struct vw_error *err)
{
    struct peer *p = user;
    if (p->dying)
        die(p);
    if (p->dead && vw_memory_now() >= p->dead_until)
        p->dead = false;
    if (p->dead)
        return refuse(err, ECONNREFUSED);
    if (++p->accepted == p->refuse_nth)
        return refuse(err, p->refuse_errno);
    struct peer_conn *c = calloc(1, sizeof(*c));
    struct vw_limits limits;
    insist(c != NULL, "no memory");
    vw_limits_from_profile(p->profile, &limits);
    vw_memory_join(&c->memory, p->caps);
    vw_reader_init(&c->reader, &limits);
    c->reader.tolerant = true;
    c->memory.chunk = p->chunk;
    c->memory.unread = p->unread;
    c->memory.sent = on_sent;
    c->memory.turn = on_turn;
    c->memory.closed_by_client = on_closed;
    c->memory.user = c;
    c->peer = p;
    c->number = p->accepted;
    c->next = p->conns;
    p->conns = c;
    p->open++;
    p->most_open = p->open > p->most_open ? p->open : p->most_open;
    *out = &c->memory.transport;
    return 0;
}

void peer_init(struct peer *p, const struct vw_profile *profile, const struct peer_rule *rules,
               unsigned n_rules)
{
    memset(p, 0, sizeof(*p));
    p->profile = profile;
    p->rules = rules;
    p->n_rules = n_rules;
    vw_memory_start();
}

void peer_finish(struct peer *p)
{
    for (struct peer_conn *c = p->conns, *next; c; c = next) {
        next = c->next;
        vw_memory_finish(&c->memory);
        vw_reader_finish(&c->reader);
        vw_buf_finish(&c->late);
        free(c);
    }
    p->conns = NULL;
}

/* Its events come unasked, which is another matter than how they are judged. */
static vw_watched_set unasked_events(void)
{
    struct vw_error err = VW_ERROR_INIT;
    vw_watched_set set = 0;
    insist(vw_watched_add("V-10", &set, &err) == 0, err.text);
    return set;
}

void peer_settings(struct peer *p, const struct vw_uri *uri, struct vw_run_settings *out)
{
    *out = (struct vw_run_settings){
        .profile = p->profile,
        .connector = {.connect = on_connect, .user = p},
        .uri = uri,
        .uri_text = "test+unix:///default",
        .login = p->login,
        .timeout_ms = 1000,
        .quiet_ms = 500,
        .volume = "pool/name/more",
        .without = unasked_events(),
    };
}

struct peer_conn *peer_conn(struct peer *p, unsigned n)
{
    struct peer_conn *c = p->conns;
    while (c && c->number != n)
        c = c->next;
    insist(c != NULL, "there is no such connection");
    return c;
}

void peer_say(struct peer *p, unsigned n, const struct peer_answer *a)
{
    struct peer_conn *c = peer_conn(p, n);
    const struct peer_rule r = {.answer = *a};
    say(c, &c->last, &r);
}
