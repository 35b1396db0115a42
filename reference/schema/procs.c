// SPDX-License-Identifier: MIT
// Programs and procedures: those of libvirt's convention (members of an enum whose name ends in
// "procedure"; number and version in constants; types found by name), and program blocks.
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/nearest.h"
#include "schema/internal.h"

/* Programs whose short name does not follow from the prefix. */
static const struct {
    const char *prefix, *name;
} short_names[] = {
    {"VIR_LOCK_SPACE_PROTOCOL", "lock"},
    {"VIR_LOG_MANAGER_PROTOCOL", "log"},
};

/* "VIR_LXC_MONITOR" gives "lxcmonitor". */
static const char *short_name(struct vw_schema *s, const char *prefix)
{
    for (size_t i = 0; i < sizeof(short_names) / sizeof(short_names[0]); i++) {
        if (strcmp(prefix, short_names[i].prefix) == 0)
            return short_names[i].name;
    }
    size_t len = strlen(prefix);
    if (len > 4 && strncasecmp(prefix, "VIR_", 4) == 0) {
        prefix += 4;
        len -= 4;
    }
    if (len > 9 && strcasecmp(prefix + len - 9, "_PROTOCOL") == 0)
        len -= 9;
    char *name = vw_arena_alloc(&s->arena, len + 1, 1), *to = name;
    if (!name)
        return NULL;
    for (size_t i = 0; i < len; i++) {
        if (prefix[i] != '_')
            *to++ = (char)tolower((unsigned char)prefix[i]);
    }
    *to = '\0';
    return name;
}

static char *lower(struct vw_schema *s, const char *text)
{
    char *copy = vw_arena_strndup(&s->arena, text, strlen(text));
    for (char *p = copy; p && *p; p++)
        *p = *p >= 'A' && *p <= 'Z' ? (char)(*p | 0x20) : *p;
    return copy;
}

/* ---- types by name ---- */

/* Names are compared without '_' and without regard to case. The '~' keeps the symbols apart from
 * those of the text. Only letters, digits and '_' come here: the bit that makes letters small is
 * set in digits anyway. */
static size_t normalise(char *to, size_t at, const char *name, size_t len)
{
    to[0] = '~';
    for (size_t i = 0; i < len && at < VW_SCHEMA_MAX_IDENTIFIER; i++) {
        to[at] = (char)(name[i] | 0x20);
        at += name[i] != '_';
    }
    return at;
}

static int index_types(struct vw_schema *s)
{
    char key[VW_SCHEMA_MAX_IDENTIFIER + 1];
    for (struct vw_definition *d = s->defs; d; d = d->next) {
        const struct vw_sym *sym = d->replaced ? NULL : d->sym;
        if (!sym || (!vw_symbol_ends_in(sym, "args") && !vw_symbol_ends_in(sym, "ret") &&
                     !vw_symbol_ends_in(sym, "msg")))
            continue;
        struct vw_sym *alike = vw_symbols_intern(s, key, normalise(key, 1, sym->name, sym->len));
        if (!alike)
            return VW_ENOMEM;
        if (!alike->type)
            alike->type = d;
    }
    return 0;
}

/* KEY holds AT bytes of prefix and procedure, normalised. */
static const struct vw_type *find_type(const struct vw_schema *s, char *key, size_t at,
                                       const char *suffix)
{
    const struct vw_sym *sym = vw_symbols_find(s, key, normalise(key, at, suffix, strlen(suffix)));
    return sym && sym->type ? &sym->type->node->type : NULL;
}

/* ---- what both kinds of program share ---- */

static uint8_t small_number(const char *text)
{
    unsigned long number = strtoul(text, NULL, 10);
    return number > UINT8_MAX ? UINT8_MAX : (uint8_t)number;
}

static void read_annotations(struct vw_proc *p, const struct vw_constant *c)
{
    p->annotations = c->annotations;
    p->n_annotations = c->n_annotations;
    for (uint32_t i = 0; i < c->n_annotations; i++) {
        const char *key = c->annotations[i].key, *value = c->annotations[i].value;
        if (strcmp(key, "priority") == 0)
            p->high_priority = strcmp(value, "high") == 0;
        else if (strcmp(key, "readstream") == 0)
            p->readstream = small_number(value);
        else if (strcmp(key, "writestream") == 0)
            p->writestream = small_number(value);
        else if (strcmp(key, "sparseflag") == 0)
            p->sparseflag = value;
    }
}

/* Where no annotation tells of its stream. */
static void read_stream(struct vw_proc *p)
{
    const struct vw_facts *facts = vw_proc_facts(p);
    if (!p->readstream && facts->reads_stream)
        p->readstream = 1;
    if (!p->writestream && facts->writes_stream)
        p->writestream = 1;
}

/* Equal numbers stay in the order of the text, so that the later one is to blame. */
static int compare_procs(const void *a, const void *b)
{
    const struct vw_proc *x = a, *y = b;
    if (x->number != y->number)
        return x->number < y->number ? -1 : 1;
    if (x->where.line != y->where.line)
        return x->where.line < y->where.line ? -1 : 1;
    return x->where.column < y->where.column ? -1 : 1;
}

/* Sorts the procedures and refuses equal numbers. */
static int sort_procs(struct vw_schema *s, struct vw_program *p, struct vw_proc *procs,
                      struct vw_error *err)
{
    p->procs = procs;
    qsort(procs, p->n_procs, sizeof(*procs), compare_procs);
    for (uint32_t i = 0; i < p->n_procs; i++) {
        if (i && procs[i].number == procs[i - 1].number)
            return vw_schema_fail(s, &procs[i].where, VW_ESYNTAX, err,
                                  "procedure '%s' has number %d, as '%s' has", procs[i].name,
                                  procs[i].number, procs[i - 1].name);
        procs[i].program = p;
        procs[i].facts = vw_facts_find(p->name, procs[i].short_name);
        read_stream(&procs[i]);
        struct vw_sym *sym = vw_symbols_find(s, procs[i].name, strlen(procs[i].name));
        if (sym && !sym->proc)
            sym->proc = &procs[i];
    }
    return 0;
}

static int check_number(struct vw_schema *s, const struct vw_where *where, const char *what,
                        int64_t value, struct vw_error *err)
{
    if (value >= 0 && value <= UINT32_MAX)
        return 0;
    return vw_schema_fail(s, where, VW_ESYNTAX, err, "%s does not fit in 32 bits unsigned", what);
}

/* Appends to the list of programs; two of one number and version are an error. */
static int publish(struct vw_schema *s, struct vw_program *p, struct vw_error *err)
{
    const struct vw_program *same = vw_schema_program(s, p->number, p->version);
    if (same)
        return vw_schema_fail(s, &p->where, VW_ESYNTAX, err,
                              "program 0x%x version %u is already '%s', in %s:%u:%u", p->number,
                              p->version, same->name, same->where.file, same->where.line,
                              same->where.column);
    s->program_list[s->n_programs++] = p;
    return 0;
}

/* ---- libvirt's convention ---- */

struct convention {
    const struct vw_definition *def;
    const char *prefix; /* of all members, without "_PROC_" */
    size_t skip;        /* bytes of a member's name before the procedure's own */
};

/* True for an enum that lists procedures. */
static bool lists_procs(struct vw_schema *s, struct vw_definition *d, struct convention *c)
{
    static const char word[] = "procedure";
    if (d->replaced || d->what != VW_DEF_ENUM || !d->sym || d->sym->len < sizeof(word) - 1 ||
        strcasecmp(d->sym->name + d->sym->len - (sizeof(word) - 1), word) != 0)
        return false;
    const char *first = d->members->pub.name, *at = strstr(first, "_PROC_");
    if (!at)
        return false;
    c->def = d;
    c->prefix = vw_arena_strndup(&s->arena, first, (size_t)(at - first));
    c->skip = (size_t)(at - first) + 6;
    return true;
}

/* The constant PREFIX_A, or PREFIX_B if B is given. */
static int find_number(struct vw_schema *s, const struct convention *c, const char *a,
                       const char *b, uint32_t *out, struct vw_error *err)
{
    int64_t value;
    char name[2 * VW_SCHEMA_MAX_IDENTIFIER];
    if (b) {
        snprintf(name, sizeof(name), "%s_%s", c->prefix, b);
        if (vw_schema_const(s, name, &value))
            a = b;
    }
    snprintf(name, sizeof(name), "%s_%s", c->prefix, a);
    if (!vw_schema_const(s, name, &value)) {
        const char *near = vw_symbols_nearest(s, name, vw_symbol_is_constant);
        return vw_schema_fail(s, &c->def->where, VW_ESYNTAX, err,
                              "the procedures of enum '%s' need a constant '%s'%s",
                              c->def->sym->name, name, VW_HINT(";", near));
    }
    *out = (uint32_t)value;
    return check_number(s, &c->def->where, name, value, err);
}

static int make_proc(struct vw_schema *s, const struct convention *c, const struct vw_constant *m,
                     struct vw_proc *p, struct vw_error *err)
{
    size_t prefix_len = c->skip - 6;
    if (m->sym->len <= c->skip || strncmp(m->sym->name, c->prefix, prefix_len) != 0 ||
        strncmp(m->sym->name + prefix_len, "_PROC_", 6) != 0)
        return vw_schema_fail(s, &m->pub.where, VW_ESYNTAX, err,
                              "expected a name that starts with '%s_PROC_', found '%s'", c->prefix,
                              m->sym->name);
    char key[VW_SCHEMA_MAX_IDENTIFIER + 1];
    const char *rest = m->sym->name + c->skip;
    size_t at = normalise(key, 1, c->prefix, prefix_len);
    at = normalise(key, at, rest, strlen(rest));
    const struct vw_type *message = find_type(s, key, at, "msg");
    p->args = find_type(s, key, at, "args");
    p->ret = find_type(s, key, at, "ret");
    p->kind = message && !p->args && !p->ret ? VW_PROC_EVENT : VW_PROC_CALL;
    if (p->kind == VW_PROC_EVENT)
        p->args = message;
    p->name = m->sym->name;
    p->short_name = lower(s, rest);
    p->number = (int32_t)m->pub.value;
    p->where = m->pub.where;
    read_annotations(p, m);
    return p->short_name ? 0 : vw_error_nomem(err);
}

/* A program without any types is one of messages only. */
static void judge_kinds(struct vw_program *p, struct vw_proc *procs)
{
    for (uint32_t i = 0; i < p->n_procs; i++) {
        if (procs[i].args || procs[i].ret)
            return;
    }
    for (uint32_t i = 0; i < p->n_procs; i++)
        procs[i].kind = VW_PROC_EVENT;
}

static int make_procs(struct vw_schema *s, const struct convention *c, struct vw_program *p,
                      struct vw_error *err)
{
    struct vw_proc *procs = vw_arena_zalloc(&s->arena, c->def->n_members * sizeof(*procs), 8);
    if (!procs)
        return vw_error_nomem(err);
    for (const struct vw_constant *m = c->def->members; m; m = m->next) {
        int rc = make_proc(s, c, m, &procs[p->n_procs], err);
        if (rc)
            return rc;
        p->n_procs++;
    }
    judge_kinds(p, procs);
    if (vw_hide_later(s, p->name, procs, p->n_procs) ||
        (s->partial && vw_hide_lacking(s, p->name, procs, p->n_procs)))
        return vw_error_nomem(err);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < p->n_procs; i++) {
        if (!vw_hide_proc(s, p->name, procs[i].number))
            procs[kept++] = procs[i];
    }
    if (kept < p->n_procs)
        vw_hide_members(s, p->name, c->def);
    p->n_procs = kept;
    return sort_procs(s, p, procs, err);
}

static int make_program(struct vw_schema *s, const struct convention *c, struct vw_error *err)
{
    struct vw_program *p = vw_arena_zalloc(&s->arena, sizeof(*p), 8);
    if (!p || !c->prefix || !(p->name = short_name(s, c->prefix)))
        return vw_error_nomem(err);
    p->prefix = c->prefix;
    p->where = c->def->where;
    int rc = find_number(s, c, "PROGRAM", NULL, &p->number, err);
    if (!rc)
        rc = find_number(s, c, "PROTOCOL_VERSION", "PROGRAM_VERSION", &p->version, err);
    if (!rc)
        rc = make_procs(s, c, p, err);
    return rc || !p->n_procs ? rc : publish(s, p, err);
}

/* ---- program blocks ---- */

/* The program's name without _PROG or _PROGRAM. */
static const char *block_prefix(struct vw_schema *s, const struct vw_sym *program)
{
    size_t len = program->len;
    if (vw_symbol_ends_in(program, "_PROGRAM"))
        len -= 8;
    else if (vw_symbol_ends_in(program, "_PROG"))
        len -= 5;
    return vw_arena_strndup(&s->arena, program->name, len);
}

/* What follows PREFIX_ or PREFIX_PROC_, in small letters; the whole if it does not start so. */
static char *block_short_name(struct vw_schema *s, const char *prefix, const char *name)
{
    size_t len = strlen(prefix);
    if (strncasecmp(name, prefix, len) == 0 && name[len] == '_' && name[len + 1])
        name += len + 1;
    if (strncasecmp(name, "PROC_", 5) == 0 && name[5])
        name += 5;
    return lower(s, name);
}

static int argument_type(struct vw_schema *s, const struct vw_declaration *d,
                         const struct vw_type **out, struct vw_error *err)
{
    int rc = d ? vw_resolve_declaration(s, d, out, err) : 0;
    if (*out && (*out)->kind == VW_VOID)
        *out = NULL;
    return rc;
}

int vw_procs_bind_blocks(struct vw_schema *s, struct vw_error *err)
{
    int rc = 0;
    for (struct vw_block *b = s->blocks; b && !rc; b = b->next) {
        for (struct vw_block_proc *p = b->procs; p && !rc; p = p->next) {
            rc = argument_type(s, p->ret, &p->ret_type, err);
            if (!rc && p->packed)
                rc = vw_resolve_packed(s, p->packed, &p->args_type, err);
            else if (!rc)
                rc = argument_type(s, p->args, &p->args_type, err);
        }
    }
    return rc;
}

static int make_block_proc(struct vw_schema *s, const struct vw_program *program,
                           const struct vw_block_proc *b, struct vw_proc *p, struct vw_error *err)
{
    const struct vw_constant *c = b->constant;
    if (c->pub.big || c->pub.value < INT32_MIN || c->pub.value > INT32_MAX)
        return vw_schema_fail(s, &c->pub.where, VW_ESYNTAX, err,
                              "the number of '%s' does not fit in 32 bits", c->pub.name);
    p->name = c->pub.name;
    p->short_name = block_short_name(s, program->prefix, c->pub.name);
    p->number = (int32_t)c->pub.value;
    p->kind = VW_PROC_CALL;
    p->args = b->args_type;
    p->ret = b->ret_type;
    p->where = c->pub.where;
    return p->short_name ? 0 : vw_error_nomem(err);
}

static int make_block(struct vw_schema *s, const struct vw_block *b, struct vw_error *err)
{
    struct vw_program *p = vw_arena_zalloc(&s->arena, sizeof(*p), 8);
    struct vw_proc *procs = vw_arena_zalloc(&s->arena, b->n_procs * sizeof(*procs), 8);
    if (!p || !procs || !(p->prefix = block_prefix(s, b->program)) ||
        !(p->name = short_name(s, p->prefix)))
        return vw_error_nomem(err);
    p->where = b->where;
    int64_t number, version;
    int rc = vw_resolve_number(s, &b->program_number, &number, err);
    if (!rc)
        rc = vw_resolve_number(s, &b->version_number, &version, err);
    if (!rc)
        rc = check_number(s, &b->program_number.where, "the number of the program", number, err);
    if (!rc)
        rc = check_number(s, &b->version_number.where, "the number of the version", version, err);
    if (rc)
        return rc;
    p->number = (uint32_t)number;
    p->version = (uint32_t)version;
    for (const struct vw_block_proc *q = b->procs; q; q = q->next) {
        if (vw_hide_proc(s, p->name, q->constant->pub.value))
            continue;
        if ((rc = make_block_proc(s, p, q, &procs[p->n_procs++], err)))
            return rc;
    }
    if ((rc = sort_procs(s, p, procs, err)) || !p->n_procs)
        return rc;
    return publish(s, p, err);
}

/* ---- all ---- */

static int compare_programs(const void *a, const void *b)
{
    const struct vw_program *x = *(const struct vw_program *const *)a;
    const struct vw_program *y = *(const struct vw_program *const *)b;
    int by_name = strcmp(x->name, y->name);
    if (by_name)
        return by_name;
    if (x->number != y->number)
        return x->number < y->number ? -1 : 1;
    return x->version < y->version ? -1 : 1;
}

int vw_procs(struct vw_schema *s, struct vw_error *err)
{
    if (index_types(s))
        return vw_error_nomem(err);
    struct convention c;
    size_t n = 0;
    for (struct vw_definition *d = s->defs; d; d = d->next)
        n += lists_procs(s, d, &c);
    for (struct vw_block *b = s->blocks; b; b = b->next)
        n++;
    if (n > VW_SCHEMA_MAX_PROGRAMS)
        return vw_error_set(err, VW_ELIMIT, "more than %u programs", VW_SCHEMA_MAX_PROGRAMS);
    s->program_list = vw_arena_alloc(&s->arena, (n + 1) * sizeof(*s->program_list), 8);
    if (!s->program_list)
        return vw_error_nomem(err);
    int rc = 0;
    for (struct vw_definition *d = s->defs; d && !rc; d = d->next) {
        if (lists_procs(s, d, &c))
            rc = make_program(s, &c, err);
    }
    for (struct vw_block *b = s->blocks; b && !rc; b = b->next)
        rc = make_block(s, b, err);
    if (!rc)
        qsort(s->program_list, s->n_programs, sizeof(*s->program_list), compare_programs);
    return rc;
}
