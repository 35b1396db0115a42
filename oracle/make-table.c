// SPDX-License-Identifier: MIT
// Build tool: prints the oracle's table of types as C, one row for each named type of the .x files
// given, in the order of the schema. Nothing is listed by hand.
// Usage: make-table ARRAY PREFIX FILE.x... >table.c

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/finding.h"
#include "schema/schema.h"

static int die(const char *file, const struct vw_error *err)
{
    char line[600];
    fprintf(stderr, "make-table: %s\n", vw_error_format(err, file, line, sizeof(line)));
    return EXIT_FAILURE;
}

static int add(struct vw_schema *s, const char *path, struct vw_error *err)
{
    FILE *f = fopen(path, "r");
    char *text = NULL;
    size_t size = 0;
    if (!f)
        return vw_error_set(err, VW_ESYSTEM, "cannot be read");
    ssize_t n = getdelim(&text, &size, '\0', f);
    fclose(f);
    int rc = n < 0 ? vw_error_set(err, VW_ESYSTEM, "is empty")
                   : vw_schema_add(s, path, text, (size_t)n, false, err);
    free(text);
    return rc;
}

/* "dir/remote.x" as rpcgen calls its header: remote.h. */
static void print_include(const char *path)
{
    const char *base = strrchr(path, '/');
    base = base ? base + 1 : path;
    printf("#include \"%.*s.h\"\n", (int)strlen(base) - 2, base);
}

static void print_table(const struct vw_schema *s, const char *array, const char *prefix)
{
    size_t n;
    const struct vw_type *const *types = vw_schema_types(s, &n);
    printf("\n#include \"oracle/internal.h\"\n\n");
    printf("const struct vw_oracle_type %s[] = {\n", array);
    for (size_t i = 0; i < n; i++)
        printf("    {\"%s\", sizeof(%s), (vw_oracle_filter)xdr_%s%s},\n", types[i]->name,
               types[i]->name, prefix, types[i]->name);
    printf("};\nconst size_t %s_count = %zu;\n", array, n);
}

int main(int argc, char **argv)
{
    struct vw_error err = VW_ERROR_INIT;
    struct vw_schema *s = NULL;
    if (argc < 4 || vw_schema_create(&s) < 0)
        return EXIT_FAILURE;
    int status = EXIT_SUCCESS;
    for (int i = 3; i < argc && status == EXIT_SUCCESS; i++)
        if (add(s, argv[i], &err) < 0)
            status = die(argv[i], &err);
    if (status == EXIT_SUCCESS && vw_schema_finish(s, &err) < 0)
        status = die(vw_schema_error_file(s), &err);
    if (status == EXIT_SUCCESS) {
        for (int i = 3; i < argc; i++)
            print_include(argv[i]);
        print_table(s, argv[1], argv[2]);
    }
    vw_schema_destroy(s);
    return status;
}
