// SPDX-License-Identifier: MIT
#include "client/testing/peer.h"

const struct vw_profile *peer_profile;
static struct vw_profile *loaded;

int peer_load(void **state)
{
    int rc = vw_profile_load("9.0.0", NULL, &loaded, NULL);
    peer_profile = loaded;
    return rc;
}

int peer_unload(void **state)
{
    vw_profile_destroy(loaded);
    return 0;
}

/* ---- what came ---- */

static const char *name_of(const struct vw_header *h)
{
    size_t n;
    const struct vw_program *const *programs = vw_schema_programs(peer_profile->schema, &n);
    for (size_t i = 0; i < n; i++)
        for (uint32_t k = 0; k < programs[i]->n_procs; k++)
            if (programs[i]->number == h->program && programs[i]->procs[k].number == h->procedure)
                return programs[i]->procs[k].short_name;
    return "unknown";
}

static void keep(struct peer *p, const uint8_t *message, size_t len)
{
    assert_true(p->n_seen < PEER_MESSAGES);
    struct seen *s = &p->seen[p->n_seen++];
    vw_header_decode(message + VW_LENGTH_BYTES, &s->header);
    s->name = name_of(&s->header);
    s->len = len - VW_PREFIX_BYTES;
    assert_true(s->len <= sizeof(s->body));
    memcpy(s->body, message + VW_PREFIX_BYTES, s->len);
}

static void sent(void *user, struct vw_memory *m, const uint8_t *bytes, size_t len)
{
    struct peer *p = user;
    p->n_writes++;
    while (len > 0) {
        size_t want = p->part_len < VW_LENGTH_BYTES ? VW_LENGTH_BYTES : vw_load32(p->part);
        assert_true(want <= sizeof(p->part));
        size_t n = want - p->part_len < len ? want - p->part_len : len;
        memcpy(p->part + p->part_len, bytes, n);
        p->part_len += n;
        bytes += n;
        len -= n;
        if (want > VW_LENGTH_BYTES && p->part_len == want) {
            keep(p, p->part, want);
            p->part_len = 0;
        }
    }
}

static bool turn(void *user, struct vw_memory *m)
{
    struct peer *p = user;
    while (p->answer && p->looked_at < p->n_seen) {
        const struct seen *s = &p->seen[p->looked_at++];
        size_t before = p->memory.received;
        if (s->header.type == VW_MSG_CALL || s->header.type == VW_MSG_STREAM)
            p->answer(p, s);
        if (p->memory.received > before || p->memory.closed)
            return true;
    }
    return p->goes_on && p->goes_on(p);
}

const char *peer_names(const struct peer *p)
{
    static char text[PEER_MESSAGES * 80];
    text[0] = '\0';
    for (unsigned i = 0; i < p->n_seen; i++) {
        strcat(text, i ? " " : "");
        strcat(text, p->seen[i].name);
    }
    return text;
}

const struct seen *peer_find(const struct peer *p, const char *name, unsigned n)
{
    for (unsigned i = 0; i < p->n_seen; i++)
        if (strcmp(p->seen[i].name, name) == 0 && n-- == 0)
            return &p->seen[i];
    fail_msg("there is no such %s among: %s", name, peer_names(p));
    return NULL;
}

/* ---- what goes ---- */

static void put(struct peer *p, const struct vw_header *h, const void *body, size_t len)
{
    uint8_t message[4096];
    assert_true(len <= sizeof(message) - VW_PREFIX_BYTES);
    vw_store32(message, (uint32_t)(VW_PREFIX_BYTES + len));
    vw_header_encode(h, message + VW_LENGTH_BYTES);
    if (len)
        memcpy(message + VW_PREFIX_BYTES, body, len);
    assert_true(vw_memory_put(&p->memory, message, VW_PREFIX_BYTES + len));
}

void peer_send(struct peer *p, const struct seen *call, int32_t type, int32_t status,
               const void *body, size_t len)
{
    struct vw_header h = call->header;
    h.type = type;
    h.status = status;
    put(p, &h, body, len);
}

void peer_reply(struct peer *p, const struct seen *call, const void *body, size_t len)
{
    peer_send(p, call, VW_MSG_REPLY, VW_MSG_OK, body, len);
}

/* Code, domain 7, the text, level 2, and nothing of all the rest (E-1). */
void peer_error(struct peer *p, const struct seen *call, int32_t code, const char *text)
{
    uint8_t body[256] = {0};
    size_t len = strlen(text), at = 16 + ((len + 3) & ~(size_t)3);
    vw_store32(body, (uint32_t)code);
    vw_store32(body + 4, 7);
    vw_store32(body + 8, 1);
    vw_store32(body + 12, (uint32_t)len);
    memcpy(body + 16, text, len);
    vw_store32(body + at, 2);
    peer_send(p, call, VW_MSG_REPLY, VW_MSG_ERROR, body, at + 4 + 7 * 4);
}

void peer_event(struct peer *p, const char *name, const void *body, size_t len)
{
    const struct vw_proc *proc = peer_proc(name);
    const struct vw_header h = {.program = proc->program->number,
                                .version = proc->program->version,
                                .procedure = proc->number,
                                .type = VW_MSG_MESSAGE};
    put(p, &h, body, len);
}

bool peer_opens(struct peer *p, const struct seen *call)
{
    if (strcmp(call->name, "auth_list") == 0)
        peer_reply(p, call, "\0\0\0\1\0\0\0\0", 8);
    else if (strcmp(call->name, "connect_supports_feature") == 0)
        peer_reply(p, call, "\0\0\0\1", 4);
    else if (strcmp(call->name, "connect_open") == 0 || strcmp(call->name, "connect_close") == 0)
        peer_reply(p, call, "", 0);
    else
        return false;
    return true;
}

/* ---- both ---- */

void peer_start(struct peer *p, unsigned caps)
{
    vw_memory_init(&p->memory, caps);
    p->ops = *p->memory.transport.ops;
    p->ops.caps = caps;
    p->memory.transport.ops = &p->ops;
    p->memory.sent = sent;
    p->memory.turn = turn;
    p->memory.user = p;
    p->n_seen = p->looked_at = p->n_writes = 0;
    p->part_len = 0;
}

void peer_finish(struct peer *p)
{
    vw_memory_finish(&p->memory);
}

const struct vw_proc *peer_proc(const char *name)
{
    const struct vw_proc *proc = vw_schema_proc(peer_profile->schema, name);
    assert_non_null(proc);
    return proc;
}

struct vw_client *peer_client(struct peer *p, unsigned caps)
{
    const struct vw_client_options o = {VW_CLIENT_OPTIONS_INIT, .profile = peer_profile,
                                        .no_auth = true, .no_open = true, .timeout_ms = 30000};
    struct vw_client *c;
    peer_start(p, caps);
    assert_int_equal(vw_client_open_transport(&p->memory.transport, &o, &c, NULL), 0);
    return c;
}

void peer_end(struct peer *p, struct vw_client *c)
{
    vw_client_destroy(c);
    assert_false(p->memory.open);
    peer_finish(p);
}
