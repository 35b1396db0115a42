// SPDX-License-Identifier: MIT
// Documents with much in them, and much that hangs on each other.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "abuse.h"

#define TEST     "{\"name\": \"test\", \"uuid\": \"6695eb01f6a4830479aa97f2502e193f\", \"id\": 1}"
#define SNAPSHOT "{\"name\": \"s0\", \"dom\": " TEST "}"
#define ELEMENTS 16000 /* the most that virwired reads have two signs < each */

/* JSON of a domain with ELEMENTS interfaces. Ends the process where there is no memory. */
static char *large_domain(void)
{
    static const char head[] =
        "{\"xml\": \"<domain type='test'><name>large</name><memory>1</memory>"
        "<os><type>hvm</type></os><devices>",
                      one[] = "<interface type='user'></interface>",
                      tail[] = "</devices></domain>\"}";
    char *text = malloc(sizeof(head) + sizeof(tail) + ELEMENTS * sizeof(one)), *at = text;
    if (!text)
        abuse_die("out of memory");
    at = stpcpy(at, head);
    for (int i = 0; i < ELEMENTS; i++)
        at = stpcpy(at, one);
    strcpy(at, tail);
    return text;
}

/* SIZE definitions of one domain, which are answered. */
static int large_documents(const struct attack *a)
{
    struct flow f = {.times = 1, .read = true, .wanted = a->size * 28, .seconds = 60};
    char *json = large_domain();
    int fd = abuse_client(a);
    abuse_calls(&f.bytes, "domain_define_xml", json, 2, a->size);
    free(json);
    return abuse_flow(&fd, 1, &f) < f.wanted ? abuse_complain("not all calls were answered") : 0;
}

/* SIZE snapshots, each behind the one before it; then who asks what is behind the first, and takes
 * all away. */
static int deep_snapshots(const struct attack *a)
{
    const size_t asked = 20;
    struct flow f = {.times = 1, .read = true, .wanted = asked * 32 + 28, .seconds = 60};
    char json[256], name[24];
    int fd = abuse_client(a);
    for (size_t i = 0; i < a->size; i++) {
        int len = snprintf(name, sizeof(name), "s%zu", i);
        snprintf(json, sizeof(json),
                 "{\"dom\": " TEST ", \"xml_desc\": \"<domainsnapshot><name>%s</name>"
                 "</domainsnapshot>\", \"flags\": 0}",
                 name);
        f.wanted += 60 + (size_t)(len + 3) / 4 * 4; /* header, domain, its own name */
        abuse_calls(&f.bytes, "domain_snapshot_create_xml", json, (uint32_t)i + 2, 1);
    }
    abuse_calls(&f.bytes, "domain_snapshot_num_children", "{\"snap\": " SNAPSHOT ", \"flags\": 5}",
                (uint32_t)a->size + 2, asked);
    abuse_calls(&f.bytes, "domain_snapshot_delete", "{\"snap\": " SNAPSHOT ", \"flags\": 1}",
                (uint32_t)(a->size + asked) + 2, 1);
    return abuse_flow(&fd, 1, &f) < f.wanted ? abuse_complain("not all calls were answered") : 0;
}

const struct abuse abuse_documents[] = {
    {"large-documents", large_documents}, {"deep-snapshots", deep_snapshots}, {NULL, NULL}};
