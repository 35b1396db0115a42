// SPDX-License-Identifier: MIT
// virwire decode: bytes to JSON, with what is wrong about them on stderr.
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hex.h"
#include "base/nearest.h"
#include "capture/bytes-text.h"
#include "cli/codec-batch.h"
#include "cli/codec-target.h"
#include "cli/command.h"
#include "cli/exit.h"
#include "cli/input.h"
#include "cli/message.h"
#include "cli/output.h"
#include "cli/schema-options.h"
#include "cli/usage.h"
#include "message/diagnose.h"
#include "message/message-json.h"
#include "xdr/json.h"

#define INPUT_CAP  ((size_t)256 << 20)
#define CHUNK_SIZE ((size_t)64 * 1024)

struct decode {
    struct vw_cli_schema schema;
    const char *type;
    const char *path; /* "-": stdin */
    const char *output;
    bool hex, pretty, lines, ndjson;
    unsigned flags; /* enum vw_strict */

    struct vw_profile *loaded;
    struct vw_cli_target target;
    struct vw_arena arena;
    struct vw_bytes_text text; /* with HEX */
    struct vw_buf bytes;
    FILE *out;
    bool found; /* something was reported */

    /* Of a line of --ndjson: */
    const char *place;          /* what to call it; NULL: the input is no lines */
    struct json_object *breaks; /* what is wrong, and does not keep it from being decoded */
    bool refused;               /* what does was reported */
};

/* ---- options ---- */

static int unknown_flag(const char *word)
{
    struct vw_near n = {.word = word};
    vw_near_offer(&n, "all");
    vw_near_offer(&n, "none");
    for (unsigned flag = 1; flag & VW_STRICT_ALL; flag <<= 1)
        vw_near_offer(&n, vw_strict_name(flag));
    return vw_cli_error("decode", VW_EXIT_USAGE, "unknown flag '%s' of --strict%s", word,
                        VW_HINT(",", n.best));
}

/* "padding,bool", "all", "none". */
static int read_flags(const char *command, void *user, const char *text)
{
    unsigned *flags = user;
    if (!text)
        return 0;
    *flags = 0;
    for (const char *p = text; *p;) {
        char word[32];
        size_t n = strcspn(p, ",");
        snprintf(word, sizeof(word), "%.*s", (int)n, p);
        unsigned flag = strcmp(word, "all") == 0    ? (unsigned)VW_STRICT_ALL
                        : strcmp(word, "none") == 0 ? 0
                                                    : vw_strict_flag(word);
        if (!flag && strcmp(word, "none") != 0)
            return unknown_flag(word);
        *flags |= flag;
        p += n + (p[n] == ',');
    }
    return VW_EXIT_OK;
}

static int read_options(int argc, char **argv, struct decode *d)
{
    const struct vw_cli_option options[] = {
        VW_CLI_SCHEMA_OPTIONS(&d->schema),
        {"hex", .flag = &d->hex},
        {"strict", .bare = true, .take = read_flags, .user = &d->flags},
        {"pretty", .flag = &d->pretty},
        {"lines", .flag = &d->lines},
        {"ndjson", .flag = &d->ndjson},
        {"output", 'o', .text = &d->output},
        {NULL},
    };
    d->flags = VW_STRICT_ALL;
    int status = vw_cli_options("decode", argc, argv, options);
    if (status)
        return status;
    if (d->ndjson && (d->hex || d->pretty || d->lines))
        return vw_cli_error("decode", VW_EXIT_USAGE,
                            "--ndjson reads and prints lines of JSON: leave out --hex, --pretty "
                            "and --lines");
    int n = argc - optind, path = d->ndjson ? 0 : 1; /* of FILE among the operands */
    if (n < path)
        return vw_cli_error("decode", VW_EXIT_USAGE, "no type given, see 'virwire decode --help'");
    if (n > path + 1)
        return vw_cli_error("decode", VW_EXIT_USAGE, "too many arguments");
    d->type = d->ndjson ? NULL : argv[optind];
    d->path = n > path ? argv[optind + path] : "-";
    return VW_EXIT_OK;
}

/* ---- reports ---- */

/* What is wrong with the text around the bytes. */
static int fail(struct decode *d, const struct vw_error *err)
{
    return vw_cli_fail_input("decode", err->line ? vw_input_name(d->path) : NULL, err);
}

/* A line says itself what is wrong with it, once, unless it could not be decoded. */
static bool note_breaks(struct decode *d, const char *rule)
{
    if (!d->place || !vw_strict_flag(rule))
        return false;
    for (size_t i = 0; i < json_object_array_length(d->breaks); i++)
        if (strcmp(json_object_get_string(json_object_array_get_idx(d->breaks, i)), rule) == 0)
            return true;
    struct json_object *word = json_object_new_string(rule);
    if (!word || json_object_array_add(d->breaks, word))
        json_object_put(word);
    return true;
}

static void report(struct decode *d, struct vw_finding f)
{
    char line[800];
    d->found = true;
    if (note_breaks(d, f.rule))
        return;
    d->refused = true;
    f.place.file = d->place ? d->place : vw_input_name(d->path);
    f.place.in_bytes = true;
    vw_cli_error("decode", 0, "%s", vw_finding_line(&f, line, sizeof(line)));
}

/* The same for FOUND about the field PATH, OFFSET bytes into the input. */
static void report_at(struct decode *d, const char *rule, const char *clause, const char *found,
                      const char *path, uint64_t offset)
{
    report(d, (struct vw_finding){.rule = rule,
                                  .clauses = clause,
                                  .found = found,
                                  .place = {.offset = offset, .path = path}});
}

/* The same for F about a value that stands OFFSET bytes into the input, as PREFIX. */
static int report_within(struct decode *d, struct vw_finding f, const char *prefix, uint64_t offset)
{
    const char *path = f.place.path;
    const char *dot = *prefix && *path && *path != '[' ? "." : "";
    f.place.path = vw_arena_printf(&d->arena, "%s%s%s", prefix, dot, path);
    f.place.offset += offset;
    if (f.place.path)
        report(d, f);
    return f.place.path ? 0 : VW_ENOMEM;
}

/* Findings and the error, if any, of BYTES as a T that stands OFFSET bytes into the input. */
static int check(struct decode *d, const struct vw_type *t, const uint8_t *bytes, size_t len,
                 const char *prefix, uint64_t offset, struct vw_error *err)
{
    struct vw_findings found;
    int rc = vw_xdr_check(t, bytes, len, d->flags, &d->arena, &found, NULL, err);
    for (size_t i = 0; i < found.count && rc != VW_ENOMEM; i++)
        if (report_within(d, found.list[i], prefix, offset))
            return VW_ENOMEM;
    if (rc == 0 || rc == VW_ENOMEM)
        return rc;
    struct vw_finding f = vw_finding_of_error(err, NULL);
    f.rule = f.cause;
    return report_within(d, f, prefix, offset) ? VW_ENOMEM : rc;
}

/* Puts JSON. */
static int print_json(struct decode *d, struct json_object *json, bool pretty)
{
    char *text = vw_json_text(json, pretty);
    json_object_put(json);
    if (!text)
        return VW_ENOMEM;
    fprintf(d->out, "%s\n", text);
    free(text);
    return 0;
}

/* ---- one value ---- */

static int print_value(struct decode *d, const uint8_t *bytes, size_t len, struct vw_error *err)
{
    void *value;
    int rc = check(d, d->target.type, bytes, len, "", 0, err);
    if (rc)
        return rc == VW_ENOMEM ? rc : 0;
    rc = vw_xdr_decode(d->target.type, bytes, len, &d->arena, &value, NULL, err);
    if (rc)
        return rc;
    struct json_object *json = vw_json_from_value(d->target.type, value, err);
    return err->code ? err->code : print_json(d, json, !d->lines);
}

static int decode_value(struct decode *d, struct vw_error *err)
{
    char *text;
    size_t len;
    int rc = vw_input_read(d->path, INPUT_CAP, &text, &len, err);
    if (rc)
        return rc;
    const uint8_t *bytes = (uint8_t *)text;
    if (d->hex) {
        rc = vw_bytes_text_feed(&d->text, text, len, &d->bytes, err);
        rc = rc ? rc : vw_bytes_text_end(&d->text, &d->bytes, err);
        bytes = d->bytes.data;
        len = d->bytes.len;
    }
    if (rc == 0)
        rc = print_value(d, bytes, len, err);
    free(text);
    return rc;
}

/* ---- messages ---- */

/* Header words that are no member of their enum, and the body. */
static int check_frame(struct decode *d, const struct vw_frame *f, uint64_t start,
                       struct vw_error *err)
{
    const struct vw_header *h = &f->header;
    struct vw_body body;
    uint64_t skip = VW_PREFIX_BYTES;

    if (f->short_header) {
        report_at(d, "protocol", "F-3", "too short for a header", "length", start);
        return 0;
    }
    vw_body_of(d->loaded->schema, h, &body);
    if ((d->flags & VW_STRICT_ENUM) && !vw_msg_type_name(h->type))
        report_at(d, "enum", "X-5", "no such message type", "type", start + 16);
    if ((d->flags & VW_STRICT_ENUM) && !vw_msg_status_name(h->status))
        report_at(d, "enum", "X-5", "no such status", "status", start + 24);
    if (body.has_fds)
        skip += 4;
    if (f->length < skip) {
        report_at(d, vw_status_name(VW_ETRUNCATED), "", "the count of descriptors is missing",
                  "n_fds", start + VW_PREFIX_BYTES);
        return 0;
    }
    if (body.kind == VW_BODY_STREAM_DATA || body.kind == VW_BODY_UNKNOWN)
        return 0;
    const struct vw_type *t = body.type ? body.type : vw_type_basic(VW_VOID);
    int rc = check(d, t, f->bytes + skip, f->length - skip, "body", start + skip, err);
    if (rc != VW_ENOMEM)
        vw_error_clear(err);
    return rc == VW_ENOMEM ? rc : 0;
}

static int print_frames(struct decode *d, struct vw_reader *reader, struct vw_error *err)
{
    struct vw_frame frame;
    int rc;
    while ((rc = vw_reader_next(reader, &frame, err)) == 1) {
        struct json_object *json = vw_message_to_json(d->loaded->schema, &frame);
        if (!json || print_json(d, json, d->pretty))
            return vw_error_nomem(err);
        rc = check_frame(d, &frame, reader->consumed - frame.length, err);
        vw_arena_reset(&d->arena);
        if (rc)
            return rc;
    }
    if (rc == VW_EPROTOCOL) {
        report_at(d, "protocol", err->clause, err->text, "length", err->offset);
    }
    return rc;
}

/* One piece of input into the reader; with LEN 0 there is no more. */
static int feed(struct decode *d, struct vw_reader *reader, const char *chunk, size_t len,
                struct vw_error *err)
{
    const void *bytes = chunk;
    int rc = 0;
    if (d->hex) {
        d->bytes.len = 0;
        rc = len ? vw_bytes_text_feed(&d->text, chunk, len, &d->bytes, err)
                 : vw_bytes_text_end(&d->text, &d->bytes, err);
        bytes = d->bytes.data;
        len = d->bytes.len;
    }
    if (rc == 0 && vw_reader_feed(reader, bytes, len))
        rc = vw_error_nomem(err);
    return rc ? rc : print_frames(d, reader, err);
}

/* The input ends within what may be a message. */
static void report_left(struct decode *d, const struct vw_reader *reader)
{
    size_t left = vw_reader_pending(reader);
    const uint8_t *bytes = reader->data + reader->start;
    struct vw_diagnosis what;
    char text[200];
    if (left == 0)
        return;
    bool known = vw_diagnose(&reader->limits, bytes, left, NULL, 0, &what);
    snprintf(text, sizeof(text), "the input ends %zu bytes into a message%s%s", left,
             known ? ": " : "", known ? what.text : "");
    report_at(d, vw_status_name(VW_ETRUNCATED), "", text, "", reader->consumed);
}

static int read_messages(struct decode *d, int fd, struct vw_reader *reader, char *chunk,
                         struct vw_error *err)
{
    for (;;) {
        int64_t left_ms = VW_FILE_WAIT_MS;
        if (fd != STDIN_FILENO && vw_file_ready(fd, &left_ms))
            return vw_error_set(err, VW_EUSAGE, "cannot read %s: %s", d->path, strerror(ETIME));
        ssize_t n = vw_file_some(fd, chunk, CHUNK_SIZE);
        if (n < 0)
            return vw_error_set(err, VW_EUSAGE, "cannot read %s: %s", vw_input_name(d->path),
                                strerror(errno));
        int rc = feed(d, reader, chunk, (size_t)n, err);
        if (rc)
            return rc == VW_EPROTOCOL ? 0 : rc;
        if (n == 0)
            break;
        /* A live stream is shown as it comes; errors are seen at the end. */
        fflush(d->out);
    }
    report_left(d, reader);
    return 0;
}

static int decode_messages(struct decode *d, struct vw_error *err)
{
    int fd = strcmp(d->path, "-") == 0 ? STDIN_FILENO : vw_file_open(d->path);
    if (fd < 0)
        return vw_error_set(err, VW_EUSAGE, "cannot open %s: %s", d->path, strerror(errno));

    struct vw_limits limits;
    struct vw_reader reader;
    char *chunk = malloc(CHUNK_SIZE);
    vw_limits_from_profile(d->loaded, &limits);
    vw_reader_init(&reader, &limits);
    reader.tolerant = true;
    int rc = chunk ? read_messages(d, fd, &reader, chunk, err) : vw_error_nomem(err);
    vw_reader_finish(&reader);
    free(chunk);
    if (fd != STDIN_FILENO)
        close(fd);
    return rc;
}

/* ---- lines ---- */

static struct json_object *value_of(struct decode *d, const void *bytes, size_t len,
                                    struct vw_error *err)
{
    void *value;
    int rc = check(d, d->target.type, bytes, len, "", 0, err);
    if (rc && rc != VW_ENOMEM)
        vw_error_clear(err); /* it was reported */
    if (rc || vw_xdr_decode(d->target.type, bytes, len, &d->arena, &value, NULL, err))
        return NULL;
    return vw_json_from_value(d->target.type, value, err);
}

static struct json_object *message_of(struct decode *d, const void *bytes, size_t len,
                                      struct vw_error *err)
{
    struct vw_limits limits;
    struct vw_reader reader;
    struct vw_frame frame;
    struct json_object *json = NULL;
    vw_limits_from_profile(d->loaded, &limits);
    vw_reader_init(&reader, &limits);
    reader.tolerant = true;
    int rc = vw_reader_feed(&reader, bytes, len) ? vw_error_nomem(err)
                                                 : vw_reader_next(&reader, &frame, err);
    if (rc == 1 && vw_reader_pending(&reader) == 0) {
        json = vw_message_to_json(d->loaded->schema, &frame);
        rc = json ? check_frame(d, &frame, 0, err) : vw_error_nomem(err);
    } else if (rc >= 0) {
        rc = vw_error_set(err, VW_EPROTOCOL, "the bytes are not one message");
    }
    vw_reader_finish(&reader);
    if (rc == 0)
        return json;
    json_object_put(json);
    return NULL;
}

static int add_members(struct decode *d, struct json_object *out, struct json_object *value,
                       struct vw_error *err)
{
    if (json_object_object_add(out, "value", value)) {
        json_object_put(value);
        return vw_error_nomem(err);
    }
    if (json_object_array_length(d->breaks) == 0)
        return 0;
    return json_object_object_add(out, "breaks", json_object_get(d->breaks)) ? vw_error_nomem(err)
                                                                             : 0;
}

static int decode_line(void *user, const struct vw_cli_target *target, struct json_object *given,
                       struct json_object *out, const char *place, struct vw_error *err)
{
    struct decode *d = user;
    d->target = *target;
    d->place = place;
    d->refused = false;
    if (!given || !json_object_is_type(given, json_type_string))
        return vw_error_set(err, VW_EVALUE, "the \"bytes\" of the line are no string");
    const char *hex = json_object_get_string(given);
    size_t len = (size_t)json_object_get_string_len(given);
    d->breaks = json_object_new_array();
    if (!d->breaks || vw_buf_reserve(&d->bytes, len / 2 + 1)) {
        json_object_put(d->breaks);
        return vw_error_nomem(err);
    }
    int rc = 0;
    struct json_object *value = NULL;
    if (!vw_hex_decode(hex, len, d->bytes.data))
        rc = vw_error_set(err, VW_EVALUE, "the \"bytes\" of the line are no hex digits");
    else
        value = target->message ? message_of(d, d->bytes.data, len / 2, err)
                                : value_of(d, d->bytes.data, len / 2, err);
    rc = err->code ? err->code : d->refused ? VW_EVALUE : add_members(d, out, value, err);
    if (d->refused)
        json_object_put(value);
    json_object_put(d->breaks);
    vw_arena_reset(&d->arena);
    return rc;
}

static int decode_lines(struct decode *d)
{
    const struct vw_batch b = {.command = "decode",
                               .path = d->path,
                               .given = "bytes",
                               .schema = d->loaded->schema,
                               .out = d->out,
                               .code = decode_line,
                               .user = d};
    return vw_batch_run(&b);
}

/* ---- the command ---- */

static int run_all(struct decode *d)
{
    struct vw_error err = VW_ERROR_INIT;
    struct vw_output *out;
    int status = vw_cli_schema_load("decode", &d->schema, &d->loaded);
    if (status)
        return status;
    if ((d->type && vw_cli_target_find(d->loaded->schema, d->type, &d->target, &err)) ||
        vw_output_open(d->output, &out, &err))
        return vw_cli_fail("decode", NULL, &err);
    d->out = vw_output_file(out);
    int rc = 0;
    if (d->ndjson)
        status = decode_lines(d);
    else
        rc = d->target.message ? decode_messages(d, &err) : decode_value(d, &err);
    if (rc || status > VW_EXIT_FINDINGS) {
        vw_output_abandon(out);
        return rc ? fail(d, &err) : status;
    }
    vw_error_clear(&err);
    if (vw_output_commit(out, &err))
        return vw_cli_fail("decode", NULL, &err);
    return d->found ? VW_EXIT_FINDINGS : status;
}

static int run(int argc, char **argv)
{
    struct decode d = {0};
    int status = read_options(argc, argv, &d);
    if (status == VW_EXIT_OK)
        status = run_all(&d);
    vw_arena_finish(&d.arena);
    vw_bytes_text_finish(&d.text);
    vw_buf_finish(&d.bytes);
    vw_profile_destroy(d.loaded);
    return status;
}

const struct vw_command vw_command_decode = {
    .name = "decode",
    .summary = "bytes of a type or of messages to JSON, with findings",
    .usage = vw_usage_decode,
    .run = run,
};
