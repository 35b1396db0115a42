// SPDX-License-Identifier: MIT
// The rows of results.tsv: which calls, and what they are answered.
#include "mock-daemon/faults/result.h"

#include <fnmatch.h>
#include <string.h>

#include "mock-daemon/calls.h"
#include "mock-daemon/daemon.h"
#include "mock-daemon/kinds/domain.h"
#include "schema/facts.h"
#include "xdr/literal.h"

static bool is_call(const char *pattern, const struct vw_proc *proc)
{
    return (*pattern == '*' || strcmp(proc->program->name, "remote") == 0) &&
           fnmatch(pattern, vw_proc_today(proc), 0) == 0;
}

static int32_t feature(const struct vw_call *c)
{
    return ((const struct remote_connect_supports_feature_args *)c->args)->feature;
}

/* Objects are found by the uuid (D-35; D-33 tells how 2007 differs). */
static bool is_misnamed(const struct vw_call *c)
{
    const struct remote_nonnull_domain *named = vw_call_named_domain(c);
    return c->entry->row && named &&
           !vw_objects_by_name(vw_model_objects(c->conn->model, &vw_object_kind_domain),
                               vw_text(&named->name));
}

static bool has_nul(const struct vw_string *s)
{
    return s->data && strlen(s->data) != s->len;
}

/* Whether METHOD has still to be passed; of NONE: whether it is asked for. */
static bool is_due(const struct vw_conn *conn, enum vw_config_auth method)
{
    bool due = method == VW_CONFIG_AUTH_NONE || !conn->authenticated;
    return due && vw_conn_auth(conn) == method;
}

static bool holds(const struct vw_result_row *row, const struct vw_call *c)
{
    switch (row->when) {
    case VW_RESULT_OPEN:
        return c->conn->opened;
    case VW_RESULT_NOT_OPEN:
        return !c->conn->opened;
    case VW_RESULT_OPEN_FLAGS:
        return (((const struct remote_connect_open_args *)c->args)->flags & ~3u) != 0;
    case VW_RESULT_UNKNOWN_FEATURE:
        return feature(c) < 0 || feature(c) > 16;
    case VW_RESULT_NO_AUTH:
        return is_due(c->conn, VW_CONFIG_AUTH_NONE);
    case VW_RESULT_SASL:
        return is_due(c->conn, VW_CONFIG_AUTH_SASL);
    case VW_RESULT_POLKIT:
        return is_due(c->conn, VW_CONFIG_AUTH_POLKIT);
    case VW_RESULT_EXCHANGE:
        return c->conn->sasl != NULL;
    case VW_RESULT_IN:
        return c->conn->authenticated && !is_due(c->conn, VW_CONFIG_AUTH_NONE);
    case VW_RESULT_VOID:
        return !c->event->proc->ret;
    case VW_RESULT_NUL:
        return has_nul(&((const struct remote_domain_lookup_by_name_args *)c->args)->name);
    case VW_RESULT_MISNAMED:
        return is_misnamed(c);
    default:
        return true;
    }
}

static bool is_meant(const struct vw_result_row *row, const struct vw_call *c)
{
    const struct vw_proc *proc = c->event->proc;
    return (!row->calls[0] || is_call(row->calls[0], proc) ||
            (row->calls[1] && is_call(row->calls[1], proc))) &&
           (!row->feature || feature(c) == row->feature) && holds(row, c);
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

enum vw_outcome vw_fault_result_row(const struct vw_fault *f, struct vw_call *c)
{
    const struct vw_result_row *row = f->kind->detail;
    if (!is_meant(row, c))
        return vw_fault_next_call(f, c);
    if (row->failed) {
        enum vw_outcome outcome = vw_fault_next_call(f, c);
        if (outcome != VW_FAILED ||
            (row->failed != VW_RESULT_ANY_ERROR && c->error.code != row->failed))
            return outcome;
    }
    if (row->value)
        return put_value(c, row->value) < 0 ? VW_NO_ANSWER : VW_DONE;
    return vw_call_fail(c, row->code, row->domain, row->text);
}
