// SPDX-License-Identifier: MIT
// Names of verdicts and levels, and a finding as one line.
#include "base/finding.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const char *const levels[] = {"may", "should", "must"};

const char *vw_level_name(enum vw_level level)
{
    return levels[level];
}

bool vw_level_parse(const char *name, enum vw_level *out)
{
    *out = VW_LEVEL_MAY;
    for (size_t i = 0; i < COUNT(levels); i++)
        if (strcmp(levels[i], name) == 0) {
            *out = (enum vw_level)i;
            return true;
        }
    return false;
}

const char *vw_verdict_name(enum vw_verdict v)
{
    static const char *const names[] = {
        [VW_PASS] = "pass",   [VW_LENIENT] = "lenient", [VW_SKIP] = "skip", [VW_XFAIL] = "xfail",
        [VW_XPASS] = "xpass", [VW_FAIL] = "fail",       [VW_HUNG] = "hung", [VW_CRASH] = "crash",
        [VW_ERROR] = "error", [VW_NOT_RUN] = "not run",
    };
    return v < COUNT(names) ? names[v] : "error";
}

bool vw_verdict_is_finding(enum vw_verdict v)
{
    return v == VW_FAIL || v == VW_HUNG || v == VW_CRASH || v == VW_XPASS;
}

/* ---- clauses ---- */

bool vw_clause_valid(const char *text)
{
    bool letter = *text >= 'A' && *text <= 'Z' && text[1] == '-';
    size_t digits = letter ? strspn(text + 2, "0123456789") : 0;
    return digits > 0 && digits < 6 && !text[2 + digits];
}

bool vw_clause_is_among(const char *clauses, const char *clause)
{
    size_t n = strlen(clause);
    for (const char *s = clauses; *s; s += strspn(s, " ")) {
        size_t len = strcspn(s, " ");
        if (n <= len && strncmp(s, clause, n) == 0 && (n == len || s[n] == '-'))
            return true;
        s += len;
    }
    return false;
}

/* ---- counts, names ---- */

size_t vw_findings_seen(const struct vw_findings *f)
{
    return f->count ? f->count - 1 + f->list[f->count - 1].count : 0;
}

const char *vw_finding_name(const struct vw_finding *f)
{
    const char *clauses = f->clauses ? f->clauses : "";
    return f->rule ? f->rule : clauses;
}

/* ---- a line ---- */

struct vw_finding vw_finding_of_error(const struct vw_error *err, const char *file)
{
    bool about_bytes = err->code == VW_ETRUNCATED || err->code == VW_ELIMIT ||
                       err->code == VW_EVALUE || err->code == VW_EPROTOCOL;
    return (struct vw_finding){
        .clauses = err->clause,
        .cause = vw_status_name(err->code),
        .found = err->text,
        .place = {.file = file,
                  .line = err->line,
                  .column = err->column,
                  .in_bytes = about_bytes && !err->line && (err->offset || *err->path),
                  .offset = err->offset,
                  .path = err->path},
        .level = VW_LEVEL_MUST,
        .verdict = VW_FAIL,
        .count = 1,
    };
}

/* snprintf behind what already stands in BUF. */
static void __attribute__((format(printf, 3, 4))) add(char *buf, size_t size, const char *fmt, ...)
{
    size_t n = strlen(buf);
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(buf + n, size - n, fmt, ap);
    va_end(ap);
}

char *vw_finding_line(const struct vw_finding *f, char *buf, size_t size)
{
    const struct vw_location *at = &f->place;
    if (!size)
        return buf;
    buf[0] = '\0';
    if (at->file && *at->file)
        add(buf, size, "%s:", at->file);
    if (at->line)
        add(buf, size, "%u:%u:", at->line, at->column);
    if (f->rule)
        add(buf, size, "%s%s:", *buf ? " " : "", f->rule);
    add(buf, size, "%s%s", *buf ? " " : "", f->found ? f->found : "");
    if (at->path && *at->path)
        add(buf, size, " at %s", at->path);
    if (at->in_bytes)
        add(buf, size, ", offset %llu", (unsigned long long)at->offset);
    if (f->clauses && *f->clauses)
        add(buf, size, " (clause %s)", f->clauses);
    if (f->count > 1)
        add(buf, size, ", and %zu more", f->count - 1);
    return buf;
}

char *vw_error_format(const struct vw_error *err, const char *file, char *buf, size_t size)
{
    const struct vw_finding f = vw_finding_of_error(err, file);
    return vw_finding_line(&f, buf, size);
}
