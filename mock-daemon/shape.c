// SPDX-License-Identifier: MIT
#include "mock-daemon/shape.h"

#include <string.h>

/* Whether PATH, of a row, means NAME within PARENT. */
static bool fits(const char *path, const char *parent, const char *name)
{
    const char *slash = strchr(path, '/');
    if (!slash)
        return strcmp(path, name) == 0;
    return strcmp(slash + 1, name) == 0 && strlen(parent) == (size_t)(slash - path) &&
           strncmp(path, parent, strlen(parent)) == 0;
}

static const struct vw_shape *row_of(const struct vw_shape *rows, const char *parent,
                                     const char *name)
{
    while (rows->element && !fits(rows->element, parent, name))
        rows++;
    return rows->element ? rows : NULL;
}

/* The next word of *LIST, in at most SIZE bytes; false: there is none. */
static bool next_word(const char **list, char *word, size_t size)
{
    *list += strspn(*list, " ");
    size_t len = strcspn(*list, " ");
    size_t kept = len < size - 1 ? len : size - 1;
    memcpy(word, *list, kept);
    word[kept] = 0;
    *list += len;
    return len > 0;
}

#define WORD_SIZE 64

static void write_attributes(struct vw_xml *x, const char *attributes, const xmlNode *n)
{
    char word[WORD_SIZE];
    while (next_word(&attributes, word, sizeof(word))) {
        char *equals = strchr(word, '=');
        if (equals)
            *equals = 0;
        xmlChar *said = n ? xmlGetNoNsProp(n, BAD_CAST word) : NULL;
        if (said || equals)
            vw_xml_attribute(x, word, said ? (const char *)said : equals + 1);
        xmlFree(said);
    }
}

static void write_one(struct vw_xml *x, const struct vw_shape *rows, const char *parent,
                      const char *name, const xmlNode *n);

/* Gives how many there were. */
static unsigned write_elements(struct vw_xml *x, const struct vw_shape *rows,
                               const struct vw_shape *row, const char *name, const xmlNode *n)
{
    const char *elements = row->elements ? row->elements : "";
    char word[WORD_SIZE];
    unsigned written = 0;
    while (next_word(&elements, word, sizeof(word))) {
        const bool always = word[0] == '+';
        const char *inner = word + always;
        const xmlNode *one = vw_xml_child(n, inner);
        if (!one && always) {
            write_one(x, rows, name, inner, NULL);
            written++;
        }
        for (; one; one = one->next) {
            if (one->type != XML_ELEMENT_NODE || !xmlStrEqual(one->name, BAD_CAST inner))
                continue;
            write_one(x, rows, name, inner, one);
            written++;
        }
    }
    return written;
}

/* N is NULL for one that nobody said. The depth is that of the documents of libvirt's kinds, whose
 * rows do not go round. */
static void write_one(struct vw_xml *x, const struct vw_shape *rows, const char *parent,
                      const char *name, const xmlNode *n)
{
    const struct vw_shape *row = row_of(rows, parent, name);
    if (!row && n) {
        vw_xml_copy(x, n);
        return;
    }
    vw_xml_start(x, name);
    if (row)
        write_attributes(x, row->attributes ? row->attributes : "", n);
    if (row && write_elements(x, rows, row, name, n) == 0 && row->open)
        vw_xml_open_up(x);
    vw_xml_end(x);
}

void vw_shape_write(struct vw_xml *x, const struct vw_shape *rows, const xmlNode *n)
{
    write_one(x, rows, "", (const char *)n->name, n);
}
