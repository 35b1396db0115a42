// SPDX-License-Identifier: MIT
// Selection by name, clause, level and shard; permission by effect and needs.
#include "conformance/cases/select.h"

#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

#include "conformance/cases/effects.h"

bool vw_select_match(const char *pattern, const char *id)
{
    size_t n = strlen(pattern);
    if (strcmp(pattern, id) == 0)
        return true;
    if (n && strncmp(pattern, id, n) == 0 && (id[n] == '/' || pattern[n - 1] == '/'))
        return true;
    return fnmatch(pattern, id, 0) == 0;
}

static bool any(const char *const *patterns, size_t n, const char *id)
{
    for (size_t i = 0; i < n; i++)
        if (vw_select_match(patterns[i], id))
            return true;
    return false;
}

static bool has_clause(const struct vw_selection *s, const struct vw_case *c)
{
    for (size_t i = 0; i < s->n_clauses; i++)
        if (vw_clause_is_among(c->clauses, s->clauses[i]))
            return true;
    return s->n_clauses == 0;
}

bool vw_select_case(const struct vw_selection *s, const struct vw_case *c)
{
    if (s->n_run && !any(s->run, s->n_run, c->id))
        return false;
    return !any(s->skip, s->n_skip, c->id) && has_clause(s, c) && c->level >= s->level;
}

/* A case is called as its file, or has a key behind it: what PATTERN says literally must agree with
 * that as far as both go. */
static bool may_match(const char *pattern, const char *file_id)
{
    size_t literal = strcspn(pattern, "*?[\\"), n = strlen(file_id);
    if (literal <= n)
        return strncmp(pattern, file_id, literal) == 0;
    return strncmp(pattern, file_id, n) == 0 && pattern[n] == '/';
}

bool vw_select_file(const struct vw_selection *s, const char *file_id)
{
    for (size_t i = 0; i < s->n_run; i++)
        if (may_match(s->run[i], file_id))
            return true;
    return s->n_run == 0;
}

bool vw_select_shard(const struct vw_selection *s, size_t n)
{
    return s->n_shards < 2 || n % s->n_shards == s->shard - 1;
}

static const char *transport_need(unsigned needs)
{
    if (needs & VW_NEED_UNIX)
        return "a UNIX socket";
    return needs & VW_NEED_TCP ? "plain TCP" : "TLS";
}

bool vw_select_transport_fits(unsigned needs, enum vw_transport_kind kind)
{
    if ((needs & VW_NEED_UNIX) && kind != VW_TRANSPORT_UNIX)
        return false;
    if ((needs & VW_NEED_TCP) && kind != VW_TRANSPORT_TCP)
        return false;
    return !(needs & VW_NEED_TLS) || kind == VW_TRANSPORT_TLS;
}

/* What is said of the configuration, by its word and as libvirtd.conf has it. */
static const struct {
    unsigned need;
    const char *word, *setting;
} configured[] = {
    {VW_NEED_ONE_REQUEST, "one-request", "max_client_requests = 1"},
    {VW_NEED_NAMES, "names", "tls_allowed_dn_list"},
    {VW_NEED_ANYBODY, "anybody", "tls_no_verify_certificate = 1"},
};
#define N_CONFIGURED (sizeof(configured) / sizeof(configured[0]))

int vw_select_read_configured(const char *text, unsigned *out, struct vw_error *err)
{
    for (*out = 0;; text++) {
        size_t n = strcspn(text, ","), i = 0;
        while (i < N_CONFIGURED &&
               (strlen(configured[i].word) != n || strncmp(configured[i].word, text, n) != 0))
            i++;
        if (i == N_CONFIGURED)
            return vw_error_set(err, VW_ENAME, "\"%.*s\" is none of one-request, names and anybody",
                                n < 60 ? (int)n : 60, text);
        *out |= configured[i].need;
        text += n;
        if (!*text)
            return 0;
    }
}

void vw_select_say_configured(unsigned set, FILE *f)
{
    const char *before = "";
    for (size_t i = 0; i < N_CONFIGURED; i++) {
        if (!(set & configured[i].need))
            continue;
        fprintf(f, "%s%s", before, configured[i].word);
        before = ",";
    }
}

/* Why a server that is configured as GIVEN says has not what NEEDS does, or NULL. */
static const char *configured_otherwise(unsigned needs, unsigned given, char *text, size_t size)
{
    if ((needs & VW_NEED_VERIFIED) && (given & VW_NEED_ANYBODY))
        return "the server lets in anybody";
    for (size_t i = 0; i < N_CONFIGURED; i++) {
        if (!(needs & ~given & configured[i].need))
            continue;
        snprintf(text, size, "for a server with %s; --configured %s says that it is one",
                 configured[i].setting, configured[i].word);
        return text;
    }
    return NULL;
}

static bool has_verb(const struct vw_case *c, const char *verb)
{
    bool judges;
    for (const struct vw_node *step = c->steps->first; step; step = step->next)
        if (strcmp(vw_step_verb(step, &judges), verb) == 0)
            return true;
    return false;
}

bool vw_select_wants_more(const struct vw_case *c)
{
    return has_verb(c, "connect") || has_verb(c, "probe") || has_verb(c, "spawn");
}

const char *vw_select_skip(const struct vw_permission *p, const struct vw_case *c, char *text,
                           size_t size)
{
    enum vw_effect effect;
    const char *because;
    if (c->unfit)
        return c->unfit;
    if (!vw_select_transport_fits(c->needs, p->transport)) {
        snprintf(text, size, "needs %s", transport_need(c->needs));
        return text;
    }
    effect = vw_effect_of_case(p->profile, c, &because);
    if (effect > p->allowed) {
        snprintf(text, size, "effect %s; --allow %s runs it", vw_effect_name(effect),
                 vw_effect_name(effect));
        return text;
    }
    if (!p->programs && has_verb(c, "spawn"))
        return "starts a program, and is not of virwire's own suite; --allow run runs it";
    if ((c->needs & VW_NEED_READ_ONLY_SOCKET) && !p->read_only_socket)
        return "needs a read-only socket (its name ends in -ro)";
    if ((c->needs & VW_NEED_TEST_DRIVER) && !p->test_driver)
        return "needs the test driver (test:///default)";
    if ((c->needs & VW_NEED_SLOW) && !p->slow)
        return "waits long; --slow 60 runs it";
    return configured_otherwise(c->needs, p->configured, text, size);
}
