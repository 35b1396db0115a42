// SPDX-License-Identifier: MIT
// Connection URIs: driver[+transport]://[user@][host][:port]/[path][?name=value...] (clauses U-1 to
// U-21), read as one of three dialects, and the command lines that they stand for.
#pragma once

#include <sys/types.h>
#include <virwire/error.h>

VW_BEGIN_DECLS

enum vw_dialect {
    VW_DIALECT_MODERN, /* as clients of 7.0.0 and later */
    VW_DIALECT_2007,   /* as the document of 2007 says, not any code */
    VW_DIALECT_030     /* as the code of release 0.3.0 does */
};

enum vw_transport_kind {
    VW_TRANSPORT_LOCAL, /* not remote: a driver inside the client serves it (U-18) */
    VW_TRANSPORT_TLS,
    VW_TRANSPORT_UNIX,
    VW_TRANSPORT_SSH,
    VW_TRANSPORT_EXT,
    VW_TRANSPORT_TCP,
    VW_TRANSPORT_LIBSSH2, /* modern only, as the next */
    VW_TRANSPORT_LIBSSH
};

/* Names of U-5, in the order of the table in uri-query.c. */
enum vw_uri_var_id {
    VW_URI_VAR_UNKNOWN,
    VW_URI_VAR_NAME,
    VW_URI_VAR_COMMAND,
    VW_URI_VAR_SOCKET,
    VW_URI_VAR_NETCAT,
    VW_URI_VAR_NO_VERIFY,
    VW_URI_VAR_AUTH,
    VW_URI_VAR_SSHAUTH,
    VW_URI_VAR_KEYFILE,
    VW_URI_VAR_PKIPATH,
    VW_URI_VAR_KNOWN_HOSTS,
    VW_URI_VAR_KNOWN_HOSTS_VERIFY,
    VW_URI_VAR_TLS_PRIORITY,
    VW_URI_VAR_MODE,
    VW_URI_VAR_PROXY,
    VW_URI_VAR_NO_SANITY,
    VW_URI_VAR_NO_TTY,
    VW_URI_VAR_AUTHFILE,
    VW_URI_VAR_ARGV,
    VW_URI_VAR_COUNT
};

enum vw_uri_mode { VW_URI_MODE_AUTO, VW_URI_MODE_LEGACY, VW_URI_MODE_DIRECT };

enum vw_uri_proxy { VW_URI_PROXY_AUTO, VW_URI_PROXY_NETCAT, VW_URI_PROXY_NATIVE };

/* One name=value of the query, decoded, in the order of the URI. */
struct vw_uri_var {
    enum vw_uri_var_id id;
    bool used;       /* the transport has a use for it (U-16); false for an unknown one */
    uint32_t offset; /* bytes from the start of the text to its name */
    const char *name;
    const char *value; /* never NULL; "" when there was no '=' (U-8) */
};

/* What a reader of the result should know. Text is one sentence without a full stop. */
struct vw_uri_note {
    const char *clause; /* such as "U-9"; never NULL */
    const char *text;
};

/* Files of a TLS client (U-15). Certificate and key are only of use together. */
struct vw_uri_tls_files {
    const char *ca;   /* NULL: this set names none */
    const char *crl;  /* need not exist */
    const char *cert; /* as key */
    const char *key;
};

#define VW_URI_OPTIONS_INIT VW_SIZED(vw_uri_options)

/* How to read, and where the caller stands. Nothing is taken from the environment. */
struct vw_uri_options {
    VW_SIZE_MEMBER(vw_uri_options);
    enum vw_dialect dialect;
    bool read_only;
    bool truncate_nul;       /* %00 ends a text, as in real clients (U-19), instead of an error */
    uid_t uid;               /* 0 has no session daemon of its own */
    const char *home;        /* HOME; NULL: unknown */
    const char *runtime_dir; /* XDG_RUNTIME_DIR; NULL: unknown */
    const char *system_run_dir; /* LOCALSTATEDIR/run of U-14; NULL: "/var/run" */
    bool listening;   /* it says where to listen: "mode" is its reader's, as any unknown variable */
    const char *pki;  /* folder of the TLS files where the URI names none; NULL: those of U-15 */
    unsigned release; /* the client's, 9001000 for 9.1.0 (U-13, Q-4, Q-5); 0: the newest known */
};

/* A URI as understood. Every string lives in the arena of the parse; NULL: not given and no
 * default. Strings are decoded, hold no NUL, and may hold control characters unless said otherwise.
 */
struct vw_uri {
    enum vw_dialect dialect;
    enum vw_transport_kind transport;
    bool transport_given; /* the scheme names it */
    bool read_only;       /* from the options */
    bool session;         /* for the daemon of the user, not that of the system (U-14) */
    bool inside; /* libvirt's client serves it by itself: what is here goes around it (U-18) */
    bool admin;  /* the scheme is a daemon's: for its admin socket (U-14) */

    const char *driver;        /* scheme up to the first '+', as written */
    const char *user;          /* all before '@' */
    const char *host;          /* without brackets; "localhost" where the transport needs one */
    bool host_given;           /* else host is the default or NULL */
    uint16_t port;             /* given or default; 0: none (unix, ext, modern ssh) */
    bool port_given;           /* the URI has one and the dialect takes it (U-4) */
    bool port_written;         /* it has one, if only 0, which to a listener is any */
    const char *authority_raw; /* 0.3.0: an authority that is no [user@]host[:port]; else NULL */
    const char *path;          /* decoded; "" when there is none */
    const char *path_raw;      /* as written */
    const char *fragment;      /* as written behind '#'; NULL: none */
    bool has_query;            /* there is a '?', if only a bare one */

    const struct vw_uri_var *vars; /* all of them, unknown ones too */
    size_t var_count;

    const char *name;          /* sent in CONNECT_OPEN (U-11, U-20); the text itself if local */
    const char *helper_uri;    /* modern ssh and its kin: for virt-ssh-helper (U-13) */
    const char *socket;        /* given or default; a remote path for ssh and its kin */
    const char *socket_direct; /* unix, mode auto: to be preferred where it exists (U-14) */
    bool socket_given;
    bool socket_abstract; /* unix: the '@' that socket starts with stands for a NUL */

    const char *command;     /* ssh: given or "ssh"; ext: given */
    const char *const *argv; /* ext, since 12.5.0: further arguments; NULL-terminated or NULL */
    const char *netcat;      /* ssh and its kin: given or "nc" */
    int no_verify;           /* any number but 0 turns the check off (U-10) */
    int no_sanity;
    int no_tty;
    const char *auth;
    const char *sshauth;
    const char *keyfile;
    const char *pkipath;
    const char *known_hosts;
    const char *known_hosts_verify;
    const char *tls_priority;
    const char *authfile;
    enum vw_uri_mode mode;
    enum vw_uri_proxy proxy; /* ssh and its kin: the choice of Q-4 */

    struct vw_uri_tls_files tls_files[2]; /* tls: per file, the first set that has it */
    size_t tls_file_sets;

    /* 2007: to be printed on stderr (U-9), and values that were read leniently. */
    const struct vw_uri_note *warnings;
    size_t warning_count;
    /* What was ignored, dropped or chosen. */
    const struct vw_uri_note *notes;
    size_t note_count;
};

/* Longest text that is read. */
#define VW_URI_MAX_BYTES 32768u
/* Most warnings, and most notes, of a URI. The last one then says that there are more. */
#define VW_URI_MAX_NOTES 64u
/* Longest host after decoding. */
#define VW_URI_MAX_HOST 1024u

/* Reads LEN bytes of TEXT (no terminator needed). OPTIONS may be NULL: all unknown, uid 0,
 * today's dialect. All memory comes from ARENA, *OUT too. Control characters, spaces, non-ASCII
 * bytes and malformed escapes make the text unparsable (U-19); so does %00, unless OPTIONS ask
 * otherwise. VW_ESYNTAX (column set), VW_ENAME (transport), VW_EVALUE (a value or a combination
 * that clients refuse), VW_ELIMIT (length, port), VW_ENOMEM. */
int vw_uri_parse(const char *text, size_t len, const struct vw_uri_options *options,
                 struct vw_arena *arena, const struct vw_uri **out, struct vw_error *err)
    __attribute__((nonnull(4, 5), warn_unused_result));

/* Whether URI's host and user can be given to a program: VW_EUSAGE for a control character, one
 * that a shell takes for its own, or a user that starts with '-'. Every transport asks first. */
int vw_uri_check_peer(const struct vw_uri *uri, struct vw_error *err)
    __attribute__((nonnull(1), warn_unused_result));

enum vw_uri_argv_flags {
    /* Words of a 2007 or 0.3.0 remote command go as that release passes them. Without it they are
     * quoted where the remote shell would take them for more than one word. */
    VW_URI_ARGV_LITERAL = 1 << 0
};

/* The words of the child that URI's transport (ssh or ext) runs. ARGV ends with a
 * NULL and lives in ARENA. No word holds a control character, none that comes from the URI can be
 * taken for an option, here or where nc reads it: VW_EUSAGE instead; and as vw_uri_check_peer.
 * VW_EUSAGE too for a transport without a child. */
int vw_uri_argv(const struct vw_uri *uri, unsigned flags, struct vw_arena *arena,
                const char *const **argv, struct vw_error *err)
    __attribute__((nonnull(1, 3, 4), warn_unused_result));

/* The remote command of modern ssh, libssh and libssh2 as one text for the remote login shell
 * . Errors as vw_uri_argv. */
int vw_uri_script(const struct vw_uri *uri, struct vw_arena *arena, const char **script,
                  struct vw_error *err) __attribute__((nonnull(1, 2, 3), warn_unused_result));

/* A text that parses, in the same dialect and with the same options, to the same meaning and prints
 * as itself; escapes may make it longer than VW_URI_MAX_BYTES. NULL when memory is out. */
char *vw_uri_print(const struct vw_uri *uri, struct vw_arena *arena)
    __attribute__((nonnull(1, 2), warn_unused_result));

/* "tls", "unix", ...; "local". Never NULL. */
const char *vw_transport_name(enum vw_transport_kind kind);

/* "modern", "2007", "0.3.0"; and back: 0, or VW_ENAME with OUT unchanged. */
const char *vw_dialect_name(enum vw_dialect dialect);
int vw_dialect_from_name(const char *name, enum vw_dialect *out) __attribute__((nonnull));

/* "auto", "legacy", "direct"; "auto", "netcat", "native". Never NULL. */
const char *vw_uri_mode_name(enum vw_uri_mode mode);
const char *vw_uri_proxy_name(enum vw_uri_proxy proxy);

VW_END_DECLS
