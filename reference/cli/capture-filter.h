// SPDX-License-Identifier: MIT
// Which messages are wanted: by the fields of their JSON (message/message-json.h).
#pragma once

#include <json-c/json.h>

#include "cli/options.h"

#define VW_FILTER_MAX 32

struct vw_filter_field {
    char path[160]; /* "body.dom.name", "body.params.*.field" */
    char value[160];
};

struct vw_message_filter {
    struct vw_filter_field fields[VW_FILTER_MAX]; /* all must hold */
    size_t n;
};

/* Takes "PATH=VALUE" into the filter USER, for --where; 0, or VW_EXIT_USAGE after the report. */
int vw_filter_where(const char *command, void *user, const char *text);
/* The same for one field each, by its value: "remote.domain_create" is a procedure too. */
int vw_filter_program(const char *command, void *user, const char *text);
int vw_filter_procedure(const char *command, void *user, const char *text);
int vw_filter_serial(const char *command, void *user, const char *text);
int vw_filter_status(const char *command, void *user, const char *text);
int vw_filter_type(const char *command, void *user, const char *text);

/* clang-format off */
#define VW_FILTER_OPTIONS(f)                                                                       \
    {"program", .take = vw_filter_program, .user = (f)},                                           \
    {"procedure", .take = vw_filter_procedure, .user = (f)},                                       \
    {"serial", .take = vw_filter_serial, .user = (f)},                                             \
    {"status", .take = vw_filter_status, .user = (f)},                                             \
    {"type", .take = vw_filter_type, .user = (f)},                                                 \
    {"where", .take = vw_filter_where, .user = (f)}
/* clang-format on */

bool vw_filter_wants(const struct vw_message_filter *f, struct json_object *message);
