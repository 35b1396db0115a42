// SPDX-License-Identifier: MIT
// getopt_long with our own messages, and numbers that are taken as a whole or not at all.
#include "cli/options.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"
#include "cli/exit.h"
#include "cli/message.h"

#define MAX_OPTIONS 64
#define MAX_WORD    128
#define FIRST_LONG  256 /* of those without a letter, above every letter */

/* Reports the option that getopt_long stumbled over: WORD is its element of argv. */
static void report_unknown(const char *command, const char *word, const struct option *longs)
{
    if (strncmp(word, "--", 2) != 0) {
        bool number = optopt >= '0' && optopt <= '9';
        vw_cli_error(command, VW_EXIT_USAGE, "unknown option '-%c'%s", optopt,
                     number ? "; a value that begins with '-' stands behind '--'" : "");
        return;
    }

    char name[MAX_WORD + 1] = "";
    size_t len = strcspn(word + 2, "=");
    if (len <= MAX_WORD)
        memcpy(name, word + 2, len);
    struct vw_near near = {.word = name};
    size_t prefixes = 0;
    bool whole = false;
    for (const struct option *o = longs; o->name; o++) {
        prefixes += name[0] && strncmp(o->name, name, len) == 0;
        whole = whole || strcmp(o->name, name) == 0;
        vw_near_offer(&near, o->name);
    }
    if (prefixes > 1 && !whole)
        vw_cli_error(command, VW_EXIT_USAGE, "option '--%s' may mean several", name);
    else if (prefixes)
        vw_cli_error(command, VW_EXIT_USAGE, "option '--%s' takes no value", name);
    else if (near.best)
        vw_cli_error(command, VW_EXIT_USAGE, "unknown option '--%s', did you mean '--%s'?", name,
                     near.best);
    else
        vw_cli_error(command, VW_EXIT_USAGE, "unknown option '%s'", word);
}

/* getopt_long, with what it stumbles over reported. */
static int next_option(const char *command, int argc, char **argv, const char *shorts,
                       const struct option *longs)
{
    int tried = optind > 0 ? optind : 1;
    opterr = 0;
    /* The kind of a check stands before its options, also where we say how to run a case again. */
    unsetenv("POSIXLY_CORRECT");
    int opt = getopt_long(argc, argv, shorts, longs, NULL);
    /* With permutation optind may have moved over operands: the option is the element before it,
     * but for a cluster of letters that is not finished. */
    const char *word = argv[optind > tried ? optind - 1 : tried];
    if (opt == ':') {
        vw_cli_error(command, VW_EXIT_USAGE, "option '%s' needs a value", word);
        return '?';
    }
    if (opt == '?')
        report_unknown(command, word, longs);
    return opt;
}

static int take(const char *command, const struct vw_cli_option *o, const char *value)
{
    char name[MAX_WORD];
    uint64_t number;
    snprintf(name, sizeof(name), "--%s", o->name);
    if (o->flag)
        *o->flag = true;
    if (o->text)
        *o->text = value;
    if (o->list && *o->n == o->max)
        return vw_cli_error(command, VW_EXIT_USAGE, "%s: at most %" PRIu64 " of them", name,
                            o->max);
    if (o->list)
        o->list[(*o->n)++] = value;
    if (o->ms)
        return vw_cli_seconds(command, name, value, 0, (int)o->max, o->ms);
    if (o->number)
        return vw_cli_number(command, name, value, o->min, o->max, o->number);
    if (o->count) {
        int rc = vw_cli_number(command, name, value, o->min, o->max, &number);
        *o->count = rc == 0 ? (unsigned)number : *o->count;
        return rc;
    }
    return o->take ? o->take(command, o->user, value) : 0;
}

int vw_cli_options(const char *command, int argc, char **argv, const struct vw_cli_option *options)
{
    struct option longs[MAX_OPTIONS + 1] = {{0}};
    /* ':' in front makes getopt_long tell a missing value from an unknown option. */
    char shorts[2 * MAX_OPTIONS + 2] = ":", *s = shorts + 1;
    for (int i = 0; i < MAX_OPTIONS && options[i].name; i++) {
        const struct vw_cli_option *o = &options[i];
        int value = o->flag ? no_argument : o->bare ? optional_argument : required_argument;
        longs[i] = (struct option){o->name, value, NULL, o->letter ? o->letter : FIRST_LONG + i};
        if (o->letter)
            s += sprintf(s, value == no_argument ? "%c" : "%c:", o->letter);
    }
    for (int opt; (opt = next_option(command, argc, argv, shorts, longs)) != -1;) {
        const struct vw_cli_option *o = options;
        if (opt == '?')
            return VW_EXIT_USAGE;
        while (o->name && o->letter != opt && FIRST_LONG + (o - options) != opt)
            o++;
        int rc = take(command, o, optarg);
        if (rc)
            return rc;
    }
    return 0;
}

int vw_cli_seconds(const char *command, const char *option, const char *text, int zero, int max_ms,
                   int *ms)
{
    const char *p = text;
    uint64_t value = 0;
    unsigned scale = 1000;
    int digits = 0, rest = 0;

    for (; isdigit((unsigned char)*p); p++, digits++)
        if (value <= INT32_MAX)
            value = value * 10 + (unsigned)(*p - '0');
    value *= 1000;
    if (*p == '.')
        for (p++; isdigit((unsigned char)*p); p++, digits++) {
            scale /= 10;
            value += scale * (unsigned)(*p - '0');
            rest |= scale == 0 && *p != '0';
        }
    value += (unsigned)rest;
    if (*p || digits == 0)
        return vw_cli_error(command, VW_EXIT_USAGE, "%s '%s' is not a number of seconds", option,
                            text);
    if (value > (uint64_t)max_ms)
        return vw_cli_error(command, VW_EXIT_USAGE, "%s '%s' is more than %d seconds", option, text,
                            max_ms / 1000);
    if (value == 0 && !zero)
        return vw_cli_error(command, VW_EXIT_USAGE, "%s must be more than 0 seconds", option);
    *ms = (int)value;
    return 0;
}

int vw_cli_number(const char *command, const char *option, const char *text, uint64_t min,
                  uint64_t max, uint64_t *value)
{
    char *end;
    int base = strncasecmp(text, "0x", 2) == 0 ? 16 : 10;

    errno = 0;
    uint64_t v = strtoull(text, &end, base);
    if (!isalnum((unsigned char)text[0]) || *end || end == text)
        return vw_cli_error(command, VW_EXIT_USAGE, "%s '%s' is not a whole number", option, text);
    if (errno == ERANGE || v < min || v > max)
        return vw_cli_error(command, VW_EXIT_USAGE,
                            "%s '%s' is not between %" PRIu64 " and %" PRIu64, option, text, min,
                            max);
    *value = v;
    return 0;
}
