// SPDX-License-Identifier: MIT
// The stack of faults: reading it from the command line, listing what there is.
#include "mock-daemon/faults/fault.h"

#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"
#include "mock-daemon/faults/tls-wrong.h"

static const struct vw_fault_kind *find(const char *name, size_t len)
{
    for (const struct vw_fault_group *g = vw_fault_groups; g->name; g++) {
        for (const struct vw_fault_kind *k = g->kinds; k->name; k++) {
            if (strlen(k->name) == len && memcmp(k->name, name, len) == 0)
                return k;
        }
    }
    return NULL;
}

/* The known name that the user may have meant; NULL: none. */
static const char *find_nearest(const char *name, size_t len)
{
    const char *known[512];
    char given[64];
    size_t n = 0;
    snprintf(given, sizeof(given), "%.*s", (int)(len < 63 ? len : 63), name);
    for (const struct vw_fault_group *g = vw_fault_groups; g->name; g++) {
        for (const struct vw_fault_kind *k = g->kinds; k->name && n < 512; k++)
            known[n++] = k->name;
    }
    return vw_nearest(given, known, n);
}

static int unknown(const char *word, size_t len, struct vw_error *err)
{
    const char *nearest = find_nearest(word, len);
    if (!nearest)
        return vw_error_set(err, VW_ENAME, "no fault is called '%.*s' (--fault list names them)",
                            (int)len, word);
    return vw_error_set(err, VW_ENAME, "no fault is called '%.*s'; the nearest is '%s'", (int)len,
                        word, nearest);
}

static int read_value(const struct vw_fault_kind *kind, const char *text, uint64_t *value,
                      struct vw_error *err)
{
    char *end;
    unsigned long long v;
    if (!kind->takes_value)
        return vw_error_set(err, VW_EUSAGE, "fault %s takes no value", kind->name);
    v = strtoull(text, &end, 0);
    if (*text < '0' || *text > '9' || *end || v > UINT32_MAX)
        return vw_error_set(err, VW_EUSAGE, "fault %s: '%s' is not a number of 32 bits", kind->name,
                            text);
    *value = v;
    return 0;
}

static int parse_one(const char *word, struct vw_fault **out, struct vw_error *err)
{
    size_t len = strcspn(word, "=");
    const struct vw_fault_kind *kind = find(word, len);
    struct vw_fault *f;
    if (!kind)
        return unknown(word, len, err);
    f = calloc(1, sizeof(*f));
    if (!f)
        return vw_error_nomem(err);
    f->kind = kind;
    f->value = kind->value;
    *out = f;
    return word[len] ? read_value(kind, word + len + 1, &f->value, err) : 0;
}

int vw_faults_parse(const char *const *words, size_t n, const struct vw_fault_kind *end,
                    struct vw_fault **out, struct vw_error *err)
{
    struct vw_fault **tail = out;
    int rc = 0;
    *out = NULL;
    for (size_t i = 0; rc == 0 && i < n; i++) {
        rc = parse_one(words[i], tail, err);
        if (*tail) {
            (*tail)->index = (unsigned)i;
            tail = &(*tail)->next;
        }
    }
    if (rc == 0 && n > 0 && end && !(*tail = calloc(1, sizeof(**tail))))
        rc = vw_error_nomem(err);
    if (rc < 0) {
        vw_faults_destroy(*out);
        *out = NULL;
    } else if (n > 0 && end) {
        (*tail)->kind = end;
        (*tail)->index = (unsigned)n;
    }
    return rc;
}

void vw_faults_destroy(struct vw_fault *f)
{
    while (f) {
        struct vw_fault *next = f->next;
        free(f);
        f = next;
    }
}

void vw_faults_list(FILE *out)
{
    for (const struct vw_fault_group *g = vw_fault_groups; g->name; g++) {
        for (const struct vw_fault_kind *k = g->kinds; k->name; k++)
            fprintf(out, "%s%s\t%s\t%s\n", k->name, k->takes_value ? "[=N]" : "", k->clause,
                    k->meaning);
    }
}

enum vw_outcome vw_fault_next_call(const struct vw_fault *f, struct vw_call *c)
{
    do
        f = f->next;
    while (!f->kind->call);
    return f->kind->call(f, c);
}

unsigned vw_faults_tls(const struct vw_fault *f)
{
    unsigned wrong = 0;
    for (; f; f = f->next)
        wrong |= f->kind->tls | (f->kind->tls && f->value ? VW_TLS_BYTE_FOR_ALL : 0);
    return wrong;
}
