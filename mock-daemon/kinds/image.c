// SPDX-License-Identifier: MIT
// Domains in files: saved and restored, dumped, and saved by name (managed). A file is as the test
// driver has it: a magic, the length of the XML as an int of this machine, and the XML.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mock-daemon/conn.h"
#include "mock-daemon/daemon.h"
#include "mock-daemon/domain-doc.h"
#include "mock-daemon/domain-form.h"
#include "mock-daemon/rows.h"

#define MAGIC     "TestGuestMagic"
#define IMAGE_MAX (16 << 20)

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

static enum vw_outcome no_file(struct vw_call *c, const char *path, const char *what)
{
    return vw_call_failf(c, ERR_SYSTEM, VW_FROM_TEST, "%s %s: %s", what, path, strerror(errno));
}

/* Makes PATH anew; XML NULL: the magic alone. */
static enum vw_outcome write_file(struct vw_call *c, const char *path, const struct vw_string *xml)
{
    FILE *f = fopen(path, "we");
    bool ok = f && fputs(MAGIC, f) >= 0;
    if (ok && xml) {
        const int len = (int)xml->len;
        ok = fwrite(&len, sizeof(len), 1, f) == 1 && fwrite(xml->data, xml->len, 1, f) == 1;
    }
    const bool made = f != NULL;
    if (f && fclose(f) != 0)
        ok = false;
    if (ok)
        return VW_DONE;
    const enum vw_outcome outcome = no_file(c, path, "cannot write");
    if (made)
        unlink(path);
    return outcome;
}

static enum vw_outcome read_file(struct vw_call *c, const char *path, struct vw_string *xml)
{
    char magic[sizeof(MAGIC) - 1];
    int len = 0;
    FILE *f = fopen(path, "re");
    if (!f)
        return no_file(c, path, "cannot read");
    if (fread(magic, sizeof(magic), 1, f) != 1) {
        fclose(f);
        return vw_call_fail(c, ERR_SYSTEM, VW_FROM_TEST, "the image is too short");
    }
    bool ok = memcmp(magic, MAGIC, sizeof(magic)) == 0 && fread(&len, sizeof(len), 1, f) == 1 &&
              len > 0 && len <= IMAGE_MAX;
    char *text = ok ? vw_call_alloc(c, (size_t)len + 1) : NULL;
    ok = text && fread(text, (size_t)len, 1, f) == 1;
    fclose(f);
    if (!ok)
        return vw_call_fail(c, VW_ERR_INTERNAL, VW_FROM_TEST, "that is no image of a domain");
    *xml = vw_string(text);
    return VW_DONE;
}

/* ---- saving ---- */

static enum vw_outcome check_xml(struct vw_call *c, const struct vw_string *xml)
{
    if (!xml)
        return VW_DONE;
    return vw_call_fail(c, ERR_ARGUMENT_UNSUPPORTED, VW_FROM_TEST, "its XML cannot be changed");
}

static enum vw_outcome save(struct vw_call *c, const struct remote_nonnull_domain *dom,
                            const char *path, const struct vw_string *xml, uint32_t flags)
{
    struct vw_string text;
    if (vw_call_check_flags(c, flags, 0) != VW_DONE || check_xml(c, xml) != VW_DONE)
        return VW_FAILED;
    struct vw_domain *d = vw_domain_running(c, dom, 0, 0);
    if (!d || vw_domain_text(c, d, &text) != VW_DONE || write_file(c, path, &text) != VW_DONE)
        return VW_FAILED;
    return stop(c, d, SHUTOFF_SAVED, STOPPED_SAVED);
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
        read_file(c, path, &text) != VW_DONE || vw_domain_read(c, &text, &like) != VW_DONE ||
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
    return read_file(c, vw_text(&args->file), &ret->xml);
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
        read_file(c, vw_text(&args->file), &old) != VW_DONE ||
        vw_domain_read(c, &args->dxml, &like) != VW_DONE)
        return VW_FAILED;
    return write_file(c, vw_text(&args->file), &like.o.xml);
}

/* ---- dumping ---- */

static enum vw_outcome dump(struct vw_call *c, const struct remote_nonnull_domain *dom,
                            const char *path, uint32_t format, uint32_t flags)
{
    enum { FORMATS = 5, CRASH = 1 };
    if (format >= FORMATS)
        return vw_call_fail(c, VW_ERR_INVALID_ARG, VW_FROM_DOMAIN, "there is no such format");
    struct vw_domain *d = vw_domain_running(c, dom, flags, CRASH);
    if (!d || write_file(c, path, NULL) != VW_DONE)
        return VW_FAILED;
    if (format != 0)
        return vw_call_fail(c, ERR_OPERATION_UNSUPPORTED, VW_FROM_TEST, "raw dumps only");
    return flags & CRASH ? stop(c, d, SHUTOFF_CRASHED, STOPPED_CRASHED) : VW_DONE;
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

enum vw_outcome vw_on_domain_managed_save(struct vw_call *c,
                                          const struct remote_domain_managed_save_args *args)
{
    struct vw_domain *d = vw_domain_running(c, &args->dom, args->flags, 7);
    struct vw_string text;
    if (!d)
        return VW_FAILED;
    if (!d->o.persistent)
        return vw_call_fail(c, ERR_OPERATION_INVALID, VW_FROM_TEST, "it is not persistent");
    if (vw_domain_text(c, d, &text) != VW_DONE)
        return VW_FAILED;
    char *copy = strdup(text.data);
    if (!copy)
        return vw_call_fail(c, VW_ERR_INTERNAL, VW_FROM_TEST, "no memory for the image");
    free(d->saved);
    d->saved = copy;
    return stop(c, d, SHUTOFF_SAVED, STOPPED_SAVED);
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

const struct vw_object_kind vw_object_kind_image = {
    .name = "image", .rows = rows, .about = &vw_object_kind_domain};
