// SPDX-License-Identifier: MIT
#include "cli/codec-batch.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "cli/exit.h"
#include "cli/input.h"
#include "cli/message.h"
#include "xdr/json.h"
#include "xdr/xdr.h"

#define LINE_MAX_BYTES ((size_t)256 << 20)
#define CHUNK_SIZE     ((size_t)64 * 1024)

typedef struct json_object json;

struct batch {
    const struct vw_batch *b;
    struct vw_buf in;
    size_t seen; /* of IN, and there is no newline in it */
    unsigned long long line;
    int status;
    /* The type of the line before: most have the same. */
    char *name;
    struct vw_cli_target target;
};

/* What ERR says of a line. */
static void tell(struct batch *s, const char *place, const struct vw_error *err)
{
    char text[800];
    vw_error_format(err, NULL, text, sizeof(text));
    vw_cli_error(s->b->command, 0, "%s: %s", place, text);
}

static int find_target(struct batch *s, const char *name, struct vw_error *err)
{
    if (s->name && strcmp(s->name, name) == 0)
        return 0;
    free(s->name);
    s->name = NULL;
    int rc = vw_cli_target_find(s->b->schema, name, &s->target, err);
    if (rc)
        return rc;
    s->name = strdup(name);
    return s->name ? 0 : vw_error_nomem(err);
}

static int read_type(struct batch *s, json *line, struct vw_error *err)
{
    json *type = NULL;
    if (!json_object_is_type(line, json_type_object))
        return vw_error_set(err, VW_ESYNTAX, "the line is no JSON object");
    if (!json_object_object_get_ex(line, "type", &type))
        return vw_error_set(err, VW_ESYNTAX, "the line has no \"type\"");
    return json_object_is_type(type, json_type_string)
               ? find_target(s, json_object_get_string(type), err)
               : vw_error_set(err, VW_ESYNTAX, "the \"type\" of the line is no string");
}

static int add(json *out, const char *name, json *value, struct vw_error *err)
{
    return vw_json_put(out, name, value) ? 0 : vw_error_nomem(err);
}

static int print(struct batch *s, json *out, struct vw_error *err)
{
    const char *text = json_object_to_json_string_ext(out, JSON_C_TO_STRING_PLAIN |
                                                               JSON_C_TO_STRING_NOSLASHESCAPE);
    if (!text)
        return vw_error_nomem(err);
    fprintf(s->b->out, "%s\n", text);
    return 0;
}

static int code_line(struct batch *s, json *line, const char *place, struct vw_error *err)
{
    const struct vw_batch *b = s->b;
    json *id = NULL, *given = NULL;
    int rc = read_type(s, line, err);
    if (rc)
        return rc;
    bool there = json_object_object_get_ex(line, b->given, &given);
    if (!there && (s->target.message || s->target.type->kind != VW_VOID))
        return vw_error_set(err, VW_ESYNTAX, "the line has no \"%s\"", b->given);
    json *out = json_object_new_object();
    if (!out)
        return vw_error_nomem(err);
    if (json_object_object_get_ex(line, "id", &id) && id)
        rc = add(out, "id", json_object_get(id), err);
    rc = rc ? rc : add(out, "type", json_object_new_string(s->name), err);
    rc = rc ? rc : b->code(b->user, &s->target, given, out, place, err);
    rc = rc ? rc : print(s, out, err);
    json_object_put(out);
    return rc;
}

/* One line of the input. VW_ENOMEM alone ends the run. */
static int take_line(struct batch *s, const char *text, size_t len)
{
    struct vw_error err = VW_ERROR_INIT;
    json *line = NULL;
    char place[4200];
    s->line++;
    if (strspn(text, " \t\r") >= len)
        return 0;
    snprintf(place, sizeof(place), "%s:%llu", vw_input_name(s->b->path), s->line);
    int rc = vw_json_parse(text, len, &line, &err);
    bool readable = rc == 0;
    rc = rc ? rc : code_line(s, line, place, &err);
    json_object_put(line);
    if (rc == 0)
        return 0;
    if (err.code && readable)
        tell(s, place, &err);
    else if (err.code)
        vw_cli_error(s->b->command, 0, "%s:%u: %s", place, err.column, err.text);
    s->status = vw_exit_worse(s->status, rc == VW_ENOMEM ? VW_EXIT_TOOL : VW_EXIT_FINDINGS);
    return rc == VW_ENOMEM ? rc : 0;
}

/* The lines that are there; at the END also what no newline is behind. */
static int take_lines(struct batch *s, bool end)
{
    size_t taken = 0;
    int rc = 0;
    while (rc == 0 && taken < s->in.len) {
        char *from = (char *)s->in.data + taken;
        char *newline = memchr(from + s->seen, '\n', s->in.len - taken - s->seen);
        if (!newline && !end)
            break;
        size_t n = newline ? (size_t)(newline - from) : s->in.len - taken;
        from[n] = '\0';
        taken += n + (newline != NULL);
        s->seen = 0;
        rc = take_line(s, from, n);
    }
    s->seen = s->in.len - taken;
    if (taken > 0 && s->seen > 0)
        memmove(s->in.data, s->in.data + taken, s->seen);
    s->in.len = s->seen;
    fflush(s->b->out);
    return rc;
}

static int fail_to_read(struct batch *s, int why)
{
    return vw_cli_error(s->b->command, VW_EXIT_USAGE, "cannot read %s: %s",
                        vw_input_name(s->b->path), strerror(why));
}

/* 0, or an exit status. */
static int read_all(struct batch *s, int fd)
{
    for (;;) {
        int64_t left_ms = VW_FILE_WAIT_MS;
        if (fd != STDIN_FILENO && vw_file_ready(fd, &left_ms))
            return fail_to_read(s, ETIME);
        if (s->in.len > LINE_MAX_BYTES)
            return vw_cli_error(s->b->command, VW_EXIT_USAGE, "%s:%llu: the line is too long",
                                vw_input_name(s->b->path), s->line + 1);
        /* A byte more, for the end of a last line. */
        if (vw_buf_reserve(&s->in, CHUNK_SIZE + 1))
            return vw_cli_error(s->b->command, VW_EXIT_TOOL, "out of memory");
        ssize_t n = vw_file_some(fd, s->in.data + s->in.len, CHUNK_SIZE);
        if (n < 0)
            return fail_to_read(s, errno);
        s->in.len += (size_t)n;
        if (take_lines(s, n == 0))
            return VW_EXIT_TOOL;
        /* Nobody reads any more; who ends the output tells why. */
        if (n == 0 || ferror(s->b->out))
            return 0;
    }
}

int vw_batch_run(const struct vw_batch *b)
{
    struct batch s = {.b = b, .in = VW_BUF_INIT};
    int fd = strcmp(b->path, "-") == 0 ? STDIN_FILENO : vw_file_open(b->path);
    if (fd < 0)
        return vw_cli_error(b->command, VW_EXIT_USAGE, "cannot open %s: %s", b->path,
                            strerror(errno));
    int status = read_all(&s, fd);
    if (fd != STDIN_FILENO)
        close(fd);
    vw_buf_finish(&s.in);
    free(s.name);
    return status ? vw_exit_worse(s.status, status) : s.status;
}
