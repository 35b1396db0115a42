// SPDX-License-Identifier: MIT
// The command line of virwired: what each option sets, how often it may come, and mistakes.
#include <getopt.h>
#include <string.h>

#include "base/testing/test.h"
#include "mock-daemon/options.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* The words of LINE as a command line. */
static int parse(const char *line, struct vw_options *o)
{
    static char text[4000];
    static char *words[300];
    int n = 0;
    words[n++] = (char *)"virwired";
    snprintf(text, sizeof(text), "%s", line);
    for (char *w = strtok(text, " "); w; w = strtok(NULL, " "))
        words[n++] = w;
    words[n] = NULL;
    optind = 0; /* so that it forgets the line before */
    (void)getopt(1, words, "");
    return vw_options_parse(o, n, words);
}

static void put(char *said, size_t size, const char *name, const char *value)
{
    size_t n = strlen(said);
    snprintf(said + n, size - n, " %s%s%s", name, value ? "=" : "", value ? value : "");
}

/* What O holds, in the order of its members. */
static void tell(const struct vw_options *o, char *said, size_t size)
{
    said[0] = '\0';
    for (size_t i = 0; i < o->n_listen; i++)
        put(said, size, "listen", o->listen[i]);
    for (size_t i = 0; i < o->n_faults; i++)
        put(said, size, "fault", o->faults[i]);
    if (o->profile)
        put(said, size, "profile", o->profile);
    if (o->rules)
        put(said, size, "rules", o->rules);
    if (o->config)
        put(said, size, "config", o->config);
    if (o->run)
        put(said, size, "run", o->run);
    if (o->exit_with_parent)
        put(said, size, "parent", NULL);
    if (o->list_faults)
        put(said, size, "list", NULL);
    if (o->help)
        put(said, size, "help", NULL);
    if (o->version)
        put(said, size, "version", NULL);
}

static void each_option(void **state)
{
    static const struct {
        const char *line, *says; /* NULL: refused */
    } rows[] = {
        {"--listen a", " listen=a"},
        {"--listen a --listen b --listen=c", " listen=a listen=b listen=c"},
        {"--listen a --fault f --fault g=2", " listen=a fault=f fault=g=2"},
        {"--listen a --profile 7.0.0", " listen=a profile=7.0.0"},
        {"--listen a --config c.yaml", " listen=a config=c.yaml"},
        {"--listen a --rules r.yaml", " listen=a rules=r.yaml"},
        {"--listen a --run true", " listen=a run=true"},
        {"--listen a --exit-with-parent", " listen=a parent"},
        {"--exit-with-parent --listen a", " listen=a parent"},
        {"--fault list", " list"},
        {"--help", " help"},
        {"-h", " help"},
        {"--version", " version"},
        {"", NULL},
        {"--listen", NULL},
        {"--listen a --run", NULL},
        {"--listen a --profile", NULL},
        {"--listen a --config", NULL},
        {"--listen a --rules", NULL},
        {"--listen a --fault", NULL},
        {"--listen a --exit-with-parent=1", NULL},
        {"--listen a b", NULL},
        {"--lisen a", NULL},
        {"--run true", NULL},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct vw_options o = {0};
        char said[300] = "";
        int rc = parse(rows[i].line, &o);
        if (rc == 0)
            tell(&o, said, sizeof(said));
        if (rc != (rows[i].says ? 0 : 2) || (rows[i].says && strcmp(said, rows[i].says) != 0))
            fail_msg("%s: %d,%s", rows[i].line, rc, said);
    }
}

static void how_often(void **state)
{
    for (int n = VW_OPTIONS_MAX; n <= VW_OPTIONS_MAX + 1; n++) {
        struct vw_options o = {0};
        char line[4000] = "--listen a";
        for (int i = 0; i < n; i++)
            strcat(line, " --fault f");
        assert_int_equal(parse(line, &o), n > VW_OPTIONS_MAX ? 2 : 0);
        if (n == VW_OPTIONS_MAX)
            assert_int_equal(o.n_faults, VW_OPTIONS_MAX);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_option), cmocka_unit_test(how_often)};
    return cmocka_run_group_tests(tests, NULL, NULL) + vw_test_leaked();
}
