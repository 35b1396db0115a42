// SPDX-License-Identifier: MIT
#include "cli/capture-filter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/exit.h"
#include "cli/message.h"

static int add(const char *command, struct vw_message_filter *f, const char *path, size_t len,
               const char *value)
{
    struct vw_filter_field *x = &f->fields[f->n];
    if (f->n == VW_FILTER_MAX || len >= sizeof(x->path) || strlen(value) >= sizeof(x->value))
        return vw_cli_error(command, VW_EXIT_USAGE, "too much to look for");
    snprintf(x->path, sizeof(x->path), "%.*s", (int)len, path);
    snprintf(x->value, sizeof(x->value), "%s", value);
    f->n++;
    return 0;
}

int vw_filter_where(const char *command, void *user, const char *text)
{
    const char *sign = strchr(text, '=');
    if (!sign || sign == text)
        return vw_cli_error(command, VW_EXIT_USAGE, "--where takes PATH=VALUE, not '%s'", text);
    return add(command, user, text, (size_t)(sign - text), sign + 1);
}

static int add_field(const char *command, void *user, const char *field, const char *value)
{
    return add(command, user, field, strlen(field), value);
}

int vw_filter_program(const char *command, void *user, const char *text)
{
    return add_field(command, user, "program", text);
}

int vw_filter_procedure(const char *command, void *user, const char *text)
{
    const char *dot = strchr(text, '.');
    char program[80];
    if (!dot)
        return add_field(command, user, "procedure", text);
    snprintf(program, sizeof(program), "%.*s", (int)(dot - text), text);
    int rc = add_field(command, user, "program", program);
    return rc ? rc : add_field(command, user, "procedure", dot + 1);
}

int vw_filter_serial(const char *command, void *user, const char *text)
{
    return add_field(command, user, "serial", text);
}

int vw_filter_status(const char *command, void *user, const char *text)
{
    return add_field(command, user, "status", text);
}

int vw_filter_type(const char *command, void *user, const char *text)
{
    return add_field(command, user, "type", text);
}

/* VALUE stands at PATH of NODE, or at one of the places that a '*' in it stands for. */
static bool holds(struct json_object *node, const char *path, const char *value)
{
    char name[160];
    size_t n = strcspn(path, ".");
    const char *rest = path + n + (path[n] == '.');
    struct json_object *child;
    if (!*path)
        return node && strcmp(json_object_get_string(node), value) == 0;
    snprintf(name, sizeof(name), "%.*s", (int)n, path);
    if (json_object_is_type(node, json_type_object))
        return json_object_object_get_ex(node, name, &child) && holds(child, rest, value);
    if (!json_object_is_type(node, json_type_array))
        return false;
    size_t count = json_object_array_length(node), at = strtoul(name, NULL, 10);
    if (strcmp(name, "*") != 0)
        return at < count && holds(json_object_array_get_idx(node, at), rest, value);
    for (at = 0; at < count; at++)
        if (holds(json_object_array_get_idx(node, at), rest, value))
            return true;
    return false;
}

bool vw_filter_wants(const struct vw_message_filter *f, struct json_object *message)
{
    for (size_t i = 0; i < f->n; i++)
        if (!holds(message, f->fields[i].path, f->fields[i].value))
            return false;
    return true;
}
