#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes facts-rows.c out of tables of reference/protocol: make-facts.py PROCEDURES.tsv VARYING.tsv RANGES.tsv
>facts-rows.c. A row that is wrong ends the build with its place."""
import os
import re
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../base"))
import table

BEFORE = {"-": "0", "auth": "VW_BEFORE_AUTH | VW_BEFORE_OPEN", "open": "VW_BEFORE_OPEN", "feature": "VW_BEFORE_FEATURE",
          "close": "VW_BEFORE_CLOSE"}
SIGNS = {".": "kind", "+": "start", "-": "stop"}
OBJECTS = []  # that have events, as they come
FORMS = {
    "program": r"[a-z]+", "procedure": r"\*|[a-z0-9_]+", "since": r"-|\d+\.\d+\.\d+", "earlier": r"-|[a-z0-9_,]+",
    "effect": r"-|read|write|host", "modifies": r"-|yes|no", "domain": r"-|\d+", "before": "|".join(BEFORE),
    "secret": r"-|((^|,)(args|ret)\.[\w.]+(:xml)?)+", "volatile": r"-|((^|,)(args|ret)\.[\w.\[\]]+)+",
    "event": r"-|[a-z_]+(\.[a-z0-9_]+(:\d+)?|[+-](old|kind|id))",
    "stream": r"-|read|write",
}
VARYING = {"what": "bound|xml", "where": r"(\*|\w+)([.@]\w+)?", "kind": r"[a-z]+"}
RANGES = {"where": r"(\*|\w+)\.\w+", "low": r"-|-?\d+", "high": r"-|-?\d+"}


def read():
    """The rows, and for each name of a procedure its row; row 0 is of what is in no row."""
    rows, names = [], {}
    for number, row in table.rows(sys.argv[1], FORMS):
        rows.append(row)
        for name in [row["procedure"], *(row["earlier"].split(",") if row["earlier"] != "-" else [])]:
            if (row["program"], name) in names:
                table.die(sys.argv[1], number, f"{row['program']}.{name} is in another row too")
            names[row["program"], name] = len(rows)
    return rows, names


def text(cell):
    return "NULL" if cell == "-" else f'"{cell}"'


def print_row(row):
    match = re.fullmatch(r"([a-z_]+)([.+-])(\w+):?(\d+)?", row["event"])
    about, sign, word, number = match.groups() if match else ("-", ".", "-", None)
    name = "NULL" if row["procedure"] == "*" else text(row["procedure"])
    effect = "HOST" if row["effect"] == "-" else row["effect"].upper()
    print(f"    {{.name = {name}, .since = {text(row['since'])}, .effect = VW_EFFECT_{effect},")
    print(f"     .modifies = {'true' if row['modifies'] == 'yes' else 'false'}, "
          f".domain = {0 if row['domain'] == '-' else row['domain']}, .before = {BEFORE[row['before']]},")
    print(f"     .reads_stream = {'true' if row['stream'] == 'read' else 'false'}, "
          f".writes_stream = {'true' if row['stream'] == 'write' else 'false'},")
    print(f"     .secret = {text(row['secret'])}, .varies = {text(row['volatile'])},")
    if about != "-" and about not in OBJECTS:
        OBJECTS.append(about)
    print(f"     .event_objects = {1 << OBJECTS.index(about) if about != '-' else 0},")
    print(f"     .event_object = {text(about)}, .event_{SIGNS[sign]} = {text(word)}, .event_number = {number or -1}}},")


rows, names = read()
print("// Made by make-facts.py from reference/protocol/procedures.tsv.\n")
print('#include "schema/facts.h"\n')
print("const struct vw_facts vw_facts_rows[] = {")
print("    {.effect = VW_EFFECT_HOST, .before = VW_BEFORE_OPEN, .event_number = -1},")
for row in rows:
    print_row(row)
print("};\n")
print("const struct vw_facts_name vw_facts_names[] = {")
for (program, name), index in sorted(names.items()):
    print(f'    {{"{program}", "{name}", {index}}},')
print("};")
print("const size_t vw_facts_name_count = sizeof(vw_facts_names) / sizeof(vw_facts_names[0]);")

print("\nconst struct vw_varying vw_varying_rows[] = {")
count = 0
for number, row in table.rows(sys.argv[2], VARYING):
    parent, sign, name = re.fullmatch(r"(\*|\w+)([.@]?)(\w*)", row["where"]).groups()
    if (sign == "." and row["what"] == "xml") or (sign == "@" and row["what"] == "bound"):
        table.die(sys.argv[2], number, f"{row['where']} cannot be of {row['what']}")
    print(f'    {{.xml = {"true" if row["what"] == "xml" else "false"}, .parent = "{parent}", .name = {text(name or "-")}, '
          f'.kind = "{row["kind"]}"}},')
    count += 1
print("};")
print(f"const size_t vw_varying_count = {count};")

print("\nconst struct vw_range vw_range_rows[] = {")
count = 0
for number, row in table.rows(sys.argv[3], RANGES):
    parent, name = row["where"].split(".")
    low, high = (end if row[column] == "-" else row[column] for column, end in (("low", "INT64_MIN"), ("high", "INT64_MAX")))
    print(f'    {{"{parent}", "{name}", {low}, {high}}},')
    count += 1
print("};")
print(f"const size_t vw_range_count = {count};")
