// SPDX-License-Identifier: MIT
// Finding verbs by name.
#include "conformance/play/verbs.h"

#include <string.h>

#define VERBS_MAX 32

const struct vw_verb *vw_verb_find(const char *name)
{
    for (const struct vw_verb *const *v = vw_verbs; *v; v++)
        if (strcmp((*v)->key.name, name) == 0)
            return *v;
    return NULL;
}

int vw_verb_unknown(const struct vw_node *n, struct vw_error *err)
{
    const char *known[VERBS_MAX];
    size_t count = 0;
    for (const struct vw_verb *const *v = vw_verbs; *v && count < VERBS_MAX; v++)
        known[count++] = (*v)->key.name;
    return vw_node_unknown(n, "verb", n->key, known, count, err);
}
