// SPDX-License-Identifier: MIT
// What messages mean to a client and to a server: each row is what comes and what is done, and
// exactly the events and messages that come of it.
#include "session/test-rows.h"

#define CLIENT_ROWS(rows) EXPECT_ROWS(rows, VW_ROLE_CLIENT, 0, false)
#define SERVER_ROWS(rows) EXPECT_ROWS(rows, VW_ROLE_SERVER, 0, false)

#define GOT_GET M(SERVER, GET, REPLY, 0, 0, "\0\0\0\7")
#define READING DO(CALL, READ, 0), M(SERVER, READ, REPLY, 0, 0, "")
#define WRITING DO(CALL, WRITE, 0), M(SERVER, WRITE, REPLY, 0, 0, "")

static void answers_to_a_client(void **state)
{
    static const struct row rows[] = {
        {{DO(CALL, GET, 0), GOT_GET}, ">0:1:0:0+0; reply get value user; "},
        {{DO(CALL, GET, 0), DO(CALL, GET, 1), M(SERVER, GET, REPLY, 1, 0, "\0\0\0\7"), GOT_GET},
         ">0:1:0:0+0; >0:1:1:0+0; reply get value early user; reply get value user; "},
        {{DO(CALL, GET, 0), M(SERVER, GET, REPLY, 0, 0, "\0\0\0\7more")},
         ">0:1:0:0+0; reply get value user; "},
        {{DO(CALL, GET, 0), M(SERVER, GET, REPLY, 0, 0, "\0\0\0")},
         ">0:1:0:0+0; error H-5 get local user 39/7 cannot decode the reply to get: 4 bytes are "
         "needed for int, 3 left at v, offset 0; !server H-5 cannot decode the reply to get: 4 "
         "bytes are needed for int, 3 left at v, offset 0; "},
        {{DO(CALL, GET, 0), M(SERVER, GET, REPLY, 0, 2, "\0\0\0\7")},
         ">0:1:0:0+0; error H-5 get local user 39/7 a reply with status 2; !server H-5 a reply "
         "with status 2; "},
        {{DO(CALL, GET, 0), M(SERVER, GET, REPLY, 0, 3, "\0\0\0\7")},
         ">0:1:0:0+0; error H-5 get local user 39/7 a reply with status 3; !server H-5 a reply "
         "with status 3; "},
        {{DO(CALL, GET, 0), M(SERVER, GET, REPLY, 0, -1, "\0\0\0\7")},
         ">0:1:0:0+0; error H-5 get local user 39/7 a reply with status -1; !server H-5 a reply "
         "with status -1; "},
        {{DO(CALL, GET, 0), M(SERVER, GET, REPLY, 0, 1, ERROR_BYTES)},
         ">0:1:0:0+0; error get user 42/10 -; "},
        {{DO(CALL, GET, 0), M(SERVER, GET, REPLY, 0, 1, "\0\0\0\1")},
         ">0:1:0:0+0; error E-1 get local user 39/7 cannot decode the error of get: the bytes end "
         "within an error structure at domain, offset 4; !server E-1 cannot decode the error of "
         "get: the bytes end within an error structure at domain, offset 4; "},
        {{DO(CALL, GET, 0), DO(CALL, GET, 1), M(SERVER, GET, REPLY, 1, 1, ERROR_BYTES)},
         ">0:1:0:0+0; >0:1:1:0+0; error get early user 42/10 -; "},
        {{DO(CALL, GET, 0), M(SERVER, PUT, REPLY, 0, 0, "\0\0\0\7"), DO(CALL, GET, 1)},
         ">0:1:0:0+0; error H-9 get local user 1/7 the reply to procedure 1 names procedure 2; "
         "!server H-9 the reply to procedure 1 names procedure 2; >0:1:1:0+0; "},
        {{DO(CALL, GET, 0), M(SERVER, GET, REPLY_WITH_FDS, 0, 0, "\0\0\0\0\0\0\0\7")},
         ">0:1:0:0+0; reply get value user; "},
        {{DO(CALL, GET, 0), M(SERVER, GET, REPLY, 1, 0, "\0\0\0\7")},
         ">0:1:0:0+0; !server H-9 a reply with serial 1 that no call waits for; error H-9 get "
         "local user 1/7 a reply with serial 1 that no call waits for; closed H-9; "},
        {{DO(CALL, GET, 0), GOT_GET, GOT_GET},
         ">0:1:0:0+0; reply get value user; !server H-9 a reply with serial 0 that no call waits "
         "for; closed H-9; "},
        {{DO(CALL, GET, 0), DO(FORGET, GET, 0), GOT_GET}, ">0:1:0:0+0; dropped; "},
        {{DO(CALL, GET, 0), DO(FORGET, GET, 0), M(SERVER, GET, REPLY, 0, 1, ERROR_BYTES)},
         ">0:1:0:0+0; dropped; "},
        {{DO(CALL, GET, 0), DO(FORGET, GET, 0), M(SERVER, PUT, REPLY, 0, 0, "")},
         ">0:1:0:0+0; dropped; "},
        {{DO(CALL, READ, 0), M(SERVER, READ, REPLY, 0, 0, "")},
         ">0:3:0:0+0; reply read opens user; "},
        {{DO(CALL, READ, 0), M(SERVER, READ, REPLY, 0, 1, ERROR_BYTES)},
         ">0:3:0:0+0; error read user 42/10 -; "},
        {{DO(CALL, READ, 0), DO(FORGET, READ, 0), M(SERVER, READ, REPLY, 0, 0, "")},
         ">0:3:0:0+0; dropped; >3:3:0:1+0; "},
        {{DO(CALL, READ, 0), DO(FORGET, READ, 0), M(SERVER, READ, REPLY, 0, 1, ERROR_BYTES)},
         ">0:3:0:0+0; dropped; "},
        {{DO(CALL, READ, 0), DO(FORGET, READ, 0), M(SERVER, PUT, REPLY, 0, 0, "")},
         ">0:3:0:0+0; dropped; "},
        {{M(SERVER, GET, CALL, 0, 0, "")},
         "!server H-11 a message of type 0 from a server; closed H-11; "},
        {{M(SERVER, GET, CALL_WITH_FDS, 0, 0, "\0\0\0\0")},
         "!server H-11 a message of type 4 from a server; closed H-11; "},
    };
    CLIENT_ROWS(rows);
}

static void events_of_a_client(void **state)
{
    static const struct row rows[] = {
        {{M(SERVER, TICK, MESSAGE, 1, 0, "\0\0\0\7")}, "event tick value; "},
        {{M(SERVER, TICK, MESSAGE, 9, 9, "\0\0\0\7")}, "event tick value; "},
        {{M(SERVER, TICK, MESSAGE, 1, 0, "\0\0\0")},
         "dropped H-11; !server V-2 cannot decode event tick: 4 bytes are needed for int, 3 left "
         "at v, offset 0; "},
        {{M(SERVER, GET, MESSAGE, 1, 0, "\0\0\0\7")}, "dropped H-11; "},
        {{M(SERVER, 99, MESSAGE, 1, 0, "\0\0\0\7")}, "dropped H-11; "},
        {{OF(SERVER, TOY, 2, TICK, MESSAGE, 1, 0, "\0\0\0\7")},
         "!server H-11 an event of program 0x20202020 version 2, which nobody asked for; closed "
         "H-11; "},
        {{OF(SERVER, KEEPALIVE, 1, 1, MESSAGE, 0, 0, "")}, "ping ping; >2:2:0:0+0; "},
        {{OF(SERVER, KEEPALIVE, 1, 2, MESSAGE, 0, 0, "")}, "pong pong; "},
        {{OF(SERVER, KEEPALIVE, 1, 3, MESSAGE, 0, 0, "")}, "dropped K-3; "},
        {{OF(SERVER, KEEPALIVE, 2, 1, MESSAGE, 0, 0, "")}, "dropped K-3; "},
    };
    CLIENT_ROWS(rows);
}

static void streams_of_a_client(void **state)
{
    static const struct row rows[] = {
        {{READING, M(SERVER, READ, STREAM, 0, 2, "x"), M(SERVER, READ, STREAM, 0, 2, ""),
          DO(FINISH, READ, 0), M(SERVER, READ, STREAM, 0, 0, "")},
         ">0:3:0:0+0; reply read opens user; stream data read user; stream end read user; "
         ">3:3:0:0+0; stream finish read user; "},
        {{READING, DO(ABORT, READ, 0), M(SERVER, READ, STREAM, 0, 2, "x"),
          M(SERVER, READ, STREAM, 0, 0, ""), M(SERVER, READ, STREAM, 0, 2, "")},
         ">0:3:0:0+0; reply read opens user; >3:3:0:1+0; stream data read user; stream finish read "
         "user; dropped S-10; "},
        {{READING, DO(ABORT, READ, 0), M(SERVER, READ, STREAM, 0, 1, ERROR_BYTES)},
         ">0:3:0:0+0; reply read opens user; >3:3:0:1+0; stream error read user 42/10 -; "},
        {{READING, M(SERVER, READ, STREAM, 0, 1, ERROR_BYTES), M(SERVER, READ, STREAM, 0, 2, "x")},
         ">0:3:0:0+0; reply read opens user; stream error read user 42/10 -; dropped S-10; "},
        {{READING, M(SERVER, READ, STREAM, 0, 1, "\0"), M(SERVER, READ, STREAM, 0, 2, "x")},
         ">0:3:0:0+0; reply read opens user; stream error S-7 read local user 39/7 cannot decode "
         "the error of a stream: the bytes end within an error structure at code, offset 0; "
         "!server S-7 cannot decode the error of a stream: the bytes end within an error structure "
         "at code, offset 0; dropped S-10; "},
        {{READING, M(SERVER, READ, STREAM, 0, 0, "")},
         ">0:3:0:0+0; reply read opens user; !server S-10 status 0 on a stream that does not wait "
         "for it; closed S-10; "},
        {{READING, M(SERVER, READ, STREAM, 0, 3, "")},
         ">0:3:0:0+0; reply read opens user; !server S-10 status 3 on a stream that does not wait "
         "for it; closed S-10; "},
        {{READING, DO(FINISH, READ, 0), M(SERVER, READ, STREAM, 0, -1, "")},
         ">0:3:0:0+0; reply read opens user; >3:3:0:0+0; !server S-10 status -1 on a stream that "
         "does not wait for it; closed S-10; "},
        {{READING, M(SERVER, READ, STREAM_HOLE, 0, 2, "\0\0\0\0\0\0\0\1\0\0\0\0")},
         ">0:3:0:0+0; reply read opens user; stream hole read user; "},
        {{READING, M(SERVER, READ, STREAM_HOLE, 0, 2, "\0\0\0\0\0\0\0\1\0\0\0"),
          M(SERVER, READ, STREAM, 0, 2, "x"), M(SERVER, READ, STREAM, 0, 0, "")},
         ">0:3:0:0+0; reply read opens user; stream error S-12 read local user 39/7 a hole that "
         "cannot be decoded; !server S-12 a hole that cannot be decoded; >3:3:0:1+0; stream data "
         "read; stream finish read; "},
        {{READING, DO(ABORT, READ, 0), M(SERVER, READ, STREAM_HOLE, 0, 2, "\0")},
         ">0:3:0:0+0; reply read opens user; >3:3:0:1+0; stream error S-12 read local user 39/7 a "
         "hole that cannot be decoded; !server S-12 a hole that cannot be decoded; "},
        {{READING, M(SERVER, READ, STREAM, 1, 2, "x")},
         ">0:3:0:0+0; reply read opens user; dropped S-10; "},
        {{READING, M(SERVER, WRITE, STREAM, 0, 2, "x")},
         ">0:3:0:0+0; reply read opens user; dropped S-10; "},
        {{M(SERVER, READ, STREAM, 0, 1, ERROR_BYTES)}, "dropped S-10; "},
        {{M(SERVER, READ, STREAM_HOLE, 0, 1, ERROR_BYTES)}, "dropped S-10; "},
        {{M(SERVER, READ, STREAM, 0, 0, "")},
         "!server S-10 the end of a stream that nobody waits for; closed S-10; "},
        {{M(SERVER, READ, STREAM_HOLE, 0, 0, "")}, "dropped S-10; "},
        {{DO(CALL, GET, 0), M(SERVER, GET, STREAM, 0, 1, ERROR_BYTES), GOT_GET},
         ">0:1:0:0+0; dropped S-10; reply get value user; "},
        {{WRITING, M(SERVER, WRITE, STREAM, 0, 2, "x"), DO(FINISH, WRITE, 0)},
         ">0:4:0:0+0; reply write opens user; stream data write user; >3:4:0:0+0; "},
    };
    CLIENT_ROWS(rows);
}

/* Packets of a stream ahead of the reply to its call. */
static void early_streams_of_a_client(void **state)
{
    static const struct row rows[] = {
        {{DO(CALL, READ, 0), M(SERVER, READ, STREAM, 0, 2, "x"), M(SERVER, READ, REPLY, 0, 0, "")},
         ">0:3:0:0+0; stream data read ahead user; reply read opens user; "},
        {{DO(CALL, READ, 0), M(SERVER, READ, STREAM, 0, 1, ERROR_BYTES),
          M(SERVER, READ, STREAM, 0, 2, "x"), M(SERVER, READ, REPLY, 0, 0, "")},
         ">0:3:0:0+0; stream error read ahead user 42/10 -; dropped S-10; reply read user; "},
        {{DO(CALL, READ, 0), M(SERVER, READ, STREAM, 0, 1, "\0"), M(SERVER, READ, REPLY, 0, 0, "")},
         ">0:3:0:0+0; stream error S-7 read ahead local user 39/7 cannot decode the error of a "
         "stream: the bytes end within an error structure at code, offset 0; !server S-7 cannot "
         "decode the error of a stream: the bytes end within an error structure at code, offset 0; "
         "reply read user; "},
        {{DO(CALL, READ, 0), M(SERVER, READ, STREAM, 0, 0, "")},
         ">0:3:0:0+0; !server S-10 status 0 on a stream that does not wait for it; error S-10 read "
         "local user 1/7 status 0 on a stream that does not wait for it; closed S-10; "},
        {{DO(CALL, READ, 0), M(SERVER, READ, STREAM_HOLE, 0, 2, "\0"),
          M(SERVER, READ, REPLY, 0, 0, "")},
         ">0:3:0:0+0; stream error S-12 read ahead local user 39/7 a hole that cannot be decoded; "
         "!server S-12 a hole that cannot be decoded; reply read opens user; "},
        {{DO(CALL, READ, 0), DO(FORGET, READ, 0), M(SERVER, READ, STREAM, 0, 2, "x"),
          M(SERVER, READ, REPLY, 0, 0, "")},
         ">0:3:0:0+0; dropped S-10; dropped; >3:3:0:1+0; "},
        {{DO(CALL, READ, 0), DO(FORGET, READ, 0), M(SERVER, READ, STREAM, 0, 1, ERROR_BYTES),
          M(SERVER, READ, REPLY, 0, 0, "")},
         ">0:3:0:0+0; dropped S-10; dropped; "},
        {{DO(CALL, READ, 0), DO(FORGET, READ, 0), M(SERVER, READ, STREAM_HOLE, 0, 1, ERROR_BYTES),
          M(SERVER, READ, REPLY, 0, 0, "")},
         ">0:3:0:0+0; dropped S-10; dropped; >3:3:0:1+0; "},
        {{DO(CALL, READ, 0), M(SERVER, READ, STREAM, 0, 1, ERROR_BYTES), DO(FORGET, READ, 0),
          M(SERVER, READ, REPLY, 0, 0, "")},
         ">0:3:0:0+0; stream error read ahead user 42/10 -; dropped; "},
        {{DO(CALL, GET, 0), M(SERVER, GET, STREAM, 0, 2, "x"), GOT_GET},
         ">0:1:0:0+0; dropped S-10; reply get value user; "},
    };
    CLIENT_ROWS(rows);
}

static void calls_of_a_server(void **state)
{
    static const struct row rows[] = {
        {{M(CLIENT, GET, CALL, 5, 0, ""), DO(REPLY, GET, 5)}, "call get; >1:1:5:0+0; "},
        {{M(CLIENT, TEXT, CALL, 5, 0, "\0\0\0\1a\0\0\0\0\0\0\0")}, "call text value high; "},
        {{M(CLIENT, TEXT, CALL, 5, 0, "\0\0\0\1a\0\0\0\0\0\0")},
         "refused D-9 39/7 cannot decode the arguments of text: 4 bytes are needed for a length, 3 "
         "left at o, offset 8; >1:6:5:1+244; "},
        {{M(CLIENT, GET, CALL, 5, 1, "")}, "refused D-8 39/7 a call has status 1; >1:1:5:1+100; "},
        {{M(CLIENT, GET, CALL, 5, -1, "")},
         "refused D-8 39/7 a call has status -1; >1:1:5:1+100; "},
        {{M(CLIENT, TICK, CALL, 5, 0, "")},
         "refused D-5 39/7 unknown procedure: 5; >1:5:5:1+100; "},
        {{M(CLIENT, 0, CALL, 5, 0, "")}, "refused D-4 39/7 unknown procedure: 0; >1:0:5:1+100; "},
        {{M(CLIENT, 7, CALL, 5, 0, "")}, "refused D-4 39/7 unknown procedure: 7; >1:7:5:1+100; "},
        {{OF(CLIENT, TOY, 2, GET, CALL, 5, 0, "")},
         "refused D-2 39/7 program 0x20202020 version 2 is not served here; >1:1:5:1+156; "},
        {{OF(CLIENT, 1, 1, GET, CALL, 5, 0, "")},
         "refused D-1 39/7 program 0x00000001 version 1 is not served here; >1:1:5:1+156; "},
        {{OF(CLIENT, KEEPALIVE, 1, 1, CALL, 5, 0, "")},
         "refused D-1 39/7 program 0x6b656570 version 1 is not served here; >1:1:5:1+156; "},
        {{OF(CLIENT, KEEPALIVE, 1, 1, MESSAGE, 5, 0, "x")}, "ping ping; >2:2:0:0+0; "},
        {{OF(CLIENT, KEEPALIVE, 1, 3, MESSAGE, 5, 0, "x")}, "dropped K-3; "},
        {{M(CLIENT, GET, REPLY, 5, 0, "")}, "dropped D-6; "},
        {{M(CLIENT, GET, STREAM, 5, 0, "")}, "dropped D-7; "},
        {{M(CLIENT, GET, STREAM_HOLE, 5, 0, "")}, "dropped D-6; "},
        {{OF(CLIENT, 1, 1, GET, STREAM, 5, 0, "")}, "dropped D-3; "},
        {{M(CLIENT, GET, CALL_WITH_FDS, 5, 0, "\0\0\0\0")}, "call get; "},
        {{M(CLIENT, GET, CALL_WITH_FDS, 5, 0, "\0\0\0\1")},
         "!client P-6 1 descriptors where none can be passed; closed P-6; "},
        {{M(CLIENT, GET, CALL_WITH_FDS, 5, 0, "\0\0\0")},
         "!client D-14 no count of descriptors from 0 to 32; closed D-14; "},
        {{M(CLIENT, GET, REPLY_WITH_FDS, 5, 0, "\0\0\0\41")},
         "!client D-14 no count of descriptors from 0 to 32; closed D-14; "},
    };
    SERVER_ROWS(rows);
}

#define OPENED_READ M(CLIENT, READ, CALL, 5, 0, ""), DO(OPEN_STREAM, READ, 5), DO(REPLY, READ, 5)
#define OPENED_WRITE                                                                               \
    M(CLIENT, WRITE, CALL, 5, 0, ""), DO(OPEN_STREAM, WRITE, 5), DO(REPLY, WRITE, 5)

static void streams_of_a_server(void **state)
{
    static const struct row rows[] = {
        {{OPENED_WRITE, M(CLIENT, WRITE, STREAM, 5, 2, "x"), M(CLIENT, WRITE, STREAM, 5, 2, ""),
          M(CLIENT, WRITE, STREAM, 5, 0, "x"), DO(FINISH, WRITE, 5)},
         "call write; >1:4:5:0+0; stream data write user; stream end write user; stream finish "
         "write user; >3:4:5:0+0; "},
        {{OPENED_READ, M(CLIENT, READ, STREAM, 5, 2, "x"), M(CLIENT, READ, STREAM, 5, 2, "")},
         "call read; >1:3:5:0+0; stream data S-15 read user; stream end S-15 read user; "},
        {{OPENED_READ, M(CLIENT, READ, STREAM, 5, 0, ""), DO(FINISH, READ, 5),
          M(CLIENT, READ, STREAM, 5, 0, "")},
         "call read; >1:3:5:0+0; stream finish read user; >3:3:5:0+0; dropped D-7; "},
        {{OPENED_READ, M(CLIENT, READ, STREAM, 5, 1, ""), DO(FINISH, READ, 5)},
         "call read; >1:3:5:0+0; stream abort read user; >3:3:5:0+0; "},
        {{OPENED_READ, M(CLIENT, READ, STREAM, 5, 3, ""), M(CLIENT, READ, STREAM, 5, 2, "x")},
         "call read; >1:3:5:0+0; stream abort S-8 read local user 39/38 a stream has no such "
         "status; >3:3:5:1+116; dropped D-7; "},
        {{OPENED_READ, M(CLIENT, READ, STREAM, 5, -1, "x")},
         "call read; >1:3:5:0+0; stream abort S-8 read local user 39/38 a stream has no such "
         "status; >3:3:5:1+116; "},
        {{OPENED_READ, M(CLIENT, READ, STREAM, 6, 2, "x")}, "call read; >1:3:5:0+0; dropped D-7; "},
        {{OPENED_READ, M(CLIENT, WRITE, STREAM, 5, 2, "x")},
         "call read; >1:3:5:0+0; dropped D-7; "},
        {{OPENED_READ, M(CLIENT, READ, STREAM_HOLE, 5, 2, "\0\0\0\0\0\0\0\1\0\0\0\0")},
         "call read; >1:3:5:0+0; stream hole S-15 read user; "},
        {{OPENED_WRITE, M(CLIENT, WRITE, STREAM_HOLE, 5, 0, "\0\0\0\0\0\0\0\1\0\0\0\0")},
         "call write; >1:4:5:0+0; stream hole write user; "},
        {{OPENED_WRITE, M(CLIENT, WRITE, STREAM_HOLE, 5, 2, "\0\0\0\0\0\0\0\1\0\0\0")},
         "call write; >1:4:5:0+0; !client S-12 a hole that cannot be decoded; closed S-12; "},
        {{OPENED_WRITE, M(CLIENT, WRITE, CALL, 5, 0, "")}, "call write; >1:4:5:0+0; call write; "},
    };
    SERVER_ROWS(rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_to_a_client), cmocka_unit_test(events_of_a_client),
        cmocka_unit_test(streams_of_a_client), cmocka_unit_test(early_streams_of_a_client),
        cmocka_unit_test(calls_of_a_server),   cmocka_unit_test(streams_of_a_server),
    };
    return cmocka_run_group_tests(tests, load_toy, test_finish) + vw_test_leaked();
}
