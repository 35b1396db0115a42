// SPDX-License-Identifier: MIT
// Reading the name in CONNECT_OPEN. What is here was asked of libvirtd 7.0.0 to 12.8.0, name by
// name.
#include "mock-daemon/open-name.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/hex.h"

#define ALPHA "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGIT "0123456789"
#define MARKS "-_.!~*'()"
/* What may stand in a URI, but for '%' and the brackets of a host; and what a path is written with.
 */
#define ALLOWED ALPHA DIGIT MARKS ";/?:@&=+$,#"
#define PATH    ALPHA DIGIT MARKS ";@&=+$,/"

struct part {
    const char *at;
    size_t len;
};

struct parts {
    struct part scheme, user, host, path;
    struct part query, fragment; /* with what they start with; empty: none */
};

static bool is_word(struct part p, const char *word)
{
    return p.len == strlen(word) && memcmp(p.at, word, p.len) == 0;
}

static bool escapes_are_whole(const char *name)
{
    for (const char *p = name; (p = strchr(p, '%')); p++)
        if (vw_hex_value(p[1]) < 0 || vw_hex_value(p[2]) < 0)
            return false;
    return true;
}

/* [user@][host][:port] */
static bool split_authority(struct part all, struct parts *out)
{
    const char *at = memchr(all.at, '@', all.len);
    if (at) {
        out->user = (struct part){all.at, (size_t)(at - all.at)};
        all = (struct part){at + 1, all.len - out->user.len - 1};
    }
    const char *end = memchr(all.at, ']', all.len);
    const char *from = end ? end : all.at;
    const char *colon = memchr(from, ':', all.len - (size_t)(from - all.at));
    out->host = (struct part){all.at, colon ? (size_t)(colon - all.at) : all.len};
    if (!colon)
        return true;
    size_t digits = all.len - out->host.len - 1;
    return digits > 0 && strspn(colon + 1, DIGIT) >= digits;
}

static bool is_scheme(struct part s)
{
    if (s.len == 0 || !strchr(ALPHA, s.at[0]))
        return false;
    return strspn(s.at, ALPHA DIGIT "+.-") >= s.len;
}

/* False: it is no URI. Without a scheme it is one, and OUT has none. */
static bool split(const char *name, struct parts *out)
{
    size_t len = strcspn(name, ":/?#");
    *out = (struct parts){.path = {name, strcspn(name, "?#")}};
    if (name[len] == ':') {
        out->scheme = (struct part){name, len};
        if (!is_scheme(out->scheme))
            return false;
        name += len + 1;
    }
    if (name[0] == '/' && name[1] == '/') {
        struct part authority = {name + 2, strcspn(name + 2, "/?#")};
        if (!split_authority(authority, out))
            return false;
        name += 2 + authority.len;
    }
    out->path = (struct part){name, strcspn(name, "?#")};
    name += out->path.len;
    out->query = (struct part){name, strcspn(name, "#")};
    name += out->query.len;
    out->fragment = (struct part){name, strlen(name)};
    if (strcspn(name + (*name == '#'), "#") + (*name == '#') != out->fragment.len)
        return false;
    /* Brackets belong to a host. */
    const char *rest = out->path.at;
    return !strpbrk(rest, "[]");
}

/* P with its escapes read, up to a NUL among them; NULL: no memory. */
static char *decoded(struct part p)
{
    char *text = malloc(p.len + 1), *out = text;
    if (!text)
        return NULL;
    for (size_t i = 0; i < p.len; i++) {
        char c = p.at[i];
        if (c == '%') {
            c = (char)(vw_hex_value(p.at[i + 1]) << 4 | vw_hex_value(p.at[i + 2]));
            i += 2;
        }
        if (!c)
            break;
        *out++ = c;
    }
    *out = '\0';
    return text;
}

static void put_encoded(FILE *out, const char *text)
{
    for (const unsigned char *c = (const unsigned char *)text; *c; c++)
        if (strchr(PATH, *c))
            putc(*c, out);
        else
            fprintf(out, "%%%02X", *c);
}

/* The URI as it is written again: the query stays as it came. */
static char *render(const struct parts *p, const char *path)
{
    char *text = NULL;
    size_t len;
    struct part fragment = p->fragment;
    fragment.at += fragment.len > 0;
    fragment.len -= fragment.len > 0;
    char *label = decoded(fragment);
    FILE *out = label ? open_memstream(&text, &len) : NULL;
    if (!out) {
        free(label);
        return NULL;
    }
    fprintf(out, "%.*s://%.*s%s", (int)p->scheme.len, p->scheme.at, (int)p->user.len, p->user.at,
            p->user.len ? "@" : "");
    put_encoded(out, path);
    fprintf(out, "%.*s%s", (int)p->query.len, p->query.at, p->fragment.len ? "#" : "");
    put_encoded(out, label);
    free(label);
    if (fclose(out) == 0)
        return text;
    free(text);
    return NULL;
}

static bool is_served(struct part driver, const char *const *drivers, size_t n)
{
    bool served = is_word(driver, "test");
    for (size_t i = 0; i < n; i++)
        served |= is_word(driver, drivers[i]);
    return served;
}

static enum vw_open_name of_transport(struct part scheme, const char *plus, bool served)
{
    static const char *const known[] = {"tls", "unix", "ssh", "ext", "tcp", "libssh", "libssh2"};
    size_t len = scheme.len - (size_t)(plus + 1 - scheme.at);
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (strlen(known[i]) != len || strncasecmp(plus + 1, known[i], len) != 0)
            continue;
        bool as_written = strncmp(plus + 1, known[i], len) == 0;
        return served && as_written ? VW_OPEN_OUR_TRANSPORT : VW_OPEN_FOREIGN_TRANSPORT;
    }
    return VW_OPEN_UNKNOWN_TRANSPORT;
}

static enum vw_open_name of_path(const struct parts *p, char **uri, char **file)
{
    char *path = decoded(p->path);
    if (!path)
        return VW_OPEN_NO_MEMORY;
    enum vw_open_name is = VW_OPEN_IS_OURS;
    if (is_word(p->scheme, "test") && (!*path || strcmp(path, "/") == 0))
        is = VW_OPEN_NO_PATH;
    else if (is_word(p->scheme, "test") && strcmp(path, "/default") != 0)
        is = *path == '/' ? VW_OPEN_IS_FILE : VW_OPEN_NO_FILE;
    if ((is == VW_OPEN_IS_OURS || is == VW_OPEN_IS_FILE) && !(*uri = render(p, path)))
        is = VW_OPEN_NO_MEMORY;
    if (is == VW_OPEN_IS_FILE)
        *file = path;
    else
        free(path);
    return is;
}

enum vw_open_name vw_open_name(const char *name, const char *const *drivers, size_t n, char **uri,
                               char **file)
{
    struct parts p;
    *uri = *file = NULL;
    if (strspn(name, ALLOWED "%[]") != strlen(name) || !escapes_are_whole(name) || !split(name, &p))
        return VW_OPEN_NO_URI;
    if (!p.scheme.len)
        return VW_OPEN_NO_DRIVER;
    const char *plus = memchr(p.scheme.at, '+', p.scheme.len);
    struct part driver = {p.scheme.at, plus ? (size_t)(plus - p.scheme.at) : p.scheme.len};
    bool served = is_served(driver, drivers, n);
    if (plus) {
        enum vw_open_name is = of_transport(p.scheme, plus, served);
        return p.host.len && is == VW_OPEN_FOREIGN_TRANSPORT ? VW_OPEN_OUR_TRANSPORT : is;
    }
    if (p.host.len && is_word(driver, "qemu") &&
        (is_word(p.host, "system") || is_word(p.host, "session")))
        return VW_OPEN_HOST_IS_PATH;
    if (p.host.len)
        return VW_OPEN_OTHER_HOST;
    return served ? of_path(&p, uri, file) : VW_OPEN_UNKNOWN_DRIVER;
}
