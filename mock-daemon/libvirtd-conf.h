// SPDX-License-Identifier: MIT
// The configuration of a libvirtd as that of virwired: the names that libvirtd.conf has.
#pragma once

#include <stdio.h>

#include "mock-daemon/config.h"

/* Reads PATH over what is in C, in which first everything is as libvirtd has it by default. What
 * means nothing here, or is no name of libvirtd's, is noted on NOTES, a line each; libvirtd passes
 * over the latter as well. VW_ESYNTAX and VW_ELIMIT with line and column, VW_EUSAGE, VW_ENOMEM. */
int vw_libvirtd_conf_load(struct vw_config *c, const char *path, FILE *notes, struct vw_error *err);
/* The same from text; PATH is for the notes. */
int vw_libvirtd_conf_parse(struct vw_config *c, const char *path, const char *text, size_t len,
                           FILE *notes, struct vw_error *err);
