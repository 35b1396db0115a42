# SPDX-License-Identifier: MIT
"""The files of a kind: the table of what is asked, what libvirtd answered, and where virwired differs and why."""
import os

HERE = os.path.dirname(os.path.abspath(__file__))
DIFFERENCES = os.path.join(HERE, "differences")
OPEN = "not in the model yet"


class Unusable(Exception):
    """A file of the harness that cannot be read."""


class Table:
    """`rows` are what is asked; `left_out` maps what is not, to its reason: lines `! NAME -- REASON`."""

    def __init__(self, kind):
        self.path, self.rows, self.left_out = os.path.join(HERE, kind), [], {}
        with open(self.path, encoding="utf-8") as f:
            for number, line in enumerate(map(str.strip, f), 1):
                if line.startswith("!"):
                    name, mark, reason = line[1:].partition(" -- ")
                    if not mark:
                        raise Unusable(f"{self.path}:{number}: not `! NAME -- REASON`")
                    self.left_out[name.strip()] = reason
                elif line in self.rows:
                    raise Unusable(f"{self.path}:{number}: stands there twice: {line}")
                elif line and not line.startswith("#"):
                    self.rows.append(line)

    def check_complete(self, names, means):
        """Each of NAMES has to be asked in some row (MEANS tells the names of one), or left out for a reason."""
        names, asked = set(names), set()
        for row in self.rows:
            asked |= means(row)
        missing = sorted(names - asked - self.left_out.keys())
        stale = sorted(self.left_out.keys() - names) + sorted(self.left_out.keys() & asked)
        if missing:
            raise Unusable(f"{self.path}: neither asked nor left out: {' '.join(missing)}")
        if stale:
            raise Unusable(f"{self.path}: left out, but asked or unknown: {' '.join(stale)}")


def recorded(kind):
    return os.path.join(HERE, "expected", kind + ".txt")


def write_recorded(kind, answers):
    with open(recorded(kind), "w", encoding="utf-8") as f:
        for row, lines in answers.items():
            f.write("".join(f"{line}\n" for line in [f"== {row}", *("  " + line for line in lines)]))


def read_recorded(kind):
    """Row to lines."""
    out, lines = {}, []
    with open(recorded(kind), encoding="utf-8") as f:
        for line in f.read().splitlines():
            if line.startswith("== "):
                lines = out.setdefault(line[3:], [])
            else:
                lines.append(line[2:])
    return out


def read_differences():
    """(kind, row) to reason."""
    out = {}
    with open(DIFFERENCES, encoding="utf-8") as f:
        for number, line in enumerate(map(str.strip, f), 1):
            if not line or line.startswith("#"):
                continue
            what, mark, reason = line.rpartition(" -- ")
            kind, colon, row = what.partition(": ")
            if not mark or not colon:
                raise Unusable(f"{DIFFERENCES}:{number}: not `KIND: ROW -- REASON`")
            out[kind, row] = reason
    return out


def write_differences(known):
    with open(DIFFERENCES, encoding="utf-8") as f:
        comment = [line for line in f if line.startswith("#")]
    with open(DIFFERENCES, "w", encoding="utf-8") as f:
        f.writelines(comment)
        f.writelines(f"{kind}: {row} -- {reason}\n" for (kind, row), reason in known.items())
