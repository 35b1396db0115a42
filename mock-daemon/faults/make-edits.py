#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes the rows of the faults that are edits (edit.h) out of edits.tsv: make-edits.py TSV >edit-rows.c. A row that is
wrong ends the build with its place."""
import re
import sys

COLUMNS = "name clause messages how edit only meaning".split()
FORMS = {
    "name": r"[a-z0-9-]+", "clause": r"[A-Z]-\d+( [A-Z]-\d+)*", "messages": r"all|reply|error|answer|event|ping|pong|stream",
    "how": r"change|ahead|behind|twice|never", "edit": r"-|[a-z].*", "only": r"-|\?(void|data|end|long|fds)|[a-z_]+(,[a-z_]+)?",
    "meaning": r".+",
}


def die(number, text):
    sys.exit(f"{sys.argv[1]}:{number}: {text}")


def read():
    header = None
    with open(sys.argv[1], encoding="utf-8") as f:
        for number, line in enumerate(f, 1):
            if line.startswith("#"):
                continue
            cells = line.rstrip("\n").split("\t")
            if header is None:
                header = cells
                if header != COLUMNS:
                    die(number, f"the columns are {' '.join(COLUMNS)}")
                continue
            if len(cells) != len(COLUMNS):
                die(number, f"{len(cells)} columns instead of {len(COLUMNS)}")
            row = dict(zip(COLUMNS, cells))
            for column, form in FORMS.items():
                if not re.fullmatch(form, row[column]):
                    die(number, f"{column} cannot be '{row[column]}'")
            if (row["edit"] == "-") != (row["how"] in ("twice", "never")):
                die(number, f"{row['how']} goes {'with' if row['edit'] == '-' else 'without'} an edit")
            yield row


def text(s):
    return '"' + s.replace("\\", "\\\\").replace('"', '\\"') + '"'


def detail(row):
    messages = "~0u" if row["messages"] == "all" else f"VW_OUT_{row['messages'].upper()}"
    parts = [f".kinds = {messages}", f".how = VW_EDIT_{row['how'].upper()}"]
    if row["edit"] != "-":
        parts.append(f".text = {text(row['edit'])}")
    if row["only"].startswith("?"):
        parts.append(f".when = VW_EDIT_{row['only'][1:].upper()}")
    elif row["only"] != "-":
        parts.append(".procedures = {" + ", ".join(map(text, row["only"].split(","))) + "}")
    return ", ".join(parts)


print("// Made by make-edits.py; not to be edited.")
print('#include "mock-daemon/faults/edit.h"\n')
print("extern const struct vw_fault_kind vw_fault_kinds_edit[];")
print("const struct vw_fault_kind vw_fault_kinds_edit[] = {")
for r in read():
    print(f"    {{{text(r['name'])}, {text(r['clause'])}, {text(r['meaning'])},")
    print(f"     .output = vw_fault_edit_row, .detail = &(const struct vw_edit_row){{{detail(r)}}}}},")
print("    {NULL},\n};")
