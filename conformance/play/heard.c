// SPDX-License-Identifier: MIT
// What was said to the server of a case, from what it recorded: messages, and the rules that the
// client broke.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "capture/captured.h"
#include "conformance/play/client.h"
#include "message/message-json.h"
#include "message/secret.h"

#define MESSAGES_MAX 20000u
#define KEPT_MAX     (256u << 10) /* of one message */
#define LINE_BYTES   16384        /* of what a recorder kept */

static int take_message(struct vw_run *run, const struct vw_captured_event *ev)
{
    struct vw_served *s = run->served;
    const struct vw_event *e = ev->talk->event;
    size_t kept = e->length < KEPT_MAX ? e->length : KEPT_MAX;
    bool from_client = ev->talk->from == VW_SIDE_CLIENT;
    char conn[16] = "";
    if (s->n_messages == MESSAGES_MAX) {
        s->n_dropped++;
        return 0;
    }
    struct vw_overheard *m = malloc(sizeof(*m) + kept);
    if (!m)
        return VW_ENOMEM;
    *m = (struct vw_overheard){
        .from_client = from_client, .conn = ev->conn->number, .header = e->header, .len = kept};
    memcpy(m->bytes, e->message, kept);
    if (s->last)
        s->last->next = m;
    else
        s->messages = m;
    s->last = m;
    s->n_messages++;
    if (m->conn > 1)
        snprintf(conn, sizeof(conn), "%u", (unsigned)(m->conn % 1000000));
    const char *name = vw_arena_strndup(&run->arena, conn, strlen(conn));
    vw_log_add(&run->log, from_client ? VW_LOG_RECEIVED : VW_LOG_SENT, name ? name : "", m->bytes,
               m->len);
    return 0;
}

/* The first of each clause: a client that goes on breaking it is not kept without end. */
static int take_finding(struct vw_run *run, const struct vw_captured_event *ev)
{
    const struct vw_finding *f = ev->talk->finding;
    struct vw_heard_breach **at = &run->served->breaches;
    char clause[sizeof((*at)->clause)];
    if (strcmp(f->place.side, "client") != 0)
        return 0;
    snprintf(clause, sizeof(clause), "%.7s", f->clauses);
    while (*at && strcmp((*at)->clause, clause) != 0)
        at = &(*at)->next;
    if (*at)
        return 0;
    *at = vw_arena_zalloc(&run->arena, sizeof(**at), sizeof(void *));
    if (!*at)
        return VW_ENOMEM;
    memcpy((*at)->clause, clause, sizeof(clause));
    snprintf((*at)->text, sizeof((*at)->text), "%s", f->found);
    return 0;
}

static int hear(void *user, const struct vw_captured_event *ev)
{
    struct vw_run *run = user;
    if (ev->kind == VW_CAPTURED_BEGIN)
        run->served->connections++;
    if (ev->kind == VW_CAPTURED_OVER)
        vw_log_note(&run->log, "", "connection %u is over", (unsigned)ev->conn->number);
    if (ev->kind != VW_CAPTURED_TALK)
        return 0;
    if (ev->talk->kind == VW_TALK_MESSAGE)
        return take_message(run, ev);
    return ev->talk->kind == VW_TALK_FINDING ? take_finding(run, ev) : 0;
}

static int feed_all(struct vw_captured *c, int fd, struct vw_error *err)
{
    char buf[65536];
    ssize_t n;
    int rc = 0;
    while (rc == 0 && ((n = read(fd, buf, sizeof(buf))) > 0 || (n < 0 && errno == EINTR)))
        if (n > 0)
            rc = vw_captured_feed(c, buf, (size_t)n, err);
    return rc == 0 && n < 0 ? vw_error_errno(err, errno, "cannot read what was said") : rc;
}

static int read_as(struct vw_run *run, const struct vw_profile *profile, int fd,
                   struct vw_error *err)
{
    const struct vw_captured_options o = {
        .profile = profile, .strict = VW_STRICT_ALL, .sink = hear, .user = run};
    struct vw_captured *c = NULL;
    int rc = vw_captured_create(&o, &c, err);
    if (rc == 0)
        rc = feed_all(c, fd, err);
    if (rc == 0)
        rc = vw_captured_end(c, err);
    vw_captured_destroy(c);
    return rc;
}

static int read_all(struct vw_run *run, struct vw_error *err)
{
    const char *other = run->served->profile;
    struct vw_profile *profile = NULL;
    char path[128];
    snprintf(path, sizeof(path), "%s/said.pcapng", run->served->dir);
    int rc = other ? vw_profile_load(other, NULL, &profile, err) : 0;
    int fd = rc == 0 ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (rc == 0 && fd < 0)
        rc = vw_error_errno(err, errno, "cannot read %s", path);
    if (rc == 0)
        rc = read_as(run, profile ? profile : run->settings->profile, fd, err);
    if (fd >= 0)
        close(fd);
    vw_profile_destroy(profile);
    return rc;
}

int vw_heard_end(struct vw_run *run, struct vw_error *err)
{
    struct vw_served *s = run->served;
    if (!s || s->heard)
        return 0;
    s->heard = true;
    struct vw_spawned **at = &run->spawned;
    while (*at && *at != s->child)
        at = &(*at)->next;
    if (!*at)
        return 0;
    *at = s->child->next;
    vw_spawned_end(s->child);
    s->child = NULL;
    return read_all(run, err);
}

bool vw_heard_nothing(struct vw_run *run)
{
    struct vw_error err = VW_ERROR_INIT;
    return vw_heard_end(run, &err) == 0 && !run->served->messages && !run->served->breaches;
}

const char *vw_heard_latest(const struct vw_run *run, char *buf, size_t size)
{
    const struct vw_overheard *m = run->served ? run->served->last : NULL;
    struct vw_frame frame;
    if (!m) {
        snprintf(buf, size, "nothing was said");
        return buf;
    }
    vw_frame_of(m->bytes, (uint32_t)m->len, &frame);
    char *line = vw_message_to_line(run->settings->profile->schema, &frame, 160);
    snprintf(buf, size, "the last on the wire, from the %s: %.160s",
             m->from_client ? "client" : "server", line ? line : "");
    free(line);
    return buf;
}

struct json_object *vw_heard_kept(const struct vw_run *run, const char *name)
{
    struct json_object *words = json_object_new_array();
    char path[128], text[LINE_BYTES];
    snprintf(path, sizeof(path), "%s/%s", run->served->dir, name);
    FILE *f = fopen(path, "re");
    while (f && words && fgets(text, sizeof(text), f)) {
        text[strcspn(text, "\n")] = '\0';
        json_object_array_add(words, json_object_new_string(text));
    }
    if (f)
        fclose(f);
    return words;
}

static bool is_excused(const struct vw_node *excuses, const char *clause)
{
    for (const struct vw_node *n = excuses ? excuses->first : NULL; n; n = n->next)
        if (vw_node_is(n, clause) || vw_node_is(n, "*"))
            return true;
    return false;
}

bool vw_heard_judge(struct vw_run *run, const struct vw_node *excuses)
{
    struct vw_error err = VW_ERROR_INIT;
    if (vw_heard_end(run, &err) < 0) {
        vw_run_error(run, &err);
        return false;
    }
    for (struct vw_heard_breach *b = run->served ? run->served->breaches : NULL; b; b = b->next) {
        b->excused = b->excused || is_excused(excuses, b->clause);
        if (b->excused)
            continue;
        struct vw_breach *blamed =
            vw_arena_alloc(&run->arena, sizeof(*blamed), _Alignof(struct vw_breach));
        if (blamed)
            *blamed = (struct vw_breach){
                .clause = vw_arena_strndup(&run->arena, b->clause, strlen(b->clause)),
                .path = "",
                .text = b->text};
        run->blamed = blamed && blamed->clause ? blamed : NULL;
        vw_run_fail(run, VW_FAIL, "the client broke %s: %s", b->clause, b->text);
        return false;
    }
    return true;
}
