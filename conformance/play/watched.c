// SPDX-License-Identifier: MIT
// The table of what the observer of a case looks at.
#include "conformance/play/watched.h"

#include <string.h>

#include "base/nearest.h"

#define WATCHED(ROW)                                                                               \
    ROW("T-5", "no record holds parts of two messages")                                            \
    ROW("F-3", "a length word is no less than a header")                                           \
    ROW("F-4", "a length word is within the limit")                                                \
    ROW("F-7", "the same where the limit is that of 2007")                                         \
    ROW("H-4", "the status of a stream packet is OK, ERROR or CONTINUE")                           \
    ROW("H-5",                                                                                     \
        "an answer repeats the words of its call, its status is OK or ERROR, its body that type")  \
    ROW("H-8", "answers of 2007 come in order")                                                    \
    ROW("H-9", "no answer comes that no call waits for")                                           \
    ROW("H-11", "a message has a type that servers send, and an event a number that is one")       \
    ROW("E-1", "an error structure can be decoded, and nothing stands behind it")                  \
    ROW("E-2", "an error names no domain and no network")                                          \
    ROW("E-5", "the level of an error is 2")                                                       \
    ROW("E-6", "an error has no descriptors")                                                      \
    ROW("X-1", "padding is zero")                                                                  \
    ROW("X-2", "strings are UTF-8 and have no NUL inside")                                         \
    ROW("X-4", "booleans and presence words are 0 or 1")                                           \
    ROW("X-5", "enum words are among their members")                                               \
    ROW("X-6", "char and short words fit their type")                                              \
    ROW("O-4", "a number is within the range that the table of facts has for it")                  \
    ROW("V-10", "no event comes of a kind of object whose events were never asked for")            \
    ROW("V-1", "servers of 2007 send no MESSAGE")                                                  \
    ROW("V-2", "an event has status OK, serial 1 and a body of its type")                          \
    ROW("K-1", "keepalive messages are known ones, with status OK, serial 0 and no body")          \
    ROW("S-1", "a stream packet is of a stream that was opened")                                   \
    ROW("S-2", "a stream packet stands behind the reply that opens it")                            \
    ROW("S-5", "the end of a stream has no body")                                                  \
    ROW("S-7", "nothing comes of a stream behind its end")                                         \
    ROW("S-10", "a stream is not finished before the client asks for it")                          \
    ROW("S-11", "a hole has the status CONTINUE")                                                  \
    ROW("S-12", "a hole can be decoded")                                                           \
    ROW("P-5", "an answer of the type for descriptors holds some")

#define WITH_MEANING(clause, meaning) {clause, meaning},
#define ALONE(clause, meaning)        clause,

const struct vw_watched vw_watched[] = {WATCHED(WITH_MEANING){NULL, NULL}};
const char *const vw_watched_clauses[] = {WATCHED(ALONE) NULL};

bool vw_watched_has(vw_watched_set set, const char *clause)
{
    for (int i = 0; vw_watched[i].clause; i++)
        if (strcmp(vw_watched[i].clause, clause) == 0)
            return set >> i & 1;
    return false;
}

int vw_watched_add(const char *clause, vw_watched_set *set, struct vw_error *err)
{
    size_t n = 0;
    for (; vw_watched_clauses[n]; n++) {
        if (strcmp(clause, vw_watched_clauses[n]) == 0) {
            *set |= (vw_watched_set)1 << n;
            return 0;
        }
    }
    const char *nearest = vw_nearest(clause, vw_watched_clauses, n);
    return vw_error_set(err, VW_ENAME, "nothing is watched for a clause '%.60s'%s%s%s", clause,
                        nearest ? "; the nearest is '" : "", nearest ? nearest : "",
                        nearest ? "'" : "");
}
