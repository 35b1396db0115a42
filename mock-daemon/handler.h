// SPDX-License-Identifier: MIT
// What a procedure does: a row each, gathered by object kind in kinds/. A row names a function,
// which takes and fills the structs that the build prints from the schema (calls.h); most are those
// of rows.h. A procedure without a row is answered with NO_SUPPORT (D-34).
#pragma once

#include <string.h>

#include <virwire/memory.h>

#include "mock-daemon/object.h"
#include "session/session.h"

struct _xmlNode;
struct remote_nonnull_domain;
struct vw_config;
struct vw_conn;
struct vw_domain;
struct vw_entry;
struct vw_model;
struct vw_plan;
struct vw_shape;
struct vw_transfer;

/* What a handler returns. */
enum vw_outcome {
    VW_DONE,      /* the result is there */
    VW_FAILED,    /* call->error says why */
    VW_NO_ANSWER, /* nothing is to be sent */
    VW_LATER      /* somebody answers it later (later.h) */
};

/* One call under way. */
struct vw_call {
    struct vw_conn *conn;
    const struct vw_event *event; /* its VW_EVENT_CALL; event->value is in the profile's layout */
    const struct vw_entry *entry;
    const void *args;  /* in today's layout; NULL: none */
    const void *value; /* of the result, in the profile's layout; NULL: the smallest, or none */
    struct vw_remote_error error;
    struct vw_error_object object; /* what error.dom points to, if to anything */
    bool close_after;              /* the connection ends behind the reply (C-7) */
    bool layer_after;              /* behind the reply conn->sasl becomes the layer */
    struct vw_transfer *transfer;  /* of the stream that the call opens (S-1); NULL: opens none */
    int fd;                        /* goes with the reply (P-5); -1: none */
};

/* What lies in a member of an object, for those that know none by name (state.h). */
enum vw_own_form {
    VW_FORM_NUMBER,
    VW_FORM_TEXT,       /* struct vw_string */
    VW_FORM_OPTIONAL,   /* struct vw_string *; NULL: absent */
    VW_FORM_OWNED_TEXT, /* char * of malloc, which the kind's end() frees; NULL: none */
    VW_FORM_ARRAY,      /* char[] */
    VW_FORM_OBJECT,     /* of any kind, by pointer; NULL: none */
    VW_FORM_LIST,       /* plain structs of malloc, which end() frees, and how many there are */
    VW_FORM_FORGOTTEN   /* not kept: it begins as 0 */
};

/* A member that no row gives out. */
struct vw_own {
    const char *name; /* NULL ends a list */
    uint32_t offset, size;
    enum vw_own_form form;
    uint32_t count, item; /* of a list: where its count is, an uint32_t; the size of a struct */
};

/* clang-format off */
#define VW_FORM_OF(type, f)                                                                        \
    _Generic(((type *)0)->f, struct vw_string: VW_FORM_TEXT,                                       \
             struct vw_string *: VW_FORM_OPTIONAL,                                                 \
             char *: __builtin_choose_expr(                                                        \
                 __builtin_types_compatible_p(__typeof__(((type *)0)->f), char *),                 \
                 VW_FORM_OWNED_TEXT, VW_FORM_ARRAY),                                               \
             struct vw_object *: VW_FORM_OBJECT, bool: VW_FORM_NUMBER, uint8_t: VW_FORM_NUMBER,    \
             int32_t: VW_FORM_NUMBER, uint32_t: VW_FORM_NUMBER, int64_t: VW_FORM_NUMBER,            \
             uint64_t: VW_FORM_NUMBER)
#define VW_OWN_AS(type, f, as) {#f, offsetof(type, f), sizeof(((type *)0)->f), as}
#define VW_OWN_LIST(type, f, n)                                                                    \
    {#f, offsetof(type, f), sizeof(((type *)0)->f), VW_FORM_LIST, offsetof(type, n),               \
     sizeof(*((type *)0)->f)}
#define VW_OWN(type, f)        VW_OWN_AS(type, f, VW_FORM_OF(type, f))
/* clang-format on */

struct vw_move;

/* Where in arguments and results is what, for the functions of rows.h; VW_CALL needs nothing of it.
 * 0 is the start. */
struct vw_row {
    const char *procedure; /* short name of today, "domain_get_info" */
    /* ARGS and RET in today's layout, RET being 0 so far; NULL where there is none. */
    enum vw_outcome (*run)(struct vw_call *c, const void *args, void *ret);
    uint32_t arg, flags, ret, count;
    uint32_t known;             /* of the flags: others are refused before it runs (O-8) */
    uint32_t which;             /* enum vw_which */
    uint32_t field, size;       /* of the object, and how much of it */
    enum vw_own_form form;      /* what lies there */
    uint32_t wants, wants_size; /* of the arguments: what must not be all zeros */
    const struct vw_move *move;
    bool hosted; /* the test driver has no such call: it is one of conn->hosted */
};

/* Runs vw_on_PROC, which has the prototype of calls.h. */
#define VW_CALL(proc)                                                                              \
    {                                                                                              \
        .procedure = #proc, .run = vw_run_##proc                                                   \
    }

/* The same, once MEMBER of the arguments is not 0, empty or absent: without it the library refuses
 * the call ahead of the driver. */
#define VW_CALL_WANTS(proc, m)                                                                     \
    {                                                                                              \
        .procedure = #proc, .run = vw_run_##proc,                                                  \
        .wants = offsetof(struct remote_##proc##_args, m),                                         \
        .wants_size = sizeof(((struct remote_##proc##_args *)0)->m)                                \
    }

/* The same of hypervisors that can do more than the test driver: on a connection to that it is
 * answered as what has no row. */
#define VW_HOSTED(proc)                                                                            \
    {                                                                                              \
        .procedure = #proc, .run = vw_run_##proc, .hosted = true                                   \
    }

/* The same of the admin program: vw_on_admin_PROC. */
#define VW_ADMIN(proc)                                                                             \
    {                                                                                              \
        .procedure = #proc, .run = vw_run_admin_##proc                                             \
    }

/* How a remote_nonnull_* names an object: where which part of it is. */
struct vw_reference {
    uint32_t size;
    uint32_t name;
    uint32_t uuid, id; /* an id of 0: has none */
    bool has_uuid;     /* else the name says which it is */
};
#define VW_REFERENCE(type)                                                                         \
    {                                                                                              \
        .size = sizeof(struct type), .name = offsetof(struct type, name),                          \
        .uuid = offsetof(struct type, uuid), .has_uuid = true                                      \
    }

/* The number of the events of an object's life, of whatever kind it is. */
enum { VW_EVENT_LIFECYCLE = 0 };

/* A message that tells of an event: where in its struct is what. */
struct vw_event_form {
    const char *procedure; /* "remote.network_event_lifecycle" */
    int32_t event;
    bool old_form; /* for registrations of the old form: has no callback id */
    uint32_t size;
    uint32_t callback, object;
    uint32_t what, detail; /* 0: has none */
};

/* What the life cycle calls it to be defined, and to be started as it is made. */
struct vw_lives {
    int32_t defined, started;
};

struct vw_object_kind {
    const char *name;
    const struct vw_row *rows; /* ends at a NULL procedure */
    const char *program;       /* whose procedures they are; NULL: remote */
    bool hosted;               /* the test driver has none: all rows are as VW_HOSTED */
    bool migration;            /* nor have others that do not migrate */
    /* Whose objects the rows ask about; NULL: its own. */
    const struct vw_object_kind *about;
    /* Of kinds that have objects. */
    size_t size; /* of the struct that begins with struct vw_object */
    /* Of the other members of that struct those that no VW_FACT gives out. NULL: there are none. */
    const struct vw_own *owns;
    struct vw_reference reference;
    /* What is said when there is no such object. */
    struct vw_error_pair missing;
    const char *missing_text;
    bool has_ids; /* while they are active */
    /* Whether one stays as it is when the last client leaves. NULL: none does. */
    bool (*lasts)(const struct vw_object *o);
    /* Whether one is in no list, but is found by who knows of it. NULL: none is. */
    bool (*hidden)(const struct vw_object *o);
    int32_t inactive; /* the state that is not active */
    /* Of kinds that can be defined: the state of what is created, the domain of errors about XML.
     */
    int32_t running, xml_domain;
    /* Adds what is there at the start; kinds begin in the order of their names. VW_ENOMEM. NULL:
     * nothing is. */
    int (*begin)(const struct vw_model *m, struct vw_objects *t, const struct vw_config *config);
    /* Frees what one has of its own: at its end, and ahead of a reset, at whose start it has none.
     */
    void (*end)(struct vw_object *o);
    /* One goes: ahead of that. NULL: nothing goes with it. */
    void (*leave)(struct vw_call *c, struct vw_object *o);
    /* One is not active any more. */
    void (*stopped)(struct vw_objects *t, struct vw_object *o);
    /* Makes TO, a remote_nonnull_*, name O. NULL: by REFERENCE. */
    void (*refer)(const struct vw_object *o, void *to);
    /* The object that a call names, or NULL and the error of the call. NULL: by uuid. */
    struct vw_object *(*find)(struct vw_call *c, const struct vw_objects *t, const void *named);
    /* Makes the XML of an object. NULL: it is what it has. */
    enum vw_outcome (*xml)(struct vw_call *c, const struct vw_object *o, struct vw_string *out);
    /* Their XML: the name of the root, NULL: that of the kind; how it is given back; what gives an
     * object its name and uuid, NULL: the elements of these names. */
    const char *root;
    const struct vw_shape *shape;
    enum vw_outcome (*identify)(struct vw_call *c, const struct _xmlNode *root,
                                struct vw_object *o);
    /* Reads into O what the root says of the fields of the kind; it may change it. NULL: nothing.
     */
    enum vw_outcome (*parse)(struct vw_call *c, struct _xmlNode *root, struct vw_object *o);
    /* For lists with a choice: what flags stand for an object, and which exclude each other; the
     * groups end at 0. NULL: VW_LIST_ACTIVE and its like, and LIST_TYPE beside. */
    uint32_t (*list_bits)(const struct vw_object *o);
    const uint32_t *list_groups;
    uint32_t list_type;
    /* The events that are told of objects, ends at a NULL procedure; NULL: none. The first
     * n_events numbers can be asked for. */
    const struct vw_event_form *events;
    int32_t n_events;
    /* Of kinds that can be defined: what is told then; NULL: nothing. */
    const struct vw_lives *lives;
};

/* virErrorDomain of networks; the others that rules name are in remote-error.h. */
enum { VW_FROM_NETWORK = 19 };
/* virErrorNumber, likewise. */
enum { ERR_OPERATION_INVALID = 55 };

/* All kinds, ends at NULL. Made by the build from its list. */
extern const struct vw_object_kind *const vw_object_kinds[];

/* What is known of a procedure when calls come: made once, when the daemon starts. */
struct vw_entry {
    const struct vw_row *row;  /* NULL: NO_SUPPORT */
    bool is_new;               /* of a schema of somebody's: answered with what is smallest */
    uint32_t kind;             /* of the row, as vw_object_kinds counts */
    bool hosted;               /* the row or its kind is: only for conn->hosted */
    bool migration;            /* and the driver must be one that migrates */
    struct vw_plan *args_plan; /* to today's layout; NULL: it is the same */
    struct vw_plan *ret_plan;  /* back from it */
    uint32_t ret_size;         /* today's; 0: no result */
    int32_t no_support_domain; /* D-34 */
    int32_t read_only_domain;  /* D-19, D-31 */
    bool modifies;             /* D-19 */
    uint32_t domain; /* where event->value has the domain it is about; UINT32_MAX: about none */
};

/* ---- arguments ---- */

/* What a call is about, as its arguments name it; NULL: about no domain. */
const struct remote_nonnull_domain *vw_call_named_domain(const struct vw_call *c);

/* The objects of the kind that the row is of. */
struct vw_objects *vw_call_objects(const struct vw_call *c);
/* The one that the remote_nonnull_* NAMED means. NULL: there is none, and the error of the call is
 * set. */
struct vw_object *vw_call_object(struct vw_call *c, const void *named);
/* The same of another kind. */
struct vw_object *vw_call_object_of(struct vw_call *c, const struct vw_object_kind *kind,
                                    const void *named);
/* The same of domains (42, D-33). */
struct vw_domain *vw_call_domain(struct vw_call *c, const struct remote_nonnull_domain *named);

/* A string as everybody takes it: up to its first NUL. */
static inline const char *vw_text(const struct vw_string *s)
{
    return s->data ? s->data : "";
}

/* ---- results ---- */

/* Memory for a result, cleared; NULL when there is none, and the error of the call is set. */
void *vw_call_alloc(struct vw_call *c, size_t size);
/* Makes TO, a remote_nonnull_* of objects of that kind, name O. */
void vw_refer(const struct vw_object_kind *kind, const struct vw_object *o, void *to);
/* TEXT stays the caller's. */
static inline struct vw_string vw_string(const char *text)
{
    return (struct vw_string){(char *)(uintptr_t)text, (uint32_t)strlen(text)};
}

/* Sets the error of the call and returns VW_FAILED. TEXT is used, not copied. */
enum vw_outcome vw_call_fail(struct vw_call *c, int32_t code, int32_t domain, const char *text);
/* The same with a text made in the arena of the message. */
enum vw_outcome vw_call_failf(struct vw_call *c, int32_t code, int32_t domain, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
/* The error for FLAGS that have bits outside of KNOWN; VW_DONE when there are none. */
enum vw_outcome vw_call_check_flags(struct vw_call *c, uint32_t flags, uint32_t known);
/* The release that the daemon is of: "9.0.0" is 9000000. */
uint64_t vw_call_lib_version(const struct vw_call *c);
/* The most that the one list of the result may hold. */
uint32_t vw_call_list_bound(const struct vw_call *c);
/* Checks WANTED against 0 and the bound of the result's list, which is also the most that may be
 * asked for (D-17, D-18, D-30). */
enum vw_outcome vw_call_check_count(struct vw_call *c, int32_t wanted);
