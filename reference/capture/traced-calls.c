// SPDX-License-Identifier: MIT
#include "capture/traced-calls.h"

#include <stdlib.h>
#include <string.h>

#include "base/words.h"

#define LED_MAX  ((size_t)64 * 1024)
#define UNKNOWN  (-1) /* what a call that was begun out of sight moves */
#define HEADWORD 8u   /* bytes up to the end of the number of a program */

void vw_traced_calls_finish(struct vw_traced_calls *t)
{
    vw_buf_finish(&t->led);
}

/* Whether a message may begin with the bytes: a length word alone, as libvirt reads it, or one with
 * a number behind it that a program can have. */
static bool is_message(const uint8_t *bytes, size_t len)
{
    static const uint32_t programs[] = {0x20008086, 0x20008087, 0x20008088, 0x6b656570,
                                        0x06900690, 0x0ea7beef, 0x87539319};
    if (len < 4 || vw_load32(bytes) < 28 || vw_load32(bytes) > 33554436)
        return false;
    for (size_t i = 0; len >= HEADWORD && i < sizeof(programs) / sizeof(programs[0]); i++)
        if (vw_load32(bytes + 4) == programs[i])
            return true;
    return len == 4;
}

static int64_t process_of(const char *text)
{
    const char *mark = strstr(text, "[pid ");
    return strtoll(mark ? mark + strlen("[pid ") : text, NULL, 10);
}

/* Descriptor and direction of a call that begins in TEXT. */
static int64_t what_of(const char *text, const char *args)
{
    char *end;
    long long fd = strtoll(args + 1, &end, 10);
    bool sends = false;
    for (const char *at = text; at + 4 < args; at++)
        sends |= memcmp(at, "writ", 4) == 0 || memcmp(at, "send", 4) == 0;
    return end == args + 1 || fd < 0 || fd > INT32_MAX ? UNKNOWN : fd * 2 + sends;
}

static int64_t resumed(const struct vw_traced_calls *t, int64_t process)
{
    for (unsigned i = 0; i < VW_TRACED_CALLS && i < t->next; i++) {
        unsigned at = (t->next - 1 - i) % VW_TRACED_CALLS;
        if (t->waiting[at].process == process)
            return t->waiting[at].what;
    }
    return UNKNOWN;
}

int vw_traced_calls_sort(struct vw_traced_calls *t, const char *text, const char *args,
                         struct vw_buf *out, size_t before)
{
    int64_t process = process_of(text);
    int64_t what = strstr(text, " resumed>") ? resumed(t, process) : what_of(text, args);
    size_t len = out->len - before;
    if (strstr(args, "<unfinished ...>")) {
        t->waiting[t->next % VW_TRACED_CALLS].process = process;
        t->waiting[t->next++ % VW_TRACED_CALLS].what = what;
    }
    if (len == 0)
        return 0;
    const uint8_t *bytes = out->data + before;
    if (!t->found && is_message(bytes, len)) {
        t->found = true;
        t->wanted = what;
    }
    if (t->found && (what == t->wanted || what == UNKNOWN || t->wanted == UNKNOWN))
        return 0;
    out->len = before;
    if (t->found || t->led.len + len > LED_MAX)
        return 0;
    return vw_buf_append(&t->led, bytes, len);
}

int vw_traced_calls_end(struct vw_traced_calls *t, struct vw_buf *out)
{
    int rc = t->found ? 0 : vw_buf_append(out, t->led.data, t->led.len);
    t->led.len = 0;
    return rc;
}

bool vw_traced_calls_remark(const char *text)
{
    const char *at = text + strcspn(text, "+-");
    return strncmp(at, "+++ ", 4) == 0 || strncmp(at, "--- SIG", 7) == 0 ||
           strncmp(text, "strace: Process ", 16) == 0;
}
