// SPDX-License-Identifier: MIT
// Lists the domains of a server: connects, calls one procedure by its typed function, prints.
// cc list-domains.c $(pkg-config --cflags --libs virwire) -o list-domains
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <virwire/calls.h>
#include <virwire/uri.h>

static int complain(const char *what, const struct vw_error *err)
{
    char line[600];
    fprintf(stderr, "list-domains: %s: %s\n", what, vw_error_format(err, NULL, line, sizeof(line)));
    return 1;
}

static int list(struct vw_client *c, struct vw_arena *arena, struct vw_error *err)
{
    const struct remote_connect_list_all_domains_args args = {.need_results = 1};
    struct remote_connect_list_all_domains_ret *ret;
    int rc = vw_remote_connect_list_all_domains(c, &args, arena, &ret, err);
    if (rc)
        return rc;
    const struct remote_nonnull_domain *domains = ret->domains.items;
    for (uint32_t i = 0; i < ret->domains.count; i++)
        printf("%d %s\n", domains[i].id, domains[i].name.data);
    return 0;
}

int main(int argc, char **argv)
{
    const struct vw_uri_options where = {VW_URI_OPTIONS_INIT, .uid = geteuid()};
    const struct vw_client_options options = {VW_CLIENT_OPTIONS_INIT, .timeout_ms = 10000};
    struct vw_error err = VW_ERROR_INIT;
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_client *client = NULL;
    const struct vw_uri *uri;
    int status = 0;
    if (argc != 2) {
        fprintf(stderr, "Usage: list-domains URI\n");
        return 2;
    }
    if (vw_uri_parse(argv[1], strlen(argv[1]), &where, &arena, &uri, &err) ||
        vw_client_open(uri, &options, &client, &err) || list(client, &arena, &err) ||
        vw_client_close(client, &err))
        status = complain(argv[1], &err);
    vw_client_destroy(client);
    vw_arena_finish(&arena);
    return status;
}
