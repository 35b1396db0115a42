// SPDX-License-Identifier: MIT
// One script for each way to lie, to stall or to end; the language is that of hostile.h.
#include "fuzz/client-seeds.h"

#include <stdint.h>
#include <string.h>

#include "fuzz/hostile.h"

enum {
    REPLY = VW_HOSTILE_REPLY,
    ERROR = VW_HOSTILE_ERROR,
    EVENT = VW_HOSTILE_EVENT,
    PACKET = VW_HOSTILE_STREAM,
    ABORT = VW_HOSTILE_ABORT,
    HOLE = VW_HOSTILE_HOLE,
    ALIVE = VW_HOSTILE_ALIVE,
    RAW = VW_HOSTILE_RAW,
    BEND = VW_HOSTILE_BEND,
    CUT = VW_HOSTILE_CUT,
    AGAIN = VW_HOSTILE_AGAIN,
    CHUNK = VW_HOSTILE_CHUNK,
    CLOSE = VW_HOSTILE_CLOSE,
    TIME = VW_HOSTILE_TIME,
    READ = VW_HOSTILE_READ,
    FDS = VW_HOSTILE_FDS,
    SUBMIT = VW_CLIENT_SUBMIT,
    PROCESS = VW_CLIENT_PROCESS,
    WAIT = VW_CLIENT_WAIT,
    CALL = VW_CLIENT_CALL,
    STREAM = VW_CLIENT_STREAM,
    SERIAL = VW_CLIENT_SERIAL,
    NO_MEMORY = VW_CLIENT_NO_MEMORY
};

/* Procedures of the target's list. */
enum { GET_TYPE, SCREENSHOT, UPLOAD, LOOKUP, LIST, DOWNLOAD, CONSOLE, GRAPHICS_FD = 10, MONITOR };

/* Data, end, finish or hole of the client on a stream. */
enum { END = 128, FINISH, GIVE_UP, LEAVE_OUT };

#define STALL   (1 << VW_CLIENT_END_SHIFT)
#define GOODBYE (2 << VW_CLIENT_END_SHIFT)

#define SCRIPT(...)                                                                                \
    {                                                                                              \
        sizeof((const uint8_t[]){__VA_ARGS__}), (const uint8_t[])                                  \
        {                                                                                          \
            __VA_ARGS__                                                                            \
        }                                                                                          \
    }

static const struct {
    size_t len;
    const uint8_t *bytes;
} scripts[] = {
    /* good ones */
    SCRIPT(0, SUBMIT, GET_TYPE, 0, SUBMIT, LOOKUP, 20, PROCESS, REPLY, 1, 5, REPLY, 0, 6, PROCESS),
    SCRIPT(STALL, CALL, LOOKUP, REPLY, 0, 3, CALL, MONITOR, ERROR, 1, 20),
    SCRIPT(GOODBYE | VW_CLIENT_OPENING, REPLY, 0, 0, REPLY, 1, 0, CALL, LIST, REPLY, 2, 9),
    SCRIPT(GOODBYE | VW_CLIENT_OPENING | VW_CLIENT_KEEPALIVE, REPLY, 0, 0, BEND, 7, 1, REPLY, 1, 0,
           REPLY, 2, 0, WAIT, 40, ALIVE, 2, WAIT, 90),
    SCRIPT(VW_CLIENT_SUBMIT_AGAIN, SUBMIT, GET_TYPE, 0, PROCESS, REPLY, 0, 0, REPLY, 1, 0, PROCESS,
           PROCESS, REPLY, 2, 1, PROCESS),
    SCRIPT(0, CHUNK, 1, SUBMIT, LIST, 0, PROCESS, REPLY, 0, 40, WAIT, 5, PROCESS, PROCESS),
    /* answers twice, to nobody, not at all */
    SCRIPT(0, SUBMIT, GET_TYPE, 0, PROCESS, REPLY, 0, 2, AGAIN, 1, PROCESS),
    SCRIPT(STALL, SUBMIT, GET_TYPE, 5, SUBMIT, LOOKUP, 9, PROCESS, TIME, 7, PROCESS, REPLY, 0, 0,
           PROCESS),
    SCRIPT(STALL, CALL, GET_TYPE, CALL, GET_TYPE, REPLY, 0, 0, REPLY, 1, 0),
    SCRIPT(0, SUBMIT, GET_TYPE, 0, PROCESS, ERROR, 0, 200, PROCESS),
    SCRIPT(0, SERIAL, 127, SUBMIT, GET_TYPE, 0, SERIAL, 127, SUBMIT, MONITOR, 0, PROCESS, REPLY, 0,
           0, REPLY, 1, 0, PROCESS),
    /* ends */
    SCRIPT(0, SUBMIT, GET_TYPE, 0, PROCESS, CLOSE, 0, PROCESS, PROCESS),
    SCRIPT(0, SUBMIT, GET_TYPE, 0, PROCESS, CLOSE, 1, PROCESS, SUBMIT, GET_TYPE, 0),
    SCRIPT(0, READ, 254, SUBMIT, GET_TYPE, 0, PROCESS, RAW, 3, 1, 2, 3, PROCESS),
    SCRIPT(VW_CLIENT_KEEPALIVE, SUBMIT, GET_TYPE, 0, TIME, 11, PROCESS, TIME, 11, PROCESS, TIME, 11,
           PROCESS, TIME, 11, PROCESS),
    /* floods */
    SCRIPT(STALL, SUBMIT, GET_TYPE, 50, EVENT, 3, 9, AGAIN, 255, AGAIN, 255, PROCESS, PROCESS),
    SCRIPT(STALL, READ, 0, ALIVE, 1, AGAIN, 255, AGAIN, 255, PROCESS, AGAIN, 255, AGAIN, 255,
           PROCESS, AGAIN, 255, AGAIN, 255, PROCESS, AGAIN, 255, AGAIN, 255, PROCESS, AGAIN, 255,
           AGAIN, 255, PROCESS, READ, 255, PROCESS),
    SCRIPT(0, ALIVE, 1, ALIVE, 2, ALIVE, 3, BEND, 2, 2, ALIVE, 1, PROCESS),
    /* streams */
    SCRIPT(0, SUBMIT, SCREENSHOT, 0, PROCESS, REPLY, 0, 0, PACKET, 0, 0, 100, AGAIN, 50, PACKET, 0,
           0, 0, PROCESS, STREAM, 0, FINISH, PROCESS, PACKET, 0, 1, 0, PROCESS),
    SCRIPT(0, SUBMIT, UPLOAD, 0, PROCESS, REPLY, 0, 0, PROCESS, STREAM, 0, 100, STREAM, 0,
           LEAVE_OUT, STREAM, 0, END, PROCESS, ABORT, 0, PROCESS, STREAM, 0, FINISH),
    SCRIPT(0, SUBMIT, DOWNLOAD, 0, PROCESS, REPLY, 0, 0, HOLE, 0, 0, PACKET, 0, 0, 9, PROCESS,
           STREAM, 0, GIVE_UP, PACKET, 0, 0, 9, PROCESS, PACKET, 0, 1, 0, PROCESS),
    SCRIPT(0, SUBMIT, CONSOLE, 0, PROCESS, REPLY, 0, 0, PACKET, 0, 1, 0, PROCESS),
    SCRIPT(0, SUBMIT, CONSOLE, 0, PROCESS, PACKET, 0, 0, 20, REPLY, 0, 0, CUT, 36, HOLE, 0, 0,
           PACKET, 0, 9, 4, PROCESS),
    SCRIPT(VW_CLIENT_END_STREAMS, SUBMIT, SCREENSHOT, 0, PROCESS, REPLY, 0, 0, PROCESS, PACKET, 0,
           0, 30, AGAIN, 255, PROCESS, PACKET, 0, 1, 0, PROCESS),
    /* descriptors */
    SCRIPT(VW_CLIENT_WITH_FDS, SUBMIT, GRAPHICS_FD, 0, PROCESS, FDS, 1, BEND, 4, 5, BEND, 7, 1,
           REPLY, 0, 129, RAW, 1, 0, PROCESS),
    SCRIPT(VW_CLIENT_WITH_FDS, SUBMIT, GRAPHICS_FD, 0, PROCESS, FDS, 40, BEND, 4, 5, BEND, 7, 15,
           REPLY, 0, 129, RAW, 32, PROCESS),
    SCRIPT(VW_CLIENT_WITH_FDS, FDS, 3, ALIVE, 1, PROCESS, CALL, GRAPHICS_FD, FDS, 2, BEND, 4, 5,
           BEND, 7, 2, REPLY, 0, 129, RAW, 2, 0, 0),
    SCRIPT(0, SUBMIT, GRAPHICS_FD, 0, PROCESS, BEND, 4, 5, BEND, 7, 1, REPLY, 0, 129, PROCESS),
    /* nonsense */
    SCRIPT(0, RAW, 32, 0, 0, 0, 32, 0x20, 0, 0x80, 0x86, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0,
           0, 0, 0, 0, 0, 0, 0, 0, 0, 0, PROCESS),
};

/* Each word of an answer made larger, smaller, or something else altogether. */
static void bent_answers(void (*write)(const void *bytes, size_t len))
{
    static const uint8_t codes[] = {191, 193, 0, 1, 2, 9, 30, 31, 33};
    for (uint8_t word = 0; word < 9; word++)
        for (size_t i = 0; i < sizeof(codes); i++) {
            const uint8_t script[] = {0,       SUBMIT, GET_TYPE, 0,        SUBMIT, LOOKUP, 30,
                                      PROCESS, BEND,   word,     codes[i], REPLY,  0,      7,
                                      PROCESS, REPLY,  1,        0,        PROCESS};
            write(script, sizeof(script));
        }
}

/* An answer that ends too soon: the connection closes there, or other bytes follow. */
static void cut_answers(void (*write)(const void *bytes, size_t len))
{
    for (uint8_t at = 1; at < 40; at += 3) {
        const uint8_t closed[] = {0,     SUBMIT, GET_TYPE, 0,     PROCESS, CUT,    at,
                                  REPLY, 0,      7,        CLOSE, 0,       PROCESS};
        const uint8_t goes_on[] = {STALL, CALL, LOOKUP, CUT, at, REPLY, 0, 7, EVENT, 1, 1};
        write(closed, sizeof(closed));
        write(goes_on, sizeof(goes_on));
    }
}

static void events(void (*write)(const void *bytes, size_t len))
{
    for (uint8_t which = 0; which < 80; which++) {
        const uint8_t script[] = {0, EVENT,   which, 0,     EVENT, which,
                                  1, PROCESS, EVENT, which, 130,   PROCESS};
        write(script, sizeof(script));
    }
}

static void out_of_memory(void (*write)(const void *bytes, size_t len))
{
    for (uint8_t n = 1; n < 12; n++) {
        const uint8_t script[] = {0,      SUBMIT, LIST,      0, PROCESS, REPLY,   0,     9, EVENT,
                                  3,      5,      NO_MEMORY, n, PROCESS, PROCESS, CLOSE, 0, SUBMIT,
                                  LOOKUP, 0,      NO_MEMORY, n};
        write(script, sizeof(script));
    }
}

void vw_client_seeds(void (*write)(const void *bytes, size_t len))
{
    for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++)
        write(scripts[i].bytes, scripts[i].len);
    bent_answers(write);
    cut_answers(write);
    events(write);
    out_of_memory(write);
}
