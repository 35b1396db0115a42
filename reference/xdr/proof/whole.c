// SPDX-License-Identifier: MIT
// Whole decodes of any bytes over the small types of types.x, as the compiler of the codec has made
// their operations (print-code.c).
#include "xdr/proof/model.h"

#include <types.made.h>

static void whole(const struct vw_type *t)
{
    static uint8_t input[MAX_INPUT];
    struct vw_arena arena = VW_ARENA_INIT;
    size_t len = nondet_size(), used;
    void *value;
    __CPROVER_assume(len <= MAX_INPUT);
    __CPROVER_havoc_object(input);
    if (vw_xdr_decode(t, input + MAX_INPUT - len, len, &arena, &value, &used, NULL) == 0)
        __CPROVER_assert(used >= t->wire_min && used <= len && used % 4 == 0,
                         "what is used is within the input");
    __CPROVER_assert(taken <= PER_BYTE * len + 7, "memory: six bytes for each byte of the input");
}

#define PROVE(name, type)                                                                          \
    void whole_##name(void)                                                                        \
    {                                                                                              \
        whole(&type);                                                                              \
    }
MADE_TYPES(PROVE)
