// SPDX-License-Identifier: MIT
// The ping-pong of load.h through bare GnuTLS, blocking, one call at a time.
#pragma once

#include "load.h"

/* As echo_start, through GnuTLS with the certificates of a folder made by ci/make-pki. */
pid_t tls_echo_start(int listener, const char *pki);

struct tls_load;

/* Connects over TLS to 127.0.0.1 with the client certificate, and opens NAME unless it is NULL (the
 * echo). NULL with a line on stderr. */
struct tls_load *tls_load_start(uint16_t port, const char *pki, const char *name);
int tls_load_run(struct tls_load *l, size_t n);
void tls_load_stop(struct tls_load *l);
