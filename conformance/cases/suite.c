// SPDX-License-Identifier: MIT
// Finding the scenario files of a folder.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "conformance/cases/scenario.h"

#define PATH_MAX_BYTES 511 /* below the folder of the suite */

/* The id is the path below the folder, without the ending. */
static int load_one(struct vw_suite *suite, const char *dir, const char *path,
                    const struct vw_suite_options *options, struct vw_error *err)
{
    const char *below = path + strlen(dir) + 1;
    char *text = NULL, *id = strndup(below, strlen(below) - strlen(".yaml"));
    size_t len = 0;
    int n = snprintf(suite->error_file, sizeof(suite->error_file), "%s", path);
    int rc = id ? 0 : vw_error_nomem(err);
    if (rc == 0 && (strlen(below) > PATH_MAX_BYTES || (size_t)n >= sizeof(suite->error_file)))
        rc = vw_error_set(err, VW_ELIMIT, "the path of a scenario is too long");
    bool wanted = rc == 0 && (!options->wanted || options->wanted(options->user, id));
    if (wanted)
        rc = vw_yaml_read(path, &text, &len, err);
    if (wanted && rc == 0)
        rc = vw_suite_add(suite, id, path, text, len, options, err);
    free(text);
    free(id);
    if (rc == 0)
        suite->error_file[0] = 0;
    return rc;
}

int vw_suite_load(struct vw_suite *suite, const char *dir, const struct vw_suite_options *options,
                  struct vw_error *err)
{
    static const struct vw_search scenarios = {.ending = ".yaml", .levels = 6, .links = true};
    struct vw_paths paths;
    memset(suite, 0, sizeof(*suite));
    int rc = vw_paths_find(&paths, dir, &scenarios);
    if (rc == ENOMEM)
        rc = vw_error_nomem(err);
    else if (rc)
        rc = vw_error_set(err, VW_EUSAGE, "cannot open the suite %s: %s",
                          paths.failed ? paths.failed : dir, strerror(rc));
    for (size_t i = 0; i < paths.count && rc == 0; i++)
        rc = load_one(suite, dir, paths.list[i], options, err);
    vw_paths_finish(&paths);
    return rc;
}

void vw_suite_finish(struct vw_suite *suite)
{
    free(suite->cases);
    suite->cases = NULL;
    suite->count = 0;
    vw_arena_finish(&suite->arena);
}
