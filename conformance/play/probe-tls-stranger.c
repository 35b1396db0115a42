// SPDX-License-Identifier: MIT
// T-7, T-10: a client whose certificate is no good is hung up on, without the byte of T-2; by a
// server that lets in anybody it gets that byte (T-9). WITH is "none", or a folder beside that of
// the client's own files (pkipath), such as "expired".
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "conformance/play/probe.h"
#include "transport/tls.h"

/* The files of a stranger, in place of those of URI. */
struct stranger {
    struct vw_uri uri;
    char cert[512], key[512];
};

/* FILE of the folder KIND, beside the folder of OWN. */
static void beside(const char *own, const char *kind, const char *file, char *out, size_t size)
{
    const char *slash = strrchr(own, '/');
    while (slash && slash > own && slash[-1] != '/')
        slash--;
    snprintf(out, size, "%.*s%.60s/%s", slash ? (int)(slash - own) : 0, own, kind, file);
}

/* False: there is no such folder. */
static bool make(struct stranger *s, const struct vw_uri *own, const char *kind)
{
    s->uri = *own;
    s->uri.no_sanity = true; /* what is wrong with it is for the server to find */
    bool none = strcmp(kind, "none") == 0, found = none;
    for (size_t i = 0; i < own->tls_file_sets; i++) {
        s->uri.tls_files[i].cert = s->uri.tls_files[i].key = NULL;
        if (found || !own->tls_files[i].cert)
            continue;
        beside(own->tls_files[i].cert, kind, "clientcert.pem", s->cert, sizeof(s->cert));
        beside(own->tls_files[i].cert, kind, "clientkey.pem", s->key, sizeof(s->key));
        found = access(s->cert, R_OK) == 0 && access(s->key, R_OK) == 0;
        if (found) {
            s->uri.tls_files[i].cert = s->cert;
            s->uri.tls_files[i].key = s->key;
        }
    }
    return found;
}

/* What became of WHO, with N bytes read of which BYTE is the first. */
static enum vw_step_result judge(struct vw_run *run, const char *who, ssize_t n, uint8_t byte)
{
    bool welcome = run->c->needs & VW_NEED_ANYBODY;
    const char *must = welcome ? "let in" : "hung up on";
    if (n == -ETIMEDOUT)
        return vw_run_fail(run, VW_HUNG, "%s must be %s; nothing in %lld ms", who, must,
                           (long long)run->allowed_ms);
    if (welcome ? n == 1 && byte == 1 : n <= 0)
        return VW_STEP_DONE;
    if (n > 0)
        return vw_run_fail(run, VW_FAIL, "%s must be %s; it gets the byte 0x%02x", who, must, byte);
    return vw_run_fail(run, VW_FAIL, "%s must be %s; it is hung up on", who, must);
}

static enum vw_step_result run_probe(struct vw_run *run, const char *with)
{
    struct vw_error err = VW_ERROR_INIT;
    struct stranger s;
    uint8_t byte = 0;
    char who[100], what[128];
    const char *kind = with ? with : "none";
    bool none = strcmp(kind, "none") == 0;
    if (!make(&s, run->settings->uri, kind)) {
        snprintf(what, sizeof(what), "there is no folder \"%.60s\" beside that of pkipath", kind);
        return vw_run_skip(run, what);
    }
    snprintf(who, sizeof(who),
             none ? "a client without a certificate" : "a client that is \"%.60s\"", kind);
    struct vw_transport *t = vw_probe_open(run, &vw_tls_bare, &s.uri, &err);
    /* A server may refuse in the handshake already. */
    if (!t && err.code == VW_EUNREACHABLE && !vw_run_is_short(&err))
        return judge(run, who, 0, 0);
    if (!t) {
        snprintf(what, sizeof(what), "%s ", who);
        return vw_run_unconnected(run, what, &err);
    }
    ssize_t n = vw_probe_read(t, &byte, 1, run->deadline_ms);
    t->ops->close(t);
    return judge(run, who, n, byte);
}

const struct vw_probe vw_probe_tls_stranger = {"tls-stranger", run_probe};
