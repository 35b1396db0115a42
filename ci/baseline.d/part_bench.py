# SPDX-License-Identifier: MIT
"""Two costs that ratios of one run tell: memory of a connection that only waits, and CPU time of one `virwire call`
beside that of the least program there is. Each the median of three; less is better."""
import os
import resource
import socket
import statistics
import struct
import subprocess

from context import CannotRun
from part_commands import Place
from records import Unit

TOLERANCE = {"bench/idle": 5, "bench/call": 10}  # percent
CONNECTIONS = 400
CALLS = 10
ROUNDS = 20
TURNS = 3
AUTH_LIST = struct.pack(">IIIiiIi", 28, 0x20008086, 1, 66, 0, 1, 0)


def units(_):
    return list(TOLERANCE)


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
        uri = f"test+unix:///default?socket={place.socket}"
        ours = [ctx.virwire, "call", uri, "domain_lookup_by_name", '{"name": "test"}']
        rounds = [(cpu_of(ours, place.env), cpu_of(["/bin/true"], place.env)) for _ in range(ROUNDS)]
    return min(r[0] for r in rounds) / min(r[1] for r in rounds)


def record(ctx, names):
    """The units NAMES, one after the other: nothing else shall run."""
    for name in names:
        ctx.say(name)
        measure, unit = {"bench/idle": (idle, " bytes"), "bench/call": (call, "x")}[name]
        median = statistics.median(measure(ctx) for _ in range(TURNS))
        out = Unit(name)
        out.add("median", f"{median:.2f}{unit} at most +{TOLERANCE[name]}%")
        yield out
