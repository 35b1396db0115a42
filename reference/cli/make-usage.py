#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes the C file that holds the help texts, and its header: make-usage.py SOURCE HEADER FILE...

The text of usage/NAME.txt becomes vw_usage_NAME. A line @PART@ stands for the text of usage/PART.txt; what is
such a part has a dash in its name."""

import os
import re
import sys


def literal(text):
    escaped = text.replace('\\', '\\\\').replace('"', '\\"')
    return ''.join(f'    "{line}\\n"\n' for line in escaped.splitlines())


def main(source, header, paths):
    texts = {}
    for path in paths:
        with open(path, encoding='utf-8') as f:
            texts[os.path.splitext(os.path.basename(path))[0]] = f.read()

    def whole(name):
        return re.sub(r'^@([a-z-]+)@\n', lambda part: whole(part[1]), texts[name], flags=re.M)
    names = [name for name in texts if '-' not in name]
    with open(header, 'w', encoding='utf-8') as f:
        f.write('#pragma once\n' + ''.join(f'extern const char vw_usage_{name}[];\n' for name in names))
    with open(source, 'w', encoding='utf-8') as f:
        # ISO C wants no more than 4095 bytes of a literal to be possible; a text is as long as it needs to be.
        f.write('#include "cli/usage.h"\n\n#pragma GCC diagnostic ignored "-Woverlength-strings"\n')
        for name in names:
            f.write(f'\nconst char vw_usage_{name}[] =\n{literal(whole(name))};\n')


if __name__ == '__main__':
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
