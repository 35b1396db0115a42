// SPDX-License-Identifier: MIT
// A small schema with a value of every kind, for the tests of this folder.
#pragma once

#include "base/testing/test.h"

#include <string.h>

#include "schema/schema.h"

static const char test_types_x[] =
    "const NAME_MAX = 20;\n"
    "enum color { RED = 1, GREEN = 2, BLUE = -3 };\n"
    "typedef string name<NAME_MAX>;\n"
    "typedef opaque uuid[16];\n"
    "struct pair { name first; hyper second; uuid third; };\n"
    "typedef pair *maybe_pair;\n"
    "typedef maybe_pair *twice;\n"
    "struct node { int v; node *next; };\n"
    "struct tree { int v; tree children<4>; };\n"
    "union value switch (int type) {\n"
    "    case 1: int i;\n"
    "    case 2: case 3: name s;\n"
    "    case 4: pair big;\n"
    "    case 5: void;\n"
    "    default: hyper h;\n"
    "};\n"
    "union shade switch (color c) { case RED: int depth; case GREEN: void; };\n"
    "union choice switch (bool yes) { case TRUE: name why; default: void; };\n"
    "union word switch (unsigned int w) { case 7: void; case 4294967295: int all; };\n"
    "union same switch (int x) { case 1: int x; default: void; };\n"
    "struct scalars {\n"
    "    int i; unsigned int u; hyper h; unsigned hyper uh; bool b; char c; unsigned char uc;\n"
    "    short s; unsigned short us; float f; double d; color e;\n"
    "};\n"
    "struct all {\n"
    "    scalars one; name n; string text<>; opaque data<12>; opaque odd[5]; int fixed[3];\n"
    "    pair pairs[2]; name names<4>; char chars<8>; bool bools<3>; pair list<3>; maybe_pair m;\n"
    "    twice t; value v; value values<5>; shade sh; choice ch; word w; node *chain; double "
    "x<2>;\n"
    "    tree roots<2>; same again;\n"
    "};\n";

/* The names of the types that tests walk, the largest last. */
static const char *const test_type_names[] = {
    "color", "name",  "uuid",   "pair", "maybe_pair", "twice",   "node", "tree",
    "value", "shade", "choice", "word", "same",       "scalars", "all",
};

#define N_TEST_TYPES (sizeof(test_type_names) / sizeof(test_type_names[0]))

static struct vw_schema *test_schema;

static int make_test_schema(void **state)
{
    struct vw_error err = VW_ERROR_INIT;
    if (vw_schema_create(&test_schema) == 0 &&
        vw_schema_add(test_schema, "test.x", test_types_x, sizeof(test_types_x) - 1, false, &err) ==
            0 &&
        vw_schema_finish(test_schema, &err) == 0)
        return 0;
    print_error("%s line %u\n", err.text, err.line);
    return -1;
}

static int free_test_schema(void **state)
{
    vw_schema_destroy(test_schema);
    return 0;
}

static const struct vw_type *test_type(const char *name)
{
    const struct vw_type *t = vw_schema_type(test_schema, name);
    if (!t)
        fail_msg("no type %s", name);
    return t;
}
