// SPDX-License-Identifier: MIT
// The faults that are byte edits: which messages, and the text of the edits over their span map;
// and those of messages that come twice, or never.
#include "mock-daemon/faults/edit.h"

#include "message/message-json.h"
#include "mock-daemon/daemon.h"
#include "xdr/edit-text.h"

/* M with the edits of TEXT; the length word follows the length. */
static int make_edited(struct vw_tamper *t, const struct vw_fault_output *m, const char *text,
                       struct vw_buf *out)
{
    const struct vw_schema *schema = vw_tamper_conn(t)->daemon->profile->schema;
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_edits edits = {0};
    struct vw_spans spans;
    int rc = vw_message_spans(schema, m->bytes.data, m->bytes.len, &arena, &spans, NULL);
    if (rc == 0)
        rc = vw_edits_parse(text, &arena, &edits, NULL);
    if (rc == 0)
        rc = vw_edits_apply(&spans, m->bytes.data, m->bytes.len, &edits, out, NULL);
    if (rc == 0 && out->len != m->bytes.len)
        vw_word_set(out->data, VW_WORD_LENGTH, (uint32_t)out->len);
    vw_arena_finish(&arena);
    return rc;
}

enum vw_fate vw_fault_edit(struct vw_tamper *t, struct vw_fault_output *m, const char *text)
{
    struct vw_buf out = VW_BUF_INIT;
    int rc = make_edited(t, m, text, &out);
    vw_buf_finish(rc == 0 ? &m->bytes : &out);
    if (rc == 0)
        m->bytes = out;
    return rc == 0 || rc == VW_ENAME || rc == VW_ETRUNCATED ? VW_FATE_PASS : VW_FATE_CLOSE;
}

/* The detail of a row. */
struct edit {
    unsigned kinds; /* enum vw_outgoing_kind */
    const char *text;
    const char *procedures[2]; /* of the remote program; none: all */
    bool (*when)(const struct vw_fault_output *m);
    enum { CHANGED, AHEAD, BEHIND, TWICE, NEVER } how; /* AHEAD, BEHIND: it stands by the message */
};

static enum vw_fate send_both(struct vw_tamper *t, const struct vw_fault_output *m,
                              const struct edit *row)
{
    struct vw_buf other = VW_BUF_INIT;
    bool made = make_edited(t, m, row->text, &other) == 0;
    if (row->how == BEHIND)
        vw_tamper_send(t, m->bytes.data, m->bytes.len);
    if (made)
        vw_tamper_send(t, other.data, other.len);
    vw_buf_finish(&other);
    return row->how == BEHIND ? VW_FATE_DROP : VW_FATE_PASS;
}

static enum vw_fate edit(const struct vw_fault *f, struct vw_tamper *t, struct vw_fault_output *m)
{
    const struct edit *row = f->kind->detail;
    const char *const *procedures = row->procedures;
    bool mine = !procedures[0] || vw_proc_is(m->proc, procedures[0]) ||
                (procedures[1] && vw_proc_is(m->proc, procedures[1]));
    if (!(m->kind & row->kinds) || !mine || (row->when && !row->when(m)))
        return VW_FATE_PASS;
    switch (row->how) {
    case CHANGED:
        return vw_fault_edit(t, m, row->text);
    case NEVER:
        return VW_FATE_DROP;
    case TWICE:
        vw_tamper_send(t, m->bytes.data, m->bytes.len);
        return VW_FATE_PASS;
    default:
        return send_both(t, m, row);
    }
}

#define EDIT(...)                                                                                  \
    .output = edit, .detail = &(const struct edit)                                                 \
    {                                                                                              \
        __VA_ARGS__                                                                                \
    }

static bool is_void(const struct vw_fault_output *m)
{
    return m->proc && !m->proc->ret;
}

static bool is_data(const struct vw_fault_output *m)
{
    return m->header.status == VW_MSG_CONTINUE && m->bytes.len > VW_PREFIX_BYTES;
}

static bool is_end(const struct vw_fault_output *m)
{
    return m->header.status == VW_MSG_CONTINUE && m->bytes.len == VW_PREFIX_BYTES;
}

static bool has_more_than_a_word(const struct vw_fault_output *m)
{
    return m->bytes.len > VW_PREFIX_BYTES + 4;
}

static bool refuses_descriptors(const struct vw_fault_output *m)
{
    return m->refusal && m->refusal->header.type == VW_MSG_CALL_WITH_FDS;
}

#define ALL    ~0u
#define REPLY  VW_OUT_REPLY
#define ERROR  VW_OUT_ERROR
#define ANSWER VW_OUT_ANSWER
#define EVENT  VW_OUT_EVENT
#define PING   VW_OUT_PING
#define PONG   VW_OUT_PONG
#define STREAM VW_OUT_STREAM

#define HEADER_ONLY "truncate status 4;"
#define STRAY       HEADER_ONLY "set status 00000000;"
/* Makes another UUID, from end to end 16 bytes. */
#define UUID_BIT_8  "000000000000000000000000 00000100"
#define UUID_BIT_40 "0000000000000000 00000100 00000000"
#define SOME_OBJECT "00000001 \"test\" 00000000000000000000000000000000"

const struct vw_fault_kind vw_fault_kinds_edit[] = {
    /* ---- the length word, and what stands behind the body ---- */
    {"length-includes-not-itself", "F-1", "the length word does not count itself",
     EDIT(ALL, "add length -4")},
    {"length-excludes-header", "F-1", "the length word counts the body only",
     EDIT(ALL, "add length -28")},
    {"length-little-endian", "F-1", "the length word stands in little-endian order",
     EDIT(ALL, "reverse length")},
    {"reply-trailing", "H-5", "4 bytes stand behind the result in good replies",
     EDIT(REPLY, "pad 00000000")},
    {"void-reply-with-body", "H-5", "4 bytes are returned where nothing is to be returned",
     EDIT(REPLY, "pad 00000000", .when = is_void)},

    /* ---- more and fewer messages ---- */
    {"stall", "D-26", "nothing is ever sent", EDIT(ALL, .how = NEVER)},
    {"reply-duplicated", "H-5", "each answer comes twice", EDIT(ANSWER, .how = TWICE)},
    {"stray-reply", "H-5", "each answer comes behind a reply to a serial that no call had",
     EDIT(ANSWER, STRAY "set type 00000001; set serial dead0000", .how = AHEAD)},
    {"stray-call", "H-5", "each answer comes behind a CALL",
     EDIT(ANSWER, STRAY "set type 00000000; set serial dead0000", .how = AHEAD)},
    {"stray-type", "H-3", "each answer comes behind a message of type 8",
     EDIT(ANSWER, STRAY "set type 00000008; set serial dead0000", .how = AHEAD)},
    {"stray-message", "H-5", "each answer comes behind a MESSAGE with the number of its call",
     EDIT(ANSWER, STRAY "set type 00000002; set serial 00000001", .how = AHEAD)},
    {"stray-short", "F-3", "each answer comes behind a message of 8 bytes",
     EDIT(ANSWER, "truncate version", .how = AHEAD)},

    /* ---- the header ---- */
    {"reply-wrong-program", "H-5", "replies carry the program number plus 1",
     EDIT(REPLY, "add program 1")},
    {"reply-wrong-version", "H-5", "replies carry the version plus 1",
     EDIT(REPLY, "add version 1")},
    {"reply-wrong-procedure", "H-5", "replies carry the procedure plus 1",
     EDIT(REPLY, "add procedure 1")},
    {"reply-wrong-serial", "H-5", "replies carry the serial plus 1", EDIT(REPLY, "add serial 1")},
    {"reply-serial-zero", "H-7", "replies carry serial 0 whatever the call had",
     EDIT(ANSWER, "set serial 00000000")},
    {"reply-serial-swapped", "H-5", "the serial of replies stands in little-endian order",
     EDIT(ANSWER, "reverse serial")},
    {"reply-type-call", "H-5", "replies have the type CALL", EDIT(REPLY, "set type 00000000")},
    {"reply-type-message", "H-5", "replies have the type MESSAGE",
     EDIT(REPLY, "set type 00000002")},
    {"reply-type-unknown", "H-3", "replies have the type 7", EDIT(REPLY, "set type 00000007")},
    {"reply-type-with-fds", "P-5", "replies without descriptors have the type REPLY_WITH_FDS",
     EDIT(REPLY, "set type 00000005")},
    {"reply-status-error", "H-5", "good replies have the status ERROR",
     EDIT(REPLY, "set status 00000001")},
    {"reply-status-continue", "H-5", "good replies have the status CONTINUE",
     EDIT(REPLY, "set status 00000002")},
    {"error-status-ok", "H-5", "error replies have the status OK",
     EDIT(ERROR, "set status 00000000")},
    {"error-status-continue", "H-5", "error replies have the status CONTINUE",
     EDIT(ERROR, "set status 00000002")},
    {"error-type-message", "H-5", "error replies have the type MESSAGE",
     EDIT(ERROR, "set type 00000002")},
    {"error-wrong-program", "D-1", "error replies do not echo the program",
     EDIT(ERROR, "set program 00000000")},
    {"error-wrong-version", "D-2", "error replies do not echo the version",
     EDIT(ERROR, "set version 00000000")},
    {"error-wrong-procedure", "H-5", "error replies carry procedure 0",
     EDIT(ERROR, "set procedure 00000000")},
    {"error-wrong-serial", "H-5", "error replies carry the serial plus 1",
     EDIT(ERROR, "add serial 1")},
    {"fds-error-type", "E-6", "errors of calls with descriptors have the type REPLY_WITH_FDS",
     EDIT(ERROR, "set type 00000005", .when = refuses_descriptors)},

    /* ---- the error structure ---- */
    {"error-empty", "E-1", "the error structure says nothing: code, domain, level 0",
     EDIT(ERROR, "set body.* 00000000")},
    {"error-wrong-code", "E-5", "error codes are one too high", EDIT(ERROR, "add body.code 1")},
    {"error-wrong-domain", "E-5", "error domains are one too high",
     EDIT(ERROR, "add body.domain 1")},
    {"error-swapped", "E-1", "code and domain change places",
     EDIT(ERROR, "swap body.code body.domain")},
    {"error-level-none", "E-5", "the level of errors is 0", EDIT(ERROR, "set body.level 00000000")},
    {"error-level-warning", "E-5", "the level of errors is 1",
     EDIT(ERROR, "set body.level 00000001")},
    {"error-no-message", "E-1", "errors come without a message",
     EDIT(ERROR, "set body.message 00000000")},
    {"error-dom-present", "E-2", "errors name a domain",
     EDIT(ERROR, "set body.dom " SOME_OBJECT "00000001")},
    {"error-net-present", "E-2", "errors name a network", EDIT(ERROR, "set body.net " SOME_OBJECT)},
    {"error-cut", "E-1", "the last int of the error structure is missing",
     EDIT(ERROR, "cut body -4")},
    {"error-extra", "E-1", "4 bytes stand behind the error structure", EDIT(ERROR, "pad 00000000")},
    {"error-body-missing", "E-1", "error replies have no body", EDIT(ERROR, "cut body")},
    {"error-as-text", "E-1", "the body of error replies is a bare string",
     EDIT(ERROR, "set body \"oops\"")},
    {"legal-error-strings", "E-3", "the strings beside the message are others",
     EDIT(ERROR, "set body.str1 00000001 \"a format of another release\";"
                 "set body.str2 00000001 \"\"; set body.str3 00000001 \"and more\"")},
    {"legal-error-no-strings", "E-3", "the strings beside the message are absent, the ints 0",
     EDIT(ERROR, "set body.str* 00000000; set body.int* 00000000")},

    /* ---- XDR ---- */
    {"padding-nonzero-in-replies", "X-1", "padding in replies is 0xff",
     EDIT(ANSWER, "flip body**.#pad ffffff")},
    {"padding-missing-in-replies", "X-1", "strings in replies are not padded",
     EDIT(ANSWER, "cut body**.#pad")},
    {"presence-seven", "X-4", "presence words in replies are 7",
     EDIT(ANSWER, "add body**.#present 6 nonzero")},
    {"string-length-lies", "H-5", "string lengths in good replies are 256 too high",
     EDIT(REPLY, "add body**.#len 256 nonzero")},
    {"array-count-lies", "H-5", "array counts in good replies are one too high",
     EDIT(REPLY, "add body**.#count 1 nonzero")},

    /* ---- keepalive ---- */
    {"ping-ignored", "K-2", "PINGs are not answered", EDIT(PONG, .how = NEVER)},
    {"pong-twice", "K-2", "each PING is answered twice", EDIT(PONG, .how = TWICE)},
    {"pong-wrong-serial", "K-1", "PONGs have the serial 1", EDIT(PONG, "set serial 00000001")},
    {"pong-as-reply", "K-1", "PONGs have the type REPLY", EDIT(PONG, "set type 00000001")},
    {"pong-as-ping", "K-1", "a PING is answered by a PING", EDIT(PONG, "set procedure 00000001")},
    {"pong-status-error", "K-1", "PONGs have the status ERROR", EDIT(PONG, "set status 00000001")},
    {"pong-with-body", "K-1", "PONGs have a body of 4 bytes", EDIT(PONG, "pad 00000000")},
    {"ping-wrong-serial", "K-1", "the server's own PINGs have the serial 1",
     EDIT(PING, "set serial 00000001")},

    /* ---- events ---- */
    {"event-missing", "V-3", "events never come", EDIT(EVENT, .how = NEVER)},
    {"event-twice", "V-3", "each event comes twice", EDIT(EVENT, .how = TWICE)},
    {"event-serial", "V-2", "events have the serial 7", EDIT(EVENT, "set serial 00000007")},
    {"event-as-reply", "V-2", "events have the type REPLY", EDIT(EVENT, "set type 00000001")},
    {"event-as-call", "V-2", "events have the type CALL", EDIT(EVENT, "set type 00000000")},
    {"event-status-error", "V-2", "events have the status ERROR",
     EDIT(EVENT, "set status 00000001")},
    {"event-unknown-number", "V-3", "events have a number that no event has",
     EDIT(EVENT, "set procedure 0000270f")},
    {"event-wrong-callback", "V-3", "events carry the callback id 4711",
     EDIT(EVENT, "set body at 0 00001267")},
    {"event-truncated", "V-3", "the last int of events is missing",
     EDIT(EVENT, "cut body -4", .when = has_more_than_a_word)},

    /* ---- streams ---- */
    {"stream-wrong-serial", "S-1", "packets of streams have the serial 7",
     EDIT(STREAM, "set serial 00000007")},
    {"stream-wrong-procedure", "S-1", "packets of streams have the procedure 0",
     EDIT(STREAM, "set procedure 00000000")},
    {"stream-as-message", "S-1", "packets of streams have the type MESSAGE",
     EDIT(STREAM, "set type 00000002")},
    {"stream-after-error", "S-2", "a call that failed has a stream",
     EDIT(ERROR, HEADER_ONLY "set type 00000003; set status 00000002",
          {"domain_screenshot", "storage_vol_download"}, .how = BEHIND)},
    {"stream-data-missing", "S-3", "the data of streams never come",
     EDIT(STREAM, .when = is_data, .how = NEVER)},
    {"stream-end-missing", "S-4", "the end of the data is not told",
     EDIT(STREAM, .when = is_end, .how = NEVER)},
    {"stream-data-finishes", "S-3", "the data of streams have the status OK",
     EDIT(STREAM, "set status 00000000", .when = is_data)},
    {"stream-end-finishes", "S-4", "the end of the data has the status OK",
     EDIT(STREAM, "set status 00000000", .when = is_end)},

    /* ---- results ---- */
    {"lookup-uuid-disagrees", "X-11", "the lookup by uuid gives another uuid",
     EDIT(REPLY, "flip body.dom.uuid " UUID_BIT_8, {"domain_lookup_by_uuid"})},
    {"lookup-name-disagrees", "X-11", "the lookup by name gives another uuid",
     EDIT(REPLY, "flip body.dom.uuid " UUID_BIT_40, {"domain_lookup_by_name"})},
    {"lookup-id-disagrees", "X-11", "the lookup by name gives another id",
     EDIT(REPLY, "flip body.dom.id 00000040", {"domain_lookup_by_name"})},
    {"lookup-by-id-disagrees", "X-11", "the lookup by id gives another uuid",
     EDIT(REPLY, "flip body.dom.uuid " UUID_BIT_8, {"domain_lookup_by_id"})},
    {"list-disagrees", "C-12", "the list of all domains gives another id",
     EDIT(REPLY, "flip body.domains at -4 00000040", {"connect_list_all_domains"})},
    {"list-count-disagrees", "C-12", "the count of the list of all domains is wrong",
     EDIT(REPLY, "flip body.ret 00000003", {"connect_list_all_domains"})},
    {"list-ids-disagree", "L-6", "the list of ids gives another id",
     EDIT(REPLY, "flip body.ids at -4 00000040", {"connect_list_domains"})},
    {"count-disagrees", "L-6", "the number of domains is not that of the list",
     EDIT(REPLY, "flip body.num 00000002",
          {"connect_num_of_domains", "connect_num_of_defined_domains"})},
    {"state-disagrees", "X-6", "info and state disagree on whether the domain runs",
     EDIT(REPLY, "flip body.state 00000004", {"domain_get_state"})},
    {"active-disagrees", "X-11", "a running domain is not active",
     EDIT(REPLY, "flip body.active 00000001", {"domain_is_active"})},
    {"memory-disagrees", "X-6", "info and the maximum of memory disagree",
     EDIT(REPLY, "flip body.memory 00000000 00001000", {"domain_get_max_memory"})},
    {"vcpus-disagree", "X-6", "info and the maximum of processors disagree",
     EDIT(REPLY, "flip body.num 00000008", {"domain_get_max_vcpus"})},
    {"type-not-text", "X-7", "the name of the hypervisor has a control character",
     EDIT(REPLY, "flip body.type.#data 54", {"connect_get_type"})},
    {NULL},
};
