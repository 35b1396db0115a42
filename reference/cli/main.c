// SPDX-License-Identifier: MIT
// The virwire command: finds the subcommand, answers --help and --version, and sees to it that what
// was printed has really been written.
#include <getopt.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <virwire/version.h>

#include "base/std.h"
#include "cli/command.h"
#include "cli/commit.h"
#include "cli/exit.h"
#include "cli/message.h"
#include "cli/output.h"
#include "schema/profile.h"

static void print_help(void)
{
    fputs("Usage: virwire COMMAND [ARG...]\n"
          "       virwire --help | --version\n"
          "\n"
          "Checks that programs speak the libvirt remote protocol correctly.\n"
          "\n"
          "Commands:\n",
          stdout);
    for (const struct vw_command *const *c = vw_commands; *c; c++)
        printf("  %-10s %s\n", (*c)->name, (*c)->summary);
    fputs("\n'virwire COMMAND --help' tells more about one of them.\n", stdout);
}

/* Version, commit, and what protocol is built in: what a report of a bug needs. */
static void print_version(void)
{
    struct vw_profile *profile = NULL;

    printf("virwire %s\ncommit %s\n", VIRWIRE_VERSION, VW_COMMIT);
    if (vw_profile_load(NULL, NULL, &profile, NULL) == 0)
        printf("protocol %s, schema %s\n", profile->name, vw_schema_digest(profile->schema));
    vw_profile_destroy(profile);
}

static bool is_help(const char *arg)
{
    return strcmp(arg, "--help") == 0 || strcmp(arg, "-h") == 0;
}

/* Behind the command, or behind the one word that follows it, as in `check server --help`. */
static bool asks_for_usage(const struct vw_command *command, int argc, char **argv)
{
    bool word = argc == 3 && argv[1][0] != '-' && !command->own_help;
    return (argc == 2 || word) && is_help(argv[argc - 1]);
}

static int run_command(int argc, char **argv)
{
    const struct vw_command *command = vw_command_find(argv[0]);
    if (!command)
        return vw_command_unknown(argv[0]);
    if (asks_for_usage(command, argc, argv)) {
        fputs(command->usage, stdout);
        return VW_EXIT_OK;
    }
    opterr = 0;
    optind = 1;
    return command->run(argc, argv);
}

static int dispatch(int argc, char **argv)
{
    if (argc < 2)
        return vw_cli_error(NULL, VW_EXIT_USAGE, "no command given, see 'virwire --help'");
    if (is_help(argv[1])) {
        print_help();
        return VW_EXIT_OK;
    }
    if (strcmp(argv[1], "--version") == 0) {
        print_version();
        return VW_EXIT_OK;
    }
    if (argv[1][0] == '-')
        return vw_cli_error(NULL, VW_EXIT_USAGE, "unknown option '%s', see 'virwire --help'",
                            argv[1]);
    return run_command(argc - 1, argv + 1);
}

int main(int argc, char **argv)
{
    if (vw_std_hold() < 0)
        return VW_EXIT_TOOL;
    /* A peer that hangs up must not end us; a closed stdout is dealt with in vw_stdout_finish. */
    signal(SIGPIPE, SIG_IGN);
    /* A file that gets larger than is allowed is an error of writing, and leaves nothing behind. */
    signal(SIGXFSZ, SIG_IGN);
    vw_std_hear();
    int status = dispatch(argc, argv);
    return vw_exit_worse(status, vw_stdout_finish());
}
