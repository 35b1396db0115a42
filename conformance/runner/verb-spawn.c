// SPDX-License-Identifier: MIT
// spawn: starts a program beside the case, such as a real client of the server.
#include <stdio.h>
#include <string.h>

#include "conformance/runner/run.h"
#include "conformance/runner/spawned.h"

#define WORDS_MAX 32

static const struct vw_key list[] = {
    {"command", VW_TAKES_TEXTS, true, NULL, NULL,
     "the program, found on PATH, and its words; {uri} is the URI of the peer; no shell sees it"},
    {"as", VW_TAKES_TEXT, false, NULL, NULL, "the name that \"judge\" means"},
    {NULL},
};
static const struct vw_keys keys = {"spawn", list, NULL};

/* WORD with the URI in it; on the run's arena. */
static char *fill_in(struct vw_run *run, const char *word)
{
    static const char mark[] = "{uri}";
    const char *at = strstr(word, mark);
    if (!at)
        return vw_arena_strndup(&run->arena, word, strlen(word));
    char *rest = fill_in(run, at + sizeof(mark) - 1);
    return rest ? vw_arena_printf(&run->arena, "%.*s%s%s", (int)(at - word), word,
                                  run->settings->uri_text, rest)
                : NULL;
}

static enum vw_step_result run_spawn(struct vw_run *run, const struct vw_node *value, bool first)
{
    struct vw_error err = VW_ERROR_INIT;
    const struct vw_node *command = vw_node_get(value, "command"), *as = vw_node_get(value, "as");
    char *argv[WORDS_MAX + 1];
    struct vw_spawned *s;
    size_t n = 0;
    if (command->count == 0 || command->count > WORDS_MAX) {
        vw_node_error(command, &err, "a command has from 1 to %d words", WORDS_MAX);
        return vw_run_error(run, &err);
    }
    for (const struct vw_node *word = command->first; word; word = word->next, n++) {
        argv[n] = fill_in(run, word->text);
        if (!argv[n]) {
            vw_error_nomem(&err);
            return vw_run_error(run, &err);
        }
    }
    argv[n] = NULL;
    int rc = vw_spawned_start(as ? as->text : "", argv, &s, &err);
    if (rc == VW_ENAME)
        return vw_run_skip(run, err.text);
    if (rc < 0)
        return vw_run_error(run, &err);
    s->next = run->spawned;
    run->spawned = s;
    vw_log_note(&run->log, "", "started %s%s%s", argv[0], n > 1 ? ", last word " : "",
                n > 1 ? argv[n - 1] : "");
    return VW_STEP_DONE;
}

extern const struct vw_verb vw_verb_spawn;
const struct vw_verb vw_verb_spawn = {
    {"spawn", VW_TAKES_MAP, false, NULL, &keys,
     "start a program beside the case; where there is none of that name the case is skipped"},
    run_spawn,
};
