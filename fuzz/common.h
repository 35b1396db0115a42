// SPDX-License-Identifier: MIT
// What fuzz targets share: the built-in protocol, a stable way to let input choose a type, and the
// one way in which an oracle says no.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schema/profile.h"
#include "schema/schema.h"

/* The entry point that libFuzzer, AFL++ and replay.c call. Always returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* An oracle failed: prints "oracle NAME: TEXT" and aborts, so that engines save the input. */
_Noreturn void vw_fuzz_fail(const char *name, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Fails the oracle NAME when CONDITION is false. */
#define VW_FUZZ_REQUIRE(condition, name, ...)                                                      \
    do {                                                                                           \
        if (!(condition))                                                                          \
            vw_fuzz_fail(name, __VA_ARGS__);                                                       \
    } while (0)

/* The newest built-in profile, loaded once and kept. */
const struct vw_profile *vw_fuzz_profile(void);

/* Types are compiled at their first use and kept: this does it for all, so that no input pays for
 * it, and no leak check takes it for a leak. The second time it does nothing. */
void vw_fuzz_compile_all(void);

/* 24 bits that stand for the name of a type in inputs, the same in every version of the schema. */
uint32_t vw_fuzz_type_key(const char *name);

/* The type whose key is KEY, or the one with the next larger key (the first after the last): every
 * KEY means a type, and a new type moves few others. */
const struct vw_type *vw_fuzz_type(uint32_t key);

#define VW_FUZZ_TYPE_MARK 0xffu

/* What an input of decode_any, roundtrip and diff_tirpc is. */
struct vw_fuzz_input {
    const struct vw_type *type;
    const uint8_t *bytes;
    size_t len;
};

/* The first word chooses: with 0xff in its highest byte the other 24 bits name a type
 * (vw_fuzz_type_key) and the rest is the value; else it is the length word of a whole message,
 * which is not looked at, and header and body follow as on the wire. False: there is no type. */
bool vw_fuzz_choose(const uint8_t *data, size_t size, struct vw_fuzz_input *in);

/* The type of the body that the message of HEADER has in SCHEMA, NULL if it has none. */
struct vw_header;
const struct vw_type *vw_fuzz_body_type(const struct vw_schema *schema,
                                        const struct vw_header *header);
