// SPDX-License-Identifier: MIT
// What is written of a document by the rows of a shape.
#include "mock-daemon/shape.h"

#include <libxml/parser.h>
#include <string.h>

#include "base/testing/test.h"

static const struct vw_shape rows[] = {
    {"top", "a b=1", "+must may rest many deep"},
    {"must", "x=y z"},
    {"deep/may", "q", .open = true},
    {"may", "p"},
    {"many", NULL, "may", .open = true},
    {"deep", "", "may rest bare"},
    {"bare", "", "+plain"},
    {NULL},
};

static const struct {
    const char *came, *went;
} documents[] = {
    {"<top/>", "<top b='1'>\n  <must x='y'/>\n</top>\n"},
    /* Order, what nobody knows, and what is said in place of what would be. */
    {"<top c='3' b='2' a='1'><none/><may q='1' p='2'/><must z='1' x='2'/></top>",
     "<top a='1' b='2'>\n  <must x='2' z='1'/>\n  <may p='2'/>\n</top>\n"},
    /* As it came, but for comments. */
    {"<top><rest u='1'><v/>text</rest><!-- no --><may/></top>",
     "<top b='1'>\n  <must x='y'/>\n  <may/>\n  <rest u='1'>\n    <v/>\ntext</rest>\n</top>\n"},
    /* Several, each with an end of its own, and one by where it stands. */
    {"<top><many/><deep><may p='1' q='2'/></deep><many><may/></many></top>",
     "<top b='1'>\n  <must x='y'/>\n  <many>\n  </many>\n  <many>\n    <may/>\n  </many>\n"
     "  <deep>\n    <may q='2'>\n    </may>\n  </deep>\n</top>\n"},
    /* One that nobody said and that has no row. */
    {"<top><deep><bare/></deep></top>",
     "<top b='1'>\n  <must x='y'/>\n  <deep>\n    <bare>\n      <plain/>\n    </bare>\n  </deep>\n"
     "</top>\n"},
    /* Signs that XML wants written otherwise. */
    {"<top a='&lt;&apos;&amp;&quot;&gt;'><rest>&lt;&apos;x&amp;&quot;&gt;</rest></top>",
     "<top a='&lt;&apos;&amp;&quot;&gt;' b='1'>\n  <must x='y'/>\n"
     "  <rest>&lt;&apos;x&amp;&quot;&gt;</rest>\n</top>\n"},
};

static void test_documents(void **state)
{
    for (size_t i = 0; i < sizeof(documents) / sizeof(documents[0]); i++) {
        const char *came = documents[i].came;
        xmlDoc *doc = xmlReadMemory(came, (int)strlen(came), NULL, NULL, XML_PARSE_NOBLANKS);
        struct vw_xml x;
        assert_non_null(doc);
        vw_xml_begin(&x);
        vw_shape_write(&x, rows, xmlDocGetRootElement(doc));
        assert_int_equal(x.failed, 0);
        assert_int_equal(x.depth, 0);
        xmlTextWriterFlush(x.writer);
        assert_string_equal((const char *)xmlBufferContent(x.text), documents[i].went);
        xmlFreeTextWriter(x.writer);
        xmlBufferFree(x.text);
        xmlFreeDoc(doc);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_documents),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
