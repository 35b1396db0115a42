// SPDX-License-Identifier: MIT
// The command line of virwired.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VW_OPTIONS_MAX 64 /* of each option that may be repeated */

struct vw_options {
    const char *listen[VW_OPTIONS_MAX];
    size_t n_listen;
    const char *faults[VW_OPTIONS_MAX]; /* NAME[=VALUE] */
    size_t n_faults;
    const char *profile;
    const char *schema;
    const char *rules;
    const char *config;
    const char *libvirtd_conf;
    const char *run;
    const char *record;
    const char *control;
    const char *log;
    bool strict;
    bool synthesize;
    uint64_t seed;
    bool virtual_time;
    bool exit_with_parent;
    bool list_faults;
    bool help;
    bool version;
};

/* 0, or the exit status after one line on stderr. The texts are those of ARGV. */
int vw_options_parse(struct vw_options *o, int argc, char **argv);
void vw_options_usage(void);
