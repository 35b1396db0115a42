// SPDX-License-Identifier: MIT
// Loading the sanity cases, and reading what the peer has said of itself.
#include "conformance/play/sanity.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/shown.h"
#include "conformance/play/run.h"

/* Where a server has none of the getters. */
static const char last_step[] = "  - expect-usable:\n";

/* The procedure of a line "- send: {call: {procedure: NAME}}", or NULL: it is of another program.
 */
static const struct vw_proc *called_in(const struct vw_profile *profile, const char *line,
                                       bool *call)
{
    char name[80] = "";
    *call = sscanf(line, " - send: {call: {procedure: %79[a-z_.]", name) == 1;
    const struct vw_proc *proc = *call ? vw_schema_proc(profile->schema, name) : NULL;
    return proc && strcmp(proc->program->name, profile->program) == 0 ? proc : NULL;
}

/* The case without the questions, of two lines each, that the profile has no procedure for.
 * Malloc'ed, or NULL. */
static char *text_for(const struct vw_profile *profile)
{
    const char *line = vw_text_of_sanity;
    char *text = malloc(strlen(line) + sizeof(last_step)), *end = text;
    bool any = false, left_out = false, call;
    while (text && *line) {
        size_t n = strcspn(line, "\n") + 1;
        const struct vw_proc *proc = called_in(profile, line, &call);
        any |= proc != NULL;
        if (!left_out && (!call || proc))
            end = mempcpy(end, line, n);
        left_out = call && !proc;
        line += n;
    }
    if (text)
        strcpy(end, any ? "" : last_step);
    return text;
}

int vw_sanity_load(struct vw_sanity *s, const struct vw_profile *profile, struct vw_error *err)
{
    const struct vw_suite_options options = {.profile = profile};
    memset(s, 0, sizeof(*s));
    char *ask = text_for(profile);
    int rc = ask ? vw_suite_add(&s->suite, "sanity", "sanity", ask, strlen(ask), &options, err)
                 : vw_error_nomem(err);
    free(ask);
    if (rc == 0)
        rc = vw_suite_add(&s->suite, "settle", "settle", vw_text_of_settle,
                          strlen(vw_text_of_settle), &options, err);
    if (rc == 0)
        rc = vw_suite_add(&s->suite, "marks", "marks", vw_text_of_marks, strlen(vw_text_of_marks),
                          &options, err);
    if (rc < 0)
        return rc;
    s->ask = &s->suite.cases[0];
    s->settle = &s->suite.cases[1];
    s->marks = &s->suite.cases[2];
    return 0;
}

void vw_sanity_finish(struct vw_sanity *s)
{
    vw_suite_finish(&s->suite);
}

static void copy_text(struct json_object *vars, const char *name, char *out, size_t size)
{
    struct json_object *v = NULL;
    if (json_object_object_get_ex(vars, name, &v) && json_object_is_type(v, json_type_string))
        snprintf(out, size, "%s", json_object_get_string(v));
    vw_shown_mark(out);
}

/* REMOTE_AUTH_SASL is "sasl". */
static void copy_login(const struct vw_run *run, char *out, size_t size)
{
    static const char prefix[] = "REMOTE_AUTH_";
    const char *name = vw_run_method(run);
    if (strncmp(name, prefix, sizeof(prefix) - 1) == 0)
        name += sizeof(prefix) - 1;
    size_t n = 0;
    for (; name[n] && n + 1 < size; n++)
        out[n] = (char)tolower((unsigned char)name[n]);
    out[n] = 0;
}

void vw_sanity_peer(const struct vw_run *run, struct vw_peer *peer)
{
    struct json_object *v = NULL;
    copy_login(run, peer->login, sizeof(peer->login));
    copy_text(run->variables, "driver", peer->driver, sizeof(peer->driver));
    copy_text(run->variables, "hostname", peer->hostname, sizeof(peer->hostname));
    if (json_object_object_get_ex(run->variables, "version", &v)) {
        uint64_t n = json_object_get_uint64(v);
        snprintf(peer->lib_version, sizeof(peer->lib_version), "%" PRIu64 ".%" PRIu64 ".%" PRIu64,
                 n / 1000000, n / 1000 % 1000, n % 1000);
    }
}
