// SPDX-License-Identifier: MIT
// Checkpoints of domains: from which a backup takes what has changed since.
#include "mock-daemon/moment.h"
#include "mock-daemon/rows.h"

/* virErrorNumber and virErrorDomain */
enum { ERR_OPERATION_UNSUPPORTED = 84, ERR_NO_CHECKPOINT = 103, FROM_CHECKPOINT = 69 };

const struct vw_moments vw_checkpoints = {.kind = &vw_object_kind_checkpoint,
                                          .current = offsetof(struct vw_domain, checkpoint),
                                          .count = offsetof(struct vw_domain, checkpoints),
                                          .disk_method = "checkpoint",
                                          .disk_default = "bitmap"};

/* virDomainCheckpointListFlags */
#define LIST_KNOWN 15u

static struct vw_moment *checkpoint(struct vw_call *c,
                                    const struct remote_nonnull_domain_checkpoint *named,
                                    uint32_t flags, uint32_t known)
{
    return vw_call_check_flags(c, flags, known) == VW_DONE
               ? (struct vw_moment *)vw_call_object_of(c, &vw_object_kind_checkpoint, named)
               : NULL;
}

#define HANDLER(proc)                                                                              \
    enum vw_outcome vw_on_##proc(struct vw_call *c, const struct remote_##proc##_args *args,       \
                                 struct remote_##proc##_ret *ret)

HANDLER(domain_list_all_checkpoints)
{
    if (vw_call_check_flags(c, args->flags, LIST_KNOWN) != VW_DONE)
        return VW_FAILED;
    const struct vw_moment_choice choice = {.domain = vw_call_domain(c, &args->dom),
                                            .flags = args->flags};
    return choice.domain ? vw_moments_all(c, &vw_checkpoints, &choice, args->need_results != 0,
                                          &ret->checkpoints, &ret->ret)
                         : VW_FAILED;
}

HANDLER(domain_checkpoint_list_all_children)
{
    const struct vw_moment *m = checkpoint(c, &args->checkpoint, args->flags, LIST_KNOWN);
    if (!m)
        return VW_FAILED;
    const struct vw_moment_choice choice = {(const struct vw_domain *)m->o.parent, m, args->flags};
    return vw_moments_all(c, &vw_checkpoints, &choice, args->need_results != 0, &ret->checkpoints,
                          &ret->ret);
}

static enum vw_outcome give(struct vw_call *c, const struct vw_object *o, void *out,
                            const char *missing)
{
    if (!o)
        return vw_call_fail(c, ERR_NO_CHECKPOINT, VW_FROM_TEST, missing);
    vw_moment_refer(o, out);
    return VW_DONE;
}

HANDLER(domain_checkpoint_lookup_by_name)
{
    const struct vw_domain *d;
    if (vw_call_check_flags(c, args->flags, 0) != VW_DONE || !(d = vw_call_domain(c, &args->dom)))
        return VW_FAILED;
    return give(c, vw_objects_child(vw_call_objects(c), &d->o, vw_text(&args->name)),
                &ret->checkpoint, "there is no such checkpoint");
}

HANDLER(domain_checkpoint_get_parent)
{
    const struct vw_moment *m = checkpoint(c, &args->checkpoint, args->flags, 0);
    return m ? give(c, m->before ? &m->before->o : NULL, &ret->parent, "it has no parent")
             : VW_FAILED;
}

/* virDomainCheckpointXMLFlags */
enum { XML_SECURE = 1, XML_NO_DOMAIN = 2 };

HANDLER(domain_checkpoint_get_xml_desc)
{
    if (vw_call_check_secure(c, args->flags) != VW_DONE)
        return VW_FAILED;
    const struct vw_moment *m =
        checkpoint(c, &args->checkpoint, args->flags, XML_SECURE | XML_NO_DOMAIN);
    return m ? vw_moment_xml(c, &vw_checkpoints, m, !(args->flags & XML_NO_DOMAIN), &ret->xml)
             : VW_FAILED;
}

/* virDomainCheckpointCreateFlags; beside it quiesce. */
enum { CREATE_REDEFINE = 1 << 0, CREATE_KNOWN = CREATE_REDEFINE | 1 << 1 };

HANDLER(domain_checkpoint_create_xml)
{
    struct vw_domain *d;
    struct vw_moment *m;
    if (vw_call_check_flags(c, args->flags, CREATE_KNOWN) != VW_DONE ||
        !(d = vw_call_domain(c, &args->dom)))
        return VW_FAILED;
    if (d->snapshots)
        return vw_call_fail(c, ERR_OPERATION_UNSUPPORTED, VW_FROM_TEST, "it has snapshots");
    if (!d->o.active)
        return vw_call_fail(c, ERR_OPERATION_UNSUPPORTED, VW_FROM_TEST, "it does not run");
    const enum vw_outcome outcome =
        args->flags & CREATE_REDEFINE
            ? vw_moment_redefine(c, &vw_checkpoints, d, &args->xml_desc, false, &m)
            : vw_moment_create(c, &vw_checkpoints, d, &args->xml_desc, &m);
    if (outcome != VW_DONE)
        return VW_FAILED;
    vw_moment_refer(&m->o, &ret->checkpoint);
    return VW_DONE;
}

enum vw_outcome
vw_on_domain_checkpoint_delete(struct vw_call *c,
                               const struct remote_domain_checkpoint_delete_args *args)
{
    struct vw_moment *m =
        checkpoint(c, &args->checkpoint, args->flags,
                   VW_MOMENT_CHILDREN | VW_MOMENT_METADATA | VW_MOMENT_CHILDREN_ONLY);
    if (!m)
        return VW_FAILED;
    vw_moment_delete(c, &vw_checkpoints, m, args->flags);
    return VW_DONE;
}

static const struct vw_row rows[] = {
    VW_CALL(domain_list_all_checkpoints),      VW_CALL(domain_checkpoint_list_all_children),
    VW_CALL(domain_checkpoint_lookup_by_name), VW_CALL(domain_checkpoint_get_parent),
    VW_CALL(domain_checkpoint_get_xml_desc),   VW_CALL(domain_checkpoint_create_xml),
    VW_CALL(domain_checkpoint_delete),         {NULL},
};

const struct vw_object_kind vw_object_kind_checkpoint = {
    .name = "checkpoint",
    .rows = rows,
    .size = sizeof(struct vw_moment),
    .reference = {.size = sizeof(struct remote_nonnull_domain_checkpoint)},
    .missing = {ERR_NO_CHECKPOINT, VW_FROM_TEST},
    .missing_text = "there is no such checkpoint",
    .xml_domain = FROM_CHECKPOINT,
    .owns = vw_moment_owns,
    .refer = vw_moment_refer,
    .find = vw_moment_find,
};
