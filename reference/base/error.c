// SPDX-License-Identifier: MIT
// Errors as values: filling and printing struct vw_error. What a peer or a file sent may stand in a
// text, so control characters are escaped here, once.
#include <virwire/error.h>

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/shown.h"

static const char *const status_names[] = {
    [-VW_OK] = "ok",
    [-VW_ENOMEM] = "out of memory",
    [-VW_ESYNTAX] = "syntax",
    [-VW_ENAME] = "unknown name",
    [-VW_ETRUNCATED] = "truncated",
    [-VW_ELIMIT] = "limit",
    [-VW_EVALUE] = "value",
    [-VW_EPROTOCOL] = "protocol",
    [-VW_ECLOSED] = "closed",
    [-VW_ETIMEOUT] = "timeout",
    [-VW_ESYSTEM] = "system",
    [-VW_EUSAGE] = "usage",
    [-VW_EREMOTE] = "server error",
    [-VW_EUNREACHABLE] = "unreachable",
};

const char *vw_status_name(int code)
{
    if (code > 0 || code <= -(int)(sizeof(status_names) / sizeof(status_names[0])))
        return "unknown";
    return status_names[-code];
}

/* Copies RAW into ERR's text with what a terminal could act on as \xHH, cut where it would not
 * fit. */
static void set_text(struct vw_error *err, const char *raw)
{
    char piece[VW_SHOWN_PIECE];
    size_t n = 0;
    for (size_t left = strlen(raw); left;) {
        size_t taken = vw_shown_piece(raw, left, VW_SHOWN_BYTES, piece), size = strlen(piece);
        if (n + size >= sizeof(err->text))
            break;
        memcpy(err->text + n, piece, size);
        n += size;
        raw += taken;
        left -= taken;
    }
    err->text[n] = '\0';
}

int vw_error_vset(struct vw_error *err, int code, const char *fmt, va_list ap)
{
    if (!err || err->code)
        return code;
    char raw[sizeof(err->text)];
    vsnprintf(raw, sizeof(raw), fmt, ap);
    err->code = code;
    set_text(err, raw);
    return code;
}

int vw_error_set(struct vw_error *err, int code, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    vw_error_vset(err, code, fmt, ap);
    va_end(ap);
    return code;
}

int vw_error_clause(struct vw_error *err, int code, const char *clause, const char *fmt, ...)
{
    va_list ap;
    if (err && !err->code)
        snprintf(err->clause, sizeof(err->clause), "%s", clause);
    va_start(ap, fmt);
    vw_error_vset(err, code, fmt, ap);
    va_end(ap);
    return code;
}

int vw_error_at(struct vw_error *err, int code, unsigned line, unsigned column, const char *fmt,
                ...)
{
    if (!err || err->code)
        return code;
    va_list ap;
    va_start(ap, fmt);
    vw_error_vset(err, code, fmt, ap);
    va_end(ap);
    err->line = line;
    err->column = column;
    return code;
}

int vw_error_errno(struct vw_error *err, int sys_errno, const char *fmt, ...)
{
    if (!err || err->code)
        return VW_ESYSTEM;
    char what[sizeof(err->text)];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(what, sizeof(what), fmt, ap);
    va_end(ap);
    vw_error_set(err, VW_ESYSTEM, "%s: %s", what, strerror(sys_errno));
    err->sys_errno = sys_errno;
    return VW_ESYSTEM;
}

int vw_error_nomem(struct vw_error *err)
{
    return vw_error_set(err, VW_ENOMEM, "out of memory");
}

void vw_error_clear(struct vw_error *err)
{
    if (err)
        *err = (struct vw_error)VW_ERROR_INIT;
}
