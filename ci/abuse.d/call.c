// SPDX-License-Identifier: MIT
// Messages: calls by name with arguments as JSON, from the newest profile.
#include <stdlib.h>

#include "abuse.h"
#include "message/message.h"
#include "schema/profile.h"
#include "xdr/json.h"

#define SERIAL_OFFSET (VW_LENGTH_BYTES + 16)

const struct vw_profile *abuse_profile(void)
{
    static struct vw_profile *p;
    struct vw_error err = VW_ERROR_INIT;
    if (!p && vw_profile_load(NULL, NULL, &p, &err) < 0)
        abuse_die("the profile: %s", err.text);
    return p;
}

/* Repeats the message at FROM, the last one of B, so that there are N of it. */
static void repeat(struct vw_buf *b, size_t from, size_t n)
{
    size_t len = b->len - from;
    uint32_t serial = vw_load32(b->data + from + SERIAL_OFFSET);
    if (vw_buf_reserve(b, len * n))
        abuse_die("out of memory");
    for (size_t i = 1; i < n; i++) {
        vw_buf_append(b, b->data + from, len);
        vw_store32(b->data + from + i * len + SERIAL_OFFSET, serial + (uint32_t)i);
    }
}

void abuse_calls(struct vw_buf *b, const char *procedure, const char *json, uint32_t serial,
                 size_t n)
{
    const struct vw_proc *proc = vw_schema_proc(abuse_profile()->schema, procedure);
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_error err = VW_ERROR_INIT;
    struct vw_limits limits;
    void *value = NULL;
    size_t from = b->len;
    if (!proc)
        abuse_die("there is no procedure %s", procedure);
    const struct vw_header h = {.program = proc->program->number,
                                .version = proc->program->version,
                                .procedure = proc->number,
                                .serial = serial};
    vw_limits_from_profile(abuse_profile(), &limits);
    struct json_object *o = json ? json_tokener_parse(json) : NULL;
    if ((json && vw_json_to_value(proc->args, o, &arena, &value, &err)) ||
        vw_message_append_value(b, &limits, &h, 0, json ? proc->args : NULL, value, &err))
        abuse_die("%s: %s", procedure, err.text);
    json_object_put(o);
    vw_arena_finish(&arena);
    repeat(b, from, n);
}

void abuse_message(struct vw_buf *b, const struct vw_header *header, size_t len, size_t n)
{
    struct vw_limits limits;
    size_t from = b->len;
    void *body = calloc(1, len + 1);
    vw_limits_from_profile(abuse_profile(), &limits);
    if (!body || vw_message_append(b, &limits, header, 0, body, len, NULL))
        abuse_die("out of memory");
    free(body);
    repeat(b, from, n);
}
