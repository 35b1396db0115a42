// SPDX-License-Identifier: MIT
// The faults that answer calls otherwise, with a result or an error that a row says: instead of
// running them, or when they have failed.
#include <fnmatch.h>
#include <string.h>

#include "mock-daemon/calls.h"
#include "mock-daemon/daemon.h"
#include "mock-daemon/faults/tamper.h"
#include "mock-daemon/kinds/domain.h"
#include "schema/facts.h"
#include "xdr/literal.h"

#define ANY_ERROR INT32_MIN

/* The detail of a row. */
struct result {
    const char *calls[2]; /* today's names, or patterns; none: all calls of all programs */
    int32_t failed;       /* those that failed with this code or ANY_ERROR; 0: unheard */
    int32_t feature;      /* those that ask for this; 0: whatever they do */
    bool (*when)(const struct vw_call *c);
    const char *value; /* of the result, as YAML; "" is the smallest. NULL: an error */
    int32_t code, domain;
    const char *text;
};

static bool is_call(const char *pattern, const struct vw_proc *proc)
{
    return (*pattern == '*' || strcmp(proc->program->name, "remote") == 0) &&
           fnmatch(pattern, vw_proc_today(proc), 0) == 0;
}

static int32_t feature(const struct vw_call *c)
{
    return ((const struct remote_connect_supports_feature_args *)c->args)->feature;
}

static bool is_meant(const struct result *row, const struct vw_call *c)
{
    const struct vw_proc *proc = c->event->proc;
    return (!row->calls[0] || is_call(row->calls[0], proc) ||
            (row->calls[1] && is_call(row->calls[1], proc))) &&
           (!row->feature || feature(c) == row->feature) && (!row->when || row->when(c));
}

static int put_value(struct vw_call *c, const char *yaml)
{
    const struct vw_type *t = c->event->proc->ret;
    struct vw_arena *arena = &c->conn->daemon->arena;
    struct vw_node_context nodes = {.arena = arena};
    struct vw_node *n;
    void *value = NULL;
    int rc = t ? vw_yaml_parse(yaml, strlen(yaml), arena, &n, NULL) : 0;
    if (t && rc == 0)
        rc = vw_node_to_value(&nodes, t, n, &value, NULL);
    c->value = value;
    return rc;
}

static enum vw_outcome result(const struct vw_fault *f, struct vw_call *c)
{
    const struct result *row = f->kind->detail;
    if (!is_meant(row, c))
        return vw_fault_next_call(f, c);
    if (row->failed) {
        enum vw_outcome outcome = vw_fault_next_call(f, c);
        if (outcome != VW_FAILED || (row->failed != ANY_ERROR && c->error.code != row->failed))
            return outcome;
    }
    if (row->value)
        return put_value(c, row->value) < 0 ? VW_NO_ANSWER : VW_DONE;
    return vw_call_fail(c, row->code, row->domain, row->text);
}

#define RESULT(...)                                                                                \
    .call = result, .detail = &(const struct result)                                               \
    {                                                                                              \
        __VA_ARGS__                                                                                \
    }
#define ERROR(c, d, t) .code = c, .domain = d, .text = t
#define INTERNAL(t)    ERROR(VW_ERR_INTERNAL, VW_FROM_RPC, t)
#define INVALID(t)     ERROR(VW_ERR_INVALID_ARG, VW_FROM_RPC, t)
#define NO_DOMAIN      ERROR(VW_ERR_NO_DOMAIN, VW_FROM_TEST, "there is no such domain")
#define FEATURE                                                                                    \
    {                                                                                              \
        "connect_supports_feature"                                                                 \
    }

/* ---- which of the calls ---- */

static bool is_open(const struct vw_call *c)
{
    return c->conn->opened;
}

static bool is_not_open(const struct vw_call *c)
{
    return !c->conn->opened;
}

static bool has_open_flags(const struct vw_call *c)
{
    return (((const struct remote_connect_open_args *)c->args)->flags & ~3u) != 0;
}

static bool is_unknown_feature(const struct vw_call *c)
{
    return feature(c) < 0 || feature(c) > 16;
}

/* Of the listeners that ask for nothing. */
static bool needs_no_auth(const struct vw_call *c)
{
    return vw_conn_auth(c->conn) == VW_CONFIG_AUTH_NONE;
}

static bool is_void(const struct vw_call *c)
{
    return !c->event->proc->ret;
}

static bool has_nul(const struct vw_call *c)
{
    const struct vw_string *name =
        &((const struct remote_domain_lookup_by_name_args *)c->args)->name;
    return name->data && strlen(name->data) != name->len;
}

/* Objects are found by the uuid (D-35; D-33 tells how 2007 differs). */
static bool is_misnamed(const struct vw_call *c)
{
    const struct remote_nonnull_domain *named = vw_call_named_domain(c);
    return c->entry->row && named &&
           !vw_objects_by_name(vw_model_objects(&c->conn->daemon->model, &vw_object_kind_domain),
                               vw_text(&named->name));
}

const struct vw_fault_kind vw_fault_kinds_result[] = {
    /* ---- opening, closing, features, authentication ---- */
    {"open-twice-accepted", "D-13", "a second open is answered OK",
     RESULT({"connect_open"}, .when = is_open, .value = "")},
    {"open-flags-refused", "C-2", "unknown flags of the open are refused",
     RESULT({"connect_open"}, .when = has_open_flags, INVALID("unknown flags"))},
    {"close-not-open-refused", "C-7", "CONNECT_CLOSE without an open is refused",
     RESULT({"connect_close"}, .when = is_not_open, INTERNAL("nothing is open"))},
    {"feature-unknown-error", "C-11", "an unknown feature code is an error",
     RESULT(FEATURE, .when = is_unknown_feature, INVALID("unknown feature"))},
    {"feature-unknown-yes", "C-11", "unknown features are supported",
     RESULT(FEATURE, .when = is_unknown_feature, .value = "{supported: 1}")},
    {"feature-fds-denied", "C-11", "feature 8 is not supported",
     RESULT(FEATURE, .feature = 8, .value = "")},
    {"feature-events-denied", "C-11", "feature 14 is not supported",
     RESULT(FEATURE, .feature = 14, .value = "")},
    {"feature-close-denied", "C-11", "feature 15 is not supported",
     RESULT(FEATURE, .feature = 15, .value = "")},
    {"feature-keepalive-denied", "K-4", "feature 10 is not supported",
     RESULT(FEATURE, .feature = 10, .value = "")},
    {"feature-keepalive-needs-open", "K-4", "feature 10 can be asked for after the open only",
     RESULT(FEATURE, .feature = 10, .when = is_not_open, INTERNAL("nothing is open"))},
    {"uri-wrong", "C-9", "GET_URI names another hypervisor",
     RESULT({"connect_get_uri"}, .value = "{uri: test:///other}")},
    {"auth-list-empty", "A-3", "AUTH_LIST gives no method", RESULT({"auth_list"}, .value = "")},
    {"auth-list-unknown", "A-3", "AUTH_LIST gives the method 7",
     RESULT({"auth_list"}, .value = "{types: [7]}")},
    {"auth-list-wrong", "D-11", "AUTH_LIST asks for SASL where none is needed",
     RESULT({"auth_list"}, .value = "{types: [1]}")},
    {"sasl-accepted", "A-13", "SASL_INIT is served where no SASL is asked for",
     RESULT({"auth_sasl_init"}, .value = "{mechlist: PLAIN}")},
    {"sasl-start-served", "A-15", "SASL_START is served without SASL_INIT",
     RESULT({"auth_sasl_start"}, .value = "{nil: 1}")},
    {"sasl-code", "A-5", "the SASL calls fail with 1/7",
     RESULT(.failed = VW_ERR_AUTH_FAILED, INTERNAL("no SASL"))},
    {"polkit-accepted", "A-13", "AUTH_POLKIT is served where no polkit is asked for",
     RESULT({"auth_polkit"}, .when = needs_no_auth, .value = "{complete: 1}")},

    /* ---- what is not supported, and what is not allowed ---- */
    {"read-only-domain", "D-19", "refusals of read-only connections have the domain 0",
     RESULT(.failed = VW_ERR_OPERATION_DENIED,
            ERROR(VW_ERR_OPERATION_DENIED, VW_FROM_NONE, "read-only"))},
    {"read-only-code", "D-19", "read-only connections are refused with 88",
     RESULT(.failed = VW_ERR_OPERATION_DENIED, ERROR(88, VW_FROM_DOMAIN, "access denied"))},
    {"no-support-domain", "D-34", "NO_SUPPORT has the domain 0",
     RESULT(.failed = VW_ERR_NO_SUPPORT, ERROR(VW_ERR_NO_SUPPORT, VW_FROM_NONE, "not supported"))},
    {"no-support-code", "D-34", "what is not supported is answered with 1/7",
     RESULT(.failed = VW_ERR_NO_SUPPORT, INTERNAL("not supported"))},
    {"no-support-ok", "D-34", "calls without a result that are not supported are answered OK",
     RESULT(.failed = VW_ERR_NO_SUPPORT, .when = is_void, .value = "")},
    {"products-wrap", "D-18", "a product of counts that is above its limit is served",
     RESULT({"domain_get_vcpus", "node_get_free_pages"}, ANY_ERROR, .value = "")},

    /* ---- events ---- */
    {"event-duplicate-accepted", "V-4", "the same registration twice is answered OK",
     RESULT({"*_event_*"}, VW_ERR_INVALID_ARG, .value = "")},
    {"event-duplicate-code", "V-4", "the same registration twice is answered with 1/7",
     RESULT({"*event*"}, VW_ERR_INVALID_ARG, INTERNAL("registered already"))},
    {"event-unknown-accepted", "V-4", "unknown event ids and callback ids are answered OK",
     RESULT({"*_event_*"}, VW_ERR_INTERNAL, .value = "")},

    /* ---- objects ---- */
    {"nul-not-cut", "X-2", "a name with a NUL inside is taken whole",
     RESULT({"domain_lookup_by_name"}, .when = has_nul, NO_DOMAIN)},
    {"lookup-finds-all", "E-5", "lookups of what is not there find something",
     RESULT({"domain_lookup_by_*"}, VW_ERR_NO_DOMAIN,
            .value = "{dom: {name: ghost, uuid: '01020304000000000000000000000000', id: 1}}")},
    {"lookup-name-finds-none", "X-2", "the lookup by name finds nothing",
     RESULT({"domain_lookup_by_name"}, NO_DOMAIN)},
    {"lookup-uuid-finds-none", "X-11", "the lookup by uuid finds nothing",
     RESULT({"domain_lookup_by_uuid"}, NO_DOMAIN)},
    {"lookup-id-finds-none", "X-11", "the lookup by id finds nothing",
     RESULT({"domain_lookup_by_id"}, NO_DOMAIN)},
    {"lookup-code", "E-5", "lookups of what is not there fail with 1/12",
     RESULT({"domain_lookup_by_*"}, ANY_ERROR,
            ERROR(VW_ERR_INTERNAL, VW_FROM_TEST, "there is no such domain"))},
    {"name-must-fit", "D-35", "calls about a domain want its name to fit, not only the uuid",
     RESULT(.when = is_misnamed, NO_DOMAIN)},
    {"list-ids-empty", "L-6", "the list of ids is empty",
     RESULT({"connect_list_domains"}, .value = "")},
    {NULL},
};
