// SPDX-License-Identifier: MIT
// Reads libvirt's auth.conf: lines of [section], key=value, # comment. A value is all that stands
// behind the '=', blanks included, since a password may hold them.
#include "auth/auth-file.h"

#include <stdio.h>
#include <string.h>

struct slice {
    const char *at;
    size_t len;
};

/* Where a pass over the text stands. */
struct reader {
    const char *next, *end;
    unsigned line;
    struct slice section; /* at is NULL before the first */
    struct slice key, value;
};

enum item { END, SECTION, PAIR };

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static struct slice trim(struct slice s)
{
    while (s.len && is_blank(s.at[0]))
        s.at++, s.len--;
    while (s.len && is_blank(s.at[s.len - 1]))
        s.len--;
    return s;
}

static struct slice next_line(struct reader *r)
{
    const char *nl = memchr(r->next, '\n', (size_t)(r->end - r->next));
    struct slice s = {r->next, (size_t)((nl ? nl : r->end) - r->next)};
    r->next = nl ? nl + 1 : r->end;
    r->line++;
    if (s.len && s.at[s.len - 1] == '\r')
        s.len--;
    return s;
}

static int read_section(struct reader *r, struct slice line, struct vw_error *err)
{
    line = trim(line);
    if (line.len < 3 || line.at[line.len - 1] != ']')
        return vw_error_at(err, VW_ESYNTAX, r->line, 1, "a section is [NAME]");
    r->section = (struct slice){line.at + 1, line.len - 2};
    return SECTION;
}

static int read_pair(struct reader *r, struct slice line, struct vw_error *err)
{
    const char *eq = memchr(line.at, '=', line.len);
    if (!eq)
        return vw_error_at(err, VW_ESYNTAX, r->line, 1, "expected [SECTION], KEY=VALUE or #");
    if (!r->section.at)
        return vw_error_at(err, VW_ESYNTAX, r->line, 1, "no section begins before this line");
    r->key = trim((struct slice){line.at, (size_t)(eq - line.at)});
    r->value = (struct slice){eq + 1, (size_t)(line.at + line.len - eq - 1)};
    if (r->key.len == 0)
        return vw_error_at(err, VW_ESYNTAX, r->line, 1, "there is no key ahead of the '='");
    if (r->value.len >= VW_CREDENTIAL_SIZE)
        return vw_error_at(err, VW_ELIMIT, r->line, (unsigned)(eq - line.at + 2),
                           "a value has at most %u bytes", VW_CREDENTIAL_SIZE - 1);
    if (memchr(r->value.at, '\0', r->value.len))
        return vw_error_at(err, VW_ESYNTAX, r->line, (unsigned)(eq - line.at + 2),
                           "a value must not hold a NUL");
    return PAIR;
}

/* An enum item, or a negative VW_E*. */
static int next_item(struct reader *r, struct vw_error *err)
{
    while (r->next < r->end) {
        struct slice line = next_line(r);
        while (line.len && is_blank(line.at[0]))
            line.at++, line.len--;
        if (line.len == 0 || line.at[0] == '#')
            continue;
        return line.at[0] == '[' ? read_section(r, line, err) : read_pair(r, line, err);
    }
    return END;
}

static bool equal(struct slice s, const char *text)
{
    return s.len == strlen(text) && memcmp(s.at, text, s.len) == 0;
}

/* Whether the section is called PREFIX and then NAME. */
static bool is_section(const struct reader *r, const char *prefix, struct slice name)
{
    size_t n = strlen(prefix);
    return r->section.at && r->section.len == n + name.len &&
           memcmp(r->section.at, prefix, n) == 0 &&
           memcmp(r->section.at + n, name.at, name.len) == 0;
}

static void put(char *to, struct slice value)
{
    memcpy(to, value.at, value.len);
    to[value.len] = '\0';
}

/* The value of `credentials` of the best section about the server, and its line. */
static int find_name(struct reader r, const char *prefix, const char *host, struct slice *name,
                     unsigned *line, struct vw_error *err)
{
    bool exact = false;
    int item;
    while ((item = next_item(&r, err)) > 0) {
        bool here = is_section(&r, prefix, (struct slice){host, strlen(host)});
        if (item != PAIR || !equal(r.key, "credentials") || exact ||
            (!here && !is_section(&r, prefix, (struct slice){"default", 7})))
            continue;
        exact = here;
        *name = trim(r.value);
        *line = r.line;
    }
    return item;
}

static int read_entry(struct reader r, struct slice name, struct vw_auth_entry *out, bool *found,
                      struct vw_error *err)
{
    bool authname = false;
    int item;
    while ((item = next_item(&r, err)) > 0) {
        if (!is_section(&r, "credentials-", name))
            continue;
        *found = true;
        if (item != PAIR)
            continue;
        if (equal(r.key, "authname"))
            put(out->user, r.value), authname = true;
        else if (equal(r.key, "username") && !authname)
            put(out->user, r.value);
        else if (equal(r.key, "password"))
            put(out->password, r.value);
        else if (equal(r.key, "realm"))
            put(out->realm, r.value);
    }
    return item;
}

int vw_auth_file_find(const char *text, size_t len, const char *service, const char *host,
                      struct vw_auth_entry *out, struct vw_error *err)
{
    const struct reader start = {.next = text, .end = text + len};
    struct slice name = {0};
    unsigned line = 0;
    char prefix[64];
    bool found = false;
    memset(out, 0, sizeof(*out));
    snprintf(prefix, sizeof(prefix), "auth-%s-", service);
    int rc = find_name(start, prefix, host, &name, &line, err);
    if (rc)
        return rc;
    if (!name.at)
        return VW_ENAME;
    rc = read_entry(start, name, out, &found, err);
    if (rc == 0 && !found)
        rc = vw_error_at(err, VW_ESYNTAX, line, 1, "there is no section [credentials-%.*s]",
                         (int)name.len, name.at);
    if (rc)
        explicit_bzero(out, sizeof(*out));
    return rc;
}
