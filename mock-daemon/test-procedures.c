// SPDX-License-Identifier: MIT
// docs/procedures.md says what is behind each procedure that a socket of libvirtd speaks: it is
// held against the table of rows. `test-procedures FILE` writes it as it should be.
#include "mock-daemon/rows.h"
#include "mock-daemon/synthesize.h"
#include "mock-daemon/testing.h"

#include <string.h>

#include "schema/facts.h"

enum answer { MODEL, SMALLEST, ERROR, ERROR_OR_VALUE, EVENT, EVENT_SENT, ANSWERS };

static const char *const programs[] = {"remote", "qemu", "lxc", "admin"};

static bool is_sent(const struct vw_dispatch *d, const struct vw_proc *event)
{
    for (const struct vw_object_kind *const *k = vw_object_kinds; *k; k++) {
        for (const struct vw_event_form *f = (*k)->events; f && f->procedure; f++) {
            if (vw_dispatch_event(d, f) == event)
                return true;
        }
    }
    return false;
}

static enum answer answer(const struct vw_dispatch *d, const struct vw_proc *proc)
{
    const struct vw_row *row = vw_dispatch_entry(d, proc)->row;
    if (proc->kind == VW_PROC_EVENT)
        return is_sent(d, proc) ? EVENT_SENT : EVENT;
    if (!row)
        return vw_synthesize_can(proc) ? ERROR_OR_VALUE : ERROR;
    return row->run == vw_row_exists || row->run == vw_row_accept ? SMALLEST : MODEL;
}

static void put_row(FILE *out, const struct vw_dispatch *d, const struct vw_proc *proc)
{
    static const char *const words[] = {"model",        "smallest value",    "error",
                                        "error, value", "event, never sent", "event, sent"};
    const struct vw_entry *e = vw_dispatch_entry(d, proc);
    enum answer a = answer(d, proc);
    fprintf(out, "| %d | `%s` | %s |", proc->number, proc->short_name, words[a]);
    if (a == ERROR || a == ERROR_OR_VALUE)
        fprintf(out, " %d/%d", VW_ERR_NO_SUPPORT, e->no_support_domain);
    else if (e->row)
        fprintf(out, " %s", vw_object_kinds[e->kind]->name);
    if (e->row && e->hosted)
        fprintf(out, "; `test:` %d/%d", VW_ERR_NO_SUPPORT, e->no_support_domain);
    fputs(" |\n", out);
}

static void put_program(FILE *out, const struct vw_dispatch *d, const struct vw_program *p)
{
    unsigned count[ANSWERS] = {0};
    for (uint32_t i = 0; i < p->n_procs; i++)
        count[answer(d, &p->procs[i])]++;
    fprintf(out,
            "\n## %s\n\n"
            "Of %u procedures %u are answered from the model, %u with the smallest value of their "
            "result, %u with an error or, if\nvalues shall be made, with one, and %u with an error "
            "in any case; %u are events, %u of which are sent.\n\n"
            "| number | procedure | answer | kind or error |\n| --- | --- | --- | --- |\n",
            p->name, p->n_procs, count[MODEL], count[SMALLEST], count[ERROR_OR_VALUE], count[ERROR],
            count[EVENT] + count[EVENT_SENT], count[EVENT_SENT]);
    for (uint32_t i = 0; i < p->n_procs; i++)
        put_row(out, d, &p->procs[i]);
}

static void put_page(FILE *out, const struct vw_daemon *d)
{
    fputs(
        "# What virwired does of each procedure\n\n"
        "Written by `test-procedures docs/procedures.md` from the rows of `mock-daemon/kinds/`, "
        "and checked by\n"
        "the test of that name. It is about the newest release; in older ones it is the same for "
        "the procedures that they have.\n\n"
        "- model: from the model, with the errors that belong to it.\n"
        "- model; `test:` ERROR: the same where the connection is to another driver than the test "
        "driver (docs/mock-daemon.md).\n"
        "- smallest value: the smallest value of the result, where the object is there.\n"
        "- error, value: NO_SUPPORT (3) and the domain of errors that a real libvirtd uses "
        "(D-34); with `--synthesize SEED` a valid\n  value of the result, made from the seed, the "
        "procedure and its arguments.\n"
        "- error: that error in any case, since the procedure opens a stream.\n",
        out);
    for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++)
        put_program(out, d->dispatch, vw_schema_program_named(d->profile->schema, programs[i]));
}

static char *page(void)
{
    struct peer p;
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);
    assert_non_null(out);
    peer_start(&p, NULL, NULL);
    put_page(out, &p.daemon);
    peer_stop(&p);
    assert_int_equal(fclose(out), 0);
    return text;
}

static void the_page_is_true(void **state)
{
    char path[4096], line[512], *text = page(), *at = text;
    const char *root = getenv("VW_SOURCE_ROOT");
    assert_non_null(root);
    snprintf(path, sizeof(path), "%s/docs/procedures.md", root);
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    while (fgets(line, sizeof(line), f)) {
        if (strncmp(at, line, strlen(line)) != 0)
            fail_msg("%s: %s, wanted %.*s", path, line, (int)strcspn(at, "\n"), at);
        at += strlen(line);
    }
    assert_string_equal(at, "");
    fclose(f);
    free(text);
}

static const char *target;

static void write_page(void **state)
{
    char *text = page();
    FILE *f = fopen(target, "w");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
    free(text);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_page_is_true)};
    const struct CMUnitTest writes[] = {cmocka_unit_test(write_page)};
    target = argv[1];
    return argc > 1 ? cmocka_run_group_tests(writes, NULL, NULL)
                    : cmocka_run_group_tests(tests, NULL, NULL);
}
