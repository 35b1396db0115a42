// SPDX-License-Identifier: MIT
#include "cli/vector-json.h"

#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "xdr/json.h"
#include "xdr/xdr.h"

typedef struct json_object json;

void vw_vector_add(json *to, const char *name, json *value, bool *ok)
{
    *ok = vw_json_put(*ok ? to : NULL, name, value);
}

static void add_text(json *to, const char *name, const char *text, bool *ok)
{
    vw_vector_add(to, name, json_object_new_string(text), ok);
}

/* LIST gets what a strict decoder refuses, with BEFORE ahead of each name. */
static void add_breaks(json *list, const char *before, unsigned flags, bool *ok)
{
    for (unsigned flag = 1; *ok && flag & VW_STRICT_ALL; flag <<= 1) {
        char name[32];
        if (!(flags & flag))
            continue;
        snprintf(name, sizeof(name), "%s%s", before, vw_strict_name(flag));
        json *one = json_object_new_string(name);
        *ok = one && json_object_array_add(list, one) == 0;
        if (!*ok)
            json_object_put(one);
    }
}

static json *list_of(const char *first, const char *before, unsigned flags, bool *ok)
{
    json *list = json_object_new_array();
    json *one = first ? json_object_new_string(first) : NULL;
    *ok = *ok && list && (!first || (one && json_object_array_add(list, one) == 0));
    if (!*ok)
        json_object_put(one);
    add_breaks(list, before, flags, ok);
    return list;
}

static json *hex_of(const struct vw_vector *v)
{
    char *text = malloc(v->len * 2 + 1);
    if (!text)
        return NULL;
    vw_hex_encode(v->bytes, v->len, text);
    json *hex = json_object_new_string_len(text, (int)(v->len * 2));
    free(text);
    return hex;
}

/* OBJECT with the value of V, if it has one; or NULL, and OBJECT is put. */
static json *with_value(json *object, const struct vw_vector *v, bool ok, struct vw_error *err)
{
    if (ok && v->result != VW_REFUSE) {
        json *value = vw_json_from_value(v->type, v->value, err); /* NULL may be null */
        ok = !(err && err->code) && json_object_object_add(object, "value", value) == 0;
    }
    if (ok)
        return object;
    json_object_put(object);
    vw_error_nomem(err);
    return NULL;
}

json *vw_vector_line(const struct vw_vector *v, struct vw_error *err)
{
    json *line = json_object_new_object();
    bool ok = line != NULL;
    add_text(line, "id", v->id, &ok);
    add_text(line, "type", v->type->name, &ok);
    add_text(line, "class", v->class->name, &ok);
    if (*v->path)
        add_text(line, "field", v->path, &ok);
    vw_vector_add(line, "bytes", hex_of(v), &ok);
    add_text(line, "result", vw_vector_result_name(v->result), &ok);
    if (v->breaks)
        vw_vector_add(line, "breaks", list_of(NULL, "", v->breaks, &ok), &ok);
    if (*v->class->clause)
        add_text(line, "clause", v->class->clause, &ok);
    add_text(line, "bug", v->class->bug, &ok);
    add_text(line, "why", v->class->why, &ok);
    return with_value(line, v, ok, err);
}

json *vw_vector_test(const struct vw_vector *v, unsigned id, struct vw_error *err)
{
    static const char *const results[] = {"valid", "invalid", "acceptable"};
    json *test = json_object_new_object();
    bool ok = test != NULL;
    vw_vector_add(test, "tcId", json_object_new_int64(id), &ok);
    add_text(test, "comment", v->id + strlen(v->type->name) + 1, &ok);
    vw_vector_add(test, "flags", list_of(v->class->name, "strict-", v->breaks, &ok), &ok);
    vw_vector_add(test, "msg", hex_of(v), &ok);
    add_text(test, "result", results[v->result], &ok);
    return with_value(test, v, ok, err);
}

int vw_vector_print(json *object, FILE *out, struct vw_error *err)
{
    const char *text = json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN |
                                                                  JSON_C_TO_STRING_NOSLASHESCAPE);
    if (!text)
        return vw_error_nomem(err);
    fputs(text, out);
    return 0;
}
