// SPDX-License-Identifier: MIT
// Older structs are filled up with zeros; of newer ones what is not known here must be 0.
#include "base/sized.h"

#include <stdint.h>
#include <string.h>

#define SIZE_AT_MOST 4096

int vw_sized_copy(void *own, size_t size, const void *given, const char *name, struct vw_error *err)
{
    size_t has = size;
    memset(own, 0, size);
    if (given)
        memcpy(&has, given, sizeof(has));
    if (has < sizeof(has) || has > SIZE_AT_MOST)
        return vw_error_set(err, VW_EUSAGE, "a struct has no size: it starts with %s", name);
    for (size_t i = size; i < has; i++)
        if (((const uint8_t *)given)[i])
            return vw_error_set(err, VW_EUSAGE,
                                "byte %zu of a struct of %s is set, and this release knows %zu", i,
                                name, size);
    if (given)
        memcpy(own, given, has < size ? has : size);
    memcpy(own, &size, sizeof(size));
    return 0;
}
