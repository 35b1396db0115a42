// SPDX-License-Identifier: MIT
#include "transport/testing/fake-gnutls.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* These are members here, not calls. */
#undef gnutls_alert_get
#undef gnutls_alert_get_name
#undef gnutls_alert_send
#undef gnutls_bye
#undef gnutls_certificate_allocate_credentials
#undef gnutls_certificate_free_credentials
#undef gnutls_certificate_set_x509_trust_mem
#undef gnutls_certificate_type_get
#undef gnutls_cipher_get
#undef gnutls_cipher_get_key_size
#undef gnutls_credentials_set
#undef gnutls_deinit
#undef gnutls_error_is_fatal
#undef gnutls_free
#undef gnutls_handshake
#undef gnutls_init
#undef gnutls_packet_deinit
#undef gnutls_packet_get
#undef gnutls_priority_deinit
#undef gnutls_priority_init
#undef gnutls_priority_set
#undef gnutls_priority_set_direct
#undef gnutls_record_check_pending
#undef gnutls_record_get_direction
#undef gnutls_record_recv_packet
#undef gnutls_record_send
#undef gnutls_session_get_flags
#undef gnutls_session_ticket_enable_server
#undef gnutls_session_ticket_key_generate
#undef gnutls_set_default_priority
#undef gnutls_strerror
#undef gnutls_transport_set_errno
#undef gnutls_transport_set_ptr
#undef gnutls_transport_set_pull_function
#undef gnutls_transport_set_push_function
#undef gnutls_certificate_get_peers
#undef gnutls_certificate_server_set_request
#undef gnutls_certificate_set_x509_crl_file
#undef gnutls_certificate_set_x509_key_file
#undef gnutls_certificate_set_x509_trust_file
#undef gnutls_certificate_verify_peers2
#undef gnutls_x509_crt_deinit
#undef gnutls_x509_crt_get_activation_time
#undef gnutls_x509_crt_get_basic_constraints
#undef gnutls_x509_crt_get_expiration_time
#undef gnutls_x509_crt_get_key_purpose_oid
#undef gnutls_x509_crt_get_key_usage
#undef gnutls_x509_crt_import
#undef gnutls_x509_crt_init

struct fake fake;

static char calls[600];
static char handle[] = "a session", cred_handle[] = "credentials", packet_handle[] = "a packet";
static unsigned steps;
int fake_ends[2];
gnutls_pull_func fake_pull;
gnutls_push_func fake_push;
void *fake_user;

static void __attribute__((format(printf, 1, 2))) note(const char *fmt, ...)
{
    size_t n = strlen(calls);
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(calls + n, sizeof(calls) - n, fmt, ap);
    va_end(ap);
}

void fake_expect_calls(size_t row, const char *wanted)
{
    if (strcmp(calls, wanted) != 0)
        fail_msg("row %zu: \"%s\" and not \"%s\"", row, calls, wanted);
    calls[0] = '\0';
}

static ssize_t next_result(void)
{
    return steps < FAKE_STEPS ? fake.results[steps++] : 0;
}

/* ---- in GnuTLS's place ---- */

static gnutls_alert_description_t alert_get(gnutls_session_t session)
{
    return (gnutls_alert_description_t)fake.alert;
}

static const char *alert_name(gnutls_alert_description_t alert)
{
    return alert == GNUTLS_A_BAD_CERTIFICATE ? "bad" : alert == GNUTLS_A_CLOSE_NOTIFY ? "bye" : "?";
}

static int alert_send(gnutls_session_t session, gnutls_alert_level_t level,
                      gnutls_alert_description_t what)
{
    note("alert %d %d|", (int)level, (int)what);
    return 0;
}

static int bye(gnutls_session_t session, gnutls_close_request_t how)
{
    note("bye %d|", (int)how);
    return fake.bye;
}

static int allocate(gnutls_certificate_credentials_t *cred)
{
    *cred = (gnutls_certificate_credentials_t)(void *)cred_handle;
    note("credentials|");
    return fake.allocate;
}

static void free_credentials(gnutls_certificate_credentials_t cred)
{
    assert_ptr_equal(cred, cred_handle);
    note("free credentials|");
}

static int trust(gnutls_certificate_credentials_t cred, const gnutls_datum_t *data,
                 gnutls_x509_crt_fmt_t type)
{
    note("trust|");
    return 1;
}

static gnutls_certificate_type_t certificate_type(gnutls_session_t session)
{
    return GNUTLS_CRT_RAWPK;
}

static gnutls_cipher_algorithm_t cipher(gnutls_session_t session)
{
    return GNUTLS_CIPHER_AES_128_GCM;
}

static size_t key_size(gnutls_cipher_algorithm_t algorithm)
{
    return algorithm == GNUTLS_CIPHER_AES_128_GCM ? 16 : 0;
}

static int set_credentials(gnutls_session_t session, gnutls_credentials_type_t type, void *cred)
{
    assert_ptr_equal(cred, cred_handle);
    note("use %d|", (int)type);
    return fake.credentials;
}

static void deinit(gnutls_session_t session)
{
    note("end|");
}

static int is_fatal(int rc)
{
    return rc != GNUTLS_E_AGAIN && rc != GNUTLS_E_INTERRUPTED &&
           rc != GNUTLS_E_WARNING_ALERT_RECEIVED;
}

static int shake(gnutls_session_t session)
{
    char bytes[8];
    note("shake|");
    if (fake.pulls)
        fake_pull(fake_user, bytes, fake.pulls);
    return (int)next_result();
}

static int init(gnutls_session_t *session, unsigned flags)
{
    note("init %x|", flags);
    *session = fake.init < 0 ? NULL : (gnutls_session_t)(void *)handle;
    return fake.init;
}

static void packet_deinit(gnutls_packet_t packet)
{
    assert_ptr_equal(packet, packet_handle);
    note("drop|");
}

static void packet_get(gnutls_packet_t packet, gnutls_datum_t *data, unsigned char *sequence)
{
    assert_ptr_equal(packet, packet_handle);
    data->data = (unsigned char *)(uintptr_t)fake.record;
    data->size = (unsigned)strlen(fake.record);
}

static int priority_direct(gnutls_session_t session, const char *text, const char **at)
{
    note("priority %s|", text);
    if (fake.priority_at >= 0)
        *at = text + fake.priority_at;
    return fake.priority;
}

static void priority_deinit(gnutls_priority_t priority)
{
    note("free priority|");
}

static int priority_init(gnutls_priority_t *priority, const char *text, const char **at)
{
    static char made[] = "a priority";
    note("make priority|");
    *priority = fake.priority < 0 ? NULL : (gnutls_priority_t)(void *)made;
    return fake.priority;
}

static int priority_set(gnutls_session_t session, gnutls_priority_t priority)
{
    note("set|");
    return fake.priority;
}

static int priority_default(gnutls_session_t session)
{
    note("default|");
    return fake.priority;
}

static size_t check_pending(gnutls_session_t session)
{
    return fake.waiting;
}

static int direction(gnutls_session_t session)
{
    return fake.for_writing;
}

static ssize_t recv_packet(gnutls_session_t session, gnutls_packet_t *packet)
{
    note("recv|");
    ssize_t rc = next_result();
    *packet = rc > 0 || (rc == 0 && fake.empty) ? (gnutls_packet_t)(void *)packet_handle : NULL;
    return rc;
}

static ssize_t record_send(gnutls_session_t session, const void *data, size_t len)
{
    note(data ? "send %zu|" : "resume %zu|", len);
    return next_result();
}

static const char *text_of(int rc)
{
    return rc == GNUTLS_E_DECRYPTION_FAILED ? "no key" : "its text";
}

static void set_errno(gnutls_session_t session, int code)
{
    note("errno %d|", code);
}

static void set_ptr(gnutls_session_t session, gnutls_transport_ptr_t user)
{
    fake_user = user;
}

static void set_pull(gnutls_session_t session, gnutls_pull_func fn)
{
    fake_pull = fn;
}

static void set_push(gnutls_session_t session, gnutls_push_func fn)
{
    fake_push = fn;
}

/* ---- the same, about certificates ---- */

static const gnutls_datum_t *get_peers(gnutls_session_t session, unsigned *count)
{
    static const gnutls_datum_t one;
    *count = fake.peers;
    return &one;
}

static void set_request(gnutls_session_t session, gnutls_certificate_request_t request)
{
    note("request %d|", (int)request);
}

static int key_file(gnutls_certificate_credentials_t cred, const char *cert, const char *key,
                    gnutls_x509_crt_fmt_t type)
{
    note("key %s %s|", cert, key);
    return fake.key_file;
}

static int trust_file(gnutls_certificate_credentials_t cred, const char *file,
                      gnutls_x509_crt_fmt_t type)
{
    note("trust %s|", file);
    return fake.trust_file;
}

static int crl_file(gnutls_certificate_credentials_t cred, const char *file,
                    gnutls_x509_crt_fmt_t type)
{
    note("crl|");
    return fake.crl_file;
}

static unsigned session_flags(gnutls_session_t session)
{
    return fake.flags;
}

static int make_ticket_key(gnutls_datum_t *key)
{
    static unsigned char bytes[] = "a key";
    note("ticket key|");
    if (fake.ticket_key == 0)
        *key = (gnutls_datum_t){.data = bytes, .size = sizeof(bytes)};
    return fake.ticket_key;
}

static int enable_tickets(gnutls_session_t session, const gnutls_datum_t *key)
{
    note("tickets %s|", (const char *)key->data);
    return 0;
}

static void free_bytes(void *bytes)
{
    note("free ticket key|");
}
static gnutls_free_function free_at = free_bytes;

static int verify_peers(gnutls_session_t session, unsigned *status)
{
    *status = fake.status;
    return fake.verify;
}

static int make_cert(gnutls_x509_crt_t *out)
{
    static char cert[] = "a certificate";
    note("made|");
    *out = (gnutls_x509_crt_t)(void *)cert;
    return fake.make;
}

static void free_cert(gnutls_x509_crt_t cert)
{
    note("freed|");
}

static int import_cert(gnutls_x509_crt_t cert, const gnutls_datum_t *data,
                       gnutls_x509_crt_fmt_t format)
{
    return fake.import;
}

static time_t long_ago(gnutls_x509_crt_t cert)
{
    return 1;
}

static time_t expiration(gnutls_x509_crt_t cert)
{
    return fake.expired ? 1 : INT32_MAX;
}

static int constraints(gnutls_x509_crt_t cert, unsigned *critical, unsigned *is_ca, int *length)
{
    return GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE;
}

static int purpose(gnutls_x509_crt_t cert, unsigned i, void *oid, size_t *size, unsigned *critical)
{
    return GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE;
}

static int usage(gnutls_x509_crt_t cert, unsigned *uses, unsigned *critical)
{
    return GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE;
}

/* ---- the transport below ---- */

static ssize_t lower_recv(struct vw_transport *t, void *buf, size_t len, struct vw_fds *fds)
{
    note("below recv %zu|", len);
    for (ssize_t i = 0; i < fake.lower; i++)
        ((char *)buf)[i] = (char)('a' + i);
    return fake.lower;
}

static ssize_t lower_send(struct vw_transport *t, const void *buf, size_t len,
                          const struct vw_fds *fds)
{
    note("below send %.*s|", (int)len, (const char *)buf);
    return fake.lower;
}

static int lower_fd(const struct vw_transport *t)
{
    return fake_ends[0];
}

static int lower_shutdown(struct vw_transport *t)
{
    note("below shutdown|");
    return fake.lower_shutdown;
}

static int lower_explain(struct vw_transport *t, struct vw_error *err)
{
    return vw_error_set(err, fake.lower_explain, "the one below");
}

static void lower_close(struct vw_transport *t)
{
    note("below close|");
}

static const struct vw_transport_ops full_ops = {.recv = lower_recv,
                                                 .send = lower_send,
                                                 .fd = lower_fd,
                                                 .shutdown = lower_shutdown,
                                                 .explain = lower_explain,
                                                 .close = lower_close};
static const struct vw_transport_ops poor_ops = {
    .recv = lower_recv, .send = lower_send, .fd = lower_fd, .close = lower_close};
struct vw_transport fake_full = {&full_ops}, fake_poor = {&poor_ops};

int fake_reset(void **state)
{
    fake = (struct fake){.record = "hello", .priority_at = -1};
    calls[0] = '\0';
    steps = 0;
    return 0;
}

int fake_set_up(void **state)
{
    vw_gnutls_library.loaded = true;
    vw_gnutls_calls = (struct vw_gnutls_calls){
        .gnutls_alert_get = alert_get,
        .gnutls_alert_get_name = alert_name,
        .gnutls_alert_send = alert_send,
        .gnutls_bye = bye,
        .gnutls_certificate_allocate_credentials = allocate,
        .gnutls_certificate_free_credentials = free_credentials,
        .gnutls_certificate_set_x509_trust_mem = trust,
        .gnutls_certificate_type_get = certificate_type,
        .gnutls_cipher_get = cipher,
        .gnutls_cipher_get_key_size = key_size,
        .gnutls_credentials_set = set_credentials,
        .gnutls_deinit = deinit,
        .gnutls_error_is_fatal = is_fatal,
        .gnutls_free = &free_at,
        .gnutls_handshake = shake,
        .gnutls_init = init,
        .gnutls_packet_deinit = packet_deinit,
        .gnutls_packet_get = packet_get,
        .gnutls_priority_deinit = priority_deinit,
        .gnutls_priority_init = priority_init,
        .gnutls_priority_set = priority_set,
        .gnutls_priority_set_direct = priority_direct,
        .gnutls_record_check_pending = check_pending,
        .gnutls_record_get_direction = direction,
        .gnutls_record_recv_packet = recv_packet,
        .gnutls_record_send = record_send,
        .gnutls_session_get_flags = session_flags,
        .gnutls_session_ticket_enable_server = enable_tickets,
        .gnutls_session_ticket_key_generate = make_ticket_key,
        .gnutls_set_default_priority = priority_default,
        .gnutls_strerror = text_of,
        .gnutls_transport_set_errno = set_errno,
        .gnutls_transport_set_ptr = set_ptr,
        .gnutls_transport_set_pull_function = set_pull,
        .gnutls_transport_set_push_function = set_push,
        .gnutls_certificate_get_peers = get_peers,
        .gnutls_certificate_server_set_request = set_request,
        .gnutls_certificate_set_x509_crl_file = crl_file,
        .gnutls_certificate_set_x509_key_file = key_file,
        .gnutls_certificate_set_x509_trust_file = trust_file,
        .gnutls_certificate_verify_peers2 = verify_peers,
        .gnutls_x509_crt_deinit = free_cert,
        .gnutls_x509_crt_get_activation_time = long_ago,
        .gnutls_x509_crt_get_basic_constraints = constraints,
        .gnutls_x509_crt_get_expiration_time = expiration,
        .gnutls_x509_crt_get_key_purpose_oid = purpose,
        .gnutls_x509_crt_get_key_usage = usage,
        .gnutls_x509_crt_import = import_cert,
        .gnutls_x509_crt_init = make_cert,
    };
    return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fake_ends);
}

int fake_tear_down(void **state)
{
    close(fake_ends[0]);
    close(fake_ends[1]);
    return 0;
}

gnutls_certificate_credentials_t fake_credentials(void)
{
    return (gnutls_certificate_credentials_t)(void *)cred_handle;
}

struct vw_tls *fake_tls(struct vw_transport *lower)
{
    struct vw_tls *t = malloc(sizeof(*t));
    assert_non_null(t);
    memset(t, 0xa5, sizeof(*t));
    vw_tls_init(t, lower);
    t->session = (gnutls_session_t)(void *)handle;
    return t;
}

void fake_forget(void)
{
    calls[0] = '\0';
}

void fake_end(struct vw_tls *t)
{
    calls[0] = '\0';
    t->base.ops->close(&t->base);
    calls[0] = '\0';
}
