// SPDX-License-Identifier: MIT
// The known word that is nearest to a mistyped one, for error messages.
#pragma once

#include <stddef.h>

/* The word of KNOWN (N of them, none NULL) with the smallest edit distance to WORD, upper and lower
 * case taken as equal; the first of several. NULL when none is near enough to be a likely slip:
 * more than a third (rounded up) of the longer word differs, or WORD is empty or longer than 128
 * bytes. */
const char *vw_nearest(const char *word, const char *const *known, size_t n);

/* The same, word by word, for those that stand in no array. */
struct vw_near {
    const char *word;
    const char *best; /* of what was offered; NULL: none is near */
    size_t distance;  /* of BEST */
};
void vw_near_offer(struct vw_near *n, const char *known);

/* The sentence to end with: "; did you mean 'NEAR'?" behind BEFORE, or nothing where NEAR is NULL.
 * It lasts as long as the block. */
#define VW_HINT(before, near) vw_near_hint(&(struct vw_hint){""}, before, near)
struct vw_hint {
    char text[320];
};
const char *vw_near_hint(struct vw_hint *h, const char *before, const char *near);

/* The words with commas between them, as far as SIZE goes. */
void vw_list_words(const char *const *known, size_t n, char *buf, size_t size);
