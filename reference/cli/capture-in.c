// SPDX-License-Identifier: MIT
// Reading a capture, for all that do.
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "cli/capture.h"
#include "cli/exit.h"
#include "cli/input.h"
#include "cli/message.h"
#include "cli/output.h"
#include "message/secret.h"

#define CHUNK ((size_t)64 * 1024)

int vw_capture_open(struct vw_capture_in *in, int argc, char **argv,
                    const struct vw_cli_option *options)
{
    int status = vw_cli_options(in->command, argc, argv, options);
    if (status)
        return status;
    int more = argc - optind - 1;
    if (more < 0 || more > (in->takes_uri ? 1 : 0))
        return vw_cli_error(in->command, VW_EXIT_USAGE,
                            more < 0        ? "no file given"
                            : in->takes_uri ? "more than a file and a URI"
                                            : "more than one file");
    in->path = argv[optind];
    in->uri = more ? argv[optind + 1] : NULL;
    return vw_cli_schema_load(in->command, &in->schema, &in->profile);
}

void vw_capture_close(struct vw_capture_in *in)
{
    vw_profile_destroy(in->profile);
    vw_buf_finish(&in->shown);
}

/* What is wrong with the file, on one line, with its place. */
static int fail(const struct vw_capture_in *in, const struct vw_error *err)
{
    struct vw_finding f = vw_finding_of_error(err, vw_input_name(in->path));
    char line[800];
    if (err->code == VW_ENOMEM || err->code == VW_ESYSTEM)
        return vw_cli_fail(in->command, NULL, err);
    f.place.in_bytes = !err->line;
    return vw_cli_error(in->command, VW_EXIT_USAGE, "%s", vw_finding_line(&f, line, sizeof(line)));
}

/* A FIFO that nobody writes is waited for, but not for ever; one whose writer is there, or that is
 * to be followed, may take its time. */
static int open_path(const struct vw_capture_in *in)
{
    int64_t wait_ms = VW_FILE_WAIT_MS;
    if (strcmp(in->path, "-") == 0)
        return STDIN_FILENO;
    const int fd = vw_file_open(in->path);
    const int why = fd < 0 ? errno : in->follow ? 0 : vw_file_ready(fd, &wait_ms);
    if (why == 0)
        fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
    else if (fd >= 0)
        close(fd);
    errno = why;
    return why ? -1 : fd;
}

/* Reads FD to its end. 1: the sink has had enough. */
static int read_all(struct vw_capture_in *in, struct vw_captured *c, int fd, char *chunk,
                    struct vw_error *err)
{
    const volatile sig_atomic_t *interrupted = in->follow ? vw_output_note_interrupts() : NULL;
    for (;;) {
        ssize_t n = read(fd, chunk, CHUNK);
        if (n < 0 && errno != EINTR)
            return vw_error_set(err, VW_EUSAGE, "cannot read it: %s", strerror(errno));
        int rc = n > 0 ? vw_captured_feed(c, chunk, (size_t)n, err) : 0;
        if (rc)
            return rc;
        if (in->follow && *interrupted)
            return 0;
        if (n == 0 && !in->follow)
            return 0;
        if (n <= 0) {
            fflush(stdout);
            poll(NULL, 0, 100);
        }
    }
}

static void tell_lost(const struct vw_capture_in *in, const struct vw_captured *c)
{
    const struct vw_tcp_lost *l = vw_captured_lost(c);
    const struct {
        uint64_t n;
        const char *what;
    } rows[] = {
        {l->fragments, "are fragments of IP, of which others are missing"},
        {l->cut, "are shorter than their headers"},
        {l->crowded, "began while too many connections were open: the quietest was given up"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (rows[i].n)
            vw_cli_warn(in->command, "%llu packets %s", (unsigned long long)rows[i].n,
                        rows[i].what);
}

int vw_capture_read(struct vw_capture_in *in, int (*sink)(void *, const struct vw_captured_event *),
                    void *user)
{
    const struct vw_captured_options o = {.profile = in->profile,
                                          .port = (uint16_t)in->port,
                                          .strict = in->strict,
                                          .sink = sink,
                                          .user = user};
    struct vw_error err = VW_ERROR_INIT, at_end = VW_ERROR_INIT;
    struct vw_captured *c = NULL;
    int fd = open_path(in);
    if (fd < 0)
        return vw_cli_error(in->command, VW_EXIT_USAGE, "cannot open %s: %s", in->path,
                            strerror(errno));
    char *chunk = malloc(CHUNK);
    int rc = chunk ? vw_captured_create(&o, &c, &err) : VW_ENOMEM;
    if (rc == 0)
        rc = read_all(in, c, fd, chunk, &err);
    /* What was read before an error stands, and has an end. */
    int ended = c && rc != VW_ENOMEM && rc <= 0 ? vw_captured_end(c, &at_end) : 0;
    if (rc == VW_ENOMEM || ended == VW_ENOMEM)
        vw_error_nomem(&err);
    else if (rc == 0 && ended < 0)
        err = at_end;
    if (c)
        tell_lost(in, c);
    vw_captured_destroy(c);
    free(chunk);
    if (fd != STDIN_FILENO)
        close(fd);
    return err.code ? fail(in, &err) : 0;
}

bool vw_capture_frame(struct vw_capture_in *in, const struct vw_event *ev, struct vw_frame *out)
{
    uint8_t *bytes = NULL;
    in->shown.len = 0;
    if (vw_buf_append(&in->shown, ev->message, ev->length))
        return false;
    bytes = in->shown.data;
    if (!in->show_secrets)
        vw_message_hide(in->profile->schema, bytes, ev->length, ev->length);
    vw_frame_of(bytes, ev->length, out);
    return true;
}

char *vw_capture_address(const struct vw_tcp_conn *conn, enum vw_side side, char *buf, size_t size)
{
    char text[INET6_ADDRSTRLEN] = "";
    bool six = conn->family == 6;
    inet_ntop(six ? AF_INET6 : AF_INET, conn->address[side], text, sizeof(text));
    snprintf(buf, size, six ? "[%s]:%u" : "%s:%u", text, conn->port[side]);
    return buf;
}
