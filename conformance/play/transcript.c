// SPDX-License-Identifier: MIT
// What passed on the wire, for people: header words by name, the body as JSON, and the bytes.
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/shown.h"
#include "base/words.h"
#include "conformance/play/player.h"
#include "message/message-json.h"
#include "message/secret.h"
#include "xdr/json.h"

#define HEX_BYTES  160 /* shown of each message */
#define JSON_BYTES 600

static void print_word(FILE *f, const char *name, int32_t v)
{
    if (name)
        fprintf(f, ", %s", name);
    else
        fprintf(f, ", %" PRId32, v);
}

/* Each word with a byte that is marked stands in brackets. */
static void print_hex(FILE *f, const struct vw_log_entry *e)
{
    size_t n = e->kept < HEX_BYTES ? e->kept : HEX_BYTES;
    size_t from = e->mark ? (e->mark - 1) / 4 : SIZE_MAX;
    size_t to = e->mark ? (e->mark + e->marked - 2) / 4 : 0;
    for (size_t i = 0; i < n; i++) {
        const char *apart = i % 32 == 0 ? "\n      " : i % 4 == 0 ? " " : "";
        bool marked = i / 4 >= from && i / 4 <= to;
        fprintf(f, "%s%s%02x", apart, marked && i % 4 == 0 ? "[" : "", e->bytes[i]);
        if (marked && (i % 4 == 3 || i + 1 == n))
            fputc(']', f);
    }
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
        const char *s = json ? json_object_to_json_string_ext(json, JSON_C_TO_STRING_PLAIN) : NULL;
        s = s ? s : "(out of memory)";
        size_t n = strlen(s), shown = n > JSON_BYTES ? JSON_BYTES : n;
        fputs("\n      ", f);
        vw_shown_print(f, s, shown, VW_SHOWN_JSON);
        fputs(n > shown ? "..." : "", f);
        json_object_put(json);
    } else {
        fprintf(f, "\n      (%s)", vw_error_format(&err, NULL, text, sizeof(text)));
    }
    vw_arena_finish(&arena);
}

static void print_message(FILE *f, const struct vw_profile *p, const struct vw_log_entry *e)
{
    struct vw_header h;
    struct vw_body body;
    if (e->kept < VW_PREFIX_BYTES) {
        fprintf(f, "%zu bytes", e->len);
        return;
    }
    uint32_t length = vw_load32(e->bytes);
    vw_header_decode(e->bytes + VW_LENGTH_BYTES, &h);
    vw_body_of(p->schema, &h, &body);
    fprintf(f, "length %" PRIu32 ", ", length);
    if (body.program)
        fprintf(f, "%s v%" PRIu32 ", ", body.program->name, h.version);
    else
        fprintf(f, "program 0x%" PRIx32 " v%" PRIu32 ", ", h.program, h.version);
    fprintf(f, "procedure %" PRId32, h.procedure);
    if (body.proc)
        fprintf(f, " (%s)", body.proc->short_name);
    print_word(f, vw_msg_type_name(h.type), h.type);
    fprintf(f, ", serial %" PRIu32, h.serial);
    print_word(f, vw_msg_status_name(h.status), h.status);
    size_t skip = VW_PREFIX_BYTES + (body.has_fds ? 4 : 0);
    if (body.type && e->kept == e->len && e->len == length && skip <= length)
        print_json(f, body.type, e->bytes + skip, length - skip);
}

static void print_entry(FILE *f, const struct vw_run_settings *s, struct vw_log_entry *e)
{
    static const char *const signs[] = {"->", "<-", "--", "<-"};
    fprintf(f, "%7.3f %s ", (double)e->at_us / 1e6, signs[e->kind]);
    if (*e->conn)
        fprintf(f, "[%s] ", e->conn);
    if (e->kind == VW_LOG_NOTE) {
        const char *note = (const char *)e->bytes;
        vw_shown_print(f, note, strlen(note), VW_SHOWN_BYTES);
        fputc('\n', f);
        return;
    }
    if (e->kind == VW_LOG_REST) {
        fprintf(f, "%zu bytes that are no whole message", e->len);
        print_hex(f, e);
        return;
    }
    if (!s->show_secrets)
        vw_message_hide(s->profile->schema, e->bytes, e->kept, e->len);
    print_message(f, s->profile, e);
    print_hex(f, e);
}

char *vw_transcript(const struct vw_run *run, size_t *entry)
{
    char *text = NULL;
    size_t len = 0, n = 0;
    *entry = 0;
    FILE *f = open_memstream(&text, &len);
    if (!f)
        return NULL;
    for (struct vw_log_entry *e = run->log.first; e; e = e->next) {
        print_entry(f, run->settings, e);
        if (++n == run->entered && fflush(f) == 0)
            *entry = len;
    }
    if (run->log.dropped)
        fprintf(f, "        (%zu more not kept)\n", run->log.dropped);
    if (fclose(f) != 0) {
        free(text);
        return NULL;
    }
    return text;
}
