// SPDX-License-Identifier: MIT
// The error structure: codec by hand, rule D-21, names of codes and domains.
#include "session/remote-error.h"

#include <string.h>

#include "base/words.h"
#include "session/error-names.h"

struct cursor {
    const uint8_t *p, *start, *end;
    uint32_t string_max;
    struct vw_arena *arena;
    struct vw_error *err;
};

static int fail(const struct cursor *c, int code, const char *path, const char *text)
{
    if (c->err && !c->err->code) {
        c->err->offset = (uint64_t)(c->p - c->start);
        strncpy(c->err->path, path, sizeof(c->err->path) - 1);
    }
    return vw_error_set(c->err, code, "%s", text);
}

static int take32(struct cursor *c, const char *path, uint32_t *out)
{
    if (c->end - c->p < 4)
        return fail(c, VW_ETRUNCATED, path, "the bytes end within an error structure");
    *out = vw_load32(c->p);
    c->p += 4;
    return 0;
}

static int take_int(struct cursor *c, const char *path, int32_t *out)
{
    uint32_t v = 0;
    int rc = take32(c, path, &v);
    if (rc == 0)
        *out = (int32_t)v;
    return rc;
}

static int take_string(struct cursor *c, const char *path, const char **out)
{
    uint32_t len = 0;
    int rc = take32(c, path, &len);
    if (rc)
        return rc;
    if (len > c->string_max)
        return fail(c, VW_ELIMIT, path, "a string is longer than its bound");
    uint64_t padded = ((uint64_t)len + 3) & ~(uint64_t)3;
    if (padded > (uint64_t)(c->end - c->p))
        return fail(c, VW_ETRUNCATED, path, "the bytes end within a string");
    *out = vw_arena_strndup(c->arena, (const char *)c->p, len);
    if (!*out)
        return vw_error_nomem(c->err);
    c->p += padded;
    return 0;
}

static int take_optional_string(struct cursor *c, const char *path, const char **out)
{
    uint32_t present = 0;
    *out = NULL;
    int rc = take32(c, path, &present);
    return rc || !present ? rc : take_string(c, path, out);
}

static int take_object(struct cursor *c, const char *path, bool with_id,
                       const struct vw_error_object **out)
{
    uint32_t present = 0;
    *out = NULL;
    int rc = take32(c, path, &present);
    if (rc || !present)
        return rc;
    struct vw_error_object *o =
        vw_arena_zalloc(c->arena, sizeof(*o), _Alignof(struct vw_error_object));
    if (!o)
        return vw_error_nomem(c->err);
    rc = take_string(c, path, &o->name);
    if (rc)
        return rc;
    if ((size_t)(c->end - c->p) < sizeof(o->uuid))
        return fail(c, VW_ETRUNCATED, path, "the bytes end within a uuid");
    memcpy(o->uuid, c->p, sizeof(o->uuid));
    c->p += sizeof(o->uuid);
    *out = o;
    return with_id ? take_int(c, path, &o->id) : 0;
}

int vw_remote_error_decode(const void *bytes, size_t len, uint32_t string_max,
                           struct vw_arena *arena, struct vw_remote_error *out, size_t *used,
                           struct vw_error *err)
{
    struct cursor c = {.p = bytes,
                       .start = bytes,
                       .end = (const uint8_t *)bytes + len,
                       .string_max = string_max,
                       .arena = arena,
                       .err = err};
    int rc;
    *out = (struct vw_remote_error){0};
    if ((rc = take_int(&c, "code", &out->code)) || (rc = take_int(&c, "domain", &out->domain)) ||
        (rc = take_optional_string(&c, "message", &out->message)) ||
        (rc = take_int(&c, "level", &out->level)) ||
        (rc = take_object(&c, "dom", true, &out->dom)) ||
        (rc = take_optional_string(&c, "str1", &out->str1)) ||
        (rc = take_optional_string(&c, "str2", &out->str2)) ||
        (rc = take_optional_string(&c, "str3", &out->str3)) ||
        (rc = take_int(&c, "int1", &out->int1)) || (rc = take_int(&c, "int2", &out->int2)) ||
        (rc = take_object(&c, "net", false, &out->net)))
        return rc;
    if (used)
        *used = (size_t)(c.p - c.start);
    return 0;
}

/* ---- encoding: the size first, so that the writing cannot fail ---- */

static size_t string_size(const char *s)
{
    return 4 + ((strlen(s) + 3) & ~(size_t)3);
}

static size_t optional_size(const char *s)
{
    return 4 + (s ? string_size(s) : 0);
}

static size_t object_size(const struct vw_error_object *o, bool with_id)
{
    return 4 + (o ? string_size(o->name ? o->name : "") + sizeof(o->uuid) + (with_id ? 4 : 0) : 0);
}

static uint8_t *put32(uint8_t *p, uint32_t v)
{
    vw_store32(p, v);
    return p + 4;
}

static uint8_t *put_string(uint8_t *p, const char *s)
{
    size_t len = strlen(s);
    size_t padded = (len + 3) & ~(size_t)3;
    p = put32(p, (uint32_t)len);
    memcpy(p, s, len);
    memset(p + len, 0, padded - len);
    return p + padded;
}

static uint8_t *put_optional(uint8_t *p, const char *s)
{
    p = put32(p, s != NULL);
    return s ? put_string(p, s) : p;
}

static uint8_t *put_object(uint8_t *p, const struct vw_error_object *o, bool with_id)
{
    p = put32(p, o != NULL);
    if (!o)
        return p;
    p = put_string(p, o->name ? o->name : "");
    memcpy(p, o->uuid, sizeof(o->uuid));
    p += sizeof(o->uuid);
    return with_id ? put32(p, (uint32_t)o->id) : p;
}

static bool too_long(const char *s, uint32_t max)
{
    return s && strlen(s) > max;
}

int vw_remote_error_encode(const struct vw_remote_error *e, uint32_t string_max, struct vw_buf *b,
                           struct vw_error *err)
{
    if (too_long(e->message, string_max) || too_long(e->str1, string_max) ||
        too_long(e->str2, string_max) || too_long(e->str3, string_max) ||
        (e->dom && too_long(e->dom->name, string_max)) ||
        (e->net && too_long(e->net->name, string_max)))
        return vw_error_set(err, VW_ELIMIT, "a string of the error is longer than %u bytes",
                            string_max);
    size_t size = 5 * 4 + optional_size(e->message) + object_size(e->dom, true) +
                  optional_size(e->str1) + optional_size(e->str2) + optional_size(e->str3) +
                  object_size(e->net, false);
    if (vw_buf_reserve(b, size))
        return vw_error_nomem(err);
    uint8_t *p = b->data + b->len;
    p = put32(p, (uint32_t)e->code);
    p = put32(p, (uint32_t)e->domain);
    p = put_optional(p, e->message);
    p = put32(p, (uint32_t)e->level);
    p = put_object(p, e->dom, true);
    p = put_optional(p, e->str1);
    p = put_optional(p, e->str2);
    p = put_optional(p, e->str3);
    p = put32(p, (uint32_t)e->int1);
    p = put32(p, (uint32_t)e->int2);
    put_object(p, e->net, false);
    b->len += size;
    return 0;
}

/* ---- rules and names ---- */

bool vw_remote_error_is_unknown_procedure(const struct vw_remote_error *e)
{
    static const char prefix[] = "unknown procedure";
    return e->code == VW_ERR_RPC && (e->domain == VW_FROM_RPC || e->domain == VW_FROM_REMOTE) &&
           e->level == VW_LEVEL_ERROR && e->message &&
           strncmp(e->message, prefix, sizeof(prefix) - 1) == 0;
}

void vw_remote_error_map(struct vw_remote_error *e)
{
    if (vw_remote_error_is_unknown_procedure(e))
        e->code = VW_ERR_NO_SUPPORT;
}

static const char *name_of(const char *const *names, size_t n, int32_t value)
{
    return value >= 0 && (size_t)value < n ? names[value] : NULL;
}

const char *vw_error_code_name(int32_t code)
{
    return name_of(vw_error_codes, vw_error_codes_count, code);
}

const char *vw_error_domain_name(int32_t domain)
{
    return name_of(vw_error_domains, vw_error_domains_count, domain);
}
