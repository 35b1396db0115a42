// SPDX-License-Identifier: MIT
// A decoder for `virwire check decoder`: our own codec.
#include "conformance/testees/frames.h"
#include "schema/profile.h"
#include "xdr/xdr.h"

static struct vw_profile *profile;

static void decode(const char *type, const uint8_t *bytes, size_t len)
{
    static struct vw_arena arena;
    static struct vw_buf again;
    const struct vw_type *t = vw_schema_type(profile->schema, type);
    void *value;
    again.len = 0;
    if (!t)
        answer('S', NULL, 0);
    else if (vw_xdr_decode(t, bytes, len, &arena, &value, NULL, NULL) ||
             vw_xdr_encode(t, value, &again, SIZE_MAX, NULL))
        answer('R', NULL, 0);
    else
        answer('A', again.data, again.len);
    vw_arena_reset(&arena);
}

int main(void)
{
    if (vw_profile_load(NULL, NULL, &profile, NULL))
        return 1;
    serve(decode);
}
