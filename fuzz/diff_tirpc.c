// SPDX-License-Identifier: MIT
// Fuzz target: our codec and libtirpc with what rpcgen makes of the same .x files, on the same
// bytes. The input is that of decode_any. Only built where there are rpcgen and libtirpc.
//
// Oracle: both accept or both refuse; what is accepted has the same length and is encoded to the
// same bytes again. The one difference that may be is named: libtirpc ends strings at their first
// NUL, and ours are cut there ahead of the comparison.
#include "fuzz/common.h"
#include "oracle/differ.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct vw_fuzz_input in;
    struct differ d;

    vw_fuzz_compile_all();
    if (!vw_fuzz_choose(data, size, &in))
        return 0;
    differ_init(&d);
    if (differ_set(&d, VW_ORACLE_NEWEST, in.type))
        VW_FUZZ_REQUIRE(differ_bytes(&d, in.bytes, in.len), "tirpc", "%s", d.text);
    differ_finish(&d);
    return 0;
}
