// SPDX-License-Identifier: MIT
// Fuzz target: the text of a scenario file. Only built with the virwire command, whose runner reads
// them.
//
// Oracles: an error has a code, a text and a place in the file; YAML that is printed in one line is
// read as the same tree; each case has what the player counts on, and an id of its own; a message
// of a case is made, or refused with a reason, and its length word is right unless the case says
// otherwise.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conformance/cases/scenario.h"
#include "fuzz/common.h"
#include "scenario/compose.h"

#define CASES_LOOKED_AT 40
#define STEPS_LOOKED_AT 8
#define TEXT_MAX        16384u

/* Debian's libfyaml leaves 2 KiB behind for a scalar of many quotes, and has no symbols by which
 * that place alone could be named. What we ourselves forget of it is seen by the tests of
 * base/yaml.c. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libfyaml.so\n";
}

/* A name that is not known is a mistake of the text as well: the codes may differ. */
static void is_told(int rc, const struct vw_error *err)
{
    VW_FUZZ_REQUIRE(rc < 0 && err->code < 0 && err->text[0], "error", "%d: '%s'", rc, err->text);
}

/* ---- YAML ---- */

static bool is_word(const char *s)
{
    return *s && strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789-") ==
                     strlen(s);
}

/* Reports print keys as they are, and end texts at a NUL. */
static bool can_be_printed(const struct vw_node *n)
{
    if (n->key && (!is_word(n->key) || n->key[0] == '-'))
        return false;
    if (n->kind == VW_NODE_SCALAR)
        return strlen(n->text) == n->len;
    for (const struct vw_node *item = n->first; item; item = item->next)
        if (!can_be_printed(item))
            return false;
    return true;
}

static bool same_text(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool same_tree(const struct vw_node *a, const struct vw_node *b)
{
    if (a->kind != b->kind || a->count != b->count || !same_text(a->key, b->key))
        return false;
    if (a->kind == VW_NODE_SCALAR)
        return a->len == b->len && memcmp(a->text, b->text, a->len) == 0;
    const struct vw_node *x = a->first, *y = b->first;
    for (; x && y; x = x->next, y = y->next)
        if (!same_tree(x, y))
            return false;
    return !x && !y;
}

static void prints_as_itself(const struct vw_node *n, struct vw_arena *arena)
{
    struct vw_error err = VW_ERROR_INIT;
    struct vw_node *again;
    size_t len;
    char *text;
    FILE *f = open_memstream(&text, &len);
    VW_FUZZ_REQUIRE(f, "memory", "none");
    vw_node_print(n, f);
    VW_FUZZ_REQUIRE(fclose(f) == 0, "memory", "none");
    /* One line has a depth and a length of its own. */
    int rc = vw_yaml_parse(text, len, arena, &again, &err);
    VW_FUZZ_REQUIRE(rc == 0 || rc == VW_ELIMIT, "print", "%s: %.200s", err.text, text);
    VW_FUZZ_REQUIRE(rc || same_tree(n, again), "print", "another tree: %.200s", text);
    free(text);
}

static void check_yaml(const char *text, size_t len)
{
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_error err = VW_ERROR_INIT;
    struct vw_node *node;
    int rc = vw_yaml_parse(text, len, &arena, &node, &err);
    if (rc)
        is_told(rc, &err);
    else if (can_be_printed(node))
        prints_as_itself(node, &arena);
    vw_arena_finish(&arena);
}

/* ---- cases ---- */

static void check_message(const struct vw_node *call)
{
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_error err = VW_ERROR_INIT;
    struct vw_buf out = VW_BUF_INIT;
    struct vw_composed made;
    const struct vw_compose_context ctx = {
        .profile = vw_fuzz_profile(), .arena = &arena, .serial = 7};
    int rc = vw_compose(&ctx, call, VW_MSG_CALL, &out, &made, &err);
    if (rc)
        is_told(rc, &err);
    else if (!vw_node_get(call, "length") && !vw_node_get(call, "edit"))
        VW_FUZZ_REQUIRE(out.len >= VW_PREFIX_BYTES && vw_load32(out.data) == out.len, "length",
                        "%zu bytes", out.len);
    vw_buf_finish(&out);
    vw_arena_finish(&arena);
}

static void check_case(const struct vw_case *c)
{
    VW_FUZZ_REQUIRE(c->id && strncmp(c->id, "a/b", 3) == 0 && strcmp(c->file_id, "a/b") == 0, "id",
                    "%s of %s", c->id, c->file_id);
    VW_FUZZ_REQUIRE(c->title && c->clauses && c->clauses[0], "case", "%s has no clause", c->id);
    VW_FUZZ_REQUIRE(c->steps && c->steps->kind == VW_NODE_LIST, "case", "%s: no steps", c->id);
    unsigned n = 0;
    for (const struct vw_node *s = c->steps->first; s && n < STEPS_LOOKED_AT; s = s->next, n++) {
        bool judges;
        const struct vw_node *call = vw_node_get(vw_node_get(s, "send"), "call");
        VW_FUZZ_REQUIRE(vw_step_verb(s, &judges), "verb", "%s: a step has none", c->id);
        if (call)
            check_message(call);
    }
}

static void check_suite(const char *text, size_t len)
{
    const struct vw_suite_options options = {
        .profile = vw_fuzz_profile(), .newest = true, .seed = 1};
    struct vw_error err = VW_ERROR_INIT;
    struct vw_suite suite = {0};
    int rc = vw_suite_add(&suite, "a/b", "a/b.yaml", text, len, &options, &err);
    if (rc)
        is_told(rc, &err);
    for (size_t i = 0; rc == 0 && i < suite.count && i < CASES_LOOKED_AT; i++) {
        check_case(&suite.cases[i]);
        for (size_t j = 0; j < i; j++)
            VW_FUZZ_REQUIRE(strcmp(suite.cases[i].id, suite.cases[j].id) != 0, "id", "%s twice",
                            suite.cases[i].id);
    }
    vw_suite_finish(&suite);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    vw_fuzz_compile_all();
    if (size > TEXT_MAX)
        return 0;
    check_yaml((const char *)data, size);
    check_suite((const char *)data, size);
    return 0;
}
