// SPDX-License-Identifier: MIT
// Edits over the span map of a message, and the rows of edits.tsv: which messages, and what becomes
// of them.
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

static enum vw_fate send_both(struct vw_tamper *t, const struct vw_fault_output *m,
                              const struct vw_edit_row *row)
{
    struct vw_buf other = VW_BUF_INIT;
    bool made = make_edited(t, m, row->text, &other) == 0;
    if (row->how == VW_EDIT_BEHIND)
        vw_tamper_send(t, m->bytes.data, m->bytes.len);
    if (made)
        vw_tamper_send(t, other.data, other.len);
    vw_buf_finish(&other);
    return row->how == VW_EDIT_BEHIND ? VW_FATE_DROP : VW_FATE_PASS;
}

static bool is_meant(const struct vw_edit_row *row, const struct vw_fault_output *m)
{
    const char *const *procedures = row->procedures;
    bool packet = m->header.status == VW_MSG_CONTINUE;
    if (!(m->kind & row->kinds))
        return false;
    if (procedures[0] && !vw_proc_is(m->proc, procedures[0]) &&
        !(procedures[1] && vw_proc_is(m->proc, procedures[1])))
        return false;
    switch (row->when) {
    case VW_EDIT_VOID:
        return m->proc && !m->proc->ret;
    case VW_EDIT_DATA:
        return packet && m->bytes.len > VW_PREFIX_BYTES;
    case VW_EDIT_END:
        return packet && m->bytes.len == VW_PREFIX_BYTES;
    case VW_EDIT_LONG:
        return m->bytes.len > VW_PREFIX_BYTES + 4;
    case VW_EDIT_FDS:
        return m->refusal && m->refusal->header.type == VW_MSG_CALL_WITH_FDS;
    default:
        return true;
    }
}

enum vw_fate vw_fault_edit_row(const struct vw_fault *f, struct vw_tamper *t,
                               struct vw_fault_output *m)
{
    const struct vw_edit_row *row = f->kind->detail;
    if (!is_meant(row, m))
        return VW_FATE_PASS;
    switch (row->how) {
    case VW_EDIT_CHANGE:
        return vw_fault_edit(t, m, row->text);
    case VW_EDIT_NEVER:
        return VW_FATE_DROP;
    case VW_EDIT_TWICE:
        vw_tamper_send(t, m->bytes.data, m->bytes.len);
        return VW_FATE_PASS;
    default:
        return send_both(t, m, row);
    }
}
