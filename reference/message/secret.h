// SPDX-License-Identifier: MIT
// What a message keeps secret (the column `secret` of protocol/procedures.tsv): secret values,
// passwords, what SASL says, commands for the guest's agent, passwords in XML. Whoever shows
// messages to people hides it first.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct vw_schema;

/* Writes '*' over what is secret in a message of LEN bytes, length word included, of which KEPT are
 * at BYTES; its size and all that is said about sizes stay. Of XML only passwords are hidden. Where
 * the body cannot be decoded, cut ones among them, or has no such field, all of it is. True:
 * something was hidden, or is not known to be harmless, memory being out. */
bool vw_message_hide(const struct vw_schema *schema, uint8_t *bytes, size_t kept, size_t len);
