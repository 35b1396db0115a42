// SPDX-License-Identifier: MIT
// The text of a file in the format of libvirt's auth.conf: sections [auth-SERVICE-HOST] name a
// section [credentials-NAME], which holds authname, password, realm.
#pragma once

#include <virwire/credentials.h>

/* "" where the file says nothing. Holds secrets, to be wiped. */
struct vw_auth_entry {
    char user[VW_CREDENTIAL_SIZE];
    char password[VW_CREDENTIAL_SIZE];
    char realm[VW_CREDENTIAL_SIZE];
};

/* Looks in LEN bytes of TEXT for SERVICE on HOST, then for SERVICE on "default". 0 with OUT filled;
 * VW_ENAME: it names no such server (ERR is not touched); VW_ESYNTAX, VW_ELIMIT with the line: the
 * text cannot be read, or names credentials that it does not have. The whole text is checked. */
int vw_auth_file_find(const char *text, size_t len, const char *service, const char *host,
                      struct vw_auth_entry *out, struct vw_error *err)
    __attribute__((nonnull(1, 3, 4, 5)));
