// SPDX-License-Identifier: MIT
// The variables of a URI: how a query is cut into them (U-6 to U-8), what each means, and which
// transport has a use for it (U-5, U-9, U-10, U-16).
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/nearest.h"
#include "uri/internal.h"

#define T(kind) (1u << VW_TRANSPORT_##kind)
#define ALL     (~0u)
#define SSH_KIN (T(SSH) | T(LIBSSH) | T(LIBSSH2))

#define TEXT(member) offsetof(struct vw_uri, member)

/* Which transports use a variable, in 2007 and today; 0: unknown to that dialect. TEXT: where it
 * goes as it stands; 0: elsewhere. */
static const struct variable {
    const char *name;
    unsigned old;
    unsigned modern;
    size_t text;
    unsigned since; /* the first release that knows it; 0: all */
} variables[VW_URI_VAR_COUNT] = {
    [VW_URI_VAR_NAME] = {"name", ALL, ALL},
    [VW_URI_VAR_COMMAND] = {"command", T(SSH) | T(EXT), T(SSH) | T(EXT), TEXT(command)},
    [VW_URI_VAR_SOCKET] = {"socket", T(UNIX) | T(SSH), T(UNIX) | SSH_KIN, TEXT(socket)},
    [VW_URI_VAR_NETCAT] = {"netcat", T(SSH), SSH_KIN, TEXT(netcat)},
    [VW_URI_VAR_NO_VERIFY] = {"no_verify", T(TLS), T(TLS) | T(SSH)},
    [VW_URI_VAR_AUTH] = {"auth", 0, ALL, TEXT(auth)},
    [VW_URI_VAR_SSHAUTH] = {"sshauth", 0, T(LIBSSH) | T(LIBSSH2)},
    [VW_URI_VAR_KEYFILE] = {"keyfile", 0, SSH_KIN, TEXT(keyfile)},
    [VW_URI_VAR_PKIPATH] = {"pkipath", 0, T(TLS), TEXT(pkipath)},
    [VW_URI_VAR_KNOWN_HOSTS] = {"known_hosts", 0, T(LIBSSH) | T(LIBSSH2), TEXT(known_hosts)},
    [VW_URI_VAR_KNOWN_HOSTS_VERIFY] = {"known_hosts_verify", 0, T(LIBSSH) | T(LIBSSH2)},
    [VW_URI_VAR_TLS_PRIORITY] = {"tls_priority", 0, T(TLS), TEXT(tls_priority)},
    [VW_URI_VAR_MODE] = {"mode", 0, T(UNIX) | SSH_KIN},
    [VW_URI_VAR_PROXY] = {"proxy", 0, SSH_KIN},
    [VW_URI_VAR_NO_SANITY] = {"no_sanity", 0, T(TLS)},
    [VW_URI_VAR_NO_TTY] = {"no_tty", 0, T(SSH)},
    [VW_URI_VAR_AUTHFILE] = {"authfile", 0, ALL, TEXT(authfile)},
    [VW_URI_VAR_ARGV] = {"argv", 0, T(EXT), .since = 12005000},
};

static const char *const mode_names[] = {"auto", "legacy", "direct"};
static const char *const proxy_names[] = {"auto", "netcat", "native"};

const char *vw_uri_mode_name(enum vw_uri_mode mode)
{
    return mode_names[mode];
}

const char *vw_uri_proxy_name(enum vw_uri_proxy proxy)
{
    return proxy_names[proxy];
}

static unsigned users(const struct vw_uri *uri, enum vw_uri_var_id id)
{
    /* The table of the document has socket for ext, whose code never looked at it (U-16). */
    if (uri->dialect == VW_DIALECT_2007 && id == VW_URI_VAR_SOCKET)
        return variables[id].old | T(EXT);
    /* It has no word for where certificates are; who has no root's rights needs one. */
    if (uri->dialect == VW_DIALECT_2007 && id == VW_URI_VAR_PKIPATH)
        return T(TLS);
    return uri->dialect == VW_DIALECT_MODERN ? variables[id].modern : variables[id].old;
}

static enum vw_uri_var_id find(const struct parse *p, const char *name)
{
    for (size_t i = VW_URI_VAR_UNKNOWN + 1; i < VW_URI_VAR_COUNT; i++)
        if (users(p->out, (enum vw_uri_var_id)i) && strcasecmp(name, variables[i].name) == 0 &&
            vw_uri_release_has(p, variables[i].since))
            return (enum vw_uri_var_id)i;
    return VW_URI_VAR_UNKNOWN;
}

/* The known name that NAME is surely a slip of; NULL: none. Foreign names are often short, and
 * right. */
static const char *nearest(const struct parse *p, const char *name)
{
    struct vw_near near = {.word = name};
    for (size_t i = VW_URI_VAR_UNKNOWN + 1; i < VW_URI_VAR_COUNT; i++)
        if (users(p->out, (enum vw_uri_var_id)i))
            vw_near_offer(&near, variables[i].name);
    return near.distance * 4 <= strlen(name) ? near.best : NULL;
}

const struct vw_uri_var *vw_uri_last_var(const struct vw_uri *uri, enum vw_uri_var_id id)
{
    for (size_t i = uri->var_count; i-- > 0;)
        if (uri->vars[i].id == id)
            return &uri->vars[i];
    return NULL;
}

/* U-7: '&' separates; today ';' too, but only behind the last '&' (LAST_AMP, NULL: none). */
static size_t part_len(const struct parse *p, const char *s, size_t len, const char *last_amp)
{
    const char *end = NULL;
    if (last_amp && s <= last_amp)
        end = memchr(s, '&', len);
    else if (p->out->dialect == VW_DIALECT_MODERN)
        end = memchr(s, ';', len);
    return end ? (size_t)(end - s) : len;
}

/* U-8: without '=' the value is empty; without a name nothing is there. */
static int add_var(struct parse *p, struct vw_uri_var *vars, const char *s, size_t len)
{
    const char *equals = memchr(s, '=', len);
    size_t name_len = equals ? (size_t)(equals - s) : len;
    const char *value = equals ? equals + 1 : s + len;
    struct vw_uri_var var = {.offset = (uint32_t)(s - p->text)};
    if (name_len == 0)
        return 0;
    int rc = vw_uri_decode(p, s, name_len, false, "name of a variable", NULL, &var.name);
    if (rc || var.name[0] == '\0')
        return rc;
    bool plus = p->out->dialect == VW_DIALECT_2007; /* U-6 */
    rc = vw_uri_decode(p, value, (size_t)(s + len - value), plus, "value", var.name, &var.value);
    if (rc)
        return rc;
    var.id = find(p, var.name);
    vars[p->out->var_count++] = var;
    return 0;
}

int vw_uri_parse_query(struct parse *p, const char *query, size_t len)
{
    size_t most = 1;
    for (size_t i = 0; i < len; i++)
        most += query[i] == '&' || query[i] == ';';
    struct vw_uri_var *vars = vw_arena_alloc(p->arena, most * sizeof(*vars), 16);
    if (!vars)
        return vw_error_nomem(p->err);
    p->out->vars = vars;
    const char *end = query + len;
    const char *last_amp = memrchr(query, '&', len);
    while (query < end) {
        size_t n = part_len(p, query, (size_t)(end - query), last_amp);
        int rc = add_var(p, vars, query, n);
        if (rc)
            return rc;
        query += n + 1;
    }
    return 0;
}

static int value_error(struct parse *p, const struct vw_uri_var *var, const char *clause,
                       const char *why)
{
    struct vw_uri_shown shown;
    return vw_uri_error(p, VW_EVALUE, p->text + var->offset, clause, "%s=\"%.64s\": %s", var->name,
                        vw_uri_shown(&shown, var->value), why);
}

/* U-10, today: a whole decimal number as strtol takes it. */
static int strict_number(struct parse *p, const struct vw_uri_var *var, int *out)
{
    char *end;
    long value = strtol(var->value, &end, 10);
    if (end == var->value || *end || value > INT_MAX || value < INT_MIN)
        return value_error(p, var, "U-10", "not a whole decimal number");
    *out = (int)value;
    return 0;
}

/* U-10, 2007: as far as it is a number. */
static int lenient_number(struct parse *p, const struct vw_uri_var *var, int *out)
{
    char *end;
    long value = strtol(var->value, &end, 10);
    *out = value > INT_MAX ? INT_MAX : value < INT_MIN ? INT_MIN : (int)value;
    if (!var->used || (end != var->value && !*end))
        return 0;
    struct vw_uri_shown buf;
    const char *shown = vw_uri_shown(&buf, var->value);
    if (p->out->dialect == VW_DIALECT_2007)
        return vw_uri_warn(p, "U-10", "%s=\"%.64s\" is read as %d", var->name, shown, *out);
    return vw_uri_note(p, "U-10", "%s=\"%.64s\" is read as %d", var->name, shown, *out);
}

static int read_number(struct parse *p, const struct vw_uri_var *var, int *out)
{
    int value = 0;
    int rc = p->out->dialect == VW_DIALECT_MODERN ? strict_number(p, var, &value)
                                                  : lenient_number(p, var, &value);
    if (rc == 0 && var->used)
        *out = value;
    return rc;
}

static int read_word(struct parse *p, const struct vw_uri_var *var, const char *const names[3],
                     unsigned *out)
{
    for (unsigned i = 0; i < 3; i++) {
        if (strcmp(var->value, names[i]) == 0) {
            if (var->used)
                *out = i;
            return 0;
        }
    }
    char why[64] = "not one of";
    for (unsigned i = 0; i < 3; i++) {
        strcat(why, i ? ", " : " ");
        strcat(why, names[i]);
    }
    return value_error(p, var, "U-5", why);
}

/* Words that clients compare without case; what goes on is as they are known. */
static int read_known(const char *const *known, const char *s, size_t len, const char **out)
{
    for (; *known; known++) {
        if (strlen(*known) == len && strncasecmp(*known, s, len) == 0) {
            *out = *known;
            return 0;
        }
    }
    return VW_EVALUE;
}

/* The ways to log in, with commas between them. */
static int read_sshauth(struct parse *p, const struct vw_uri_var *var)
{
    static const char *const known[] = {"agent", "privkey", "password", "keyboard-interactive",
                                        NULL};
    const char *list = "";
    for (const char *at = var->value; *at || at != var->value;) {
        size_t len = strcspn(at, ",");
        const char *method;
        if (read_known(known, at, len, &method))
            return value_error(p, var, "U-5",
                               "not a list of agent, privkey, password, keyboard-interactive");
        list = vw_arena_printf(p->arena, "%s%s%s", list, *list ? "," : "", method);
        if (!list)
            return vw_error_nomem(p->err);
        at += len;
        if (!*at++)
            break;
    }
    p->out->sshauth = *list ? list : NULL;
    return 0;
}

static int read_host_check(struct parse *p, const struct vw_uri_var *var)
{
    static const char *const known[] = {"normal", "auto", "ignore", NULL};
    if (read_known(known, var->value, strlen(var->value), &p->out->known_hosts_verify))
        return value_error(p, var, "U-5", "not one of normal, auto, ignore");
    return 0;
}

static int apply(struct parse *p, const struct vw_uri_var *var)
{
    struct vw_uri *u = p->out;
    size_t text = variables[var->id].text;
    unsigned word = 0;
    int rc = 0;
    switch (var->id) {
    case VW_URI_VAR_NO_VERIFY:
        return read_number(p, var, &u->no_verify);
    case VW_URI_VAR_NO_SANITY:
        return read_number(p, var, &u->no_sanity);
    case VW_URI_VAR_NO_TTY:
        return read_number(p, var, &u->no_tty);
    case VW_URI_VAR_MODE:
        if (p->options->listening)
            return 0;
        rc = read_word(p, var, mode_names, &word);
        u->mode = (enum vw_uri_mode)word;
        return rc;
    case VW_URI_VAR_PROXY:
        rc = read_word(p, var, proxy_names, &word);
        u->proxy = (enum vw_uri_proxy)word;
        return rc;
    case VW_URI_VAR_SSHAUTH:
        return var->used ? read_sshauth(p, var) : 0;
    case VW_URI_VAR_KNOWN_HOSTS_VERIFY:
        return var->used ? read_host_check(p, var) : 0;
    default:
        if (var->used && text)
            *(const char **)(void *)((char *)u + text) = var->value;
        return 0;
    }
}

/* An empty text where a program, a path or a file is needed is refused before anything is tried. */
static int check_empty(struct parse *p, enum vw_uri_var_id id)
{
    const struct vw_uri_var *var = vw_uri_last_var(p->out, id);
    if (var && var->used && var->value[0] == '\0')
        return vw_uri_error(p, VW_EVALUE, p->text + var->offset, "U-8", "%s is empty", var->name);
    return 0;
}

static int tell_unknown(struct parse *p, const struct vw_uri_var *var)
{
    struct vw_uri_shown buf;
    const char *shown = vw_uri_shown(&buf, var->name);
    const char *hint = VW_HINT(";", nearest(p, var->name));
    if (p->out->dialect == VW_DIALECT_2007)
        return vw_uri_warn(p, "U-9", "unknown variable \"%s\" is ignored%s", shown, hint);
    return vw_uri_note(p, "U-9", "unknown variable \"%s\" is passed on in the name%s", shown, hint);
}

/* argv=a&argv=b: one argument each (12.5.0). */
static int collect_argv(struct parse *p)
{
    struct vw_uri *u = p->out;
    size_t n = 0;
    for (size_t i = 0; i < u->var_count; i++)
        n += u->vars[i].id == VW_URI_VAR_ARGV && u->vars[i].used;
    if (!n)
        return 0;
    const char **argv = vw_arena_alloc(p->arena, (n + 1) * sizeof(*argv), 16);
    if (!argv)
        return vw_error_nomem(p->err);
    n = 0;
    for (size_t i = 0; i < u->var_count; i++)
        if (u->vars[i].id == VW_URI_VAR_ARGV)
            argv[n++] = u->vars[i].value;
    argv[n] = NULL;
    u->argv = argv;
    return 0;
}

int vw_uri_apply_vars(struct parse *p)
{
    static const enum vw_uri_var_id not_empty[] = {VW_URI_VAR_COMMAND, VW_URI_VAR_SOCKET,
                                                   VW_URI_VAR_NETCAT, VW_URI_VAR_KEYFILE};
    struct vw_uri *u = p->out;
    struct vw_uri_var *vars = (struct vw_uri_var *)u->vars; /* ours: made in this parse */
    int rc = 0;
    if (u->transport == VW_TRANSPORT_LOCAL)
        return 0;
    for (size_t i = 0; rc == 0 && i < u->var_count; i++) {
        struct vw_uri_var *var = &vars[i];
        var->used = var->id && (users(u, var->id) & (1u << u->transport));
        if (!var->id)
            rc = tell_unknown(p, var);
        else if (!var->used)
            rc = vw_uri_note(p, "U-16", "transport %s has no use for %s",
                             vw_transport_name(u->transport), variables[var->id].name);
        else if (var->id == VW_URI_VAR_PKIPATH && u->dialect == VW_DIALECT_2007)
            rc = vw_uri_note(p, "U-15",
                             "the document does not know pkipath: it is used and removed");
        if (rc == 0)
            rc = apply(p, var);
    }
    for (size_t i = 0; rc == 0 && i < sizeof(not_empty) / sizeof(not_empty[0]); i++)
        rc = check_empty(p, not_empty[i]);
    return rc ? rc : collect_argv(p);
}
