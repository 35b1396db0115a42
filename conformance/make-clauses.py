#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes the C file that holds the clauses and the faults: make-clauses.py PROTOCOL.md faults.md unshown.tsv

Clauses are the items and rows of the protocol page that begin with **F-3**. What follows one in a block ```bytes
are examples, one a line: `accept` or `refuse`, what the bytes are (`talk`, or the name of a type), a colon, and
hex digits; in a talk, `<` stands ahead of what the server says and `>` of what the client does. Faults and legal
oddities are the rows of the page that conformance/prove writes. unshown.tsv says who can break the clauses that no
case shows."""

import os
import re
import sys
import textwrap

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(__file__), '../reference/base'))
import table

CLAUSE = re.compile(r'(?:- |\| )\*\*([A-Z]-\d+)\*\* (.*)')
EXAMPLE = re.compile(r'(accept|refuse) ([a-z0-9_]+): ([0-9a-f<> ]+)')
MARKS = re.compile(r'(?:\[[^\]]*\]|\([^)]*\))\s*')
UNSHOWN = {'clause': r'[A-Z]-\d+', 'who': 'client|server|nobody', 'why': r'.+'}
WIDTH = 78


def literal(text):
    return '"' + text.replace('\\', '\\\\').replace('"', '\\"').replace('\n', '\\n') + '"'


def plain(text):
    return text.replace('**', '').replace('`', '')


def row_text(text):
    cells = [cell.strip() for cell in text.strip('| ').split('|')]
    marks, *rest = [cell for cell in cells if cell]
    tail = f'; the connection {rest[-1]}' if len(rest) == 3 else ''
    if len(rest) > 1:
        rest[1] = 'the answer: ' + rest[1] if rest[1] != 'nothing' else 'no answer'
    return f'{marks} ' + ': '.join(rest[:2]) + tail + '.'


def brief(text):
    """The first sentence, without the marks ahead of it."""
    while (found := MARKS.match(text)):
        text = text[found.end():]
    return re.split(r'(?<=[.:;]) (?=[A-Z(\[])', text, maxsplit=1)[0].rstrip(':;')


def read_protocol(path):
    """(id, section, text, [(line, verdict, what, bytes)]) of each clause."""
    clauses, section, lines, in_bytes = [], '', None, False
    with open(path, encoding='utf-8') as f:
        for number, line in enumerate(f, 1):
            line = line.rstrip('\n')
            found = CLAUSE.match(line)
            if in_bytes:
                in_bytes = line.strip() != '```'
                example = EXAMPLE.fullmatch(line.strip())
                if in_bytes and not example:
                    sys.exit(f'{path}:{number}: no example: {line.strip()}')
                if in_bytes:
                    clauses[-1][3].append((number, *example.groups()))
            elif line.strip() == '```bytes':
                if not clauses:
                    sys.exit(f'{path}:{number}: examples ahead of the first clause')
                in_bytes = True
            elif line.startswith('#'):
                section, lines = re.sub(r'^#+ (\d+\. )?', '', line), None
            elif found and line.startswith('|'):
                clauses.append((found[1], section, [row_text(found[2])], []))
                lines = None
            elif found:
                lines = [found[2]]
                clauses.append((found[1], section, lines, []))
            elif lines is not None and line.startswith('  '):
                lines.append(line.strip())
            else:
                lines = None
    return [(name, section, plain(' '.join(text)), examples) for name, section, text, examples in clauses]


def read_faults(path):
    """(name, clause, meaning, catchers) of each fault and oddity."""
    faults, with_catchers = [], False
    with open(path, encoding='utf-8') as f:
        for line in f:
            cells = [plain(cell.strip()) for cell in line.strip().strip('|').split('|')]
            if line.startswith('## '):
                with_catchers = 'faults' in line
                wanted = with_catchers or 'oddities' in line
            elif line.startswith('| `') and wanted:
                faults.append((*cells[:3], cells[3] if with_catchers else ''))
    return faults


def read_unshown(path, clauses):
    """clause -> (who, why)."""
    unshown = {}
    for number, row in table.rows(path, UNSHOWN):
        if row['clause'] not in (name for name, *_ in clauses) or row['clause'] in unshown:
            table.die(path, number, f"{row['clause']} is no clause of the page, or here already")
        unshown[row['clause']] = row['who'], row['why']
    return unshown


def main(protocol, faults_page, unshown_table):
    print('#include "conformance/report/clauses.h"\n\n#include <stddef.h>\n')
    clauses, faults = read_protocol(protocol), read_faults(faults_page)
    unshown = read_unshown(unshown_table, clauses)
    for name, _, _, examples in clauses:
        if examples:
            print(f'static const struct vw_clause_example examples_{name.replace("-", "_")}[] = {{')
            for line, verdict, what, octets in examples:
                print(f'    {{{line}, {str(verdict == "accept").lower()}, {literal(what)}, {literal(octets)}}},')
            print('    {0},\n};')
    print('\nconst struct vw_clause vw_clauses[] = {')
    for name, section, text, examples in clauses:
        shown = textwrap.fill(text, WIDTH, break_long_words=False, break_on_hyphens=False)
        print(f'    {{{literal(name)}, {literal(section)}, {literal(brief(text))}, {literal(shown)},')
        who = [literal(cell) for cell in unshown[name]] if name in unshown else ['NULL', 'NULL']
        print(f'     {"examples_" + name.replace("-", "_") if examples else "NULL"}, {", ".join(who)}}},')
    print('    {NULL, NULL, NULL, NULL, NULL, NULL, NULL},\n};\n\nconst struct vw_known_fault vw_known_faults[] = {')
    for row in faults:
        print('    {' + ', '.join(literal(cell) for cell in row) + '},')
    print('    {NULL, NULL, NULL, NULL},\n};')


if __name__ == '__main__':
    main(*sys.argv[1:])
