// SPDX-License-Identifier: MIT
// Domains in files: saved and restored, dumped, and saved by name (managed). No file is written:
// what is saved is an object of this kind by its path. One is read that is as the test driver
// has it: a magic, the length of the XML as an int of this machine, and the XML.
#include <errno.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "mock-daemon/conn.h"
#include "mock-daemon/daemon.h"
#include "mock-daemon/domain-doc.h"
#include "mock-daemon/domain-form.h"
#include "mock-daemon/migrate/migration.h"
#include "mock-daemon/rows.h"

#define MAGIC      "TestGuestMagic"
#define IMAGE_MAX  (16u << 20)
#define IMAGES_MAX (64u << 20) /* bytes of all that are kept */

/* virErrorNumber */
enum { ERR_SYSTEM = 38, ERR_ARGUMENT_UNSUPPORTED = 74, ERR_OPERATION_UNSUPPORTED = 84 };

/* virDomainEventStoppedDetailType and its like, and reasons of states. */
enum { STOPPED_CRASHED = 2, STOPPED_SAVED = 4, STARTED_RESTORED = 2 };
enum { SHUTOFF_CRASHED = 3, SHUTOFF_SAVED = 5, RUNNING_RESTORED = 3 };

static struct vw_objects *domains(const struct vw_call *c)
{
    return vw_model_objects(c->conn->model, &vw_object_kind_domain);
}

static enum vw_outcome stop(struct vw_call *c, struct vw_domain *d, int32_t reason, int32_t detail)
{
    const struct vw_move m = {.from = ~0u,
                              .to = VW_DOMAIN_SHUTOFF,
                              .reason = reason,
                              .event = VW_LIFECYCLE_STOPPED,
                              .detail = detail};
    return vw_call_move(c, domains(c), &d->o, &m);
}

/* ---- files ---- */

static enum vw_outcome no_file(struct vw_call *c, const char *path, const char *what, int why)
{
    return vw_call_failf(c, ERR_SYSTEM, VW_FROM_TEST, "%s %s: %s", what, path, strerror(why));
}

/* Where nothing could be written is refused. Nothing is: whoever may call would have every file of
 * our user. */
static enum vw_outcome check_folder(struct vw_call *c, const char *path)
{
    char *copy = strdup(path);
    int why = copy ? 0 : ENOMEM;
    if (copy && (!*path || access(dirname(copy), W_OK) != 0))
        why = *path ? errno : ENOENT;
    free(copy);
    return why ? no_file(c, path, "cannot write", why) : VW_DONE;
}

extern const struct vw_object_kind vw_object_kind_image;

static struct vw_objects *images(const struct vw_call *c)
{
    return vw_model_objects(c->conn->model, &vw_object_kind_image);
}

/* Keeps TEXT under PATH, in place of what was there. */
static enum vw_outcome write_image(struct vw_call *c, const char *path,
                                   const struct vw_string *text)
{
    struct vw_objects *t = images(c);
    const struct vw_object like = {.name = vw_string(path), .xml = *text, .id = -1};
    struct vw_object *o = vw_objects_by_name(t, path);
    size_t all = like.name.len + text->len;
    if (check_folder(c, path) != VW_DONE)
        return VW_FAILED;
    for (uint32_t i = 0; i < t->count; i++)
        all += sizeof(*o) + t->list[i]->name.len + t->list[i]->xml.len;
    if (all > IMAGES_MAX)
        return no_file(c, path, "cannot write", ENOSPC);
    char *copy = o ? strdup(text->data) : NULL;
    if (copy)
        vw_objects_set_xml(t, o, copy);
    if (copy || (!o && vw_objects_add(t, &like, &o) == 0))
        return VW_DONE;
    return no_file(c, path, "cannot write", ENOMEM);
}

/* The XML in an image of the test driver's of LEN bytes. */
static enum vw_outcome parse_image(struct vw_call *c, const char *bytes, size_t len,
                                   struct vw_string *xml)
{
    const size_t head = sizeof(MAGIC) - 1;
    int size = 0;
    if (len < head)
        return vw_call_fail(c, ERR_SYSTEM, VW_FROM_TEST, "the image is too short");
    if (len >= head + sizeof(size))
        memcpy(&size, bytes + head, sizeof(size));
    const bool ok =
        memcmp(bytes, MAGIC, head) == 0 && size > 0 && (size_t)size <= len - head - sizeof(size);
    char *text = ok ? vw_call_alloc(c, (size_t)size + 1) : NULL;
    if (!text)
        return vw_call_fail(c, VW_ERR_INTERNAL, VW_FROM_TEST, "that is no image of a domain");
    memcpy(text, bytes + head + sizeof(size), (size_t)size);
    *xml = vw_string(text);
    return VW_DONE;
}

/* One that was saved here, or else a regular file. */
static enum vw_outcome read_image(struct vw_call *c, const char *path, struct vw_string *xml)
{
    const struct vw_object *o = vw_objects_by_name(images(c), path);
    char *bytes = NULL;
    size_t len = 0;
    if (o) {
        *xml = o->xml;
        return VW_DONE;
    }
    const int why = vw_file_read(path, true, IMAGE_MAX, &bytes, &len);
    const enum vw_outcome outcome =
        why ? no_file(c, path, "cannot read", why) : parse_image(c, bytes, len, xml);
    free(bytes);
    return outcome;
}

/* ---- saving ---- */

static enum vw_outcome check_xml(struct vw_call *c, const struct vw_string *xml)
{
    if (!xml)
        return VW_DONE;
    return vw_call_fail(c, ERR_ARGUMENT_UNSUPPORTED, VW_FROM_TEST, "its XML cannot be changed");
}

static enum vw_outcome save_now(struct vw_call *c, struct vw_domain *d, const struct vw_deed *deed)
{
    struct vw_string text;
    if (vw_domain_text(c, d, &text) != VW_DONE || write_image(c, deed->path, &text) != VW_DONE)
        return VW_FAILED;
    return stop(c, d, SHUTOFF_SAVED, STOPPED_SAVED);
}

static enum vw_outcome save(struct vw_call *c, const struct remote_nonnull_domain *dom,
                            const char *path, const struct vw_string *xml, uint32_t flags)
{
    const struct vw_deed deed = {save_now, VW_JOB_SAVE, (char *)(uintptr_t)path};
    if (vw_call_check_flags(c, flags, 0) != VW_DONE || check_xml(c, xml) != VW_DONE)
        return VW_FAILED;
    struct vw_domain *d = vw_domain_running(c, dom, 0, 0);
    return d && check_folder(c, path) == VW_DONE ? vw_busy_take(c, d, &deed) : VW_FAILED;
}

enum vw_outcome vw_on_domain_save(struct vw_call *c, const struct remote_domain_save_args *args)
{
    return save(c, &args->dom, vw_text(&args->to), NULL, 0);
}

enum vw_outcome vw_on_domain_save_flags(struct vw_call *c,
                                        const struct remote_domain_save_flags_args *args)
{
    return save(c, &args->dom, vw_text(&args->to), args->dxml, args->flags);
}

static enum vw_outcome restore(struct vw_call *c, const char *path, const struct vw_string *xml,
                               uint32_t flags)
{
    struct vw_domain like = {.o = {.state = VW_DOMAIN_SHUTOFF}}, *d;
    struct vw_string text;
    if (vw_call_check_flags(c, flags, 0) != VW_DONE || check_xml(c, xml) != VW_DONE ||
        read_image(c, path, &text) != VW_DONE || vw_domain_read(c, &text, &like) != VW_DONE ||
        vw_domain_install(c, &like, true, &d) != VW_DONE)
        return VW_FAILED;
    return vw_domain_start(c, d, VW_DOMAIN_RUNNING, RUNNING_RESTORED, STARTED_RESTORED);
}

enum vw_outcome vw_on_domain_restore(struct vw_call *c,
                                     const struct remote_domain_restore_args *args)
{
    return restore(c, vw_text(&args->from), NULL, 0);
}

enum vw_outcome vw_on_domain_restore_flags(struct vw_call *c,
                                           const struct remote_domain_restore_flags_args *args)
{
    return restore(c, vw_text(&args->from), args->dxml, args->flags);
}

enum vw_outcome
vw_on_domain_save_image_get_xml_desc(struct vw_call *c,
                                     const struct remote_domain_save_image_get_xml_desc_args *args,
                                     struct remote_domain_save_image_get_xml_desc_ret *ret)
{
    if (vw_call_check_secure(c, args->flags) != VW_DONE ||
        vw_call_check_flags(c, args->flags, 1) != VW_DONE)
        return VW_FAILED;
    return read_image(c, vw_text(&args->file), &ret->xml);
}

/* virDomainSaveRestoreFlags: running, paused. */
#define IMAGE_KNOWN 6u

enum vw_outcome
vw_on_domain_save_image_define_xml(struct vw_call *c,
                                   const struct remote_domain_save_image_define_xml_args *args)
{
    struct vw_domain like = {.o = {.state = VW_DOMAIN_SHUTOFF}};
    struct vw_string old;
    if (vw_call_check_flags(c, args->flags, IMAGE_KNOWN) != VW_DONE ||
        read_image(c, vw_text(&args->file), &old) != VW_DONE ||
        vw_domain_read(c, &args->dxml, &like) != VW_DONE)
        return VW_FAILED;
    return write_image(c, vw_text(&args->file), &like.o.xml);
}

/* ---- dumping ---- */

enum { DUMP_CRASH = 1 };

static enum vw_outcome dump_now(struct vw_call *c, struct vw_domain *d, const struct vw_deed *deed)
{
    return deed->flags & DUMP_CRASH ? stop(c, d, SHUTOFF_CRASHED, STOPPED_CRASHED) : VW_DONE;
}

static enum vw_outcome dump(struct vw_call *c, const struct remote_nonnull_domain *dom,
                            const char *path, uint32_t format, uint32_t flags)
{
    enum { FORMATS = 5 };
    const struct vw_deed deed = {dump_now, VW_JOB_DUMP, (char *)(uintptr_t)path, flags};
    if (format >= FORMATS)
        return vw_call_fail(c, VW_ERR_INVALID_ARG, VW_FROM_DOMAIN, "there is no such format");
    struct vw_domain *d = vw_domain_running(c, dom, flags, DUMP_CRASH);
    if (!d || check_folder(c, path) != VW_DONE)
        return VW_FAILED;
    if (format != 0)
        return vw_call_fail(c, ERR_OPERATION_UNSUPPORTED, VW_FROM_TEST, "raw dumps only");
    return vw_busy_take(c, d, &deed);
}

enum vw_outcome vw_on_domain_core_dump(struct vw_call *c,
                                       const struct remote_domain_core_dump_args *args)
{
    return dump(c, &args->dom, vw_text(&args->to), 0, args->flags);
}

enum vw_outcome
vw_on_domain_core_dump_with_format(struct vw_call *c,
                                   const struct remote_domain_core_dump_with_format_args *args)
{
    return dump(c, &args->dom, vw_text(&args->to), args->dumpformat, args->flags);
}

/* ---- managed ---- */

static enum vw_outcome keep_now(struct vw_call *c, struct vw_domain *d, const struct vw_deed *deed)
{
    struct vw_string text;
    if (vw_domain_text(c, d, &text) != VW_DONE)
        return VW_FAILED;
    char *copy = strdup(text.data);
    if (!copy)
        return vw_call_fail(c, VW_ERR_INTERNAL, VW_FROM_TEST, "no memory for the image");
    free(d->saved);
    d->saved = copy;
    return stop(c, d, SHUTOFF_SAVED, STOPPED_SAVED);
}

enum vw_outcome vw_on_domain_managed_save(struct vw_call *c,
                                          const struct remote_domain_managed_save_args *args)
{
    static const struct vw_deed deed = {keep_now, VW_JOB_SAVE};
    struct vw_domain *d = vw_domain_running(c, &args->dom, args->flags, 7);
    if (!d)
        return VW_FAILED;
    if (!d->o.persistent)
        return vw_call_fail(c, ERR_OPERATION_INVALID, VW_FROM_TEST, "it is not persistent");
    return vw_busy_take(c, d, &deed);
}

enum vw_outcome
vw_on_domain_has_managed_save_image(struct vw_call *c,
                                    const struct remote_domain_has_managed_save_image_args *args,
                                    struct remote_domain_has_managed_save_image_ret *ret)
{
    const struct vw_domain *d;
    if (vw_call_check_flags(c, args->flags, 0) != VW_DONE || !(d = vw_call_domain(c, &args->dom)))
        return VW_FAILED;
    ret->result = d->saved != NULL;
    return VW_DONE;
}

enum vw_outcome
vw_on_domain_managed_save_remove(struct vw_call *c,
                                 const struct remote_domain_managed_save_remove_args *args)
{
    struct vw_domain *d;
    if (vw_call_check_flags(c, args->flags, 0) != VW_DONE || !(d = vw_call_domain(c, &args->dom)))
        return VW_FAILED;
    free(d->saved);
    d->saved = NULL;
    return VW_DONE;
}

static const struct vw_row rows[] = {
    VW_CALL(domain_save),
    VW_CALL(domain_save_flags),
    VW_CALL(domain_restore),
    VW_CALL(domain_restore_flags),
    VW_CALL(domain_save_image_get_xml_desc),
    VW_CALL(domain_save_image_define_xml),
    VW_CALL(domain_core_dump),
    VW_CALL(domain_core_dump_with_format),
    VW_CALL(domain_managed_save),
    VW_CALL(domain_has_managed_save_image),
    VW_CALL(domain_managed_save_remove),
    {NULL},
};

const struct vw_object_kind vw_object_kind_image = {.name = "image",
                                                    .rows = rows,
                                                    .about = &vw_object_kind_domain,
                                                    .size = sizeof(struct vw_object)};
