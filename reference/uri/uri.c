// SPDX-License-Identifier: MIT
// The parser's frame: which bytes a URI may have, its parts (RFC 3986, by uriparser), driver,
// transport, user, host and port. Variables, names and defaults are read in the files beside.
#include <virwire/uri.h>

#include <string.h>
#include <strings.h>

#include <uriparser/Uri.h>

#include "base/hex.h"
#include "base/nearest.h"
#include "base/sized.h"
#include "uri/internal.h"

/* The parts as they stand in the text: [first, first + len). */
struct range {
    const char *first; /* NULL: the delimiter that starts the part is missing */
    size_t len;
};

struct parts {
    struct range scheme;
    struct range user;
    struct range host; /* brackets included */
    struct range port;
    struct range authority; /* all three */
    struct range path;
    struct range query;
    struct range fragment;
};

/* Refuses what no URI may hold, with the best column (U-19). */
static int check_bytes(struct parse *p)
{
    bool modern = p->out->dialect == VW_DIALECT_MODERN, in_brackets = false;
    for (size_t i = 0; i < p->len; i++) {
        unsigned char c = (unsigned char)p->text[i];
        if (c == ' ')
            return vw_uri_error(p, VW_ESYNTAX, p->text + i, "U-19", "a raw space (write %%20)");
        if (c < 0x20 || c == 0x7f)
            return vw_uri_error(p, VW_ESYNTAX, p->text + i, "U-19",
                                "the control character 0x%02x (write %%%02X)", c, c);
        if (c > 0x7f)
            return vw_uri_error(p, VW_ESYNTAX, p->text + i, "U-19",
                                "the byte 0x%02x, which is not ASCII (write %%%02X)", c, c);
        in_brackets = modern && (c == '[' || (in_brackets && c != ']'));
        if (c == '%' && in_brackets)
            continue; /* a zone: see check_zone */
        if (c == '%' && (p->len - i < 3 || vw_hex_value(p->text[i + 1]) < 0 ||
                         vw_hex_value(p->text[i + 2]) < 0))
            return vw_uri_error(p, VW_ESYNTAX, p->text + i, "U-19",
                                "'%%' without two hexadecimal digits (write %%25 for '%%')");
    }
    return 0;
}

/* Cuts R at the first character of STOPS and returns what is behind the cut, delimiter included. */
static struct range cut(struct range *r, const char *stops)
{
    size_t n = 0;
    while (n < r->len && !strchr(stops, r->first[n]))
        n++;
    struct range rest = {r->first + n, r->len - n};
    r->len = n;
    return rest;
}

static struct range without_delimiter(struct range r)
{
    return r.len ? (struct range){r.first + 1, r.len - 1} : (struct range){NULL, 0};
}

static void split_authority(struct parts *out)
{
    struct range host = out->authority;
    struct range rest = cut(&host, "@");
    if (rest.len) {
        out->user = host;
        host = without_delimiter(rest);
    }
    struct range tail = host;
    const char *bracket = memchr(host.first, ']', host.len);
    if (bracket)
        tail = (struct range){bracket, host.len - (size_t)(bracket - host.first)};
    out->port = without_delimiter(cut(&tail, ":"));
    out->host = (struct range){host.first, (size_t)(tail.first - host.first) + tail.len};
}

/* By delimiters only; whether each part is well-formed is asked afterwards. */
static void split(struct parse *p, struct parts *out)
{
    memset(out, 0, sizeof(*out));
    struct range rest = {p->text, p->len};
    out->fragment = without_delimiter(cut(&rest, "#"));
    out->query = without_delimiter(cut(&rest, "?"));
    out->scheme = rest;
    rest = cut(&out->scheme, ":/");
    if (rest.len && *rest.first == ':') {
        rest = without_delimiter(rest);
    } else {
        rest = out->scheme = (struct range){NULL, 0};
        return;
    }
    if (rest.len >= 2 && memcmp(rest.first, "//", 2) == 0) {
        out->authority = (struct range){rest.first + 2, rest.len - 2};
        rest = cut(&out->authority, "/");
        split_authority(out);
    }
    out->path = rest;
}

static void *arena_malloc(UriMemoryManager *m, size_t size)
{
    return vw_arena_alloc(m->userData, size, 16);
}

static void arena_free(UriMemoryManager *m, void *memory)
{
}

/* The zone of an IPv6 literal, from its '%' up to the ']'; RFC 6874, unknown to uriparser. */
static struct range find_zone(const struct parts *parts)
{
    struct range zone = parts->host;
    if (!zone.first || zone.len == 0 || zone.first[0] != '[')
        return (struct range){NULL, 0};
    zone = cut(&zone, "%");
    cut(&zone, "]");
    return zone.len ? zone : (struct range){NULL, 0};
}

static int check_zone(struct parse *p, struct range zone)
{
    static const char allowed[] = "-._~";
    bool escaped = zone.len > 3 && memcmp(zone.first, "%25", 3) == 0;
    bool escape =
        zone.len > 2 && vw_hex_value(zone.first[1]) >= 0 && vw_hex_value(zone.first[2]) >= 0;
    p->raw_zone = p->out->dialect == VW_DIALECT_MODERN && zone.len > 1 && !escape;
    if (!escaped && !p->raw_zone)
        return vw_uri_error(p, VW_ESYNTAX, zone.first, "U-12",
                            "an IPv6 zone is written %%25 and its name, such as %%25eth0");
    for (size_t i = escaped ? 3 : 1; i < zone.len; i++) {
        char c = zone.first[i];
        if (!vw_uri_is_alnum(c) && !strchr(allowed, c))
            return vw_uri_error(p, VW_ESYNTAX, zone.first + i, "U-12",
                                "'%c' in the name of an IPv6 zone", c);
    }
    if (p->raw_zone)
        return vw_uri_note(p, "U-12", "the zone is written %%25%.*s; virsh takes a bare '%%' too",
                           (int)(zone.len < 40 ? zone.len - 1 : 39), zone.first + 1);
    return 0;
}

/* What uriparser does not like at the byte AT, said plainly where that is known. */
static int refuse_grammar(struct parse *p, const struct parts *parts, const char *at)
{
    struct range port = parts->port, host = parts->host;
    if (host.len && host.first[0] == '[' && !memchr(host.first, ']', host.len))
        return vw_uri_error(p, VW_ESYNTAX, host.first, "U-12", "no ']' behind the IPv6 address");
    for (size_t i = 0; i < port.len; i++)
        if (port.first[i] < '0' || port.first[i] > '9')
            return vw_uri_error(p, VW_ESYNTAX, port.first, "U-4", "the port '%.*s' is no number",
                                port.len < 40 ? (int)port.len : 40, port.first);
    if (at >= p->text + p->len)
        return vw_uri_error(p, VW_ESYNTAX, p->text + p->len, "U-1", "the URI ends too early");
    return vw_uri_error(p, VW_ESYNTAX, at, "U-1", "'%c' is not allowed here", *at);
}

/* Has uriparser judge TEXT, which is the input without the LEN bytes of a zone at offset ZONE. */
static int check_grammar(struct parse *p, const struct parts *parts, const char *text, size_t len,
                         struct range zone)
{
    UriMemoryManager backend = {.malloc = arena_malloc, .free = arena_free, .userData = p->arena};
    UriMemoryManager memory;
    UriUriA uri;
    const char *at = NULL;
    if (uriCompleteMemoryManager(&memory, &backend) != URI_SUCCESS)
        return vw_error_set(p->err, VW_EUSAGE, "uriparser takes no memory manager");
    int rc = uriParseSingleUriExMmA(&uri, text, text + len, &at, &memory);
    if (rc == URI_ERROR_MALLOC)
        return vw_error_nomem(p->err);
    if (rc != URI_SUCCESS) {
        size_t offset = at ? (size_t)(at - text) : 0;
        if (zone.len && p->text + offset >= zone.first)
            offset += zone.len;
        return refuse_grammar(p, parts, p->text + offset);
    }
    bool future = uri.hostData.ipFuture.first != NULL;
    uriFreeUriMembersMmA(&uri, &memory);
    if (future)
        return vw_uri_error(p, VW_ESYNTAX, p->host_at, "U-12",
                            "only an IPv6 address may stand in brackets");
    return 0;
}

static int check_parts(struct parse *p, const struct parts *parts)
{
    struct range zone = find_zone(parts);
    if (!zone.len)
        return check_grammar(p, parts, p->text, p->len, zone);
    int rc = check_zone(p, zone);
    if (rc)
        return rc;
    size_t before = (size_t)(zone.first - p->text);
    char *copy = vw_arena_strndup(p->arena, p->text, p->len);
    if (!copy)
        return vw_error_nomem(p->err);
    memmove(copy + before, copy + before + zone.len, p->len - before - zone.len);
    return check_grammar(p, parts, copy, p->len - zone.len, zone);
}

static int unknown_transport(struct parse *p, const char *name, const char *at)
{
    bool modern = p->out->dialect == VW_DIALECT_MODERN;
    const char *near = vw_nearest(name, vw_uri_transports + VW_TRANSPORT_TLS,
                                  (modern ? VW_TRANSPORT_LIBSSH : VW_TRANSPORT_TCP));
    return vw_uri_error(p, VW_ENAME, at, "U-2", "unknown transport '%.40s', %s%s%s", name,
                        near ? "did you mean '" : "known are tls, unix, ssh, ext, tcp",
                        near     ? near
                        : modern ? ", libssh2, libssh"
                                 : "",
                        near ? "'?" : "");
}

/* driver[+transport]: the transport is all behind the first '+' (U-2). */
static int read_scheme(struct parse *p, struct range scheme)
{
    struct vw_uri *u = p->out;
    if (!scheme.first || scheme.len == 0)
        return vw_uri_error(p, VW_ESYNTAX, p->text, "U-1",
                            "no driver: a URI starts with a name and ':', such as test:///default");
    struct range driver = scheme;
    struct range transport = cut(&driver, "+");
    u->driver = vw_arena_strndup(p->arena, driver.first, driver.len);
    if (!u->driver)
        return vw_error_nomem(p->err);
    if (!transport.len)
        return 0;
    u->transport_given = true;
    transport = without_delimiter(transport);
    const char *name = vw_arena_strndup(p->arena, transport.first, transport.len);
    if (!name)
        return vw_error_nomem(p->err);
    size_t last = u->dialect == VW_DIALECT_MODERN ? VW_TRANSPORT_LIBSSH : VW_TRANSPORT_TCP;
    for (size_t i = VW_TRANSPORT_TLS; i <= last; i++) {
        if (strcasecmp(name, vw_uri_transports[i]) == 0) {
            u->transport = (enum vw_transport_kind)i;
            return 0;
        }
    }
    return unknown_transport(p, name, transport.first);
}

/* What the URI library of 2007 takes for a host: a bracketed literal, or letters, digits, '-', '_'
 * and '.' that start with a letter or digit. Everything else makes the whole authority a name of a
 * registry, and the URI one without user, host and port (live: 0.3.0). */
static bool is_host_of_2007(struct range host)
{
    if (host.len == 0)
        return false;
    if (host.first[0] == '[')
        return true;
    for (size_t i = 0; i < host.len; i++) {
        char c = host.first[i];
        if (!vw_uri_is_alnum(c) && (i == 0 || !strchr("-_.", c)))
            return false;
    }
    return true;
}

static int read_registry(struct parse *p, struct range authority)
{
    p->out->authority_raw = vw_arena_strndup(p->arena, authority.first, authority.len);
    if (!p->out->authority_raw)
        return vw_error_nomem(p->err);
    return vw_uri_note(p, "U-1",
                       "\"%.80s\" is no [user@]host[:port] to 0.3.0 and stays in the name",
                       p->out->authority_raw);
}

static int read_host(struct parse *p, struct range host)
{
    struct vw_uri *u = p->out;
    bool literal = host.len > 0 && host.first[0] == '[';
    if (literal)
        host = (struct range){host.first + 1, host.len - 2};
    if (host.len == 0)
        return 0;
    int rc = 0;
    if (p->raw_zone)
        u->host = vw_arena_strndup(p->arena, host.first, host.len);
    else
        rc = vw_uri_decode(p, host.first, host.len, false, "host", NULL, &u->host);
    if (rc || !u->host)
        return rc ? rc : vw_error_nomem(p->err);
    if (strlen(u->host) > VW_URI_MAX_HOST)
        return vw_uri_error(p, VW_ELIMIT, host.first, "U-1", "a host of %zu bytes, at most %u",
                            strlen(u->host), VW_URI_MAX_HOST);
    for (const char *c = u->host; *c; c++)
        if ((unsigned char)*c <= ' ' || *c == 0x7f || strchr("/[]@", *c) || (*c == ':' && !literal))
            return vw_uri_error(p, VW_ESYNTAX, host.first, "U-1",
                                "the host holds the byte 0x%02x, which no host has",
                                (unsigned char)*c);
    u->host_given = u->host[0] != '\0';
    if (!u->host_given)
        u->host = NULL; /* cut at a %00 */
    return 0;
}

/* U-4. A port of 0 is as good as none to every client seen. */
static int read_port(struct parse *p, struct range port)
{
    struct vw_uri *u = p->out;
    if (!port.first)
        return 0;
    u->port_written = true;
    if (port.len == 0)
        return vw_uri_error(p, VW_ESYNTAX, port.first, "U-4", "no port behind the ':'");
    unsigned value = 0;
    for (size_t i = 0; i < port.len; i++) {
        value = value * 10 + (unsigned)(port.first[i] - '0');
        if (value > UINT16_MAX)
            return vw_uri_error(p, VW_ELIMIT, port.first, "U-4", "the port is above 65535");
    }
    if (value == 0)
        return vw_uri_note(p, "U-4", "port 0 stands for the default");
    if (u->dialect == VW_DIALECT_MODERN && !u->host_given)
        return vw_uri_note(p, "U-4", "port %u is dropped: there is no host", value);
    u->port = (uint16_t)value;
    u->port_given = true;
    return 0;
}

static int read_authority(struct parse *p, const struct parts *parts)
{
    if (!parts->authority.first)
        return 0;
    if (p->out->dialect == VW_DIALECT_030 && parts->authority.len > 0 &&
        !is_host_of_2007(parts->host))
        return read_registry(p, parts->authority);
    if (parts->user.len) {
        int rc = vw_uri_decode(p, parts->user.first, parts->user.len, false, "user", NULL,
                               &p->out->user);
        if (rc)
            return rc;
        if (p->out->user[0] == '\0')
            p->out->user = NULL;
    }
    if (parts->user.len && memchr(parts->user.first, ':', parts->user.len) &&
        vw_uri_warn(p, "U-1",
                    "what is behind the ':' is part of the user's name, and no password: others "
                    "could read one there"))
        return VW_ENOMEM;
    bool empty = parts->user.first && !parts->user.len;
    if (empty && p->out->dialect == VW_DIALECT_MODERN &&
        vw_uri_warn(
            p, "U-1",
            "there is no user before the '@': over ssh virsh takes all that follows for one"))
        return VW_ENOMEM;
    int rc = read_host(p, parts->host);
    return rc ? rc : read_port(p, parts->port);
}

static int read_path(struct parse *p, const struct parts *parts)
{
    struct vw_uri *u = p->out;
    struct range path = parts->path;
    struct range fragment = parts->fragment;
    u->path_raw = vw_arena_strndup(p->arena, path.first, path.len);
    if (!u->path_raw)
        return vw_error_nomem(p->err);
    int rc = vw_uri_decode(p, path.first, path.len, false, "path", NULL, &u->path);
    if (rc || !fragment.first)
        return rc;
    u->fragment = vw_arena_strndup(p->arena, fragment.first, fragment.len);
    if (!u->fragment)
        return vw_error_nomem(p->err);
    return vw_uri_decode(p, fragment.first, fragment.len, false, "fragment", NULL, &p->fragment);
}

static bool text_is(const struct parse *p, const char *s)
{
    return p->len == strlen(s) && memcmp(p->text, s, p->len) == 0;
}

/* Which transport, when the scheme names none (U-1, U-3, U-18). */
static int choose_transport(struct parse *p)
{
    struct vw_uri *u = p->out;
    bool modern = u->dialect == VW_DIALECT_MODERN;
    if (!u->transport_given) {
        if (u->host_given)
            u->transport = VW_TRANSPORT_TLS;
        else if (modern || (u->dialect == VW_DIALECT_030 &&
                            (text_is(p, "qemu:///system") || text_is(p, "qemu:///session"))))
            u->transport = VW_TRANSPORT_UNIX;
    }
    int rc = modern ? vw_uri_look_at_scheme(p) : 0;
    if (rc)
        return rc;
    if (u->transport != VW_TRANSPORT_UNIX || !u->host_given)
        return 0;
    if (modern)
        return vw_uri_error(p, VW_EVALUE, p->host_at, "U-3",
                            "transport unix goes to no other host, but '%.80s' is given", u->host);
    return vw_uri_note(p, "U-3", "transport unix has no use for the host");
}

static void set_host_and_port(struct vw_uri *u)
{
    bool modern = u->dialect == VW_DIALECT_MODERN;
    bool network = u->transport == VW_TRANSPORT_TLS || u->transport == VW_TRANSPORT_TCP;
    if ((network || vw_uri_is_ssh(u)) && !u->host_given)
        u->host = "localhost";
    if (u->port_given)
        return;
    if (u->transport == VW_TRANSPORT_TLS)
        u->port = 16514;
    else if (u->transport == VW_TRANSPORT_TCP)
        u->port = 16509;
    else if (vw_uri_is_ssh(u) && !(modern && u->transport == VW_TRANSPORT_SSH))
        u->port = 22;
}

static int make_room(struct parse *p)
{
    p->notes = vw_arena_alloc(p->arena, VW_URI_MAX_NOTES * sizeof(*p->notes), 16);
    p->warnings = vw_arena_alloc(p->arena, VW_URI_MAX_NOTES * sizeof(*p->warnings), 16);
    if (!p->notes || !p->warnings)
        return vw_error_nomem(p->err);
    p->out->notes = p->notes;
    p->out->warnings = p->warnings;
    return 0;
}

static int parse(struct parse *p)
{
    struct parts parts;
    int rc = check_bytes(p);
    if (!rc)
        rc = make_room(p);
    if (rc)
        return rc;
    split(p, &parts);
    p->host_at = parts.host.first;
    rc = check_parts(p, &parts);
    if (!rc)
        rc = read_scheme(p, parts.scheme);
    if (!rc)
        rc = read_authority(p, &parts);
    if (!rc)
        rc = read_path(p, &parts);
    if (!rc && parts.query.first) {
        p->out->has_query = true;
        rc = vw_uri_parse_query(p, parts.query.first, parts.query.len);
    }
    if (!rc)
        rc = choose_transport(p);
    if (rc)
        return rc;
    set_host_and_port(p->out);
    if (p->out->dialect == VW_DIALECT_MODERN)
        rc = vw_uri_look_at_host(p);
    if (!rc)
        rc = vw_uri_apply_vars(p);
    if (!rc)
        rc = vw_uri_set_defaults(p);
    return rc ? rc : vw_uri_set_name(p);
}

int vw_uri_parse(const char *text, size_t len, const struct vw_uri_options *options,
                 struct vw_arena *arena, const struct vw_uri **out, struct vw_error *err)
{
    struct vw_uri_options own;
    *out = NULL;
    int rc = vw_sized_copy(&own, sizeof(own), options, "VW_URI_OPTIONS_INIT", err);
    if (rc)
        return rc;
    if (len == 0)
        return vw_error_at(err, VW_ESYNTAX, 1, 1, "the URI is empty");
    if (len > VW_URI_MAX_BYTES)
        return vw_error_at(err, VW_ELIMIT, 1, VW_URI_MAX_BYTES + 1,
                           "a URI of %zu bytes, at most %u are read", len, VW_URI_MAX_BYTES);
    struct vw_uri *uri = vw_arena_zalloc(arena, sizeof(*uri), _Alignof(struct vw_uri));
    if (!uri)
        return vw_error_nomem(err);
    uri->dialect = own.dialect;
    uri->read_only = own.read_only;
    struct parse p = {
        .text = text, .len = len, .options = &own, .arena = arena, .err = err, .out = uri};
    rc = parse(&p);
    if (rc == 0)
        *out = uri;
    return rc;
}
