// SPDX-License-Identifier: MIT
// Where an element of a domain's XML stands among those beside it.
#pragma once

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#define VW_DOMAIN_PLACE_LAST INT_MAX

/* The place of ELEMENT within PARENT, to be compared; VW_DOMAIN_PLACE_LAST: behind the others.
 * Below 0: libvirt knows no such element there. */
int vw_domain_place(const char *parent, const char *element);
