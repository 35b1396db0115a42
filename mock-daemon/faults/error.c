// SPDX-License-Identifier: MIT
// Faults of the error structure (section 4).
#include "mock-daemon/faults/error.h"

#include <string.h>

#include "mock-daemon/daemon.h"

static bool rewrite(struct vw_conn *c, struct vw_fault_output *m, vw_error_change_fn *change)
{
    uint32_t string_max = c->daemon->profile->string_max;
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_buf body = VW_BUF_INIT;
    struct vw_remote_error e;
    bool done = false;
    if (vw_remote_error_decode(m->bytes.data + VW_PREFIX_BYTES, m->bytes.len - VW_PREFIX_BYTES,
                               string_max, &arena, &e, NULL, NULL) == 0) {
        change(&e);
        m->bytes.len = 0;
        done = vw_remote_error_encode(&e, string_max, &body, NULL) == 0 &&
               vw_message_append(&m->bytes, vw_session_limits(c->session), &m->header, 0, body.data,
                                 body.len, NULL) == 0;
    }
    vw_arena_finish(&arena);
    vw_buf_finish(&body);
    return done;
}

enum vw_fate vw_fault_change_error(const struct vw_fault *f, struct vw_tamper *t,
                                   struct vw_fault_output *m)
{
    const struct vw_error_change *row = f->kind->detail;
    if (m->kind != VW_OUT_ERROR)
        return VW_FATE_PASS;
    return rewrite(vw_tamper_conn(t), m, row->change) ? VW_FATE_PASS : VW_FATE_CLOSE;
}

static void empty(struct vw_remote_error *e)
{
    *e = (struct vw_remote_error){0};
}

static void wrong_code(struct vw_remote_error *e)
{
    e->code++;
}

static void wrong_domain(struct vw_remote_error *e)
{
    e->domain++;
}

static void level_none(struct vw_remote_error *e)
{
    e->level = 0;
}

static void level_warning(struct vw_remote_error *e)
{
    e->level = 1;
}

static void no_message(struct vw_remote_error *e)
{
    e->message = NULL;
}

static const struct vw_error_object some_object = {.name = "test", .id = 1};

static void with_domain(struct vw_remote_error *e)
{
    e->dom = &some_object;
}

static void with_network(struct vw_remote_error *e)
{
    e->net = &some_object;
}

static void swapped(struct vw_remote_error *e)
{
    int32_t code = e->code;
    e->code = e->domain;
    e->domain = code;
}

#define CHANGE(fn)                                                                                 \
    .output = vw_fault_change_error, .detail = &(const struct vw_error_change)                     \
    {                                                                                              \
        fn                                                                                         \
    }

/* ---- bytes ---- */

static enum vw_fate error_cut(const struct vw_fault *f, struct vw_tamper *t,
                              struct vw_fault_output *m)
{
    if (m->kind == VW_OUT_ERROR) {
        m->bytes.len -= 4;
        vw_word_set(m->bytes.data, VW_WORD_LENGTH, (uint32_t)m->bytes.len);
    }
    return VW_FATE_PASS;
}

static enum vw_fate error_missing(const struct vw_fault *f, struct vw_tamper *t,
                                  struct vw_fault_output *m)
{
    if (m->kind == VW_OUT_ERROR) {
        m->bytes.len = VW_PREFIX_BYTES;
        vw_word_set(m->bytes.data, VW_WORD_LENGTH, (uint32_t)m->bytes.len);
    }
    return VW_FATE_PASS;
}

static enum vw_fate error_extra(const struct vw_fault *f, struct vw_tamper *t,
                                struct vw_fault_output *m)
{
    static const uint8_t more[4] = {0};
    if (m->kind != VW_OUT_ERROR)
        return VW_FATE_PASS;
    if (vw_buf_append(&m->bytes, more, sizeof(more)) < 0)
        return VW_FATE_CLOSE;
    vw_word_set(m->bytes.data, VW_WORD_LENGTH, (uint32_t)m->bytes.len);
    return VW_FATE_PASS;
}

static enum vw_fate error_as_text(const struct vw_fault *f, struct vw_tamper *t,
                                  struct vw_fault_output *m)
{
    static const uint8_t body[] = {0, 0, 0, 4, 'o', 'o', 'p', 's'};
    if (m->kind != VW_OUT_ERROR)
        return VW_FATE_PASS;
    m->bytes.len = VW_PREFIX_BYTES;
    if (vw_buf_append(&m->bytes, body, sizeof(body)) < 0)
        return VW_FATE_CLOSE;
    vw_word_set(m->bytes.data, VW_WORD_LENGTH, (uint32_t)m->bytes.len);
    return VW_FATE_PASS;
}

const struct vw_fault_kind vw_fault_kinds_error[] = {
    {"error-empty", "E-1", "the error structure says nothing: code, domain, level 0",
     CHANGE(empty)},
    {"error-wrong-code", "E-5", "error codes are one too high", CHANGE(wrong_code)},
    {"error-wrong-domain", "E-5", "error domains are one too high", CHANGE(wrong_domain)},
    {"error-swapped", "E-1", "code and domain change places", CHANGE(swapped)},
    {"error-level-none", "E-5", "the level of errors is 0", CHANGE(level_none)},
    {"error-level-warning", "E-5", "the level of errors is 1", CHANGE(level_warning)},
    {"error-no-message", "E-1", "errors come without a message", CHANGE(no_message)},
    {"error-dom-present", "E-2", "errors name a domain", CHANGE(with_domain)},
    {"error-net-present", "E-2", "errors name a network", CHANGE(with_network)},
    {"error-cut", "E-1", "the last int of the error structure is missing", .output = error_cut},
    {"error-extra", "E-1", "4 bytes stand behind the error structure", .output = error_extra},
    {"error-body-missing", "E-1", "error replies have no body", .output = error_missing},
    {"error-as-text", "E-1", "the body of error replies is a bare string", .output = error_as_text},
    {NULL},
};
