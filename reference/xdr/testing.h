// SPDX-License-Identifier: MIT
// For tests of the codec: a schema from a text, and hex to bytes. Internal to the tests of xdr/.
#pragma once

#include "base/testing/test.h"

#include <stdlib.h>
#include <string.h>

#include "schema/schema.h"
#include "xdr/xdr.h"

static inline struct vw_schema *schema_of(const char *text)
{
    struct vw_schema *s;
    struct vw_error err = VW_ERROR_INIT;
    assert_int_equal(vw_schema_create(&s), 0);
    int rc = vw_schema_add(s, "test.x", text, strlen(text), false, &err);
    if (!rc)
        rc = vw_schema_finish(s, &err);
    if (rc)
        fail_msg("%u:%u: %s", err.line, err.column, err.text);
    return s;
}

/* Bytes of hex digits; everything else is skipped. At most SIZE. */
static inline size_t unhex(const char *hex, uint8_t *out, size_t size)
{
    size_t n = 0;
    int high = -1;
    for (; *hex; hex++) {
        const char *digits = "0123456789abcdef", *d = strchr(digits, *hex);
        if (!d)
            continue;
        int v = (int)(d - digits);
        if (high < 0) {
            high = v;
            continue;
        }
        assert_true(n < size);
        out[n++] = (uint8_t)(high << 4 | v);
        high = -1;
    }
    assert_int_equal(high, -1);
    return n;
}
