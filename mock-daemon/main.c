// SPDX-License-Identifier: MIT
// virwired: options, start, the loop, the end.
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>
#include <virwire/version.h>

#include <libxml/parser.h>

#include "base/std.h"
#include "capture/record.h"
#include "mock-daemon/chronicle.h"
#include "mock-daemon/daemon.h"
#include "mock-daemon/faults/fault.h"
#include "mock-daemon/faults/tamper.h"
#include "mock-daemon/libvirtd-conf.h"
#include "mock-daemon/options.h"
#include "mock-daemon/run.h"
#include "schema/profile.h"

/* Everything that main makes, so that one place can end it. */
struct virwired {
    struct vw_options options;
    struct vw_config config;
    struct vw_fault *faults;
    struct vw_daemon daemon;
    struct vw_command_run run;
    ev_signal term, interrupt;
};

static int fail(const struct vw_error *err, const char *file)
{
    char text[640];
    fprintf(stderr, "virwired: %s\n", vw_error_format(err, file, text, sizeof(text)));
    switch (err->code) {
    case VW_EUSAGE:
    case VW_ENAME:
    case VW_ESYNTAX:
    case VW_ELIMIT:
        return 2;
    case VW_EUNREACHABLE:
        return 5;
    default:
        return file ? 2 : 3;
    }
}

static void on_signal(struct ev_loop *loop, ev_signal *w, int revents)
{
    ev_break(loop, EVBREAK_ALL);
}

static void watch_signals(struct virwired *v, struct ev_loop *loop)
{
    ev_signal_init(&v->term, on_signal, SIGTERM);
    ev_signal_init(&v->interrupt, on_signal, SIGINT);
    ev_signal_start(loop, &v->term);
    ev_signal_start(loop, &v->interrupt);
}

/* The parent may be gone before the kernel knows what we want of it. */
static bool follow_parent(pid_t parent)
{
    return prctl(PR_SET_PDEATHSIG, SIGTERM) == 0 && getppid() == parent;
}

static int prepare(struct virwired *v)
{
    struct vw_error err = VW_ERROR_INIT;
    if (v->options.control && setenv("VIRWIRED_CONTROL", v->options.control, 1) < 0) {
        vw_error_nomem(&err);
        return fail(&err, NULL);
    }
    if (vw_config_init(&v->config, &err) < 0)
        return fail(&err, NULL);
    if (v->options.libvirtd_conf &&
        vw_libvirtd_conf_load(&v->config, v->options.libvirtd_conf, stderr, &err) < 0)
        return fail(&err, v->options.libvirtd_conf);
    if (v->options.config && vw_config_load(&v->config, v->options.config, &err) < 0)
        return fail(&err, v->options.config);
    if (vw_faults_parse(v->options.faults, v->options.n_faults, &vw_tamper_end, &v->faults, &err) <
        0)
        return fail(&err, NULL);
    return 0;
}

/* What was heard, behind a run or where clients may break nothing. */
static int judge(struct virwired *v, int status)
{
    struct vw_error err = VW_ERROR_INIT;
    bool run = v->options.run != NULL;
    vw_daemon_hang_up(&v->daemon);
    if (vw_chronicle_flush(&v->daemon, &err) < 0)
        return fail(&err, NULL);
    size_t n = run || v->options.strict ? vw_chronicle_tell(&v->daemon, stderr, run) : 0;
    return status == 0 && n > 0 && v->options.strict ? 1 : status;
}

static int serve(struct virwired *v, struct ev_loop *loop)
{
    struct vw_error err = VW_ERROR_INIT;
    bool told = v->options.n_listen > 0;
    const struct vw_daemon_options o = {.listen = told ? v->options.listen : v->config.doors,
                                        .n_listen = told ? v->options.n_listen : v->config.n_doors,
                                        .profile = v->options.profile,
                                        .schema = v->options.schema,
                                        .config = &v->config,
                                        .faults = v->faults,
                                        .rules = v->options.rules,
                                        .record = v->options.record,
                                        .control = v->options.control,
                                        .log = v->options.log,
                                        .lint = v->options.strict,
                                        .synthesize = v->options.synthesize,
                                        .seed = v->options.seed,
                                        .virtual_time = v->options.virtual_time};
    int status = 0;
    if (o.n_listen == 0) {
        vw_error_set(&err, VW_EUSAGE,
                     "it has no unix_sock_dir, listen_tcp or listen_tls, and there is no --listen");
        return fail(&err, v->options.libvirtd_conf);
    }
    watch_signals(v, loop);
    if (vw_daemon_init(&v->daemon, loop, &o, &err) < 0)
        return fail(&err,
                    *vw_profile_error_file() ? vw_profile_error_file() : v->daemon.error_file);
    if (v->daemon.stdio && v->options.run) {
        vw_error_set(&err, VW_EUSAGE,
                     "--run: who starts a program cannot be its server over stdio");
        status = fail(&err, NULL);
    } else if (vw_daemon_start(&v->daemon, stdout, &err) < 0) {
        status = fail(&err, NULL);
    } else if (v->options.run && vw_run_start(&v->run, loop, v->options.run,
                                              v->daemon.doors[0].listener->client_uri, &err) < 0) {
        status = fail(&err, NULL);
    } else {
        ev_run(loop, 0);
        vw_run_stop(&v->run);
        status = v->run.status;
        if (v->daemon.recorder && vw_recorder_flush(v->daemon.recorder, &err) < 0)
            status = fail(&err, NULL);
        else if (v->daemon.chronicle)
            status = judge(v, status);
    }
    vw_daemon_finish(&v->daemon);
    return status;
}

/* What only prints; 3 when it cannot. */
static int print(const struct vw_options *o)
{
    if (o->help)
        vw_options_usage();
    else if (o->version)
        puts("virwired " VIRWIRE_VERSION);
    else
        vw_faults_list(stdout);
    if (fflush(stdout) == 0 && !ferror(stdout))
        return 0;
    fprintf(stderr, "virwired: standard output cannot be written\n");
    return 3;
}

int main(int argc, char **argv)
{
    struct virwired v = {0};
    pid_t parent = getppid();
    struct ev_loop *loop;
    if (vw_std_hold() < 0)
        return 3;
    signal(SIGPIPE, SIG_IGN);
    vw_std_hear();
    int status = vw_options_parse(&v.options, argc, argv);
    if (status)
        return status;
    if (v.options.help || v.options.version || v.options.list_faults)
        return print(&v.options);
    if (v.options.exit_with_parent && !follow_parent(parent))
        return 0;
    loop = ev_default_loop(EVFLAG_AUTO);
    if (!loop) {
        fprintf(stderr, "virwired: no event loop\n");
        return 3;
    }
    status = prepare(&v);
    if (status == 0)
        status = serve(&v, loop);
    vw_faults_destroy(v.faults);
    vw_config_finish(&v.config);
    ev_loop_destroy(loop);
    xmlCleanupParser();
    return status;
}
