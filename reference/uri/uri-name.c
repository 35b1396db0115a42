// SPDX-License-Identifier: MIT
// URIs as text: the name for CONNECT_OPEN (U-11, U-20), the one for virt-ssh-helper (U-13), and the
// URI itself.
#include <string.h>

#include "uri/internal.h"

/* What the writers of each part leave as it is, beside letters and digits. */
#define MARKS         "-_.!~*'()"
#define KEEP_PATH     MARKS ";@&=+$,/"
#define KEEP_FRAGMENT MARKS ";/?:@&=+$,"
#define KEEP_USER     MARKS ";:&=+$,"
#define KEEP_HOST     MARKS ";&=+$,"
#define KEEP_VAR      "-_.~"
#define KEEP_PRINT    "-_.~/:@" /* easier to read, and no dialect reads them as anything else */

/* Text that grows piece by piece; NULL from the first failure on. */
struct text {
    struct vw_arena *arena;
    char *s;
    size_t len;
    size_t room;
};

static void put(struct text *t, const char *piece)
{
    size_t n = piece ? strlen(piece) : 0;
    if (!t->s)
        return;
    if (!piece) {
        t->s = NULL;
        return;
    }
    if (t->room - t->len <= n) {
        size_t room = (t->len + n + 1) * 2;
        char *s = vw_arena_alloc(t->arena, room, 1);
        if (s)
            memcpy(s, t->s, t->len + 1);
        t->s = s;
        t->room = room;
        if (!s)
            return;
    }
    memcpy(t->s + t->len, piece, n + 1);
    t->len += n;
}

static struct text start(struct vw_arena *arena)
{
    struct text t = {arena, vw_arena_alloc(arena, 128, 1), 0, 128};
    if (t.s)
        t.s[0] = '\0';
    return t;
}

static void put_encoded(struct text *t, const char *s, const char *keep)
{
    put(t, vw_uri_encode(t->arena, s, keep));
}

static void put_var(struct text *t, const struct vw_uri_var *var, bool first, const char *keep)
{
    put(t, first ? "?" : "&");
    put_encoded(t, var->name, keep);
    put(t, "=");
    put_encoded(t, var->value, keep);
}

/* The unknown variables, and the two that virt-ssh-helper shall see as well. */
static void put_foreign_vars(struct text *t, const struct vw_uri *u, bool for_helper)
{
    bool old = u->dialect == VW_DIALECT_030;
    bool first = true;
    for (size_t i = 0; i < u->var_count; i++) {
        const struct vw_uri_var *var = &u->vars[i];
        bool kept = !var->id ||
                    (for_helper && (var->id == VW_URI_VAR_MODE || var->id == VW_URI_VAR_SOCKET));
        if (!kept)
            continue;
        put_var(t, var, first, old ? MARKS : KEEP_VAR);
        first = false;
    }
    if (first && old && u->has_query)
        put(t, "?"); /* U-11 */
}

/* The local URI inside a remote one. NULL when memory is out. */
static const char *local_uri(struct parse *p, bool for_helper)
{
    const struct vw_uri *u = p->out;
    bool doc = u->dialect == VW_DIALECT_2007; /* which only removes parts */
    struct text t = start(p->arena);
    put(&t, u->driver);
    put(&t, "://");
    if (u->authority_raw)
        put(&t, u->authority_raw);
    if (doc) {
        put(&t, u->path_raw);
    } else {
        put_encoded(&t, u->path, KEEP_PATH);
        put_foreign_vars(&t, u, for_helper);
    }
    if (!u->fragment)
        return t.s;
    put(&t, "#");
    if (doc)
        put(&t, u->fragment);
    else
        put_encoded(&t, p->fragment, KEEP_FRAGMENT);
    return t.s;
}

int vw_uri_set_name(struct parse *p)
{
    struct vw_uri *u = p->out;
    const struct vw_uri_var *name = vw_uri_last_var(u, VW_URI_VAR_NAME);
    bool modern = u->dialect == VW_DIALECT_MODERN;
    if (u->transport == VW_TRANSPORT_LOCAL || (!modern && !u->transport_given && !u->host_given))
        u->name = vw_arena_strndup(p->arena, p->text, p->len);
    else if (name)
        u->name = name->value;
    else if (modern && strcmp(u->driver, "remote") == 0)
        u->name = "";
    else
        u->name = local_uri(p, false);
    if (!u->name)
        return vw_error_nomem(p->err);
    if (!modern || !vw_uri_is_ssh(u))
        return 0;
    bool keeps = vw_uri_release_has(p, VW_URI_HELPER_KEEPS); /* U-13 */
    u->helper_uri = name || u->name[0] == '\0' ? u->name : local_uri(p, keeps);
    return u->helper_uri ? 0 : vw_error_nomem(p->err);
}

static void put_authority(struct text *t, const struct vw_uri *u)
{
    put(t, "//");
    if (u->authority_raw)
        put(t, u->authority_raw);
    if (u->user) {
        put_encoded(t, u->user, KEEP_USER);
        put(t, "@");
    }
    if (u->host_given && strchr(u->host, ':')) {
        const char *zone = strchr(u->host, '%');
        size_t len = zone ? (size_t)(zone - u->host) : strlen(u->host);
        put(t, "[");
        put(t, vw_arena_strndup(t->arena, u->host, len));
        put(t, zone ? "%25" : "");
        put(t, zone ? zone + 1 : "");
        put(t, "]");
    } else if (u->host_given) {
        put_encoded(t, u->host, KEEP_HOST);
    }
    if (u->port_given)
        put(t, vw_arena_printf(t->arena, ":%u", (unsigned)u->port));
}

char *vw_uri_print(const struct vw_uri *uri, struct vw_arena *arena)
{
    struct text t = start(arena);
    /* Whether 0.3.0 takes a URI for a local one depends on each of its bytes (U-18). */
    if (uri->transport == VW_TRANSPORT_LOCAL)
        return vw_arena_strndup(arena, uri->name, strlen(uri->name));
    put(&t, uri->driver);
    if (uri->transport_given) {
        put(&t, "+");
        put(&t, vw_transport_name(uri->transport));
    }
    put(&t, ":");
    if (uri->path_raw[0] == '\0' || uri->path_raw[0] == '/')
        put_authority(&t, uri);
    put(&t, uri->path_raw);
    for (size_t i = 0; i < uri->var_count; i++)
        put_var(&t, &uri->vars[i], i == 0, KEEP_PRINT);
    if (uri->has_query && uri->var_count == 0)
        put(&t, "?");
    if (uri->fragment) {
        put(&t, "#");
        put(&t, uri->fragment);
    }
    return t.s;
}
