// SPDX-License-Identifier: MIT
// What the reports share.
#include "conformance/report/report.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/shown.h"

const struct vw_report_kind *vw_report_find(const char *name, struct vw_error *err)
{
    char known[200];
    size_t used = 0;
    for (const struct vw_report_kind *const *k = vw_report_kinds; *k; k++) {
        if (strcmp((*k)->name, name) == 0)
            return *k;
        used += (size_t)snprintf(known + used, sizeof(known) - used, "%s%s", used ? ", " : "",
                                 (*k)->name);
    }
    vw_error_set(err, VW_EUSAGE, "unknown report \"%.40s\"; known are %s", name, known);
    return NULL;
}

int vw_report_text(const struct vw_report *report, FILE *out,
                   void (*body)(const struct vw_report *report, FILE *out), struct vw_error *err)
{
    char *text = NULL;
    size_t len = 0;
    FILE *f = open_memstream(&text, &len);
    if (!f)
        return vw_error_nomem(err);
    body(report, f);
    int rc = ferror(f) ? VW_ENOMEM : 0;
    if (fclose(f) != 0 || rc)
        rc = vw_error_nomem(err);
    else
        vw_shown_print(out, text, len, VW_SHOWN_BYTES);
    free(text);
    return rc;
}

struct vw_rate vw_report_rate(const struct vw_report *report, enum vw_level level)
{
    struct vw_rate rate = {0};
    for (size_t i = 0; i < report->count; i++) {
        const struct vw_finding *f = report->findings[i];
        if (f->level != level || f->verdict == VW_SKIP || f->verdict == VW_NOT_RUN ||
            f->verdict == VW_ERROR)
            continue;
        rate.of++;
        rate.met += f->verdict == VW_PASS || f->verdict == VW_XPASS;
    }
    return rate;
}

void vw_report_word(const char *s, FILE *out)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "-_./:=+@,%";
    if (*s && !s[strspn(s, plain)]) {
        fputs(s, out);
        return;
    }
    fputc('\'', out);
    for (; *s; s++)
        if (*s == '\'')
            fputs("'\\''", out);
        else
            fputc(*s, out);
    fputc('\'', out);
}

void vw_report_rerun(const struct vw_report *report, const struct vw_finding *f, FILE *out)
{
    if (report->against) {
        fprintf(out, "virwire explain %s", vw_finding_name(f));
        return;
    }
    if (report->replays && !f->place.file) {
        fprintf(out, "%s --seed %" PRIu64 " ", report->command, report->seed);
        vw_report_word(report->uri, out);
        return;
    }
    fprintf(out, "%s %s ", report->command, report->replays ? "--replay" : "--run");
    vw_report_word(report->replays ? f->place.file : vw_finding_name(f), out);
    if (f->only_when)
        fprintf(out, " --when %s", f->only_when);
    if (!report->argv || *report->argv)
        fputs(report->argv ? " --" : " ", out);
    for (const char *const *word = report->argv; word && *word; word++) {
        fputc(' ', out);
        vw_report_word(*word, out);
    }
    if (!report->argv)
        vw_report_word(report->uri, out);
}

bool vw_report_is_slow(const struct vw_report *report, const struct vw_finding *f)
{
    return (f->verdict == VW_PASS || f->verdict == VW_LENIENT) && report->slow_us &&
           f->us > report->slow_us;
}

const struct vw_group *vw_report_group(const struct vw_report *report, const struct vw_finding *f,
                                       size_t *number)
{
    *number = report->groups ? vw_groups_find(report->groups, f) : 0;
    return *number ? &report->groups->list[*number - 1] : NULL;
}

void vw_report_touches(const struct vw_change *c, size_t max, FILE *out)
{
    size_t n = c->n_touches > max ? max : c->n_touches;
    for (size_t i = 0; i < n; i++)
        fprintf(out, "%s%s", i ? ", " : "", c->touches[i]);
    if (n < c->n_touches)
        fprintf(out, " and %zu more", c->n_touches - n);
}

void vw_report_seen(const struct vw_usage_in *s, const char *what, FILE *out)
{
    if (!s->total) {
        fprintf(out, "no %s", what);
        return;
    }
    fprintf(out, "%zu %s%s (", s->total, what, s->total == 1 ? "" : "s");
    for (size_t i = 0; i < s->kept; i++)
        fprintf(out, "%s%s", i ? ", " : "", s->names[i]);
    if (s->kept < s->total)
        fprintf(out, " and %zu more", s->total - s->kept);
    fputc(')', out);
}

void vw_report_bytes(const struct vw_witness *w, FILE *out)
{
    enum { SHOWN = 48 };
    size_t n = w->len < SHOWN ? w->len : SHOWN;
    for (size_t i = 0; i < n; i++)
        fprintf(out, "%s%02x", i && i % 4 == 0 ? " " : "", w->bytes[i]);
    if (!n)
        fputs("none", out);
    if (n < w->len)
        fprintf(out, " and %zu more", w->len - n);
}

void vw_report_proof(const struct vw_witness *w, FILE *out)
{
    if (w->missing)
        fprintf(out, "unconfirmed: %s", w->missing);
    else
        fprintf(out, "%s: %s; %s: %s", w->writer, w->written, w->reader, w->read);
    if (w->rpcgen)
        fprintf(out, "; rpcgen and libtirpc: %s", w->rpcgen);
}

char *vw_report_proof_text(const struct vw_witness *w)
{
    char *text = NULL;
    size_t len;
    FILE *out = w ? open_memstream(&text, &len) : NULL;
    if (!out)
        return NULL;
    vw_report_proof(w, out);
    if (fclose(out) == 0)
        return text;
    free(text);
    return NULL;
}
