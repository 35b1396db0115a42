// SPDX-License-Identifier: MIT
// What is compared besides programs: constants, the types of no procedure (header, errors, and what
// nothing uses), and the files themselves.
#include <inttypes.h>
#include <stdlib.h>

#include "conformance/gate/internal.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* Constants that say something of every message. */
static const struct {
    const char *name, *lowered, *raised;
} of_messages[] = {
    {"VIR_NET_MESSAGE_MAX", "HDR002", "HDR003"},
    {"VIR_NET_MESSAGE_PAYLOAD_MAX", "HDR002", "HDR003"},
    {"VIR_NET_MESSAGE_LEGACY_PAYLOAD_MAX", "HDR002", "HDR003"},
    {"VIR_NET_MESSAGE_NUM_FDS_MAX", "HDR006", "HDR006"},
    {"VIR_NET_MESSAGE_HEADER_MAX", "HDR001", "HDR001"},
    {"VIR_NET_MESSAGE_HEADER_XDR_LEN", "HDR001", "HDR001"},
    {"VIR_NET_MESSAGE_LEN_MAX", "HDR001", "HDR001"},
};

static const char *message_rule(const char *name, bool lowered)
{
    for (size_t i = 0; i < COUNT(of_messages); i++)
        if (strcmp(of_messages[i].name, name) == 0)
            return lowered ? of_messages[i].lowered : of_messages[i].raised;
    return NULL;
}

/* ---- which are used ---- */

/* Names, sorted. */
struct names {
    const char **list;
    size_t n;
};

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool is_among(const struct names *s, const char *name)
{
    return s->n && bsearch(&name, s->list, s->n, sizeof(*s->list), compare_names);
}

/* Constants that are bounds, or numbers and versions of programs. */
static void used_names(struct vw_differ *d, const struct vw_schema *s, struct names *out)
{
    struct vw_pairs all = {0};
    size_t n, n_programs;
    const struct vw_type *const *types = vw_schema_types(s, &n);
    const struct vw_program *const *programs = vw_schema_programs(s, &n_programs);
    for (size_t i = 0; i < n; i++)
        vw_pairs_get(d, &all, types[i], types[i]);
    vw_pairs_close(d, &all);
    out->list = vw_differ_alloc(d, (all.count + 3 * n_programs) * sizeof(*out->list));
    for (size_t i = 0; out->list && i < all.count; i++)
        if (all.list[i]->before->max_name)
            out->list[out->n++] = all.list[i]->before->max_name;
    for (size_t i = 0; out->list && i < n_programs; i++) {
        static const char *const endings[] = {"PROGRAM", "PROTOCOL_VERSION", "PROGRAM_VERSION"};
        for (size_t k = 0; k < COUNT(endings); k++)
            out->list[out->n++] = vw_differ_text(d, "%s_%s", programs[i]->prefix, endings[k]);
    }
    if (out->n)
        qsort(out->list, out->n, sizeof(*out->list), compare_names);
    vw_pairs_finish(&all);
}

/* ---- constants ---- */

struct constants {
    const struct vw_const **list; /* by name */
    size_t n;
};

static int by_name(const void *a, const void *b)
{
    const struct vw_const *const *x = a, *const *y = b;
    return strcmp((*x)->name, (*y)->name);
}

static void sort_constants(struct vw_differ *d, const struct vw_schema *s, struct constants *out)
{
    const struct vw_const *const *list = vw_schema_consts(s, &out->n);
    out->list = vw_differ_alloc(d, out->n * sizeof(*out->list));
    if (!out->list || !out->n)
        return;
    memcpy(out->list, list, out->n * sizeof(*out->list));
    qsort(out->list, out->n, sizeof(*out->list), by_name);
}

static const struct vw_const *find_constant(const struct constants *s, const char *name)
{
    const struct vw_const sought = {.name = name}, *const at = &sought;
    const struct vw_const **found =
        s->n ? bsearch(&at, s->list, s->n, sizeof(*s->list), by_name) : NULL;
    return found ? *found : NULL;
}

/* C gives its number to another constant that is used. */
static bool lends(struct vw_differ *d, const struct constants *s, const struct constants *now,
                  const struct names *used, const struct vw_const *c, int64_t value)
{
    for (size_t i = 0; i < s->n && vw_differ_spend(d, 1); i++) {
        const struct vw_const *other =
            s->list[i]->value == c->value && is_among(used, s->list[i]->name)
                ? find_constant(now, s->list[i]->name)
                : NULL;
        if (other && other->value == value)
            return true;
    }
    return false;
}

static void constant(struct vw_differ *d, const struct constants *old, const struct constants *now,
                     const struct names *used, const struct vw_const *c)
{
    const struct vw_const *e = find_constant(now, c->name);
    const char *rule = e ? message_rule(c->name, e->value < c->value) : NULL;
    if ((e && e->value == c->value && e->big == c->big) || c->external)
        return;
    bool shapes = e && (is_among(used, c->name) || lends(d, old, now, used, c, e->value));
    static const struct vw_where nowhere;
    vw_gate_tell(
        d,
        &(struct vw_gate_told){
            .rule = rule     ? rule
                    : shapes ? "CON001"
                             : "CON002",
            .subject = c->name,
            .detail = e ? vw_differ_text(d, "%" PRId64 " -> %" PRId64, c->value, e->value) : "gone",
            .found = e ? vw_differ_text(d, "'%s' was %" PRId64 " and is %" PRId64, c->name,
                                        c->value, e->value)
                       : vw_differ_text(d, "'%s' (%" PRId64 ") is gone", c->name, c->value),
            .before = &c->where,
            .after = e ? &e->where : &nowhere,
            .reach = rule ? VW_REACH_HEADER | VW_REACH_RET | VW_REACH_PROMISED : 0,
            .mildest = rule ? VW_GATE_ERROR : VW_GATE_SOURCE,
            .companion = shapes && !rule,
            .source = {.constant = e ? c->name : NULL},
        });
}

void vw_gate_consts(struct vw_differ *d)
{
    struct constants old, now;
    struct names used = {0};
    sort_constants(d, d->before->schema, &old);
    sort_constants(d, d->after->schema, &now);
    used_names(d, d->before->schema, &used);
    for (size_t i = 0; i < old.n && !d->rc; i++)
        constant(d, &old, &now, &used, old.list[i]);
}

/* ---- types of no procedure ---- */

static const struct {
    const char *name;
    unsigned reach;
} generic[] = {
    {"virNetMessageHeader", VW_REACH_HEADER},
    {"virNetStreamHole", VW_REACH_HEADER},
    {"virNetMessageError", VW_REACH_ERROR},
};

static unsigned generic_reach(const char *name)
{
    for (size_t i = 0; i < COUNT(generic); i++)
        if (strcmp(generic[i].name, name) == 0)
            return generic[i].reach | VW_REACH_PROMISED;
    return 0;
}

void vw_gate_reached(struct vw_differ *d, const struct vw_schema *s, struct vw_pairs *out)
{
    size_t n;
    const struct vw_program *const *list = vw_schema_programs(s, &n);
    for (size_t i = 0; i < n; i++) {
        for (uint32_t k = 0; k < list[i]->n_procs && !d->rc; k++) {
            const struct vw_proc *p = &list[i]->procs[k];
            if (p->args)
                vw_pairs_get(d, out, p->args, p->args);
            if (p->ret)
                vw_pairs_get(d, out, p->ret, p->ret);
        }
    }
    vw_pairs_close(d, out);
}

/* Its members are procedures, which are compared as such. */
static bool lists_procs(const struct vw_type *t)
{
    return t->n_members && strstr(t->members[0].name, "_PROC_");
}

static void gone(struct vw_differ *d, const struct vw_type *t, unsigned reach)
{
    static const struct vw_where nowhere;
    struct vw_gate_message *m = vw_differ_alloc(d, sizeof(*m));
    if (!m)
        return;
    *m = (struct vw_gate_message){t, NULL, NULL, NULL, t->name, reach};
    vw_gate_tell(d, &(struct vw_gate_told){
                        .rule = reach ? "STR003" : "STR007",
                        .subject = t->name,
                        .detail = "gone",
                        .found = vw_differ_text(d, "type '%s' is gone%s", t->name,
                                                reach ? "" : "; nothing used it"),
                        .before = &t->where,
                        .after = &nowhere,
                        .reach = reach,
                        .source = {.message = m},
                    });
}

void vw_gate_unreached(struct vw_differ *d)
{
    struct vw_pairs used = {0};
    size_t n;
    const struct vw_type *const *list = vw_schema_types(d->before->schema, &n);
    vw_gate_reached(d, d->before->schema, &used);
    size_t in_messages = used.count;
    for (size_t i = 0; i < n && !d->rc; i++) {
        const struct vw_type *t = list[i], *now = vw_schema_type(d->after->schema, t->name);
        unsigned reach = generic_reach(t->name);
        vw_pairs_get(d, &used, t, t);
        if ((used.count == in_messages && !reach) || lists_procs(t)) {
            in_messages = used.count;
            continue;
        }
        in_messages = used.count;
        struct vw_pair *root =
            now ? vw_gate_root(d, &(struct vw_gate_field){t->name, t, now, &t->where, &now->where})
                : NULL;
        vw_gate_compare_all(d);
        struct vw_gate_message *m = root ? vw_differ_alloc(d, sizeof(*m)) : NULL;
        if (m) {
            *m = (struct vw_gate_message){t, now, NULL, NULL, t->name, reach};
            vw_pairs_reach(d, root, m);
        } else {
            gone(d, t, reach);
        }
    }
    vw_pairs_finish(&used);
}

/* ---- files ---- */

static const struct vw_gate_file *file_like(const struct vw_gate_side *s,
                                            const struct vw_gate_file *f)
{
    for (size_t i = 0; i < s->n_files; i++)
        if (strcmp(s->files[i].base, f->base) == 0)
            return &s->files[i];
    return NULL;
}

static void tell_file(struct vw_differ *d, const char *rule, const char *name,
                      const struct vw_gate_file *f, const struct vw_gate_file *now,
                      const char *found)
{
    struct vw_where *where = vw_differ_alloc(d, 2 * sizeof(*where));
    if (!where)
        return;
    where[0] = (struct vw_where){f ? f->name : "", f != NULL, f != NULL};
    where[1] = (struct vw_where){now ? now->name : "", now != NULL, now != NULL};
    vw_gate_tell(d, &(struct vw_gate_told){.rule = rule,
                                           .subject = name,
                                           .detail = now ? f ? "" : "new" : "gone",
                                           .found = found,
                                           .before = &where[0],
                                           .after = &where[1]});
}

/* The next line of F that begins with '%', from *AT on; its length without the newline. */
static const char *passed_through(const struct vw_gate_file *f, const char **at, size_t *len)
{
    const char *end = f->text + f->len;
    while (*at < end) {
        const char *line = *at, *stop = memchr(line, '\n', (size_t)(end - line));
        *len = (size_t)((stop ? stop : end) - line);
        *at = line + *len + (stop != NULL);
        if (*line == '%')
            return line;
    }
    return NULL;
}

static bool same_passed(const struct vw_gate_file *f, const struct vw_gate_file *g)
{
    const char *at = f->text, *bt = g->text;
    for (;;) {
        size_t n = 0, m = 0;
        const char *a = passed_through(f, &at, &n), *b = passed_through(g, &bt, &m);
        if (!a || !b)
            return !a && !b;
        if (n != m || memcmp(a, b, n) != 0)
            return false;
    }
}

static void check_lock(struct vw_differ *d, const struct vw_gate_side *s)
{
    struct vw_where *where = vw_differ_alloc(d, sizeof(*where));
    if (!where || !s->wire || strcmp(s->wire, vw_schema_digest(s->schema)) == 0)
        return;
    *where = (struct vw_where){s->name, 1, 1};
    vw_gate_tell(d,
                 &(struct vw_gate_told){.rule = "GEN009",
                                        .subject = s->name,
                                        .detail = "",
                                        .found = "the digest of the lock is not that of its lines",
                                        .after = where});
}

void vw_gate_files(struct vw_differ *d)
{
    const struct vw_gate_side *a = d->before, *b = d->after;
    check_lock(d, a);
    check_lock(d, b);
    if (!a->n_files || !b->n_files)
        return; /* a profile or a lock: it has no files */
    for (size_t i = 0; i < a->n_files && !d->rc; i++) {
        const struct vw_gate_file *f = &a->files[i], *now = file_like(b, f);
        if (!now && a->n_files + b->n_files > 2)
            tell_file(d, "GEN007", f->base, f, NULL,
                      vw_differ_text(d, "file '%s' is gone", f->base));
        else if (now && !same_passed(f, now))
            tell_file(d, "GEN008", f->base, f, now,
                      vw_differ_text(d, "lines with '%%' in '%s' changed", f->base));
    }
    for (size_t i = 0; i < b->n_files && !d->rc; i++)
        if (!file_like(a, &b->files[i]) && a->n_files + b->n_files > 2)
            tell_file(d, "GEN007", b->files[i].base, NULL, &b->files[i],
                      vw_differ_text(d, "file '%s' is new", b->files[i].base));
}
