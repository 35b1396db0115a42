// SPDX-License-Identifier: MIT
// A message is put together first and written in one call, so that lines of several processes do
// not mix; what came from the user cannot break the line.
#include "cli/message.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

#include "base/finding.h"
#include "base/shown.h"
#include "cli/exit.h"

static void __attribute__((format(printf, 3, 0)))
print_line(const char *command, const char *kind, const char *fmt, va_list ap)
{
    char text[1024];
    vsnprintf(text, sizeof(text), fmt, ap);
    vw_shown_mark(text);
    fflush(stdout);
    if (command)
        fprintf(stderr, "virwire %s: %s%s\n", command, kind, text);
    else
        fprintf(stderr, "virwire: %s%s\n", kind, text);
}

int vw_cli_error(const char *command, int status, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    print_line(command, "", fmt, ap);
    va_end(ap);
    return status;
}

int vw_cli_fail(const char *command, const char *file, const struct vw_error *err)
{
    char text[1024];
    vw_error_format(err, file, text, sizeof(text));
    return vw_cli_error(command, vw_exit_of(err->code), "%s", text);
}

int vw_cli_fail_input(const char *command, const char *file, const struct vw_error *err)
{
    int status = vw_cli_fail(command, file, err);
    bool tool = err->code == VW_ENOMEM || err->code == VW_ESYSTEM;
    return tool ? status : VW_EXIT_USAGE;
}

void vw_cli_warn(const char *command, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    print_line(command, "warning: ", fmt, ap);
    va_end(ap);
}
