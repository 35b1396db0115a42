// SPDX-License-Identifier: MIT
// The clauses of docs/protocol/PROTOCOL.md and the faults of docs/faults.md, as the build takes
// them from the two pages (make-clauses.py), and who can break what no case shows (unshown.tsv).
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <virwire/event.h>

#define VW_EXAMPLE_BYTES 1024 /* most that one has; make-clauses.py sees to it */

/* Bytes that show what a clause means, from the page itself. */
struct vw_clause_example {
    unsigned line;       /* of the page; 0 ends a list */
    bool accepted;       /* a receiver takes them; else it must not */
    bool more;           /* they end within a message, whose rest may come */
    const char *name;    /* "length-of-3": with the clause ahead of it an id that stays */
    const char *what;    /* VW_EXAMPLE_TALK, one of the servers, or the name of a type */
    const char *release; /* that takes or refuses them; NULL: those of today */
    const char *bytes;   /* hex digits and blanks; in a talk '<' stands ahead of what the server
                            says, '>' of what the client does */
};

/* What is no type: both sides of a conversation, or what a client says to a server that is as
 * described. */
#define VW_EXAMPLE_TALK            "talk"
#define VW_EXAMPLE_SERVER          "server"          /* the client is let in and has opened */
#define VW_EXAMPLE_UNOPENED        "server-unopened" /* ... and has not opened */
#define VW_EXAMPLE_UNAUTHENTICATED "server-unauthenticated" /* ... and is not let in */

struct vw_clause {
    const char *id;                           /* "F-3"; NULL ends the list */
    const char *section;                      /* "Framing" */
    const char *brief;                        /* its first sentence */
    const char *text;                         /* all of them, in lines of at most 78 letters */
    const struct vw_clause_example *examples; /* NULL: none */
    /* Who can break one that no case of the suite for servers shows ("client", "server", "nobody"),
     * and why none does; NULL: a case shows it. */
    const char *who, *why;
};
extern const struct vw_clause vw_clauses[];

/* By its id, in upper or lower case; NULL: there is none. */
const struct vw_clause *vw_clause_find(const char *id);
/* The first of CLAUSES, apart by spaces; NULL: it is none. */
const struct vw_clause *vw_clause_first(const char *clauses);
/* What stands at *AT in the bytes of an example, up to where the other side speaks: who says it
 * (a value: the client), and its LEN octets in OUT, which has room for VW_EXAMPLE_BYTES. *AT is
 * then behind it. False: nothing does. */
bool vw_example_next(const char **at, enum vw_side *from, uint8_t *out, size_t *len);
/* E is a value of the type E->what. */
bool vw_example_is_value(const struct vw_clause_example *e);

/* What virwired can be told to do wrong, or legally oddly. */
struct vw_known_fault {
    const char *name;   /* without what stands behind ':'; NULL ends the list */
    const char *clause; /* that it breaks */
    const char *meaning;
    const char *caught_by; /* cases; "" for what is legal */
};
extern const struct vw_known_fault vw_known_faults[];
