// SPDX-License-Identifier: MIT
// Field paths: a bounded stack of names.
#include "xdr/path.h"

#include <stdio.h>
#include <string.h>

void vw_path_init(struct vw_path *p)
{
    p->len = p->hidden = 0;
    p->text[0] = '\0';
}

static struct vw_path_mark append(struct vw_path *p, const char *separator, const char *text)
{
    struct vw_path_mark mark = {p->len, p->hidden};
    size_t before = strlen(separator), n = before + strlen(text);
    if (p->hidden || p->len + n + sizeof("...") > sizeof(p->text)) {
        if (!p->hidden)
            memcpy(p->text + p->len, "...", sizeof("..."));
        p->hidden += n;
        return mark;
    }
    memcpy(p->text + p->len, separator, before);
    memcpy(p->text + p->len + before, text, n - before + 1);
    p->len += n;
    return mark;
}

struct vw_path_mark vw_path_push(struct vw_path *p, const char *field)
{
    return append(p, p->len ? "." : "", field);
}

struct vw_path_mark vw_path_push_index(struct vw_path *p, uint32_t index)
{
    char text[16];
    snprintf(text, sizeof(text), "[%u]", index);
    return append(p, "", text);
}

void vw_path_pop(struct vw_path *p, struct vw_path_mark mark)
{
    p->len = mark.len;
    p->hidden = mark.hidden;
    if (!p->hidden)
        p->text[p->len] = '\0';
}

void vw_path_report(const struct vw_path *p, struct vw_error *err)
{
    size_t n = strlen(p->text);
    if (n < sizeof(err->path))
        memcpy(err->path, p->text, n + 1);
    else
        snprintf(err->path, sizeof(err->path), "...%s", p->text + n + 4 - sizeof(err->path));
}

int vw_path_fail(const struct vw_path *p, struct vw_error *err, int code, const char *fmt, ...)
{
    if (err && !err->code) {
        va_list ap;
        va_start(ap, fmt);
        vw_error_vset(err, code, fmt, ap);
        va_end(ap);
        vw_path_report(p, err);
    }
    return code;
}
