#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes rules.c out of rules.tsv: make-rules.py TSV >rules.c. A row that is wrong ends the build with its place."""
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../reference/base"))
import table

FORMS = {"code": r"[A-Z]{3}\d{3}", "class": "wire|limit|sec|behav|source|policy|ok|error",
         "whom": "both|shrunk|grown|build|people", "title": r"[^A-Z].*[^.]", "meaning": r".*[.)]"}


def text(cell):
    return '"' + cell.replace('"', '\\"') + '"'


print("// Made by make-rules.py from conformance/gate/rules.tsv.\n")
print('#include "conformance/gate/rules.h"\n')
print("const struct vw_gate_rule vw_gate_rules[] = {")
seen = set()
for number, row in table.rows(sys.argv[1], FORMS):
    if row["code"] in seen:
        table.die(sys.argv[1], number, f"{row['code']} is in another row too")
    seen.add(row["code"])
    print(f"    {{{text(row['code'])}, VW_GATE_{row['class'].upper()}, VW_HURTS_{row['whom'].upper()},")
    print(f"     {text(row['title'])},\n     {text(row['meaning'])}}},")
print("};")
print("const size_t vw_gate_rule_count = sizeof(vw_gate_rules) / sizeof(vw_gate_rules[0]);")
