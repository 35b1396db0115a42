// SPDX-License-Identifier: MIT
// Each object of a file goes the way of one that a client defines and starts: through the rows of
// its kind, with the text that stands in the file.
#include "mock-daemon/node-file.h"

#include <errno.h>
#include <libxml/parser.h>
#include <stdlib.h>

#include "base/file.h"
#include "mock-daemon/conn.h"
#include "mock-daemon/daemon.h"
#include "mock-daemon/kinds/domain.h"
#include "mock-daemon/kinds/nodedev.h"
#include "mock-daemon/rows.h"
#include "mock-daemon/xml.h"

/* A file is no longer than this and says no more objects, so that it is read in a bounded time. */
#define FILE_MOST    (1u << 20)
#define OBJECTS_MOST 16384u

/* virErrorNumber */
enum { ERR_XML_ERROR = 27 };

#define DRIVER_NS "http://libvirt.org/schemas/domain/test/1.0"

struct reading {
    struct vw_call *c;
    const char *path;
    unsigned objects;
};

static enum vw_outcome wrong_at(struct reading *r, long line, const char *why)
{
    return vw_call_failf(r->c, ERR_XML_ERROR, VW_FROM_TEST, "%s:%ld: %s", r->path, line, why);
}

static enum vw_outcome wrong(struct reading *r, const xmlNode *at, const char *why)
{
    return wrong_at(r, xmlGetLineNo(at), why);
}

/* The error that the call has, with the place of AT. */
static enum vw_outcome placed(struct reading *r, const xmlNode *at)
{
    const struct vw_remote_error *e = &r->c->error;
    return vw_call_failf(r->c, e->code, e->domain, "%s:%ld: %s", r->path, xmlGetLineNo(at),
                         e->message ? e->message : "it is refused");
}

/* ---- the host ---- */

static enum vw_outcome read_number(struct reading *r, const xmlNode *n, int64_t most, int64_t *out)
{
    const char *text = n ? vw_xml_content(r->c, n) : NULL;
    char *stop = NULL;
    if (!n)
        return VW_DONE;
    errno = 0;
    *out = text ? strtoll(text, &stop, 10) : 0;
    if (!text || stop == text || *stop || errno || *out < 0 || *out > most)
        return wrong(r, n, "that is no number for it");
    return VW_DONE;
}

static enum vw_outcome read_cpu(struct reading *r, const xmlNode *cpu, struct vw_machine *h)
{
    const struct {
        const char *name;
        int32_t *at;
    } numbers[] = {{"mhz", &h->mhz},         {"active", &h->cpus}, {"nodes", &h->nodes},
                   {"sockets", &h->sockets}, {"cores", &h->cores}, {"threads", &h->threads}};
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        int64_t value = *numbers[i].at;
        if (read_number(r, vw_xml_child(cpu, numbers[i].name), INT32_MAX, &value) != VW_DONE)
            return VW_FAILED;
        *numbers[i].at = (int32_t)value;
    }
    const xmlNode *n = vw_xml_child(cpu, "model");
    const char *model = vw_xml_content(r->c, n);
    if (model && strlen(model) >= sizeof(h->model))
        return wrong(r, n, "the name of the model is too long");
    if (model)
        strcpy(h->model, model);
    return VW_DONE;
}

/* ---- objects ---- */

/* The row of a call that the profile has; NULL: it has none, and the error of the call is set. */
static const struct vw_entry *find_entry(struct vw_call *c, const char *procedure)
{
    const struct vw_daemon *d = c->conn->daemon;
    const struct vw_proc *proc = vw_schema_call(d->profile->schema, "remote", procedure);
    const struct vw_entry *e = proc ? vw_dispatch_entry(d->dispatch, proc) : NULL;
    if (e && e->row)
        return e;
    vw_call_fail(c, ERR_XML_ERROR, VW_FROM_TEST, "this release has no such objects");
    return NULL;
}

/* Runs the row of PROCEDURE, as for a client that has called it. */
static enum vw_outcome run(struct vw_call *c, const char *procedure, const void *args, void *ret)
{
    struct vw_call inner = *c;
    inner.entry = find_entry(c, procedure);
    enum vw_outcome outcome = inner.entry ? inner.entry->row->run(&inner, args, ret) : VW_FAILED;
    if (inner.entry)
        c->error = inner.error;
    return outcome;
}

/* What a client sends: the text of XML ahead of flags; of an object its name, behind which there
 * may be flags too. */
union call {
    struct vw_string xml;
    struct remote_nonnull_domain domain;
    struct remote_nonnull_storage_pool pool;
    struct remote_storage_vol_create_xml_args volume;
    struct remote_storage_vol_create_xml_ret created;
    uint8_t bytes[128];
};

static enum vw_outcome count(struct reading *r, const xmlNode *n)
{
    return r->objects++ < OBJECTS_MOST ? VW_DONE : wrong(r, n, "these are too many objects");
}

/* The text of N, in the memory of the call. */
static enum vw_outcome text_of(struct vw_call *c, xmlNode *n, struct vw_string *out)
{
    xmlBuffer *b = xmlBufferCreate();
    const int len = b ? xmlNodeDump(b, n->doc, n, 0, 0) : -1;
    char *text = len < 0 ? NULL : vw_call_alloc(c, (size_t)len + 1);
    if (text)
        memcpy(text, xmlBufferContent(b), (size_t)len);
    *out = (struct vw_string){text, text ? (uint32_t)len : 0};
    xmlBufferFree(b);
    return text ? VW_DONE
                : vw_call_fail(c, VW_ERR_INTERNAL, VW_FROM_TEST, "no memory for the file");
}

/* What the domain is to be, as the driver's own element says it. */
static enum vw_outcome read_state(struct reading *r, const xmlNode *n, int64_t *out)
{
    const xmlNode *said = vw_xml_child(n, "runstate");
    if (said && !(said->ns && xmlStrEqual(said->ns->href, BAD_CAST DRIVER_NS)))
        return VW_DONE;
    if (read_number(r, said, INT32_MAX, out) != VW_DONE)
        return VW_FAILED;
    if (*out != VW_DOMAIN_RUNNING && *out != VW_DOMAIN_PAUSED && *out != VW_DOMAIN_SHUTOFF)
        return wrong(r, said, "a domain here runs (1), is paused (3) or is off (5)");
    return VW_DONE;
}

static enum vw_outcome take_volumes(struct reading *r, const xmlNode *n, const union call *pool)
{
    for (xmlNode *v = n->children; v; v = v->next) {
        union call args = {.volume = {.pool = pool->pool}}, made;
        if (v->type != XML_ELEMENT_NODE || !xmlStrEqual(v->name, BAD_CAST "volume"))
            continue;
        if (count(r, v) != VW_DONE)
            return VW_FAILED;
        if (text_of(r->c, v, &args.volume.xml) != VW_DONE ||
            run(r->c, "storage_vol_create_xml", &args, &made) != VW_DONE)
            return placed(r, v);
    }
    return VW_DONE;
}

/* Kinds of objects that are defined and then started; what more there is to them. */
static const struct element {
    const char *name, *define, *start;
    enum vw_outcome (*state)(struct reading *r, const xmlNode *n, int64_t *out);
    enum vw_outcome (*more)(struct reading *r, const xmlNode *n, const union call *object);
} elements[] = {
    {"domain", "domain_define_xml", "domain_create", read_state, NULL},
    {"network", "network_define_xml", "network_create", NULL, NULL},
    {"interface", "interface_define_xml", "interface_create", NULL, NULL},
    {"pool", "storage_pool_define_xml", "storage_pool_create", NULL, take_volumes},
};
enum { ELEMENTS = sizeof(elements) / sizeof(elements[0]) };

static enum vw_outcome take(struct reading *r, const struct element *e, xmlNode *n)
{
    union call args = {.bytes = {0}}, object = {.bytes = {0}};
    int64_t state = VW_DOMAIN_RUNNING;
    if (count(r, n) != VW_DONE || (e->state && e->state(r, n, &state) != VW_DONE))
        return VW_FAILED;
    if (text_of(r->c, n, &args.xml) != VW_DONE || run(r->c, e->define, &args, &object) != VW_DONE ||
        (state != VW_DOMAIN_SHUTOFF && run(r->c, e->start, &object, NULL) != VW_DONE) ||
        (state == VW_DOMAIN_PAUSED && run(r->c, "domain_suspend", &object, NULL) != VW_DONE))
        return placed(r, n);
    return e->more ? e->more(r, n, &object) : VW_DONE;
}

static enum vw_outcome take_device(struct reading *r, xmlNode *n)
{
    if (count(r, n) != VW_DONE)
        return VW_FAILED;
    return vw_nodedev_take(r->c, n) == VW_DONE ? VW_DONE : placed(r, n);
}

/* ---- the file ---- */

static enum vw_outcome take_any(struct reading *r, xmlNode *n, struct vw_machine *h)
{
    const char *name = (const char *)n->name;
    int64_t memory = 0;
    if (strcmp(name, "cpu") == 0)
        return read_cpu(r, n, h);
    if (strcmp(name, "device") == 0)
        return take_device(r, n);
    if (strcmp(name, "memory") == 0) {
        enum vw_outcome outcome = read_number(r, n, INT64_MAX, &memory);
        h->memory = (uint64_t)memory;
        return outcome;
    }
    for (size_t i = 0; i < ELEMENTS; i++) {
        if (strcmp(name, elements[i].name) == 0)
            return take(r, &elements[i], n);
    }
    return VW_DONE;
}

static enum vw_outcome take_all(struct reading *r, xmlNode *root)
{
    struct vw_machine *h = &r->c->conn->model->host;
    h->cells = 0;
    if (!xmlStrEqual(root->name, BAD_CAST "node"))
        return wrong(r, root, "the root is no <node>");
    for (xmlNode *n = root->children; n; n = n->next) {
        if (n->type == XML_ELEMENT_NODE && take_any(r, n, h) != VW_DONE)
            return VW_FAILED;
    }
    return VW_DONE;
}

static enum vw_outcome read_text(struct reading *r, const struct vw_string *text)
{
    xmlDoc *doc = vw_xml_parse(r->c, text, VW_FROM_TEST);
    const xmlError *last = xmlGetLastError();
    if (!doc)
        return vw_call_failf(r->c, r->c->error.code, VW_FROM_TEST, "%s:%d: %s", r->path,
                             last ? last->line : 1, r->c->error.message);
    enum vw_outcome outcome = take_all(r, xmlDocGetRootElement(doc));
    xmlFreeDoc(doc);
    return outcome;
}

/* A model without objects is what the connection opens from here on. */
static enum vw_outcome begin(struct vw_call *c)
{
    const struct vw_daemon *d = c->conn->daemon;
    struct vw_model *m = calloc(1, sizeof(*m));
    if (!m || vw_model_init_empty(m, d->config, NULL) < 0) {
        free(m);
        return vw_call_fail(c, VW_ERR_INTERNAL, VW_FROM_RPC, "no memory");
    }
    m->seed = d->model.seed;
    vw_conn_set_model(c->conn, m);
    return VW_DONE;
}

enum vw_outcome vw_node_file_open(struct vw_call *c, const char *path)
{
    const struct vw_error_pair *refused = &c->conn->daemon->answers.open_no_file;
    struct reading r = {c, path, 0};
    char *text = NULL;
    size_t len = 0;
    int e = vw_file_read(path, true, FILE_MOST, &text, &len);
    if (e)
        return vw_call_failf(c, refused->code, refused->domain, "%s: %s", path, strerror(e));
    enum vw_outcome outcome = begin(c);
    if (outcome == VW_DONE)
        outcome = read_text(&r, &(struct vw_string){text, (uint32_t)len});
    free(text);
    c->conn->model->n_happenings = 0;
    if (outcome != VW_DONE)
        vw_conn_set_model(c->conn, NULL);
    return outcome;
}
