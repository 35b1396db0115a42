# SPDX-License-Identifier: MIT
"""The table of abuses (abuses.tsv), and whether figures keep within it."""
import collections
import os

HERE = os.path.dirname(os.path.abspath(__file__))
SPARE_HANDLES = 4  # of those who measure
NOISE_KIB = 512  # that a server may take beside what is counted for each client
QUIET_MS = 1.0  # the undisturbed maximum is taken for no less: a short run may see none

COLUMNS = "name size fast real seconds settings peak each left handles p99 max new meaning"


class Row(collections.namedtuple("Row", COLUMNS)):
    """One abuse. Words are as they stand in the table."""

    @property
    def config(self):
        """What is set in the server."""
        words = [] if self.settings in ("-", "tls") else self.settings.split()
        return {key: int(value) for key, _, value in (w.partition("=") for w in words)}

    @property
    def tls(self):
        return self.settings == "tls"

    @property
    def limit(self):
        """Seconds that it may take in all."""
        return 90 + 2 * float(self.seconds)


def read_table(path=os.path.join(HERE, "abuses.tsv")):
    with open(path, encoding="utf-8") as f:
        lines = [line.rstrip("\n").split("\t") for line in f if not line.startswith("#")]
    if lines[0] != COLUMNS.split():
        raise ValueError(f"{path}: the columns are {' '.join(lines[0])}")
    return {words[0]: Row(*words) for words in lines[1:]}


def bounds_of(row, result, patience):
    """(what, figure, bound) for each bound of ROW. Times are held against PATIENCE times their bound."""
    kib, handles = result["kib"], result["descriptors"]
    if row.peak != "-":
        yield "peak MiB", kib["peak"] / 1024, float(row.peak)
    if row.each != "-":
        yield "KiB each", max(0, kib["peak"] - kib["before"] - NOISE_KIB) / result["size"], float(row.each)
    if row.left != "-":
        yield "MiB left", (kib["after"] - kib["before"]) / 1024, float(row.left)
    if row.handles != "-":
        yield "descriptors", handles["peak"] - handles["before"], float(row.handles) * result["size"] + SPARE_HANDLES
    yield "descriptors left", handles["after"] - handles["before"], 0
    if row.p99 != "-":
        yield "p99 ms", result["old"]["p99"], float(row.p99) * patience
    if row.max != "-":
        times = row.max.endswith("x")
        base = max(result["alone"]["max"], QUIET_MS) if times else 1
        yield "max ms", result["old"]["max"], float(row.max.rstrip("x")) * base * patience
    if row.new != "-":
        yield "new ms", result["new"]["max"], float(row.new) * patience


def broken(row, result, said, patience, sanitized=False):
    """What is wrong, as sentences. A sanitized server has other memory and times: of the bounds only descriptors count."""
    out = [result["died"]] if "died" in result else []
    if result["kib"]["after"] < 0:
        return out or ["the server is gone"]
    if result["status"] == 142:
        out.append("it did not come to its end in time")
    elif result["status"]:
        out.append(said.splitlines()[-1] if said else f"it ended with status {result['status']}")
    if not result["served"]:
        out.append("afterwards nobody is served")
    if result["old"]["failed"]:
        out.append(f"{result['old']['failed']} calls of a client that behaves failed")
    if row.new != "-" and result["new"]["failed"]:
        out.append(f"{result['new']['failed']} new clients were not served")
    for what, figure, bound in bounds_of(row, result, patience):
        if figure > bound and (not sanitized or what.startswith("descriptors")):
            out.append(f"{what}: {figure:.1f}, at most {bound:.1f}")
    return out
