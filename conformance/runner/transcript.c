// SPDX-License-Identifier: MIT
// What passed on the wire, for people: header words by name, the body as JSON, and the bytes.
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conformance/runner/player.h"
#include "xdr/json.h"

#define HEX_BYTES  160 /* shown of each message */
#define JSON_BYTES 600

static const char *word(const char *const *names, size_t n, int32_t v, char *buf, size_t size)
{
    if (v >= 0 && (size_t)v < n)
        return names[v];
    snprintf(buf, size, "%" PRId32, v);
    return buf;
}

static void print_hex(FILE *f, const struct vw_log_entry *e)
{
    size_t n = e->kept < HEX_BYTES ? e->kept : HEX_BYTES;
    for (size_t i = 0; i < n; i++)
        fprintf(f, "%s%02x", i % 32 == 0 ? "\n      " : i % 4 == 0 ? " " : "", e->bytes[i]);
    if (e->len > n)
        fprintf(f, "\n      ... %zu bytes in all", e->len);
    fputc('\n', f);
}

static void print_json(FILE *f, const struct vw_type *t, const uint8_t *body, size_t len)
{
    struct vw_arena arena = {0};
    struct vw_error err = VW_ERROR_INIT;
    char text[200];
    void *value;
    if (vw_xdr_decode(t, body, len, &arena, &value, NULL, &err) == 0) {
        struct json_object *json = vw_json_from_value(t, value, &err);
        const char *s = json ? json_object_to_json_string_ext(json, JSON_C_TO_STRING_PLAIN) : "";
        fprintf(f, "\n      %.*s%s", JSON_BYTES, s, strlen(s) > JSON_BYTES ? "..." : "");
        json_object_put(json);
    } else {
        fprintf(f, "\n      (%s)", vw_error_format(&err, NULL, text, sizeof(text)));
    }
    vw_arena_finish(&arena);
}

static const struct vw_type *body_type(const struct vw_schema *s, const struct vw_header *h,
                                       const struct vw_proc *proc)
{
    if (h->status == VW_MSG_ERROR && (h->type == VW_MSG_REPLY || h->type == VW_MSG_STREAM)) {
        const struct vw_type *t = vw_schema_type(s, "virNetMessageError");
        return t ? t : vw_schema_type(s, "remote_error");
    }
    if (!proc || h->status != VW_MSG_OK)
        return NULL;
    if (h->type == VW_MSG_CALL || h->type == VW_MSG_MESSAGE)
        return proc->args;
    return h->type == VW_MSG_REPLY ? proc->ret : NULL;
}

static void print_message(FILE *f, const struct vw_profile *p, const struct vw_log_entry *e)
{
    static const char *const types[] = {"CALL",          "REPLY",          "MESSAGE",    "STREAM",
                                        "CALL_WITH_FDS", "REPLY_WITH_FDS", "STREAM_HOLE"};
    static const char *const statuses[] = {"OK", "ERROR", "CONTINUE"};
    struct vw_header h;
    char t[16], s[16];
    if (e->kept < VW_PREFIX_BYTES) {
        fprintf(f, "%zu bytes", e->len);
        return;
    }
    uint32_t length = (uint32_t)e->bytes[0] << 24 | (uint32_t)e->bytes[1] << 16 |
                      (uint32_t)e->bytes[2] << 8 | e->bytes[3];
    vw_header_decode(e->bytes + VW_LENGTH_BYTES, &h);
    const struct vw_program *program = vw_schema_program(p->schema, h.program, h.version);
    const struct vw_proc *proc = program ? vw_program_proc(program, h.procedure) : NULL;
    fprintf(f, "length %" PRIu32 ", ", length);
    if (program)
        fprintf(f, "%s v%" PRIu32 ", ", program->name, h.version);
    else
        fprintf(f, "program 0x%" PRIx32 " v%" PRIu32 ", ", h.program, h.version);
    fprintf(f, "procedure %" PRId32 "%s%s%s, %s, serial %" PRIu32 ", %s", h.procedure,
            proc ? " (" : "", proc ? proc->short_name : "", proc ? ")" : "",
            word(types, 7, h.type, t, sizeof(t)), h.serial,
            word(statuses, 3, h.status, s, sizeof(s)));
    const struct vw_type *type = body_type(p->schema, &h, proc);
    if (type && e->kept == e->len && e->len == length)
        print_json(f, type, e->bytes + VW_PREFIX_BYTES, e->len - VW_PREFIX_BYTES);
}

static void print_entry(FILE *f, const struct vw_profile *p, const struct vw_log_entry *e)
{
    static const char *const signs[] = {"->", "<-", "--"};
    fprintf(f, "%7.3f %s ", (double)e->at_us / 1e6, signs[e->kind]);
    if (*e->conn)
        fprintf(f, "[%s] ", e->conn);
    if (e->kind == VW_LOG_NOTE) {
        fprintf(f, "%s\n", (const char *)e->bytes);
        return;
    }
    print_message(f, p, e);
    print_hex(f, e);
}

char *vw_transcript(const struct vw_run *run)
{
    char *text = NULL;
    size_t len = 0;
    FILE *f = open_memstream(&text, &len);
    if (!f)
        return NULL;
    for (const struct vw_log_entry *e = run->log.first; e; e = e->next)
        print_entry(f, run->settings->profile, e);
    if (run->log.dropped)
        fprintf(f, "        (%zu more not kept)\n", run->log.dropped);
    if (fclose(f) != 0) {
        free(text);
        return NULL;
    }
    return text;
}
