# SPDX-License-Identifier: MIT
"""One mutant: put in, built, tested from near to far until something notices, taken out."""
import collections
import os

from . import layers
from .candidates import compile_commands

# What became of it. STATE: killed, survived, same (its object is that of the tree: equal in effect),
# invalid (does not compile). NEAR: unit, above, wide; BY: the test; HOW: failed, ended late, did not build.
Outcome = collections.namedtuple("Outcome", "state near by how", defaults=("", "", ""))

BUILD_LIMIT_S = 600
PATIENCE = 3  # times its limit a test has when it is asked again
BATCH = 8  # tests that are linked by one call of ninja, which takes longer to look at the tree than to link


def batches(ranked):
    """RANKED cut into pieces of one build and one nearness: the first test, which is the likeliest, alone."""
    out = []
    for near, test in ranked:
        last = out[-1] if len(out) > 1 else None
        if last and len(last) < BATCH and (last[0][0], last[0][1].build) == (near, test.build):
            last.append((near, test))
        else:
            out.append([(near, test)])
    return out


class Trials:
    def __init__(self, bench, tests, far):
        self.bench, self.tests, self.far = bench, tests, far
        self.units = compile_commands(bench.build_dir("plain"))
        self.original = {}
        self.killers = collections.Counter()  # (file, argv of a test): kills so far; the best is asked first

    def try_one(self, mutant):
        path = os.path.join(self.bench.source, mutant.file)
        with open(path, "rb") as f:
            clean = f.read()
        bent = clean[:mutant.start] + mutant.text.encode() + clean[mutant.end:]
        try:
            self.bench.write(mutant.file, bent)
            ranked, texts = self.ranked(mutant), (clean, bent)
            outcome = self.ask(mutant, texts, [r for r in ranked if r[0] != "wide"])
            if outcome.state != "survived":
                return outcome
            if self.same_object(mutant, path, clean, bent):
                return Outcome("same")
            return self.ask(mutant, texts, [r for r in ranked if r[0] == "wide"])
        finally:
            self.bench.write(mutant.file, clean)

    def same_object(self, mutant, path, clean, bent):
        """Whether the compiler makes the same of it: asked late, since most mutants are killed before."""
        objects = self.units[path][2]
        if path not in self.original:
            self.original[path] = self.digests_of(mutant, objects, clean)
        return self.digests_of(mutant, objects, bent) == self.original[path]

    def digests_of(self, mutant, objects, text):
        self.bench.write(mutant.file, text)
        good, out = self.bench.ninja("plain", objects, BUILD_LIMIT_S)
        if not good:
            raise RuntimeError(f"{mutant.file} does not build: {out[-2000:]}")
        return self.bench.digests("plain", objects)

    def ranked(self, mutant):
        places = layers.FAR[:layers.FAR.index(self.far) + 1]
        ranked = [r for r in layers.order(self.tests, mutant.file, self.bench.seconds) if r[0] in places]
        ranked.sort(key=lambda r: (places.index(r[0]), -self.killers[mutant.file, r[1].argv]))
        return ranked

    def learn(self, mutant, texts, tests):
        """Runs those of TESTS that were not run yet, without the mutant."""
        new = [t for t in tests if t.argv not in self.bench.seconds]
        if new:
            self.bench.write(mutant.file, texts[0])
            self.bench.learn(new)
            self.bench.write(mutant.file, texts[1])

    def ask(self, mutant, texts, ranked):
        for batch in batches(ranked):
            self.learn(mutant, texts, [t for _, t in batch])
            batch = [r for r in batch if self.bench.seconds[r[1].argv] is not None]
            if not batch:
                continue
            near, first = batch[0]
            targets = sorted({t for _, test in batch for t in test.target})
            good, out = self.bench.ninja(first.build, targets, BUILD_LIMIT_S) if targets else (True, "")
            if not good:
                return Outcome("invalid") if "error:" in out else Outcome("killed", near, first.name, "the build fails")
            for test in (test for _, test in batch if self.bench.differs(test)):
                how = self.kills(test)
                if how:
                    self.killers[mutant.file, test.argv] += 1
                    return Outcome("killed", near, test.name, how)
        return Outcome("survived")

    def kills(self, test):
        """How TEST notices, twice in a row: what a busy machine makes late or red once is no kill."""
        how = self.noticed(test, self.bench.limit(test))
        return how and self.noticed(test, PATIENCE * self.bench.limit(test)) and how

    def noticed(self, test, limit):
        good, status, _ = self.bench.play(test, limit)
        return "" if good or status == 77 else "did not end" if good is None else f"status {status}"
