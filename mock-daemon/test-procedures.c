// SPDX-License-Identifier: MIT
// docs/procedures.md says what is behind each procedure of the remote program: it is held against
// the table of rows. `test-procedures FILE` writes it as it should be.
#include "mock-daemon/rows.h"
#include "mock-daemon/testing.h"

#include <string.h>

#include "schema/facts.h"

enum answer { MODEL, SMALLEST, ERROR };

static enum answer answer(const struct vw_entry *e)
{
    if (!e->row)
        return ERROR;
    return e->row->run == vw_row_exists || e->row->run == vw_row_accept ? SMALLEST : MODEL;
}

static void put_row(FILE *out, const struct vw_proc *proc, const struct vw_entry *e)
{
    static const char *const words[] = {"model", "smallest value"};
    enum answer a = answer(e);
    fprintf(out, "| %d | `%s` | ", proc->number, proc->short_name);
    if (a == ERROR)
        fprintf(out, "error %d/%d | |\n", VW_ERR_NO_SUPPORT, e->no_support_domain);
    else
        fprintf(out, "%s | %s |\n", words[a], vw_object_kinds[e->kind]->name);
}

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

static void put_page(FILE *out, const struct vw_dispatch *d, const struct vw_program *remote)
{
    unsigned count[3] = {0}, events = 0, sent = 0;
    for (uint32_t i = 0; i < remote->n_procs; i++) {
        const struct vw_proc *proc = &remote->procs[i];
        bool event = proc->kind == VW_PROC_EVENT;
        events += event;
        sent += event && is_sent(d, proc);
        count[answer(vw_dispatch_entry(d, proc))] += !event;
    }
    fprintf(
        out,
        "# What virwired does of each procedure\n\n"
        "Written by `test-procedures docs/procedures.md` from the rows of `mock-daemon/kinds/`, "
        "and checked by\n"
        "the test of that name. Of the %u procedures of the newest release's remote program %u "
        "are answered from the model, %u with the\n"
        "smallest value of their result (where the object is there), and %u with NO_SUPPORT and "
        "the domain of errors that a real\n"
        "libvirtd uses (D-34); %u are events, %u of which are sent. In older releases it is the "
        "same for those that they have.\n\n"
        "| number | procedure | answer | kind |\n| --- | --- | --- | --- |\n",
        remote->n_procs, count[MODEL], count[SMALLEST], count[ERROR], events, sent);
    for (uint32_t i = 0; i < remote->n_procs; i++) {
        const struct vw_proc *proc = &remote->procs[i];
        if (proc->kind == VW_PROC_CALL)
            put_row(out, proc, vw_dispatch_entry(d, proc));
        else
            fprintf(out, "| %d | `%s` | %s | |\n", proc->number, proc->short_name,
                    is_sent(d, proc) ? "event, sent" : "event, never sent");
    }
}

static char *page(void)
{
    struct peer p;
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);
    assert_non_null(out);
    peer_start(&p, NULL, NULL);
    put_page(out, p.daemon.dispatch, vw_schema_program_named(p.daemon.profile->schema, "remote"));
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
