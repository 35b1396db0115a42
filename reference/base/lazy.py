#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes the table of functions of a library that is loaded late (base/library.h):

    lazy.py --cc=COMPILER|--linked NAME LIBRARY PREFIX INCLUDE[,INCLUDE...] OUT.h OUT.c SOURCE...

The functions are those whose names begin with PREFIX, a regular expression, and that a SOURCE calls.
Sources include OUT.h instead of the library's headers and write their calls as ever; before the first
one they load vw_NAME_library. What is loaded is the soname of what COMPILER would link for -lLIBRARY.
With --linked the library is linked as usual, and loading it does nothing."""

import os
import re
import shlex
import subprocess
import sys


def calls_in(paths, prefix):
    found = set()
    for path in paths:
        with open(path, encoding='utf-8') as f:
            text = re.sub(r'//.*?$|/\*.*?\*/|"(?:\\.|[^"\\])*"', '', f.read(), flags=re.S | re.M)
        found.update(re.findall(rf'\b({prefix}\w*)\s*\(', text))
    return sorted(found)


def soname(compiler, library):
    file = f'lib{library}.so'
    path = subprocess.check_output(shlex.split(compiler) + ['-print-file-name=' + file], text=True).strip()
    dynamic = subprocess.run(['readelf', '-dW', path], capture_output=True, text=True, check=False).stdout
    match = re.search(r'\(SONAME\).*\[(.+)\]', dynamic)
    if not match:
        sys.exit(f'lazy.py: {path} has no soname; -Dlate_libraries=false links {library} instead')
    return match.group(1)


def header(name, includes, calls):
    lines = ['// Made by lazy.py; not to be edited.', '#pragma once', '']
    lines += [f'#include <{i}>' for i in includes]
    lines += ['', '#include "base/library.h"', '', f'extern struct vw_library vw_{name}_library;']
    if calls:
        lines += ['', f'struct vw_{name}_calls {{']
        lines += [f'    __typeof__({c}) *{c};' for c in calls]
        lines += ['};', '', f'extern struct vw_{name}_calls vw_{name}_calls;', '']
    for c in calls:
        lines += [f'#undef {c}', f'#define {c} (*vw_{name}_calls.{c})']
    return '\n'.join(lines) + '\n'


def source_linked(name, out_h):
    return f'''// Made by lazy.py; not to be edited.
#include "{os.path.basename(out_h)}"

struct vw_library vw_{name}_library = {{.loaded = true}};
'''


def source(name, file, out_h, calls):
    names = ''.join(f'    "{c}",\n' for c in calls)
    return f'''// Made by lazy.py; not to be edited.
#include "{os.path.basename(out_h)}"

#include <stddef.h>

struct vw_{name}_calls vw_{name}_calls;

static const char *const names[] = {{
{names}    NULL,
}};

struct vw_library vw_{name}_library = {{"{file}", names, &vw_{name}_calls, false}};
'''


def main(how, name, library, prefix, includes, out_h, out_c, *sources):
    linked = how == '--linked'
    calls = [] if linked else calls_in(sources, prefix)
    with open(out_h, 'w', encoding='utf-8') as f:
        f.write(header(name, includes.split(','), calls))
    with open(out_c, 'w', encoding='utf-8') as f:
        f.write(source_linked(name, out_h) if linked else
                source(name, soname(how.removeprefix('--cc='), library), out_h, calls))


if __name__ == '__main__':
    main(*sys.argv[1:])
