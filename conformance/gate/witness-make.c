// SPDX-License-Identifier: MIT
// Values for witnesses: the way from a message to the type that differs is made with as little as
// possible, and the value there by a recipe.
#include "conformance/gate/witness.h"
#include "xdr/memory.h"
#include "xdr/values.h"

#define MAX_NODES 4096 /* types that are looked through for the way */
#define MAX_WORDS 600  /* members or cases that are tried */
#define MAX_DEPTH 8    /* of lists and optional values that are filled; deeper ones are empty */

struct filler {
    struct vw_arena *arena;
    const struct vw_recipe *r;
    uint32_t counter;
    uint64_t work;
};

/* ---- filling ---- */

static int fill(struct filler *f, const struct vw_type *t, uint8_t *at, unsigned depth);

static void put_number(struct filler *f, const struct vw_type *t, uint8_t *at)
{
    uint64_t n = ++f->counter;
    bool negative = f->r->how == VW_RECIPE_NEGATIVE, high = f->r->how == VW_RECIPE_HIGH;
    bool has_sign =
        t->kind == VW_INT || t->kind == VW_HYPER || t->kind == VW_CHAR || t->kind == VW_SHORT;
    if (t->kind == VW_FLOAT || t->kind == VW_DOUBLE) {
        float small = negative ? -1.5f : (float)n + 0.5f;
        double large = (double)small;
        memcpy(at, t->kind == VW_FLOAT ? (void *)&small : (void *)&large, t->size);
        return;
    }
    uint64_t all = UINT64_MAX >> (64 - 8 * t->size);
    n = negative ? all : high ? all >> has_sign : n & (all >> has_sign);
    uint32_t word = (uint32_t)n;
    uint16_t half = (uint16_t)n;
    uint8_t byte = (uint8_t)n;
    memcpy(at,
           t->size == 8   ? (void *)&n
           : t->size == 4 ? (void *)&word
           : t->size == 2 ? (void *)&half
                          : (void *)&byte,
           t->size);
}

static int put_bytes(struct filler *f, const struct vw_type *t, uint8_t *at, uint32_t count)
{
    uint8_t *data = vw_arena_alloc(f->arena, (size_t)count + 1, 1);
    if (!data)
        return VW_ENOMEM;
    bool nul = f->r->how == VW_RECIPE_NEGATIVE && t->kind == VW_OPAQUE;
    memset(data, nul ? 0 : 'a' + (int)(++f->counter % 26), count);
    data[count] = 0;
    if (t->kind == VW_STRING)
        *(struct vw_string *)(void *)at = (struct vw_string){(char *)data, count};
    else
        *(struct vw_bytes *)(void *)at = (struct vw_bytes){data, count};
    return 0;
}

static void put_fixed(struct filler *f, const struct vw_type *t, uint8_t *at)
{
    for (uint32_t i = 0; i < t->max; i++)
        at[i] = f->r->how == VW_RECIPE_NEGATIVE ? 0 : (uint8_t)++f->counter;
}

static void put_member(struct filler *f, const struct vw_type *t, uint8_t *at)
{
    uint32_t i = f->r->how == VW_RECIPE_NEGATIVE ? t->n_members - 1 : t->n_members > 1;
    if (t->n_members)
        memcpy(at, &t->members[i].value, sizeof(int32_t));
}

/* COUNT elements, as small as they can be or filled. */
static int put_items(struct filler *f, const struct vw_type *t, struct vw_list *list,
                     uint32_t count, bool filled, unsigned depth)
{
    int rc = 0;
    if ((uint64_t)count * (t->elem->wire_min + t->elem->size) > 2ull * VW_WITNESS_MAX_BYTES)
        return VW_ELIMIT;
    list->items = vw_arena_zalloc(f->arena, (size_t)count * t->elem->size, 16);
    list->count = count;
    for (uint32_t i = 0; list->items && i < count && !rc; i++) {
        uint8_t *item = (uint8_t *)list->items + (size_t)i * t->elem->size;
        rc = filled ? fill(f, t->elem, item, depth + 1)
                    : vw_value_smallest(t->elem, f->arena, item, NULL);
    }
    return list->items ? rc : VW_ENOMEM;
}

/* The place of a value of T that AT points to; all 0. */
static uint8_t *put_box(struct filler *f, const struct vw_type *t, uint8_t *at)
{
    void *box = vw_arena_zalloc(f->arena, t->size, 16);
    memcpy(at, &box, sizeof(box));
    return box;
}

/* The discriminant VALUE, and the place of the arm that it chooses; NULL: no memory. */
static uint8_t *put_arm(struct filler *f, const struct vw_field *arm, int32_t value, uint8_t *at)
{
    memcpy(at, &value, sizeof(value));
    return arm->boxed ? put_box(f, arm->type, at + arm->offset) : at + arm->offset;
}

static int put_union(struct filler *f, const struct vw_type *t, uint8_t *at, int32_t value,
                     unsigned depth)
{
    const struct vw_field *arm = vw_type_arm(t, value);
    if (!arm)
        return VW_EVALUE;
    uint8_t *place = put_arm(f, arm, value, at);
    if (!place)
        return VW_ENOMEM;
    return arm->type->kind == VW_VOID ? 0 : fill(f, arm->type, place, depth + 1);
}

/* The last arm with data that can be chosen, or else the first. */
static bool an_arm(const struct vw_type *t, int32_t *value)
{
    bool found = vw_arm_first(t, value);
    int32_t other;
    for (uint32_t i = 0; i < t->n_fields; i++)
        if (t->fields[i].type->kind != VW_VOID && vw_arm_value(t, &t->fields[i], &other))
            *value = other;
    return found;
}

static int fill_parts(struct filler *f, const struct vw_type *t, uint8_t *at, unsigned depth)
{
    int rc = 0;
    if (t->kind == VW_FIXED_ARRAY) {
        for (uint32_t i = 0; i < t->max && !rc; i++)
            rc = fill(f, t->elem, at + (size_t)i * t->elem->size, depth + 1);
        return rc;
    }
    for (uint32_t i = 0; i < t->n_fields && !rc; i++)
        rc = fill(f, t->fields[i].type, at + t->fields[i].offset, depth + 1);
    return rc;
}

static int fill(struct filler *f, const struct vw_type *t, uint8_t *at, unsigned depth)
{
    bool deep = depth >= MAX_DEPTH;
    int32_t value;
    f->work += 1 + t->size;
    if (f->work > VW_WITNESS_MAX_FILL)
        return VW_ELIMIT;
    switch (t->kind) {
    case VW_VOID:
        return 0;
    case VW_BOOL:
        *(bool *)at = true;
        return 0;
    case VW_ENUM:
        put_member(f, t, at);
        return 0;
    case VW_STRING:
    case VW_OPAQUE:
        return put_bytes(f, t, at, t->max > 0);
    case VW_FIXED_OPAQUE:
        put_fixed(f, t, at);
        return 0;
    case VW_ARRAY:
        return put_items(f, t, (struct vw_list *)(void *)at, t->max > 0 && !deep, true, depth);
    case VW_OPTIONAL: {
        uint8_t *box = deep ? NULL : put_box(f, t->elem, at);
        return deep ? 0 : box ? fill(f, t->elem, box, depth + 1) : VW_ENOMEM;
    }
    case VW_UNION:
        return an_arm(t, &value) ? put_union(f, t, at, value, depth) : VW_EVALUE;
    case VW_FIXED_ARRAY:
    case VW_STRUCT:
        return fill_parts(f, t, at, depth);
    default:
        put_number(f, t, at);
        return 0;
    }
}

/* ---- the way to the target ---- */

/* A type that is reached from the one of PARENT, through its part STEP. */
struct node {
    const struct vw_type *type;
    uint32_t parent, step;
};

static bool can_enter(const struct vw_type *t, uint32_t step)
{
    int32_t value;
    if (t->kind == VW_UNION)
        return vw_arm_value(t, &t->fields[step], &value);
    return t->kind == VW_STRUCT || t->max > 0 || t->kind == VW_OPTIONAL;
}

/* Breadth first. The number of the node of TARGET, or else of a union whose arms it chooses;
 * MAX_NODES: there is none. The comparisons are added to WORK. */
static uint32_t find(struct node *nodes, const struct vw_type *root, const struct vw_type *target,
                     uint64_t *work)
{
    uint32_t count = 1, chosen = MAX_NODES;
    nodes[0] = (struct node){vw_gate_real(root), 0, 0};
    for (uint32_t i = 0; i < count; i++) {
        const struct vw_type *t = nodes[i].type;
        if (t == target)
            return i;
        if (chosen == MAX_NODES && t->disc && vw_gate_real(t->disc->type) == target)
            chosen = i;
        uint32_t parts = t->n_fields ? t->n_fields : t->elem != NULL;
        for (uint32_t k = 0; k < parts && count < MAX_NODES; k++) {
            const struct vw_type *part = vw_gate_real(t->n_fields ? t->fields[k].type : t->elem);
            bool composed = part->n_fields || part->elem, known = part != target && !composed;
            for (uint32_t n = 0; n < count && composed && !known; n++, ++*work)
                known = nodes[n].type == part;
            if (!known && can_enter(t, k))
                nodes[count++] = (struct node){part, i, k};
        }
    }
    return chosen;
}

/* Goes into the part STEP of T at AT; NULL: no memory. */
static uint8_t *enter(struct filler *f, const struct vw_type *t, uint32_t step, uint8_t *at)
{
    struct vw_list *list = (struct vw_list *)(void *)at;
    int32_t value;
    switch (t->kind) {
    case VW_STRUCT:
        return at + t->fields[step].offset;
    case VW_UNION:
        vw_arm_value(t, &t->fields[step], &value);
        return put_arm(f, &t->fields[step], value, at);
    case VW_OPTIONAL:
        return put_box(f, t->elem, at);
    case VW_ARRAY:
        list->items = vw_arena_zalloc(f->arena, t->elem->size, 16);
        list->count = 1;
        return list->items;
    default: /* VW_FIXED_ARRAY */
        return at;
    }
}

static int follow(struct filler *f, const struct node *nodes, uint32_t goal, uint8_t **at)
{
    uint32_t way[MAX_NODES], n = 0;
    for (uint32_t i = goal; i; i = nodes[i].parent)
        way[n++] = i;
    while (n) {
        const struct node *node = &nodes[way[--n]];
        const struct vw_type *t = nodes[node->parent].type;
        *at = enter(f, t, node->step, *at);
        if (!*at)
            return VW_ENOMEM;
        if (t->kind == VW_STRUCT || t->kind == VW_FIXED_ARRAY || node->type->kind == VW_VOID)
            continue;
        int rc = vw_value_smallest(node->type, f->arena, *at, NULL);
        if (rc)
            return rc;
    }
    return 0;
}

/* ---- the value ---- */

static int apply(struct filler *f, const struct vw_type *t, uint8_t *at)
{
    const struct vw_recipe *r = f->r;
    if (r->how < VW_RECIPE_COUNT) {
        memset(at, 0, t->size);
        return fill(f, t, at, 0);
    }
    if (r->how == VW_RECIPE_COUNT) {
        if (r->number > VW_WITNESS_MAX_BYTES)
            return VW_ELIMIT;
        return t->kind == VW_ARRAY
                   ? put_items(f, t, (struct vw_list *)(void *)at, (uint32_t)r->number, false, 0)
                   : put_bytes(f, t, at, (uint32_t)r->number);
    }
    int32_t word = (int32_t)r->number;
    if (t->kind == VW_UNION)
        return put_union(f, t, at, word, 0);
    memcpy(at, &word, sizeof(word));
    return 0;
}

int vw_witness_make(const struct vw_type *root, const struct vw_type *target,
                    const struct vw_recipe *r, struct vw_arena *arena, void **out, uint64_t *work)
{
    static const struct vw_recipe distinct = {VW_RECIPE_DISTINCT, 0};
    struct filler f = {.arena = arena, .r = r ? r : &distinct};
    struct node *nodes = vw_arena_alloc(arena, MAX_NODES * sizeof(*nodes), 16);
    if (!nodes)
        return VW_ENOMEM;
    if (root->wire_min > VW_WITNESS_MAX_BYTES)
        return VW_ELIMIT;
    uint32_t goal = find(nodes, root, target, work);
    if (goal == MAX_NODES)
        return VW_ENAME;
    int rc = vw_value_minimal(root, arena, out, NULL);
    uint8_t *at = *out;
    rc = rc ? rc : follow(&f, nodes, goal, &at);
    return rc ? rc : apply(&f, nodes[goal].type, at);
}

/* ---- recipes ---- */

/* The case or member number I of T, and behind them a value that none of both has. */
static bool word_of(const struct vw_type *t, const struct vw_type *other, size_t i, int64_t *out)
{
    const struct vw_type *types[] = {t, other};
    int64_t next = 0;
    for (int k = 0; k < 2; k++) {
        for (uint32_t n = 0; types[k] && n < types[k]->n_members; n++) {
            next = types[k]->members[n].value >= next ? types[k]->members[n].value + 1ll : next;
            if (k == 0 && n == i)
                *out = types[k]->members[n].value;
        }
        size_t cases = 0;
        for (uint32_t n = 0; types[k] && types[k]->kind == VW_UNION && n < types[k]->n_fields; n++)
            for (uint32_t c = 0; c < types[k]->fields[n].n_cases; c++, cases++) {
                int32_t value = types[k]->fields[n].cases[c];
                next = value >= next ? value + 1ll : next;
                if (k == 0 && cases == i)
                    *out = value;
            }
        if (k == 0 && (i < types[k]->n_members || i < cases))
            return true;
        if (k == 0)
            i -= types[k]->n_members + cases;
    }
    /* For default arms: one that no arm has, and one that is negative. */
    *out = i ? -1 : next <= INT32_MAX ? next : INT32_MIN + 1ll;
    return t->kind == VW_UNION && i < 2;
}

bool vw_witness_recipe(const struct vw_type *target, const struct vw_type *other, size_t i,
                       struct vw_recipe *out)
{
    bool bounded =
        target->kind == VW_STRING || target->kind == VW_OPAQUE || target->kind == VW_ARRAY;
    bool smaller = bounded && other && other->kind != VW_FIXED_OPAQUE &&
                   other->kind != VW_FIXED_ARRAY && other->max < target->max;
    *out = (struct vw_recipe){VW_RECIPE_DISTINCT, 0};
    if (smaller && i == 0)
        *out = (struct vw_recipe){VW_RECIPE_COUNT, other->max + 1ll};
    i -= smaller && i > 0;
    if (out->how == VW_RECIPE_COUNT || i == 0)
        return true;
    if (i <= VW_RECIPE_HIGH) {
        out->how = i == 1 ? VW_RECIPE_NEGATIVE : VW_RECIPE_HIGH;
        return true;
    }
    out->how = VW_RECIPE_WORD;
    bool words = target->kind == VW_ENUM || target->kind == VW_UNION;
    return words && i < MAX_WORDS && word_of(target, other, i - VW_RECIPE_HIGH - 1, &out->number);
}
