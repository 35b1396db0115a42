// SPDX-License-Identifier: MIT
// A client and a server for each connection, with an arrow for each message between them.
#include "cli/capture-diagram.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "message/message-json.h"

#define ROWS_MAX 20000u /* of SVG */
#define ROW      22u    /* pixels */
#define LEFT     120u
#define RIGHT    620u

struct vw_diagram {
    bool svg;
    FILE *out;
    FILE *rows; /* SVG: what stands in the rows, which are counted first */
    char *text;
    size_t len;
    unsigned n;
    uint64_t left_out;
};

/* TEXT, without what either form gives a meaning to. */
static void put_text(const struct vw_diagram *d, FILE *out, const char *text)
{
    for (; *text; text++)
        if (d->svg ? strchr("<>&", *text) != NULL : strchr("#;:<>", *text) != NULL)
            fprintf(out, d->svg ? "&#%d;" : "#%d;", *text);
        else
            fputc(*text, out);
}

/* Where the next row is; 0: there is no room for it. */
static unsigned next_row(struct vw_diagram *d)
{
    if (d->n < ROWS_MAX)
        return 40 + ROW * d->n++;
    d->left_out++;
    return 0;
}

static void put_label(struct vw_diagram *d, unsigned x, unsigned y, const char *anchor,
                      const char *text)
{
    fprintf(d->rows, "<text x=\"%u\" y=\"%u\" text-anchor=\"%s\">", x, y, anchor);
    put_text(d, d->rows, text);
    fputs("</text>\n", d->rows);
}

static void draw_arrow(struct vw_diagram *d, bool to_server, bool failed, const char *text,
                       const char *who)
{
    unsigned y = next_row(d);
    if (!y)
        return;
    put_label(d, LEFT - 10, y, "end", who);
    put_label(d, (LEFT + RIGHT) / 2, y - 4, "middle", text);
    fprintf(d->rows, "<line x1=\"%u\" y1=\"%u\" x2=\"%u\" y2=\"%u\"%s marker-end=\"url(#a)\"/>\n",
            to_server ? LEFT : RIGHT, y, to_server ? RIGHT : LEFT, y,
            failed ? " class=\"failed\"" : "");
}

static void draw_note(struct vw_diagram *d, const char *text, const char *who)
{
    unsigned y = next_row(d);
    if (!y)
        return;
    put_label(d, LEFT - 10, y, "end", who);
    put_label(d, LEFT + 10, y, "start", text);
}

/* "reply domain_create 5 (0.123 ms)" */
static void describe(const struct vw_captured_event *ev, const struct vw_frame *frame,
                     const struct vw_schema *schema, char *out, size_t size)
{
    const struct vw_header *h = &frame->header;
    const char *type = vw_msg_type_name(h->type);
    struct vw_body body;
    char time[40] = "";
    if (frame->short_header) {
        snprintf(out, size, "%u bytes, too short for a header", frame->length);
        return;
    }
    vw_body_of(schema, h, &body);
    if (ev->talk->answers)
        snprintf(time, sizeof(time), " (%.3f ms)", (double)ev->talk->waited / 1e6);
    if (body.proc)
        snprintf(out, size, "%s%s %s.%s %u%s", type ? type : "?",
                 h->status == VW_MSG_ERROR ? " error" : "", body.program->name,
                 body.proc->short_name, h->serial, time);
    else
        snprintf(out, size, "%s%s 0x%x.%d %u%s", type ? type : "?",
                 h->status == VW_MSG_ERROR ? " error" : "", h->program, h->procedure, h->serial,
                 time);
}

int vw_diagram_message(struct vw_diagram *d, const struct vw_captured_event *ev,
                       const struct vw_frame *frame, const struct vw_schema *schema)
{
    bool to_server = ev->talk->from == VW_SIDE_CLIENT;
    bool failed = !frame->short_header && frame->header.status == VW_MSG_ERROR;
    char text[200], who[40];
    describe(ev, frame, schema, text, sizeof(text));
    snprintf(who, sizeof(who), "#%" PRIu64, ev->conn->number);
    if (d->svg) {
        draw_arrow(d, to_server, failed, text, who);
        return ferror(d->rows) ? VW_ENOMEM : 0;
    }
    fprintf(d->out, to_server ? "  c%" PRIu64 "%ss%" PRIu64 ": " : "  s%" PRIu64 "%sc%" PRIu64 ": ",
            ev->conn->number,
            failed      ? "-x"
            : to_server ? "->>"
                        : "-->>",
            ev->conn->number);
    put_text(d, d->out, text);
    fputc('\n', d->out);
    return 0;
}

int vw_diagram_note(struct vw_diagram *d, const struct vw_captured_event *ev, const char *text)
{
    uint64_t n = ev->conn->number;
    char who[40];
    snprintf(who, sizeof(who), "#%" PRIu64, n);
    if (d->svg) {
        draw_note(d, text, who);
        return ferror(d->rows) ? VW_ENOMEM : 0;
    }
    fprintf(d->out, "  Note over c%" PRIu64 ",s%" PRIu64 ": ", n, n);
    put_text(d, d->out, text);
    fputc('\n', d->out);
    return 0;
}

int vw_diagram_begin(struct vw_diagram *d, const struct vw_captured_event *ev, const char *text)
{
    uint64_t n = ev->conn->number;
    if (!d->svg)
        fprintf(d->out,
                "  participant c%" PRIu64 " as client %" PRIu64 "\n  participant s%" PRIu64
                " as server %" PRIu64 "\n",
                n, n, n, n);
    return vw_diagram_note(d, ev, text);
}

int vw_diagram_create(const char *form, FILE *out, struct vw_diagram **result, struct vw_error *err)
{
    bool svg = strcmp(form, "svg") == 0;
    if (!svg && strcmp(form, "mermaid") != 0)
        return vw_error_set(err, VW_EUSAGE, "a diagram is svg or mermaid, not '%s'", form);
    struct vw_diagram *d = calloc(1, sizeof(*d));
    if (!d)
        return vw_error_nomem(err);
    d->svg = svg;
    d->out = out;
    if (svg && !(d->rows = open_memstream(&d->text, &d->len))) {
        free(d);
        return vw_error_nomem(err);
    }
    if (!svg)
        fputs("sequenceDiagram\n", out);
    *result = d;
    return 0;
}

static void write_svg(struct vw_diagram *d)
{
    unsigned height = 40 + ROW * (d->n + 1);
    fprintf(d->out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%u\" height=\"%u\">\n"
            "<style>text{font:12px sans-serif} line{stroke:#246;stroke-width:1.2}"
            " .failed{stroke:#b22}</style>\n"
            "<defs><marker id=\"a\" markerWidth=\"8\" markerHeight=\"8\" refX=\"7\" refY=\"4\""
            " orient=\"auto\"><path d=\"M0,0 L8,4 L0,8 z\" fill=\"#246\"/></marker></defs>\n"
            "<text x=\"%u\" y=\"16\" text-anchor=\"middle\">client</text>\n"
            "<text x=\"%u\" y=\"16\" text-anchor=\"middle\">server</text>\n"
            "<line x1=\"%u\" y1=\"20\" x2=\"%u\" y2=\"%u\"/>\n"
            "<line x1=\"%u\" y1=\"20\" x2=\"%u\" y2=\"%u\"/>\n",
            RIGHT + LEFT, height, LEFT, RIGHT, LEFT, LEFT, height, RIGHT, RIGHT, height);
    fwrite(d->text, 1, d->len, d->out);
    fputs("</svg>\n", d->out);
}

void vw_diagram_finish(struct vw_diagram *d)
{
    char text[80];
    if (d->svg && d->left_out) {
        snprintf(text, sizeof(text), "and %" PRIu64 " rows more", d->left_out);
        put_label(d, LEFT + 10, 40 + ROW * d->n, "start", text);
    }
    if (d->svg && fclose(d->rows) == 0)
        write_svg(d);
    free(d->text);
    free(d);
}
