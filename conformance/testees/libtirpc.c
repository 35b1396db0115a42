// SPDX-License-Identifier: MIT
// A decoder for `virwire check decoder`: what rpcgen makes of the .x files, with libtirpc.
#include "conformance/testees/frames.h"
#include "oracle/oracle.h"

static void decode(const char *type, const uint8_t *bytes, size_t len)
{
    static uint8_t again[1 << 24];
    const struct vw_oracle_type *t = vw_oracle_type(VW_ORACLE_NEWEST, type);
    ssize_t n = t ? vw_oracle_recode(t, bytes, len, again, sizeof(again)) : 0;
    if (!t)
        answer('S', NULL, 0);
    else if (n < 0)
        answer('R', NULL, 0);
    else
        answer('A', again, (size_t)n);
}

int main(void)
{
    serve(decode);
}
