# Makes the table of effects.h from reference/protocol/effects.tsv.
BEGIN {
    FS = "\t"
    print "// Made by effects.awk from reference/protocol/effects.tsv.\n"
    print "#include \"conformance/runner/effects.h\"\n"
    print "const struct vw_effect_row vw_effect_rows[] = {"
}
/^#/ || NF < 3 || $1 == "program" { next }
{ printf "    {\"%s\", \"%s\", VW_EFFECT_%s},\n", $1, $2, toupper($3) }
END {
    print "};"
    print "const size_t vw_effect_row_count = sizeof(vw_effect_rows) / sizeof(vw_effect_rows[0]);"
}
