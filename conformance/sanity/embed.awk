# SPDX-License-Identifier: MIT
# The sanity cases as C: they must not depend on what is installed.
BEGIN { print "#include \"conformance/play/sanity.h\"" }
FNR == 1 {
    if (NR > 1)
        print "    ;"
    name = FILENAME
    sub(/.*\//, "", name)
    sub(/\.yaml$/, "", name)
    sub(/-/, "_", name)
    print "const char vw_text_of_" name "[] ="
}
{
    gsub(/\\/, "\\\\")
    gsub(/"/, "\\\"")
    print "    \"" $0 "\\n\""
}
END { print "    ;" }
