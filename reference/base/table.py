# SPDX-License-Identifier: MIT
"""Tables of tabs that the build makes C of: lines of '#', a line of columns, rows. What is wrong ends the build with its
place."""
import re
import sys


def die(path, number, text):
    sys.exit(f"{path}:{number}: {text}")


def rows(path, forms):
    """(number of the line, row) for each row; FORMS is a regular expression for each column, in their order."""
    header = None
    with open(path, encoding="utf-8") as f:
        for number, line in enumerate(f, 1):
            if line.startswith("#"):
                continue
            cells = line.rstrip("\n").split("\t")
            if header is None:
                header = cells
                if header != list(forms):
                    die(path, number, f"the columns are {' '.join(forms)}")
                continue
            if len(cells) != len(forms):
                die(path, number, f"{len(cells)} columns instead of {len(forms)}")
            row = dict(zip(forms, cells))
            for column, form in forms.items():
                if not re.fullmatch(form, row[column]):
                    die(path, number, f"{column} cannot be '{row[column]}'")
            yield number, row
