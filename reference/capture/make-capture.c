// SPDX-License-Identifier: MIT
// For tests with other readers: a capture with a call of each procedure, random arguments in it, an
// answer, and each event; on stdout the words of each header, by numbers and by names.
// Usage: make-capture FILE PROFILE pcapng|pcap PROGRAM...
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "capture/write.h"
#include "message/message-json.h"
#include "xdr/values.h"

#define BODY_SIZE 300u /* bytes of a value, about */
#define LARGE     200000u

static struct vw_capture *capture;
static struct vw_capture_conn conn;
static struct vw_limits limits;
static struct vw_rng rng;
static int64_t now = 1790000000000000000;

_Noreturn static void die(const char *what)
{
    fprintf(stderr, "make-capture: %s\n", what);
    exit(3);
}

static void tell(const struct vw_program *p, const char *name, const struct vw_header *h)
{
    printf("0x%08x %d %d %u %d %s %s %s %u %s\n", h->program, h->procedure, h->type, h->serial,
           h->status, p->name, name, vw_msg_type_name(h->type), h->serial,
           vw_msg_status_name(h->status));
}

/* In one packet, or in two. */
static void put(const struct vw_proc *proc, const struct vw_header *h, const struct vw_buf *b)
{
    enum vw_side side = vw_header_is_servers(h) ? VW_SIDE_SERVER : VW_SIDE_CLIENT;
    size_t first = h->serial % 5 == 0 ? b->len / 3 : b->len;
    now += 1000;
    vw_capture_bytes(capture, &conn, side, now, b->data, first, NULL);
    vw_capture_bytes(capture, &conn, side, now, b->data + first, b->len - first, NULL);
    tell(proc->program, proc->short_name, h);
}

static void put_value(const struct vw_proc *proc, int32_t type, uint32_t serial, int32_t status,
                      const struct vw_type *t)
{
    const struct vw_header h = {
        proc->program->number, proc->program->version, proc->number, type, serial, status};
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_buf b = VW_BUF_INIT;
    void *value = NULL;
    if (t && vw_value_random(t, &rng, BODY_SIZE, &arena, &value, NULL))
        die("no value");
    if (vw_message_append_value(&b, &limits, &h, 0, t, value, NULL))
        die("no message");
    put(proc, &h, &b);
    vw_buf_finish(&b);
    vw_arena_finish(&arena);
}

/* A packet of a stream, longer than one of TCP. */
static void put_stream(const struct vw_proc *proc, uint32_t serial)
{
    static uint8_t data[LARGE];
    const struct vw_header h = {
        proc->program->number, proc->program->version, proc->number, VW_MSG_STREAM, serial,
        VW_MSG_CONTINUE};
    struct vw_buf b = VW_BUF_INIT;
    if (vw_message_append(&b, &limits, &h, 0, data, sizeof(data), NULL))
        die("no message");
    put(proc, &h, &b);
    vw_buf_finish(&b);
}

static void put_proc(const struct vw_proc *proc, const struct vw_type *error, uint32_t serial)
{
    bool failed = serial % 7 == 0;
    if (proc->kind == VW_PROC_EVENT) {
        put_value(proc, VW_MSG_MESSAGE, 1, VW_MSG_OK, proc->args);
        return;
    }
    put_value(proc, VW_MSG_CALL, serial, VW_MSG_OK, proc->args);
    put_value(proc, VW_MSG_REPLY, serial, failed ? VW_MSG_ERROR : VW_MSG_OK,
              failed ? error : proc->ret);
    if (!failed && proc->writestream)
        put_stream(proc, serial);
}

int main(int argc, char **argv)
{
    struct vw_profile *profile;
    if (argc < 5)
        die("usage");
    const struct vw_capture_options o = {.form =
                                             strcmp(argv[3], "pcap") == 0 ? VW_PCAP : VW_PCAPNG};
    int fd = open(argv[1], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0 || vw_profile_load(argv[2], NULL, &profile, NULL) ||
        vw_capture_create(fd, &o, &capture, NULL))
        die("cannot start");
    vw_limits_from_profile(profile, &limits);
    vw_rng_seed(&rng, 12);
    vw_capture_begin(capture, &conn, now, "make-capture", false);
    uint32_t serial = 0;
    for (int i = 4; i < argc; i++) {
        const struct vw_program *p = vw_schema_program_named(profile->schema, argv[i]);
        for (uint32_t k = 0; p && k < p->n_procs; k++)
            put_proc(&p->procs[k], vw_schema_type(profile->schema, "virNetMessageError"), ++serial);
    }
    vw_capture_end(capture, &conn, VW_SIDE_CLIENT, now, false);
    vw_capture_end(capture, &conn, VW_SIDE_SERVER, now, false);
    if (serial == 0 || vw_capture_flush(capture, NULL) || close(fd))
        die("cannot write");
    vw_capture_destroy(capture);
    vw_profile_destroy(profile);
    return 0;
}
