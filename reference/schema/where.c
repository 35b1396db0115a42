// SPDX-License-Identifier: MIT
// Errors of a schema: where they are. Below everything else of this folder, which all reports.
#include "schema/internal.h"

int vw_schema_fail(struct vw_schema *s, const struct vw_where *where, int code,
                   struct vw_error *err, const char *fmt, ...)
{
    if (err && err->code)
        return code;
    va_list ap;
    va_start(ap, fmt);
    vw_error_vset(err, code, fmt, ap);
    va_end(ap);
    if (err) {
        err->line = where->line;
        err->column = where->column;
    }
    s->error_file = where->file;
    return code;
}

const char *vw_schema_error_file(const struct vw_schema *s)
{
    return s->error_file;
}
