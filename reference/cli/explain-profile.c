// SPDX-License-Identifier: MIT
// Profiles: the limits and the number of procedures of a release.
#include <stdio.h>
#include <string.h>

#include "cli/explain.h"
#include "schema/profile.h"

static bool explain(const char *word)
{
    struct vw_profile *p = NULL;
    /* Not a file. */
    bool release = strspn(word, "0123456789.") == strlen(word);
    if (!release || vw_profile_load(word, NULL, &p, NULL) < 0)
        return false;
    printf("%s, a profile: the protocol as that release speaks it\n"
           "  length word %u to %u, strings to %u bytes, %u descriptors a message\n",
           p->name, p->min_length_word, p->max_length_word, p->string_max, p->fds_max);
    size_t n;
    const struct vw_program *const *programs = vw_schema_programs(p->schema, &n);
    for (size_t i = 0; i < n; i++)
        printf("  program %s version %u: %u procedures\n", programs[i]->name, programs[i]->version,
               programs[i]->n_procs);
    vw_profile_destroy(p);
    return true;
}

static void offer(struct vw_near *near)
{
    for (const char *const *name = vw_profile_names(); *name; name++)
        vw_near_offer(near, *name);
}

static void list(void)
{
    for (const char *const *name = vw_profile_names(); *name; name++)
        printf("%s\tthe protocol of release %s\n", *name, *name);
}

const struct vw_explained vw_explained_profiles = {"profiles", explain, offer, list};
