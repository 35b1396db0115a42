// SPDX-License-Identifier: MIT
// The clauses of docs/protocol/PROTOCOL.md and the faults of docs/faults.md, as the build takes
// them from the two pages (make-clauses.py), and who can break what no case shows (unshown.tsv).
#pragma once

#include <stdbool.h>

/* Bytes that show what a clause means, from the page itself. */
struct vw_clause_example {
    unsigned line;    /* of the page; 0 ends a list */
    bool accepted;    /* a receiver takes them; else it must not */
    const char *what; /* "talk", or the name of a type */
    const char *
        bytes; /* hex digits and blanks; in a talk '<' is ahead of the server's, '>' the client's */
};

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

/* What virwired can be told to do wrong, or legally oddly. */
struct vw_known_fault {
    const char *name;   /* without what stands behind ':'; NULL ends the list */
    const char *clause; /* that it breaks */
    const char *meaning;
    const char *caught_by; /* cases; "" for what is legal */
};
extern const struct vw_known_fault vw_known_faults[];
