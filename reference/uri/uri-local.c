// SPDX-License-Identifier: MIT
// What today's clients make of a scheme and a host beyond the transport: drivers inside the client
// (U-18), the daemons that virt-admin talks to (U-14), and what is legal and surely not meant.
#include <string.h>

#include "uri/internal.h"

/* Drivers that libvirt's client has inside. Those of one machine are asked only without a host. */
static const struct inside {
    const char *driver;
    bool anywhere;
} inside[] = {
    {"test", false},         {"openvz", false},   {"vmwareplayer", false}, {"vmwarews", false},
    {"vmwarefusion", false}, {"esx", true},       {"vpx", true},           {"gsx", true},
    {"hyperv", true},        {"parallels", true},
};

static bool is_inside(const struct vw_uri *u)
{
    if (u->transport_given)
        return false;
    for (size_t i = 0; i < sizeof(inside) / sizeof(inside[0]); i++)
        if (strcmp(u->driver, inside[i].driver) == 0)
            return inside[i].anywhere || !u->host_given;
    return !u->host_given && strcmp(u->path, "/embed") == 0;
}

/* libvirtd, virtqemud, virtlogd and such. */
static bool is_daemon(const char *driver)
{
    size_t len = strlen(driver);
    if (strcmp(driver, "libvirtd") == 0)
        return true;
    return len > 5 && strncmp(driver, "virt", 4) == 0 && driver[len - 1] == 'd' &&
           strspn(driver, "abcdefghijklmnopqrstuvwxyz") == len;
}

static bool is_word(const char *host)
{
    return strcmp(host, "system") == 0 || strcmp(host, "session") == 0;
}

/* virt-admin goes to the machine that it is on, whatever host there is. */
static int look_at_daemon(struct parse *p)
{
    struct vw_uri *u = p->out;
    u->admin = true;
    if (u->transport_given)
        return 0;
    if (!is_word(u->path[0] == '/' ? u->path + 1 : ""))
        return vw_uri_error(p, VW_EVALUE, p->text, "U-14",
                            "the path of a daemon's URI is /system or /session");
    u->transport = VW_TRANSPORT_UNIX;
    if (!u->host_given)
        return 0;
    u->host_given = u->port_given = false;
    u->host = NULL;
    u->port = 0;
    return vw_uri_note(p, "U-14", "a daemon is administered where it runs: the host has no use");
}

int vw_uri_look_at_scheme(struct parse *p)
{
    struct vw_uri *u = p->out;
    if (is_daemon(u->driver))
        return look_at_daemon(p);
    u->inside = is_inside(u);
    if (u->inside)
        return vw_uri_note(p, "U-18", "a client with the driver %.40s inside serves this by itself",
                           u->driver);
    if (!u->transport_given && u->host_given && strcmp(u->driver, "qemu") == 0 && is_word(u->host))
        return vw_uri_error(p, VW_EVALUE, p->host_at, "U-3",
                            "the host is called '%s'; did you mean 'qemu:///%s'?", u->host,
                            u->host);
    return 0;
}

/* A port that belongs to something else than TRANSPORT; NULL: none that is known. */
static const char *owner_of_port(enum vw_transport_kind transport, unsigned port)
{
    static const struct {
        unsigned first, last;
        enum vw_transport_kind of; /* LOCAL: none of ours */
        const char *what;
    } ports[] = {
        {22, 22, VW_TRANSPORT_SSH, "ssh"},
        {80, 80, VW_TRANSPORT_LOCAL, "HTTP"},
        {443, 443, VW_TRANSPORT_LOCAL, "HTTPS"},
        {5700, 5799, VW_TRANSPORT_LOCAL, "VNC over WebSocket"},
        {5900, 5999, VW_TRANSPORT_LOCAL, "VNC or SPICE"},
        {16509, 16509, VW_TRANSPORT_TCP, "transport tcp"},
        {16514, 16514, VW_TRANSPORT_TLS, "transport tls"},
    };
    for (size_t i = 0; i < sizeof(ports) / sizeof(ports[0]); i++)
        if (port >= ports[i].first && port <= ports[i].last && ports[i].of != transport)
            return ports[i].what;
    return NULL;
}

int vw_uri_look_at_host(struct parse *p)
{
    struct vw_uri *u = p->out;
    int rc = 0;
    if (!u->host_given || u->inside)
        return 0;
    if (is_word(u->host))
        rc = vw_uri_note(p, "U-3", "the host is called '%s': with three slashes it is the path",
                         u->host);
    if (rc == 0 && !u->transport_given)
        rc = vw_uri_note(p, "U-3", "a host without a transport means TLS");
    const char *owner = NULL;
    if (u->port_given)
        owner = owner_of_port(vw_uri_is_ssh(u) ? VW_TRANSPORT_SSH : u->transport, u->port);
    if (rc == 0 && owner)
        rc = vw_uri_note(p, "U-4", "port %u is that of %s", (unsigned)u->port, owner);
    return rc;
}
