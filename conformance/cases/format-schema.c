// SPDX-License-Identifier: MIT
// Printing the tables of the format as JSON Schema (draft 2020-12).
#include "conformance/cases/format-schema.h"

#include <stdio.h>
#include <string.h>

#include "conformance/cases/scenario.h"
#include "conformance/play/verbs.h"

typedef struct json_object json;

#define VARIABLE "{\"type\": \"string\", \"pattern\": \"^\\\\$[^$]\"}"

static json *text(const char *s)
{
    return json_object_new_string(s);
}

static json *of_type(const char *type)
{
    json *o = json_object_new_object();
    json_object_object_add(o, "type", text(type));
    return o;
}

static json *list_of(json *items)
{
    json *o = of_type("array");
    json_object_object_add(o, "items", items);
    return o;
}

static json *word_schema(const struct vw_key *key)
{
    /* Plain numbers and booleans are words too. */
    if (!key->words)
        return json_tokener_parse("{\"type\": [\"string\", \"number\", \"boolean\"]}");
    json *o = json_object_new_object(), *words = json_object_new_array();
    for (const char *const *w = key->words; *w; w++) {
        bool truth = strcmp(*w, "true") == 0 || strcmp(*w, "false") == 0;
        json_object_array_add(words, truth ? json_object_new_boolean(**w == 't') : text(*w));
    }
    json_object_object_add(o, "enum", words);
    return o;
}

static json *keys_schema(json *defs, const struct vw_keys *keys);

/* Sets of keys refer to each other, so that each stands in $defs once. */
static json *reference(json *defs, const struct vw_keys *keys)
{
    char ref[80] = "#/$defs/";
    char *name = ref + strlen(ref);
    snprintf(name, sizeof(ref) - strlen(ref), "%s", keys->name);
    for (char *s = name; *s; s++)
        if (*s == ' ')
            *s = '-';
    if (!json_object_object_get_ex(defs, name, NULL)) {
        json_object_object_add(defs, name, json_object_new_object());
        json_object_object_add(defs, name, keys_schema(defs, keys));
    }
    json *o = json_object_new_object();
    json_object_object_add(o, "$ref", text(ref));
    return o;
}

static json *value_schema(json *defs, const struct vw_key *key)
{
    json *any = json_object_new_array();
    if (key->takes & VW_TAKES_NOTHING)
        json_object_array_add(any, of_type("null"));
    if (key->takes & VW_TAKES_TEXT)
        json_object_array_add(any, word_schema(key));
    if ((key->takes & VW_TAKES_NUMBER) && (key->words || !(key->takes & VW_TAKES_TEXT)))
        json_object_array_add(any, of_type("integer"));
    if (key->takes & VW_TAKES_TEXTS)
        json_object_array_add(any, list_of(word_schema(key)));
    if (key->takes & VW_TAKES_MAP)
        json_object_array_add(any, reference(defs, key->keys));
    if (key->takes & VW_TAKES_MAPS)
        json_object_array_add(any, list_of(reference(defs, key->keys)));
    if (key->takes & VW_TAKES_EDITS) {
        json_object_array_add(any, of_type("string"));
        json_object_array_add(any, list_of(word_schema(key)));
    }
    if (key->takes & VW_TAKES_ITEMS)
        json_object_array_add(any, of_type("array"));
    if (key->takes & VW_TAKES_STEPS)
        json_object_array_add(any, list_of(json_tokener_parse("{\"$ref\": \"#/$defs/a-step\"}")));
    json *o = json_object_new_object();
    json_object_object_add(o, "description", text(key->about));
    if (json_object_array_length(any)) {
        json_object_array_add(any, json_tokener_parse(VARIABLE));
        json_object_object_add(o, "anyOf", any);
    } else {
        json_object_put(any);
    }
    return o;
}

/* Adds the key NAME to a choice of those that must be there. */
static void add_alternative(json *choice, const char *name)
{
    json *one = json_object_new_object(), *required = json_object_new_array();
    json_object_array_add(required, text(name));
    json_object_object_add(one, "required", required);
    json_object_array_add(choice, one);
}

/* Adds KEYWORD to O, unless NAMES is NULL: keys of which some must be there. */
static void add_choice(json *o, const char *keyword, const char *const *names)
{
    json *choice = names ? json_object_new_array() : NULL;
    for (const char *const *w = names; w && *w; w++)
        add_alternative(choice, *w);
    if (choice)
        json_object_object_add(o, keyword, choice);
}

static json *keys_schema(json *defs, const struct vw_keys *keys)
{
    json *o = of_type("object"), *members = json_object_new_object();
    json *required = json_object_new_array();
    for (const struct vw_key *k = keys->list; k->name; k++) {
        json_object_object_add(members, k->name, value_schema(defs, k));
        if (k->required)
            json_object_array_add(required, text(k->name));
    }
    json_object_object_add(o, "properties", members);
    json_object_object_add(o, "additionalProperties", json_object_new_boolean(0));
    json_object_object_add(o, "required", required);
    add_choice(o, "oneOf", keys->one_of);
    add_choice(o, "anyOf", keys->any_of);
    return o;
}

/* A step: one verb, and what may stand beside any. */
static json *step_schema(json *defs)
{
    json *o = of_type("object"), *members = json_object_new_object();
    json *one_of = json_object_new_array();
    for (const struct vw_key *k = vw_step_keys.list; k->name; k++)
        json_object_object_add(members, k->name, value_schema(defs, k));
    for (const struct vw_verb *const *v = vw_verbs; *v; v++) {
        json_object_object_add(members, (*v)->key.name, value_schema(defs, &(*v)->key));
        add_alternative(one_of, (*v)->key.name);
    }
    json_object_object_add(o, "properties", members);
    json_object_object_add(o, "additionalProperties", json_object_new_boolean(0));
    json_object_object_add(o, "oneOf", one_of);
    return o;
}

json *vw_format_schema(void)
{
    json *defs = json_object_new_object();
    json *out = keys_schema(defs, &vw_case_keys);
    json_object_object_add(defs, "a-step", step_schema(defs));
    json_object_object_add(out, "$schema", text("https://json-schema.org/draft/2020-12/schema"));
    json_object_object_add(out, "title", text("virwire scenario"));
    json_object_object_add(out, "$defs", defs);
    return out;
}
