// SPDX-License-Identifier: MIT
// Secrets are bytes of the wire: written over there, they are in no form of it that is shown.
#include "message/secret.h"

#include <string.h>
#include <virwire/memory.h>

#include "base/words.h"
#include "message/message-json.h"
#include "schema/facts.h"
#include "xdr/xdr.h"

/* passwd='...' of graphics, password="..." of others, <password>...</password>. */
static bool hide_xml(uint8_t *text, size_t len)
{
    static const char *const names[] = {"passwd", "password"};
    bool hidden = false;
    for (size_t i = 0; i < len; i++) {
        for (size_t k = 0; k < 2; k++) {
            size_t n = strlen(names[k]), at = i + n;
            bool closing = i > 0 && text[i - 1] == '/';
            if (closing || at >= len || memcmp(text + i, names[k], n) != 0)
                continue;
            while (at < len && strchr(" \t\r\n=", text[at]) && text[at])
                at++;
            if (at >= len || !strchr("'\">", text[at]) || !text[at])
                continue;
            uint8_t end = text[at] == '>' ? '<' : text[at];
            for (at++; at < len && text[at] != end; at++)
                text[at] = '*';
            hidden = true;
        }
    }
    return hidden;
}

/* A span of a secret field: text and opaque bytes, or chars that are a word each. */
static bool hide_span(const struct vw_span *span, uint8_t *bytes, bool xml)
{
    uint8_t *at = bytes + span->offset;
    if (span->kind == VW_SPAN_DATA && xml)
        return hide_xml(at, span->length);
    if (span->kind == VW_SPAN_VALUE && span->type->kind != VW_FIXED_OPAQUE && span->length == 4)
        vw_store32(at, '*');
    else if (span->kind == VW_SPAN_DATA || span->kind == VW_SPAN_VALUE)
        memset(at, '*', span->length);
    return span->kind == VW_SPAN_DATA || span->kind == VW_SPAN_VALUE;
}

static bool is_in(const char *path, const char *field, size_t len)
{
    return strncmp(path, field, len) == 0 && (!path[len] || strchr(".[", path[len]));
}

/* One field of the row, without "args." or "ret.": "value", "xml:xml". False: there is none. */
static bool hide_field(const struct vw_spans *spans, uint8_t *body, const char *field, size_t len,
                       bool *hidden)
{
    const char *colon = memchr(field, ':', len);
    bool there = false;
    if (colon)
        len = (size_t)(colon - field);
    for (size_t i = 0; i < spans->count; i++) {
        if (!is_in(spans->list[i].path, field, len))
            continue;
        there = true;
        *hidden |= hide_span(&spans->list[i], body, colon != NULL);
    }
    return there;
}

static bool hide_body(const char *secret, const char *side, const struct vw_type *type,
                      uint8_t *body, size_t kept, size_t len)
{
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_spans spans = {NULL};
    bool whole = kept == len && vw_xdr_spans(type, body, len, &arena, &spans, NULL) == 0;
    bool hidden = false;
    for (size_t n; *secret; secret += n + (secret[n] == ',')) {
        size_t skip = strlen(side);
        n = strcspn(secret, ",");
        if (strncmp(secret, side, skip) != 0)
            continue;
        /* A schema of the user's may call it otherwise. */
        if (whole && hide_field(&spans, body, secret + skip, n - skip, &hidden))
            continue;
        memset(body, '*', kept);
        hidden = true;
    }
    vw_arena_finish(&arena);
    return hidden;
}

bool vw_message_hide(const struct vw_schema *schema, uint8_t *bytes, size_t kept, size_t len)
{
    struct vw_header h;
    struct vw_body body;
    if (kept < VW_PREFIX_BYTES)
        return false;
    vw_header_decode(bytes + VW_LENGTH_BYTES, &h);
    vw_body_of(schema, &h, &body);
    const struct vw_facts *facts = body.proc ? vw_proc_facts(body.proc) : NULL;
    size_t skip = VW_PREFIX_BYTES + (body.has_fds ? 4 : 0);
    if (!facts || !facts->secret || !body.type || kept <= skip)
        return false;
    if (body.kind != VW_BODY_ARGS && body.kind != VW_BODY_RET)
        return false;
    return hide_body(facts->secret, body.kind == VW_BODY_ARGS ? "args." : "ret.", body.type,
                     bytes + skip, kept - skip, len - skip);
}
