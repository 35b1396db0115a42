// SPDX-License-Identifier: MIT
#include "conformance/report/object.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <virwire/error.h>

#include "base/shown.h"
#include "base/utf8.h"

json *vw_object_text(const char *text)
{
    char *fine = NULL;
    size_t len = strlen(text), left = len;
    if (vw_utf8_valid(text, len) == len)
        return json_object_new_string(text);
    FILE *f = open_memstream(&fine, &len);
    if (!f)
        return NULL;
    for (size_t good; left > 0; text += good + 1, left -= good + 1) {
        good = vw_utf8_valid(text, left);
        fwrite(text, 1, good, f);
        if (good == left)
            break;
        fprintf(f, "\\x%02x", (unsigned char)text[good]);
    }
    json *out = fclose(f) == 0 ? json_object_new_string(fine) : NULL;
    free(fine);
    return out;
}

static void settle(json **o, json *value, bool added)
{
    if (added)
        return;
    json_object_put(value);
    json_object_put(*o);
    *o = NULL;
}

void vw_object_add(json **o, const char *key, json *value)
{
    settle(o, value, *o && value && json_object_object_add(*o, key, value) == 0);
}

void vw_object_append(json **list, json *value)
{
    settle(list, value, *list && value && json_object_array_add(*list, value) == 0);
}

void vw_object_add_text(json **o, const char *key, const char *text)
{
    if (text)
        vw_object_add(o, key, vw_object_text(text));
}

json *vw_object_seconds(int64_t us)
{
    char text[32];
    snprintf(text, sizeof(text), "%" PRId64 ".%06" PRId64, us / 1000000, us % 1000000);
    return json_object_new_double_s((double)us / 1e6, text);
}

static int print(json *o, int flags, FILE *out, struct vw_error *err)
{
    flags |= JSON_C_TO_STRING_NOSLASHESCAPE;
    const char *text = o ? json_object_to_json_string_ext(o, flags) : NULL;
    int rc = text ? 0 : vw_error_nomem(err);
    if (text) {
        vw_shown_print(out, text, strlen(text), VW_SHOWN_JSON);
        fputc('\n', out);
    }
    json_object_put(o);
    return rc;
}

int vw_object_print(json *o, FILE *out, struct vw_error *err)
{
    return print(o, JSON_C_TO_STRING_PRETTY, out, err);
}

int vw_object_print_line(json *o, FILE *out, struct vw_error *err)
{
    return print(o, JSON_C_TO_STRING_PLAIN, out, err);
}
