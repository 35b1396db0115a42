// SPDX-License-Identifier: MIT
// URIs that show a clause: the vectors of the suite (vectors/uri.json), which the tests of the
// reader of URIs play.
#include <json-c/json.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "cli/explain.h"
#include "conformance/play/check.h"

#define SHOWN       12 /* of the URIs of one verdict */
#define LONGEST_URI 120u

static const char *text_of(struct json_object *vector, const char *member)
{
    struct json_object *value;
    return json_object_object_get_ex(vector, member, &value) ? json_object_get_string(value) : "";
}

static bool is_shown(struct json_object *vector, const char *clause, bool accepted)
{
    return strcmp(text_of(vector, "clause"), clause) == 0 &&
           json_object_object_get_ex(vector, "error", NULL) != accepted &&
           strlen(text_of(vector, "uri")) <= LONGEST_URI;
}

static void print_vector(struct json_object *vector)
{
    struct json_object *uri = NULL;
    json_object_object_get_ex(vector, "uri", &uri);
    printf("  %s: URI of %s\n    %s\n", text_of(vector, "id"), text_of(vector, "dialect"),
           json_object_to_json_string_ext(uri, JSON_C_TO_STRING_NOSLASHESCAPE));
}

static void print_some(struct json_object *vectors, const char *clause, bool accepted)
{
    size_t n = 0, count = json_object_array_length(vectors);
    for (size_t i = 0; i < count; i++) {
        struct json_object *vector = json_object_array_get_idx(vectors, i);
        if (!is_shown(vector, clause, accepted) || n++ >= SHOWN)
            continue;
        if (n == 1)
            printf("\na reader of URIs %s:\n", accepted ? "takes" : "refuses");
        print_vector(vector);
    }
    if (n > SHOWN)
        printf("  and %zu more in vectors/uri.json\n", n - SHOWN);
}

void vw_explain_uris(const char *clause)
{
    char path[PATH_MAX];
    struct json_object *vectors = NULL;
    vw_check_own_suite("vectors", path, sizeof(path) - sizeof("/uri.json"));
    strcat(path, "/uri.json");
    struct json_object *file = json_object_from_file(path);
    if (file && json_object_object_get_ex(file, "vectors", &vectors) &&
        json_object_is_type(vectors, json_type_array))
        for (int accepted = 1; accepted >= 0; accepted--)
            print_some(vectors, clause, accepted);
    json_object_put(file);
}
