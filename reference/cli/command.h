// SPDX-License-Identifier: MIT
// What a subcommand of virwire is. Each is one file cmd-NAME.c with one constant
// vw_command_NAME, its help text usage/NAME.txt, and one word in the list of this folder's
// meson.build.
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct vw_command {
    const char *name;
    const char *summary; /* one line for `virwire --help`, starts small, no full stop */
    const char *usage;   /* text of `virwire NAME --help`: usage/NAME.txt */

    bool own_help; /* --help beside a word is an option of its own */

    /* argv[0] is the name; getopt is ready to be used. Returns an enum vw_exit. --help or -h alone,
     * or behind one word where OWN_HELP is not set, never gets here. */
    int (*run)(int argc, char **argv);
};

/* All commands, in the order of the list; ends with NULL. */
extern const struct vw_command *const vw_commands[];

/* NULL when there is none of that name. */
const struct vw_command *vw_command_find(const char *name);

/* Says on stderr that there is no command NAME, and which known one is near. Returns VW_EXIT_USAGE.
 */
int vw_command_unknown(const char *name);
