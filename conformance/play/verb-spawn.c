// SPDX-License-Identifier: MIT
// spawn: starts a program beside the case, such as a real client of the server.
#include <string.h>

#include "conformance/play/run.h"
#include "conformance/play/spawned.h"

#define WORDS_MAX 32
#define WORD_MAX  65536

static const struct vw_key list[] = {
    {"command", VW_TAKES_TEXTS, true, NULL, NULL,
     "the program, found on PATH, and its words; {uri} is the URI of the peer; no shell sees it"},
    {"as", VW_TAKES_TEXT | VW_TAKES_NAME, false, NULL, NULL, "the name that \"judge\" means"},
    {NULL},
};
static const struct vw_keys keys = {"spawn", list, NULL};

static int append_word(const struct vw_node *word, const char *uri, struct vw_buf *out,
                       struct vw_error *err)
{
    static const char mark[] = "{uri}";
    const size_t uri_len = strlen(uri);
    for (const char *s = word->text; *s;) {
        const char *at = strstr(s, mark);
        size_t plain = at ? (size_t)(at - s) : strlen(s), more = at ? uri_len : 0;
        if (plain + more > WORD_MAX - out->len)
            return vw_node_error(word, err, "a word has at most %d bytes, the URI in it included",
                                 WORD_MAX);
        if (vw_buf_append(out, s, plain) < 0 || vw_buf_append(out, uri, more) < 0)
            return vw_error_nomem(err);
        s += plain + (at ? sizeof(mark) - 1 : 0);
    }
    return 0;
}

/* WORD with the URI in it, on the run's arena; NULL: ERR. */
static char *fill_in(struct vw_run *run, const struct vw_node *word, struct vw_error *err)
{
    struct vw_buf out = VW_BUF_INIT;
    char *made = NULL;
    if (append_word(word, run->settings->uri_text, &out, err) == 0) {
        made = vw_arena_strndup(&run->arena, out.len ? (const char *)out.data : "", out.len);
        if (!made)
            vw_error_nomem(err);
    }
    vw_buf_finish(&out);
    return made;
}

static enum vw_step_result run_spawn(struct vw_run *run, const struct vw_node *value, bool first)
{
    struct vw_error err = VW_ERROR_INIT;
    const struct vw_node *command = vw_node_get(value, "command"), *as = vw_node_get(value, "as");
    char *argv[WORDS_MAX + 1];
    struct vw_spawned *s;
    size_t n = 0;
    if (run->conns && run->conns->method == VW_AUTH_SASL && !run->settings->uri->authfile)
        return vw_run_skip(run, "the peer asks for authentication (REMOTE_AUTH_SASL), and only an "
                                "authfile of the URI tells other programs who logs in");
    if (command->count == 0 || command->count > WORDS_MAX) {
        vw_node_error(command, &err, "a command has from 1 to %d words", WORDS_MAX);
        return vw_run_error(run, &err);
    }
    for (const struct vw_node *word = command->first; word; word = word->next, n++) {
        argv[n] = fill_in(run, word, &err);
        if (!argv[n])
            return vw_run_error(run, &err);
    }
    argv[n] = NULL;
    const struct vw_spawned_options o = {.name = as ? as->text : "",
                                         .argv = (const char *const *)argv};
    int rc = vw_spawned_start(&o, &s, &err);
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

const struct vw_verb vw_verb_spawn = {
    {"spawn", VW_TAKES_MAP, false, NULL, &keys,
     "start a program beside the case; where there is none of that name the case is skipped"},
    run_spawn,
};
