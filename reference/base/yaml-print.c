// SPDX-License-Identifier: MIT
// A node as one line of YAML, for reports.
#include <stdio.h>

#include "base/yaml.h"

static bool plain(const char *s)
{
    if (!*s || *s == ' ' || *s == '?' || (*s == '-' && (s[1] < '0' || s[1] > '9')))
        return false;
    for (; *s; s++)
        if ((unsigned char)*s < 0x20 || strchr(":#,[]{}\"'&*!|>%@`", *s))
            return false;
    return true;
}

static void print_text(const struct vw_node *n, FILE *f)
{
    if (!n->quoted && plain(n->text)) {
        fputs(n->text, f);
        return;
    }
    fputc('"', f);
    for (const unsigned char *s = (const unsigned char *)n->text; *s; s++) {
        if (*s == '"' || *s == '\\')
            fprintf(f, "\\%c", *s);
        else if (*s < 0x20)
            fprintf(f, "\\x%02x", *s);
        else
            fputc(*s, f);
    }
    fputc('"', f);
}

void vw_node_print(const struct vw_node *n, FILE *f)
{
    if (n->kind == VW_NODE_SCALAR)
        print_text(n, f);
    if (n->kind != VW_NODE_LIST && n->kind != VW_NODE_MAP)
        return;
    bool map = n->kind == VW_NODE_MAP;
    fputc(map ? '{' : '[', f);
    for (const struct vw_node *item = n->first; item; item = item->next) {
        if (map)
            fprintf(f, "%s:%s", item->key, item->kind == VW_NODE_NULL ? "" : " ");
        /* In a list nothing at all would be no item. */
        if (!map && item->kind == VW_NODE_NULL)
            fputc('~', f);
        vw_node_print(item, f);
        if (item->next)
            fputs(", ", f);
    }
    fputc(map ? '}' : ']', f);
}
