// SPDX-License-Identifier: MIT
// Witnesses: bytes that one version really writes, and that the other refuses or takes for
// something else. What cannot be shown so is said to be unconfirmed, with the reason.
#include "conformance/gate/witness.h"

#include <inttypes.h>

#include "xdr/values.h"
#include "xdr/xdr.h"

#define MAX_WORK (256ull << 20) /* bytes that are made and read in one run */

/* One search. Index 0: the old version; 1: the new one. */
struct search {
    struct vw_gate *g;
    const struct vw_schema *schema[2];
    struct vw_arena *scratch;
    uint64_t work;
    const struct vw_gate_source *source;
    struct vw_witness *out;
    int writer;
    bool from_server;
};

/* ---- keeping one ---- */

static const char *peer(const struct search *s, bool writes)
{
    static const char *const names[2][2] = {{"old client", "old server"},
                                            {"new client", "new server"}};
    return names[writes ? s->writer : !s->writer][writes ? s->from_server : !s->from_server];
}

/* The readings of the writer and of the other. 1: it is a witness, and kept; 0: it is none. */
static int keep(struct search *s, const char *what, const struct vw_buf *b,
                const struct vw_heard r[2])
{
    const struct vw_heard *mine = &r[s->writer], *other = &r[!s->writer];
    struct vw_arena *arena = &s->g->arena;
    if (mine->refused || (!other->refused && !vw_witness_differ(mine, other)))
        return 0;
    uint8_t *copy = vw_arena_alloc(arena, b->len, 1);
    *s->out = (struct vw_witness){
        .what = what,
        .writer = peer(s, true),
        .reader = peer(s, false),
        .how = "message",
        .bytes = copy,
        .len = b->len,
        .written = vw_arena_strndup(arena, mine->text, strlen(mine->text)),
        .read = vw_arena_printf(arena, "%s%s", other->refused ? "refused: " : "", other->text),
    };
    if (!copy || !what || !s->out->written || !s->out->read)
        return VW_ENOMEM;
    if (b->len)
        memcpy(copy, b->data, b->len);
    return 1;
}

/* What the bytes of the one that was kept are. */
static void name_types(struct search *s, const char *how, const char *before, const char *after)
{
    s->out->how = how;
    s->out->types[0] = before;
    s->out->types[1] = after;
}

/* ---- values ---- */

/* Both versions read B as the message M. */
static int try_value(struct search *s, const struct vw_gate_message *m, const struct vw_buf *b)
{
    const struct vw_type *types[2] = {m->before, m->after};
    struct vw_heard r[2] = {{.refused = true, .text = "there is no such type"},
                            {.refused = true, .text = "there is no such type"}};
    int rc = 0;
    s->work += 3 * b->len;
    for (int i = 0; i < 2 && !rc; i++)
        if (types[i])
            rc = vw_witness_read(types[i], b->data, b->len, s->scratch, &r[i]);
    const char *part = m->reach & VW_REACH_RET    ? "result of "
                       : m->reach & VW_REACH_ARGS ? "arguments of "
                                                  : "";
    if (rc)
        return rc;
    int found = keep(s, vw_arena_printf(&s->g->arena, "%s%s", part, m->name), b, r);
    if (found == 1)
        name_types(s, "value", types[0] ? types[0]->name : NULL, types[1] ? types[1]->name : NULL);
    return found;
}

static int try_recipe(struct search *s, const struct vw_gate_message *m,
                      const struct vw_type *target, const struct vw_recipe *recipe)
{
    const struct vw_type *root = s->writer ? m->after : m->before;
    struct vw_buf b = VW_BUF_INIT;
    void *value;
    int rc = vw_witness_make(root, target, recipe, s->scratch, &value, &s->work);
    rc = rc ? rc : vw_xdr_encode(root, value, &b, VW_WITNESS_MAX_BYTES, NULL);
    int found = rc == VW_ENOMEM ? rc : rc ? 0 : try_value(s, m, &b);
    vw_buf_finish(&b);
    s->work += rc == VW_ELIMIT ? VW_WITNESS_MAX_FILL : 5000;
    vw_arena_reset(s->scratch);
    return found;
}

static int try_types(struct search *s)
{
    const struct vw_gate_source *src = s->source;
    const struct vw_gate_message *m = src->message;
    const struct vw_type *root = s->writer ? m->after : m->before;
    const struct vw_type *target = s->writer ? src->is : src->was;
    const struct vw_type *other = s->writer ? src->was : src->is;
    struct vw_recipe recipe;
    int found = 0;
    s->from_server = !(m->reach & (VW_REACH_ARGS | VW_REACH_HEADER));
    if (!root)
        return 0;
    if (!target || target->kind == VW_VOID) { /* the message as such */
        target = vw_gate_real(root);
        other = s->writer ? m->before : m->after;
        other = other ? vw_gate_real(other) : NULL;
    }
    for (size_t i = 0; !found && s->work < MAX_WORK && vw_witness_recipe(target, other, i, &recipe);
         i++)
        found = try_recipe(s, m, target, &recipe);
    return found;
}

/* ---- messages ---- */

static const char *kind_of(uint32_t type)
{
    static const char *const kinds[] = {"call", "reply", "event", "data of a stream"};
    return type < sizeof(kinds) / sizeof(kinds[0]) ? kinds[type] : "hole in a stream";
}

/* B, a message of P, read by both. */
static int read_both(struct search *s, const struct vw_proc *p, uint32_t type,
                     const struct vw_buf *b)
{
    const struct vw_witness_bytes bytes = {b->data, b->len, s->from_server};
    struct vw_heard r[2];
    for (int i = 0; i < 2; i++) {
        int rc = vw_witness_read_message(s->schema[i], &bytes, s->scratch, &r[i]);
        if (rc)
            return rc;
    }
    const char *what = vw_arena_printf(&s->g->arena, "%s of %s.%s", kind_of(type), p->program->name,
                                       p->short_name);
    return keep(s, what, b, r);
}

/* A message of P, with a value of T for a body (NULL: none). */
static int try_message(struct search *s, const struct vw_proc *p, uint32_t type,
                       const struct vw_type *t)
{
    enum { SERIAL = 1, CONTINUE = 2 };
    bool stream = type == VW_WITNESS_STREAM || type == VW_WITNESS_HOLE;
    const uint32_t words[] = {
        0,      p->program->number,   p->program->version, (uint32_t)p->number, type,
        SERIAL, stream ? CONTINUE : 0};
    struct vw_buf b = VW_BUF_INIT;
    void *value = NULL;
    uint8_t head[VW_WITNESS_HEAD];
    for (size_t i = 0; i < VW_WITNESS_HEAD / 4; i++)
        vw_witness_put_word(head + 4 * i, words[i]);
    int rc = vw_buf_append(&b, head, sizeof(head));
    rc = rc || !t ? rc : vw_witness_make(t, vw_gate_real(t), NULL, s->scratch, &value, &s->work);
    rc = rc || !t ? rc : vw_xdr_encode(t, value, &b, VW_WITNESS_MAX_BYTES, NULL);
    if (!rc) {
        vw_witness_put_word(b.data, (uint32_t)b.len);
        rc = read_both(s, p, type, &b);
    } else if (rc != VW_ENOMEM) {
        rc = 0;
    }
    s->work += 5000 + b.len;
    vw_buf_finish(&b);
    vw_arena_reset(s->scratch);
    return rc;
}

/* All sorts of messages that P has. */
static int try_proc(struct search *s, const struct vw_proc *p)
{
    s->from_server = p->kind == VW_PROC_EVENT;
    if (s->from_server)
        return try_message(s, p, VW_WITNESS_EVENT, p->args);
    int found = try_message(s, p, VW_WITNESS_CALL, p->args);
    s->from_server = true;
    found = found ? found : try_message(s, p, VW_WITNESS_REPLY, p->ret);
    for (int i = 0; i < 4 && !found && (p->readstream || p->writestream); i++) {
        s->from_server = i % 2;
        found = try_message(s, p, i < 2 ? VW_WITNESS_STREAM : VW_WITNESS_HOLE, NULL);
    }
    return found;
}

/* ---- constants ---- */

/* What a message says of its size, or of its descriptors, and the constant that bounds it. */
static int try_constant(struct search *s)
{
    int64_t n[2] = {0, 0};
    uint8_t word[4];
    struct vw_heard r[2] = {{0}};
    for (int i = 0; i < 2; i++)
        if (!vw_schema_const(s->schema[i], s->source->constant, &n[i]))
            return 0;
    if (n[s->writer] <= n[!s->writer] || n[s->writer] > UINT32_MAX)
        return 0;
    vw_witness_put_word(word, (uint32_t)n[s->writer]);
    r[s->writer].text = vw_arena_printf(s->scratch, "a word that counts %" PRId64, n[s->writer]);
    r[!s->writer].text = vw_arena_printf(s->scratch, "%" PRId64 " is more than %s, %" PRId64,
                                         n[s->writer], s->source->constant, n[!s->writer]);
    r[!s->writer].refused = true;
    if (!r[0].text || !r[1].text)
        return VW_ENOMEM;
    const struct vw_buf b = {word, sizeof(word), sizeof(word)};
    int found = keep(s, s->source->constant, &b, r);
    if (found == 1)
        name_types(s, "constant", s->source->constant, s->source->constant);
    return found;
}

/* ---- one finding ---- */

static int try_writer(struct search *s)
{
    const struct vw_gate_source *src = s->source;
    const struct vw_proc *p = s->writer ? src->q : src->p;
    const struct vw_program *program = s->writer ? src->after : src->before;
    if (src->message)
        return try_types(s);
    if (src->constant)
        return try_constant(s);
    if (p)
        return try_proc(s, p);
    int found = 0;
    for (uint32_t i = 0; program && i < program->n_procs && i < 4 && !found; i++)
        found = try_proc(s, &program->procs[i]);
    return found;
}

static int search_one(struct search *s, const struct vw_gate_rule *rule)
{
    int first = rule->whom == VW_HURTS_GROWN, found = 0;
    int tries = rule->whom == VW_HURTS_BOTH ? 2 : 1;
    for (int i = 0; i < tries && !found; i++) {
        s->writer = i ? !first : first;
        s->from_server = false;
        found = try_writer(s);
    }
    *s->out = found == 1 ? *s->out
                         : (struct vw_witness){.missing = s->work >= MAX_WORK
                                                              ? "too much to try"
                                                              : "no bytes were found that are read "
                                                                "otherwise"};
    return found < 0 ? found : 0;
}

static bool needs_one(const struct vw_finding *f, const struct vw_gate_rule *rule)
{
    const struct vw_change *c = f->change;
    bool of_wire = rule->class == VW_GATE_WIRE || rule->class == VW_GATE_LIMIT;
    bool counts = c->rank == VW_GATE_WIRE || c->rank == VW_GATE_LIMIT || c->rank == VW_GATE_PRIVATE;
    return of_wire && counts && !c->companion;
}

static int add_witness(struct search *s, struct vw_finding *f)
{
    struct vw_change *c = vw_arena_alloc(&s->g->arena, sizeof(*c), 8);
    struct vw_witness *w = vw_arena_zalloc(&s->g->arena, sizeof(*w), 8);
    if (!c || !w)
        return VW_ENOMEM;
    *c = *f->change;
    c->witness = s->out = w;
    f->change = c;
    return search_one(s, s->source->rule);
}

int vw_gate_witness(struct vw_gate *g, const struct vw_gate_side *before,
                    const struct vw_gate_side *after, struct vw_error *err)
{
    struct vw_arena scratch = VW_ARENA_INIT;
    struct search s = {.g = g, .schema = {before->schema, after->schema}, .scratch = &scratch};
    int rc = 0;
    for (size_t i = 0; i < g->count && !rc; i++) {
        s.source = &g->sources[i];
        if (needs_one(g->list[i], s.source->rule))
            rc = add_witness(&s, g->list[i]);
    }
    vw_arena_finish(&scratch);
    return rc ? vw_error_nomem(err) : 0;
}
