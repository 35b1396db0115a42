// SPDX-License-Identifier: MIT
// Says in words what an input is: the type and value of those that decode_any takes, text as text,
// and the bytes of all others. With --types, which named types the inputs decode as, one a line.
// Usage: show-input TARGET FILE | show-input --types FILE...
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz/common.h"
#include "message/message.h"
#include "xdr/json.h"
#include "xdr/xdr.h"

#define MAX_BYTES   ((size_t)1 << 20)
#define SHOWN_BYTES 512u

static size_t read_file(const char *path, uint8_t *data)
{
    FILE *f = fopen(path, "rb");
    if (!f) {
        fprintf(stderr, "show-input: cannot read %s: %s\n", path, strerror(errno));
        exit(2);
    }
    size_t n = fread(data, 1, MAX_BYTES, f);
    fclose(f);
    return n;
}

static void show_bytes(const uint8_t *data, size_t len)
{
    for (size_t i = 0; i < len && i < SHOWN_BYTES; i += 16) {
        printf("%06zx ", i);
        for (size_t j = i; j < i + 16 && j < len; j++)
            printf("%s%02x", j % 4 ? "" : " ", data[j]);
        putchar('\n');
    }
    if (len > SHOWN_BYTES)
        printf("... %zu bytes in all\n", len);
}

static void show_text(const uint8_t *data, size_t len)
{
    for (size_t i = 0; i < len; i++)
        putchar(data[i] == '\n' || (data[i] >= ' ' && data[i] < 0x7f) ? data[i] : '?');
    putchar('\n');
}

static void show_header(const uint8_t *data, size_t len)
{
    struct vw_header h;
    if (len < VW_PREFIX_BYTES || data[0] == VW_FUZZ_TYPE_MARK)
        return;
    vw_header_decode(data + VW_LENGTH_BYTES, &h);
    printf("message: length %u, program 0x%08x, version %u, procedure %d, type %d, serial %u, "
           "status %d\n",
           vw_load32(data), h.program, h.version, h.procedure, h.type, h.serial, h.status);
}

static void show_value(const struct vw_fuzz_input *in)
{
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_error err = VW_ERROR_INIT;
    size_t used = 0;
    void *value;
    printf("type: %s, %zu bytes\n", in->type->name ? in->type->name : "unnamed", in->len);
    if (vw_xdr_decode(in->type, in->bytes, in->len, &arena, &value, &used, &err)) {
        printf("refused: %s, at %s, offset %llu\n", err.text, err.path,
               (unsigned long long)err.offset);
    } else {
        struct json_object *json = vw_json_from_value(in->type, value, &err);
        char *text = vw_json_text(json, false);
        printf("value: %.2000s\n", text ? text : "");
        if (used < in->len)
            printf("behind it: %zu bytes\n", in->len - used);
        free(text);
        json_object_put(json);
    }
    vw_arena_finish(&arena);
}

static bool is_one_of(const char *name, const char *const *list)
{
    while (*list && strcmp(name, *list) != 0)
        list++;
    return *list != NULL;
}

static void show(const char *target, const uint8_t *data, size_t len)
{
    static const char *const values[] = {"decode_any", "roundtrip", "diff_tirpc", NULL};
    static const char *const keyed[] = {"encode_gen", "json_to_xdr", NULL};
    static const char *const texts[] = {"schema_parse", "scenario_parse", "uri", NULL};
    struct vw_fuzz_input in;
    if (is_one_of(target, keyed) && len >= 3)
        printf("type: %s\n",
               vw_fuzz_type((uint32_t)data[0] << 16 | (uint32_t)data[1] << 8 | data[2])->name);
    if (is_one_of(target, texts) || strcmp(target, "json_to_xdr") == 0) {
        show_text(data, len);
        return;
    }
    if (is_one_of(target, values)) {
        show_header(data, len);
        if (vw_fuzz_choose(data, len, &in))
            show_value(&in);
    }
    show_bytes(data, len);
}

/* ---- --types ---- */

static void note_type(const struct vw_fuzz_input *in, bool *decoded)
{
    struct vw_arena arena = VW_ARENA_INIT;
    void *value;
    bool named = in->type->index != UINT32_MAX;
    if (named && vw_xdr_decode(in->type, in->bytes, in->len, &arena, &value, NULL, NULL) == 0)
        decoded[in->type->index] = true;
    vw_arena_finish(&arena);
}

static void show_types(char *const *paths, uint8_t *data)
{
    size_t n;
    const struct vw_type *const *types = vw_schema_types(vw_fuzz_profile()->schema, &n);
    bool *decoded = calloc(n + 1, sizeof(*decoded));
    if (!decoded)
        exit(2);
    for (; *paths; paths++) {
        struct vw_fuzz_input in;
        size_t len = read_file(*paths, data);
        if (vw_fuzz_choose(data, len, &in))
            note_type(&in, decoded);
    }
    for (size_t i = 0; i < n; i++)
        printf("%s %s\n", decoded[i] ? "decoded" : "never", types[i]->name);
    free(decoded);
}

int main(int argc, char **argv)
{
    uint8_t *data = malloc(MAX_BYTES);
    if (!data)
        return 2;
    if (argc < 3) {
        fputs("Usage: show-input TARGET FILE | show-input --types FILE...\n", stderr);
        return 2;
    }
    if (strcmp(argv[1], "--types") == 0)
        show_types(argv + 2, data);
    else
        show(argv[1], data, read_file(argv[2], data));
    free(data);
    return 0;
}
