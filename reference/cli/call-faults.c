// SPDX-License-Identifier: MIT
// The rows, and the filter that carries one out.
#include "cli/call-faults.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"
#include "message/message-json.h"
#include "xdr/edit-text.h"

enum what {
    CALLS, /* that are sent */
    PONGS,
    PINGS,  /* of the server, as they come; nothing else can be done than to miss them */
    PACKETS /* of streams that the server has finished, as they come: the client falls */
};

enum how {
    CHANGE, /* the message is edited */
    NEVER,
    TWICE,
    JUNK, /* four bytes stand before it */
    TAKES /* a word of the replies that come is what it should be: WORD */
};

enum { PROGRAM = 1, VERSION, PROCEDURE, TYPE, SERIAL, STATUS };

struct row {
    const char *name, *clause, *meaning;
    enum what what;
    enum how how;
    const char *text;      /* edits */
    const char *procedure; /* only of this one; NULL: of all */
    unsigned word;         /* of TAKES */
};

static const struct row rows[] = {
    /* the length word */
    {"length-includes-not-itself", "F-1", "the length word does not count itself", CALLS, CHANGE,
     "add length -4"},
    {"length-excludes-header", "F-1", "the length word counts the body only", CALLS, CHANGE,
     "add length -28"},
    {"length-little-endian", "F-1", "the length word stands in little-endian order", CALLS, CHANGE,
     "reverse length"},
    {"length-one-more", "F-1", "the length word is one too high", CALLS, CHANGE, "add length 1"},
    {"length-word-less", "F-1", "the length word of the open is 4 too low", CALLS, CHANGE,
     "add length -4", "connect_open"},
    {"length-over-max", "F-4", "the length word of the open is above the maximum", CALLS, CHANGE,
     "set length 7fffffff", "connect_open"},
    {"length-zero", "F-3", "the length word of the open is 0", CALLS, CHANGE, "set length 00000000",
     "connect_open"},
    {"junk-before-calls", "F-12", "4 bytes stand between messages", CALLS, JUNK},
    {"junk-before-open", "F-12", "4 bytes stand before the open", CALLS, JUNK, NULL,
     "connect_open"},
    /* the header */
    {"program-plus-one", "D-1", "calls carry the program number plus 1", CALLS, CHANGE,
     "add program 1"},
    {"program-zero", "D-1", "calls carry the program 0", CALLS, CHANGE, "set program 00000000"},
    {"program-swapped", "D-1", "the program stands in little-endian order", CALLS, CHANGE,
     "reverse program"},
    {"open-program", "D-1", "the open carries the program of qemu", CALLS, CHANGE,
     "set program 20008087", "connect_open"},
    {"version-plus-one", "D-2", "calls carry version 2", CALLS, CHANGE, "add version 1"},
    {"version-zero", "D-2", "calls carry version 0", CALLS, CHANGE, "set version 00000000"},
    {"open-version", "D-2", "the open carries version 7", CALLS, CHANGE, "set version 00000007",
     "connect_open"},
    {"procedure-plus-one", "D-4", "calls carry the procedure plus 1", CALLS, CHANGE,
     "add procedure 1"},
    {"procedure-unknown", "D-4", "calls carry a procedure that there is not", CALLS, CHANGE,
     "set procedure 0000270f"},
    {"procedure-negative", "D-4", "the open carries procedure -1", CALLS, CHANGE,
     "set procedure ffffffff", "connect_open"},
    {"type-reply", "D-6", "calls have the type REPLY", CALLS, CHANGE, "set type 00000001"},
    {"type-message", "D-6", "calls have the type MESSAGE", CALLS, CHANGE, "set type 00000002"},
    {"type-stream", "D-7", "calls have the type STREAM", CALLS, CHANGE, "set type 00000003"},
    {"type-unknown", "D-6", "calls have the type 9", CALLS, CHANGE, "set type 00000009"},
    {"type-with-fds", "P-2", "the open has the type CALL_WITH_FDS and no count", CALLS, CHANGE,
     "set type 00000004", "connect_open"},
    {"status-error", "D-8", "calls have the status ERROR", CALLS, CHANGE, "set status 00000001"},
    {"status-continue", "D-8", "calls have the status CONTINUE", CALLS, CHANGE,
     "set status 00000002"},
    {"status-unknown", "D-8", "the open has the status 9", CALLS, CHANGE, "set status 00000009",
     "connect_open"},
    {"serial-plus-one", "H-7", "calls carry a serial that the client does not wait for", CALLS,
     CHANGE, "add serial 1"},
    {"serial-swapped", "H-7", "the serial of the open stands in little-endian order", CALLS, CHANGE,
     "reverse serial", "connect_open"},
    /* the arguments */
    {"arguments-cut", "D-9", "the last word of the open is missing", CALLS, CHANGE, "cut body -4",
     "connect_open"},
    {"arguments-missing", "D-9", "the open has no arguments", CALLS, CHANGE, "cut body",
     "connect_open"},
    {"arguments-trailing", "D-10", "4 bytes stand behind the arguments of the open", CALLS, CHANGE,
     "pad 00000000", "connect_open"},
    {"arguments-where-none-are", "D-10", "AUTH_LIST has an argument", CALLS, CHANGE, "pad 00000001",
     "auth_list"},
    {"padding-nonzero", "X-1", "padding is 0xff", CALLS, CHANGE, "flip body**.#pad ffffff"},
    {"padding-missing", "X-1", "strings are not padded", CALLS, CHANGE, "cut body**.#pad"},
    {"presence-seven", "X-4", "presence words are 7", CALLS, CHANGE,
     "add body**.#present 6 nonzero"},
    {"string-length-lies", "X-3", "string lengths are 256 too high", CALLS, CHANGE,
     "add body**.#len 256 nonzero"},
    {"string-length-one-less", "X-3", "string lengths are 5 too low", CALLS, CHANGE,
     "add body**.#len -5 nonzero"},
    {"string-swapped", "X-1", "string lengths stand in little-endian order", CALLS, CHANGE,
     "reverse body**.#len"},
    {"name-nul", "X-2", "the name of the open has a NUL inside", CALLS, CHANGE,
     "set body.name.#data at 4 00", "connect_open"},
    {"name-latin1", "X-2", "the name of the open is no UTF-8", CALLS, CHANGE,
     "set body.name.#data at 4 e9", "connect_open"},
    /* what is opened */
    {"name-other", "U-11", "the open names another hypervisor", CALLS, CHANGE,
     "set body.name 00000001 \"test:///other\"", "connect_open"},
    {"name-empty", "U-11", "the open names the empty string", CALLS, CHANGE,
     "set body.name 00000001 \"\"", "connect_open"},
    {"name-absent", "C-1", "the open has no name", CALLS, CHANGE, "set body.name 00000000",
     "connect_open"},
    {"flags-unknown", "C-2", "the open has unknown flags", CALLS, CHANGE, "set body.flags ffffff00",
     "connect_open"},
    {"open-twice", "D-13", "the connection is opened twice", CALLS, TWICE, NULL, "connect_open"},
    {"open-never", "C-1", "the connection is never opened", CALLS, NEVER, NULL, "connect_open"},
    {"open-as-close", "C-7", "the open carries the number of the close", CALLS, CHANGE,
     "set procedure 00000002", "connect_open"},
    {"auth-list-never", "A-3", "nobody asks how to log in", CALLS, NEVER, NULL, "auth_list"},
    {"auth-list-twice", "H-7", "AUTH_LIST is called twice with one serial", CALLS, TWICE, NULL,
     "auth_list"},
    {"calls-twice", "H-7", "each call is made twice with one serial", CALLS, TWICE},
    {"calls-never", "D-26", "nothing is ever called", CALLS, NEVER},
    {"close-never", "C-7", "the connection is not closed", CALLS, NEVER, NULL, "connect_close"},
    {"close-twice", "C-7", "the connection is closed twice", CALLS, TWICE, NULL, "connect_close"},
    {"hostname-twice", "H-7", "the name of the host is asked for twice with one serial", CALLS,
     TWICE, NULL, "connect_get_hostname"},
    /* keepalive */
    {"pong-never", "K-2", "PINGs are not answered", PONGS, NEVER},
    {"ping-unheard", "K-2", "PINGs are not heard", PINGS, NEVER},
    {"pong-as-ping", "K-1", "a PING is answered by a PING", PONGS, CHANGE,
     "set procedure 00000001"},
    {"pong-as-reply", "K-1", "PONGs have the type REPLY", PONGS, CHANGE, "set type 00000001"},
    {"pong-with-body", "K-1", "PONGs have a body", PONGS, CHANGE, "pad 00000000"},
    {"pong-status-error", "K-1", "PONGs have the status ERROR", PONGS, CHANGE,
     "set status 00000001"},
    {"stream-end-falls", "S-10", "the client falls at a packet of a stream that has ended",
     PACKETS},
    /* what is taken for a reply */
    {"takes-any-serial", "H-9", "a reply with another serial is taken", CALLS, TAKES, NULL, NULL,
     SERIAL},
    {"takes-any-program", "H-9", "a reply of another program is taken", CALLS, TAKES, NULL, NULL,
     PROGRAM},
    {"takes-any-version", "H-9", "a reply of another version is taken", CALLS, TAKES, NULL, NULL,
     VERSION},
    {"takes-any-procedure", "H-9", "a reply of another procedure is taken", CALLS, TAKES, NULL,
     NULL, PROCEDURE},
    {"takes-any-type", "H-5", "a message of any type is taken for the reply", CALLS, TAKES, NULL,
     NULL, TYPE},
    {"takes-any-status", "H-5", "a reply of any status is taken for a good one", CALLS, TAKES, NULL,
     NULL, STATUS},
};
#define N_ROWS (sizeof(rows) / sizeof(rows[0]))

struct vw_call_fault {
    const struct row *row;
    const struct vw_profile *profile;
    struct vw_filter filter;
    struct vw_header sent;     /* the last call */
    struct vw_header finished; /* the last packet that ends a stream */
};

/* ---- what a message is ---- */

static bool is_keepalive(const struct vw_call_fault *f, const struct vw_header *h, int32_t number)
{
    const struct vw_program *p = vw_schema_program_named(f->profile->schema, "keepalive");
    return p && h->program == p->number && h->procedure == number;
}

static bool is_meant(const struct vw_call_fault *f, const struct vw_header *h)
{
    const struct vw_program *p = vw_schema_program(f->profile->schema, h->program, h->version);
    const struct vw_proc *proc = p ? vw_program_proc(p, h->procedure) : NULL;
    if (f->row->what == PONGS)
        return is_keepalive(f, h, 2);
    if (f->row->what == PINGS || f->row->what == PACKETS ||
        (h->type != VW_MSG_CALL && h->type != VW_MSG_CALL_WITH_FDS))
        return false;
    return !f->row->procedure || (proc && strcmp(proc->short_name, f->row->procedure) == 0);
}

/* ---- out ---- */

static void edit(const struct vw_call_fault *f, struct vw_buf *message)
{
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_edits edits = {0};
    struct vw_spans spans;
    struct vw_buf out = VW_BUF_INIT;
    int rc =
        vw_message_spans(f->profile->schema, message->data, message->len, &arena, &spans, NULL);
    if (rc == 0)
        rc = vw_edits_parse(f->row->text, &arena, &edits, NULL);
    if (rc == 0)
        rc = vw_edits_apply(&spans, message->data, message->len, &edits, &out, NULL);
    if (rc == 0 && out.len != message->len)
        vw_store32(out.data, (uint32_t)out.len);
    if (rc == 0) {
        struct vw_buf old = *message;
        *message = out;
        out = old;
    }
    vw_buf_finish(&out);
    vw_arena_finish(&arena);
}

/* BYTES stand before the message, in its place. */
static enum vw_fate put_before(struct vw_buf *message, const void *bytes, size_t n)
{
    struct vw_buf both = VW_BUF_INIT;
    if (vw_buf_append(&both, bytes, n) < 0 ||
        vw_buf_append(&both, message->data, message->len) < 0) {
        vw_buf_finish(&both);
        return VW_FATE_CLOSE;
    }
    vw_buf_finish(message);
    *message = both;
    return VW_FATE_PASS;
}

static const uint8_t junk[4] = {0};

static enum vw_fate show_out(void *user, struct vw_buf *message, const struct vw_event *refused)
{
    struct vw_call_fault *f = user;
    struct vw_header h;
    vw_header_decode(message->data + VW_LENGTH_BYTES, &h);
    if (h.type == VW_MSG_CALL)
        f->sent = h;
    if (!is_meant(f, &h))
        return VW_FATE_PASS;
    switch (f->row->how) {
    case CHANGE:
        edit(f, message);
        return VW_FATE_PASS;
    case NEVER:
        return VW_FATE_DROP;
    case TWICE:
        return put_before(message, message->data, message->len);
    case JUNK:
        return put_before(message, junk, sizeof(junk));
    default:
        return VW_FATE_PASS;
    }
}

/* ---- in ---- */

/* The word of the reply that waits, in the place of what came. */
static uint32_t wanted(const struct vw_call_fault *f)
{
    const struct vw_header *h = &f->sent;
    const uint32_t words[] = {
        [PROGRAM] = h->program, [VERSION] = h->version, [PROCEDURE] = (uint32_t)h->procedure,
        [TYPE] = VW_MSG_REPLY,  [SERIAL] = h->serial,   [STATUS] = VW_MSG_OK};
    return words[f->row->word];
}

/* Whether H is of a stream that has ended; of no more than the last is remembered. */
static bool is_late_packet(struct vw_call_fault *f, const struct vw_header *h)
{
    if (h->type != VW_MSG_STREAM)
        return false;
    bool late = f->finished.type == VW_MSG_STREAM && f->finished.serial == h->serial;
    if (h->status == VW_MSG_OK)
        f->finished = *h;
    return late;
}

static enum vw_fate show_in(void *user, enum vw_side from, uint8_t *bytes, size_t len)
{
    struct vw_call_fault *f = user;
    struct vw_header h;
    vw_header_decode(bytes + VW_LENGTH_BYTES, &h);
    if (f->row->what == PINGS)
        return is_keepalive(f, &h, 1) ? VW_FATE_DROP : VW_FATE_PASS;
    if (f->row->what == PACKETS && is_late_packet(f, &h))
        raise(SIGKILL);
    if (f->row->how == TAKES)
        vw_store32(bytes + (size_t)f->row->word * 4, wanted(f));
    return VW_FATE_PASS;
}

/* ---- life ---- */

int vw_call_fault_create(const char *name, const struct vw_profile *profile,
                         struct vw_call_fault **out, struct vw_error *err)
{
    const char *names[N_ROWS];
    *out = NULL;
    for (size_t i = 0; i < N_ROWS; i++) {
        names[i] = rows[i].name;
        if (strcmp(name, rows[i].name) != 0)
            continue;
        struct vw_call_fault *f = calloc(1, sizeof(*f));
        if (!f)
            return vw_error_nomem(err);
        f->row = &rows[i];
        f->profile = profile;
        f->filter = (struct vw_filter){.out = show_out, .user = f};
        if (f->row->what == PINGS || f->row->what == PACKETS || f->row->how == TAKES)
            f->filter.in = show_in;
        *out = f;
        return 0;
    }
    const char *near = vw_nearest(name, names, N_ROWS);
    return vw_error_set(err, VW_ENAME, "no fault is called '%.60s'%s%s%s", name,
                        near ? "; the nearest is '" : " (--fault list names them)",
                        near ? near : "", near ? "'" : "");
}

void vw_call_fault_destroy(struct vw_call_fault *f)
{
    free(f);
}

const struct vw_filter *vw_call_fault_filter(const struct vw_call_fault *f)
{
    return &f->filter;
}

void vw_call_faults_list(FILE *out)
{
    for (size_t i = 0; i < N_ROWS; i++)
        fprintf(out, "%s\t%s\t%s\n", rows[i].name, rows[i].clause, rows[i].meaning);
}
