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


class Trials:
    def __init__(self, bench, tests, near_only):
        self.bench, self.tests, self.near_only = bench, tests, near_only
        self.units = compile_commands(bench.build_dir("plain"))
        self.original = {}
        self.killers = collections.Counter()  # (file, test): kills so far; the best is asked first

    def try_one(self, mutant):
        path = os.path.join(self.bench.source, mutant.file)
        with open(path, "rb") as f:
            clean = f.read()
        bent = clean[:mutant.start] + mutant.text.encode() + clean[mutant.end:]
        try:
            self.bench.write(mutant.file, bent)
            ranked = self.ranked(mutant)
            outcome = self.ask(mutant, [r for r in ranked if r[0] != "wide"])
            if outcome.state != "survived":
                return outcome
            if self.same_object(mutant, path, clean, bent):
                return Outcome("same")
            return self.ask(mutant, [r for r in ranked if r[0] == "wide"])
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
        return self.bench.digests(objects)

    def ranked(self, mutant):
        ranked = [r for r in layers.order(self.tests, mutant.file) if not (self.near_only and r[0] == "wide")]
        ranked.sort(key=lambda r: (("unit", "above", "wide").index(r[0]), -self.killers[mutant.file, r[1].name]))
        return ranked

    def ask(self, mutant, ranked):
        for near, test in ranked:
            good, out = self.bench.ninja(test.build, test.target, BUILD_LIMIT_S) if test.target else (True, "")
            if not good and "error:" in out:
                return Outcome("invalid")
            how = "the build fails" if not good else self.kills(test)
            if how:
                self.killers[mutant.file, test.name] += 1
                return Outcome("killed", near, test.name, how)
        return Outcome("survived")

    def kills(self, test):
        good, status, _ = self.bench.play(test, self.bench.limit(test))
        return "" if good or status == 77 else "did not end" if good is None else f"status {status}"
