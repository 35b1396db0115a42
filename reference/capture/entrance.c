// SPDX-License-Identifier: MIT
#include "capture/entrance.h"

#include <string.h>

#include "message/message-json.h"
#include "schema/facts.h"
#include "xdr/json.h"

/* The words of the open that others need. */
static void look_at_open(struct vw_entrance *e, const struct vw_proc *open,
                         const struct vw_frame *frame)
{
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_error err = VW_ERROR_INIT;
    struct json_object *args = NULL, *name = NULL, *flags = NULL;
    void *value;
    if (open->args &&
        vw_xdr_decode(open->args, frame->body, frame->body_len, &arena, &value, NULL, NULL) == 0)
        args = vw_json_from_value(open->args, value, &err);
    if (json_object_object_get_ex(args, "name", &name) && name)
        e->test_driver = strncmp(json_object_get_string(name), "test:", 5) == 0;
    int64_t words =
        json_object_object_get_ex(args, "flags", &flags) ? json_object_get_int64(flags) : 0;
    e->flags = (uint32_t)words & ~1u;
    e->read_only = words & 1;
    json_object_put(args);
    vw_arena_finish(&arena);
}

void vw_entrance_follow(struct vw_entrance *e, const struct vw_schema *schema,
                        const struct vw_frame *frame, uint64_t number, uint64_t answers)
{
    const struct vw_header *h = &frame->header;
    struct vw_body body;
    if (e->stage != VW_ENTERING)
        return;
    vw_body_of(schema, h, &body);
    const struct vw_proc *proc = body.proc;
    bool closes = proc && strcmp(proc->short_name, "connect_close") == 0;
    if (!proc || closes || !vw_proc_facts(proc)->before) {
        e->stage = VW_ELSEWHERE;
    } else if (strcmp(proc->short_name, "connect_open") == 0 && h->type == VW_MSG_CALL) {
        e->open = number;
        e->program = proc->program;
        look_at_open(e, proc, frame);
    } else if (e->open && answers == e->open) {
        e->stage = h->status == VW_MSG_OK ? VW_WITHIN : VW_ELSEWHERE;
        e->entered = number;
    }
}

bool vw_entrance_has(const struct vw_entrance *e, uint64_t number)
{
    return e->stage == VW_WITHIN && number <= e->entered;
}
