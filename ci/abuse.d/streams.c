// SPDX-License-Identifier: MIT
// Streams that are opened and left.
#include <stdlib.h>

#include "abuse.h"
#include "message/message.h"

#define VOLUME(length)                                                                             \
    "{\"vol\": {\"pool\": \"test\", \"name\": \"test\", \"key\": \"/test\"}, \"offset\": 0, "      \
    "\"length\": " length ", \"flags\": 0}"

/* SIZE streams on one connection, whose data are read and which are never finished. */
static int unfinished(const struct attack *a)
{
    struct flow f = {.times = 1, .read = true, .seconds = 10 * a->seconds};
    int fd = abuse_client(a);
    abuse_calls(&f.bytes, "storage_vol_download", VOLUME("1"), 2, a->size);
    /* Of each a reply, a byte of data and their end. */
    f.wanted = a->size * (3 * VW_PREFIX_BYTES + 1);
    if (abuse_flow(&fd, 1, &f) < f.wanted)
        return abuse_complain("not all data came");
    abuse_hold(a);
    return 0;
}

/* Serials that a multiplication by the golden ratio, without a seed, puts into one bucket of 2,048.
 */
static uint32_t next_colliding(uint32_t serial)
{
    do
        serial++;
    while ((((uint64_t)serial * 0x9E3779B97F4A7C15u) >> 32) & 0x7ff);
    return serial;
}

static int colliding(const struct attack *a)
{
    struct flow f = {.times = 1, .read = true, .seconds = 10 * a->seconds};
    int fd = abuse_client(a);
    uint32_t serial = 1;
    abuse_calls(&f.bytes, "storage_vol_upload", VOLUME("0"), 2, a->size);
    size_t len = f.bytes.len / a->size;
    for (size_t i = 0; i < a->size; i++) {
        serial = next_colliding(serial);
        vw_store32(f.bytes.data + i * len + VW_LENGTH_BYTES + 16, serial);
    }
    f.wanted = a->size * VW_PREFIX_BYTES;
    if (abuse_flow(&fd, 1, &f) < f.wanted)
        return abuse_complain("not all calls were answered");
    abuse_hold(a);
    return 0;
}

const struct abuse abuse_streams[] = {
    {"unfinished-streams", unfinished}, {"colliding-serials", colliding}, {NULL, NULL}};
