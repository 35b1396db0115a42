// SPDX-License-Identifier: MIT
// Fuzz target: connection URIs. The first byte chooses dialect and options, the rest is the text.
// What parses prints as a fixed point with the same meaning, and no command line that is made of it
// holds a control character or a word of the URI where an option could stand.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <virwire/uri.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool condition)
{
    if (!condition)
        abort();
}

static void must_be_clean(const char *s)
{
    for (; *s; s++)
        must((unsigned char)*s >= 0x20 && *s != 0x7f);
}

static bool is(const char *word, const char *s)
{
    return word && strcmp(word, s) == 0;
}

/* Options that ssh may be given, each with its fixed or checked value; returns the first other
 * word. */
static const char *const *skip_options(const char *const *word)
{
    while (*word && !is(*word, "--")) {
        if (is(*word, "-T")) {
            word++;
        } else if (is(*word, "-p") || is(*word, "-l") || is(*word, "-i")) {
            must(word[1] && word[1][0] != '-');
            word += 2;
        } else if (is(*word, "-e")) {
            must(is(word[1], "none"));
            word += 2;
        } else if (is(*word, "-o")) {
            must(is(word[1], "BatchMode=yes") || is(word[1], "StrictHostKeyChecking=no"));
            word += 2;
        } else {
            break;
        }
    }
    return word;
}

static void check_ssh(const struct vw_uri *uri, const char *const *argv)
{
    must(is(argv[0], uri->command));
    const char *const *word = skip_options(argv + 1);
    if (uri->dialect == VW_DIALECT_MODERN) {
        must(is(word[0], "--") && is(word[1], uri->host) && word[2] && !word[3]);
        must(strncmp(word[2], "sh -c '", 7) == 0);
    } else {
        must(is(word[0], uri->host) && word[0][0] != '-');
        must(word[1] && word[1][0] != '-' && is(word[2], "-U") && word[3] && !word[4]);
    }
}

static void check_commands(const struct vw_uri *uri, struct vw_arena *arena)
{
    const char *const *argv;
    const char *script;
    for (unsigned flags = 0; flags <= VW_URI_ARGV_LITERAL; flags++) {
        if (vw_uri_argv(uri, flags, arena, &argv, NULL))
            continue;
        for (const char *const *word = argv; *word; word++)
            must_be_clean(*word);
        if (uri->transport == VW_TRANSPORT_SSH)
            check_ssh(uri, argv);
    }
    if (vw_uri_script(uri, arena, &script, NULL) == 0)
        must_be_clean(script);
}

static bool same(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

static void check_print(const struct vw_uri *uri, const struct vw_uri_options *options,
                        struct vw_arena *arena)
{
    const struct vw_uri *again;
    char *text = vw_uri_print(uri, arena);
    must(text != NULL);
    size_t len = strlen(text);
    if (len > VW_URI_MAX_BYTES)
        return;
    must(vw_uri_parse(text, len, options, arena, &again, NULL) == 0);
    must(same(vw_uri_print(again, arena), text));
    must(again->transport == uri->transport && again->port == uri->port);
    must(same(again->host, uri->host) && same(again->user, uri->user));
    must(same(again->path, uri->path) && same(again->socket, uri->socket));
    must(uri->transport == VW_TRANSPORT_LOCAL || same(again->name, uri->name));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    const struct vw_uri_options options = {
        VW_URI_OPTIONS_INIT,
        .dialect = (enum vw_dialect)((data[0] & 3) % 3),
        .read_only = data[0] & 4,
        .truncate_nul = data[0] & 8,
        .uid = data[0] & 16 ? 1000 : 0,
        .home = data[0] & 32 ? NULL : "/h",
        .runtime_dir = data[0] & 64 ? NULL : "/r",
    };
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_error err = VW_ERROR_INIT;
    const struct vw_uri *uri;
    int rc = vw_uri_parse((const char *)data + 1, size - 1, &options, &arena, &uri, &err);
    must(rc <= 0 && err.code == rc && (rc == 0 || err.text[0]));
    if (rc == 0) {
        check_print(uri, &options, &arena);
        check_commands(uri, &arena);
    }
    vw_arena_finish(&arena);
    return 0;
}
