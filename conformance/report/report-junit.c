// SPDX-License-Identifier: MIT
// JUnit XML, as CI systems read it: one suite a folder of cases.
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "conformance/report/clauses.h"
#include "conformance/report/report.h"
#include "conformance/xml-calls.h"

#define X(s) ((const xmlChar *)(s))

/* libxml2 writes what it is given; control characters cannot stand in XML 1.0 at all. */
static char *clean(const char *text)
{
    char *out = strdup(text ? text : "");
    for (char *s = out; s && *s; s++)
        if (((unsigned char)*s < 0x20 && *s != '\n' && *s != '\t') || (unsigned char)*s >= 0x7f)
            *s = '?';
    return out;
}

/* A call of libxml2 that fails, for want of memory, is the last one. */
struct writer {
    xmlTextWriterPtr xml;
    bool failed;
};

static void start_element(struct writer *w, const char *name)
{
    w->failed = w->failed || xmlTextWriterStartElement(w->xml, X(name)) < 0;
}

static void end_element(struct writer *w)
{
    w->failed = w->failed || xmlTextWriterEndElement(w->xml) < 0;
}

static void attribute(struct writer *w, const char *name, const char *value)
{
    char *text = clean(value);
    w->failed = w->failed || !text || xmlTextWriterWriteAttribute(w->xml, X(name), X(text)) < 0;
    free(text);
}

static void attribute_number(struct writer *w, const char *name, size_t n)
{
    char text[24];
    snprintf(text, sizeof(text), "%zu", n);
    attribute(w, name, text);
}

static void attribute_seconds(struct writer *w, int64_t us)
{
    char text[40];
    snprintf(text, sizeof(text), "%.6f", (double)us / 1e6);
    attribute(w, "time", text);
}

static void write_text(struct writer *w, const char *text)
{
    char *fine = clean(text);
    w->failed = w->failed || !fine || xmlTextWriterWriteString(w->xml, X(fine)) < 0;
    free(fine);
}

/* NULL: no memory. */
static char *details(const struct vw_report *report, const struct vw_finding *f)
{
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);
    if (!out)
        return NULL;
    if (f->change)
        fprintf(out, "class: %s\nhurts: %s", f->change->class,
                f->change->hurts ? f->change->hurts : "nobody");
    else
        fprintf(out, "clause: %s", f->clauses);
    const struct vw_clause *clause = vw_clause_first(f->clauses);
    if (clause)
        fprintf(out, "\n%s: %s", clause->id, clause->brief);
    if (f->change && f->change->witness) {
        fputs("\nproof: ", out);
        vw_report_proof(f->change->witness, out);
    }
    if (f->expected)
        fprintf(out, "\nstep: %s", f->expected);
    fprintf(out, "\nfound: %s\n", f->found ? f->found : "");
    if (f->only_when)
        fprintf(out, "only when: %s\n", f->only_when);
    fputs(f->frames ? f->frames : "", out);
    size_t number;
    const struct vw_group *g = vw_report_group(report, f, &number);
    if (g)
        fprintf(out, "cause: %zu of %zu, %s, clauses %s\n", number, report->groups->count, g->cause,
                g->clauses);
    fputs("again: ", out);
    vw_report_rerun(report, f, out);
    fputc('\n', out);
    if (fclose(out) == 0)
        return text;
    free(text);
    return NULL;
}

static void write_outcome(struct writer *w, const struct vw_report *report,
                          const struct vw_finding *f)
{
    bool finding = vw_verdict_is_finding(f->verdict);
    if (f->verdict == VW_SKIP || f->verdict == VW_XFAIL) {
        start_element(w, "skipped");
        attribute(w, "message", f->found);
        end_element(w);
    } else if (finding || f->verdict == VW_ERROR) {
        char *text = details(report, f);
        w->failed = w->failed || !text;
        start_element(w, finding ? "failure" : "error");
        attribute(w, "type", vw_verdict_name(f->verdict));
        attribute(w, "message", f->found ? f->found : vw_verdict_name(f->verdict));
        write_text(w, text);
        end_element(w);
        free(text);
    } else if (f->verdict == VW_LENIENT) {
        start_element(w, "system-out");
        write_text(w, "lenient: ");
        write_text(w, f->found);
        end_element(w);
    }
}

static size_t folder_length(const char *id)
{
    const char *slash = strchr(id, '/');
    return slash ? (size_t)(slash - id) : strlen(id);
}

static void write_case(struct writer *w, const struct vw_report *report, const struct vw_finding *f)
{
    start_element(w, "testcase");
    attribute(w, "name", f->change ? f->change->fingerprint : vw_finding_name(f));
    attribute(w, "classname", f->group ? f->group : vw_finding_name(f));
    if (f->verdict == VW_NOT_RUN) {
        start_element(w, "error");
        attribute(w, "message", "not run: the run was broken off");
        end_element(w);
    } else {
        attribute_seconds(w, f->us);
        write_outcome(w, report, f);
    }
    end_element(w);
}

static void count_folder(const struct vw_report *report, size_t first, size_t end,
                         struct vw_tally *t)
{
    memset(t, 0, sizeof(*t));
    for (size_t i = first; i < end; i++) {
        t->planned++;
        if (report->findings[i]->verdict != VW_NOT_RUN)
            t->by[report->findings[i]->verdict]++;
        else
            t->by[VW_ERROR]++; /* not run is not green */
    }
}

static void write_property(struct writer *w, const char *name, const char *value)
{
    start_element(w, "property");
    attribute(w, "name", name);
    attribute(w, "value", value);
    end_element(w);
}

static void write_properties(struct writer *w, const struct vw_report *report)
{
    char seed[24];
    snprintf(seed, sizeof(seed), "%" PRIu64, report->seed);
    start_element(w, "properties");
    write_property(w, "suite", report->commit);
    write_property(w, "schema", report->digest);
    write_property(w, "profile", report->profile);
    write_property(w, "seed", seed);
    write_property(w, "uri", report->uri);
    write_property(w, "driver", report->peer->driver);
    write_property(w, "version", report->peer->lib_version);
    write_property(w, "hostname", report->peer->hostname);
    end_element(w);
}

static void write_folder(struct writer *w, const struct vw_report *report, size_t first, size_t end)
{
    struct vw_tally t;
    const char *id = vw_finding_name(report->findings[first]);
    char name[128];
    int64_t us = 0;
    snprintf(name, sizeof(name), "%.*s", (int)folder_length(id), id);
    count_folder(report, first, end, &t);
    for (size_t i = first; i < end; i++)
        us += report->findings[i]->us;
    start_element(w, "testsuite");
    attribute(w, "name", name);
    attribute_number(w, "tests", t.planned);
    attribute_number(w, "failures",
                     t.by[VW_FAIL] + t.by[VW_HUNG] + t.by[VW_CRASH] + t.by[VW_XPASS]);
    attribute_number(w, "errors", t.by[VW_ERROR]);
    attribute_number(w, "skipped", t.by[VW_SKIP] + t.by[VW_XFAIL]);
    attribute_seconds(w, us);
    write_properties(w, report);
    for (size_t i = first; i < end; i++)
        write_case(w, report, report->findings[i]);
    end_element(w);
}

static void write_folders(struct writer *w, const struct vw_report *report)
{
    for (size_t i = 0, end; i < report->count; i = end) {
        const char *id = vw_finding_name(report->findings[i]);
        size_t n = folder_length(id);
        for (end = i + 1; end < report->count; end++) {
            const char *other = vw_finding_name(report->findings[end]);
            if (folder_length(other) != n || strncmp(id, other, n) != 0)
                break;
        }
        write_folder(w, report, i, end);
    }
}

static void write_document(struct writer *w, const struct vw_report *report)
{
    xmlResetLastError();
    w->failed = xmlTextWriterSetIndent(w->xml, 1) < 0 ||
                xmlTextWriterStartDocument(w->xml, NULL, "UTF-8", NULL) < 0;
    start_element(w, "testsuites");
    attribute(w, "name", "virwire");
    attribute_number(w, "tests", report->tally->planned);
    attribute_seconds(w, report->us);
    write_folders(w, report);
    end_element(w);
    w->failed = w->failed || xmlTextWriterEndDocument(w->xml) < 0;
    /* A text that it had no memory for is left out without a word. */
    w->failed = w->failed || xmlGetLastError();
}

static int write_junit(const struct vw_report *report, FILE *out, struct vw_error *err)
{
    if (vw_library_load(&vw_xml_library, err))
        return VW_ESYSTEM;
    xmlBufferPtr buffer = xmlBufferCreate();
    struct writer w = {.xml = buffer ? xmlNewTextWriterMemory(buffer, 0) : NULL};
    if (w.xml) {
        write_document(&w, report);
        xmlFreeTextWriter(w.xml);
    }
    int rc = !w.xml || w.failed ? vw_error_nomem(err) : 0;
    if (rc == 0)
        fwrite(xmlBufferContent(buffer), 1, (size_t)xmlBufferLength(buffer), out);
    if (buffer)
        xmlBufferFree(buffer);
    return rc;
}

const struct vw_report_kind vw_report_junit = {
    .name = "junit",
    .about = "JUnit XML, for CI systems",
    .write = write_junit,
};
