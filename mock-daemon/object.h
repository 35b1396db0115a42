// SPDX-License-Identifier: MIT
// What the hypervisor has: domains, networks, pools, volumes, each kind in a table of its own, in
// which objects are found by name, uuid and id.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <virwire/error.h>

#include "schema/schema.h"

struct vw_object_kind;

/* What objects of all kinds have; a kind with more begins its own struct with it. What rows give
 * out as it lies here has the width that it has on the wire. */
struct vw_object {
    const struct vw_object *parent; /* a volume's pool; NULL: none; names are its own */
    struct vw_string name;
    uint8_t uuid[16];
    int32_t id; /* -1: not active, or of a kind that has none */
    int32_t active, persistent, autostart;
    int32_t state; /* of kinds that have more than two: its own numbers; else as active */
    int32_t reason;
    struct vw_string xml; /* or the kind's xml() makes it */
    bool configured;      /* there at the start, and again after a reset */
    bool veiled;          /* while a call runs: its client must not know of it (access.h) */
};

/* All objects of one kind, in the order in which they came. */
struct vw_objects {
    const struct vw_object_kind *kind;
    struct vw_object **list;
    struct vw_object **by_name, **by_uuid; /* sorted */
    uint32_t count, active, cap;
    bool veiled; /* some of them may be */
    int32_t next_id;
    /* How it all began: the objects and what was in them. */
    struct vw_object **first;
    uint8_t *contents;
    uint32_t n_first;
    bool members_changed;
    struct vw_object *gone;   /* removed last: there may be something to tell of it yet */
    struct vw_objects *aside; /* what there was when it was set aside; NULL: it was not */
};

void vw_objects_init(struct vw_objects *t, const struct vw_object_kind *kind);
void vw_objects_finish(struct vw_objects *t);

/* Adds a copy of LIKE, which is as large as the kind says; its name and XML are
 * copied too. A uuid of zeros becomes one that is made from the name.
 * VW_EUSAGE: the name or the uuid is taken, which before vw_objects_keep is not looked at;
 * VW_ENOMEM.
 */
int vw_objects_add(struct vw_objects *t, const struct vw_object *like, struct vw_object **out);
/* O can be read until another is removed. */
void vw_objects_remove(struct vw_objects *t, struct vw_object *o);
/* Gives O the XML and the fields of its kind that LIKE has, and makes it persistent if LIKE is.
 * VW_ENOMEM or 0. */
int vw_objects_redefine(struct vw_objects *t, struct vw_object *o, const struct vw_object *like);

/* As LIKE, outside of any table: it goes into one by vw_objects_replace, or is dropped. VW_ENOMEM
 * or 0. */
int vw_object_make(const struct vw_object_kind *kind, const struct vw_object *like,
                   struct vw_object **out);
void vw_object_drop(struct vw_object *o);
/* Two of the N objects that LIST has have one name or uuid: VW_EUSAGE. VW_ENOMEM or 0. */
int vw_objects_check(const struct vw_object_kind *kind, struct vw_object *const *list, uint32_t n,
                     struct vw_error *err);
/* VW_ENOMEM or 0. */
int vw_objects_reserve(struct vw_objects *t, uint32_t n);
/* What T has from here on, until a reset: the N objects of LIST, which are T's from then on and
 * have the ids that they have; they are checked, and there is room for them. */
void vw_objects_replace(struct vw_objects *t, struct vw_object *const *list, uint32_t n,
                        int32_t next_id);
/* O has XML from now on, which is TEXT, of malloc, and O's. */
void vw_objects_set_xml(struct vw_objects *t, struct vw_object *o, char *text);
/* Calls O NAME. VW_EUSAGE: another is called so; VW_ENOMEM. */
int vw_objects_rename(struct vw_objects *t, struct vw_object *o, const char *name);

/* What is there now is what a reset goes back to; only from here on anything is found. VW_EUSAGE:
 * two have one name or one uuid; VW_ENOMEM. */
int vw_objects_keep(struct vw_objects *t, struct vw_error *err);
void vw_objects_reset(struct vw_objects *t);
/* The same of kinds that last as well. */
void vw_objects_begin_again(struct vw_objects *t);

/* Sets a copy of all that is there aside. VW_ENOMEM or 0. */
int vw_objects_set_aside(struct vw_objects *t);
/* What was set aside is all that is there. VW_ENOMEM or 0. */
int vw_objects_bring_back(struct vw_objects *t);
void vw_objects_forget_aside(struct vw_objects *t);

/* NULL: there is none. */
struct vw_object *vw_objects_by_name(const struct vw_objects *t, const char *name);
/* The one that PARENT has of that name. */
struct vw_object *vw_objects_child(const struct vw_objects *t, const struct vw_object *parent,
                                   const char *name);
struct vw_object *vw_objects_by_uuid(const struct vw_objects *t, const uint8_t *uuid);
struct vw_object *vw_objects_by_id(const struct vw_objects *t, int32_t id);

/* Changes the state: whether it is active follows from that, and the id with it. */
void vw_objects_set_state(struct vw_objects *t, struct vw_object *o, int32_t state, int32_t reason);

/* A text with its end as a list of characters. */
#define VW_CHARACTERS(text) ((struct vw_list){(void *)(uintptr_t)(text), sizeof(text)})
/* A struct vw_string of a literal. */
#define VW_STRING(text)                                                                            \
    {                                                                                              \
        (char *)(text), sizeof(text) - 1                                                           \
    }

/* A uuid that depends on nothing but the name, and one that also depends on SEED. */
void vw_uuid_from_name(const char *name, uint8_t *uuid);
void vw_uuid_make(uint64_t seed, const char *name, uint8_t *uuid);
/* 32 hex digits, dashes anywhere between them; else false. */
bool vw_uuid_parse(const char *text, uint8_t *uuid);
#define VW_UUID_TEXT 37
void vw_uuid_text(const uint8_t *uuid, char text[VW_UUID_TEXT]);
