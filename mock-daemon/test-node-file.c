// SPDX-License-Identifier: MIT
// test:///FILE: what a file says is there for the connection that opens it and for no other, and a
// wrong one is refused with its place.
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mock-daemon/testing/steps.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

struct fixture {
    struct peer p;
    char folder[VW_TEST_FOLDER], path[VW_TEST_FOLDER + 16], args[VW_TEST_FOLDER + 64];
};

static void begin(struct fixture *f)
{
    assert_int_equal(vw_test_folder(f->folder), 0);
    snprintf(f->path, sizeof(f->path), "%s/node.xml", f->folder);
    snprintf(f->args, sizeof(f->args), "{\"name\":\"test://%s\",\"flags\":0}", f->path);
    peer_start(&f->p, NULL, NULL);
}

static void end(struct fixture *f)
{
    peer_stop(&f->p);
    assert_int_equal(remove(f->path), 0);
    assert_int_equal(rmdir(f->folder), 0);
}

static void write_file(const struct fixture *f, const char *text, size_t more)
{
    FILE *file = fopen(f->path, "w");
    assert_non_null(file);
    fputs(text, file);
    while (more-- > 0)
        putc(' ', file);
    assert_int_equal(fclose(file), 0);
}

#define OPEN(answer)                                                                               \
    {                                                                                              \
        "connect_open", f->args, answer                                                            \
    }
#define OPEN_DEFAULT                                                                               \
    {                                                                                              \
        "connect_open", "{\"name\":\"test:///default\",\"flags\":0}", "ok"                         \
    }

/* ---- what is there ---- */

#define UUID "<uuid>00000000-0000-0000-0000-000000000001</uuid>"
#define DOMAIN(name, ...)                                                                          \
    "<domain type='test' xmlns:t='http://libvirt.org/schemas/domain/test/1.0'><name>" name         \
    "</name><memory>1024</memory><os><type>hvm</type></os>" __VA_ARGS__ "</domain>"
#define POOL                                                                                       \
    "<pool type='dir'><name>p</name><target><path>/p</path></target>\n"                            \
    "<volume><name>v</name><capacity>7</capacity></volume></pool>"
#define DEVICE(name) "<device><name>" name "</name><capability type='system'/></device>"
#define STATE(n)     "<t:runstate>" n "</t:runstate>"

static const char good[] =
    "<node><cpu><mhz>7</mhz><active>6</active><nodes>5</nodes><sockets>4</sockets><cores>3</cores>"
    "<threads>2</threads><model>z80</model></cpu><memory>64</memory>" DOMAIN("on", UUID)
        DOMAIN("halt", STATE("3")) DOMAIN("off", STATE("5"))
            POOL DEVICE("d") "<network><name>n</name></network>"
                             "<interface type='ethernet' name='i'/></node>";

static void what_it_says_is_there(void **state)
{
    struct fixture fixture, *f = &fixture;
    begin(f);
    write_file(f, good, 0);
    const struct step steps[] = {
        OPEN("ok"),
        {"node_get_info", "",
         "ok 0000007a 00000038 00000030 00000000 00000000 00000000 00000000 00000000 00000000 "
         "00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 "
         "00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 "
         "00000000 00000000 00000000 00000000 00000000 00000000 00000040 00000006 00000007 "
         "00000005 00000004 00000003 00000002"},
        {"connect_list_domains", "{\"maxids\":9}", "ok 00000002 00000001 00000002"},
        {"domain_lookup_by_name", "{\"name\":\"test\"}", "error 42/12"},
        {"connect_list_defined_domains", "{\"maxnames\":9}", "ok 00000001 00000003 6f666600"},
        {"domain_get_state",
         "{\"dom\":{\"name\":\"on\",\"uuid\":\"00000000000000000000000000000001\",\"id\":1},"
         "\"flags\":0}",
         "ok 00000001 *"},
        {"connect_list_networks", "{\"maxnames\":9}", "ok 00000001 00000001 6e000000"},
        {"connect_list_interfaces", "{\"maxnames\":9}", "ok 00000001 00000001 69000000"},
        {"connect_list_storage_pools", "{\"maxnames\":9}", "ok 00000001 00000001 70000000"},
        {"storage_vol_lookup_by_path", "{\"path\":\"/p/v\"}", "ok *"},
        {"node_list_devices", "{\"cap\":\"system\",\"maxnames\":9,\"flags\":0}",
         "ok 00000001 00000001 64000000"},
        {"node_get_cells_free_memory", "{\"startCell\":0,\"maxcells\":1}", "error 8/12"},
    };
    play(&f->p, steps, COUNT(steps));
    end(f);
}

/* Nor are others told of what happens there. */
static void nobody_else_sees_it(void **state)
{
    struct fixture fixture, *f = &fixture;
    uint8_t heard[64];
    begin(f);
    write_file(f, good, 0);
    const struct step first[] = {
        OPEN_DEFAULT,
        {"connect_domain_event_register", "{}", "ok *"},
    };
    const struct step second[] = {
        OPEN("ok"),
        {"domain_destroy",
         "{\"dom\":{\"name\":\"on\",\"uuid\":\"00000000000000000000000000000001\",\"id\":1}}",
         "ok"},
        {"connect_num_of_domains", "", "ok 00000001"},
        {"connect_close", "", "ok"},
    };
    const struct step then[] = {{"domain_lookup_by_name", "{\"name\":\"on\"}", "error 42/12"},
                                {"connect_num_of_domains", "", "ok 00000001"}};
    play(&f->p, first, COUNT(first));
    int fd = f->p.fd;
    assert_int_equal(peer_connect(&f->p), 0);
    play(&f->p, second, COUNT(second));
    int gone = f->p.fd;
    f->p.fd = fd;
    assert_int_equal(peer_receive(&f->p, heard, sizeof(heard)), 0);
    play(&f->p, then, COUNT(then));
    close(gone);
    end(f);
}

/* ---- what is wrong ---- */

static const struct {
    const char *text, *answer;
    unsigned line;
} wrongs[] = {
    {"<node>\n<domain>", "error 35/12", 2},
    {"<!DOCTYPE n [<!ENTITY a 'b'>]>\n<node/>", "error 35/12", 1},
    {"<!-- -->\n<host/>", "error 27/12", 2},
    {"<node><cpu>\n<mhz>x</mhz></cpu></node>", "error 27/12", 2},
    {"<node><cpu>\n\n<cores>2147483648</cores></cpu></node>", "error 27/12", 3},
    {"<node>\n<memory>-1</memory></node>", "error 27/12", 2},
    {"<node><cpu><model>0123456789012345678901234567890</model></cpu>\n<domain/></node>",
     "error 21/20", 2},
    {"<node><cpu>\n<model>01234567890123456789012345678901</model></cpu></node>", "error 27/12", 2},
    {"<node>" DOMAIN("a", "\n" STATE("4")) "</node>", "error 27/12", 2},
    {"<node>" DOMAIN("a", UUID) "\n" DOMAIN("b", UUID) "</node>", "error 9/20", 2},
    {"<node><pool "
     "type='dir'><name>p</name><target><path>/p</path></target>\n<volume/></pool></node>",
     "error 27/18", 2},
    {"<node>\n<device/></node>", "error 1/22", 2},
    {"<node>\n<device><name>a</name></device></node>", "error 1/22", 2},
    {"<node>" DEVICE("a") "\n" DEVICE("a") "</node>", "error 1/22", 2},
};

/* Where the error says that it is. */
static void check_place(struct fixture *f, unsigned line)
{
    const struct vw_proc *proc = peer_proc(&f->p, "connect_open");
    char name[sizeof(f->path) + 8], place[sizeof(f->path) + 16];
    snprintf(name, sizeof(name), "test://%s", f->path);
    snprintf(place, sizeof(place), "%s:%u: ", f->path, line);
    struct vw_string text = {name, (uint32_t)strlen(name)};
    struct remote_connect_open_args args = {.name = &text};
    const struct reply r = peer_call_with(&f->p, proc, &args);
    if (!memmem(r.body, r.len, place, strlen(place)))
        fail_msg("no %s in the error", place);
}

static void a_wrong_one_is_refused(void **state)
{
    struct fixture fixture, *f = &fixture;
    begin(f);
    for (size_t i = 0; i < COUNT(wrongs); i++) {
        const struct step open[] = {OPEN(wrongs[i].answer)};
        write_file(f, wrongs[i].text, 0);
        play(&f->p, open, 1);
        check_place(f, wrongs[i].line);
    }
    const struct step steps[] = {OPEN_DEFAULT, {"connect_num_of_domains", "", "ok 00000001"}};
    play(&f->p, steps, COUNT(steps));
    end(f);
}

/* Nobody waits for what is no file, or reads what takes long. */
static void it_is_bounded(void **state)
{
    struct fixture fixture, *f = &fixture;
    begin(f);
    const struct step none[] = {OPEN("error 38/0")}, many[] = {OPEN("error 27/12")};
    const struct step open[] = {OPEN("ok")};
    play(&f->p, none, 1);
    assert_int_equal(mkfifo(f->path, 0600), 0);
    play(&f->p, none, 1);
    assert_int_equal(remove(f->path), 0);
    write_file(f, "<node/>", (1 << 20) - 6);
    play(&f->p, none, 1);
    FILE *file = fopen(f->path, "w");
    assert_non_null(file);
    fputs("<node>", file);
    for (unsigned i = 0; i < 16385; i++)
        fprintf(file, "<interface type='ethernet' name='%x'/>", i);
    fputs("</node>", file);
    assert_int_equal(fclose(file), 0);
    play(&f->p, many, 1);
    write_file(f, "<node/>", (1 << 20) - 7);
    play(&f->p, open, 1);
    end(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_it_says_is_there),
        cmocka_unit_test(nobody_else_sees_it),
        cmocka_unit_test(a_wrong_one_is_refused),
        cmocka_unit_test(it_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
