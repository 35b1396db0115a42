// SPDX-License-Identifier: MIT
// host: a server of the case's own, to which an open may send the server under test (C-5).
#include <string.h>

#include "conformance/play/host.h"
#include "conformance/play/run.h"

#define ENDS "ends"

/* As enum vw_host_deed; then what becomes of one that is there. */
static const char *const deeds[] = {"silent", "answers", "hangs-up", "gone", ENDS, NULL};

static const struct vw_key list[] = {
    {"capture", VW_TAKES_TEXT | VW_TAKES_NAME, true, NULL, NULL,
     "its name, and that of the variable that holds what an open has to name"},
    {"does", VW_TAKES_TEXT, true, deeds, NULL,
     "silent: takes who comes and says nothing; answers: says the bytes of \"says\" once it has "
     "heard any; hangs-up; gone: nobody listens there; ends: one that is there goes"},
    {"says", VW_TAKES_TEXT | VW_TAKES_NUMBER, false, NULL, NULL, "bytes (hex)"},
    {NULL},
};
static const struct vw_keys keys = {"host", list, NULL};

static enum vw_step_result run_host(struct vw_run *run, const struct vw_node *value, bool first)
{
    struct vw_error err = VW_ERROR_INIT;
    const struct vw_node *name = vw_node_get(value, "capture"), *says = vw_node_get(value, "says");
    const char *does = vw_node_get(value, "does")->text;
    struct vw_host *h = vw_host_named(run, name->text);
    const uint8_t *bytes = NULL;
    size_t n = 0;
    unsigned deed = 0;
    if ((h != NULL) != (strcmp(does, ENDS) == 0))
        return vw_run_fail(run, VW_ERROR, "%s:%u: there is %s host \"%s\"", run->c->path,
                           value->line, h ? "a" : "no", name->text);
    if (h) {
        vw_host_end(h);
        return VW_STEP_DONE;
    }
    while (strcmp(deeds[deed], does) != 0)
        deed++;
    if ((says && vw_node_hex(says, &run->arena, &bytes, &n, &err) < 0) ||
        vw_host_open(run, name->text, (enum vw_host_deed)deed, bytes, n, &err) < 0)
        return vw_run_error(run, &err);
    return VW_STEP_DONE;
}

const struct vw_verb vw_verb_host = {
    {"host", VW_TAKES_MAP, false, NULL, &keys,
     "a server of the case's own on 127.0.0.1, to which an open may send the peer"},
    run_host,
};
