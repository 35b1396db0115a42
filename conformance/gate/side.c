// SPDX-License-Identifier: MIT
// One of the two versions: its texts, what is made of them, and what went wrong.
#include "conformance/gate/side.h"

#include <stdlib.h>

#include "base/room.h"

int vw_gate_side_start(struct vw_gate_side *s, const char *name)
{
    *s = (struct vw_gate_side){.name = name, .error_file = ""};
    vw_arena_init(&s->arena);
    return vw_schema_create(&s->own);
}

void vw_gate_side_finish(struct vw_gate_side *s)
{
    vw_schema_destroy(s->own);
    vw_profile_destroy(s->profile);
    vw_arena_finish(&s->arena);
    *s = (struct vw_gate_side){0};
}

static const char *base_of(const char *file)
{
    const char *colon = strrchr(file, ':'), *slash = strrchr(colon ? colon : file, '/');
    return slash ? slash + 1 : colon ? colon + 1 : file;
}

static int add_lock(struct vw_gate_side *s, const char *file, const char *text, size_t len,
                    struct vw_error *err)
{
    static const char head[] = "# wire ";
    const char *x, *end = memchr(text, '\n', len);
    size_t x_len;
    if (end && strncmp(text, head, sizeof(head) - 1) == 0) {
        const char *digest = text + sizeof(head) - 1;
        s->wire = vw_arena_strndup(&s->arena, digest, (size_t)(end - digest));
        if (!s->wire)
            return vw_error_nomem(err);
    }
    int rc = vw_gate_lock_to_x(text, len, &s->arena, &x, &x_len, err);
    rc = rc ? rc : vw_schema_add(s->own, file, x, x_len, false, err);
    if (rc)
        s->error_file = file;
    return rc;
}

int vw_gate_side_add(struct vw_gate_side *s, const char *file, const char *text, size_t len,
                     struct vw_error *err)
{
    struct vw_gate_file *list = vw_arena_room(&s->arena, s->files, s->n_files, sizeof(*list));
    struct vw_gate_file f = {.name = vw_arena_strndup(&s->arena, file, strlen(file)),
                             .text = vw_arena_strndup(&s->arena, text, len),
                             .len = len};
    if (!list || !f.name || !f.text)
        return vw_error_nomem(err);
    if (vw_gate_is_lock(text, len))
        return add_lock(s, f.name, f.text, len, err);
    f.base = base_of(f.name);
    s->files = list;
    s->files[s->n_files++] = f;
    int rc = vw_schema_add(s->own, file, text, len, false, err);
    if (rc)
        s->error_file = f.name;
    return rc;
}

bool vw_gate_is_annotated(const struct vw_schema *s)
{
    size_t n;
    const struct vw_program *const *list = vw_schema_programs(s, &n);
    for (size_t i = 0; i < n; i++)
        for (uint32_t k = 0; k < list[i]->n_procs; k++)
            if (list[i]->procs[k].n_annotations)
                return true;
    return false;
}

int vw_gate_side_make(struct vw_gate_side *s, const char *const *defines, struct vw_error *err)
{
    int rc = 0;
    for (; s->own && defines && *defines && !rc; defines++)
        rc = vw_schema_define_text(s->own, *defines, err);
    if (s->own && !rc)
        rc = vw_schema_finish(s->own, err);
    if (rc) {
        s->error_file = vw_schema_error_file(s->own);
        return rc;
    }
    size_t types, programs;
    s->schema = s->own ? s->own : s->profile->schema;
    vw_schema_types(s->schema, &types);
    vw_schema_programs(s->schema, &programs);
    s->annotated = vw_gate_is_annotated(s->schema);
    if (types + programs == 0) {
        s->error_file = s->name;
        return vw_error_set(err, VW_EUSAGE, "defines nothing");
    }
    return 0;
}

/* ---- what went wrong ---- */

const char *vw_gate_error_rule(const struct vw_error *err, bool old)
{
    static const struct {
        const char *words, *rule;
    } known[] = {
        {"' has number ", "PRC007"},
        {"is already defined", "PRC007"},
        {" is already '", "PRG006"},
    };
    if (strcmp(err->text, "defines nothing") == 0)
        return old ? "GEN002" : "GEN003";
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (strstr(err->text, known[i].words))
            return known[i].rule;
    return old && err->code != VW_ESYNTAX ? "GEN002" : "GEN001";
}
