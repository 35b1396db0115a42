// SPDX-License-Identifier: MIT
// Looking things up: the releases of the protocol, and the procedures of one. A profile is the
// protocol as one release speaks it (reference/protocol/profiles); it is only read after loading
// and may be shared between threads.
#pragma once

#include <virwire/error.h>

VW_BEGIN_DECLS

struct vw_profile;
struct vw_proc; /* a procedure; its profile's */

#define VW_PROFILE_OPTIONS_INIT VW_SIZED(vw_profile_options)

struct vw_profile_options {
    VW_SIZE_MEMBER(vw_profile_options);
    /* Read .x files from this folder, or this one file, instead of the built-in ones; NULL:
     * built-in. Of the profile only limits and answers are then taken: its constants, types and
     * what it hides belong to the built-in files. */
    const char *schema_dir;
    const char *const *defines; /* "NAME=VALUE", ends at NULL; or NULL */
    /* Read the built-in texts even for the newest profile, of which the build has printed what they
     * come to; the result is the same. */
    bool parse;
};

/* Loads profile NAME (NULL: the newest); a name with '/', or that ends in .yaml, is a profile file.
 * OPTIONS may be NULL. The profile owns its schema. Errors: VW_ENAME (unknown, with the nearest
 * known name), VW_EUSAGE (the file cannot be read), VW_ESYNTAX, VW_ELIMIT, VW_ENOMEM, VW_ESYSTEM.
 */
int vw_profile_load(const char *name, const struct vw_profile_options *options,
                    struct vw_profile **out, struct vw_error *err);
void vw_profile_destroy(struct vw_profile *p);

/* "9.0.0". */
const char *vw_profile_name(const struct vw_profile *p);

/* The file that the last failed vw_profile_load of this thread is about; "" when none. */
const char *vw_profile_error_file(void);

/* Names of the built-in profiles, oldest first, ends at NULL. */
const char *const *vw_profile_names(void);

/* "domain_lookup_by_name", "remote.domain_lookup_by_name" or "REMOTE_PROC_DOMAIN_LOOKUP_BY_NAME",
 * letters in any case; without a program the remote one is meant first. Where P is a release that
 * named it otherwise, today's name will do as well. NULL when there is none. */
const struct vw_proc *vw_profile_proc(const struct vw_profile *p, const char *name);
/* "domain_lookup_by_name"; its program, "remote". */
const char *vw_proc_name(const struct vw_proc *proc);
const char *vw_proc_program(const struct vw_proc *proc);

VW_END_DECLS
