// SPDX-License-Identifier: MIT
#include "conformance/report/dialects.h"

#include "conformance/report/object.h"

#define SHOWN 3 /* cases against a dialect */

static size_t explains(const struct vw_dialects *d, int dialect)
{
    return d->asked - d->of[dialect].n_against;
}

bool vw_dialects_follows(const struct vw_dialects *d, enum vw_dialect dialect)
{
    for (int i = 0; i < VW_DIALECTS; i++)
        if (explains(d, i) > explains(d, (int)dialect))
            return false;
    return explains(d, (int)dialect) > 0;
}

static void print_against(const struct vw_dialects *d, int i, bool all, FILE *out)
{
    /* From the whole list: neighbours are about the same clause. */
    size_t n = d->of[i].n_against, shown = all || n < SHOWN ? n : SHOWN;
    if (n == 0)
        return;
    fprintf(out, "  against %s: ", vw_dialect_name((enum vw_dialect)i));
    for (size_t k = 0; k < shown; k++)
        fprintf(out, "%s%s", k ? ", " : "", d->of[i].against[k * n / shown]);
    if (n > shown)
        fprintf(out, " and %zu more; -v names them", n - shown);
    fputc('\n', out);
}

static bool print_those(const struct vw_dialects *d, bool follows, const char *between, FILE *out)
{
    bool any = false;
    for (int i = 0; i < VW_DIALECTS; i++) {
        if (vw_dialects_follows(d, (enum vw_dialect)i) != follows)
            continue;
        fprintf(out, "%s%s (%zu of %zu URIs)", any || !follows ? between : "",
                vw_dialect_name((enum vw_dialect)i), explains(d, i), d->asked);
        any = true;
    }
    return any;
}

void vw_dialects_print(const struct vw_dialects *d, bool all, FILE *out)
{
    fputs("dialect: ", out);
    if (!print_those(d, true, " or ", out))
        fputs("none that is known", out);
    print_those(d, false, ", not ", out);
    fputc('\n', out);
    for (int i = 0; i < VW_DIALECTS; i++)
        print_against(d, i, all, out);
}

struct json_object *vw_dialects_json(const struct vw_dialects *d)
{
    struct json_object *o = json_object_new_object(), *follows = json_object_new_array();
    struct json_object *against = json_object_new_object();
    for (int i = 0; i < VW_DIALECTS; i++) {
        const char *name = vw_dialect_name((enum vw_dialect)i);
        struct json_object *list = json_object_new_array();
        for (size_t k = 0; k < d->of[i].n_against; k++)
            vw_object_append(&list, vw_object_text(d->of[i].against[k]));
        vw_object_add(&against, name, list);
        if (vw_dialects_follows(d, (enum vw_dialect)i))
            vw_object_append(&follows, vw_object_text(name));
    }
    vw_object_add(&o, "follows", follows);
    vw_object_add(&o, "asked", json_object_new_uint64(d->asked));
    vw_object_add(&o, "against", against);
    return o;
}
