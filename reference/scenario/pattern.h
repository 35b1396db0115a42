// SPDX-License-Identifier: MIT
// Patterns over values: what is not named is not looked at.
#pragma once

#include <json-c/json.h>
#include <virwire/error.h>

#include "base/yaml.h"

/* Does VALUE (JSON form, NULL is null) match N?
 *
 *   a scalar          the same number, boolean or text; "$name" is what was captured
 *   nothing, null     null (an absent optional)
 *   a list            the same count, item by item
 *   {x: ..., y: ...}  these members match; others are not looked at
 *   {any: }           anything; {not: P}; {prefix: text}; {length: N} of a text, list or hex;
 *   {at-least: N}, {at-most: N}; {one-of: [P, ...]}, {all-of: [P, ...]}; {contains: P} some item;
 * {each: P} all items;
 *                     ({contains: text} of a text: it is in it); {printable: } a text that has no
 *                     control characters and is not empty
 *   {xml: {"XPATH": P, ...}}  a text that is well-formed XML, in which each expression is so
 *   {present: }       not null
 *   {capture: name}   anything, and its value is kept
 *
 * 1: yes; 0: no, and WHY (SIZE bytes) says where and what; VW_ESYNTAX: the pattern is wrong,
 * VW_ESYSTEM: there is no libxml2 for it, VW_ENOMEM. Captures go into VARIABLES (an object). */
int vw_pattern_match(const struct vw_node *n, struct json_object *value,
                     struct json_object *variables, char *why, size_t size, struct vw_error *err);
