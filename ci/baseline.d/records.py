# SPDX-License-Identifier: MIT
"""A record on disk: a folder of text. Each unit PART/NAME.txt has lines `ID<TAB>TEXT`; an id with more than one line
is a value of several lines. `units` says which units there are, and of those that are not there why."""
import os
import re
import shutil
import tempfile

INDEX = "units"
NOT_RECORDED = "not recorded"


class Unusable(Exception):
    """A record, or a list, that cannot be read."""


def printable(text, also=""):
    """TEXT on one line: what would end it, or be invisible, as an escape."""
    return "".join(c if c.isprintable() and c not in also else c.encode("unicode_escape").decode()
                   for c in text.replace("\\", "\\\\"))


class Unit:
    """What was seen of one thing: ids with their lines in the order in which they came; or why nothing was."""

    def __init__(self, name, reason=None):
        self.name, self.reason, self.values = name, reason, {}

    @property
    def part(self):
        return self.name.split("/")[0]

    def add(self, key, text):
        self.values.setdefault(printable(key), []).append(printable(text))

    def add_text(self, key, text):
        """A value of several lines."""
        for line in text.splitlines() or [""]:
            self.add(key, line)

    def state(self):
        return f"{NOT_RECORDED}: {self.reason}" if self.reason is not None else f"{len(self.values)} ids"

    def write(self, folder):
        path = os.path.join(folder, self.name + ".txt")
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as f:
            for key, lines in self.values.items():
                f.writelines(f"{key}\t{line}\n" for line in lines)


def failed(name, reason):
    return Unit(name, printable(" ".join(str(reason).split()) or "no reason was given"))


def check_free(folder):
    """What a new record may replace: the units that are in FOLDER."""
    if not os.listdir(folder):
        return []
    if not os.path.exists(os.path.join(folder, INDEX)):
        raise Unusable(f"{folder} holds something else than a record")
    return read(folder)


def write(folder, units, is_selected):
    """UNITS into FOLDER, which keeps what it has of units that are not selected. All or nothing."""
    os.makedirs(folder, exist_ok=True)
    kept = [u for u in check_free(folder) if not is_selected(u.name)]
    with tempfile.TemporaryDirectory(prefix=".new.", dir=folder) as new:
        both = sorted(kept + units, key=lambda u: u.name)
        for unit in both:
            if unit.reason is None:
                unit.write(new)
        with open(os.path.join(new, INDEX), "w", encoding="utf-8") as f:
            f.writelines(f"{u.name}\t{u.state()}\n" for u in both)
        for part in {u.part for u in both}:
            shutil.rmtree(os.path.join(folder, part), ignore_errors=True)
        for name in os.listdir(new):
            os.replace(os.path.join(new, name), os.path.join(folder, name))


def read_unit(folder, name):
    unit = Unit(name)
    path = os.path.join(folder, name + ".txt")
    try:
        with open(path, encoding="utf-8", newline="\n") as f:
            for number, line in enumerate(f, 1):
                key, tab, text = line.rstrip("\n").partition("\t")
                if not tab:
                    raise Unusable(f"{path}:{number}: no tab in it")
                unit.values.setdefault(key, []).append(text)
    except (OSError, UnicodeDecodeError) as e:
        raise Unusable(f"{path}: {e}") from e
    return unit


def read(folder, is_selected=lambda name: True):
    """The units in FOLDER that are selected."""
    index = os.path.join(folder, INDEX)
    try:
        with open(index, encoding="utf-8") as f:
            lines = f.read().splitlines()
    except (OSError, UnicodeDecodeError) as e:
        raise Unusable(f"{folder} is no record: {e}") from e
    units = []
    for number, line in enumerate(lines, 1):
        name, tab, state = line.partition("\t")
        if not tab or not re.fullmatch(r"[a-z]+/[\w.-]+", name):
            raise Unusable(f"{index}:{number}: not `PART/NAME<TAB>STATE`")
        if not is_selected(name):
            continue
        missing = state.startswith(NOT_RECORDED)
        units.append(Unit(name, state[len(NOT_RECORDED) + 2:]) if missing else read_unit(folder, name))
    return units
