// SPDX-License-Identifier: MIT
// Errors are values. A function that can fail returns 0 (or a count) on success and a negative
// VW_E* code on failure, and puts the details into a struct vw_error that its caller owns.
#pragma once

#include <stdarg.h>
#include <virwire/memory.h>

VW_BEGIN_DECLS

enum vw_status {
    VW_OK = 0,
    VW_ENOMEM = -1,  /* memory ran out */
    VW_ESYNTAX = -2, /* text (.x, JSON, YAML, URI) that cannot be read; line and column are set */
    VW_ENAME = -3,   /* a name that is not known */
    VW_ETRUNCATED = -4,   /* the bytes end too early; offset is set */
    VW_ELIMIT = -5,       /* a bound is passed: string, array, message, depth */
    VW_EVALUE = -6,       /* a value that its type does not allow, such as an unknown union arm */
    VW_EPROTOCOL = -7,    /* the peer broke the protocol; clause is set */
    VW_ECLOSED = -8,      /* the peer ended the connection */
    VW_ETIMEOUT = -9,     /* a deadline passed */
    VW_ESYSTEM = -10,     /* a system call failed; sys_errno is set */
    VW_EUSAGE = -11,      /* the caller asked for something that cannot be */
    VW_EREMOTE = -12,     /* the server answered a call with an error structure */
    VW_EUNREACHABLE = -13 /* no connection could be made, or a program not be started */
};

/* Filled once, by the place that knows most; passed up unchanged; printed only at the edge.
 * All members are fixed in size, so that reporting an error never allocates. */
struct vw_error {
    int code;        /* enum vw_status; 0: nothing reported yet */
    int sys_errno;   /* errno of VW_ESYSTEM and VW_EUNREACHABLE, else 0 */
    uint64_t offset; /* bytes from the start of the input, where that makes sense */
    unsigned line;   /* of text, from 1; 0: not about text */
    unsigned column; /* in bytes, from 1 */
    char clause[8];  /* clause of docs/protocol/PROTOCOL.md, such as "F-3", or empty */
    char path[160];  /* field path such as "args.dom.uuid"; long ones are cut at the front */
    char text[320];  /* one sentence, no newline, starts small, no full stop */
};

#define VW_ERROR_INIT                                                                              \
    {                                                                                              \
        0, 0, 0, 0, 0, {0}, {0},                                                                   \
        {                                                                                          \
            0                                                                                      \
        }                                                                                          \
    }

/* Reports and returns CODE. The first report wins: a later one on the same ERR changes nothing but
 * is still returned. ERR may be NULL. Control characters in the text are escaped (\n, \xHH). */
int vw_error_set(struct vw_error *err, int code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
int vw_error_vset(struct vw_error *err, int code, const char *fmt, va_list ap)
    __attribute__((format(printf, 3, 0)));

/* As vw_error_set, with a clause. */
int vw_error_clause(struct vw_error *err, int code, const char *clause, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* As vw_error_set, with a place in text. */
int vw_error_at(struct vw_error *err, int code, unsigned line, unsigned column, const char *fmt,
                ...) __attribute__((format(printf, 5, 6)));

/* VW_ESYSTEM with errno: "WHAT: strerror". */
int vw_error_errno(struct vw_error *err, int sys_errno, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* VW_ENOMEM. */
int vw_error_nomem(struct vw_error *err);

/* Forgets what was reported. */
void vw_error_clear(struct vw_error *err);

/* "truncated", "limit", ...: the code as one word for reports. Never NULL. */
const char *vw_status_name(int code);

/* Writes the whole error as one line without newline into BUF: "FILE:LINE:COLUMN: TEXT at PATH,
 * offset N (clause F-3)", leaving out what is not set. FILE may be NULL. Returns BUF. */
char *vw_error_format(const struct vw_error *err, const char *file, char *buf, size_t size);

VW_END_DECLS
