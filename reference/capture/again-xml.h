// SPDX-License-Identifier: MIT
// Two documents of XML, field by field. Engine: it may change with every release (docs/api.md).
#pragma once

#include <virwire/error.h>

/* Tells each text and attribute of THEN that is another or missing NOW, and the other way round,
 * by its path ("/domain/os/type", "/domain@id"); what may differ (protocol/varying.tsv) and the
 * order of attributes do not count. 0; VW_ESYNTAX: one of them is no XML, or has more fields than
 * are compared, or this build has no reader of it; VW_ENOMEM, VW_ESYSTEM: the library cannot be
 * loaded. */
int vw_again_xml(const char *then, const char *now,
                 void (*tell)(void *user, const char *path, const char *expected,
                              const char *found),
                 void *user);
