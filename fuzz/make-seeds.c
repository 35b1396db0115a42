// SPDX-License-Identifier: MIT
// Makes the seeds and dictionaries of the fuzz targets from the schema, at build time: values of
// every type, a message of every procedure, the smaller files of types and of cases. Files are
// named by a hash of their content. Usage: make-seeds STAMP DIR FILE...
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "capture/write.h"
#include "fuzz/capture-seeds.h"
#include "fuzz/client-seeds.h"
#include "fuzz/common.h"
#include "message/message.h"
#include "xdr/json.h"
#include "xdr/values.h"
#include "xdr/xdr.h"

#define TYPE_MARK   ((uint32_t)VW_FUZZ_TYPE_MARK << 24)
#define SEED_MAX    4096u  /* bytes of one seed: fuzzers do better with small ones */
#define RANDOM_SIZE 300u   /* hint for random values */
#define TEXT_MAX    16384u /* bytes of a .x file that still is a seed */

static const char *root;

_Noreturn static void die(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

_Noreturn static void die(const char *fmt, ...)
{
    va_list ap;
    fputs("make-seeds: ", stderr);
    va_start(ap, fmt);
    vfprintf(stderr, fmt, ap);
    va_end(ap);
    fputc('\n', stderr);
    exit(1);
}

static FILE *open_in(const char *folder, const char *name)
{
    char path[4096];
    if (snprintf(path, sizeof(path), "%s/%s%s%s", root, folder, *folder ? "/" : "", name) >=
        (int)sizeof(path))
        die("the path is too long");
    FILE *f = fopen(path, "wb");
    if (!f)
        die("cannot write %s: %s", path, strerror(errno));
    return f;
}

static void write_seed(const char *target, const void *bytes, size_t len)
{
    const uint8_t *p = bytes;
    uint64_t hash = UINT64_C(14695981039346656037);
    char name[24];

    for (size_t i = 0; i < len; i++)
        hash = (hash ^ p[i]) * UINT64_C(1099511628211);
    snprintf(name, sizeof(name), "%016" PRIx64, hash);
    FILE *f = open_in(target, name);
    if (fwrite(bytes, 1, len, f) != len || fclose(f) != 0)
        die("cannot write a seed: %s", strerror(errno));
}

static void write_script(const void *bytes, size_t len)
{
    write_seed("client_reply", bytes, len);
}

static void write_file(const void *bytes, size_t len)
{
    write_seed("capture_read", bytes, len);
}

static void append_word(struct vw_buf *b, uint32_t v)
{
    const uint8_t bytes[4] = {(uint8_t)(v >> 24), (uint8_t)(v >> 16), (uint8_t)(v >> 8),
                              (uint8_t)v};
    if (vw_buf_append(b, bytes, sizeof(bytes)) < 0)
        die("out of memory");
}

/* A value of T: the smallest, or a random one. */
static void append_value(struct vw_buf *b, const struct vw_type *t, bool random)
{
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_error err = VW_ERROR_INIT;
    struct vw_rng rng;
    void *value;
    int rc;

    vw_rng_seed(&rng, vw_fuzz_type_key(t->name ? t->name : "unnamed"));
    if (random)
        rc = vw_value_random(t, &rng, RANDOM_SIZE, &arena, &value, &err);
    else
        rc = vw_value_minimal(t, &arena, &value, &err);
    if (rc < 0 || vw_xdr_encode(t, value, b, SIZE_MAX, &err) < 0)
        die("%s: %s", t->name, err.text);
    vw_arena_finish(&arena);
}

/* Three bytes that name a type, and the value of BODY behind them as JSON. */
static void write_json(const struct vw_type *t, const struct vw_buf *body)
{
    const uint32_t key = vw_fuzz_type_key(t->name);
    const uint8_t head[3] = {(uint8_t)(key >> 16), (uint8_t)(key >> 8), (uint8_t)key};
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_error err = VW_ERROR_INIT;
    struct vw_buf b = VW_BUF_INIT;
    void *value;
    if (vw_xdr_decode(t, body->data + 4, body->len - 4, &arena, &value, NULL, &err) < 0)
        die("%s: %s", t->name, err.text);
    struct json_object *json = vw_json_from_value(t, value, &err);
    char *text = err.code ? NULL : vw_json_text(json, false);
    if (!text || vw_buf_append(&b, head, sizeof(head)) || vw_buf_append(&b, text, strlen(text)))
        die("%s: no JSON", t->name);
    if (b.len <= SEED_MAX)
        write_seed("json_to_xdr", b.data, b.len);
    vw_buf_finish(&b);
    free(text);
    json_object_put(json);
    vw_arena_finish(&arena);
}

/* Bytes that a value grows from; see encode_gen.c. */
static void write_growth(const struct vw_type *t)
{
    uint8_t bytes[68];
    const uint32_t key = vw_fuzz_type_key(t->name);
    struct vw_rng rng;
    vw_rng_seed(&rng, key);
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (uint8_t)vw_rng_next(&rng);
    bytes[0] = (uint8_t)(key >> 16);
    bytes[1] = (uint8_t)(key >> 8);
    bytes[2] = (uint8_t)key;
    bytes[3] &= 7;
    write_seed("encode_gen", bytes, sizeof(bytes));
}

/* Log-ins that come through; see auth_nego.c. */
#define LOGIN(bytes)                                                                               \
    {                                                                                              \
        bytes, sizeof(bytes) - 1                                                                   \
    }
static void make_logins(void)
{
    static const struct {
        const char *bytes;
        size_t len;
    } logins[] = {
        LOGIN("\0\0\0\1\0\0\0"),                                      /* none is due */
        LOGIN("\60\0\0\1\0\0\0\2\0\0\2"),                             /* two features */
        LOGIN("\3\0\0\1\0\4\0\2\0"),                                  /* polkit */
        LOGIN("\1\2\0\1\0\2\0\2MM\3abc\0\0\0\2xy\2de\0\2\0\2zz\0\0"), /* SASL */
        LOGIN("\2\11\0\1\0\2\0\2MM\0\0\2\0\2xy\0\0"),                 /* with a layer */
    };
    for (size_t i = 0; i < sizeof(logins) / sizeof(logins[0]); i++)
        write_seed("auth_nego", logins[i].bytes, logins[i].len);
}

static void make_values(const struct vw_schema *schema)
{
    size_t n;
    const struct vw_type *const *types = vw_schema_types(schema, &n);

    for (size_t i = 0; i < n; i++)
        for (int random = 0; random < 2; random++) {
            struct vw_buf b = VW_BUF_INIT;
            append_word(&b, TYPE_MARK | vw_fuzz_type_key(types[i]->name));
            append_value(&b, types[i], random);
            if (b.len <= SEED_MAX)
                write_seed("decode_any", b.data, b.len);
            if (types[i]->kind == VW_STRUCT || types[i]->kind == VW_UNION)
                write_json(types[i], &b);
            vw_buf_finish(&b);
            if (random && types[i]->wire_min != types[i]->wire_max)
                write_growth(types[i]);
        }
}

/* The message twice, as a client or a server that is open sends it; see frame_reader.c. */
static void write_stream(const struct vw_buf *message, int32_t type)
{
    const uint8_t choice = type == VW_MSG_CALL ? 1 + 64 : 0;
    const uint8_t head[2] = {choice, (uint8_t)message->len};
    struct vw_buf b = VW_BUF_INIT;
    if (vw_buf_append(&b, head, 2) || vw_buf_append(&b, message->data, message->len) ||
        vw_buf_append(&b, message->data, message->len))
        die("out of memory");
    if (b.len <= SEED_MAX)
        write_seed("frame_reader", b.data, b.len);
    vw_buf_finish(&b);
}

/* The message as a capture of a connection; see capture_read.c. */
static void write_capture(const struct vw_buf *message, int32_t type, enum vw_pcap_form form)
{
    const struct vw_capture_options o = {.form = form};
    enum vw_side side = type == VW_MSG_CALL ? VW_SIDE_CLIENT : VW_SIDE_SERVER;
    struct vw_capture_conn conn;
    struct vw_capture *c;
    uint8_t file[SEED_MAX] = {(uint8_t)message->len};
    int fd = memfd_create("capture", MFD_CLOEXEC);
    if (fd < 0 || vw_capture_create(fd, &o, &c, NULL))
        die("cannot make a capture");
    vw_capture_begin(c, &conn, 0, NULL, false);
    vw_capture_bytes(c, &conn, side, 1, message->data, message->len / 2, NULL);
    vw_capture_bytes(c, &conn, side, 2, message->data + message->len / 2,
                     message->len - message->len / 2, NULL);
    vw_capture_end(c, &conn, side, 3, true);
    if (vw_capture_flush(c, NULL))
        die("cannot write a capture");
    vw_capture_destroy(c);
    ssize_t n = pread(fd, file + 1, sizeof(file) - 1, 0);
    if (n > 0 && (size_t)n < sizeof(file) - 1)
        write_seed("capture_read", file, (size_t)n + 1);
    close(fd);
}

static void make_message(const struct vw_proc *proc, int32_t type, const struct vw_type *body)
{
    struct vw_buf b = VW_BUF_INIT;
    struct vw_header h = {.program = proc->program->number,
                          .version = proc->program->version,
                          .procedure = proc->number,
                          .type = type,
                          .serial = 1};
    uint8_t words[VW_HEADER_BYTES];

    append_word(&b, 0);
    vw_header_encode(&h, words);
    if (vw_buf_append(&b, words, sizeof(words)) < 0)
        die("out of memory");
    if (body)
        append_value(&b, body, true);
    for (int i = 0; i < 4; i++)
        b.data[i] = (uint8_t)(b.len >> (24 - 8 * i));
    if (b.len <= SEED_MAX)
        write_seed("decode_any", b.data, b.len);
    write_stream(&b, type);
    if (proc->number % 16 == 1)
        write_capture(&b, type, proc->number % 32 == 1 ? VW_PCAPNG : VW_PCAP);
    vw_buf_finish(&b);
}

static void make_messages(const struct vw_schema *schema)
{
    size_t n;
    const struct vw_program *const *programs = vw_schema_programs(schema, &n);

    for (size_t i = 0; i < n; i++)
        for (uint32_t j = 0; j < programs[i]->n_procs; j++) {
            const struct vw_proc *proc = &programs[i]->procs[j];
            bool event = proc->kind == VW_PROC_EVENT;
            make_message(proc, event ? VW_MSG_MESSAGE : VW_MSG_CALL, proc->args);
            if (!event)
                make_message(proc, VW_MSG_REPLY, proc->ret);
        }
}

static void dict_word(FILE *f, uint32_t v)
{
    fprintf(f, "\"\\x%02x\\x%02x\\x%02x\\x%02x\"\n", v >> 24, v >> 16 & 0xff, v >> 8 & 0xff,
            v & 0xff);
}

/* Words that matter: numbers of programs, bounds and their neighbours, keys of types. */
static void make_dictionary(const struct vw_schema *schema)
{
    size_t n;
    FILE *f = open_in("", "decode_any.dict");
    const struct vw_program *const *programs = vw_schema_programs(schema, &n);

    for (size_t i = 0; i < n; i++)
        dict_word(f, programs[i]->number);
    const struct vw_const *const *consts = vw_schema_consts(schema, &n);
    for (size_t i = 0; i < n; i++)
        for (int64_t near = -1; near <= 1; near++)
            dict_word(f, (uint32_t)(consts[i]->value + near));
    const struct vw_type *const *types = vw_schema_types(schema, &n);
    for (size_t i = 0; i < n; i++)
        if (types[i]->kind == VW_STRUCT || types[i]->kind == VW_UNION)
            dict_word(f, TYPE_MARK | vw_fuzz_type_key(types[i]->name));
    if (fclose(f) != 0)
        die("cannot write the dictionary: %s", strerror(errno));
}

static bool ends_in(const char *s, const char *end)
{
    size_t len = strlen(s), n = strlen(end);
    return len >= n && strcmp(s + len - n, end) == 0;
}

/* A file of types, or of cases. Those whose cases a family makes take long. */
static void copy_text(const char *path)
{
    char text[TEXT_MAX + 1];
    FILE *f = fopen(path, "rb");
    if (!f)
        die("cannot read %s: %s", path, strerror(errno));
    size_t len = fread(text, 1, sizeof(text), f);
    fclose(f);
    text[len <= TEXT_MAX ? len : TEXT_MAX] = 0;
    bool cases = ends_in(path, ".yaml");
    if (len <= TEXT_MAX && !(cases && strstr(text, "family:")))
        write_seed(cases ? "scenario_parse" : "schema_parse", text, len);
}

static void make_text_dictionary(void)
{
    static const char *const words[] = {
        "const",
        "enum",
        "struct",
        "union",
        "switch",
        "case",
        "default",
        "typedef",
        "string",
        "opaque",
        "void",
        "bool",
        "int",
        "unsigned",
        "hyper",
        "char",
        "short",
        "float",
        "double",
        "quadruple",
        "program",
        "version",
        "_PROGRAM",
        "_PROGRAM_VERSION",
        "_procedure",
        "_PROC_",
        "_args",
        "_ret",
        "_msg",
        "0x",
        "-1",
        "4294967295",
        "<>",
        "[0]",
        "/*",
        "*/",
        "//",
        "/**",
        " * @generate: both",
        "@priority: high",
        "@readstream: 1",
        "@sparseflag: X",
        "%#include",
    };
    FILE *f = open_in("", "schema_parse.dict");
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        fprintf(f, "\"%s\"\n", words[i]);
    if (fclose(f) != 0)
        die("cannot write the dictionary: %s", strerror(errno));
}

static void make_folder(const char *name)
{
    char path[4096];
    snprintf(path, sizeof(path), "%s/%s", root, name);
    if (mkdir(path, 0777) < 0 && errno != EEXIST)
        die("cannot make %s: %s", path, strerror(errno));
}

/* NAME takes the inputs of decode_any. */
static void share(const char *name)
{
    static const char *const endings[] = {"", ".dict"};
    char path[4096], target[32];
    for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
        snprintf(path, sizeof(path), "%s/%s%s", root, name, endings[i]);
        snprintf(target, sizeof(target), "decode_any%s", endings[i]);
        if (symlink(target, path) < 0 && errno != EEXIST)
            die("cannot make %s: %s", path, strerror(errno));
    }
}

int main(int argc, char **argv)
{
    static const char *const folders[] = {
        "",           "auth_nego",    "capture_read", "client_reply",   "decode_any",
        "encode_gen", "frame_reader", "json_to_xdr",  "scenario_parse", "schema_parse"};
    if (argc < 3)
        die("Usage: make-seeds STAMP DIR FILE...");
    root = argv[2];
    for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
        make_folder(folders[i]);
    share("roundtrip");
    share("diff_tirpc");

    const struct vw_schema *schema = vw_fuzz_profile()->schema;
    make_values(schema);
    make_messages(schema);
    vw_client_seeds(write_script);
    vw_capture_seeds(write_file);
    make_logins();
    make_dictionary(schema);
    for (int i = 3; i < argc; i++)
        copy_text(argv[i]);
    make_text_dictionary();

    FILE *stamp = fopen(argv[1], "w");
    if (!stamp || fclose(stamp) != 0)
        die("cannot write %s: %s", argv[1], strerror(errno));
    return 0;
}
