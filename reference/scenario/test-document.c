// SPDX-License-Identifier: MIT
// Documents: what is one, and what stands in it.
#include "base/testing/test.h"

#include <string.h>

#include "scenario/document.h"

static const char text[] = "<?xml version=\"1.0\"?><!-- so --><d type='t' id='7'>\n"
                           "<n>a &amp; b</n><n>c</n><e/></d>";

static const struct {
    const char *expression, *found; /* NULL: nothing */
} rows[] = {
    {"/d/n", "\"a & b\""},
    {"/d/n[2]", "\"c\""},
    {"/d/e", "\"\""},
    {"/d/@id", "\"7\""},
    {"/d/@none", NULL},
    {"number(/d/@id)", "7"},
    {"count(/d/n) = 2", "true"},
    {"name(/*)", "\"d\""},
    {"7 div 2", "3.5"},
    {"translate(/d/@type, 't', 'u')", "\"u\""},
};

static void test_ask(void **state)
{
    struct vw_document *d = NULL;
    assert_int_equal(vw_document_read(text, strlen(text), &d, NULL), 0);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct json_object *found = NULL;
        assert_int_equal(vw_document_ask(d, rows[i].expression, &found, NULL), 0);
        assert_int_equal(found != NULL, rows[i].found != NULL);
        if (found)
            assert_string_equal(json_object_to_json_string_ext(found, JSON_C_TO_STRING_PLAIN),
                                rows[i].found);
        json_object_put(found);
    }
    vw_document_destroy(d);
}

static void test_no_expression(void **state)
{
    static const char *const wrong[] = {"", "/d[", "nofunction(1)"};
    struct vw_document *d = NULL;
    assert_int_equal(vw_document_read(text, strlen(text), &d, NULL), 0);
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct vw_error err = VW_ERROR_INIT;
        struct json_object *found = NULL;
        assert_int_equal(vw_document_ask(d, wrong[i], &found, &err), VW_ESYNTAX);
        assert_null(found);
        assert_non_null(strstr(err.text, "is no XPath"));
    }
    vw_document_destroy(d);
}

/* Every text that ends too early is none. */
static void test_cut(void **state)
{
    for (size_t len = 0; len < strlen(text); len++) {
        struct vw_document *d = NULL;
        assert_int_equal(vw_document_read(text, len, &d, NULL), VW_ESYNTAX);
        assert_null(d);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ask),
        cmocka_unit_test(test_no_expression),
        cmocka_unit_test(test_cut),
    };
    struct vw_document *d = NULL;
    if (vw_document_read("<a/>", 4, &d, NULL) == VW_ESYSTEM) {
        puts("there is no libxml2 in this build");
        return 77;
    }
    vw_document_destroy(d);
    int rc = cmocka_run_group_tests(tests, NULL, NULL);
    return rc ? rc : vw_test_leaked();
}
