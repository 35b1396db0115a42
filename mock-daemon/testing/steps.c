// SPDX-License-Identifier: MIT
#include "mock-daemon/testing/steps.h"

#include <string.h>

#include "xdr/json.h"

/* ---- a message as text ---- */

static void put_words(FILE *f, const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        fprintf(f, "%s%02x", i % 4 ? "" : " ", bytes[i]);
}

static void put_error(FILE *f, const struct vw_header *h, const uint8_t *body, size_t len)
{
    const struct reply r = {.header = *h, .body = body, .len = len};
    struct vw_error_pair pair = reply_error(&r);
    fprintf(f, "error %d/%d", pair.code, pair.domain);
}

/* "ok HEX", "error CODE/DOMAIN", "event PROCEDURE HEX", "stream LENGTH" and so on, by ", ". */
static void put_messages(FILE *f, const uint8_t *at, size_t left)
{
    for (const char *between = ""; left >= VW_PREFIX_BYTES; between = ", ") {
        struct vw_header h;
        uint32_t length;
        memcpy(&length, at, 4);
        length = __builtin_bswap32(length);
        vw_header_decode(at + VW_LENGTH_BYTES, &h);
        const uint8_t *body = at + VW_PREFIX_BYTES;
        size_t len = length - VW_PREFIX_BYTES;
        fputs(between, f);
        if (h.status == VW_MSG_ERROR)
            put_error(f, &h, body, len);
        else if (h.type == VW_MSG_MESSAGE)
            fprintf(f, "event %d", h.procedure);
        else if (h.type == VW_MSG_STREAM || h.type == VW_MSG_STREAM_HOLE)
            fprintf(f, "%s %d %zu", h.type == VW_MSG_STREAM ? "stream" : "hole", h.status, len);
        else
            fputs(h.type == VW_MSG_REPLY_WITH_FDS ? "fds" : "ok", f);
        if (h.status != VW_MSG_ERROR && h.type != VW_MSG_STREAM)
            put_words(f, body, len);
        at += length;
        left -= length;
    }
}

char *call_as_text(struct peer *p, const struct vw_proc *proc, const void *body, size_t len)
{
    char *text = NULL;
    size_t size;
    struct reply r = peer_call(p, proc, body, len);
    FILE *f = open_memstream(&text, &size);
    put_messages(f, r.body - VW_PREFIX_BYTES, r.len + VW_PREFIX_BYTES);
    fclose(f);
    return text;
}

static char *call(struct peer *p, const char *name, const char *json)
{
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_buf body = VW_BUF_INIT;
    struct vw_error err = VW_ERROR_INIT;
    const struct vw_proc *proc = peer_proc(p, name);
    struct json_object *o = json_tokener_parse(json);
    void *value = NULL;
    if (proc->args && (vw_json_to_value(proc->args, o, &arena, &value, &err) != 0 ||
                       vw_xdr_encode(proc->args, value, &body, SIZE_MAX, &err) != 0))
        fail_msg("%s %s: %s at %s", name, json, err.text, err.path);
    char *text = call_as_text(p, proc, body.data, body.len);
    json_object_put(o);
    vw_buf_finish(&body);
    vw_arena_finish(&arena);
    return text;
}

void play(struct peer *p, const struct step *steps, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        char *text = call(p, steps[i].procedure, steps[i].args);
        size_t len = strlen(steps[i].answer);
        bool part = len && steps[i].answer[len - 1] == '*';
        if (part ? strncmp(text, steps[i].answer, len - 1) != 0
                 : strcmp(text, steps[i].answer) != 0)
            fail_msg("step %zu, %s %s:\n%s, wanted\n%s", i, steps[i].procedure, steps[i].args, text,
                     steps[i].answer);
        free(text);
    }
}

void play_from(void (*start)(struct peer *p), const struct step *steps, size_t n)
{
    struct peer p;
    start(&p);
    play(&p, steps, n);
    peer_stop(&p);
}

void start_hosted(struct peer *p)
{
    static const char *drivers[] = {"qemu"};
    static const struct step opens = {"connect_open", "{\"name\":\"qemu:///system\",\"flags\":0}",
                                      "ok"};
    peer_start(p, NULL, NULL);
    p->config.drivers = drivers;
    p->config.n_drivers = 1;
    play(p, &opens, 1);
}
