// SPDX-License-Identifier: MIT
// Faults of opening, closing, features and authentication (sections 7 and 12).
#include "mock-daemon/faults/tamper.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "mock-daemon/calls.h"
#include "mock-daemon/daemon.h"

static bool is(const struct vw_call *c, const char *name)
{
    return vw_proc_is(c->event->proc, name);
}

/* ---- open ---- */

/* DETAIL: the name of an open that fails (NULL: absent; "*": any) and is answered OK. */
static enum vw_outcome open_accepted(const struct vw_fault *f, struct vw_call *c)
{
    const char *const *wanted = f->kind->detail;
    const struct remote_connect_open_args *args = c->args;
    const char *name;
    enum vw_outcome outcome = vw_fault_next_call(f, c);
    if (!is(c, "connect_open") || outcome != VW_FAILED || c->conn->opened)
        return outcome;
    name = args->name ? vw_text(args->name) : NULL;
    if (*wanted ? !name || (strcmp(*wanted, "*") != 0 && strcmp(*wanted, name) != 0) : name != NULL)
        return outcome;
    vw_conn_set_opened(c->conn, true);
    return VW_DONE;
}

#define ACCEPTED(name)                                                                             \
    .call = open_accepted, .detail = &(const char *const)                                          \
    {                                                                                              \
        name                                                                                       \
    }

static enum vw_outcome open_failed_closes(const struct vw_fault *f, struct vw_call *c)
{
    enum vw_outcome outcome = vw_fault_next_call(f, c);
    if (is(c, "connect_open") && outcome == VW_FAILED && !c->conn->opened)
        c->close_after = true;
    return outcome;
}

static enum vw_outcome open_failed_sticks(const struct vw_fault *f, struct vw_call *c)
{
    struct vw_fault_state *state = vw_tamper_state(c->conn->tamper, f);
    enum vw_outcome outcome;
    if (!is(c, "connect_open"))
        return vw_fault_next_call(f, c);
    if (state->count > 0)
        return vw_call_fail(c, VW_ERR_INTERNAL, VW_FROM_RPC, "an open has failed before");
    outcome = vw_fault_next_call(f, c);
    state->count += outcome == VW_FAILED && !c->conn->opened;
    return outcome;
}

static enum vw_outcome read_only_flag_ignored(const struct vw_fault *f, struct vw_call *c)
{
    enum vw_outcome outcome = vw_fault_next_call(f, c);
    if (is(c, "connect_open"))
        c->conn->read_only = c->conn->listener->read_only;
    return outcome;
}

static enum vw_outcome read_only_socket_ignored(const struct vw_fault *f, struct vw_call *c)
{
    const struct remote_connect_open_args *args = c->args;
    enum vw_outcome outcome = vw_fault_next_call(f, c);
    if (is(c, "connect_open"))
        c->conn->read_only = (args->flags & 1u) != 0;
    return outcome;
}

/* Who opens behind a read-only client is read-only too. */
static enum vw_outcome read_only_inherited(const struct vw_fault *f, struct vw_call *c)
{
    static bool last;
    bool before = last;
    enum vw_outcome outcome = vw_fault_next_call(f, c);
    if (is(c, "connect_open") && outcome == VW_DONE) {
        last = c->conn->read_only;
        c->conn->read_only |= before;
    }
    return outcome;
}

/* ---- calls in one read with the open ---- */

enum behind { BEHIND_NOT_OPEN, BEHIND_LOST, BEHIND_ENDS, BEHIND_UNDOES, BEHIND_ONE_REQUEST };

static enum vw_fate new_read(const struct vw_fault *f, struct vw_tamper *t, size_t pending)
{
    vw_tamper_state(t, f)->count = 0;
    return VW_FATE_PASS;
}

/* Whether calls behind an OPEN may find it not open yet: not where the release promises that one is
 * served after the other (H-8), nor where the configuration has it so (L-3), which
 * BEHIND_ONE_REQUEST breaks. */
static bool may_overtake(const struct vw_daemon *d, enum behind act)
{
    bool one = d->config->main.max_client_requests == 1;
    return act == BEHIND_ONE_REQUEST ? one : !one && !d->answers.replies_in_order;
}

/* DETAIL: what becomes of calls behind an OPEN in the same read. */
static enum vw_outcome behind_open(const struct vw_fault *f, struct vw_call *c)
{
    const enum behind *act = f->kind->detail;
    struct vw_fault_state *state = vw_tamper_state(c->conn->tamper, f);
    if (is(c, "connect_open")) {
        state->count = may_overtake(c->conn->daemon, *act);
        return vw_fault_next_call(f, c);
    }
    if (state->count == 0 || !c->conn->opened || is(c, "connect_close"))
        return vw_fault_next_call(f, c);
    switch (*act) {
    case BEHIND_LOST:
        return VW_NO_ANSWER;
    case BEHIND_ENDS:
        vw_tamper_cut(c->conn->tamper);
        return VW_NO_ANSWER;
    case BEHIND_UNDOES:
        vw_conn_set_opened(c->conn, false);
        break;
    case BEHIND_NOT_OPEN:
    case BEHIND_ONE_REQUEST:
        break;
    }
    return vw_call_fail(c, VW_ERR_INTERNAL, VW_FROM_RPC, "the hypervisor is not open yet");
}

#define BEHIND_OPEN(act)                                                                           \
    .chunk = new_read, .call = behind_open, .detail = &(const enum behind)                         \
    {                                                                                              \
        act                                                                                        \
    }

/* ---- an open that names a host ---- */

enum host { HOST_BLOCKS, HOST_UNANSWERED, HOST_ACCEPTED, HOST_ENDS, HOST_VISITED };

/* Goes to the port that NAME has, on the loopback, and says what no client says. */
static void visit(const char *name)
{
    static const uint8_t hello[VW_PREFIX_BYTES] = {0, 0, 0, VW_PREFIX_BYTES};
    const char *port = strrchr(name, ':');
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)(port ? atoi(port + 1) : 0)),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (const struct sockaddr *)&to, sizeof(to)) == 0)
        (void)!send(fd, hello, sizeof(hello), MSG_NOSIGNAL);
    if (fd >= 0)
        close(fd);
}

static bool names_host(const struct remote_connect_open_args *args)
{
    static const char mark[] = "+tcp://";
    const char *name = args->name ? vw_text(args->name) : "", *at = strstr(name, mark);
    const char *host = at ? at + strlen(mark) : "";
    return at > name && *host && *host != '/';
}

/* DETAIL: what becomes of an open of a name with a transport and a host (C-5). */
static enum vw_outcome with_host(const struct vw_fault *f, struct vw_call *c)
{
    const enum host *act = f->kind->detail;
    const struct remote_connect_open_args *args = c->args;
    if (!is(c, "connect_open") || !names_host(args))
        return vw_fault_next_call(f, c);
    switch (*act) {
    case HOST_BLOCKS:
        nanosleep(&(struct timespec){.tv_sec = 4}, NULL);
        break;
    case HOST_UNANSWERED:
        return VW_NO_ANSWER;
    case HOST_ACCEPTED:
        vw_conn_set_opened(c->conn, true);
        return VW_DONE;
    case HOST_ENDS:
        c->close_after = true;
        break;
    case HOST_VISITED:
        visit(vw_text(args->name));
        return VW_NO_ANSWER;
    }
    return vw_fault_next_call(f, c);
}

#define WITH_HOST(act)                                                                             \
    .call = with_host, .detail = &(const enum host)                                                \
    {                                                                                              \
        act                                                                                        \
    }

/* ---- connections that know of each other ---- */

static void close_others(const struct vw_conn *self)
{
    struct vw_conn *c;
    TAILQ_FOREACH(c, &self->daemon->conns, link)
    if (c != self)
        vw_conn_set_opened(c, false);
}

/* DETAIL: the call (connect_open: a refused one) that takes the hypervisor from the others. */
static enum vw_outcome takes_from_others(const struct vw_fault *f, struct vw_call *c)
{
    const char *const *name = f->kind->detail;
    bool was_open = c->conn->opened;
    enum vw_outcome outcome = vw_fault_next_call(f, c);
    if (was_open && is(c, *name))
        close_others(c->conn);
    return outcome;
}

#define TAKES_FROM_OTHERS(name)                                                                    \
    .call = takes_from_others, .detail = &(const char *const)                                      \
    {                                                                                              \
        name                                                                                       \
    }

/* ---- close ---- */

/* The connection stays where other calls came in the same read as the close. */
static enum vw_outcome close_behind_calls(const struct vw_fault *f, struct vw_call *c)
{
    struct vw_fault_state *state = vw_tamper_state(c->conn->tamper, f);
    enum vw_outcome outcome = vw_fault_next_call(f, c);
    if (is(c, "connect_close") && state->count > 0)
        c->close_after = false;
    state->count++;
    return outcome;
}

/* ... where a stream was opened before. */
static enum vw_outcome close_with_stream(const struct vw_fault *f, struct vw_call *c)
{
    struct vw_fault_state *state = vw_tamper_state(c->conn->tamper, f);
    enum vw_outcome outcome = vw_fault_next_call(f, c);
    if (is(c, "domain_screenshot") && outcome == VW_DONE)
        state->count++;
    if (is(c, "connect_close") && state->count > 0)
        c->close_after = false;
    return outcome;
}

static enum vw_outcome close_while_registered(const struct vw_fault *f, struct vw_call *c)
{
    if (is(c, "connect_close") && c->conn->events.count > 0)
        return vw_call_fail(c, VW_ERR_INTERNAL, VW_FROM_RPC, "events are registered for");
    return vw_fault_next_call(f, c);
}

static enum vw_outcome no_close_after_close(const struct vw_fault *f, struct vw_call *c)
{
    enum vw_outcome outcome = vw_fault_next_call(f, c);
    if (is(c, "connect_close"))
        c->close_after = false;
    return outcome;
}

static enum vw_outcome close_before_reply(const struct vw_fault *f, struct vw_call *c)
{
    if (!is(c, "connect_close"))
        return vw_fault_next_call(f, c);
    c->close_after = true;
    return VW_NO_ANSWER;
}

/* ---- authentication ---- */

/* Of the listeners that ask for nothing. */
static bool no_auth(const struct vw_call *c)
{
    return vw_conn_auth(c->conn) == VW_CONFIG_AUTH_NONE;
}

static remote_auth_type polkit = VW_CONFIG_AUTH_POLKIT;
static const struct remote_auth_list_ret polkit_alone = {{&polkit, 1}};

static enum vw_outcome auth_list_changes(const struct vw_fault *f, struct vw_call *c)
{
    if (!is(c, "auth_list") || !no_auth(c) || vw_tamper_state(c->conn->tamper, f)->count++ == 0)
        return vw_fault_next_call(f, c);
    c->value = &polkit_alone;
    return VW_DONE;
}

static enum vw_outcome polkit_unanswered(const struct vw_fault *f, struct vw_call *c)
{
    return is(c, "auth_polkit") && !no_auth(c) ? VW_NO_ANSWER : vw_fault_next_call(f, c);
}

/* ---- the end of a connection ---- */

static void eleventh_cut(const struct vw_fault *f, struct vw_tamper *t)
{
    if (vw_tamper_conn(t)->daemon->main.n_conns >= f->value)
        vw_tamper_cut(t);
}

/* C-8: an error reply that no call has asked for. */
static void half_close_answered(const struct vw_fault *f, struct vw_tamper *t)
{
    const struct vw_program *p =
        vw_schema_program_named(vw_tamper_conn(t)->daemon->profile->schema, "remote");
    const struct vw_header h = {.program = p->number, .version = p->version, .serial = 0xdead};
    vw_tamper_send_error(t, &h, VW_ERR_RPC, VW_FROM_RPC, "where have you gone");
}

/* C-7: with an open connection that ends without a CLOSE, the others are no longer open either. */
static void leaver_closes_others(const struct vw_fault *f, struct vw_tamper *t)
{
    if (vw_tamper_state(t, f)->count > 0)
        close_others(vw_tamper_conn(t));
}

/* Whether the hypervisor is open; CLOSE ends that before the connection ends. */
static enum vw_outcome remember_open(const struct vw_fault *f, struct vw_call *c)
{
    enum vw_outcome outcome = vw_fault_next_call(f, c);
    if (is(c, "connect_open") && outcome == VW_DONE)
        vw_tamper_state(c->conn->tamper, f)->count = 1;
    if (is(c, "connect_close"))
        vw_tamper_state(c->conn->tamper, f)->count = 0;
    return outcome;
}

/* of a house that was full, with INSIDE clients in it who count no longer, one place stays
 * taken. Once: from then on there are fewer connections than are counted. */
static void keep_place(struct vw_daemon *d, unsigned inside)
{
    if (d->main.n_anonymous + inside == d->main.n_conns &&
        d->main.n_anonymous + 1 == d->main.max_anonymous)
        d->main.n_anonymous++;
}

static void house_stays_full(const struct vw_fault *f, struct vw_tamper *t)
{
    struct vw_conn *c = vw_tamper_conn(t);
    if (!c->authenticated)
        keep_place(c->daemon, 0);
}

static enum vw_outcome log_in_keeps_place(const struct vw_fault *f, struct vw_call *c)
{
    bool was_in = c->conn->authenticated;
    enum vw_outcome outcome = vw_fault_next_call(f, c);
    if (!was_in && c->conn->authenticated)
        keep_place(c->conn->daemon, 1);
    vw_limits_check(c->conn->daemon);
    return outcome;
}

const struct vw_fault_kind vw_fault_kinds_connect[] = {
    {"open-unknown-driver-accepted", "C-4", "a driver that nobody has is opened", ACCEPTED("*")},
    {"open-absent-name-accepted", "C-1", "an open without a name is served", ACCEPTED(NULL)},
    {"legal-empty-name-opened", "C-1", "an open of an empty name finds a driver", ACCEPTED("")},
    {"open-failed-closes", "C-4", "a failed open ends the connection", .call = open_failed_closes},
    {"open-failed-sticks", "C-4", "after a failed open none is possible",
     .call = open_failed_sticks},
    {"read-only-flag-ignored", "C-2", "the read-only flag of the open has no effect",
     .call = read_only_flag_ignored},
    {"read-only-inherited", "C-2", "who opens behind a read-only client is read-only too",
     .call = read_only_inherited},
    {"read-only-socket-ignored", "C-2", "connections on the read-only socket are read-write",
     .call = read_only_socket_ignored},
    {"no-close-after-close", "C-7", "the connection stays after CONNECT_CLOSE",
     .call = no_close_after_close},
    {"close-before-reply", "C-7", "CONNECT_CLOSE is not answered", .call = close_before_reply},
    {"polkit-unanswered", "D-25", "AUTH_POLKIT gets no answer where SASL is asked for",
     .call = polkit_unanswered},
    {"connections-limited", "L-1", "of the connections those behind N (10) end at once",
     .takes_value = true, .value = 10, .begin = eleventh_cut},
    {"auth-list-changes", "A-13", "a second AUTH_LIST asks for polkit", .call = auth_list_changes},
    {"house-stays-full", "A-14", "the place of a client that leaves a full house stays taken",
     .gone = house_stays_full},
    {"log-in-keeps-place", "A-14", "the place of a client that logs in stays taken in a full house",
     .call = log_in_keeps_place},
    {"half-close-answered", "C-8", "a client that closes its sending side gets an error reply",
     .eof = half_close_answered},
    {"legal-open-behind", "C-18", "calls in one read with the open find it not open yet",
     BEHIND_OPEN(BEHIND_NOT_OPEN)},
    {"open-behind-one-request", "L-3",
     "where one request at a time is served, calls in one read with the open find it not open yet",
     BEHIND_OPEN(BEHIND_ONE_REQUEST)},
    {"open-behind-lost", "C-18", "calls in one read with the open are not answered",
     BEHIND_OPEN(BEHIND_LOST)},
    {"open-behind-ends", "C-18", "calls in one read with the open end the connection",
     BEHIND_OPEN(BEHIND_ENDS)},
    {"open-behind-undoes", "C-18", "calls in one read with the open undo it",
     BEHIND_OPEN(BEHIND_UNDOES)},
    {"open-host-blocks", "C-5", "an open that names a host holds all connections up for 4 seconds",
     WITH_HOST(HOST_BLOCKS)},
    {"open-host-unanswered", "C-5", "an open that names a host is never answered",
     WITH_HOST(HOST_UNANSWERED)},
    {"open-host-accepted", "C-5", "an open that names a host is answered OK, whoever is there",
     WITH_HOST(HOST_ACCEPTED)},
    {"open-host-ends", "C-5", "an open that names a host ends the connection",
     WITH_HOST(HOST_ENDS)},
    {"open-host-visited-wrongly", "C-5",
     "what an open that names a host sends there is no call, and then nothing is answered",
     WITH_HOST(HOST_VISITED)},
    {"open-twice-takes", "D-13", "a second open takes the hypervisor from all other connections",
     TAKES_FROM_OTHERS("connect_open")},
    {"close-takes", "C-7", "CONNECT_CLOSE takes the hypervisor from all other connections",
     TAKES_FROM_OTHERS("connect_close")},
    {"close-behind-calls-stays", "C-7", "the connection stays after a CLOSE in one read with calls",
     .chunk = new_read, .call = close_behind_calls},
    {"close-with-registrations-refused", "C-7",
     "a CLOSE is refused while events are registered for", .call = close_while_registered},
    {"close-with-stream-stays", "C-7", "the connection stays after a CLOSE while a stream is open",
     .call = close_with_stream},
    {"leaver-closes-others", "C-7",
     "a client that leaves without CLOSE takes the hypervisor from the others",
     .call = remember_open, .gone = leaver_closes_others},
    {NULL},
};
