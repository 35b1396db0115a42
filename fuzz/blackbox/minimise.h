// SPDX-License-Identifier: MIT
// Making a journal small: first messages go, then parts of those that are left, as long as what was
// found is found again.
#pragma once

#include "fuzz/blackbox/campaign.h"
#include "fuzz/blackbox/journal.h"

struct vw_minimise_options {
    const struct vw_run_settings *settings;
    struct vw_target *target; /* started again behind each crash, or by somebody else */
    const volatile sig_atomic_t *interrupted;
    /* Behind each try; NULL: not told. */
    void (*progress)(void *user, size_t messages, size_t bytes, unsigned tries);
    void *user;
};

struct vw_minimised {
    struct vw_arena arena; /* of all that follows */
    struct vw_journal_entry *list;
    size_t count;
    size_t messages, bytes;    /* in it */
    struct vw_finding finding; /* its texts are those of FOUND */
    struct vw_found found;
    unsigned tries;
};

/* VW_EVALUE: the journal does not show it again (or what it shows takes a whole run: memory,
 * descriptors); VW_EUNREACHABLE: the server does not come back; others of vw_replay. Finish OUT in
 * any case. */
int vw_minimise(const struct vw_minimise_options *o, const struct vw_journal_text *text,
                struct vw_minimised *out, struct vw_error *err);
void vw_minimised_finish(struct vw_minimised *m);

/* Writes M as a journal with HEAD to PATH, which must not be there. */
int vw_minimised_write(const struct vw_minimised *m, const char *path,
                       const struct vw_journal_head *head, struct vw_error *err);

/* Writes the entries as a case that `virwire check server --suite` plays (case.c). VW_ENOMEM. */
int vw_case_write(const struct vw_profile *profile, const struct vw_minimised *m, FILE *out,
                  struct vw_error *err);
