// SPDX-License-Identifier: MIT
// A parsed connection URI as JSON: what it says, what it means, and what was made of its variables.
#include "cli/uri-json.h"

#include <string.h>

#include <json-c/json.h>

#include "uri/uri.h"

/* The object under construction; BAD once memory was out. */
struct out {
    struct json_object *json;
    bool bad;
};

/* Length of the UTF-8 sequence at S, 0 when there is none (overlong and surrogates included). */
static size_t utf8_len(const unsigned char *s)
{
    if (s[0] < 0x80)
        return 1;
    size_t len = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
    if (s[0] < 0xc2 || s[0] > 0xf4)
        return 0;
    for (size_t i = 1; i < len; i++)
        if ((s[i] & 0xc0) != 0x80)
            return 0;
    if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
        (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
        return 0;
    return len;
}

static bool is_utf8(const char *text)
{
    const unsigned char *s = (const unsigned char *)text;
    for (size_t n; *s; s += n)
        if ((n = utf8_len(s)) == 0)
            return false;
    return true;
}

static struct json_object *hex_object(const char *s)
{
    static const char digits[] = "0123456789abcdef";
    size_t len = strlen(s);
    char *hex = malloc(len * 2 + 1);
    struct json_object *json = json_object_new_object();
    if (hex) {
        for (size_t i = 0; i < len; i++) {
            hex[i * 2] = digits[(unsigned char)s[i] >> 4];
            hex[i * 2 + 1] = digits[s[i] & 15];
        }
        struct json_object *text = json_object_new_string_len(hex, (int)len * 2);
        if (!json || !text || json_object_object_add(json, "hex", text)) {
            json_object_put(text);
            json_object_put(json);
            json = NULL;
        }
    } else {
        json_object_put(json);
        json = NULL;
    }
    free(hex);
    return json;
}

static struct json_object *text(struct out *o, const char *s)
{
    if (!s)
        return NULL;
    struct json_object *json = is_utf8(s) ? json_object_new_string(s) : hex_object(s);
    o->bad |= !json;
    return json;
}

static void add(struct out *o, const char *name, struct json_object *value)
{
    if (json_object_object_add(o->json, name, value)) {
        json_object_put(value);
        o->bad = true;
    }
}

static void add_text(struct out *o, const char *name, const char *s)
{
    add(o, name, text(o, s));
}

static void add_bool(struct out *o, const char *name, bool b)
{
    struct json_object *value = json_object_new_boolean(b);
    o->bad |= !value;
    add(o, name, value);
}

static void add_int(struct out *o, const char *name, int n)
{
    struct json_object *value = json_object_new_int(n);
    o->bad |= !value;
    add(o, name, value);
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
