# SPDX-License-Identifier: MIT
"""Compares two records, and knows which differences are meant to be."""
import collections
import fnmatch
import re

import records

SHOWN = 100  # characters of an old or new text
NOTHING = "(nothing)"
FIGURE = re.compile(r"(\d+(?:\.\d+)?) ?\S* at most \+(\d+(?:\.\d+)?)%")  # of a benchmark; less is better

Difference = collections.namedtuple("Difference", "unit key old new")
Result = collections.namedtuple("Result", "found named stale volatile lines")


class Named:
    """A line of a list: which differences it means, and why they are there."""

    def __init__(self, pattern, reason, place):
        self.pattern, self.reason, self.place, self.met = pattern, reason, place, 0

    @property
    def part(self):
        return self.pattern.split("/")[0]

    def means(self, difference):
        return fnmatch.fnmatchcase(f"{difference.unit} {difference.key}", self.pattern)


def read_named(path, parts):
    """The list in PATH: lines `PART/UNIT ID -- REASON`; # begins a comment."""
    out = []
    try:
        with open(path, encoding="utf-8") as f:
            lines = f.read().splitlines()
    except (OSError, UnicodeDecodeError) as e:
        raise records.Unusable(f"{path}: {e}") from e
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        pattern, dashes, reason = line.partition(" -- ")
        named = Named(pattern.strip(), reason.strip(), f"{path}:{number}")
        if not dashes or not named.reason or named.part not in parts or " " not in named.pattern:
            raise records.Unusable(f"{named.place}: not `PART/UNIT ID -- REASON` with one of the parts {' '.join(parts)}")
        out.append(named)
    return out


def is_equal(old, new):
    """Whether the texts OLD and NEW say the same; a figure may be better, and a bit worse."""
    if old == new:
        return True
    a, b = (FIGURE.fullmatch(t[0]) if len(t) == 1 else None for t in (old, new))
    return bool(a and b) and float(b[1]) <= float(a[1]) * (1 + float(a[2]) / 100)


def compare_unit(name, old, new):
    states = [u.state() if u else "absent" for u in (old, new)]
    if not old or not new or old.reason is not None or new.reason is not None:
        return [Difference(name, records.NOT_RECORDED, *states)]
    keys = list(old.values) + [k for k in new.values if k not in old.values]
    return [Difference(name, k, old.values.get(k, []), new.values.get(k, [])) for k in keys
            if not is_equal(old.values.get(k, []), new.values.get(k, []))]


def compare(old, new, parts, named, volatile):
    """What differs between the units OLD and NEW of PARTS. Of NAMED, those that meet nothing are stale."""
    a, b = ({u.name: u for u in units} for units in (old, new))
    names = sorted(a.keys() | b.keys())
    # A part of which nothing is there was not recorded at all.
    found = [Difference(f"{p}/", records.NOT_RECORDED, "absent", "absent") for p in parts
             if not any(n.startswith(p + "/") for n in names)]
    for name in names:
        found += compare_unit(name, a.get(name), b.get(name))
    for n in named:
        n.met = 0
    steady = [d for d in found if not any(v.means(d) for v in volatile)]
    left, allowed = [], []
    for d in steady:
        by = [n for n in named if n.means(d)]
        for n in by:
            n.met += 1
        (allowed if by else left).append(d)
    stale = [n for n in named if not n.met and n.part in parts]
    lines = collections.Counter()
    for unit in b.values():
        lines[unit.part] += len(unit.values)
    return Result(left, allowed, stale, len(found) - len(steady), lines)


# ---- saying it ----


def cut(text):
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}... ({len(text)})"


def first_difference(old, new):
    """Of two texts, one line each: the first that differs, from shortly before the place."""
    if isinstance(old, str):
        return cut(old), cut(new)
    n = next((i for i, (x, y) in enumerate(zip(old, new)) if x != y), min(len(old), len(new)))
    lines = [t[n] if n < len(t) else NOTHING for t in (old, new)]
    same = next((i for i, (x, y) in enumerate(zip(*lines)) if x != y), 0)
    start = max(0, same - 20) if max(map(len, lines)) > SHOWN else 0
    return [cut(("..." if start and line != NOTHING else "") + (line if line == NOTHING else line[start:]))
            for line in lines]


def show(difference):
    old, new = first_difference(difference.old, difference.new)
    return f"{difference.unit} {difference.key}: {old} -> {new}"


def report(result, parts, limit, say):
    """Prints RESULT, of its differences at most LIMIT. True when there is nothing that is not named."""
    for d in result.found[:limit]:
        say(show(d))
    if len(result.found) > limit:
        say(f"... and {len(result.found) - limit} more differences")
    for n in result.stale:
        say(f"{n.place}: names a difference that is not there: {n.pattern}")
    for part in parts:
        counts = [sum(d.unit.startswith(part + "/") for d in ds) for ds in (result.found, result.named)]
        say(f"{part}: {result.lines[part]} ids, {counts[0]} differ" + (f", {counts[1]} more as named" if counts[1] else ""))
    if result.volatile:
        say(f"{result.volatile} differences in what is listed as volatile")
    say(f"{len(result.found)} differences, {len(result.named)} named, {len(result.stale)} names out of date")
    return not result.found and not result.stale
