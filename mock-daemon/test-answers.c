// SPDX-License-Identifier: MIT
// What the daemon of the newest profile answers to each procedure that it serves, to the byte:
// asked well, with each flag, about an object that is not there or is in the other state, with the
// largest and the smallest numbers, and as a reader. fixtures/answers.txt has it, which
// `test-answers FILE` writes again. The clock stands still, and the host has a name of its own.
#include <string.h>
#include <time.h>

#include "base/file.h"
#include "mock-daemon/testing/good.h"
#include "mock-daemon/testing/steps.h"

#define FIXTURE_MAX (1u << 20)

int64_t __wrap_vw_now_ms(void);
int64_t __wrap_vw_now_ms(void)
{
    return 1000;
}

int __wrap_clock_gettime(clockid_t id, struct timespec *ts);
int __wrap_clock_gettime(clockid_t id, struct timespec *ts)
{
    *ts = (struct timespec){.tv_sec = 0x12345678, .tv_nsec = 999};
    return 0;
}

int __wrap_gethostname(char *name, size_t len);
int __wrap_gethostname(char *name, size_t len)
{
    snprintf(name, len, "host.example");
    return 0;
}

/* One way of asking: what becomes of the good arguments and of the connection. */
enum way { WELL, FLAG, NOBODY, OTHER_STATE, LARGEST, SMALLEST, READER, WAYS };
static const char *const way_names[] = {"well",    "flag",     "nobody", "other state",
                                        "largest", "smallest", "reader"};
#define FLAGS 14 /* are tried, one by one */

static bool is_number(const struct vw_type *t)
{
    return t->kind == VW_INT || t->kind == VW_UINT || t->kind == VW_HYPER || t->kind == VW_UHYPER;
}

/* Bends VALUE; whether there was anything to be bent. */
static bool bend(const struct vw_type *t, uint8_t *value, enum way way, uint32_t flag)
{
    bool bent = false;
    for (uint32_t i = 0; i < t->n_fields; i++) {
        const struct vw_field *f = &t->fields[i];
        uint8_t *at = value + f->offset;
        bool flags = strcmp(f->name, "flags") == 0, id = strcmp(f->name, "id") == 0;
        if (f->type->kind == VW_STRUCT) {
            bent = bend(f->type, at, way, flag) || bent;
        } else if (way == FLAG && flags) {
            memcpy(at, &flag, sizeof(flag));
            bent = true;
        } else if (way == NOBODY && strcmp(f->name, "uuid") == 0) {
            memset(at, 0xee, 16);
            bent = true;
        } else if (way == NOBODY && f->type->kind == VW_STRING && strcmp(f->name, "xml") != 0) {
            const struct vw_string nobody = VW_STRING("nobody");
            memcpy(at, &nobody, sizeof(nobody));
            bent = true;
        } else if ((way == LARGEST || way == SMALLEST) && is_number(f->type) && !flags && !id) {
            bool is_signed = f->type->kind == VW_INT || f->type->kind == VW_HYPER;
            memset(at, way == LARGEST ? 0xff : 0, f->type->size);
            at[f->type->size - 1] = way == SMALLEST ? (is_signed ? 0x80 : 0)
                                    : is_signed     ? 0x7f
                                                    : 0xff;
            bent = true;
        }
    }
    return bent;
}

/* The answer, which the caller frees; NULL: this way is no other than the good one. */
static char *ask(struct peer *p, const struct vw_proc *proc, enum way way, uint32_t flag)
{
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_buf body = VW_BUF_INIT;
    char *text = NULL;
    good_prepare(p, proc);
    void *value = proc->args ? good_value(p, proc, &arena) : NULL;
    bool asks = way == WELL || way == READER || way == OTHER_STATE ||
                (value && bend(proc->args, value, way, flag));
    const struct vw_object_kind *kind = good_kind(p, proc);
    struct vw_objects *t = vw_model_objects(&p->daemon.model, kind);
    struct vw_conn *c = TAILQ_FIRST(&p->daemon.conns);
    if (way == OTHER_STATE)
        vw_objects_set_state(t, t->list[0], t->list[0]->active ? kind->inactive : 1, 0);
    c->read_only = way == READER;
    if (asks && value)
        assert_int_equal(vw_xdr_encode(proc->args, value, &body, SIZE_MAX, NULL), 0);
    if (asks)
        text = call_as_text(p, proc, body.data, body.len);
    vw_buf_finish(&body);
    vw_arena_finish(&arena);
    return text;
}

/* The flags that are answered otherwise than none, those in a row with one answer together. */
static void tell_flags(FILE *out, struct peer *p, const struct vw_proc *proc, const char *well)
{
    char *last = NULL;
    uint32_t mask = 0;
    for (unsigned bit = 0; bit <= FLAGS; bit++) {
        char *text = bit < FLAGS ? ask(p, proc, FLAG, 1u << bit) : NULL;
        if (last && (!text || strcmp(text, last) != 0)) {
            if (strcmp(last, well) != 0)
                fprintf(out, "  flags 0x%x: %s\n", mask, last);
            mask = 0;
        }
        mask |= 1u << bit;
        free(last);
        last = text;
    }
}

/* One line for each way that is answered otherwise than the good one. */
static void tell_proc(FILE *out, struct peer *p, const struct vw_proc *proc)
{
    char *well = ask(p, proc, WELL, 0);
    fprintf(out, "%s: %s\n", proc->short_name, well);
    tell_flags(out, p, proc, well);
    for (enum way way = FLAG + 1; way < WAYS; way++) {
        char *text = ask(p, proc, way, 0);
        if (text && strcmp(text, well) != 0)
            fprintf(out, "  %s: %s\n", way_names[way], text);
        free(text);
    }
    free(well);
}

/* The caller frees it. */
static char *tell_all(void)
{
    struct peer p;
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    peer_start(&p, NULL, NULL);
    for (const struct vw_object_kind *const *k = vw_object_kinds; *k; k++) {
        for (const struct vw_row *h = (*k)->rows; h->procedure && !(*k)->program; h++)
            if (strcmp(h->procedure, "connect_close") != 0)
                tell_proc(out, &p, peer_proc(&p, h->procedure));
    }
    peer_stop(&p);
    fclose(out);
    return text;
}

static void test_answers(void **state)
{
    char path[4096], *wanted, *got = tell_all();
    size_t len;
    snprintf(path, sizeof(path), "%s/mock-daemon/fixtures/answers.txt", getenv("VW_SOURCE_ROOT"));
    assert_int_equal(vw_file_read(path, true, FIXTURE_MAX, &wanted, &len), 0);
    char *w = wanted, *g = got, *about = got;
    while (w || g) {
        const char *want = strsep(&w, "\n"), *have = strsep(&g, "\n");
        if (have && *have != ' ')
            about = (char *)(uintptr_t)have;
        if (!want || !have || strcmp(want, have) != 0)
            fail_msg("%s\n%s\n, wanted\n%s\n(if that is meant: test-answers FILE)", about,
                     have ? have : "(the end)", want ? want : "(the end)");
    }
    free(wanted);
    free(got);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_answers)};
    if (argc < 2)
        return cmocka_run_group_tests(tests, NULL, NULL);
    char *text = tell_all();
    FILE *f = fopen(argv[1], "w");
    int rc = !f || fputs(text, f) < 0;
    free(text);
    return (f && fclose(f) != 0) || rc;
}
