// SPDX-License-Identifier: MIT
#include "auth/testing/drive.h"

#define CALLS_MAX 64

struct vw_profile *drive_profile;

int drive_load(void **state)
{
    struct vw_error err = VW_ERROR_INIT;
    return vw_profile_load("9.0.0", NULL, &drive_profile, &err);
}

int drive_unload(void **state)
{
    vw_profile_destroy(drive_profile);
    return 0;
}

static const struct says friendly[] = {
    {"auth_list", "\0\0\0\1\0\0\0\0", 8, 0},
    {"auth_polkit", "\0\0\0\1", 4, 0},
    {"connect_supports_feature", "\0\0\0\1", 4, 0},
    {"connect_open", "", 0, 0},
    {"open", "", 0, 0}, /* of 2007 */
};

static const struct says *find(const struct says *rows, size_t n, const char *name, unsigned nth)
{
    const struct says *last = NULL;
    for (size_t i = 0; i < n; i++)
        if (strcmp(rows[i].name, name) == 0) {
            last = &rows[i];
            if (nth-- == 0)
                break;
        }
    return last;
}

static unsigned count(const char *calls, const char *name)
{
    unsigned n = 0;
    for (const char *at = calls; (at = strstr(at, name)); at += strlen(name))
        n++;
    return n;
}

static void note(struct driven *d, const char *what)
{
    size_t at = strlen(d->calls);
    snprintf(d->calls + at, sizeof(d->calls) - at, "%s%s", at ? " " : "", what);
}

static void note_args(struct driven *d, const struct vw_login_next *next)
{
    struct vw_buf b = VW_BUF_INIT;
    if (d->n < 8 && next->proc->args) {
        assert_int_equal(vw_xdr_encode(next->proc->args, next->args, &b, sizeof(d->args[0]), NULL),
                         0);
        memcpy(d->args[d->n], b.data, b.len);
        d->args_len[d->n] = b.len;
    }
    d->n++;
    vw_buf_finish(&b);
}

/* The value of the reply, of which nothing is left when the machine has had its turn. */
static void answer(const struct vw_proc *proc, const struct says *row, struct vw_arena *arena,
                   struct vw_login_answer *in)
{
    void *value = NULL;
    *in = (struct vw_login_answer){.refused = !row->body, .code = row->code, .text = "no"};
    if (row->body && proc->ret)
        assert_int_equal(vw_xdr_decode(proc->ret, (const uint8_t *)row->body, row->len, arena,
                                       &value, NULL, NULL),
                         0);
    in->ret = value;
}

void drive(const struct vw_login_settings *settings, const struct says *rows, size_t n,
           struct driven *out)
{
    struct vw_login_settings s = *settings;
    struct vw_login *l;
    struct vw_login_next next;
    struct vw_login_answer in;
    struct vw_arena arena = VW_ARENA_INIT;
    *out = (struct driven){.err = VW_ERROR_INIT};
    s.schema = drive_profile->schema;
    s.profile = drive_profile->name;
    s.program = s.program ? s.program : "remote";
    out->rc = vw_login_create(&s, &l, &out->err);
    if (out->rc) {
        assert_null(l);
        return;
    }
    out->rc = vw_login_turn(l, NULL, 7000, &next, &out->err);
    while (out->rc > VW_LOGIN_DONE && out->n < CALLS_MAX) {
        if (out->rc == VW_LOGIN_CALL) {
            const char *name = next.proc->short_name;
            const struct says *row = find(rows, n, name, count(out->calls, name));
            if (!row)
                row = find(friendly, sizeof(friendly) / sizeof(friendly[0]), name, 0);
            note(out, name);
            note_args(out, &next);
            assert_non_null(row);
            answer(next.proc, row, &arena, &in);
        } else {
            note(out, "+layer");
            vw_sasl_destroy(next.sasl);
        }
        out->rc = vw_login_turn(l, &in, 7000, &next, &out->err);
        vw_arena_reset(&arena);
    }
    out->method = vw_login_method(l);
    out->features = vw_login_features(l, &out->asked);
    vw_login_destroy(l);
    vw_arena_finish(&arena);
}
