#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes the rows of the faults of a table, edits.tsv (edit.h) or results.tsv (result.h): make-rows.py TSV >rows.c. A row
that is wrong ends the build with its place."""
import os
import re
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../reference/base"))
import table

HEAD = {"name": r"[a-z0-9-]+", "clause": r"[A-Z]-\d+( [A-Z]-\d+)*"}
EDIT = HEAD | {
    "messages": r"all|reply|error|answer|event|ping|pong|stream", "how": r"change|ahead|behind|twice|never",
    "edit": r"-|[a-z].*", "only": r"-|\?(void|data|end|long|fds)|[a-z_]+(,[a-z_]+)?", "meaning": r".+",
}
RESULT = HEAD | {
    "calls": r"-|[a-z_*]+(,[a-z_*]+)?", "failed": r"-|any|\d+", "feature": r"-|\d+",
    "only": r"-|open|not-open|open-flags|unknown-feature|no-auth|sasl|polkit|exchange|in|void|nul|misnamed",
    "answer": r"ok|\{.*\}|\d+/\d+ .+", "meaning": r".+",
}


def text(s):
    return '"' + s.replace("\\", "\\\\").replace('"', '\\"') + '"'


def word(s):
    return s.upper().replace("-", "_")


def texts(s):
    return "{" + ", ".join(map(text, s.split(","))) + "}"


def edit(row):
    messages = "~0u" if row["messages"] == "all" else f"VW_OUT_{word(row['messages'])}"
    yield f".kinds = {messages}, .how = VW_EDIT_{word(row['how'])}"
    if row["edit"] != "-":
        yield f".text = {text(row['edit'])}"
    if row["only"].startswith("?"):
        yield f".when = VW_EDIT_{word(row['only'][1:])}"
    elif row["only"] != "-":
        yield f".procedures = {texts(row['only'])}"


def result(row):
    if row["calls"] != "-":
        yield f".calls = {texts(row['calls'])}"
    if row["failed"] != "-":
        yield f".failed = {'VW_RESULT_ANY_ERROR' if row['failed'] == 'any' else row['failed']}"
    if row["feature"] != "-":
        yield f".feature = {row['feature']}"
    if row["only"] != "-":
        yield f".when = VW_RESULT_{word(row['only'])}"
    error = re.fullmatch(r"(\d+)/(\d+) (.+)", row["answer"])
    if error:
        yield f".code = {error[1]}, .domain = {error[2]}, .text = {text(error[3])}"
    else:
        yield f".value = {text('' if row['answer'] == 'ok' else row['answer'])}"


name = os.path.basename(sys.argv[1]).removesuffix("s.tsv")
forms_of, detail, hook = {"edit": (EDIT, edit, "output"), "result": (RESULT, result, "call")}[name]
print("// Made by make-rows.py; not to be edited.")
print(f'#include "mock-daemon/faults/{name}.h"\n')
print(f"extern const struct vw_fault_kind vw_fault_kinds_{name}[];")
print(f"const struct vw_fault_kind vw_fault_kinds_{name}[] = {{")
for number, r in table.rows(sys.argv[1], forms_of):
    if "edit" in r and (r["edit"] == "-") != (r["how"] in ("twice", "never")):
        table.die(sys.argv[1], number, f"{r['how']} goes {'with' if r['edit'] == '-' else 'without'} an edit")
    print(f"    {{{text(r['name'])}, {text(r['clause'])}, {text(r['meaning'])},")
    print(f"     .{hook} = vw_fault_{name}_row, .detail = &(const struct vw_{name}_row){{{', '.join(detail(r))}}}}},")
print("    {NULL},\n};")
