// SPDX-License-Identifier: MIT
// From options and a URI to what the client library needs.
#include "cli/connect.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/ask.h"
#include "cli/exit.h"
#include "cli/message.h"
#include "message/message-json.h"
#include "message/secret.h"

#define DEFAULT_TIMEOUT_MS 30000
#define DEFAULT_PINGS      5 /* as servers have it (K-5) */
/* Bytes of a message that a trace shows, and characters of the line ahead of them. */
#define TRACE_BYTES 256
#define TRACE_LINE  400

void vw_connect_init(struct vw_connect *x, const char *command)
{
    *x = (struct vw_connect){.command = command, .timeout_ms = DEFAULT_TIMEOUT_MS};
}

void vw_connect_finish(struct vw_connect *x)
{
    vw_cli_credentials_wipe(&x->credentials);
    vw_profile_destroy(x->profile);
    vw_arena_finish(&x->arena);
    x->profile = NULL;
}

/* SECONDS or SECONDS:COUNT. */
int vw_connect_keepalive(const char *command, void *user, const char *text)
{
    struct vw_connect *x = user;
    uint64_t count = DEFAULT_PINGS;
    const char *colon = strchr(text, ':');
    char *seconds = strndup(text, colon ? (size_t)(colon - text) : strlen(text));
    if (!seconds)
        return vw_cli_error(command, VW_EXIT_TOOL, "out of memory");
    int rc =
        vw_cli_seconds(command, "--keepalive", seconds, 0, VW_CONNECT_MAX_MS, &x->keepalive_ms);
    free(seconds);
    if (rc == 0 && colon)
        rc = vw_cli_number(command, "--keepalive", colon + 1, 0, 1000, &count);
    x->keepalive_count = (uint32_t)count;
    return rc;
}

int vw_connect_load(struct vw_connect *x)
{
    return vw_cli_schema_load(x->command, &x->schema, &x->profile);
}

int vw_connect_uri(struct vw_connect *x, const char *text)
{
    struct vw_error err = VW_ERROR_INIT;
    struct vw_uri_options options;
    int rc = vw_cli_uri_fill(x->command, &x->how, x->profile->name,
                             x->profile->dialect == VW_PROFILE_2007, &x->arena, &options);
    if (rc)
        return rc;
    options.read_only = x->read_only;
    if (vw_uri_parse(text, strlen(text), &options, &x->arena, &x->uri, &err))
        return vw_cli_fail_input(x->command, NULL, &err);
    vw_cli_uri_warn(x->command, x->uri);
    return 0;
}

static void warn(void *user, const char *text)
{
    const struct vw_connect *x = user;
    vw_cli_warn(x->command, "%s", text);
}

static int ask_credentials(void *user, const struct vw_credential_request *request, char *buf,
                           size_t size, struct vw_error *err)
{
    struct vw_connect *x = user;
    return vw_cli_credentials_ask(&x->credentials, request, buf, size, err);
}

static void print_hex(const uint8_t *bytes, size_t len)
{
    size_t shown = len < TRACE_BYTES ? len : TRACE_BYTES;
    for (size_t at = 0; at < shown; at += 16) {
        char text[17] = "";
        fprintf(stderr, "    %04zx ", at);
        for (size_t i = at; i < at + 16; i++) {
            if (i < shown)
                fprintf(stderr, "%s%02x", i % 4 ? "" : " ", bytes[i]);
            else
                fprintf(stderr, "%s  ", i % 4 ? "" : " ");
            text[i - at] = i < shown ? isprint(bytes[i]) ? (char)bytes[i] : '.' : '\0';
        }
        fprintf(stderr, "  %s\n", text);
    }
    if (shown < len)
        fprintf(stderr, "    ... and %zu bytes\n", len - shown);
}

/* One message on stderr: a line that says what it is and holds, and its bytes. */
static void trace(void *user, enum vw_side from, const uint8_t *bytes, size_t len)
{
    const struct vw_connect *x = user;
    const char *arrow = from == VW_SIDE_CLIENT ? ">" : "<";
    uint8_t *shown = malloc(len);
    if (!shown) {
        fprintf(stderr, "%s %zu bytes: out of memory\n", arrow, len);
        return;
    }
    memcpy(shown, bytes, len);
    bytes = shown;
    if (!x->show_secrets)
        vw_message_hide(x->profile->schema, shown, len, len);
    struct vw_frame frame;
    vw_frame_of(bytes, (uint32_t)len, &frame);
    char *line = vw_message_to_line(x->profile->schema, &frame, TRACE_LINE);
    fprintf(stderr, "%s %s\n", arrow, line ? line : "out of memory");
    free(line);
    print_hex(bytes, len);
    free(shown);
}

void vw_connect_client_options(struct vw_connect *x, struct vw_client_options *out)
{
    *out = (struct vw_client_options){VW_CLIENT_OPTIONS_INIT,
                                      .profile = x->profile,
                                      .read_only = x->read_only,
                                      .no_auth = x->no_auth,
                                      .no_open = x->no_open,
                                      .open_name = x->open_name,
                                      .timeout_ms = x->timeout_ms,
                                      .keepalive_interval_ms = x->keepalive_ms,
                                      .keepalive_count = x->keepalive_count,
                                      .credentials = ask_credentials,
                                      .warn = warn,
                                      .ask = vw_cli_ask,
                                      .user = x};
    vw_cli_credentials_take(&x->credentials, x->command);
    if (x->trace)
        out->on_trace = trace;
}

void vw_connect_goodbye(struct vw_client *client, int64_t end_ms)
{
    int left = vw_ms_left(end_ms);
    if (left <= 0)
        return;
    vw_client_set_timeout(client, left);
    vw_client_close(client, NULL);
}

void vw_connect_check_keepalive(const struct vw_connect *x, const struct vw_client *client)
{
    if (x->keepalive_ms && !vw_client_has_keepalive(client))
        vw_cli_warn(x->command, "the server knows no keepalive: it is not watched");
}
