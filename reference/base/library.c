// SPDX-License-Identifier: MIT
// dlopen(3) and dlsym(3) over the tables that lazy.py makes.
#include "base/library.h"

#include <dlfcn.h>
#include <pthread.h>
#include <string.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* As if it had been linked: what was loaded ahead of it goes first. */
static int load(struct vw_library *library, struct vw_error *err)
{
    if (!dlopen(library->file, RTLD_NOW | RTLD_GLOBAL))
        return vw_error_set(err, VW_ESYSTEM, "a library that this needs is not there: %s",
                            dlerror());
    char *at = library->functions;
    for (const char *const *name = library->names; *name; name++, at += sizeof(void *)) {
        void *function = dlsym(RTLD_DEFAULT, *name);
        if (!function)
            return vw_error_set(err, VW_ESYSTEM, "%s is too old: it has no %s", library->file,
                                *name);
        memcpy(at, &function, sizeof(function));
    }
    library->loaded = true;
    return 0;
}

int vw_library_load(struct vw_library *library, struct vw_error *err)
{
    pthread_mutex_lock(&lock);
    int rc = library->loaded ? 0 : load(library, err);
    pthread_mutex_unlock(&lock);
    return rc;
}
