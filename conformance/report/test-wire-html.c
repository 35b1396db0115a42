// SPDX-License-Identifier: MIT
// Messages as HTML: offsets, words, marks, and nothing of a peer that is markup.
#include "conformance/report/wire-html.h"

#include <stdlib.h>
#include <string.h>

#include "base/testing/test.h"

#define CALL       "  0.001 -> length 28, remote v1, procedure 66 (auth_list), call, serial 1, ok\n"
#define CALL_BYTES "      0000001c 20008086 00000001 00000042 00000000 00000001 00000000\n"
#define REPLY      "  0.002 <- length 40, remote v1, procedure 59 (get), reply, serial 2, ok\n"
#define REPLY_BYTES                                                                                \
    "      00000028 20008086 00000001 0000003b 00000001 00000002 00000000 00000003\n"              \
    "      61623c00 00000007\n"

static char *html_of(const char *frames)
{
    char *text = NULL;
    size_t len;
    FILE *f = open_memstream(&text, &len);
    assert_non_null(f);
    vw_html_frames(frames, f);
    assert_int_equal(fclose(f), 0);
    return text;
}

static void frames_as_html(void **state)
{
    static const struct {
        const char *frames, *parts[6], *without;
    } rows[] = {
        /* Each word of the header by name. */
        {CALL CALL_BYTES,
         {"<div class=\"sent\"><p><time>0.001</time> sent length 28, remote v1, ",
          "<i>0000</i>  0000001c  <b>length   </b> 28\n",
          "<i>0004</i>  20008086  <b>program  </b> remote\n"
          "<i>0008</i>  00000001  <b>version  </b> v1\n"
          "<i>000c</i>  00000042  <b>procedure</b> 66 (auth_list)\n"
          "<i>0010</i>  00000000  <b>type     </b> call\n",
          "<i>0014</i>  00000001  <b>serial   </b> 1\n"
          "<i>0018</i>  00000000  <b>status   </b> ok\n</pre></div></div>\n"},
         "<mark>"},
        /* The body with letters, and what it means beside it. */
        {REPLY "      {\"a\":\"b,<\",\"c\":[1,{\"d\":2}]}\n" REPLY_BYTES,
         {"<div class=\"received\">", "<i>001c</i>  00000003 61623c00  ....ab&#60;.\n",
          "<i>0024</i>  00000007           ....\n",
          "<pre class=means>{\n  &#34;a&#34;:&#34;b,&#60;&#34;,\n"
          "  &#34;c&#34;:[1,{&#34;d&#34;:2}]\n}</pre>"},
         "<mark>"},
        /* An offset counts from the start of the body, and a word is marked from there. */
        {REPLY REPLY_BYTES "  0.002 -- against X-1: padding byte is 0x00 at a, offset 7\n",
         {"<div class=\"received broken\">", "00000003 61623c<mark>00</mark>  ",
          "<div class=\"remark\"><p><time>0.002</time>  against X-1: padding"},
         "<mark>0000"},
        {REPLY REPLY_BYTES "  0.002 -- against X-4: not so at a, offset 8, and 2 more\n"
                           "  0.002 -- against X-4: not so at b, offset 0\n",
         {"<mark>00000003</mark> 61623c00", "<i>0024</i>  <mark>00000007</mark>  "},
         "<mark>0000001"},
        /* Behind the number of descriptors, if there is one. */
        {"  0.002 <- length 40, remote v1, procedure 59 (get), reply-with-fds, serial 2, "
         "ok\n" REPLY_BYTES "  0.002 -- [b] against X-4: not so at a, offset 4\n",
         {"00000003 61623c00", "<i>0024</i>  <mark>00000007</mark>"},
         "<mark>6"},
        /* A word in brackets. */
        {CALL "      0000001c [20008086] 00000001 00000042 00000000 00000001 [00000000]\n",
         {"<i>0004</i>  <mark>20008086</mark>  <b>program  </b> remote\n",
          "<i>0018</i>  <mark>00000000</mark>  <b>status   </b> ok\n</pre>"},
         "<mark>00000001"},
        /* What follows is at the end. */
        {REPLY REPLY_BYTES "  0.002 -- against H-5: 4 bytes follow the body\n",
         {"00000003 61623c00", "<i>0024</i>  <mark>00000007</mark>"},
         "<mark>6"},
        /* More than there are, and more than are kept. */
        {REPLY REPLY_BYTES "  0.002 -- against H-5: 400 bytes follow the body\n"
                           "  0.002 -- against H-5: no at x, offset 18446744073709551615\n",
         {"<i>0000</i>  <mark>00000028</mark>"},
         NULL},
        {REPLY REPLY_BYTES "      ... 400 bytes in all\n  0.002 -- against H-5: 4 bytes follow\n",
         {"00000007           ....\n400 bytes in all\n</pre>"},
         "<mark>"},
        /* A remark that is against nothing, or about another message, marks nothing. */
        {REPLY REPLY_BYTES "  0.002 -- quiet at x, offset 4\n" CALL
                           "  0.003 -- against X-4: not so at b, offset 0\n",
         {"<div class=\"received\">"},
         "<mark>"},
        /* What is no message stays as it is. */
        {"line <one>\nline two",
         {"<div class=\"line\"><p>line &#60;one&#62;</p></div>\n", "line two"},
         "<pre>"},
        {"  0.010 <- 5 bytes that are no whole message\n      61263c0a ff\n",
         {"<i>0000</i>  61263c0a ff        a&#38;&#60;..\n"},
         "<b>"},
        {"  0.010 -> 12 bytes",
         {"<div class=\"sent\"><p><time>0.010</time> sent 12 bytes</p></div>"},
         "<pre>"},
        {"", {""}, "<"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char *html = html_of(rows[i].frames);
        for (size_t k = 0; k < 6 && rows[i].parts[k]; k++)
            if (!strstr(html, rows[i].parts[k]))
                fail_msg("row %zu: \"%s\" is not in:\n%s", i, rows[i].parts[k], html);
        if (rows[i].without && strstr(html, rows[i].without))
            fail_msg("row %zu: \"%s\" is in:\n%s", i, rows[i].without, html);
        free(html);
    }
}

/* Lines that are cut anywhere are shown all the same. */
static void frames_that_are_cut(void **state)
{
    static const char whole[] =
        REPLY "      {\"a\":\"b\\\\\",\"c\":[1,2]}\n" REPLY_BYTES "      ... 400 bytes in all\n"
              "  0.002 -- against X-1: no at a, offset 7\n";
    for (size_t n = 0; n < sizeof(whole); n++) {
        char *part = strndup(whole, n);
        assert_non_null(part);
        char *html = html_of(part);
        assert_int_equal(n == 0, *html == '\0');
        free(html);
        free(part);
    }
}

/* Longer than any message that is kept. */
static void frames_that_are_long(void **state)
{
    char text[8000] = REPLY;
    for (size_t n = strlen(text); n + 20 < sizeof(text); n = strlen(text))
        strcpy(text + n, "      ffffffff ffff\n");
    char *html = html_of(text);
    assert_non_null(strstr(html, "<i>00fc</i>"));
    assert_null(strstr(html, "<i>0104</i>"));
    free(html);
}

static void text_as_html(void **state)
{
    static const struct {
        const char *text, *html;
    } rows[] = {
        {"<a href=\"x\">'&", "&#60;a href=&#34;x&#34;&#62;&#39;&#38;"},
        {"caf\xc3\xa9\n\tx", "caf\xc3\xa9\n\tx"},
        {"\xc3<", "\\xc3&#60;"},
        {"\x01\x7f\xc2\x9b\xe2\x80\xae", "\\x01\\x7f\\xc2\\x9b\\xe2\\x80\\xae"},
        {"cut \xe2\x82", "cut \\xe2\\x82"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char *text = NULL;
        size_t len;
        FILE *f = open_memstream(&text, &len);
        assert_non_null(f);
        vw_html_text(rows[i].text, strlen(rows[i].text), f);
        assert_int_equal(fclose(f), 0);
        assert_string_equal(text, rows[i].html);
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_as_html),
        cmocka_unit_test(frames_that_are_cut),
        cmocka_unit_test(frames_that_are_long),
        cmocka_unit_test(text_as_html),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) + vw_test_leaked();
}
