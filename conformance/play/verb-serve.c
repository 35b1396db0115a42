// SPDX-License-Identifier: MIT
// serve: starts the server of a case about a client.
#include "conformance/play/client.h"

static enum vw_step_result run_serve(struct vw_run *run, const struct vw_node *value, bool first)
{
    struct vw_error err = VW_ERROR_INIT;
    const struct vw_node *listen = vw_node_get(value, "listen");
    if (!run->settings->client)
        return vw_run_fail(run, VW_ERROR, "%s:%u: only cases about clients have a server to serve",
                           run->c->path, run->step->line);
    if (first && listen && vw_node_is(listen, "tls") && !run->settings->client->pki)
        return vw_run_skip(run, "needs certificates: --pki DIR, which ci/make-pki makes");
    int rc = first ? vw_served_start(run, value, &err) : 0;
    if (rc == 0)
        rc = vw_served_ready(run, &err);
    if (rc < 0)
        return vw_run_error(run, &err);
    if (rc > 0)
        return VW_STEP_DONE;
    return vw_run_late(run) ? vw_run_fail(run, VW_ERROR, "virwired is not ready after %lld ms",
                                          (long long)run->allowed_ms)
                            : VW_STEP_WAIT;
}

const struct vw_verb vw_verb_serve = {
    {"serve", VW_TAKES_MAP | VW_TAKES_NOTHING, false, NULL, &vw_serve_keys,
     "of cases about clients: start the server, with the rules and faults that are given"},
    run_serve,
};
