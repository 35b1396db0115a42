// SPDX-License-Identifier: MIT
// The probe of a full house, against servers in memory: who is let in, who waits and who is told to
// go.
#include "base/testing/test.h"

#include <errno.h>
#include <string.h>

#include "conformance/play/testing/play.h"

static struct vw_profile *profile;

static int setup(void **state)
{
    struct vw_error err = VW_ERROR_INIT;
    return vw_profile_load(NULL, NULL, &profile, &err);
}

static int teardown(void **state)
{
    vw_profile_destroy(profile);
    return 0;
}

static void play_probe(const char *probe, struct vw_run_settings *settings, struct played *got)
{
    const struct vw_uri uri = {.name = "test:///default", .transport = VW_TRANSPORT_UNIX};
    struct vw_suite suite = {0};
    char text[100];
    snprintf(text, sizeof(text), "needs: [connect]\nsteps:\n  - probe: %s\n", probe);
    settings->profile = profile;
    settings->uri = &uri;
    settings->uri_text = "test+unix:///default";
    settings->timeout_ms = 1000;
    settings->quiet_ms = 500;
    vw_memory_start();
    play(play_case(&suite, profile, text), settings, got);
    vw_suite_finish(&suite);
}

static char seen[4000];

static void __attribute__((format(printf, 1, 2))) see(const char *fmt, ...)
{
    size_t n = strlen(seen);
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(seen + n, sizeof(seen) - n, fmt, ap);
    va_end(ap);
}

/* ---- the house ---- */

#define GUESTS 70

enum deed { SERVES, WAITS, ENDS, SAYS_TOO_MUCH, SAYS_MUCH, SAYS_HALF, SAYS_LITTLE };

struct house_row {
    unsigned limit; /* so many are inside at a time */
    int64_t slow_ms;
    enum deed beyond;   /* to who comes at the limit */
    enum deed leaving;  /* to who waits when one leaves */
    enum deed again;    /* to the second call of the first */
    unsigned lets_late; /* the second call of the first lets so many more in */
    unsigned refuse_nth, mute_nth;
    int refuse_errno;
    enum vw_verdict verdict;
    const char *reason;
    int64_t ms;
    bool suspicious;
    const char *log, *told;
    const char *with; /* NULL: clients that ask how to log in; else they begin to */
};

struct guest {
    struct vw_memory memory;
    unsigned number, calls;
    bool inside, waits, late;
    enum deed deed; /* that comes late */
    uint32_t serial;
};

static const struct house_row *house;
static struct guest guests[GUESTS];
static struct vw_memory first; /* the connection of the case, which does nothing */
static bool entered;
static unsigned came, inside, gone, limit;

static void put_reply(struct guest *g, size_t len, size_t claimed)
{
    static uint8_t reply[4100];
    const struct vw_header h = {0x20008086, 1, 66, VW_MSG_REPLY, (int32_t)g->serial, VW_MSG_OK};
    vw_store32(reply, (uint32_t)claimed);
    vw_header_encode(&h, reply + 4);
    assert_true(vw_memory_put(&g->memory, reply, len));
}

static void treat(struct guest *g, enum deed deed)
{
    if (deed == SERVES)
        put_reply(g, 36, 36);
    if (deed == SAYS_MUCH)
        put_reply(g, 4096, 4096);
    if (deed == SAYS_TOO_MUCH)
        put_reply(g, 4097, 4097);
    if (deed == SAYS_HALF)
        put_reply(g, 30, 36);
    if (deed == SAYS_LITTLE)
        put_reply(g, 3, 36);
    g->memory.closed = deed == ENDS || deed == SAYS_HALF || deed == SAYS_LITTLE;
}

static void treat_later(struct guest *g, enum deed deed)
{
    g->late = house->slow_ms > 0 && deed != WAITS;
    g->deed = deed;
    if (!g->late)
        treat(g, deed);
}

static bool on_turn(void *user, struct vw_memory *m)
{
    struct guest *g = user;
    if (!g->late)
        return false;
    g->late = false;
    vw_memory_pass(house->slow_ms);
    treat(g, g->deed);
    return true;
}

static void let_in(struct guest *g, enum deed deed)
{
    g->waits = false;
    g->inside = deed == SERVES;
    inside += g->inside;
    treat_later(g, deed);
}

static void let_in_who_waits(enum deed deed)
{
    for (unsigned i = 0; i < came; i++)
        if (guests[i].waits && inside < limit)
            let_in(&guests[i], deed);
}

static void on_call(void *user, struct vw_memory *m, const uint8_t *bytes, size_t len)
{
    struct guest *g = user;
    assert_int_equal(len, 28);
    assert_int_equal(vw_load32(bytes + 12), house->with ? 67 : 66);
    g->serial = vw_load32(bytes + 20);
    see(" %u:%u", g->number, g->serial);
    if (g->calls++) {
        limit += limit < house->limit + house->lets_late;
        treat_later(g, house->again);
        let_in_who_waits(SERVES);
    } else if (inside < limit) {
        let_in(g, SERVES);
    } else {
        g->waits = house->beyond == WAITS;
        treat_later(g, house->beyond);
    }
}

static void on_leave(void *user, struct vw_memory *m)
{
    struct guest *g = user;
    see(" %u:end", g->number);
    gone++;
    inside -= g->inside;
    if (g->inside)
        let_in_who_waits(house->leaving);
}

static int on_enter(void *user, const struct vw_uri *uri, int64_t deadline_ms,
                    struct vw_transport **out, struct vw_error *err)
{
    assert_int_equal(uri->transport, VW_TRANSPORT_UNIX);
    if (!entered) {
        entered = true;
        vw_memory_join(&first, 0);
        *out = &first.transport;
        return 0;
    }
    assert_true(came < GUESTS);
    if (came + 1 == house->refuse_nth) {
        vw_error_set(err, VW_EUNREACHABLE, "refused");
        err->sys_errno = house->refuse_errno;
        return VW_EUNREACHABLE;
    }
    struct guest *g = &guests[came++];
    *g = (struct guest){.number = came};
    vw_memory_join(&g->memory, 0);
    if (came == house->mute_nth)
        g->memory.send_error = -EPIPE;
    g->memory.turn = on_turn;
    g->memory.sent = on_call;
    g->memory.closed_by_client = on_leave;
    g->memory.user = g;
    *out = &g->memory.transport;
    return 0;
}

static bool play_house(const struct house_row *r)
{
    struct vw_run_settings settings = {.connector = {.connect = on_enter}};
    struct played got;
    char probe[60];
    house = r;
    limit = r->limit;
    entered = false;
    came = inside = gone = 0;
    seen[0] = '\0';
    snprintf(probe, sizeof(probe), r->with ? "{name: full-house, with: %s}" : "full-house",
             r->with);
    play_probe(probe, &settings, &got);
    for (unsigned i = 0; i < came; i++)
        vw_memory_finish(&guests[i].memory);
    vw_memory_finish(&first);
    if (got.verdict == r->verdict && strcmp(got.reason, r->reason ? r->reason : "") == 0 &&
        got.ms == r->ms && got.suspicious == r->suspicious && gone == came &&
        (!r->log || strcmp(seen, r->log) == 0) && (!r->told || strstr(got.transcript, r->told)))
        return true;
    print_message("%s, %s, %d ms, %d; %u of %u gone;%s\n%s\n", vw_verdict_name(got.verdict),
                  got.reason, (int)got.ms, got.suspicious, gone, came, seen, got.transcript);
    return false;
}

#define IN_2     " 1:0 2:1 3:2 1:2"
#define LEAVES_2 " 1:end 2:end 3:end"
#define TOLD_2   "2 clients are served, the next one waits"
#define MANY     "the server lets in 64 clients and more"
#define WHEN     "the client that waits must be served when one leaves; "
#define MUST_3   "client 3 must be served or wait; the peer ends its connection"

static void test_full_house(void **state)
{
    static const struct house_row rows[] = {
        {2, 0, WAITS, .ms = 600, .log = IN_2 LEAVES_2, .told = TOLD_2},
        {1, 0, WAITS, .ms = 600, .log = " 1:0 2:1 1:1 1:end 2:end",
         .told = "1 clients are served, the next one waits"},
        {63, 0, WAITS, .ms = 600, .told = "63 clients are served, the next one waits"},
        {64, 0, WAITS, .verdict = VW_SKIP, .reason = MANY,
         .told = "64 clients are served, none waits"},
        /* Patience is four times the slowest answer, or 300 ms. */
        {2, 75, WAITS, .ms = 75 + 75 + 300 + 75 + 300 + 75, .log = IN_2 LEAVES_2},
        {2, 76, WAITS, .ms = 76 + 76 + 304 + 76 + 304 + 76},
        {2, 100, WAITS, .ms = 100 + 100 + 400 + 100 + 400 + 100},
        /* No longer than a step may take. */
        {1, 400, WAITS, .ms = 400 + 1000 + 400 + 600 + 400},
        {2, 0, WAITS, .lets_late = 1, .ms = 300 + 1000 + 1000,
         .log = " 1:0 2:1 3:2 1:2 4:3 1:3 1:end 2:end 3:end 4:end",
         .told = "3 clients are served, the next one waits"},
        {0, 0, WAITS, .verdict = VW_HUNG, .reason = "the first client is not answered", .ms = 1000,
         .log = " 1:0 1:end"},
        {0, 0, ENDS, .verdict = VW_FAIL,
         .reason = "client 1 must be served or wait; the peer ends its connection",
         .log = " 1:0 1:end"},
        {2, 0, ENDS, .verdict = VW_FAIL, .reason = MUST_3, .log = " 1:0 2:1 3:2" LEAVES_2},
        {2, 0, SAYS_TOO_MUCH, .verdict = VW_FAIL, .reason = MUST_3},
        {2, 0, SAYS_HALF, .verdict = VW_FAIL, .reason = MUST_3},
        {2, 0, SAYS_LITTLE, .verdict = VW_FAIL, .reason = MUST_3},
        {1, 0, SAYS_MUCH, .verdict = VW_SKIP, .reason = MANY},
        {2, 0, WAITS, WAITS, .verdict = VW_FAIL, .reason = WHEN "it is not", .ms = 1600,
         .log = IN_2 LEAVES_2},
        {2, 0, WAITS, ENDS, .verdict = VW_FAIL, .reason = WHEN "the peer ends its connection",
         .ms = 600, .log = IN_2 LEAVES_2},
        {2, 0, WAITS, .again = WAITS, .verdict = VW_HUNG,
         .reason = "while client 3 waits, the first one is not answered", .ms = 1300,
         .log = IN_2 LEAVES_2},
        {2, 0, WAITS, .again = ENDS, .verdict = VW_FAIL,
         .reason = "while client 3 waits, the first one loses its connection", .ms = 300},
        {2, 0, WAITS, .refuse_nth = 3, .refuse_errno = ECONNREFUSED, .verdict = VW_FAIL,
         .reason = "client 3 cannot connect: refused", .suspicious = true,
         .log = " 1:0 2:1 1:end 2:end"},
        {2, 0, WAITS, .refuse_nth = 1, .refuse_errno = EMFILE, .verdict = VW_ERROR,
         .reason = "client 1 cannot connect: refused", .log = ""},
        {2, 0, WAITS, .ms = 600, .log = IN_2 LEAVES_2, .told = TOLD_2, .with = "begun"},
        /* The connection of the case is never told how. */
        {2, 0, WAITS, .verdict = VW_HUNG,
         .reason = "waiting for the answer to AUTH_LIST: nothing in 1000 ms", .ms = 1600,
         .suspicious = true, .log = IN_2 LEAVES_2, .with = "in"},
        {2, 0, WAITS, .verdict = VW_ERROR, .reason = "full-house knows no \"out\"", .log = "",
         .with = "out"},
        {2, 0, WAITS, .mute_nth = 2, .verdict = VW_FAIL, .reason = "client 2 cannot write",
         .log = " 1:0 2:end 1:end"},
    };
    unsigned wrong = 0;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (play_house(&rows[i]))
            continue;
        print_message("row %zu\n", i);
        wrong++;
    }
    assert_int_equal(wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_full_house),
    };
    return cmocka_run_group_tests(tests, setup, teardown) + vw_test_leaked();
}
