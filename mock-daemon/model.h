// SPDX-License-Identifier: MIT
// The hypervisor that virwired pretends to have: its name, its host and its objects, as libvirt's
// test driver shows them by default. All connections share one model but those that open a file; it
// goes back to how it began when the last one closes, as the test driver's does, unless one was to
// another hypervisor, whose objects live as long as the daemon.
#pragma once

#include "mock-daemon/object.h"

struct vw_config;

/* Something that happened to an object. */
struct vw_happening {
    const struct vw_object_kind *kind; /* of the object */
    const struct vw_object *object;
    int32_t event;        /* its number among those of the kind; 0: its life cycle */
    int32_t what, detail; /* of a life cycle */
    /* Both in the memory of the call. How the object was named then, a remote_nonnull_*; NULL: as
     * it is now. And the struct of the message with what only this event tells; NULL: nothing. */
    const void *named, *message;
};

/* The machine that it is on. */
struct vw_machine {
    char model[32];
    uint64_t memory; /* KiB */
    int32_t cpus, mhz, nodes, sockets, cores, threads;
    uint32_t cells; /* of the nodes, those of which anything is told */
};
enum { VW_CELLS = 2, VW_CELL_CPUS = 8 }; /* of the test driver's */
extern const struct vw_machine vw_machine_default;

struct vw_model {
    char *hostname;
    struct vw_machine host;
    int32_t max_vcpus;          /* CONNECT_GET_MAX_VCPUS */
    struct vw_objects *objects; /* as vw_object_kinds are counted */
    uint32_t n_opened;          /* connections that have it open */
    bool restored;              /* what is there is of a file: nothing of it outlives a reset */
    bool lasts;                 /* another hypervisor than the test driver was open: the last that
                                   leaves takes nothing back */
    struct vw_arena texts;      /* of what was restored, which objects hold by pointer */
    uint64_t seed;              /* of what is made up */
    /* What the call under way has made happen, to be told behind its reply (V-7). */
    struct vw_happening *happenings;
    uint32_t n_happenings, cap_happenings;
};

/* What CONFIG says is there. Two domains of one name or uuid are VW_EUSAGE. VW_ENOMEM. */
int vw_model_init(struct vw_model *m, const struct vw_config *config, struct vw_error *err);
/* The same without an object. */
int vw_model_init_empty(struct vw_model *m, const struct vw_config *config, struct vw_error *err);
void vw_model_finish(struct vw_model *m);

struct vw_objects *vw_model_objects(const struct vw_model *m, const struct vw_object_kind *kind);

/* One connection more has the hypervisor open. */
void vw_model_opened(struct vw_model *m);
/* One less: it was to another than the test driver if HOSTED. */
void vw_model_closed(struct vw_model *m, bool hosted);

/* As it all began, whoever has it open. */
void vw_model_begin_again(struct vw_model *m);

/* Queues a copy of H. VW_ENOMEM or 0. */
int vw_model_happened(struct vw_model *m, const struct vw_happening *h);
