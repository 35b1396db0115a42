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
        objects = self.units[path][2]
        try:
            before = self.pristine(path, objects)
            self.bench.write(mutant.file, clean[:mutant.start] + mutant.text.encode() + clean[mutant.end:])
            good, _ = self.bench.ninja("plain", objects, BUILD_LIMIT_S)
            if not good:
                return Outcome("invalid")
            if self.bench.digests(objects) == before:
                return Outcome("same")
            return self.ask(mutant)
        finally:
            self.bench.write(mutant.file, clean)

    def pristine(self, path, objects):
        if path not in self.original:
            good, out = self.bench.ninja("plain", objects, BUILD_LIMIT_S)
            if not good:
                raise RuntimeError(f"{path} does not build: {out[-2000:]}")
            self.original[path] = self.bench.digests(objects)
        return self.original[path]

    def ask(self, mutant):
        ranked = layers.order(self.tests, mutant.file)
        ranked.sort(key=lambda r: (("unit", "above", "wide").index(r[0]), -self.killers[mutant.file, r[1].name]))
        for near, test in ranked:
            if self.near_only and near == "wide":
                break
            how = self.kills(test)
            if how:
                self.killers[mutant.file, test.name] += 1
                return Outcome("killed", near, test.name, how)
        return Outcome("survived")

    def kills(self, test):
        good, _ = self.bench.ninja(test.build, test.target, BUILD_LIMIT_S) if test.target else (True, "")
        if not good:
            return "the build fails"
        good, status, _ = self.bench.play(test, self.bench.limit(test))
        return "" if good or status == 77 else "did not end" if good is None else f"status {status}"
