// SPDX-License-Identifier: MIT
// What the files of the URI parser share: the state of one parse and its small helpers.
#pragma once

#include <virwire/uri.h>

/* Releases in which clients changed, as in the options. */
#define VW_URI_HELPER_KEEPS   9001000 /* mode and socket in the URI for virt-ssh-helper (U-13) */
#define VW_URI_SOCKET_CHOOSES 8000000 /* a socket means netcat; 7.0.0: not */

struct parse {
    const char *text; /* the input, not terminated */
    size_t len;
    const struct vw_uri_options *options; /* never NULL */
    struct vw_arena *arena;
    struct vw_error *err;
    struct vw_uri *out;
    bool raw_zone;             /* the host has a zone behind a bare '%' (U-12) */
    const char *host_at;       /* for errors: where the host starts, if there is one */
    const char *fragment;      /* decoded; NULL: none */
    struct vw_uri_note *notes; /* with room for VW_URI_MAX_NOTES, as the next */
    struct vw_uri_note *warnings;
};

/* uri-words.c */

extern const char *const vw_uri_transports[]; /* by enum vw_transport_kind */

/* uri-text.c */

/* Decodes LEN bytes at S (inside the text: escapes were checked). %00 is an error that names WHAT,
 * or ends the text if the options say so. PLUS: '+' is a space. VARIABLE, if not NULL, is the name
 * of the variable whose WHAT it is. */
int vw_uri_decode(struct parse *p, const char *s, size_t len, bool plus, const char *what,
                  const char *variable, const char **out);

/* S with all but letters, digits and KEEP as %HH; NULL when memory is out. */
char *vw_uri_encode(struct vw_arena *arena, const char *s, const char *keep);

/* S fit for a sentence, in BUF: control characters and quotes as \xHH, long ones cut. Returns BUF.
 */
struct vw_uri_shown {
    char text[264];
};
const char *vw_uri_shown(struct vw_uri_shown *buf, const char *s);

/* A letter or digit of ASCII, in any locale. */
bool vw_uri_is_alnum(char c);

bool vw_uri_has_control(const char *s);

/* The error that is about byte AT of the text; NULL: about no single one. */
int vw_uri_error(struct parse *p, int code, const char *at, const char *clause, const char *fmt,
                 ...) __attribute__((format(printf, 5, 6)));

/* A note or warning. VW_ENOMEM or 0. */
int vw_uri_note(struct parse *p, const char *clause, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
int vw_uri_warn(struct parse *p, const char *clause, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Whether the client that is meant has what came with the release SINCE. */
bool vw_uri_release_has(const struct parse *p, unsigned since);

/* Transports that run something behind ssh, by program or by library. */
bool vw_uri_is_ssh(const struct vw_uri *uri);

/* uri-local.c: what else the scheme and the host say of today's clients: drivers that they serve by
 * themselves (U-18), daemons (U-14), hosts and ports that are surely not meant (U-3, U-4). */
int vw_uri_look_at_scheme(struct parse *p);
int vw_uri_look_at_host(struct parse *p);

/* uri-query.c: the last variable ID; NULL: not given. */
const struct vw_uri_var *vw_uri_last_var(const struct vw_uri *uri, enum vw_uri_var_id id);

/* uri-query.c: fills vars from the LEN bytes behind the '?'. */
int vw_uri_parse_query(struct parse *p, const char *query, size_t len);

/* uri-query.c: the meaning of the variables, once the transport is known. */
int vw_uri_apply_vars(struct parse *p);

/* uri-defaults.c: socket, proxy, TLS files. */
int vw_uri_set_defaults(struct parse *p);

/* uri-name.c: name and helper_uri. */
int vw_uri_set_name(struct parse *p);
