// SPDX-License-Identifier: MIT
// A parsed connection URI as JSON: what it says, what it means, and what was made of its variables.
#include "cli/uri-json.h"

#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>
#include <virwire/uri.h>

#include "base/hex.h"
#include "base/utf8.h"

/* The object under construction; BAD once memory was out. */
struct out {
    struct json_object *json;
    bool bad;
};

static void add(struct out *o, const char *name, struct json_object *value)
{
    if (json_object_object_add(o->json, name, value)) {
        json_object_put(value);
        o->bad = true;
    }
}

/* The same for a VALUE that is NULL only when memory is out. */
static void add_made(struct out *o, const char *name, struct json_object *value)
{
    o->bad |= !value;
    add(o, name, value);
}

/* An object inside O; to be ended with end(). */
static struct out begin(struct out *o)
{
    struct out inner = {json_object_new_object(), false};
    inner.bad = !inner.json;
    o->bad |= inner.bad;
    return inner;
}

static struct json_object *end(struct out *o, struct out *inner)
{
    o->bad |= inner->bad;
    return inner->json;
}

/* S, or {"hex": ...} where it is no UTF-8. */
static struct json_object *text(struct out *o, const char *s)
{
    size_t len = s ? strlen(s) : 0;
    struct json_object *json = NULL;
    if (!s)
        return NULL;
    if (vw_utf8_valid(s, len) == len) {
        json = json_object_new_string(s);
        o->bad |= !json;
        return json;
    }
    struct out hex = begin(o);
    char *digits = malloc(len * 2 + 1);
    if (digits && hex.json) {
        vw_hex_encode(s, len, digits);
        add_made(&hex, "hex", json_object_new_string(digits));
    }
    o->bad |= !digits;
    free(digits);
    return end(o, &hex);
}

static void add_text(struct out *o, const char *name, const char *s)
{
    add(o, name, text(o, s));
}

static void add_bool(struct out *o, const char *name, bool b)
{
    add_made(o, name, json_object_new_boolean(b));
}

static void add_int(struct out *o, const char *name, int n)
{
    add_made(o, name, json_object_new_int(n));
}

static struct json_object *array(struct out *o)
{
    struct json_object *a = json_object_new_array();
    o->bad |= !a;
    return a;
}

static void append(struct out *o, struct json_object *a, struct json_object *value)
{
    if (!a || json_object_array_add(a, value)) {
        json_object_put(value);
        o->bad = true;
    }
}

static void add_words(struct out *o, const char *name, const char *const *words)
{
    struct json_object *a = words ? array(o) : NULL;
    for (; words && *words; words++)
        append(o, a, text(o, *words));
    add(o, name, a);
}

static void add_variables(struct out *o, const struct vw_uri *uri)
{
    struct json_object *all = array(o);
    struct json_object *unknown = array(o);
    for (size_t i = 0; i < uri->var_count; i++) {
        const struct vw_uri_var *var = &uri->vars[i];
        struct out one = begin(o);
        if (!one.json)
            break;
        add_text(&one, "name", var->name);
        add_text(&one, "value", var->value);
        add_bool(&one, "known", var->id != VW_URI_VAR_UNKNOWN);
        add_bool(&one, "used", var->used);
        append(o, all, end(o, &one));
        if (!var->id)
            append(o, unknown, text(o, var->name));
    }
    add(o, "variables", all);
    add(o, "unknown", unknown);
}

static void add_notes(struct out *o, const char *name, const struct vw_uri_note *notes, size_t n)
{
    struct json_object *all = array(o);
    for (size_t i = 0; i < n; i++) {
        struct out one = begin(o);
        if (!one.json)
            break;
        add_text(&one, "clause", notes[i].clause);
        add_text(&one, "text", notes[i].text);
        append(o, all, end(o, &one));
    }
    add(o, name, all);
}

static void add_tls_files(struct out *o, const struct vw_uri *uri)
{
    struct json_object *sets = uri->tls_file_sets ? array(o) : NULL;
    for (size_t i = 0; i < uri->tls_file_sets; i++) {
        struct out one = begin(o);
        if (!one.json)
            break;
        add_text(&one, "ca", uri->tls_files[i].ca);
        add_text(&one, "crl", uri->tls_files[i].crl);
        add_text(&one, "cert", uri->tls_files[i].cert);
        add_text(&one, "key", uri->tls_files[i].key);
        append(o, sets, end(o, &one));
    }
    add(o, "tls_files", sets);
}

static void add_endpoint(struct out *o, const struct vw_uri *uri)
{
    bool ssh = uri->helper_uri || uri->transport == VW_TRANSPORT_SSH;
    add_text(o, "dialect", vw_dialect_name(uri->dialect));
    add_bool(o, "remote", uri->transport != VW_TRANSPORT_LOCAL);
    add_text(o, "transport", vw_transport_name(uri->transport));
    add_text(o, "driver", uri->driver);
    add_text(o, "user", uri->user);
    add_text(o, "host", uri->host);
    add_bool(o, "host_given", uri->host_given);
    if (uri->port)
        add_int(o, "port", uri->port);
    else
        add(o, "port", NULL);
    add_bool(o, "port_given", uri->port_given);
    add_text(o, "path", uri->path);
    add_text(o, "fragment", uri->fragment);
    add_bool(o, "read_only", uri->read_only);
    add_bool(o, "session", uri->session);
    add_bool(o, "inside", uri->inside);
    add_bool(o, "admin", uri->admin);
    add_text(o, "name", uri->name);
    add_text(o, "socket", uri->socket);
    add_bool(o, "socket_given", uri->socket_given);
    add_bool(o, "socket_abstract", uri->socket_abstract);
    add_text(o, "socket_direct", uri->socket_direct);
    add_text(o, "mode", vw_uri_mode_name(uri->mode));
    add_text(o, "proxy", ssh ? vw_uri_proxy_name(uri->proxy) : NULL);
    add_text(o, "helper_uri", uri->helper_uri);
}

static void add_settings(struct out *o, const struct vw_uri *uri)
{
    add_text(o, "command", uri->command);
    add_text(o, "netcat", uri->netcat);
    add_int(o, "no_verify", uri->no_verify);
    add_int(o, "no_sanity", uri->no_sanity);
    add_int(o, "no_tty", uri->no_tty);
    add_text(o, "auth", uri->auth);
    add_text(o, "sshauth", uri->sshauth);
    add_text(o, "keyfile", uri->keyfile);
    add_text(o, "pkipath", uri->pkipath);
    add_text(o, "known_hosts", uri->known_hosts);
    add_text(o, "known_hosts_verify", uri->known_hosts_verify);
    add_text(o, "tls_priority", uri->tls_priority);
    add_text(o, "authfile", uri->authfile);
    add_tls_files(o, uri);
    add_variables(o, uri);
}

int vw_uri_to_json(const struct vw_uri *uri, struct vw_arena *arena, struct json_object **out,
                   struct vw_error *err)
{
    bool ssh = uri->transport == VW_TRANSPORT_SSH;
    const char *const *argv = NULL;
    const char *const *literal = NULL;
    const char *script = NULL;
    int rc = 0;
    if (ssh || uri->transport == VW_TRANSPORT_EXT)
        rc = vw_uri_argv(uri, 0, arena, &argv, err);
    if (rc == 0 && ssh && uri->dialect != VW_DIALECT_MODERN)
        rc = vw_uri_argv(uri, VW_URI_ARGV_LITERAL, arena, &literal, err);
    if (rc == 0 && uri->helper_uri)
        rc = vw_uri_script(uri, arena, &script, err);
    const char *printed = vw_uri_print(uri, arena);
    if (rc)
        return rc;
    struct out o = {json_object_new_object(), false};
    if (!o.json || !printed) {
        json_object_put(o.json);
        return vw_error_nomem(err);
    }
    add_text(&o, "uri", printed);
    add_endpoint(&o, uri);
    add_settings(&o, uri);
    add_notes(&o, "warnings", uri->warnings, uri->warning_count);
    add_notes(&o, "notes", uri->notes, uri->note_count);
    add_words(&o, "argv", argv);
    add_words(&o, "argv_literal", literal);
    add_text(&o, "script", script);
    if (o.bad) {
        json_object_put(o.json);
        return vw_error_nomem(err);
    }
    *out = o.json;
    return 0;
}
