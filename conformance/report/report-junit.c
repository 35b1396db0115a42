// SPDX-License-Identifier: MIT
// JUnit XML, as CI systems read it: one suite a folder of cases.
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

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

static void attribute(xmlTextWriterPtr w, const char *name, const char *value)
{
    char *text = clean(value);
    if (text)
        xmlTextWriterWriteAttribute(w, X(name), X(text));
    free(text);
}

static void attribute_seconds(xmlTextWriterPtr w, int64_t us)
{
    xmlTextWriterWriteFormatAttribute(w, X("time"), "%.6f", (double)us / 1e6);
}

static void write_text(xmlTextWriterPtr w, const char *text)
{
    char *fine = clean(text);
    if (fine)
        xmlTextWriterWriteString(w, X(fine));
    free(fine);
}

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
    if (f->expected)
        fprintf(out, "\nstep: %s", f->expected);
    fprintf(out, "\nfound: %s\n%s", f->found ? f->found : "", f->frames ? f->frames : "");
    fputs("again: ", out);
    vw_report_rerun(report, f, out);
    fputc('\n', out);
    fclose(out);
    return text;
}

static void write_outcome(xmlTextWriterPtr w, const struct vw_report *report,
                          const struct vw_finding *f)
{
    bool finding = vw_verdict_is_finding(f->verdict);
    if (f->verdict == VW_SKIP || f->verdict == VW_XFAIL) {
        xmlTextWriterStartElement(w, X("skipped"));
        attribute(w, "message", f->found);
        xmlTextWriterEndElement(w);
    } else if (finding || f->verdict == VW_ERROR) {
        char *text = details(report, f);
        xmlTextWriterStartElement(w, X(finding ? "failure" : "error"));
        attribute(w, "type", vw_verdict_name(f->verdict));
        attribute(w, "message", f->found ? f->found : vw_verdict_name(f->verdict));
        write_text(w, text);
        xmlTextWriterEndElement(w);
        free(text);
    } else if (f->verdict == VW_LENIENT) {
        xmlTextWriterStartElement(w, X("system-out"));
        write_text(w, "lenient: ");
        write_text(w, f->found);
        xmlTextWriterEndElement(w);
    }
}

static size_t folder_length(const char *id)
{
    const char *slash = strchr(id, '/');
    return slash ? (size_t)(slash - id) : strlen(id);
}

static void write_case(xmlTextWriterPtr w, const struct vw_report *report,
                       const struct vw_finding *f)
{
    xmlTextWriterStartElement(w, X("testcase"));
    attribute(w, "name", f->change ? f->change->fingerprint : vw_finding_name(f));
    attribute(w, "classname", f->group ? f->group : vw_finding_name(f));
    if (f->verdict == VW_NOT_RUN) {
        xmlTextWriterStartElement(w, X("error"));
        attribute(w, "message", "not run: the run was broken off");
        xmlTextWriterEndElement(w);
    } else {
        attribute_seconds(w, f->us);
        write_outcome(w, report, f);
    }
    xmlTextWriterEndElement(w);
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

static void write_property(xmlTextWriterPtr w, const char *name, const char *value)
{
    xmlTextWriterStartElement(w, X("property"));
    attribute(w, "name", name);
    attribute(w, "value", value);
    xmlTextWriterEndElement(w);
}

static void write_properties(xmlTextWriterPtr w, const struct vw_report *report)
{
    char seed[24];
    snprintf(seed, sizeof(seed), "%" PRIu64, report->seed);
    xmlTextWriterStartElement(w, X("properties"));
    write_property(w, "suite", report->commit);
    write_property(w, "schema", report->digest);
    write_property(w, "profile", report->profile);
    write_property(w, "seed", seed);
    write_property(w, "uri", report->uri);
    write_property(w, "driver", report->peer->driver);
    write_property(w, "version", report->peer->lib_version);
    write_property(w, "hostname", report->peer->hostname);
    xmlTextWriterEndElement(w);
}

static void write_folder(xmlTextWriterPtr w, const struct vw_report *report, size_t first,
                         size_t end)
{
    struct vw_tally t;
    const char *id = vw_finding_name(report->findings[first]);
    char name[128];
    int64_t us = 0;
    snprintf(name, sizeof(name), "%.*s", (int)folder_length(id), id);
    count_folder(report, first, end, &t);
    for (size_t i = first; i < end; i++)
        us += report->findings[i]->us;
    xmlTextWriterStartElement(w, X("testsuite"));
    attribute(w, "name", name);
    xmlTextWriterWriteFormatAttribute(w, X("tests"), "%zu", t.planned);
    xmlTextWriterWriteFormatAttribute(
        w, X("failures"), "%zu", t.by[VW_FAIL] + t.by[VW_HUNG] + t.by[VW_CRASH] + t.by[VW_XPASS]);
    xmlTextWriterWriteFormatAttribute(w, X("errors"), "%zu", t.by[VW_ERROR]);
    xmlTextWriterWriteFormatAttribute(w, X("skipped"), "%zu", t.by[VW_SKIP] + t.by[VW_XFAIL]);
    attribute_seconds(w, us);
    write_properties(w, report);
    for (size_t i = first; i < end; i++)
        write_case(w, report, report->findings[i]);
    xmlTextWriterEndElement(w);
}

static void write_folders(xmlTextWriterPtr w, const struct vw_report *report)
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

static int write_junit(const struct vw_report *report, FILE *out, struct vw_error *err)
{
    if (vw_library_load(&vw_xml_library, err))
        return VW_ESYSTEM;
    xmlBufferPtr buffer = xmlBufferCreate();
    xmlTextWriterPtr w = buffer ? xmlNewTextWriterMemory(buffer, 0) : NULL;
    if (!w) {
        xmlBufferFree(buffer);
        return vw_error_nomem(err);
    }
    xmlTextWriterSetIndent(w, 1);
    xmlTextWriterStartDocument(w, NULL, "UTF-8", NULL);
    xmlTextWriterStartElement(w, X("testsuites"));
    attribute(w, "name", "virwire");
    xmlTextWriterWriteFormatAttribute(w, X("tests"), "%zu", report->tally->planned);
    attribute_seconds(w, report->us);
    write_folders(w, report);
    xmlTextWriterEndElement(w);
    int rc = xmlTextWriterEndDocument(w) < 0 ? vw_error_nomem(err) : 0;
    xmlFreeTextWriter(w);
    if (rc == 0)
        fwrite(xmlBufferContent(buffer), 1, (size_t)xmlBufferLength(buffer), out);
    xmlBufferFree(buffer);
    return rc;
}

const struct vw_report_kind vw_report_junit = {"junit", "JUnit XML, for CI systems", write_junit,
                                               NULL};
