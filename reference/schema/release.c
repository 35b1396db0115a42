// SPDX-License-Identifier: MIT
// Releases that have no profile of their own: the nearest older one that has, without the
// procedures that the table of facts dates later, and with the limits that F-6 dates.
#include <string.h>

#include "schema/builtin.h"
#include "schema/internal.h"
#include "schema/settings.h"

/* Before it nobody asked AUTH_LIST: there is one kind of server. */
#define FIRST_WITH_AUTH "0.4.1"
/* What older profiles are made of: nothing has changed its form since 0.4.1 that is known. */
#define OLDEST_MODERN "7.0.0"

/* "9.10.0": three numbers. */
static bool is_release(const char *name)
{
    int numbers = 0;
    for (const char *s = name; numbers < 3; s++) {
        size_t n = strspn(s, "0123456789");
        if (n == 0 || n > 3)
            return false;
        s += n;
        numbers++;
        if (*s != (numbers < 3 ? '.' : '\0'))
            return false;
    }
    return true;
}

size_t vw_release_base(const char *name)
{
    size_t best = VW_NO_RELEASE, oldest = 0;
    if (!is_release(name))
        return VW_NO_RELEASE;
    for (size_t i = 0; vw_builtin_profile_names[i]; i++) {
        if (strcmp(vw_builtin_profile_names[i], OLDEST_MODERN) == 0)
            oldest = i;
        if (strverscmp(vw_builtin_profile_names[i], name) <= 0)
            best = i;
    }
    if (best != VW_NO_RELEASE && best < oldest && strverscmp(name, FIRST_WITH_AUTH) >= 0)
        return oldest;
    return best;
}

/* F-6; a row for the last release that had them. */
static const struct {
    const char *last;
    uint32_t message, string;
} limits[] = {{"0.9.12", 262144, 65536}, {"1.0.5", 4194304, 1048576}, {"3.3.0", 16777216, 4194304}};

/* Constants of the same limit. */
static const struct {
    const char *name;
    bool of_strings;
    uint32_t less; /* than the limit */
} constants[] = {
    {"REMOTE_STRING_MAX", true, 0},
    {"ADMIN_STRING_MAX", true, 0},
    {"VIR_NET_MESSAGE_STRING_MAX", true, 0},
    {"VIR_NET_MESSAGE_MAX", false, 0},
    {"VIR_NET_MESSAGE_PAYLOAD_MAX", false, 24},
};

static int define_limits(struct vw_schema *s, uint32_t message, uint32_t string,
                         struct vw_error *err)
{
    int rc = 0;
    for (size_t i = 0; i < sizeof(constants) / sizeof(constants[0]) && rc == 0; i++)
        rc = vw_schema_define(s, constants[i].name,
                              constants[i].of_strings ? string : message - constants[i].less, err);
    return rc;
}

int vw_release_apply(struct vw_schema *s, const char *release, struct vw_settings *settings,
                     struct vw_error *err)
{
    if (settings->dialect == VW_PROFILE_2007)
        return 0;
    s->release = release;
    s->profiled = true;
    for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
        if (strverscmp(release, limits[i].last) > 0)
            continue;
        settings->max_length_word = limits[i].message + 4;
        settings->string_max = limits[i].string;
        return define_limits(s, limits[i].message, limits[i].string, err);
    }
    return 0;
}
