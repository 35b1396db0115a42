// SPDX-License-Identifier: MIT
#include "mock-daemon/own.h"

#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "mock-daemon/rows.h"

static const struct vw_own all_have[] = {
    VW_OWN(struct vw_object, id),        VW_OWN(struct vw_object, state),
    VW_OWN(struct vw_object, reason),    VW_OWN(struct vw_object, persistent),
    VW_OWN(struct vw_object, autostart),
};
#define N_ALL (sizeof(all_have) / sizeof(all_have[0]))

static void add(struct vw_owns *to, const struct vw_own *m)
{
    if (to->count < VW_OWNS_MAX)
        to->list[to->count++] = *m;
}

/* Facts of the rows are those that lie behind what all objects have. */
void vw_owns_of(const struct vw_object_kind *kind, struct vw_owns *out)
{
    out->count = 0;
    for (size_t i = 0; i < N_ALL; i++)
        add(out, &all_have[i]);
    for (const struct vw_own *m = kind->owns; m && m->name; m++)
        add(out, m);
    for (const struct vw_row *r = kind->rows; r->procedure; r++) {
        const struct vw_own m = {r->procedure, r->field, r->size, r->form, 0, 0};
        if (r->run == vw_row_fact && r->field >= sizeof(struct vw_object))
            add(out, &m);
    }
}

/* ---- out ---- */

static bool text(const char *data, size_t len, struct json_object **out)
{
    if (len == 0)
        return true;
    *out = json_object_new_string_len(data ? data : "", (int)len);
    return *out != NULL;
}

static bool number(const void *at, size_t size, struct json_object **out)
{
    int64_t v = 0;
    memcpy(&v, at, size < sizeof(v) ? size : sizeof(v));
    if (v == 0)
        return true;
    *out = json_object_new_int64(size == sizeof(int32_t) ? (int32_t)v : v);
    return *out != NULL;
}

static bool text_at(const struct vw_string *s, struct json_object **out)
{
    return !s || text(s->data, s->len, out);
}

/* The bytes of plain structs, as hex. */
static bool list_at(const struct vw_own *m, const struct vw_object *o, struct json_object **out)
{
    const void *const *list = (const void *)((const uint8_t *)o + m->offset);
    const uint32_t *n = (const void *)((const uint8_t *)o + m->count);
    size_t len = (size_t)*n * m->item;
    char *hex = *n > 0 ? malloc(2 * len + 1) : NULL;
    if (*n == 0)
        return true;
    if (hex)
        vw_hex_encode(*list, len, hex);
    bool ok = hex && text(hex, 2 * len, out);
    free(hex);
    return ok;
}

bool vw_own_get(const struct vw_own *m, const struct vw_object *o, struct json_object **out)
{
    const uint8_t *at = (const uint8_t *)o + m->offset;
    const char *array = (const char *)at, *owned;
    *out = NULL;
    switch (m->form) {
    case VW_FORM_NUMBER:
        return number(at, m->size, out);
    case VW_FORM_TEXT:
        return text_at((const void *)at, out);
    case VW_FORM_OPTIONAL:
        return text_at(*(const struct vw_string *const *)(const void *)at, out);
    case VW_FORM_OWNED_TEXT:
        owned = *(const char *const *)(const void *)at;
        return !owned || text(owned, strlen(owned), out);
    case VW_FORM_ARRAY:
        return text(array, strnlen(array, m->size), out);
    case VW_FORM_LIST:
        return list_at(m, o, out);
    default:
        return true;
    }
}

/* ---- in ---- */

static int set_number(void *at, size_t size, int64_t v)
{
    memcpy(at, &v, size < sizeof(v) ? size : sizeof(v));
    return 0;
}

static int set_text(struct vw_string *at, const char *s, size_t len, struct vw_arena *texts)
{
    *at = (struct vw_string){vw_arena_strndup(texts, s, len), (uint32_t)len};
    return at->data ? 0 : VW_ENOMEM;
}

static int set_optional(struct vw_string **at, const char *s, size_t len, struct vw_arena *texts)
{
    *at = vw_arena_alloc(texts, sizeof(**at), _Alignof(struct vw_string));
    return *at ? set_text(*at, s, len, texts) : VW_ENOMEM;
}

static int set_owned(char **at, const char *s)
{
    *at = strdup(s);
    return *at ? 0 : VW_ENOMEM;
}

static int set_array(char *at, size_t size, const char *s, size_t len)
{
    if (len >= size)
        return VW_EVALUE;
    memcpy(at, s, len + 1);
    return 0;
}

static int set_list(const struct vw_own *m, struct vw_object *o, const char *hex, size_t len)
{
    void **list = (void *)((uint8_t *)o + m->offset);
    uint32_t *n = (void *)((uint8_t *)o + m->count);
    if (len == 0 || len % (2 * (size_t)m->item) != 0)
        return VW_EVALUE;
    uint8_t *bytes = malloc(len / 2);
    if (!bytes)
        return VW_ENOMEM;
    if (!vw_hex_decode(hex, len, bytes)) {
        free(bytes);
        return VW_EVALUE;
    }
    *list = bytes;
    *n = (uint32_t)(len / 2 / m->item);
    return 0;
}

int vw_own_set(const struct vw_own *m, struct vw_object *o, struct json_object *v,
               struct vw_arena *texts)
{
    void *at = (uint8_t *)o + m->offset;
    bool wants_text = m->form != VW_FORM_NUMBER;
    if (!json_object_is_type(v, wants_text ? json_type_string : json_type_int))
        return VW_EVALUE;
    const char *s = wants_text ? json_object_get_string(v) : "";
    size_t len = wants_text ? (size_t)json_object_get_string_len(v) : 0;
    switch (m->form) {
    case VW_FORM_NUMBER:
        return set_number(at, m->size, json_object_get_int64(v));
    case VW_FORM_TEXT:
        return set_text(at, s, len, texts);
    case VW_FORM_OPTIONAL:
        return set_optional(at, s, len, texts);
    case VW_FORM_OWNED_TEXT:
        return set_owned(at, s);
    case VW_FORM_ARRAY:
        return set_array(at, m->size, s, len);
    case VW_FORM_LIST:
        return set_list(m, o, s, len);
    default:
        return VW_EVALUE;
    }
}
