// SPDX-License-Identifier: MIT
// The basic types, shared by all schemas, and the names under which .x files know them.
#include <string.h>

#include "schema/basic.h"

#define BASIC(k, n, bytes, wire)                                                                   \
    [k] = {.name = (n),                                                                            \
           .kind = (k),                                                                            \
           .size = (bytes),                                                                        \
           .align = (bytes) ? (bytes) : 1,                                                         \
           .wire_min = (wire),                                                                     \
           .wire_max = (wire),                                                                     \
           .index = UINT32_MAX,                                                                    \
           .where = {.file = ""}}

/* Not const: the codec fills the member code. */
struct vw_type vw_basics[VW_DOUBLE + 1] = {
    BASIC(VW_VOID, "void", 0, 0),
    BASIC(VW_INT, "int", sizeof(int32_t), 4),
    BASIC(VW_UINT, "unsigned int", sizeof(uint32_t), 4),
    BASIC(VW_HYPER, "hyper", sizeof(int64_t), 8),
    BASIC(VW_UHYPER, "unsigned hyper", sizeof(uint64_t), 8),
    BASIC(VW_BOOL, "bool", sizeof(bool), 4),
    BASIC(VW_CHAR, "char", sizeof(int8_t), 4),
    BASIC(VW_UCHAR, "unsigned char", sizeof(uint8_t), 4),
    BASIC(VW_SHORT, "short", sizeof(int16_t), 4),
    BASIC(VW_USHORT, "unsigned short", sizeof(uint16_t), 4),
    BASIC(VW_FLOAT, "float", sizeof(float), 4),
    BASIC(VW_DOUBLE, "double", sizeof(double), 8),
};

/* What the C headers of rpcgen's output and libtirpc name. int8_t and its like take a word. */
static const struct {
    const char *name;
    enum vw_kind kind;
} predefined[] = {
    {"bool_t", VW_BOOL},     {"u_char", VW_UCHAR},       {"u_short", VW_USHORT},
    {"u_int", VW_UINT},      {"u_long", VW_UINT},        {"int8_t", VW_CHAR},
    {"int16_t", VW_SHORT},   {"int32_t", VW_INT},        {"int64_t", VW_HYPER},
    {"uint8_t", VW_UCHAR},   {"uint16_t", VW_USHORT},    {"uint32_t", VW_UINT},
    {"uint64_t", VW_UHYPER}, {"u_int8_t", VW_UCHAR},     {"u_int16_t", VW_USHORT},
    {"u_int32_t", VW_UINT},  {"u_int64_t", VW_UHYPER},   {"quad_t", VW_HYPER},
    {"u_quad_t", VW_UHYPER}, {"longlong_t", VW_HYPER},   {"u_longlong_t", VW_UHYPER},
    {"unsigned", VW_UINT},   {"uint", VW_UINT},          {"uhyper", VW_UHYPER},
    {"long", VW_INT},        {"unsigned long", VW_UINT},
};

const struct vw_type *vw_type_basic(enum vw_kind kind)
{
    return kind <= VW_DOUBLE ? &vw_basics[kind] : NULL;
}

bool vw_basic_is(const struct vw_type *t)
{
    uintptr_t at = (uintptr_t)t, first = (uintptr_t)vw_basics;
    return at >= first && at < first + sizeof(vw_basics);
}

const struct vw_type *vw_basic_predefined(const char *name)
{
    for (size_t i = 0; i < sizeof(predefined) / sizeof(predefined[0]); i++) {
        if (strcmp(name, predefined[i].name) == 0)
            return &vw_basics[predefined[i].kind];
    }
    return NULL;
}

const struct vw_type *vw_basic_named(const char *name)
{
    for (int k = VW_VOID; k <= VW_DOUBLE; k++) {
        if (strcmp(name, vw_basics[k].name) == 0)
            return &vw_basics[k];
    }
    return vw_basic_predefined(name);
}

const char *vw_kind_name(enum vw_kind kind)
{
    static const char *const names[] = {
        [VW_ENUM] = "enum",
        [VW_STRING] = "string",
        [VW_OPAQUE] = "opaque",
        [VW_FIXED_OPAQUE] = "fixed opaque",
        [VW_FIXED_ARRAY] = "fixed array",
        [VW_ARRAY] = "array",
        [VW_OPTIONAL] = "optional",
        [VW_STRUCT] = "struct",
        [VW_UNION] = "union",
    };
    if (kind <= VW_DOUBLE)
        return vw_basics[kind].name;
    return kind <= VW_UNION ? names[kind] : "unknown";
}
