// SPDX-License-Identifier: MIT
// Faults of what the server does with a message that is no good call (section 3).
#include "mock-daemon/faults/tamper.h"

#include <fcntl.h>
#include <string.h>

#include "mock-daemon/daemon.h"

/* ---- wrong answers to what the session refuses ---- */

enum act { SILENT, CLOSE, OK, ANOTHER_ERROR };

struct refusal_fault {
    const char *clauses; /* of refusals, words apart */
    enum act act;
    int32_t code, domain; /* ANOTHER_ERROR */
    const char *text;
};

static bool named(const char *clauses, const char *clause)
{
    const char *at = *clause ? strstr(clauses, clause) : NULL;
    char end = at ? at[strlen(clause)] : 'x';
    return end == 0 || end == ' ';
}

static enum vw_fate refusal(const struct vw_fault *f, struct vw_tamper *t,
                            struct vw_fault_output *m)
{
    const struct refusal_fault *row = f->kind->detail;
    if (!m->refusal || !named(row->clauses, m->refusal->clause))
        return VW_FATE_PASS;
    switch (row->act) {
    case SILENT:
        return VW_FATE_DROP;
    case CLOSE:
        return VW_FATE_CLOSE;
    case OK:
        vw_tamper_make_ok(t, m);
        return VW_FATE_PASS;
    default:
        vw_tamper_make_error(t, m, row->code, row->domain, row->text);
        return VW_FATE_PASS;
    }
}

#define REFUSAL(...)                                                                               \
    .output = refusal, .detail = &(const struct refusal_fault)                                     \
    {                                                                                              \
        __VA_ARGS__                                                                                \
    }

/* ---- messages that are no calls ---- */

struct type_fault {
    enum { TYPE_UNKNOWN_PROGRAM, TYPE_STREAM, TYPE_OTHER } which;
    bool close;
};

static bool is_call(const struct vw_fault_input *m)
{
    return m->header.type == VW_MSG_CALL || m->header.type == VW_MSG_CALL_WITH_FDS;
}

static bool keepalive_message(struct vw_tamper *t, const struct vw_fault_input *m)
{
    const struct vw_program *p =
        vw_schema_program_named(vw_tamper_conn(t)->daemon->profile->schema, "keepalive");
    return p && m->header.program == p->number;
}

static enum vw_fate type_answered(const struct vw_fault *f, struct vw_tamper *t,
                                  struct vw_fault_input *m)
{
    const struct type_fault *row = f->kind->detail;
    const struct vw_session *s = vw_tamper_conn(t)->session;
    bool known = vw_session_program(s, m->header.program, m->header.version) != NULL;
    bool stream = m->header.type == VW_MSG_STREAM;
    if (is_call(m) || keepalive_message(t, m))
        return VW_FATE_PASS;
    if (known != (row->which != TYPE_UNKNOWN_PROGRAM) ||
        (known && stream != (row->which == TYPE_STREAM)))
        return VW_FATE_PASS;
    if (row->close)
        return VW_FATE_CLOSE;
    vw_tamper_send_error(t, &m->header, VW_ERR_RPC, VW_FROM_RPC, "this type is not a call");
    return VW_FATE_DROP;
}

#define TYPE(...)                                                                                  \
    .input = type_answered, .detail = &(const struct type_fault)                                   \
    {                                                                                              \
        __VA_ARGS__                                                                                \
    }

/* After this many of them the daemon hears nothing more. */
static enum vw_fate drops_leak(const struct vw_fault *f, struct vw_tamper *t,
                               struct vw_fault_input *m)
{
    struct vw_fault_state *state = vw_tamper_state(t, f);
    if (!is_call(m) && !keepalive_message(t, m))
        state->count++;
    return state->count > f->value ? VW_FATE_DROP : VW_FATE_PASS;
}

/* Of a server of 2007; today such a message is answered (D-1). */
static enum vw_fate foreign_ignored(const struct vw_fault *f, struct vw_tamper *t,
                                    struct vw_fault_input *m)
{
    const struct vw_session *s = vw_tamper_conn(t)->session;
    return vw_tamper_conn(t)->daemon->profile->dialect != VW_PROFILE_2007 ||
                   vw_session_program(s, m->header.program, m->header.version) ||
                   keepalive_message(t, m) || m->header.version != 1
               ? VW_FATE_PASS
               : VW_FATE_DROP;
}

/* ---- descriptors ---- */

/* What of the count word the fault wants to see. */
static bool fd_count(const struct vw_fault_input *m, uint32_t *count)
{
    if (m->header.type != VW_MSG_CALL_WITH_FDS)
        return false;
    *count = m->len >= VW_PREFIX_BYTES + 4 ? vw_word_get(m->bytes, VW_WORD_BODY) : UINT32_MAX;
    return true;
}

static enum vw_fate fds_over_max(const struct vw_fault *f, struct vw_tamper *t,
                                 struct vw_fault_input *m)
{
    uint32_t count;
    if (!fd_count(m, &count) || count <= vw_session_limits(vw_tamper_conn(t)->session)->fds_max)
        return VW_FATE_PASS;
    vw_tamper_send_error(t, &m->header, VW_ERR_RPC, VW_FROM_RPC, "too many descriptors");
    return VW_FATE_DROP;
}

static enum vw_fate fds_on_tcp(const struct vw_fault *f, struct vw_tamper *t,
                               struct vw_fault_input *m)
{
    uint32_t count;
    if (vw_tamper_conn(t)->listener->unix_socket || !fd_count(m, &count) || count == 0 ||
        count > 32)
        return VW_FATE_PASS;
    vw_tamper_send_error(t, &m->header, VW_ERR_RPC, VW_FROM_RPC, "no descriptors here");
    return VW_FATE_DROP;
}

static enum vw_fate fds_zero_refused(const struct vw_fault *f, struct vw_tamper *t,
                                     struct vw_fault_input *m)
{
    uint32_t count;
    return fd_count(m, &count) && count == 0 ? VW_FATE_CLOSE : VW_FATE_PASS;
}

/* The call is served as a plain one: its arguments begin with the count. */
static enum vw_fate fds_count_as_argument(const struct vw_fault *f, struct vw_tamper *t,
                                          struct vw_fault_input *m)
{
    uint32_t count;
    if (fd_count(m, &count) && count == 0)
        vw_word_set(m->bytes, VW_WORD_TYPE, VW_MSG_CALL);
    return VW_FATE_PASS;
}

static bool wants_fds(struct vw_tamper *t, const struct vw_fault_input *m)
{
    uint32_t count;
    return vw_tamper_conn(t)->listener->unix_socket && fd_count(m, &count) && count >= 1 &&
           count <= 32;
}

static enum vw_fate fds_not_awaited(const struct vw_fault *f, struct vw_tamper *t,
                                    struct vw_fault_input *m)
{
    if (!wants_fds(t, m))
        return VW_FATE_PASS;
    vw_tamper_send_error(t, &m->header, VW_ERR_RPC, VW_FROM_RPC, "where is the descriptor");
    return VW_FATE_DROP;
}

/* The session gets one from us, and then the byte alone is enough. */
static enum vw_fate fds_replaced(const struct vw_fault *f, struct vw_tamper *t,
                                 struct vw_fault_input *m)
{
    int fd = wants_fds(t, m) ? open("/dev/null", O_RDONLY | O_CLOEXEC) : -1;
    if (fd >= 0 && vw_session_add_fds(vw_tamper_conn(t)->session, VW_SIDE_CLIENT, &fd, 1) < 0)
        vw_tamper_cut(t);
    return VW_FATE_PASS;
}

/* A copy that nobody will ever close. */
static enum vw_outcome fds_leak(const struct vw_fault *f, struct vw_call *c)
{
    for (uint32_t i = 0; i < c->event->n_fds; i++)
        vw_tamper_state(c->conn->tamper, f)->word =
            (uint32_t)fcntl(c->event->fds[i], F_DUPFD_CLOEXEC, 0);
    return vw_fault_next_call(f, c);
}

static enum vw_fate fds_zero_on_tcp(const struct vw_fault *f, struct vw_tamper *t,
                                    struct vw_fault_input *m)
{
    return vw_tamper_conn(t)->listener->unix_socket ? VW_FATE_PASS : fds_zero_refused(f, t, m);
}

/* ---- gates ---- */

static void no_auth(const struct vw_fault *f, struct vw_session_options *o)
{
    o->auth_required = false;
}

static void no_open(const struct vw_fault *f, struct vw_tamper *t)
{
    vw_session_set_opened(vw_tamper_conn(t)->session, true);
}

/* ---- calls ---- */

static enum vw_outcome read_only_ignored(const struct vw_fault *f, struct vw_call *c)
{
    bool was = c->conn->read_only;
    enum vw_outcome outcome;
    c->conn->read_only = false;
    outcome = vw_fault_next_call(f, c);
    c->conn->read_only = c->conn->read_only || was;
    return outcome;
}

/* A count that must be refused is taken: the list comes back empty. */
static enum vw_outcome counts_ignored(const struct vw_fault *f, struct vw_call *c)
{
    const struct vw_error_pair *refused = &c->conn->daemon->answers.bad_arguments;
    enum vw_outcome outcome = vw_fault_next_call(f, c);
    if (outcome != VW_FAILED || c->error.code != refused->code ||
        c->error.domain != refused->domain || !c->event->proc->ret)
        return outcome;
    c->value = NULL;
    return VW_DONE;
}

#define RPC VW_ERR_RPC, VW_FROM_RPC

const struct vw_fault_kind vw_fault_kinds_dispatch[] = {
    {"unknown-program-silent", "D-1", "calls to unknown programs get no answer",
     REFUSAL("D-1 D-2", SILENT)},
    {"unknown-program-closes", "D-1", "a call to an unknown program ends the connection",
     REFUSAL("D-1 D-2", CLOSE)},
    {"unknown-program-code", "D-1", "calls to unknown programs are answered with 1/7",
     REFUSAL("D-1 D-2", ANOTHER_ERROR, VW_ERR_INTERNAL, VW_FROM_RPC, "no such program")},
    {"wrong-version-served", "D-2", "calls to a wrong version are served", REFUSAL("D-2", OK)},
    {"unknown-procedure-closes", "D-4", "a call to an unknown procedure ends the connection",
     REFUSAL("D-4 D-5", CLOSE)},
    {"unknown-procedure-silent", "D-4", "calls to unknown procedures get no answer",
     REFUSAL("D-4 D-5", SILENT)},
    {"unknown-procedure-served", "D-4", "calls to unknown procedures are answered OK",
     REFUSAL("D-4", OK)},
    {"unknown-procedure-code", "D-4", "unknown procedures are answered with NO_SUPPORT",
     REFUSAL("D-4 D-5", ANOTHER_ERROR, VW_ERR_NO_SUPPORT, VW_FROM_RPC,
             "unknown procedure after all")},
    {"unknown-procedure-text", "D-21", "the error does not say \"unknown procedure\"",
     REFUSAL("D-4 D-5", ANOTHER_ERROR, RPC, "no such call")},
    {"event-number-served", "D-5", "calls to the number of an event are answered OK",
     REFUSAL("D-5", OK)},
    {"status-ignored", "D-8", "calls with a status other than OK are served", REFUSAL("D-8", OK)},
    {"status-closes", "D-8", "a call with a status other than OK ends the connection",
     REFUSAL("D-8", CLOSE)},
    {"bad-arguments-close", "D-9", "arguments that cannot be decoded end the connection",
     REFUSAL("D-9", CLOSE)},
    {"bad-arguments-silent", "D-9", "arguments that cannot be decoded get no answer",
     REFUSAL("D-9", SILENT)},
    {"bad-arguments-code", "D-9", "arguments that cannot be decoded are answered with 1/7",
     REFUSAL("D-9", ANOTHER_ERROR, VW_ERR_INTERNAL, VW_FROM_RPC, "bad arguments")},
    {"auth-not-required", "D-11", "calls are served before authentication", .options = no_auth},
    {"auth-code", "D-11", "calls before authentication are answered with 45/7",
     REFUSAL("D-11", ANOTHER_ERROR, VW_ERR_AUTH_FAILED, VW_FROM_RPC, "who are you")},
    {"auth-closes", "D-11", "a call before authentication ends the connection",
     REFUSAL("D-11", CLOSE)},
    {"auth-hides-unknown", "D-20", "unknown procedures are told as missing authentication",
     REFUSAL("D-4", ANOTHER_ERROR, RPC, "authentication required")},
    {"open-not-required", "D-12", "calls are served before CONNECT_OPEN", .begin = no_open},
    {"not-open-closes", "D-12", "a call before CONNECT_OPEN ends the connection",
     REFUSAL("D-12", CLOSE)},
    {"not-open-silent", "D-12", "calls before CONNECT_OPEN get no answer", REFUSAL("D-12", SILENT)},
    {"not-open-code", "D-12", "calls before CONNECT_OPEN are answered with 39/7",
     REFUSAL("D-12", ANOTHER_ERROR, RPC, "not open")},
    {"unknown-program-type-answered", "D-3",
     "messages of unknown programs that are no calls are answered", TYPE(TYPE_UNKNOWN_PROGRAM)},
    {"type-answered", "D-6", "messages that are no calls are answered", TYPE(TYPE_OTHER)},
    {"type-closes", "D-6", "a message that is no call ends the connection", TYPE(TYPE_OTHER, true)},
    {"stream-answered", "D-7", "packets of streams that are not open are answered",
     TYPE(TYPE_STREAM)},
    {"stream-closes", "D-7", "a packet of a stream that is not open ends the connection",
     TYPE(TYPE_STREAM, true)},
    {"silent-drops-leak", "D-24", "after N (5) messages that have no effect nothing is heard",
     .takes_value = true, .value = 5, .input = drops_leak},
    {"foreign-program-ignored", "F-8",
     "a server of 2007 passes over messages of a program that it does not serve",
     .input = foreign_ignored},
    {"fds-over-max-answered", "D-14", "too many descriptors are answered, the connection stays",
     .input = fds_over_max},
    {"fds-on-tcp-answered", "P-6", "descriptors over TCP are answered, the connection stays",
     .input = fds_on_tcp},
    {"fds-not-awaited", "P-4", "a call is answered before its descriptor has come",
     .input = fds_not_awaited},
    {"fds-leaked", "P-4", "descriptors that nobody wants stay open", .call = fds_leak},
    {"fds-byte-enough", "D-15", "a plain byte is taken for a descriptor", .input = fds_replaced},
    {"fds-zero-on-tcp-refused", "P-6", "over TCP a call with 0 descriptors ends the connection",
     .input = fds_zero_on_tcp},
    {"fds-count-as-argument", "P-2", "the count of descriptors is taken for the first argument",
     .input = fds_count_as_argument},
    {"fds-zero-refused", "P-4", "a call with 0 descriptors ends the connection",
     .input = fds_zero_refused},
    {"read-only-ignored", "D-19", "read-only connections may change things",
     .call = read_only_ignored},
    {"count-limits-ignored", "D-18", "counts above the limit and below 0 are served",
     .call = counts_ignored},
    {NULL},
};
