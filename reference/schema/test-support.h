// SPDX-License-Identifier: MIT
// What the tests of this folder share: schemas from text, fixtures from the tree.
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/testing/test.h"
#include "schema/schema.h"

/* Parses and finishes TEXT; *OUT is there even on failure and is the caller's. */
static inline int try_text(const char *text, struct vw_schema **out, struct vw_error *err)
{
    assert_int_equal(vw_schema_create(out), 0);
    int rc = vw_schema_add(*out, "test.x", text, strlen(text), false, err);
    return rc ? rc : vw_schema_finish(*out, err);
}

static inline struct vw_schema *parse(const char *text)
{
    struct vw_schema *s;
    struct vw_error err = VW_ERROR_INIT;
    if (try_text(text, &s, &err))
        fail_msg("%u:%u: %s\n%s", err.line, err.column, err.text, text);
    return s;
}

/* TEXT must fail with CODE at LINE and COLUMN, with PART in the message. */
static inline void expect_error(const char *text, int code, unsigned line, unsigned column,
                                const char *part)
{
    struct vw_schema *s;
    struct vw_error err = VW_ERROR_INIT;
    int rc = try_text(text, &s, &err);
    if (rc != code || err.code != code || err.line != line || err.column != column ||
        !strstr(err.text, part))
        fail_msg("wanted %s at %u:%u with '%s', got %s at %u:%u: %s\n%s", vw_status_name(code),
                 line, column, part, vw_status_name(rc), err.line, err.column, err.text, text);
    assert_string_equal(vw_schema_error_file(s), "test.x");
    vw_schema_destroy(s);
}

/* The path of NAME in the folder of fixtures; a static buffer. */
static inline const char *fixture(const char *name)
{
    static char path[4096];
    const char *root = getenv("VW_SOURCE_ROOT");
    snprintf(path, sizeof(path), "%s/reference/schema/fixtures/%s", root ? root : ".", name);
    return path;
}

static inline struct vw_schema *parse_fixture(const char *name)
{
    struct vw_schema *s;
    struct vw_error err = VW_ERROR_INIT;
    assert_int_equal(vw_schema_create(&s), 0);
    if (vw_schema_add_file(s, fixture(name), false, &err) || vw_schema_finish(s, &err))
        fail_msg("%s:%u:%u: %s", vw_schema_error_file(s), err.line, err.column, err.text);
    return s;
}

/* What FILE holds, in memory that the caller frees. */
static inline char *read_text(const char *path, size_t *len)
{
    FILE *f = fopen(path, "re");
    assert_non_null(f);
    char *text = malloc(1 << 20);
    assert_non_null(text);
    *len = fread(text, 1, (1 << 20) - 1, f);
    text[*len] = '\0';
    fclose(f);
    return text;
}

static inline const struct vw_field *field(const struct vw_type *t, const char *name)
{
    assert_non_null(t);
    for (uint32_t i = 0; i < t->n_fields; i++) {
        if (t->fields[i].name && strcmp(t->fields[i].name, name) == 0)
            return &t->fields[i];
    }
    fail_msg("no field %s", name);
    return NULL;
}

static inline int64_t constant(const struct vw_schema *s, const char *name)
{
    int64_t value;
    if (!vw_schema_const(s, name, &value))
        fail_msg("no constant %s", name);
    return value;
}

/* The type as .x spells it; a static buffer. */
static inline const char *spelled(const struct vw_type *t)
{
    static char text[1024];
    FILE *f = fmemopen(text, sizeof(text), "w");
    assert_non_null(f);
    vw_type_print(t, f);
    fclose(f);
    return text;
}

/* Names of the good fixtures, ends at NULL. */
static const char *const fixtures[] = {"basics.x",      "constants.x",       "unions.x",
                                       "nested.x",      "recursive.x",       "passthrough.x",
                                       "annotations.x", "annotations-old.x", "toy.x",
                                       "convention.x",  "aliases.x",         NULL};
