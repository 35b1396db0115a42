#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes the C file that holds the clauses and the faults: make-clauses.py PROTOCOL.md faults.md unshown.tsv

Clauses are the items and rows of the protocol page that begin with **F-3**. What follows one in a block ```bytes, or
anywhere in a block ```bytes F-3, are its examples, one a line, in the form that the page describes. Faults and legal
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
BLOCK = re.compile(r'```bytes(?: ([A-Z]-\d+))?')
EXAMPLE = re.compile(r'(accept|refuse) ([a-z0-9-]+) ([A-Za-z0-9_-]+)(?: (\d+\.\d+\.\d+))?: ([0-9a-f<> ]+?)( \.\.\.)?')
MOST = 1024  # bytes of an example; VW_EXAMPLE_BYTES of clauses.h
MARKS = re.compile(r'(?:\[[^\]]*\]|\([^)]*\))\s*')
UNSHOWN = {'clause': r'[A-Z]-\d+', 'who': 'client|server|nobody', 'why': r'.+'}
WIDTH = 78


def literal(text):
    return '"' + text.replace('\\', '\\\\').replace('"', '\\"').replace('\n', '\\n') + '"'


def truth(value):
    return 'true' if value else 'false'


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
    return re.split(r'(?<=[.:;]) (?=[A-Z(\[])|(?<=[.]) (?=[0-9])', text, maxsplit=1)[0].rstrip(':;')


def read_example(where, line, examples):
    """(line, verdict, name, what, release, bytes, more) of a line in a block, which joins EXAMPLES."""
    found = EXAMPLE.fullmatch(line.strip())
    if not found:
        sys.exit(f'{where}: no example: {line.strip()}')
    if found[2] in (name for _, _, name, *_ in examples):
        sys.exit(f'{where}: the clause has an example {found[2]} already')
    if len(re.sub('[^0-9a-f]', '', found[5])) > 2 * MOST:
        sys.exit(f'{where}: more than {MOST} bytes')
    examples.append((int(where.rsplit(':', 1)[1]), *found.groups()))


def examples_of(where, name, clauses):
    """The list that a block of examples goes to: of the clause NAME, or of the last one."""
    for clause in reversed(clauses):
        if name in (None, clause[0]):
            return clause[3]
    sys.exit(f'{where}: examples of no clause ahead of them')


def read_protocol(path):
    """(id, section, text, examples) of each clause."""
    clauses, section, lines, examples = [], '', None, None
    with open(path, encoding='utf-8') as f:
        for number, line in enumerate(f, 1):
            line, where = line.rstrip('\n'), f'{path}:{number}'
            found, block = CLAUSE.match(line), BLOCK.fullmatch(line.strip())
            if examples is not None and line.strip() == '```':
                examples = None
            elif examples is not None:
                read_example(where, line, examples)
            elif block:
                examples = examples_of(where, block[1], clauses)
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
            for line, verdict, word, what, release, octets, more in examples:
                print(f'    {{{line}, {truth(verdict == "accept")}, {truth(more)}, {literal(word)}, {literal(what)},')
                print(f'     {literal(release) if release else "NULL"}, {literal(octets)}}},')
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
