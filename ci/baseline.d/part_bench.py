# SPDX-License-Identifier: MIT
"""What is measured: the figures of ci/bench, which are ratios to a peer of the same run; memory of a connection that
only waits; and CPU time of one `virwire call` beside that of the least program there is. Each the median of three;
less is better."""
import collections
import os
import re
import resource
import socket
import statistics
import struct
import subprocess
from urllib.parse import quote

from context import CannotRun
from part_commands import Place
from records import Unit, failed

ALONE = {"bench/idle": (" bytes", 5), "bench/call": ("x", 10)}  # what the figure counts, percent that it may grow
CONNECTIONS = 400
CALLS = 10
ROUNDS = 20
TURNS = 3
BENCH_LIMIT_S = 3000  # with the build of a release
AUTH_LIST = struct.pack(">IIIiiIi", 28, 0x20008086, 1, 66, 0, 1, 0)

# What ci/bench prints: the benchmark that it belongs to, the one that is to be run for it, and a line with its names
# (what*) and figures. `gain` and `percent` are of what our side does in the time of the peer, and are turned round.
Line = collections.namedtuple("Line", "unit run pattern")
TIMES = r"time +(?P<time>[\d.]+) x .*CPU +(?P<cpu>[\d.]+) x"
RATES = r"(?P<what>\d+ connections?(, \d+ in flight)?) +\d+ calls/s +\d+ calls/s +(?P<percent>\d+) %"
LINES = [
    Line("bench/codec", "codec", r"(?P<what>\S.*?) +\d+  (?P<what2>decode|encode) .* least +(?P<gain>[\d.]+) x"),
    Line("bench/server", "server", RATES + r"(  CPU +(?P<cpu>[\d.]+) x)?"),
    Line("bench/client", "client", r"(?P<what>unix|tcp|tls)(?P<what2>, \d+)? .*" + TIMES +
         r".*allocations a call (?P<allocations>[\d.]+)"),
    Line("bench/process", "client", r"(?P<what>one call of \w+) .*" + TIMES),
    Line("bench/repeat", "client", RATES + " of raw"),
    Line("bench/list", "list", r"(?P<what>list of \d+) .*" + TIMES),
]
TOLERANCE = {"gain": 20, "cpu": 10, "time": 25, "percent": 25, "allocations": 0}  # percent
WHOLE = {"gain": 1, "percent": 100}  # as much as the peer


def units(_):
    return [*ALONE, *(line.unit for line in LINES)]


# ---- what ci/bench prints ----


def figures(line, text):
    """(id, kind, figure) of what TEXT has for LINE."""
    section = text.partition(f"== {line.run}\n")[2].partition("\n== ")[0]
    for found in re.finditer(f"^{line.pattern}", section, re.M):
        groups = {k: v for k, v in found.groupdict().items() if v}
        what = " ".join(v.strip(", ") for k, v in groups.items() if k.startswith("what"))
        for kind in groups.keys() & TOLERANCE.keys():
            value = float(groups[kind])
            if kind in WHOLE:
                yield what, kind, WHOLE[kind] / value
            else:
                yield f"{what} {kind}", kind, value


def run_bench(ctx, names):
    ran = ctx.run([ctx.path("ci", "bench"), *names], BENCH_LIMIT_S)
    if ran.returncode != 0:
        raise CannotRun(f"ci/bench ended with {ran.returncode}: {ran.stderr[-300:]}")
    return ran.stdout


def of_bench(line, texts):
    """The unit of LINE from what ci/bench printed each time."""
    unit, seen = Unit(line.unit), {}
    for text in texts:
        for key, kind, figure in figures(line, text):
            seen.setdefault((key, kind), []).append(figure)
    if not seen or any(len(values) != len(texts) for values in seen.values()):
        return failed(line.unit, "ci/bench did not print the same figures each time")
    for (key, kind), values in sorted(seen.items()):
        unit.add(key, f"{statistics.median(values):.3f}x at most +{TOLERANCE[kind]}%")
    return unit


# ---- what is measured here ----


def private_bytes(pid):
    with open(f"/proc/{pid}/smaps_rollup", encoding="utf-8") as f:
        return sum(int(line.split()[1]) * 1024 for line in f if line.startswith("Private_"))


def connect(path):
    """A connection that has been served once and then waits."""
    s = socket.socket(socket.AF_UNIX)
    s.settimeout(60)
    s.connect(path)
    s.sendall(AUTH_LIST)
    if not s.recv(4096):
        raise CannotRun("virwired closed the connection")
    return s


def idle(ctx):
    """Bytes that a connection adds to virwired. The first hundred pay for what is there once."""
    with Place(ctx) as place:
        kept = [connect(place.socket) for _ in range(100)]
        before = private_bytes(place.daemon.pid)
        kept += [connect(place.socket) for _ in range(CONNECTIONS)]
        after = private_bytes(place.daemon.pid)
        for s in kept:
            s.close()
    return (after - before) / CONNECTIONS


def cpu_of(argv, env):
    """Seconds of CPU time of ARGV, CALLS times."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    for _ in range(CALLS):
        if subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, env=env, check=False).returncode:
            raise CannotRun(f"{os.path.basename(argv[0])} failed")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def call(ctx):
    """CPU time of a call as a multiple of that of `true`: the least of each, for what else runs only adds."""
    with Place(ctx) as place:
        uri = f"test+unix:///default?socket={quote(place.socket)}"
        ours = [ctx.virwire, "call", uri, "domain_lookup_by_name", '{"name": "test"}']
        rounds = [(cpu_of(ours, place.env), cpu_of(["/bin/true"], place.env)) for _ in range(ROUNDS)]
    return min(r[0] for r in rounds) / min(r[1] for r in rounds)


def alone(ctx, name):
    unit, (counted, tolerance) = Unit(name), ALONE[name]
    measure = {"bench/idle": idle, "bench/call": call}[name]
    median = statistics.median(measure(ctx) for _ in range(TURNS))
    unit.add("median", f"{median:.2f}{counted} at most +{tolerance}%")
    return unit


def record(ctx, names):
    """The units NAMES, one after the other: nothing else shall run."""
    for name in filter(ALONE.get, names):
        ctx.say(name)
        yield alone(ctx, name)
    lines = [line for line in LINES if line.unit in names]
    texts = []
    for turn in range(TURNS if lines else 0):
        ctx.say(f"ci/bench, {turn + 1} of {TURNS}")
        texts.append(run_bench(ctx, sorted({line.run for line in lines})))
    yield from (of_bench(line, texts) for line in lines)
