// SPDX-License-Identifier: MIT
#include "cli/vector-examples.h"

#include <fnmatch.h>
#include <string.h>

#include "base/hex.h"
#include "cli/vector-json.h"
#include "conformance/report/clauses.h"
#include "xdr/json.h"

typedef struct json_object json;

static json *hex_of(const uint8_t *bytes, size_t len)
{
    char text[2 * VW_EXAMPLE_BYTES + 1];
    vw_hex_encode(bytes, len, text);
    return json_object_new_string_len(text, (int)(2 * len));
}

static void add_bytes(json *line, const struct vw_clause_example *e, bool *ok)
{
    enum vw_side from;
    uint8_t bytes[VW_EXAMPLE_BYTES];
    size_t len = 0;
    const char *at = e->bytes;
    if (vw_example_next(&at, &from, bytes, &len))
        vw_vector_add(line, "bytes", hex_of(bytes, len), ok);
}

static void add_said(json *talk, enum vw_side from, const uint8_t *bytes, size_t len, bool *ok)
{
    json *one = json_object_new_object();
    *ok = *ok && one;
    vw_vector_add(one, "from", json_object_new_string(from == VW_SIDE_SERVER ? "server" : "client"),
                  ok);
    vw_vector_add(one, "bytes", hex_of(bytes, len), ok);
    if (*ok && json_object_array_add(talk, one) == 0)
        return;
    json_object_put(one);
    *ok = false;
}

static void add_talk(json *line, const struct vw_clause_example *e, bool *ok)
{
    enum vw_side from;
    uint8_t bytes[VW_EXAMPLE_BYTES];
    const char *at = e->bytes;
    json *talk = json_object_new_array();
    *ok = *ok && talk;
    for (size_t len; *ok && vw_example_next(&at, &from, bytes, &len);)
        add_said(talk, from, bytes, len, ok);
    vw_vector_add(line, "talk", talk, ok);
}

static json *line_of(const struct vw_clause *c, const struct vw_clause_example *e)
{
    char id[80];
    json *line = json_object_new_object();
    bool ok = line != NULL, value = vw_example_is_value(e);
    snprintf(id, sizeof(id), "%s/%s", c->id, e->name);
    vw_vector_add(line, "id", json_object_new_string(id), &ok);
    vw_vector_add(line, "clause", json_object_new_string(c->id), &ok);
    vw_vector_add(line, "what", json_object_new_string(value ? "value" : e->what), &ok);
    if (value)
        vw_vector_add(line, "type", json_object_new_string(e->what), &ok);
    if (e->release)
        vw_vector_add(line, "release", json_object_new_string(e->release), &ok);
    if (strcmp(e->what, VW_EXAMPLE_TALK) == 0)
        add_talk(line, e, &ok);
    else
        add_bytes(line, e, &ok);
    if (e->more)
        vw_vector_add(line, "more", json_object_new_boolean(true), &ok);
    vw_vector_add(line, "result", json_object_new_string(e->accepted ? "accept" : "refuse"), &ok);
    if (ok)
        return line;
    json_object_put(line);
    return NULL;
}

int vw_vector_examples(const char *pattern, FILE *out, bool *found, struct vw_error *err)
{
    int rc = 0;
    for (const struct vw_clause *c = vw_clauses; c->id && rc == 0; c++) {
        if (fnmatch(pattern, c->id, FNM_CASEFOLD) != 0)
            continue;
        *found = true;
        for (const struct vw_clause_example *e = c->examples; e && e->line && rc == 0; e++) {
            json *line = line_of(c, e);
            rc = line ? vw_vector_print(line, out, err) : vw_error_nomem(err);
            json_object_put(line);
            fputc('\n', out);
        }
    }
    return rc;
}
