#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes the C file that holds what is the same in each HTML report: make-page.py page.css page.js

A browser is told to run and to use nothing else: the policy has the digests of both."""

import base64
import hashlib
import sys


def literal(text):
    escaped = text.replace('\\', '\\\\').replace('"', '\\"')
    return ''.join(f'    "{line}\\n"\n' for line in escaped.splitlines())


def digest(text):
    return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"


def main(style_path, script_path):
    with open(style_path, encoding='utf-8') as f:
        style = f.read()
    with open(script_path, encoding='utf-8') as f:
        script = f.read()
    policy = f"default-src 'none'; style-src {digest(style)}; script-src {digest(script)}; base-uri 'none'; form-action 'none'"
    # ISO C wants no more than 4095 bytes of a literal to be possible; a text is as long as it needs to be.
    print('#include "conformance/report/page.h"\n\n#pragma GCC diagnostic ignored "-Woverlength-strings"\n')
    print(f'const char vw_page_policy[] = "{policy}";\n')
    print(f'const char vw_page_style[] =\n{literal(style)};\n\nconst char vw_page_script[] =\n{literal(script)};')


if __name__ == '__main__':
    main(sys.argv[1], sys.argv[2])
