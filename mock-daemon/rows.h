// SPDX-License-Identifier: MIT
// Rows for what all kinds of objects are asked. Their functions find in the row where the parts of
// arguments and result lie, and in its kind which objects are meant.
#pragma once

#include "mock-daemon/calls.h"
#include "mock-daemon/handler.h"
#include "mock-daemon/model.h"

enum vw_which { VW_INACTIVE, VW_ACTIVE };

/* The flags of virConnectListAll* for most kinds. */
enum {
    VW_LIST_INACTIVE = 1 << 0,
    VW_LIST_ACTIVE = 1 << 1,
    VW_LIST_PERSISTENT = 1 << 2,
    VW_LIST_TRANSIENT = 1 << 3,
    VW_LIST_AUTOSTART = 1 << 4,
    VW_LIST_NO_AUTOSTART = 1 << 5,
    VW_LIST_KNOWN = (1 << 6) - 1
};

/* From some states to another, and what is said of it. */
struct vw_move {
    uint32_t from; /* bits: 1 << state */
    int32_t to, reason;
    int32_t event, detail; /* what is told of the life; event 0: nobody is told */
    int32_t code, domain;  /* the error in other states */
    const char *text;
};

/* Reads XML, that of an object of the kind, into O, whose texts are in the memory of the call; or
 * sets the error of the call. */
enum vw_outcome vw_call_read(struct vw_call *c, const struct vw_string *text, struct vw_object *o);
/* Queues what happened to an object, for those who asked; or sets the error of the call. */
enum vw_outcome vw_call_tell(struct vw_call *c, const struct vw_happening *h);
/* The same of the life of one of the kind that the row is of. */
enum vw_outcome vw_call_happened(struct vw_call *c, const struct vw_object *o, int32_t what,
                                 int32_t detail);
/* How O, one of KIND, is named now: a remote_nonnull_* in the memory of the call, for an event that
 * tells of what it has been. NULL: no memory, and the error of the call is set. */
const void *vw_call_named_as(struct vw_call *c, const struct vw_object_kind *kind,
                             const struct vw_object *o);
/* Takes O away, with what goes with it. */
void vw_call_remove(struct vw_call *c, struct vw_objects *t, struct vw_object *o);
/* Makes the move, or sets the error of the call. */
enum vw_outcome vw_call_move(struct vw_call *c, struct vw_objects *t, struct vw_object *o,
                             const struct vw_move *m);

enum vw_outcome vw_row_accept(struct vw_call *c, const void *args, void *ret);
enum vw_outcome vw_row_by_name(struct vw_call *c, const void *args, void *ret);
enum vw_outcome vw_row_by_uuid(struct vw_call *c, const void *args, void *ret);
enum vw_outcome vw_row_by_id(struct vw_call *c, const void *args, void *ret);
enum vw_outcome vw_row_count(struct vw_call *c, const void *args, void *ret);
enum vw_outcome vw_row_names(struct vw_call *c, const void *args, void *ret);
enum vw_outcome vw_row_all(struct vw_call *c, const void *args, void *ret);
enum vw_outcome vw_row_exists(struct vw_call *c, const void *args, void *ret);
enum vw_outcome vw_row_fact(struct vw_call *c, const void *args, void *ret);
enum vw_outcome vw_row_xml(struct vw_call *c, const void *args, void *ret);
enum vw_outcome vw_row_set_autostart(struct vw_call *c, const void *args, void *ret);
enum vw_outcome vw_row_move(struct vw_call *c, const void *args, void *ret);
enum vw_outcome vw_row_define(struct vw_call *c, const void *args, void *ret);
enum vw_outcome vw_row_undefine(struct vw_call *c, const void *args, void *ret);

enum vw_outcome vw_row_register(struct vw_call *c, const void *args, void *ret);
enum vw_outcome vw_row_deregister(struct vw_call *c, const void *args, void *ret);

/* Whether FLAGS of a list choose O: of each group of flags from which some are asked for, it has
 * one. */
bool vw_row_chosen(const struct vw_object_kind *kind, const struct vw_object *o, uint32_t flags);

/* The error for FLAGS that ask for secrets on a read-only connection. */
enum vw_outcome vw_call_check_secure(struct vw_call *c, uint32_t flags);

/* The flags of a row that has some. */
uint32_t vw_row_flags(const struct vw_row *row, const void *args);

#define VW_ARGS_(proc, f)  offsetof(struct remote_##proc##_args, f)
#define VW_RET_(proc, f)   offsetof(struct remote_##proc##_ret, f)
#define VW_FUNCTION_(proc) .procedure = #proc, .run
/* SIZE, if that is also the size of what is beside it; else it does not compile. */
#define VW_SAME_(size, other) ((size) * sizeof(char[(size) == (other) ? 1 : -1]))

/* Answered and forgotten. */
#define VW_ACCEPT(proc)                                                                            \
    {                                                                                              \
        VW_FUNCTION_(proc) = vw_row_accept                                                         \
    }
/* Look-ups; FIELD of the result names what is found. */
#define VW_BY_NAME(proc, f)                                                                        \
    {                                                                                              \
        VW_FUNCTION_(proc) = vw_row_by_name, .arg = VW_ARGS_(proc, name), .ret = VW_RET_(proc, f)  \
    }
#define VW_BY_UUID(proc, f)                                                                        \
    {                                                                                              \
        VW_FUNCTION_(proc) = vw_row_by_uuid, .arg = VW_ARGS_(proc, uuid), .ret = VW_RET_(proc, f)  \
    }
#define VW_BY_ID(proc, f)                                                                          \
    {                                                                                              \
        VW_FUNCTION_(proc) = vw_row_by_id, .arg = VW_ARGS_(proc, id), .ret = VW_RET_(proc, f)      \
    }
/* How many there are that are active, or not. */
#define VW_COUNT(proc, w)                                                                          \
    {                                                                                              \
        VW_FUNCTION_(proc) = vw_row_count, .ret = VW_RET_(proc, num), .which = (w)                 \
    }
/* Their names, at most as many as are asked for. */
#define VW_NAMES(proc, w)                                                                          \
    {                                                                                              \
        VW_FUNCTION_(proc) = vw_row_names, .arg = VW_ARGS_(proc, maxnames),                        \
        .ret = VW_RET_(proc, names), .which = (w)                                                  \
    }
/* Those that the flags choose, which are VW_LIST_KNOWN and what the kind has beside; LIST is that
 * of the result. */
#define VW_ALL(proc, list, k)                                                                      \
    {                                                                                              \
        VW_FUNCTION_(proc) = vw_row_all, .arg = VW_ARGS_(proc, need_results),                      \
        .flags = VW_ARGS_(proc, flags), .ret = VW_RET_(proc, list), .count = VW_RET_(proc, ret),   \
        .known = (k)                                                                               \
    }
/* Nothing of the object: the smallest result. OBJECT is the argument that names it. */
#define VW_EXISTS(proc, object)                                                                    \
    {                                                                                              \
        VW_FUNCTION_(proc) = vw_row_exists, .arg = VW_ARGS_(proc, object)                          \
    }
#define VW_EXISTS_FLAGS(proc, object, k)                                                           \
    {                                                                                              \
        VW_FUNCTION_(proc) = vw_row_exists, .arg = VW_ARGS_(proc, object),                         \
        .flags = VW_ARGS_(proc, flags), .known = (k)                                               \
    }
/* FIELD of the object, a STRUCT that begins with a struct vw_object, as it lies there. */
#define VW_FACT(proc, object, result, type, f)                                                     \
    {                                                                                              \
        VW_FUNCTION_(proc) = vw_row_fact, .arg = VW_ARGS_(proc, object),                           \
        .ret = VW_RET_(proc, result), .field = offsetof(type, f),                                  \
        .size =                                                                                    \
            VW_SAME_(sizeof(((type *)0)->f), sizeof(((struct remote_##proc##_ret *)0)->result)),   \
        .form = VW_FORM_OF(type, f)                                                                \
    }
#define VW_XML(proc, object, k)                                                                    \
    {                                                                                              \
        VW_FUNCTION_(proc) = vw_row_xml, .arg = VW_ARGS_(proc, object),                            \
        .flags = VW_ARGS_(proc, flags), .ret = VW_RET_(proc, xml), .known = (k)                    \
    }
#define VW_SET_AUTOSTART(proc, object)                                                             \
    {                                                                                              \
        VW_FUNCTION_(proc) = vw_row_set_autostart, .arg = VW_ARGS_(proc, object),                  \
        .count = VW_ARGS_(proc, autostart)                                                         \
    }
/* The move is a struct vw_move. */
#define VW_MOVE(proc, object, m)                                                                   \
    {                                                                                              \
        VW_FUNCTION_(proc) = vw_row_move, .arg = VW_ARGS_(proc, object), .move = (m)               \
    }
#define VW_MOVE_FLAGS(proc, object, m, k)                                                          \
    {                                                                                              \
        VW_FUNCTION_(proc) = vw_row_move, .arg = VW_ARGS_(proc, object),                           \
        .flags = VW_ARGS_(proc, flags), .known = (k), .move = (m)                                  \
    }
/* Makes one of XML, which RESULT names: active until it is stopped, or persistent. */
#define VW_DEFINE(proc, result, w)                                                                 \
    {                                                                                              \
        VW_FUNCTION_(proc) = vw_row_define, .arg = VW_ARGS_(proc, xml),                            \
        .ret = VW_RET_(proc, result), .which = (w)                                                 \
    }
#define VW_DEFINE_FLAGS(proc, result, w, k) VW_DEFINE_TEXT(proc, xml, result, w, k)
/* The same with XML in TEXT. */
#define VW_DEFINE_TEXT(proc, text, result, w, k)                                                   \
    {                                                                                              \
        VW_FUNCTION_(proc) = vw_row_define, .arg = VW_ARGS_(proc, text),                           \
        .flags = VW_ARGS_(proc, flags), .ret = VW_RET_(proc, result), .which = (w), .known = (k)   \
    }
/* Makes the move, of one that is not persistent any more: what is not active then is gone. */
#define VW_UNDEFINE(proc, object, m)                                                               \
    {                                                                                              \
        VW_FUNCTION_(proc) = vw_row_undefine, .arg = VW_ARGS_(proc, object), .move = (m)           \
    }
/* Asks for events of the kind, of all objects or of the one that OBJECT points to. */
#define VW_REGISTER(proc, object)                                                                  \
    {                                                                                              \
        VW_FUNCTION_(proc) = vw_row_register, .arg = VW_ARGS_(proc, eventID),                      \
        .count = VW_ARGS_(proc, object), .ret = VW_RET_(proc, callbackID)                          \
    }
/* Asks for them no more. */
#define VW_DEREGISTER(proc)                                                                        \
    {                                                                                              \
        VW_FUNCTION_(proc) = vw_row_deregister, .arg = VW_ARGS_(proc, callbackID)                  \
    }

/* One event of the kind in its message, whose member OBJECT names whom it happened to. */
#define VW_EVENT_FORM_(proc, id, o)                                                                \
    .procedure = "remote." #proc, .event = (id), .size = sizeof(struct remote_##proc##_msg),       \
    .callback = offsetof(struct remote_##proc##_msg, callbackID),                                  \
    .object = offsetof(struct remote_##proc##_msg, o)
#define VW_LIFE_FORM(proc, o)                                                                      \
    {                                                                                              \
        VW_EVENT_FORM_(proc, VW_EVENT_LIFECYCLE, o),                                               \
            .what = offsetof(struct remote_##proc##_msg, event),                                   \
            .detail = offsetof(struct remote_##proc##_msg, detail)                                 \
    }
#define VW_EVENT_FORM(proc, id, o)                                                                 \
    {                                                                                              \
        VW_EVENT_FORM_(proc, id, o)                                                                \
    }
