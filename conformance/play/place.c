// SPDX-License-Identifier: MIT
// See place.h.
#include "conformance/play/place.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int vw_place_make(char dir[VW_PLACE_ROOM], struct vw_error *err)
{
    const char *tmp = getenv("TMPDIR");
    /* The path of a socket has 107 bytes. */
    if (!tmp || !*tmp || strlen(tmp) > 40)
        tmp = "/tmp";
    snprintf(dir, VW_PLACE_ROOM, "%s/virwire-XXXXXX", tmp);
    if (mkdtemp(dir))
        return 0;
    dir[0] = '\0';
    return vw_error_errno(err, errno, "cannot make a private folder in %s", tmp);
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *where)
{
    return remove(path);
}

void vw_place_remove(const char *dir)
{
    if (*dir)
        nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* The word that stands at TEXT, or NULL. */
static const struct vw_place_word *word_at(const char *text, const struct vw_place_word *words)
{
    while (words->mark && strncmp(text, words->mark, strlen(words->mark)) != 0)
        words++;
    return words->mark ? words : NULL;
}

char *vw_place_fill(struct vw_arena *arena, const char *text, const struct vw_place_word *words)
{
    char *out = vw_arena_strndup(arena, "", 0);
    while (*text && out) {
        const struct vw_place_word *word = word_at(text, words);
        /* A brace that is none of ours stays. */
        size_t plain = word ? 0 : 1 + strcspn(text + 1, "{");
        out = vw_arena_printf(arena, "%s%.*s%s", out, (int)plain, text, word ? word->value : "");
        text += word ? strlen(word->mark) : plain;
    }
    return out;
}
