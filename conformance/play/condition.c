// SPDX-License-Identifier: MIT
// See condition.h.
#include "conformance/play/condition.h"

#include <stdio.h>
#include <string.h>

#define SUBSETS (1u << VW_FACTORS)

static const char *const factor_names[VW_FACTORS] = {"bytes", "flight", "transport"};
static const char *const bytes_names[VW_BYTES_VALUES] = {"whole", "byte", "fields", "glued-before",
                                                         "glued-behind"};
static const char *const flight_names[] = {"1", "16"};

static const char *value_name(const struct vw_conditions *all, unsigned factor, unsigned value)
{
    if (factor == VW_FACTOR_TRANSPORT)
        return all->transports[value];
    return factor == VW_FACTOR_BYTES ? bytes_names[value] : flight_names[value];
}

void vw_conditions_of(struct vw_conditions *all, const struct vw_uri *const *uris, size_t n)
{
    n = n < VW_TRANSPORTS_MAX ? n : VW_TRANSPORTS_MAX;
    *all = (struct vw_conditions){.levels = {VW_BYTES_VALUES, 2, (unsigned)n}};
    for (size_t i = 0; i < n; i++) {
        unsigned same = 1;
        for (size_t j = 0; j < i; j++)
            same += uris[j]->transport == uris[i]->transport;
        snprintf(all->transports[i], sizeof(all->transports[i]), same > 1 ? "%.8s%u" : "%.8s",
                 vw_transport_name(uris[i]->transport), same);
    }
}

void vw_conditions_of_clients(struct vw_conditions *all, bool can_tls)
{
    static const char names[][12] = {"unix", "tcp", "tls"};
    *all = (struct vw_conditions){.levels = {VW_BYTES_GLUED_BEHIND, 2, can_tls ? 3 : 2}};
    memcpy(all->transports, names, sizeof(names));
}

/* ---- as text ---- */

static bool is_word(const char *name, const char *text, size_t len)
{
    return strlen(name) == len && strncmp(name, text, len) == 0;
}

static int tell_known(const struct vw_conditions *all, const char *text, size_t len,
                      struct vw_error *err)
{
    char known[300];
    size_t used = 0;
    for (unsigned f = 0; f < VW_FACTORS; f++)
        for (unsigned v = 0; v < all->levels[f] && used < sizeof(known); v++)
            used += (size_t)snprintf(known + used, sizeof(known) - used, "%s%s=%s",
                                     used ? ", " : "", factor_names[f], value_name(all, f, v));
    return vw_error_set(err, VW_EUSAGE, "unknown condition \"%.*s\"; known are %s",
                        (int)(len < 40 ? len : 40), text, known);
}

/* The factor and value of "bytes=byte". */
static bool find_value(const struct vw_conditions *all, const char *text, size_t len,
                       struct vw_condition *out)
{
    size_t name = strcspn(text, "=,");
    for (unsigned f = 0; f < VW_FACTORS && name + 1 < len; f++)
        for (unsigned v = 0; v < all->levels[f] && is_word(factor_names[f], text, name); v++)
            if (is_word(value_name(all, f, v), text + name + 1, len - name - 1)) {
                out->value[f] = v;
                return true;
            }
    return false;
}

int vw_condition_parse(const struct vw_conditions *all, const char *text, struct vw_condition *out,
                       struct vw_error *err)
{
    *out = (struct vw_condition){0};
    do {
        size_t len = strcspn(text, ",");
        if (!find_value(all, text, len, out))
            return tell_known(all, text, len, err);
        text += len + (text[len] == ',');
    } while (*text);
    return 0;
}

char *vw_condition_text(const struct vw_conditions *all, const struct vw_condition *c,
                        char buf[VW_CONDITION_ROOM])
{
    size_t used = 0;
    *buf = '\0';
    for (unsigned f = 0; f < VW_FACTORS; f++)
        if (c->value[f])
            used +=
                (size_t)snprintf(buf + used, VW_CONDITION_ROOM - used, "%s%s=%s", used ? "," : "",
                                 factor_names[f], value_name(all, f, c->value[f]));
    return buf;
}

/* ---- parts ---- */

unsigned vw_condition_size(const struct vw_condition *c)
{
    unsigned n = 0;
    for (unsigned f = 0; f < VW_FACTORS; f++)
        n += c->value[f] != 0;
    return n;
}

struct vw_condition vw_condition_part(const struct vw_condition *c, unsigned mask)
{
    struct vw_condition part = {0};
    for (unsigned f = 0; f < VW_FACTORS; f++)
        if (mask >> f & 1)
            part.value[f] = c->value[f];
    return part;
}

/* ---- the covering array ---- */

static struct vw_condition condition_at(const struct vw_conditions *all, unsigned at)
{
    struct vw_condition c;
    for (unsigned f = 0; f < VW_FACTORS; f++) {
        c.value[f] = at % all->levels[f];
        at /= all->levels[f];
    }
    return c;
}

/* Whether a row of ROWS, or the usual one, has the values of C in the factors of MASK. */
static bool is_covered(const struct vw_condition *c, unsigned mask, const struct vw_condition *rows,
                       size_t n)
{
    const struct vw_condition want = vw_condition_part(c, mask);
    bool covered = vw_condition_size(&want) == 0;
    for (size_t i = 0; i < n && !covered; i++) {
        const struct vw_condition has = vw_condition_part(&rows[i], mask);
        covered = memcmp(&has, &want, sizeof(has)) == 0;
    }
    return covered;
}

/* How many tuples of T values C would cover besides. */
static unsigned gain(const struct vw_condition *c, unsigned t, const struct vw_condition *rows,
                     size_t n)
{
    unsigned more = 0;
    for (unsigned mask = 0; mask < SUBSETS; mask++)
        if ((unsigned)__builtin_popcount(mask) == t)
            more += !is_covered(c, mask, rows, n);
    return more;
}

/* Greedy: always the row that covers most, of equals the one that is most as usual. */
size_t vw_conditions_cover(const struct vw_conditions *all, unsigned t, struct vw_condition *rows)
{
    const unsigned total = all->levels[0] * all->levels[1] * all->levels[2];
    size_t n = 0;
    for (;;) {
        struct vw_condition best = {0};
        unsigned most = 0;
        for (unsigned i = 0; i < total; i++) {
            const struct vw_condition c = condition_at(all, i);
            unsigned more = gain(&c, t < VW_FACTORS ? t : VW_FACTORS, rows, n);
            if (more > most ||
                (more && more == most && vw_condition_size(&c) < vw_condition_size(&best))) {
                best = c;
                most = more;
            }
        }
        if (!most)
            return n;
        rows[n++] = best;
    }
}
