#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes the C file that holds the .x files and profiles: embed.py OUTPUT FILE...

Comments of .x files are left out, but for annotations, and so are comment lines of profiles: they
are read at every start. Line breaks stay, so that places in the text keep their line."""

import os
import re
import sys


def strip_x(text):
    def shorten(match):
        comment = match.group(0)
        if comment.startswith('/**') and '@' in comment:
            return re.sub(r'^[ \t]*\* ?(?=@)', '', comment, flags=re.M)
        return '\n' * comment.count('\n')
    text = re.sub(r'/\*.*?\*/', shorten, text, flags=re.S)
    return re.sub(r'[ \t]+$', '', text, flags=re.M)


def strip_yaml(text):
    return re.sub(r'^#.*$', '', text, flags=re.M)


def array(name, text):
    data = text.encode()
    lines = [f'static const char {name}[] = {{']
    for i in range(0, len(data), 24):
        lines.append('    ' + ','.join(str(b) for b in data[i:i + 24]) + ',')
    return '\n'.join(lines + ['    0};', ''])


def table(name, entries):
    rows = ''.join(f'    {{"{file}", {var}, sizeof({var}) - 1}},\n' for file, var in entries)
    return f'const struct vw_builtin {name}[] = {{\n{rows}    {{0}},\n}};\n'


def version(file):
    return [int(n) for n in os.path.splitext(file)[0].split('.')]


def main(output, paths):
    out = ['// Made by embed.py; not to be edited.', '#include "schema/builtin.h"', '']
    files, profiles, types = [], [], []
    for i, path in enumerate(paths):
        file, var = os.path.basename(path), f'text_{i}'
        with open(path, encoding='utf-8') as f:
            text = f.read()
        out.append(array(var, strip_yaml(text) if file.endswith('.yaml') else strip_x(text)))
        beside = os.path.basename(os.path.dirname(path)) == 'profiles'
        (profiles if file.endswith('.yaml') else types if beside else files).append((file, var))
    profiles.sort(key=lambda entry: version(entry[0]))
    out.append(table('vw_builtin_files', files))
    out.append(table('vw_builtin_profiles', profiles))
    out.append(table('vw_builtin_profile_types', types))
    names = ''.join(f'    "{os.path.splitext(file)[0]}",\n' for file, _ in profiles)
    out.append(f'const char *const vw_builtin_profile_names[] = {{\n{names}    0,\n}};\n')
    with open(output, 'w', encoding='utf-8') as f:
        f.write('\n'.join(out))


if __name__ == '__main__':
    main(sys.argv[1], sys.argv[2:])
