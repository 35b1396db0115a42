// SPDX-License-Identifier: MIT
// virwire encode: JSON to bytes, with byte edits for those who want them wrong.
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "base/words.h"
#include "cli/codec-batch.h"
#include "cli/codec-target.h"
#include "cli/command.h"
#include "cli/exit.h"
#include "cli/input.h"
#include "cli/message.h"
#include "cli/output.h"
#include "cli/schema-options.h"
#include "cli/usage.h"
#include "message/message-json.h"
#include "xdr/edit-text.h"
#include "xdr/json.h"

#define INPUT_CAP  ((size_t)256 << 20)
#define HEX_COLUMN 16

struct encode {
    struct vw_cli_schema schema;
    const char *type;
    const char *json; /* NULL: from stdin */
    const char *path; /* of lines; "-": stdin */
    const char *output;
    bool hex, spans, relength, ndjson;
    struct vw_edits edits;

    struct vw_profile *loaded;
    struct vw_cli_target target;
    struct vw_arena arena;
    struct vw_arena values; /* and spans, of one line or of the only value */
    struct vw_buf bytes;
};

/* ---- options ---- */

static int take_edit(const char *command, void *user, const char *text)
{
    struct encode *e = user;
    struct vw_error err = VW_ERROR_INIT;
    if (vw_edits_parse(text, &e->arena, &e->edits, &err))
        return vw_cli_fail_input(command, "edit", &err);
    return 0;
}

static int read_options(int argc, char **argv, struct encode *e)
{
    const struct vw_cli_option options[] = {
        VW_CLI_SCHEMA_OPTIONS(&e->schema),   {"hex", .flag = &e->hex},
        {"spans", .flag = &e->spans},        {"ndjson", .flag = &e->ndjson},
        {"output", 'o', .text = &e->output}, {"edit", 'e', .take = take_edit, .user = e},
        {"relength", .flag = &e->relength},  {NULL},
    };
    int status = vw_cli_options("encode", argc, argv, options);
    if (status)
        return status;
    if (e->ndjson && (e->hex || e->spans))
        return vw_cli_error("encode", VW_EXIT_USAGE,
                            "--ndjson prints lines of JSON: leave out --hex and --spans");
    if (e->ndjson) {
        e->path = optind < argc ? argv[optind] : "-";
        return argc - optind <= 1 ? VW_EXIT_OK
                                  : vw_cli_error("encode", VW_EXIT_USAGE, "too many arguments");
    }
    if (optind == argc)
        return vw_cli_error("encode", VW_EXIT_USAGE, "no type given, see 'virwire encode --help'");
    if (argc - optind > 2)
        return vw_cli_error("encode", VW_EXIT_USAGE, "too many arguments");
    if (e->spans && (e->hex || e->edits.count > 0))
        return vw_cli_error("encode", VW_EXIT_USAGE,
                            "--spans shows the unedited bytes: leave out --hex and --edit");
    e->type = argv[optind];
    if (optind + 1 < argc && strcmp(argv[optind + 1], "-") != 0)
        e->json = argv[optind + 1];
    return VW_EXIT_OK;
}

/* ---- encoding ---- */

/* NAME: what an error in the text is about. */
static int read_json(struct encode *e, struct json_object **json, const char **name,
                     struct vw_error *err)
{
    char *text;
    size_t len;

    *name = e->json ? "JSON" : NULL;
    if (e->json)
        return vw_json_parse(e->json, strlen(e->json), json, err);
    int rc = vw_input_read("-", INPUT_CAP, &text, &len, err);
    if (rc)
        return rc;
    *name = "stdin";
    rc = vw_json_parse(text, len, json, err);
    free(text);
    return rc;
}

static int encode_type(struct encode *e, struct json_object *json, struct vw_error *err)
{
    void *value;
    int rc = vw_json_to_value(e->target.type, json, &e->values, &value, err);
    return rc ? rc : vw_xdr_encode(e->target.type, value, &e->bytes, SIZE_MAX, err);
}

static int encode_message(struct encode *e, struct json_object *json, struct vw_error *err)
{
    struct vw_limits limits;
    vw_limits_from_profile(e->loaded, &limits);
    return vw_message_from_json(e->loaded->schema, &limits, json, &e->bytes, err);
}

static int encode(struct encode *e)
{
    struct vw_error err = VW_ERROR_INIT;
    struct json_object *json = NULL;
    const char *name = "JSON";

    /* The arguments of a procedure that takes none need no text. */
    bool nothing = e->target.type && e->target.type->kind == VW_VOID && !e->json;
    int rc = nothing ? 0 : read_json(e, &json, &name, &err);
    if (rc == 0)
        rc = e->target.message ? encode_message(e, json, &err) : encode_type(e, json, &err);
    json_object_put(json);
    return rc ? vw_cli_fail_input("encode", name, &err) : VW_EXIT_OK;
}

/* ---- spans and edits ---- */

static int map(struct encode *e, struct vw_spans *spans, struct vw_error *err)
{
    if (e->target.message)
        return vw_message_spans(e->loaded->schema, e->bytes.data, e->bytes.len, &e->values, spans,
                                err);
    return vw_xdr_spans(e->target.type, e->bytes.data, e->bytes.len, &e->values, spans, err);
}

static int apply_edits(struct encode *e, struct vw_error *err)
{
    struct vw_buf edited = VW_BUF_INIT;
    struct vw_spans spans;
    int rc = map(e, &spans, err);

    if (rc == 0)
        rc = vw_edits_apply(&spans, e->bytes.data, e->bytes.len, &e->edits, &edited, err);
    if (rc) {
        vw_buf_finish(&edited);
        return rc;
    }
    vw_buf_finish(&e->bytes);
    e->bytes = edited;
    return 0;
}

/* Makes the length word right again. */
static void relength(struct vw_buf *b)
{
    if (b->len >= VW_LENGTH_BYTES)
        vw_store32(b->data, (uint32_t)b->len);
}

static int edit(struct encode *e)
{
    struct vw_error err = VW_ERROR_INIT;
    if (e->relength && !e->target.message)
        return vw_cli_error("encode", VW_EXIT_USAGE, "only a message has a length word");
    if (e->edits.count > 0 && apply_edits(e, &err))
        return vw_cli_fail_input("encode", "edit", &err);
    if (e->relength)
        relength(&e->bytes);
    return VW_EXIT_OK;
}

/* ---- output ---- */

static void print_hex(FILE *out, const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i += HEX_COLUMN) {
        size_t n = len - i < HEX_COLUMN ? len - i : HEX_COLUMN;
        for (size_t k = 0; k < HEX_COLUMN; k++) {
            if (k > 0 && k % 4 == 0)
                fputc(' ', out);
            if (k < n)
                fprintf(out, "%02x", bytes[i + k]);
            else
                fputs("  ", out);
        }
        fputs("  # ", out);
        for (size_t k = 0; k < n; k++) {
            uint8_t c = bytes[i + k];
            fputc(c > ' ' && c < 0x7f ? c : '.', out);
        }
        fputc('\n', out);
    }
}

static const char *kind_name(enum vw_span_kind kind)
{
    static const char *const names[] = {
        [VW_SPAN_VALUE] = "value",     [VW_SPAN_LENGTH] = "length", [VW_SPAN_COUNT] = "count",
        [VW_SPAN_PRESENT] = "present", [VW_SPAN_DISC] = "disc",     [VW_SPAN_DATA] = "data",
        [VW_SPAN_PAD] = "pad",         [VW_SPAN_GROUP] = "group"};
    return names[kind];
}

static int print_spans(struct encode *e, FILE *out, struct vw_error *err)
{
    struct vw_spans spans;
    int rc = map(e, &spans, err);
    for (size_t i = 0; rc == 0 && i < spans.count; i++) {
        const struct vw_span *s = &spans.list[i];
        fprintf(out, "%zu\t%zu\t%s\t%s\t", s->offset, s->length, kind_name(s->kind),
                *s->path ? s->path : ".");
        for (size_t k = 0; s->kind != VW_SPAN_GROUP && k < s->length; k++)
            fprintf(out, "%02x", e->bytes.data[s->offset + k]);
        fputc('\n', out);
    }
    return rc;
}

static int write_output(struct encode *e)
{
    struct vw_error err = VW_ERROR_INIT;
    struct vw_output *out;

    if (vw_output_open(e->output, &out, &err))
        return vw_cli_fail("encode", NULL, &err);
    FILE *file = vw_output_file(out);
    int rc = 0;
    if (e->spans)
        rc = print_spans(e, file, &err);
    else if (e->hex)
        print_hex(file, e->bytes.data, e->bytes.len);
    else if (e->bytes.len > 0)
        fwrite(e->bytes.data, 1, e->bytes.len, file);
    if (rc)
        vw_output_abandon(out);
    else
        rc = vw_output_commit(out, &err);
    return rc ? vw_cli_fail("encode", NULL, &err) : VW_EXIT_OK;
}

/* ---- lines ---- */

static int encode_line(void *user, const struct vw_cli_target *target, struct json_object *given,
                       struct json_object *out, const char *place, struct vw_error *err)
{
    struct encode *e = user;
    char *hex = NULL;
    e->target = *target;
    e->bytes.len = 0;
    int rc = target->message ? encode_message(e, given, err) : encode_type(e, given, err);
    if (rc == 0 && e->edits.count > 0)
        rc = apply_edits(e, err);
    if (rc == 0 && e->relength && target->message)
        relength(&e->bytes);
    if (rc == 0)
        hex = malloc(e->bytes.len * 2 + 1);
    if (hex)
        vw_hex_encode(e->bytes.data, e->bytes.len, hex);
    struct json_object *bytes = hex ? json_object_new_string(hex) : NULL;
    if (rc == 0 && (!bytes || json_object_object_add(out, "bytes", bytes))) {
        json_object_put(bytes);
        rc = vw_error_nomem(err);
    }
    free(hex);
    vw_arena_reset(&e->values);
    return rc;
}

static int encode_lines(struct encode *e)
{
    struct vw_error err = VW_ERROR_INIT;
    struct vw_output *out;
    if (vw_output_open(e->output, &out, &err))
        return vw_cli_fail("encode", NULL, &err);
    const struct vw_batch b = {.command = "encode",
                               .path = e->path,
                               .given = "value",
                               .schema = e->loaded->schema,
                               .out = vw_output_file(out),
                               .code = encode_line,
                               .user = e};
    int status = vw_batch_run(&b);
    if (status <= VW_EXIT_FINDINGS)
        return vw_output_commit(out, &err) ? vw_cli_fail("encode", NULL, &err) : status;
    vw_output_abandon(out);
    return status;
}

/* ---- the command ---- */

static int run_all(struct encode *e)
{
    struct vw_error err = VW_ERROR_INIT;
    int status = vw_cli_schema_load("encode", &e->schema, &e->loaded);
    if (status)
        return status;
    if (e->ndjson)
        return encode_lines(e);
    if (vw_cli_target_find(e->loaded->schema, e->type, &e->target, &err))
        return vw_cli_fail("encode", NULL, &err);
    status = encode(e);
    if (status == VW_EXIT_OK)
        status = edit(e);
    return status ? status : write_output(e);
}

static int run(int argc, char **argv)
{
    struct encode e = {0};
    int status = read_options(argc, argv, &e);
    if (status == VW_EXIT_OK)
        status = run_all(&e);
    vw_buf_finish(&e.bytes);
    vw_arena_finish(&e.values);
    vw_arena_finish(&e.arena);
    vw_profile_destroy(e.loaded);
    return status;
}

const struct vw_command vw_command_encode = {
    .name = "encode",
    .summary = "JSON to the bytes of a type or message",
    .usage = vw_usage_encode,
    .run = run,
};
