// SPDX-License-Identifier: MIT
// Cases: what a scenario file says, checked and expanded. One file is one case, or with `foreach`
// one case for each item; the path below the suite's folder is the id.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <virwire/memory.h>

#include "base/finding.h"
#include "base/yaml.h"
#include "scenario/format.h"
#include "schema/facts.h"
#include "schema/profile.h"

/* What must be there before the first step; the player sees to the first three. */
enum vw_need {
    VW_NEED_CONNECT = 1 << 0,     /* a connection */
    VW_NEED_AUTH = 1 << 1,        /* authenticated: AUTH_LIST answered */
    VW_NEED_OPEN = 1 << 2,        /* CONNECT_OPEN answered */
    VW_NEED_READ_ONLY = 1 << 3,   /* ... with the read-only flag (C-2) */
    VW_NEED_UNIX = 1 << 4,        /* a UNIX socket */
    VW_NEED_TCP = 1 << 5,         /* plain TCP */
    VW_NEED_TLS = 1 << 6,         /* TLS */
    VW_NEED_TEST_DRIVER = 1 << 7, /* the domain "test" of test:///default */
    VW_NEED_ALONE = 1 << 8,       /* no other case at the same time: it changes what others see */
    VW_NEED_GATE = 1 << 9,        /* AUTH_LIST says that authentication is due, and none is done */
    VW_NEED_READ_ONLY_SOCKET = 1 << 10, /* a socket whose name ends in "-ro" (L-4, U-14) */
    VW_NEED_SLOW = 1 << 11,             /* time: more than ten seconds, as a rule */
    VW_NEED_SASL = 1 << 12,             /* AUTH_LIST asks for it */
    VW_NEED_POLKIT = 1 << 13,           /* likewise */
    /* How the server is configured, as the user says (select.h). */
    VW_NEED_ONE_REQUEST = 1 << 14, /* it serves one request of a client at a time (L-3) */
    VW_NEED_NAMES = 1 << 15,       /* TLS clients are let in by their names (T-8) */
    VW_NEED_ANYBODY = 1 << 16,     /* ... whatever their certificates (T-9) ... */
    VW_NEED_VERIFIED = 1 << 17     /* ... not so: as a rule */
};

struct vw_case {
    const char *id;      /* "dispatch/unknown-procedure" or "xdr/cut-arguments/KEY" */
    const char *file_id; /* without the expansion's key */
    const char *path;    /* of the file */
    const char *title;   /* an expansion has its key in brackets behind */
    const char *clauses; /* "F-3 D-4": at least one */
    enum vw_level level;
    enum vw_effect effect;          /* of the file; its procedures may raise it (effects.h) */
    unsigned needs;                 /* enum vw_need */
    bool unconditional;             /* its own writes are what it is about (conditions: no) */
    bool shared;                    /* may run on a connection that other cases have used */
    const struct vw_node *profiles; /* a list of texts; NULL: all */
    const char *unfit;              /* why the profile excludes it, or NULL */
    bool elsewhere;                 /* it is for other programs than that of the profile */
    const struct vw_node *steps;    /* a list; foreach variables are filled in */
};

struct vw_suite {
    struct vw_arena arena; /* everything below */
    struct vw_case *cases; /* in the order of their ids' files, then of expansion */
    size_t count;
    size_t files;
    char error_file[2048]; /* the file that an error is about */
};

struct vw_suite_options {
    const struct vw_profile *profile;
    bool newest;   /* the profile is the newest: a name that it does not know is a mistake */
    uint64_t seed; /* of families that draw values */
    /* Whether the file of an id is read at all; NULL: every file is. */
    bool (*wanted)(const void *user, const char *file_id);
    const void *user;
};

/* Loads all *.yaml files below DIR. VW_ESYSTEM (no such folder), VW_ESYNTAX, VW_ELIMIT, VW_ENOMEM;
 * suite->error_file is then the file. Finish the suite in any case. */
int vw_suite_load(struct vw_suite *suite, const char *dir, const struct vw_suite_options *options,
                  struct vw_error *err);
void vw_suite_finish(struct vw_suite *suite);

/* One file, as a text: what vw_suite_load does with each. ID and PATH are copied. */
int vw_suite_add(struct vw_suite *suite, const char *id, const char *path, const char *text,
                 size_t len, const struct vw_suite_options *options, struct vw_error *err);

/* The format's top level, for the JSON Schema. */
extern const struct vw_keys vw_case_keys;
extern const struct vw_keys vw_step_keys; /* without the verbs */

/* "open" for bit 2. */
const char *vw_need_name(unsigned bit);
/* "send", "expect", ...; *JUDGES says whether a case can end red at this step. */
const char *vw_step_verb(const struct vw_node *step, bool *judges);

const char *vw_effect_name(enum vw_effect effect);
/* False when there is none of that name. */
bool vw_effect_parse(const char *name, enum vw_effect *out);

/* ---- foreach (expand.c, families) ---- */

/* One item of a foreach: its key and the values of its variables (a map). */
typedef int vw_expand_fn(void *user, const char *key, struct vw_node *variables,
                         struct vw_error *err);

struct vw_family_context {
    const struct vw_suite_options *options;
    struct vw_arena *arena;       /* for nodes: lives as long as the suite */
    const struct vw_node *params; /* the foreach mapping */
    vw_expand_fn *add;
    void *user;
    void *family; /* the family's own, while it expands */
};

/* A family made by code. A C file each, named in the list of meson.build. */
struct vw_family {
    const char *name;
    const char *about;
    int (*expand)(struct vw_family_context *ctx, struct vw_error *err);
};
extern const struct vw_family *const vw_families[];

extern const struct vw_keys vw_foreach_keys;

int vw_foreach(const struct vw_node *node, struct vw_family_context *ctx, struct vw_error *err);

/* A copy of N in which "$name" is replaced by the member NAME of VARIABLES. */
struct vw_node *vw_substitute(struct vw_arena *arena, const struct vw_node *n,
                              const struct vw_node *variables);

/* Every "$name" left in STEPS must be captured by an earlier step. */
int vw_check_variables(const struct vw_node *steps, struct vw_error *err);
