// SPDX-License-Identifier: MIT
// For the program that makes the image, which has none yet.
#include "schema/frozen.h"

const struct vw_image *const vw_newest_image = NULL;
