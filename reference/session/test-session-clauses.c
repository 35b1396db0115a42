// SPDX-License-Identifier: MIT
// What an observer says of messages of both sides: each row is a traffic, and exactly the events
// and violations that come of it.
#include "session/test-rows.h"

#define ROWS(rows, strict, fds) EXPECT_ROWS(rows, VW_ROLE_OBSERVER, strict, fds)

#define CALL_GET  M(CLIENT, GET, CALL, 0, 0, "")
#define REPLY_GET M(SERVER, GET, REPLY, 0, 0, "\0\0\0\7")
#define READING   M(CLIENT, READ, CALL, 9, 0, ""), M(SERVER, READ, REPLY, 9, 0, "")
#define WRITING   M(CLIENT, WRITE, CALL, 9, 0, ""), M(SERVER, WRITE, REPLY, 9, 0, "")

static void calls(void **state)
{
    static const struct row rows[] = {
        {{CALL_GET, REPLY_GET}, "call get; reply get value; "},
        {{M(CLIENT, TEXT, CALL, 1, 0, "\0\0\0\0\0\0\0\0")}, "call text value high; "},
        {{M(CLIENT, TEXT, CALL, 1, 0,
            "\0\0\0\x9"
            "123456789\0\0\0\0\0\0\0")},
         "call text high; !client D-9 the body cannot be decoded: length 9 is over the limit of 8 "
         "at t, offset 0; "},
        {{M(CLIENT, PUT, CALL, 1, 0, "\0\0\0\0\0\0\0\0\0\0\0")},
         "call put; !client D-9 the body cannot be decoded: 4 bytes are needed for short, 3 left "
         "at s, offset 8; "},
        {{M(CLIENT, PUT, CALL, 1, 0, "")},
         "call put; !client D-9 the body cannot be decoded: 4 bytes are needed for bool, 0 left at "
         "b, offset 0; "},
        {{M(CLIENT, GET, CALL, 1, 1, "")}, "call get; !client H-5 a call with status 1; "},
        {{M(CLIENT, GET, CALL, 1, 2, "")}, "call get; !client H-5 a call with status 2; "},
        {{M(CLIENT, GET, CALL, 1, -1, "")}, "call get; !client H-5 a call with status -1; "},
        {{M(CLIENT, TICK, CALL, 1, 0, "")},
         "call; !client D-4 a call to a procedure that is not known; "},
        {{M(CLIENT, 0, CALL, 1, 0, "")},
         "call; !client D-4 a call to a procedure that is not known; "},
        {{M(CLIENT, 7, CALL, 1, 0, "")},
         "call; !client D-4 a call to a procedure that is not known; "},
        {{OF(CLIENT, TOY, 2, GET, CALL, 1, 0, "")},
         "call; !client H-2 a call to a program or version that is not known; "},
        {{OF(CLIENT, 1, 1, GET, CALL, 1, 0, "")},
         "call; !client H-2 a call to a program or version that is not known; "},
        {{OF(CLIENT, KEEPALIVE, 1, 1, CALL, 1, 0, "")},
         "call; !client H-2 a call to a program or version that is not known; "},
        {{M(CLIENT, GET, REPLY, 1, 0, "")},
         "dropped D-6; !client H-3 a message of type 1 from a client; "},
        {{M(CLIENT, TICK, MESSAGE, 1, 0, "\0\0\0\0")},
         "dropped D-6; !client H-3 a message of type 2 from a client; "},
        {{M(CLIENT, GET, REPLY_WITH_FDS, 1, 0, "\0\0\0\0")},
         "dropped D-6; !client H-3 a message of type 5 from a client; "},
        {{M(CLIENT, GET, CALL_WITH_FDS, 1, 0, "\0\0\0\0")}, "call get; "},
    };
    ROWS(rows, VW_STRICT_ALL, false);
}

static void replies(void **state)
{
    static const struct row rows[] = {
        {{REPLY_GET}, "reply get value; "},
        {{CALL_GET, REPLY_GET, REPLY_GET},
         "call get; reply get value; reply get value; !server H-9 a reply came with serial 0, "
         "which no waiting call has at header.serial, offset -8; "},
        {{CALL_GET, M(SERVER, GET, REPLY, 1, 0, "\0\0\0\7")},
         "call get; reply get value; !server H-9 a reply came with serial 1, which no waiting call "
         "has; the one that waits has 0 at header.serial, offset -8; "},
        {{CALL_GET, M(SERVER, TEXT, REPLY, 0, 0, "")},
         "call get; reply get; !server H-5 the reply must repeat the procedure of its call, 1; it "
         "has 6 at header.procedure, offset -16; !server H-5 the body cannot be decoded: 4 bytes "
         "are needed for int, 0 left at v, offset 0; "},
        {{CALL_GET, OF(SERVER, KEEPALIVE, 1, GET, REPLY, 0, 0, "\0\0\0\7")},
         "call get; reply get value; !server H-5 the reply must repeat the program of its call, "
         "0x20202020; it has 0x6b656570 at header.program, offset -24; "},
        {{CALL_GET, OF(SERVER, TOY, 2, GET, REPLY, 0, 0, "\0\0\0\7")},
         "call get; reply get value; !server H-5 the reply must repeat the version of its call, 1; "
         "it has 2 at header.version, offset -20; "},
        {{CALL_GET, M(SERVER, GET, REPLY, 0, 0, "\0\0\0")},
         "call get; reply get; !server H-5 the body cannot be decoded: 4 bytes are needed for int, "
         "3 left at v, offset 0; "},
        {{CALL_GET, M(SERVER, GET, REPLY, 0, 0, "\0\0\0\7x")},
         "call get; reply get value; !server H-5 1 bytes follow the body; "},
        {{CALL_GET, M(SERVER, GET, REPLY, 0, 2, "\0\0\0\7")},
         "call get; reply get; !server H-5 the status of a reply is 0 or 1; it has 2 at "
         "header.status, offset -4; "},
        {{CALL_GET, M(SERVER, GET, REPLY, 0, 3, "\0\0\0\7")},
         "call get; reply get; !server H-5 the status of a reply is 0 or 1; it has 3 at "
         "header.status, offset -4; "},
        {{CALL_GET, M(SERVER, GET, REPLY, 0, 1, "\0\0\0\7")},
         "call get; error get; !server E-1 the error structure cannot be decoded: the bytes end "
         "within an error structure at domain, offset 4; "},
        {{CALL_GET, M(SERVER, GET, REPLY_WITH_FDS, 0, 0, "\0\0\0\0\0\0\0\7")},
         "call get; reply get value; !server P-5 the reply has the type for descriptors (5) and "
         "holds none at header.type, offset -16; "},
        {{CALL_GET, M(CLIENT, GET, CALL, 1, 0, ""), M(SERVER, GET, REPLY, 1, 0, "\0\0\0\7"),
          REPLY_GET},
         "call get; call get; reply get value early; reply get value; "},
        {{CALL_GET, M(SERVER, GET, CALL, 0, 0, "")},
         "call get; dropped H-11; !server H-11 a message of type 0 came, which no server may send "
         "at header.type, offset -12; "},
        {{CALL_GET, M(SERVER, GET, CALL_WITH_FDS, 0, 0, "\0\0\0\0")},
         "call get; dropped H-11; !server H-11 a message of type 4 came, which no server may send "
         "at header.type, offset -12; "},
        {{CALL_GET, OF(SERVER, TOY, 1, GET, STREAM_HOLE + 1, 0, 0, "")},
         "call get; dropped H-11; !server H-11 a message of type 7 came, which no server may send "
         "at header.type, offset -12; "},
        {{M(CLIENT, 7, CALL, 3, 0, ""), M(SERVER, 7, REPLY, 3, 0, "xx")},
         "call; !client D-4 a call to a procedure that is not known; reply; "},
        {{CALL_GET, CALL_GET, REPLY_GET, REPLY_GET},
         "call get; call get; reply get value; reply get value; "},
    };
    ROWS(rows, VW_STRICT_ALL, false);
}

static void errors(void **state)
{
    static const struct row rows[] = {
        {{CALL_GET, M(SERVER, GET, REPLY, 0, 1, ERROR_BYTES)}, "call get; error get 42/10 -; "},
        {{CALL_GET, M(SERVER, GET, REPLY, 0, 1, ERROR_BYTES "\0")},
         "call get; error get 42/10 -; !server E-1 1 bytes follow the error structure; "},
        {{READING, M(SERVER, READ, STREAM, 9, 1, ERROR_BYTES)},
         "call read; reply read opens; stream error read 42/10 -; "},
        {{READING, M(SERVER, READ, STREAM, 9, 1, ERROR_BYTES "abc")},
         "call read; reply read opens; stream error read 42/10 -; !server E-1 3 bytes follow the "
         "error structure; "},
        {{CALL_GET, CALL_GET, M(SERVER, GET, REPLY, 0, 1, ERROR_BYTES), REPLY_GET},
         "call get; call get; error get 42/10 -; reply get value; "},
        {{M(SERVER, GET, REPLY, 0, 1, ERROR_BYTES)}, "error get 42/10 -; "},
    };
    ROWS(rows, VW_STRICT_ALL, false);
}

/* Without strictness what follows is no matter. */
static void errors_laxly(void **state)
{
    static const struct row rows[] = {
        {{CALL_GET, M(SERVER, GET, REPLY, 0, 1, ERROR_BYTES "\0")},
         "call get; error get 42/10 -; "},
    };
    ROWS(rows, VW_STRICT_ALL & ~VW_STRICT_TRAILING, false);
}

static void events(void **state)
{
    static const struct row rows[] = {
        {{M(SERVER, TICK, MESSAGE, 1, 0, "\0\0\0\7")}, "event tick value; "},
        {{M(SERVER, TICK, MESSAGE, 0, 0, "\0\0\0\7")},
         "event tick value; !server V-2 the serial of an event is 1; it has 0 at header.serial, "
         "offset -8; "},
        {{M(SERVER, TICK, MESSAGE, 2, 0, "\0\0\0\7")},
         "event tick value; !server V-2 the serial of an event is 1; it has 2 at header.serial, "
         "offset -8; "},
        {{M(SERVER, TICK, MESSAGE, 1, 1, "\0\0\0\7")},
         "event tick value; !server V-2 the status of an event is 0; it has 1 at header.status, "
         "offset -4; "},
        {{M(SERVER, TICK, MESSAGE, 1, 0, "\0\0\0")},
         "event tick; !server V-2 the body cannot be decoded: 4 bytes are needed for int, 3 left "
         "at v, offset 0; "},
        {{M(SERVER, TICK, MESSAGE, 1, 0, "\0\0\0\7\0")},
         "event tick value; !server V-2 1 bytes follow the body; "},
        {{M(SERVER, GET, MESSAGE, 1, 0, "")},
         "event; !server H-11 a message of type MESSAGE came whose procedure 1 is no event at "
         "header.procedure, offset -16; "},
        {{OF(SERVER, TOY, 2, TICK, MESSAGE, 1, 0, "\0\0\0\7")},
         "event; !server H-11 an event of a program that is not known; "},
        {{OF(SERVER, 5, 1, TICK, MESSAGE, 1, 0, "\0\0\0\7")},
         "event; !server H-11 an event of a program that is not known; "},
        {{OF(SERVER, KEEPALIVE, 1, 1, MESSAGE, 0, 0, "")}, "ping ping; "},
        {{OF(CLIENT, KEEPALIVE, 1, 2, MESSAGE, 0, 0, "")}, "pong pong; "},
        {{OF(SERVER, KEEPALIVE, 1, 1, MESSAGE, 1, 0, "")},
         "ping ping; !server K-1 a keepalive message has status 0, serial 1 and 0 bytes of body; "},
        {{OF(SERVER, KEEPALIVE, 1, 1, MESSAGE, 0, 2, "")},
         "ping ping; !server K-1 a keepalive message has status 2, serial 0 and 0 bytes of body; "},
        {{OF(CLIENT, KEEPALIVE, 1, 1, MESSAGE, 0, 0, "x")},
         "ping ping; !client K-1 a keepalive message has status 0, serial 0 and 1 bytes of body; "},
        {{OF(CLIENT, KEEPALIVE, 1, 3, MESSAGE, 0, 0, "")},
         "dropped K-3; !client K-1 keepalive version 1 has no message 3; "},
        {{OF(CLIENT, KEEPALIVE, 1, 0, MESSAGE, 0, 0, "")},
         "dropped K-3; !client K-1 keepalive version 1 has no message 0; "},
        {{OF(SERVER, KEEPALIVE, 2, 1, MESSAGE, 0, 0, "")},
         "dropped K-3; !server K-1 keepalive version 2 has no message 1; "},
    };
    ROWS(rows, VW_STRICT_ALL, false);
}

static void streams_of_the_client(void **state)
{
    static const struct row rows[] = {
        {{WRITING, M(CLIENT, WRITE, STREAM, 9, 2, "x"), M(CLIENT, WRITE, STREAM, 9, 2, ""),
          M(CLIENT, WRITE, STREAM, 9, 0, ""), M(SERVER, WRITE, STREAM, 9, 0, "")},
         "call write; reply write opens; stream data write; stream end write; stream finish write; "
         "stream finish write; "},
        {{READING, M(CLIENT, READ, STREAM, 9, 2, "x")},
         "call read; reply read opens; stream data read; !client S-15 data for a stream that only "
         "reads; "},
        {{READING, M(CLIENT, READ, STREAM, 9, 0, "")},
         "call read; reply read opens; stream finish read; "},
        {{READING, M(CLIENT, READ, STREAM, 9, 1, "")},
         "call read; reply read opens; stream abort read; "},
        {{READING, M(CLIENT, READ, STREAM, 9, 3, "")},
         "call read; reply read opens; stream abort read; !client S-8 status 3 on a stream; "},
        {{READING, M(CLIENT, READ, STREAM, 9, -1, "")},
         "call read; reply read opens; stream abort read; !client S-8 status -1 on a stream; "},
        {{WRITING, M(CLIENT, WRITE, STREAM, 9, 0, ""), M(CLIENT, WRITE, STREAM, 9, 2, "x")},
         "call write; reply write opens; stream finish write; stream data write; !client S-5 a "
         "message behind the finish or abort of its stream; "},
        {{WRITING, M(CLIENT, WRITE, STREAM, 9, 1, ""), M(CLIENT, WRITE, STREAM, 9, 0, "")},
         "call write; reply write opens; stream abort write; stream finish write; !client S-5 a "
         "message behind the finish or abort of its stream; "},
        {{WRITING, M(CLIENT, WRITE, STREAM, 9, 0, ""), M(CLIENT, WRITE, STREAM, 9, 1, ""),
          M(SERVER, WRITE, STREAM, 9, 0, "")},
         "call write; reply write opens; stream finish write; stream abort write; !client S-5 a "
         "message behind the finish or abort of its stream; stream finish write; "},
        {{WRITING, M(CLIENT, WRITE, STREAM, 9, 0, ""), M(SERVER, WRITE, STREAM, 9, 0, ""),
          M(CLIENT, WRITE, STREAM, 9, 2, "x")},
         "call write; reply write opens; stream finish write; stream finish write; stream data "
         "write; "},
        {{WRITING, M(CLIENT, WRITE, STREAM, 8, 2, "x")},
         "call write; reply write opens; stream data; !client S-2 a message for a stream that is "
         "not open; "},
        {{WRITING, M(CLIENT, READ, STREAM, 9, 2, "x")},
         "call write; reply write opens; stream data; !client S-2 a message for a stream that is "
         "not open; "},
        {{M(CLIENT, WRITE, STREAM, 9, 2, "x")}, "stream data; "},
        {{M(CLIENT, WRITE, STREAM, 9, 0, "")}, "stream finish; "},
        {{M(CLIENT, WRITE, STREAM, 9, 1, "")}, "stream abort; "},
        {{WRITING, M(CLIENT, WRITE, STREAM, 8, 0, "")},
         "call write; reply write opens; stream finish; !client S-2 a message for a stream that is "
         "not open; "},
        /* Behind the end of the server a finish is no second one. */
        {{WRITING, M(CLIENT, WRITE, STREAM, 9, 0, ""), M(SERVER, WRITE, STREAM, 9, 0, ""),
          M(CLIENT, WRITE, STREAM, 9, 0, ""), M(CLIENT, WRITE, STREAM, 9, 2, "x")},
         "call write; reply write opens; stream finish write; stream finish write; stream finish "
         "write; stream data write; "},
        {{WRITING, M(CLIENT, WRITE, STREAM_HOLE, 9, 2, "\0\0\0\0\0\0\0\1\0\0\0\0")},
         "call write; reply write opens; stream hole write; "},
        {{WRITING, M(CLIENT, WRITE, STREAM_HOLE, 9, 2, "\0\0\0\0\0\0\0\0\0\0\0\0")},
         "call write; reply write opens; stream hole write; "},
        {{WRITING, M(CLIENT, WRITE, STREAM_HOLE, 9, 2, "\0\0\0\0\0\0\0\1\0\0\0\1")},
         "call write; reply write opens; stream hole write; !client S-11 a hole with flags or a "
         "negative length; "},
        {{WRITING, M(CLIENT, WRITE, STREAM_HOLE, 9, 2, "\xff\xff\xff\xff\xff\xff\xff\xff\0\0\0\0")},
         "call write; reply write opens; stream hole write; !client S-11 a hole with flags or a "
         "negative length; "},
        {{WRITING, M(CLIENT, WRITE, STREAM_HOLE, 9, 2, "\0\0\0\0\0\0\0\1\0\0\0")},
         "call write; reply write opens; stream hole write; !client S-12 a hole that cannot be "
         "decoded; "},
        {{WRITING, M(CLIENT, WRITE, STREAM_HOLE, 9, 0, "\0\0\0\0\0\0\0\1\0\0\0\0")},
         "call write; reply write opens; stream hole write; "},
    };
    ROWS(rows, 0, false);
}

static void streams_of_the_server(void **state)
{
    static const struct row rows[] = {
        {{READING, M(SERVER, READ, STREAM, 9, 2, "x"), M(SERVER, READ, STREAM, 9, 2, ""),
          M(CLIENT, READ, STREAM, 9, 0, ""), M(SERVER, READ, STREAM, 9, 0, "")},
         "call read; reply read opens; stream data read; stream end read; stream finish read; "
         "stream finish read; "},
        {{READING, M(CLIENT, READ, STREAM, 9, 1, ""), M(SERVER, READ, STREAM, 9, 0, "")},
         "call read; reply read opens; stream abort read; stream finish read; "},
        {{READING, M(CLIENT, READ, STREAM, 9, 0, ""), M(SERVER, READ, STREAM, 9, 0, "x")},
         "call read; reply read opens; stream finish read; stream finish read; !server S-5 the end "
         "of a stream with a body; "},
        {{READING, M(SERVER, READ, STREAM, 9, 0, "")},
         "call read; reply read opens; stream finish read; !server S-10 the end of a stream that "
         "nobody waits for; "},
        {{READING, M(SERVER, READ, STREAM, 9, 0, "x")},
         "call read; reply read opens; stream finish read; !server S-10 the end of a stream that "
         "nobody waits for; "},
        {{READING, M(SERVER, READ, STREAM, 9, 1, "no structure")},
         "call read; reply read opens; stream error read; !server E-1 the error structure cannot "
         "be decoded: the bytes end within an error structure at message, offset 12; "},
        {{READING, M(SERVER, READ, STREAM, 9, 3, "")},
         "call read; reply read opens; stream finish read; !server H-4 status 3 on a stream; "},
        {{READING, M(SERVER, READ, STREAM, 9, -1, "x")},
         "call read; reply read opens; stream finish read; !server H-4 status -1 on a stream; "},
        {{READING, M(SERVER, READ, STREAM, 9, 1, "x"), M(SERVER, READ, STREAM, 9, 2, "x")},
         "call read; reply read opens; stream error read; !server E-1 the error structure cannot "
         "be decoded: the bytes end within an error structure at code, offset 0; stream data read; "
         "!server S-7 a message of a stream that is over; "},
        {{READING, M(SERVER, READ, STREAM, 8, 2, "x")},
         "call read; reply read opens; stream data; !server S-1 a message of a stream that was "
         "never open; "},
        {{M(CLIENT, READ, CALL, 9, 0, ""), M(SERVER, READ, STREAM, 9, 2, "x")},
         "call read; stream data; !server S-2 a stream message ahead of the reply to its call; "},
        {{M(SERVER, READ, STREAM, 9, 2, "x")}, "stream data; "},
        {{READING, M(SERVER, READ, STREAM_HOLE, 9, 2, "\0\0\0\0\0\0\0\1\0\0\0\0")},
         "call read; reply read opens; stream hole read; "},
        {{READING, M(SERVER, READ, STREAM_HOLE, 9, 0, "\0\0\0\0\0\0\0\1\0\0\0\0")},
         "call read; reply read opens; stream hole read; !server S-11 a hole whose status is not "
         "CONTINUE; "},
        {{READING, M(SERVER, READ, STREAM_HOLE, 9, 2, "\0\0\0\0\0\0\0\1\0\0\0")},
         "call read; reply read opens; stream hole read; !server S-12 a hole that cannot be "
         "decoded; "},
        {{M(CLIENT, READ, CALL, 9, 0, ""), M(SERVER, READ, REPLY, 9, 1, ""),
          M(SERVER, READ, STREAM, 9, 2, "x")},
         "call read; error read; !server E-1 the error structure cannot be decoded: the bytes end "
         "within an error structure at code, offset 0; stream data; !server S-1 a message of a "
         "stream that was never open; "},
        {{READING, M(CLIENT, READ, CALL, 9, 0, ""), M(SERVER, READ, REPLY, 9, 0, ""),
          M(SERVER, READ, STREAM, 9, 2, "x")},
         "call read; reply read opens; call read; reply read opens; stream data read; "},
        /* A serial that is used again is one stream: behind its end there is none. */
        {{READING, READING, M(CLIENT, READ, STREAM, 9, 0, ""), M(SERVER, READ, STREAM, 9, 0, ""),
          M(SERVER, READ, STREAM, 9, 2, "x")},
         "call read; reply read opens; call read; reply read opens; stream finish read; stream "
         "finish read; stream data read; !server S-7 a message of a stream that is over; "},
        {{READING, M(SERVER, GET, STREAM, 9, 2, "x")},
         "call read; reply read opens; stream data; !server S-1 the packet must repeat the "
         "procedure of its call, 3; it has 1 at header.procedure, offset -16; "},
        {{READING, M(CLIENT, READ, STREAM, 9, 0, ""), M(SERVER, READ, STREAM, 9, 0, ""),
          M(SERVER, GET, STREAM, 9, 2, "x")},
         "call read; reply read opens; stream finish read; stream finish read; stream data; "
         "!server S-1 a message of a stream that was never open; "},
        {{READING, WRITING, M(SERVER, READ, STREAM, 9, 2, "x")},
         "call read; reply read opens; call write; reply write opens; stream data read; "},
    };
    ROWS(rows, 0, false);
}

static void descriptors(void **state)
{
    static const struct row rows[] = {
        {{CALL_GET, M(SERVER, GET, REPLY_WITH_FDS, 0, 0, "\0\0\0\0\0\0\0\7")},
         "call get; reply get value; "},
        {{CALL_GET, M(SERVER, GET, REPLY_WITH_FDS, 0, 1, "\0\0\0\0\0\0\0\7")},
         "call get; error get; !server E-1 the error structure cannot be decoded: the bytes end "
         "within an error structure at domain, offset 4; !server E-6 an error with the type for "
         "descriptors (5) at header.type, offset -16; "},
        {{CALL_GET, M(SERVER, GET, REPLY_WITH_FDS, 0, 0, "\0\0\0\x21\0\0\0\7")},
         "call get; !server D-14 no count of descriptors from 0 to 32; closed D-14; "},
        {{CALL_GET, M(SERVER, GET, REPLY_WITH_FDS, 0, 0, "\0\0\0")},
         "call get; !server D-14 no count of descriptors from 0 to 32; closed D-14; "},
    };
    ROWS(rows, 0, true);
}

/* Bodies with everything wrong, and what each kind of strictness says of them. */
static void strictness(void **state)
{
    static const struct {
        unsigned strict;
        const char *said;
    } rows[] = {
        {0, "call put value; call text value high; "},
        {VW_STRICT_BOOL, "call put value; !client X-4 the boolean is 2, neither 0 nor 1 at b, "
                         "offset 0; call text value high; "},
        {VW_STRICT_ENUM, "call put value; !client X-5 2 is no member of colour at c, offset 4; "
                         "call text value high; "},
        {VW_STRICT_NARROW, "call put value; !client X-6 0x00010000 does not fit a short at s, "
                           "offset 8; call text value high; "},
        {VW_STRICT_TRAILING,
         "call put value; !client D-10 2 bytes follow the body; call text value high; "},
        {VW_STRICT_PADDING,
         "call put value; call text value high; !client X-1 padding byte is 0x01, not zero at t, "
         "offset 7; !client X-1 padding byte is 0x01, not zero at o, offset 15; "},
        {VW_STRICT_NUL, "call put value; call text value high; !client X-2 NUL inside a string of "
                        "3 bytes at t, offset 5; "},
        {VW_STRICT_UTF8, "call put value; call text value high; !client X-2 byte 0xff is not UTF-8 "
                         "at t, offset 4; "},
        {VW_STRICT_ALL,
         "call put value; !client D-10 2 bytes follow the body; !client X-4 the boolean is 2, "
         "neither 0 nor 1 at b, offset 0; !client X-5 2 is no member of colour at c, offset 4; "
         "!client X-6 0x00010000 does not fit a short at s, offset 8; call text value high; "
         "!client X-2 NUL inside a string of 3 bytes at t, offset 5; !client X-2 byte 0xff is not "
         "UTF-8 at t, offset 4; !client X-1 padding byte is 0x01, not zero at t, offset 7; !client "
         "X-1 padding byte is 0x01, not zero at o, offset 15; "},
    };
    static const struct message put = M(CLIENT, PUT, CALL, 1, 0, "\0\0\0\2\0\0\0\2\0\1\0\0zz");
    static const struct message text =
        M(CLIENT, TEXT, CALL, 2, 0, "\0\0\0\3\xff\0b\1\0\0\0\1x\0\0\1");
    unsigned wrong = 0;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct row row = {{put, text}, rows[i].said};
        wrong += !row_holds(&row, i, VW_ROLE_OBSERVER, rows[i].strict, false);
    }
    assert_int_equal(wrong, 0);
}

/* Each of N words of one message is wrong. Twelve violations are told; the last stands for the
 * rest, those included that the decoder itself does not keep. */
static void more_than_is_kept(void **state)
{
    const struct vw_session_options o = {
        .role = VW_ROLE_OBSERVER, .profile = toy_profile, .strict = VW_STRICT_BOOL};
    static uint8_t bytes[28 + 4 + 4 * 400];
    for (size_t n = 10; n <= 400; n = n < 15 ? n + 1 : n + 77) {
        const struct vw_header h = {TOY, 1, BITS, VW_MSG_CALL, 1, VW_MSG_OK};
        struct vw_arena arena = VW_ARENA_INIT;
        struct vw_event ev;
        struct vw_session *s;
        size_t all = 0, told = 0;
        memset(bytes, 0xff, sizeof(bytes));
        vw_store32(bytes, (uint32_t)(32 + 4 * n));
        vw_header_encode(&h, bytes + 4);
        vw_store32(bytes + 28, (uint32_t)n);
        assert_int_equal(vw_session_create(&o, &s, NULL), 0);
        assert_int_equal(vw_session_feed(s, VW_SIDE_CLIENT, bytes, 32 + 4 * n), 0);
        assert_int_equal(vw_session_next(s, &arena, &ev), 1);
        assert_int_equal(ev.kind, VW_EVENT_CALL);
        assert_null(ev.finding);
        for (; vw_session_next(s, &arena, &ev) == 1; told++) {
            char path[24];
            assert_int_equal(ev.kind, VW_EVENT_VIOLATION);
            assert_string_equal(ev.finding->clauses, "X-4");
            assert_string_equal(ev.finding->cause, "bool");
            assert_int_equal(ev.finding->place.offset, 32 + 4 * told);
            snprintf(path, sizeof(path), "b[%zu]", told);
            assert_string_equal(ev.finding->place.path, path);
            assert_true(ev.finding->count == 1 || told == 11);
            all += ev.finding->count;
        }
        assert_int_equal(told, n < 12 ? n : 12);
        assert_int_equal(all, n);
        vw_arena_finish(&arena);
        vw_session_destroy(s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calls),
        cmocka_unit_test(replies),
        cmocka_unit_test(errors),
        cmocka_unit_test(errors_laxly),
        cmocka_unit_test(events),
        cmocka_unit_test(streams_of_the_client),
        cmocka_unit_test(streams_of_the_server),
        cmocka_unit_test(descriptors),
        cmocka_unit_test(strictness),
        cmocka_unit_test(more_than_is_kept),
    };
    return cmocka_run_group_tests(tests, load_toy, test_finish) + vw_test_leaked();
}
