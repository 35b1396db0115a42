// SPDX-License-Identifier: MIT
// The table of what every expectation checks without a word in the case.
#include "conformance/runner/implicit.h"

#include <string.h>

#include "base/nearest.h"
#include "xdr/xdr.h"

struct row {
    const char *name;
    const char *clauses;
    const char *meaning;
};

static const struct row rows[VW_IMPLICITS] = {
    [VW_IMPLICIT_ECHO_PROGRAM] = {"echo-program", "H-5 D-1 S-1",
                                  "answers and packets repeat the program of their call"},
    [VW_IMPLICIT_ECHO_VERSION] = {"echo-version", "H-5 D-2 S-1",
                                  "answers and packets repeat the version of their call"},
    [VW_IMPLICIT_ECHO_PROCEDURE] = {"echo-procedure", "H-5 D-4 S-1",
                                    "answers and packets repeat the procedure of their call"},
    [VW_IMPLICIT_REPLY_TYPE] = {"reply-type", "P-5",
                                "an answer without descriptors has the type REPLY"},
    [VW_IMPLICIT_REPLY_STATUS] = {"reply-status", "H-4 H-5",
                                  "the status of an answer is OK or ERROR"},
    [VW_IMPLICIT_REPLY_BODY] = {"reply-body", "H-5",
                                "a result that the case says nothing about can be decoded"},
    [VW_IMPLICIT_NO_BODY] = {"no-body", "H-5", "nothing stands where nothing is returned"},
    [VW_IMPLICIT_ERROR_BODY] = {"error-body", "E-1",
                                "an error that the case says nothing about can be decoded"},
    [VW_IMPLICIT_ERROR_LEVEL] = {"error-level", "E-5", "the level of an error is 2"},
    [VW_IMPLICIT_MESSAGE_STATUS] = {"message-status", "V-2 K-1", "the status of a message is OK"},
    [VW_IMPLICIT_PADDING] = {"padding", "X-1", "padding is zero"},
    [VW_IMPLICIT_BOOL] = {"bool", "X-4", "booleans and presence words are 0 or 1"},
    [VW_IMPLICIT_ENUM] = {"enum", "X-5 A-3", "enum words are among their members"},
    [VW_IMPLICIT_NUL] = {"nul", "X-2", "no NUL stands inside a string"},
    [VW_IMPLICIT_UTF8] = {"utf8", "X-2", "strings are UTF-8"},
    [VW_IMPLICIT_NARROW] = {"narrow", "X-6", "char and short words fit their type"},
    [VW_IMPLICIT_TRAILING] = {"trailing", "H-5 E-1", "nothing stands behind a body"},
    [VW_IMPLICIT_STRAY_REPLY] = {"stray-reply", "H-5 H-7 H-9",
                                 "no answer comes with a serial that no call had"},
    [VW_IMPLICIT_SECOND_REPLY] = {"second-reply", "H-5 D-26", "no call is answered twice"},
    [VW_IMPLICIT_STRAY_EVENT] = {"stray-event", "H-5 V-2 S-1",
                                 "no MESSAGE has the number of a call"},
    [VW_IMPLICIT_STRAY_TYPE] = {"stray-type", "H-3 H-5 V-2 F-3",
                                "nothing is too short for a header or has a type that no server "
                                "may send"},
    [VW_IMPLICIT_LEFTOVERS] = {"leftovers", "H-5 C-8 D-26",
                               "strays are looked for behind the last step too"},
    [VW_IMPLICIT_EARLY_STREAM] = {"early-stream", "S-2",
                                  "a packet ahead of the reply that opens its stream is lenient"},
    [VW_IMPLICIT_RECORDS] = {"records", "T-5", "no record holds parts of two messages"},
    [VW_IMPLICIT_CLEAN_END] = {"clean-end", "F-12 F-3",
                               "an end that must come is no framing error and no flood"},
};

const char *vw_implicit_name(enum vw_implicit check)
{
    return rows[check].name;
}

int vw_implicit_add(const char *name, vw_implicit_set *set, struct vw_error *err)
{
    const char *names[VW_IMPLICITS], *nearest;
    for (int i = 0; i < VW_IMPLICITS; i++) {
        names[i] = rows[i].name;
        if (strcmp(name, rows[i].name) == 0) {
            *set |= (vw_implicit_set)1 << i;
            return 0;
        }
    }
    nearest = vw_nearest(name, names, VW_IMPLICITS);
    return vw_error_set(err, VW_ENAME, "no check is called '%.60s'%s%s%s", name,
                        nearest ? "; the nearest is '" : "", nearest ? nearest : "",
                        nearest ? "'" : "");
}

void vw_implicit_list(FILE *out)
{
    for (int i = 0; i < VW_IMPLICITS; i++)
        fprintf(out, "%s\t%s\t%s\n", rows[i].name, rows[i].clauses, rows[i].meaning);
}

unsigned vw_implicit_strict(vw_implicit_set without)
{
    return VW_STRICT_ALL & ~(unsigned)(without >> VW_IMPLICIT_PADDING);
}
