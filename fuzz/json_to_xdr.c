// SPDX-License-Identifier: MIT
// Fuzz target: JSON text as a value of a type, which three bytes name.
//
// Oracles: an error has a code, a text and a place; what becomes a value and can be encoded comes
// back from bytes and from its own JSON; that JSON prints the same when it is read again.
#include <stdlib.h>
#include <string.h>

#include "fuzz/common.h"
#include "xdr/json.h"
#include "xdr/values.h"
#include "xdr/xdr.h"

#define HEAD 3

/* The text of VALUE; NULL where it nests too deep. */
static char *text_of(const struct vw_type *t, const void *value)
{
    struct vw_error err = VW_ERROR_INIT;
    struct json_object *json = vw_json_from_value(t, value, &err);
    VW_FUZZ_REQUIRE(err.code == 0 || err.code == VW_ELIMIT, "from", "%s: %s", t->name, err.text);
    char *text = err.code ? NULL : vw_json_text(json, false);
    json_object_put(json);
    return text;
}

static void json_keeps_it(const struct vw_type *t, const void *value, struct vw_arena *arena)
{
    struct vw_error err = VW_ERROR_INIT;
    struct json_object *json = NULL;
    void *again;
    char *text = text_of(t, value);
    if (text && vw_json_parse(text, strlen(text), &json, NULL) == 0) {
        int rc = vw_json_to_value(t, json, arena, &again, &err);
        VW_FUZZ_REQUIRE(rc == 0, "read", "%s: %s at %s in %.200s", t->name, err.text, err.path,
                        text);
        VW_FUZZ_REQUIRE(vw_value_equal(t, value, again), "equal", "%s: %.200s", t->name, text);
        char *second = text_of(t, again);
        VW_FUZZ_REQUIRE(second && strcmp(text, second) == 0, "print", "%s: %.200s", t->name, text);
        free(second);
    }
    json_object_put(json);
    free(text);
}

static void bytes_keep_it(const struct vw_type *t, const void *value, struct vw_arena *arena)
{
    struct vw_error err = VW_ERROR_INIT;
    struct vw_buf b = VW_BUF_INIT;
    void *again;
    size_t used = 0;
    int rc = vw_xdr_encode(t, value, &b, SIZE_MAX, &err);
    /* Bounds are for the encoder to see, and unions of unknown arms. */
    VW_FUZZ_REQUIRE(rc == 0 || rc == VW_ELIMIT || rc == VW_EVALUE, "encode", "%s: %s", t->name,
                    err.text);
    if (rc == 0) {
        rc =
            vw_xdr_decode(t, b.data ? (const void *)b.data : "", b.len, arena, &again, &used, &err);
        VW_FUZZ_REQUIRE(rc == 0 && used == b.len, "decode", "%s: %s at %s", t->name, err.text,
                        err.path);
        VW_FUZZ_REQUIRE(vw_value_equal(t, value, again), "equal", "%s: bytes change it", t->name);
        json_keeps_it(t, value, arena);
    }
    vw_buf_finish(&b);
}

static void is_told(int rc, const struct vw_error *err)
{
    VW_FUZZ_REQUIRE(rc < 0 && err->code == rc && err->text[0], "error", "%d: '%s'", rc, err->text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_error err = VW_ERROR_INIT;
    struct json_object *json = NULL;
    void *value;

    vw_fuzz_compile_all();
    if (size < HEAD)
        return 0;
    const struct vw_type *t =
        vw_fuzz_type((uint32_t)data[0] << 16 | (uint32_t)data[1] << 8 | data[2]);
    int rc = vw_json_parse((const char *)data + HEAD, size - HEAD, &json, &err);
    if (rc == 0)
        rc = vw_json_to_value(t, json, &arena, &value, &err);
    if (rc == 0)
        bytes_keep_it(t, value, &arena);
    else
        is_told(rc, &err);
    json_object_put(json);
    vw_arena_finish(&arena);
    return 0;
}
