// SPDX-License-Identifier: MIT
// What the subcommands of `virwire capture` share. Each is one file capture-NAME.c with one
// constant vw_capture_NAME, and a row in cmd-capture.c.
#pragma once

#include <stdio.h>

#include "capture/captured.h"
#include "cli/schema-options.h"

struct vw_capture_verb {
    const char *name;
    /* argv[0] is "capture NAME", optind 1. Returns an enum vw_exit. */
    int (*run)(int argc, char **argv);
};

extern const struct vw_capture_verb vw_capture_lint, vw_capture_record, vw_capture_replay,
    vw_capture_show, vw_capture_stats, vw_capture_to_scenario, vw_capture_verify;

/* A file that is read. */
struct vw_capture_in {
    const char *command; /* "capture show" */
    const char *path;    /* the operand; "-": stdin */
    bool takes_uri;      /* another operand may stand behind it: URI, else NULL */
    const char *uri;
    struct vw_cli_schema schema;
    uint64_t port;
    bool show_secrets;
    bool follow; /* wait for what is added to the file, until interrupted */
    unsigned strict;
    struct vw_profile *profile; /* by vw_capture_open */
    struct vw_buf shown;        /* of the message that vw_capture_frame has given last */
};

/* clang-format off */
#define VW_CAPTURE_OPTIONS(in)                                                                     \
    VW_CLI_SCHEMA_OPTIONS(&(in)->schema),                                                          \
    {"port", .number = &(in)->port, .min = 1, .max = 65535},                                       \
    {"show-secrets", .flag = &(in)->show_secrets}
/* clang-format on */

/* Reads the options, takes the one operand and loads the profile. 0, or an exit status after the
 * report. */
int vw_capture_open(struct vw_capture_in *in, int argc, char **argv,
                    const struct vw_cli_option *options);
/* Reads all of it: SINK as in struct vw_captured_options. 0, or an exit status after the report. */
int vw_capture_read(struct vw_capture_in *in, int (*sink)(void *, const struct vw_captured_event *),
                    void *user);
void vw_capture_close(struct vw_capture_in *in);

/* The message of EV, without its secrets unless they are wanted; valid until the next call. False:
 * no memory. */
bool vw_capture_frame(struct vw_capture_in *in, const struct vw_event *ev, struct vw_frame *out);
/* "127.0.0.1:16509" or "[::1]:16509" into BUF, which is returned. */
char *vw_capture_address(const struct vw_tcp_conn *conn, enum vw_side side, char *buf, size_t size);
