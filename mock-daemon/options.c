// SPDX-License-Identifier: MIT
// Reading the command line; every mistake is one line on stderr.
#include "mock-daemon/options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"

enum {
    OPT_LISTEN = 256,
    OPT_PROFILE,
    OPT_SCHEMA,
    OPT_FAULT,
    OPT_RULES,
    OPT_CONFIG,
    OPT_LIBVIRTD_CONF,
    OPT_RUN,
    OPT_RECORD,
    OPT_LOG,
    OPT_STRICT,
    OPT_SYNTHESIZE,
    OPT_CONTROL,
    OPT_TIME,
    OPT_PARENT,
    OPT_VERSION
};

static const struct option longs[] = {
    {"listen", required_argument, NULL, OPT_LISTEN},
    {"profile", required_argument, NULL, OPT_PROFILE},
    {"schema", required_argument, NULL, OPT_SCHEMA},
    {"fault", required_argument, NULL, OPT_FAULT},
    {"rules", required_argument, NULL, OPT_RULES},
    {"config", required_argument, NULL, OPT_CONFIG},
    {"libvirtd-conf", required_argument, NULL, OPT_LIBVIRTD_CONF},
    {"run", required_argument, NULL, OPT_RUN},
    {"record", required_argument, NULL, OPT_RECORD},
    {"log", required_argument, NULL, OPT_LOG},
    {"strict", no_argument, NULL, OPT_STRICT},
    {"synthesize", required_argument, NULL, OPT_SYNTHESIZE},
    {"control", required_argument, NULL, OPT_CONTROL},
    {"time", required_argument, NULL, OPT_TIME},
    {"exit-with-parent", no_argument, NULL, OPT_PARENT},
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, OPT_VERSION},
    {NULL, 0, NULL, 0},
};

void vw_options_usage(void)
{
    puts(
        "usage: virwired --listen URI [OPTIONS]\n"
        "A libvirtd that is not one: it speaks the remote protocol and has one domain, `test`.\n"
        "\n"
        "  --listen URI          unix:///PATH[?readonly=1 or ?program=admin],\n"
        "                        unix:@NAME (abstract),\n"
        "                        tcp://ADDRESS[:PORT] (16509; 0: any),\n"
        "                        tls://ADDRESS[:PORT]?pkipath=DIR (16514), or stdio: for the\n"
        "                        transports ext and ssh; may be repeated\n"
        "  --profile NAME        the release to speak as: 0.3.0, 7.0.0, ... (default: the "
        "newest),\n"
        "                        or a profile file\n"
        "  --schema DIR          speak the .x files of DIR; what is new in them gets the smallest "
        "answer\n"
        "  --fault NAME[=VALUE]  misbehave; may be repeated; `--fault list` names them all\n"
        "  --rules FILE          when this message passes, do that (YAML, docs/mock-daemon.md)\n"
        "  --config FILE         log-in, limits, hostname, domains (YAML)\n"
        "  --libvirtd-conf FILE  where to listen, who may log in, limits, as libvirtd.conf has "
        "them\n"
        "  --run CMD             run CMD with VIRWIRED_URI set and {uri} replaced, end with it\n"
        "  --record FILE         write what is said to FILE as pcapng, without its secrets\n"
        "  --log [KIND=]FILE     each message decoded, what the client did wrong, why connections\n"
        "                        ended, as text or json; without secrets. With --run a summary\n"
        "  --strict              fail (1) when the client broke a clause\n"
        "  --synthesize SEED     answer what is not modelled with valid values made from SEED\n"
        "  --control PATH        a socket by which a test steers it (virwire control)\n"
        "  --time virtual        keepalive, delays and jobs go by a clock that only --control "
        "moves\n"
        "  --exit-with-parent    end when the parent process does\n"
        "  --help, --version");
}

static int fail(const char *text, const char *what)
{
    fprintf(stderr, "virwired: %s%s%s\n", text, what ? ": " : "", what ? what : "");
    return 2;
}

static int append(const char **list, size_t *n, const char *value, const char *option)
{
    if (*n == VW_OPTIONS_MAX)
        return fail("too often", option);
    list[(*n)++] = value;
    return 0;
}

static int take_time(struct vw_options *o, const char *word)
{
    o->virtual_time = strcmp(word, "virtual") == 0;
    return o->virtual_time || strcmp(word, "real") == 0 ? 0
                                                        : fail("--time is real or virtual", word);
}

static int take_seed(struct vw_options *o, const char *word)
{
    char *end;
    errno = 0;
    o->seed = strtoull(word, &end, 10);
    o->synthesize = word[0] >= '0' && word[0] <= '9' && !*end && errno == 0;
    return o->synthesize ? 0 : fail("--synthesize takes a number from 0 to 2^64 - 1", word);
}

static int take(struct vw_options *o, int opt)
{
    switch (opt) {
    case OPT_LISTEN:
        return append(o->listen, &o->n_listen, optarg, "--listen");
    case OPT_FAULT:
        if (strcmp(optarg, "list") == 0) {
            o->list_faults = true;
            return 0;
        }
        return append(o->faults, &o->n_faults, optarg, "--fault");
    case OPT_PROFILE:
        o->profile = optarg;
        return 0;
    case OPT_SCHEMA:
        o->schema = optarg;
        return 0;
    case OPT_RULES:
        o->rules = optarg;
        return 0;
    case OPT_CONFIG:
        o->config = optarg;
        return 0;
    case OPT_LIBVIRTD_CONF:
        o->libvirtd_conf = optarg;
        return 0;
    case OPT_RUN:
        o->run = optarg;
        return 0;
    case OPT_RECORD:
        o->record = optarg;
        return 0;
    case OPT_LOG:
        o->log = optarg;
        return 0;
    case OPT_STRICT:
        o->strict = true;
        return 0;
    case OPT_SYNTHESIZE:
        return take_seed(o, optarg);
    case OPT_CONTROL:
        o->control = optarg;
        return 0;
    case OPT_TIME:
        return take_time(o, optarg);
    case OPT_PARENT:
        o->exit_with_parent = true;
        return 0;
    case OPT_VERSION:
        o->version = true;
        return 0;
    default:
        o->help = true;
        return 0;
    }
}

/* getopt's own words would be a line of another shape. */
static int complain(char **argv, int opt)
{
    const char *word = argv[optind - 1], *names[OPT_VERSION - OPT_LISTEN + 2];
    size_t n = 0;
    if (opt == ':')
        return fail("an option lacks its value", word);
    for (const struct option *o = longs; o->name; o++)
        names[n++] = o->name;
    const char *near = strncmp(word, "--", 2) == 0 ? vw_nearest(word + 2, names, n) : NULL;
    if (!near)
        return fail("no such option (--help lists them)", word);
    fprintf(stderr, "virwired: no such option: %s, did you mean '--%s'?\n", word, near);
    return 2;
}

int vw_options_parse(struct vw_options *o, int argc, char **argv)
{
    int opt;
    *o = (struct vw_options){0};
    opterr = 0;
    optind = 1;
    while ((opt = getopt_long(argc, argv, ":h", longs, NULL)) >= 0) {
        int rc = opt == '?' || opt == ':' ? complain(argv, opt) : take(o, opt);
        if (rc)
            return rc;
    }
    if (optind < argc)
        return fail("nothing is expected here", argv[optind]);
    if (!o->help && !o->version && !o->list_faults && o->n_listen == 0 && !o->libvirtd_conf)
        return fail("at least one --listen is needed (--help says how)", NULL);
    return 0;
}
