// SPDX-License-Identifier: MIT
// The golden listing of the newest release: every program, number, type, field and bound in plain
// text, so that a change of the wire shows in review. `test-lock --update` writes it anew.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/testing/test.h"
#include "schema/profile.h"

static const char golden_path[] = VW_PROTOCOL_DIR "/protocol.lock";

static char *listing(void)
{
    struct vw_error err = VW_ERROR_INIT;
    struct vw_profile *p = NULL;
    char *text = NULL;
    size_t size;
    if (vw_profile_load(NULL, NULL, &p, &err) < 0)
        return NULL;
    FILE *out = open_memstream(&text, &size);
    int rc = out ? vw_schema_lock(p->schema, out) : -1;
    if (out)
        fclose(out);
    vw_profile_destroy(p);
    if (rc == 0)
        return text;
    free(text);
    return NULL;
}

static int update(void)
{
    char *text = listing();
    FILE *f = text ? fopen(golden_path, "w") : NULL;
    int failed = !f || fputs(text, f) < 0;
    if (f)
        failed |= fclose(f) != 0;
    if (failed)
        perror(golden_path);
    free(text);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* Shows the first line that differs. */
static void compare(const char *have, const char *want)
{
    for (unsigned line = 1; *have || *want; line++) {
        size_t h = strcspn(have, "\n"), w = strcspn(want, "\n");
        if (h != w || memcmp(have, want, h) != 0)
            fail_msg("protocol.lock line %u is '%.*s', the .x files give '%.*s'; if that is meant, "
                     "run this test with --update",
                     line, (int)w, want, (int)h, have);
        have += h + (have[h] == '\n');
        want += w + (want[w] == '\n');
    }
}

static void the_listing_is_as_locked(void **state)
{
    (void)state;
    char *have = listing(), *want = NULL;
    size_t size = 0;
    FILE *f = fopen(golden_path, "r");
    assert_non_null(have);
    assert_non_null(f);
    assert_true(getdelim(&want, &size, '\0', f) > 0);
    fclose(f);
    compare(have, want);
    free(have);
    free(want);
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "--update") == 0)
        return update();
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_listing_is_as_locked)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
