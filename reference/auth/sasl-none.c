// SPDX-License-Identifier: MIT
// SASL in a build that has no cyrus-sasl: nothing can be created, so nothing else is ever called.
#include <errno.h>

#include "auth/sasl-server.h"

int vw_sasl_create(const struct vw_sasl_options *options, struct vw_sasl **out,
                   struct vw_error *err)
{
    *out = NULL;
    return vw_error_set(err, VW_EUSAGE,
                        "the server demands SASL authentication, and this build has no SASL "
                        "(option sasl, cyrus-sasl)");
}

void vw_sasl_destroy(struct vw_sasl *s)
{
}

int vw_sasl_start(struct vw_sasl *s, const char *offered, struct vw_sasl_data *out,
                  struct vw_error *err)
{
    return vw_error_set(err, VW_EUSAGE, "this build has no SASL");
}

int vw_sasl_step(struct vw_sasl *s, const struct vw_sasl_data *in, struct vw_sasl_data *out,
                 struct vw_error *err)
{
    return vw_error_set(err, VW_EUSAGE, "this build has no SASL");
}

bool vw_sasl_done(const struct vw_sasl *s)
{
    return false;
}

int vw_sasl_finish(struct vw_sasl *s, struct vw_error *err)
{
    return vw_error_set(err, VW_EUSAGE, "this build has no SASL");
}

const char *vw_sasl_mechanism(const struct vw_sasl *s)
{
    return "";
}

const char *vw_sasl_user(const struct vw_sasl *s)
{
    return "";
}

unsigned vw_sasl_layer_strength(const struct vw_sasl *s)
{
    return 0;
}

size_t vw_sasl_max_plain(const struct vw_sasl *s)
{
    return 0;
}

int vw_sasl_encode(void *s, const void *in, size_t len, const uint8_t **out, size_t *out_len)
{
    return -ENOTSUP;
}

int vw_sasl_decode(void *s, const void *in, size_t len, const uint8_t **out, size_t *out_len)
{
    return -ENOTSUP;
}

void vw_sasl_layer_destroy(void *s)
{
}

int vw_sasl_server_create(const struct vw_sasl_server_options *options, struct vw_sasl_server **out,
                          struct vw_error *err)
{
    *out = NULL;
    return vw_error_set(err, VW_EUSAGE, "this build has no SASL (option sasl, cyrus-sasl)");
}

void vw_sasl_server_destroy(struct vw_sasl_server *s)
{
}

const char *vw_sasl_server_offer(struct vw_sasl_server *s)
{
    return "";
}

int vw_sasl_server_start(struct vw_sasl_server *s, const char *mechanism,
                         const struct vw_sasl_data *in, struct vw_sasl_data *out,
                         struct vw_error *err)
{
    return vw_error_set(err, VW_EUSAGE, "this build has no SASL");
}

int vw_sasl_server_step(struct vw_sasl_server *s, const struct vw_sasl_data *in,
                        struct vw_sasl_data *out, struct vw_error *err)
{
    return vw_error_set(err, VW_EUSAGE, "this build has no SASL");
}

const char *vw_sasl_server_user(const struct vw_sasl_server *s)
{
    return "";
}

unsigned vw_sasl_server_strength(const struct vw_sasl_server *s)
{
    return 0;
}

size_t vw_sasl_server_max_plain(const struct vw_sasl_server *s)
{
    return 0;
}

void vw_sasl_server_layer_destroy(void *s)
{
}
