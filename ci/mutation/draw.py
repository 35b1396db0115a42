# SPDX-License-Identifier: MIT
"""Which candidates are tried: drawn with a seed, so that a run can be repeated."""
import collections
import random

LEAST = 15  # mutants of a layer in a sample of the tree, however small the layer is


def shares(sizes, total):
    """How many of TOTAL each group gets: by its size, and LEAST if that fits."""
    least = min(LEAST, total // max(1, len(sizes)))
    everything = sum(sizes.values()) or 1
    rest = total - least * len(sizes)
    out = {g: min(n, least + rest * n // everything) for g, n in sizes.items()}
    while sum(out.values()) < min(total, everything):
        short = [g for g in sizes if out[g] < sizes[g]]
        out[max(short, key=lambda g: sizes[g] - out[g])] += 1
    return out


def shuffle(candidates, rng):
    """All of them in an order in which each kind of change is as likely as any other, however many candidates
    it has: else most mutants would be constants of tables."""
    kinds = collections.defaultdict(list)
    for c in candidates:
        kinds[c.kind].append(c)
    for of_kind in kinds.values():
        rng.shuffle(of_kind)
    out = []
    while kinds:
        kind = rng.choice(sorted(kinds))
        out.append(kinds[kind].pop())
        if not kinds[kind]:
            del kinds[kind]
    return out


class Drawing:
    """Hands out mutants; one that does not count (it does not compile, or makes the same object) is replaced
    by another of its group."""

    def __init__(self, candidates, group_of, seed, total=None, per_group=None):
        groups = collections.defaultdict(list)
        for c in candidates:
            groups[group_of(c.file)].append(c)
        rng = random.Random(seed)
        self.waiting = {g: shuffle(groups[g], rng) for g in sorted(groups)}
        sizes = {g: len(c) for g, c in self.waiting.items()}
        if per_group is not None:
            self.wanted = {g: min(n, per_group) for g, n in sizes.items()}
        else:
            self.wanted = shares(sizes, sum(sizes.values()) if total is None else min(total, sum(sizes.values())))
        self.group_of = group_of
        self.order = [g for g, n in self.wanted.items() for _ in range(n)]
        rng.shuffle(self.order)
        self.planned = len(self.order)

    def next(self):
        while self.order:
            group = self.order.pop()
            if self.waiting[group]:
                return self.waiting[group].pop(0)
        return None

    def replace(self, mutant):
        """MUTANT did not count."""
        self.order.append(self.group_of(mutant.file))
