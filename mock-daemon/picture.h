// SPDX-License-Identifier: MIT
// The picture that screenshots show, as a PNG.
#pragma once

#include <stddef.h>
#include <stdint.h>

/* *OUT is the same at each call and lasts; returns its length. */
size_t vw_picture(const uint8_t **out);
