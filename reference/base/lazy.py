#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Libraries that are loaded late (base/library.h). NAME.calls lists what is called of one:

    library: gnutls              as the linker knows it, -lgnutls
    headers: gnutls/gnutls.h     one or more
    prefix: gnutls_              of its functions
    gnutls_init                  and so on, sorted

lazy.py write --cc=COMPILER|--linked NAME.calls OUT.h OUT.c
    Sources include OUT.h instead of the library's headers and write their calls as ever; before the first
    one they load vw_NAME_library. What is loaded is the soname of what COMPILER would link. With --linked the
    library is linked as usual, and loading it does nothing.
lazy.py check --cc=COMPILER|--linked NAME.calls OBJECTS STAMP
    Holds the list against what OBJECTS, a library of those sources, refer to: what is called and not listed is
    still undefined there. What is listed and not called shows with --linked alone.
lazy.py sonames --cc=COMPILER|--linked OUT NAME.calls...
    Lists what a package has to require, since nothing in the files that are built says it."""

import os
import re
import shlex
import subprocess
import sys


class Calls:
    def __init__(self, path):
        self.path = path
        self.name = os.path.basename(path).removesuffix('.calls')
        self.functions = []
        with open(path, encoding='utf-8') as f:
            for line in f.read().splitlines():
                key, colon, value = line.partition(': ')
                if colon and not line.startswith('#'):
                    setattr(self, key, value)
                elif not line.startswith('#'):
                    self.functions.append(line)


def soname(how, library):
    compiler = how.removeprefix('--cc=')
    file = f'lib{library}.so'
    path = subprocess.check_output(shlex.split(compiler) + ['-print-file-name=' + file], text=True).strip()
    dynamic = subprocess.run(['readelf', '-dW', path], capture_output=True, text=True, check=False).stdout
    match = re.search(r'\(SONAME\).*\[(.+)\]', dynamic)
    if not match:
        sys.exit(f'lazy.py: {path} has no soname; -Dlate_libraries=false links {library} instead')
    return match.group(1)


def header(calls, functions):
    name = calls.name
    lines = ['// Made by lazy.py; not to be edited.', '#pragma once', '']
    lines += [f'#include <{i}>' for i in calls.headers.split()]
    lines += ['', '#include "base/library.h"', '', f'extern struct vw_library vw_{name}_library;']
    if functions:
        lines += ['', f'struct vw_{name}_calls {{']
        lines += [f'    __typeof__({f}) *{f};' for f in functions]
        lines += ['};', '', f'extern struct vw_{name}_calls vw_{name}_calls;', '']
    for f in functions:
        lines += [f'#undef {f}', f'#define {f} (*vw_{name}_calls.{f})']
    return '\n'.join(lines) + '\n'


def source_linked(name, out_h):
    return f'''// Made by lazy.py; not to be edited.
#include "{os.path.basename(out_h)}"

struct vw_library vw_{name}_library = {{.loaded = true}};
'''


def source(name, file, out_h, functions):
    names = ''.join(f'    "{f}",\n' for f in functions)
    return f'''// Made by lazy.py; not to be edited.
#include "{os.path.basename(out_h)}"

#include <stddef.h>

struct vw_{name}_calls vw_{name}_calls;

static const char *const names[] = {{
{names}    NULL,
}};

struct vw_library vw_{name}_library = {{"{file}", names, &vw_{name}_calls, false}};
'''


def write(how, path, out_h, out_c):
    calls = Calls(path)
    linked = how == '--linked'
    functions = [] if linked else calls.functions
    with open(out_h, 'w', encoding='utf-8') as f:
        f.write(header(calls, functions))
    with open(out_c, 'w', encoding='utf-8') as f:
        f.write(source_linked(calls.name, out_h) if linked else
                source(calls.name, soname(how, calls.library), out_h, functions))


def check(how, path, objects, stamp):
    calls = Calls(path)
    undefined = set(re.findall(r'^\s+U (\w+)$', subprocess.check_output(['nm', '-u', objects], text=True), flags=re.M))
    called = sorted(s for s in undefined if re.match(calls.prefix, s))
    wrong = [f'{path}: {f} is called and not listed' for f in called if f not in calls.functions]
    if how == '--linked':
        wrong += [f'{path}: {f} is listed and not called' for f in calls.functions if f not in called]
    if calls.functions != sorted(set(calls.functions)):
        wrong.append(f'{path}: the functions are not sorted, each once')
    if wrong:
        sys.exit('\n'.join(wrong))
    with open(stamp, 'w', encoding='utf-8'):
        pass


def sonames(how, out, *paths):
    with open(out, 'w', encoding='utf-8') as f:
        for path in paths if how != '--linked' else ():
            f.write(soname(how, Calls(path).library) + '\n')


if __name__ == '__main__':
    {'write': write, 'check': check, 'sonames': sonames}[sys.argv[1]](*sys.argv[2:])
