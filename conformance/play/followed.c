// SPDX-License-Identifier: MIT
// Each URI is read in all dialects, as `virwire uri` reads it; what the client did is held against
// what each of them would have had it do.
#include "conformance/play/followed.h"

#include <stdio.h>
#include <string.h>
#include <virwire/uri.h>

#include "message/message.h"

#define DID_BYTES 4096
#define OPEN      1                     /* CONNECT_OPEN */
#define NAME_AT   (VW_PREFIX_BYTES + 8) /* behind the presence word and the length */
#define REMOTE    0x20008086u

/* What a client does, in words that can be compared: the name that it opens, or the words of the
 * command that it starts; or nothing. */
struct did {
    char text[DID_BYTES];
    size_t len;
};

static void say(struct did *d, const char *word, size_t len)
{
    if (d->len + len + 2 > sizeof(d->text))
        return;
    memcpy(d->text + d->len, word, len);
    d->len += len;
    d->text[d->len++] = '\n';
    d->text[d->len] = '\0';
}

static void say_word(struct did *d, const char *word)
{
    say(d, word, strlen(word));
}

/* ---- what was seen ---- */

/* The last word is the script of a client's own, or a socket where it was built for. */
static void say_started(struct did *d, struct json_object *argv)
{
    size_t n = json_object_array_length(argv);
    say_word(d, "starts");
    for (size_t i = 0; i < n; i++)
        say_word(d, i > 0 && i + 1 == n
                        ? "..."
                        : json_object_get_string(json_object_array_get_idx(argv, i)));
}

static void say_opened(struct did *d, const struct vw_overheard *open)
{
    uint32_t len = open->len >= NAME_AT ? vw_load32(open->bytes + NAME_AT - 4) : 0;
    if (len > open->len || open->len - len < NAME_AT)
        return;
    say_word(d, "opens");
    say(d, (const char *)open->bytes + NAME_AT, len);
}

/* Of one that starts a command, that: the recorder has nothing to open. */
static void look(const struct vw_run *run, struct did *d)
{
    struct json_object *argv = vw_heard_kept(run, "argv");
    if (argv && json_object_array_length(argv) > 0) {
        say_started(d, argv);
    } else {
        const struct vw_overheard *m = run->served->messages;
        while (m && !(m->from_client && m->header.procedure == OPEN && m->header.program == REMOTE))
            m = m->next;
        if (m)
            say_opened(d, m);
    }
    json_object_put(argv);
}

/* ---- what a dialect would have it do ---- */

/* False: nothing that is looked at here. */
static bool read_as(const char *text, enum vw_dialect dialect, struct vw_arena *arena,
                    struct did *d, unsigned *through)
{
    const struct vw_uri_options how = {VW_URI_OPTIONS_INIT, .dialect = dialect};
    const struct vw_uri *uri;
    const char *const *argv;
    if (vw_uri_parse(text, strlen(text), &how, arena, &uri, NULL) < 0)
        return true; /* refused */
    *through = uri->transport;
    if (uri->transport == VW_TRANSPORT_UNIX || uri->transport == VW_TRANSPORT_TCP) {
        say_word(d, "opens");
        say_word(d, uri->name);
        return true;
    }
    if (uri->transport != VW_TRANSPORT_SSH && uri->transport != VW_TRANSPORT_EXT)
        return false;
    if (vw_uri_argv(uri, VW_URI_ARGV_LITERAL, arena, &argv, NULL) < 0)
        return true; /* nothing may be made of it */
    const char *base = strrchr(argv[0], '/');
    say_word(d, "starts");
    say_word(d, base ? base + 1 : argv[0]);
    for (size_t i = 1; argv[i]; i++)
        say_word(d, argv[i + 1] ? argv[i] : "...");
    return true;
}

static bool names_uri(const struct vw_case *c)
{
    for (const struct vw_node *step = c->steps->first; step; step = step->next)
        if (vw_node_get(vw_node_get(step, "run"), "uri"))
            return true;
    return false;
}

struct vw_followed vw_followed(struct vw_run *run)
{
    static const struct vw_followed nothing = {0};
    struct vw_followed f = {0};
    struct did seen = {0}, would[VW_DIALECTS] = {0};
    bool judged = run->verdict == VW_PASS || run->verdict == VW_FAIL || run->verdict == VW_LENIENT;
    if (!run->settings->client || !run->served || !run->served->heard || !judged ||
        !names_uri(run->c))
        return nothing;
    look(run, &seen);
    f.came = seen.len > 0;
    for (unsigned i = 0; i < VW_DIALECTS; i++) {
        if (!read_as(run->served->uri, (enum vw_dialect)i, &run->arena, &would[i], &f.through))
            return nothing;
        f.asked = f.asked || strcmp(would[i].text, would[0].text) != 0;
        f.by |= strcmp(would[i].text, seen.text) == 0 ? 1U << i : 0;
    }
    return f;
}

/* ---- all of them ---- */

/* Whether what R says counts: a client that has never done anything over that transport refuses
 * it, whatever the URI. */
static bool tells(const struct vw_result *r, const bool *used)
{
    return r->followed.asked && (r->followed.came || used[r->followed.through]);
}

int vw_followed_sum(const struct vw_result *results, size_t count, struct vw_arena *arena,
                    struct vw_dialects *out, struct vw_error *err)
{
    bool used[VW_TRANSPORT_LIBSSH + 1] = {false};
    *out = (struct vw_dialects){0};
    for (size_t i = 0; i < count; i++) {
        used[results[i].followed.through] |= results[i].followed.came;
        out->asked += results[i].followed.asked;
    }
    for (unsigned d = 0; d < VW_DIALECTS; d++) {
        out->of[d].against =
            vw_arena_alloc(arena, (out->asked + 1) * sizeof(*out->of[d].against), sizeof(void *));
        if (!out->of[d].against)
            return vw_error_nomem(err);
    }
    out->asked = 0;
    for (size_t i = 0; i < count; i++) {
        if (!tells(&results[i], used))
            continue;
        out->asked++;
        for (unsigned d = 0; d < VW_DIALECTS; d++)
            if (!(results[i].followed.by >> d & 1))
                out->of[d].against[out->of[d].n_against++] = vw_finding_name(&results[i].finding);
    }
    return 0;
}
