// SPDX-License-Identifier: MIT
// What cases that are for several programs call in each: the table, and its rows as variables.
#include "conformance/cases/program.h"

#include <string.h>

static const struct vw_played_program programs[] = {
    {.name = "remote",
     .plain = {"connect_get_type", "{}", "{type: {printable: }}"},
     .other = {"connect_get_version", "{}"},
     .asking = "domain_lookup_by_name",
     .fence = {"auth_list", "connect_get_type"}},
    /* libvirtd lets five in (admin_max_clients), and a case may have two connections. */
    {.name = "admin",
     .plain = {"connect_get_lib_version", "{}", "{libVer: {at-least: 1}}"},
     .other = {"connect_list_servers", "{}"},
     .asking = "connect_lookup_server",
     .fence = {"connect_get_lib_version", "connect_get_lib_version"},
     .jobs = 2},
    /* An owner with a process may be registered again and again. */
    {.name = "lock",
     .plain = {"register", "{owner: {id: 1, pid: 1}}"},
     .other = {"register", "{owner: {id: 2, pid: 2}}"},
     .asking = "register",
     .fence = {"register", "register"}},
    /* There is no call that succeeds and writes nothing. */
    {.name = "log",
     .plain = {"domain_get_log_file_position", "{}"},
     .other = {"domain_get_log_file_position", "{}"},
     .asking = "domain_get_log_file_position",
     .fence = {"domain_get_log_file_position", "domain_get_log_file_position"}},
};
#define N_PROGRAMS (sizeof(programs) / sizeof(programs[0]))

const char *const vw_played_names[] = {"any", "remote", "admin", "lock", "log", NULL};

const struct vw_played_program *vw_played_find(const char *name, struct vw_error *err)
{
    for (size_t i = 0; i < N_PROGRAMS; i++)
        if (strcmp(programs[i].name, name) == 0)
            return &programs[i];
    vw_error_set(err, VW_EUSAGE, "\"%.40s\" is not remote, admin, lock or log", name);
    return NULL;
}

const struct vw_played_program *vw_played_of(const struct vw_profile *profile)
{
    return vw_played_find(profile->program, NULL);
}

int vw_played_fence(const struct vw_profile *profile, bool open, const struct vw_proc **proc,
                    struct vw_error *err)
{
    const char *const *names = vw_played_of(profile)->fence;
    *proc = open ? NULL : vw_schema_call(profile->schema, profile->program, names[0]);
    if (!*proc)
        *proc = vw_schema_call(profile->schema, profile->program, names[1]);
    return *proc ? 0 : vw_error_set(err, VW_ENAME, "unknown procedure \"%s\"", names[1]);
}

bool vw_played_fits(const struct vw_profile *profile, const struct vw_node *list)
{
    const char *own = profile ? profile->program : programs[0].name;
    if (!list)
        return strcmp(own, programs[0].name) == 0;
    for (const struct vw_node *n = list->first; n; n = n->next)
        if (vw_node_is(n, "any") || vw_node_is(n, own))
            return true;
    return false;
}

/* TEXT, as YAML; NULL: nothing. */
static bool add_parsed(struct vw_node *words, struct vw_arena *arena, const char *name,
                       const char *text, struct vw_error *err)
{
    struct vw_node *n = text ? NULL : vw_node_new(arena, VW_NODE_NULL);
    return (!text || vw_yaml_parse(text, strlen(text), arena, &n, err) == 0) &&
           vw_node_add(words, name, n);
}

const struct vw_node *vw_played_words(const struct vw_profile *profile, struct vw_arena *arena,
                                      struct vw_error *err)
{
    const struct vw_played_program *p = vw_played_of(profile);
    const struct vw_schema *s = profile->schema;
    const struct vw_program *program = vw_schema_program_named(s, profile->program);
    const struct vw_proc *plain = vw_schema_call(s, p->name, p->plain.name);
    struct vw_node *words = vw_node_new(arena, VW_NODE_MAP);
    if (vw_node_add(words, "plain", vw_node_text(arena, p->plain.name)) &&
        add_parsed(words, arena, "plain_args", p->plain.args, err) &&
        add_parsed(words, arena, "plain_ret", p->plain.ret, err) &&
        vw_node_add(words, "other", vw_node_text(arena, p->other.name)) &&
        add_parsed(words, arena, "other_args", p->other.args, err) &&
        vw_node_add(words, "plain_number",
                    vw_node_printf(arena, "%d", plain ? plain->number : 0)) &&
        vw_node_add(words, "program",
                    vw_node_printf(arena, "0x%08x", program ? program->number : 0)) &&
        vw_node_add(words, "asking", vw_node_text(arena, p->asking)))
        return words;
    vw_error_nomem(err);
    return NULL;
}
