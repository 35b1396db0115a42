// SPDX-License-Identifier: MIT
// Conditions: the same case with its bytes written otherwise, beside other calls, over another
// transport. A condition has a value for each factor, of which the first is as usual. Of a case
// about a client they are the bytes of the server that it meets, and PINGs in the place of calls.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <virwire/error.h>
#include <virwire/uri.h>

enum vw_factor { VW_FACTOR_BYTES, VW_FACTOR_FLIGHT, VW_FACTOR_TRANSPORT, VW_FACTORS };

/* How the bytes of a message come. */
enum vw_bytes_value {
    VW_BYTES_WHOLE,        /* in one write, as usual */
    VW_BYTES_ONE,          /* one in each write */
    VW_BYTES_FIELDS,       /* writes end where fields end */
    VW_BYTES_GLUED_BEFORE, /* in the write of a harmless call ahead of it */
    VW_BYTES_GLUED_BEHIND, /* in the write of a harmless call behind it */
    VW_BYTES_VALUES
};

#define VW_FLIGHT_OTHERS    15 /* harmless calls in flight, where there are 16 in all */
#define VW_TRANSPORTS_MAX   16
#define VW_CONDITION_ROOM   80
#define VW_CONDITION_LEVELS (VW_BYTES_VALUES * 2 * VW_TRANSPORTS_MAX)

struct vw_condition {
    unsigned value[VW_FACTORS];
};

/* The values that there are to be had. */
struct vw_conditions {
    unsigned levels[VW_FACTORS];
    char transports[VW_TRANSPORTS_MAX][12]; /* "unix", "tcp", "tcp2" */
};

/* Of clients, whose server is ours: its bytes, and it listens otherwise, over TLS too if CAN_TLS.
 */
void vw_conditions_of_clients(struct vw_conditions *all, bool can_tls);
/* Of a server that can be reached at N URIs. */
void vw_conditions_of(struct vw_conditions *all, const struct vw_uri *const *uris, size_t n);

/* Reads "bytes=byte,flight=16"; factors that are not named are as usual. VW_EUSAGE with what is
 * known. */
int vw_condition_parse(const struct vw_conditions *all, const char *text, struct vw_condition *out,
                       struct vw_error *err);
/* The same the other way round, into BUF: "" where all is as usual. Returns BUF. */
char *vw_condition_text(const struct vw_conditions *all, const struct vw_condition *c,
                        char buf[VW_CONDITION_ROOM]);

/* How many factors are not as usual. */
unsigned vw_condition_size(const struct vw_condition *c);
/* The part of C that keeps the factors of MASK (bits), the others as usual. */
struct vw_condition vw_condition_part(const struct vw_condition *c, unsigned mask);

/* A covering array: each T values of T factors stand together in one of ROWS (room for
 * VW_CONDITION_LEVELS), but for those of the usual condition, which is none of them. The same for
 * the same values. Returns the number of rows. */
size_t vw_conditions_cover(const struct vw_conditions *all, unsigned t, struct vw_condition *rows);
