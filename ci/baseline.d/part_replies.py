# SPDX-License-Identifier: MIT
"""The bytes of every reply and event of virwired to the suite, by profile and case."""
import hashlib
import os
import re
import subprocess
from urllib.parse import quote

from context import CannotRun
from records import Unit, failed
import relay

PROFILES = ("0.3.0", "7.0.0", "9.0.0", "11.3.0", "12.8.0")
# What virwired listens at in its folder, or over TCP, and its configuration.
SETUPS = {"plain": ("s", ""), "gate": ("s", "auth: sasl\n"), "readonly": ("s-ro", ""), "tcp": (None, "")}
LIMIT_S = 300
WHOLE = 400  # bytes of a body that are shown; of longer ones the first, and a digest
SHOWN = 64
SANE = 3  # messages at least that make a conversation the sanity case's
KEEPALIVE, PING = 0x6B656570, 1
REPLY, MESSAGE, OK = 1, 2, 0
# Bytes of good replies that are times: recorded as zeroes. The last eight of DOMAIN_GET_INFO are CPU time.
TIMES = {(0x20008086, 16): range(24, 32)}


def units(_):
    return [f"replies/{p}-{s}" for p in PROFILES for s in SETUPS]


def body_text(body):
    if len(body) <= WHOLE:
        return body.hex()
    return f"{body[:SHOWN].hex()}... {len(body)} bytes, {hashlib.sha256(body).hexdigest()[:32]}"


def message_text(m):
    """A message as a line: header words, and of the serial the number of the call in the case that has it."""
    if m.head is None or len(m.head) < relay.HEADER.size:
        return f"no message: {body_text((m.head or b'') + m.body)}"
    length, program, version, procedure, kind, serial, status = relay.HEADER.unpack(m.head)
    calls = [n for n, s in enumerate(m.sent, 1) if s == serial]
    named = f"#{calls[-1]}" if calls else f"{serial:08x}"
    fds = f" {m.fds} descriptors" if m.fds else ""
    masked = TIMES.get((program, procedure)) if kind == REPLY and status == OK else None
    if masked and len(m.body) == masked.stop:
        m = m._replace(body=m.body[:masked.start] + bytes(len(masked)) + m.body[masked.stop:])
    return (f"{length:08x} {program:08x} {version:x} {procedure & 0xffffffff:x} {kind & 0xffffffff:x} {named} "
            f"{status & 0xffffffff:x} {body_text(m.body)}{fds}")


def is_kept(m):
    """A PING of the server's own comes when its time has come, on whatever connection there is."""
    if m.head is None or len(m.head) < relay.HEADER.size:
        return True
    _, program, _, procedure, kind, _, _ = relay.HEADER.unpack(m.head)
    return (program, procedure, kind) != (KEEPALIVE, PING, MESSAGE)


def conversations(case):
    """The lines of each connection on which something came, in the order in which they were opened."""
    out = {}
    for m in case:
        if is_kept(m):
            out.setdefault(m.connection, []).append(message_text(m))
    return [out[c] for c in sorted(out)]


def unit_of(name, played):
    """A sanity case runs when something looked odd, which may be a matter of time, and is counted to the case behind
    it. What looks as it did at the beginning is left out."""
    unit = Unit(name)
    cases = [conversations(c) for c in played.cases]
    sanity = cases[0][0] if cases[0] else None
    first = dict.fromkeys(played.ids[:1])
    for key, case in sorted(zip([*played.ids, "(end)"], cases), key=lambda pair: pair[0]):
        others = [c for c in case if c != sanity or len(c) < SANE or key in first]
        for number, lines in enumerate(others, 1):
            for line in lines:
                unit.add(key, f"{number}: {line}")
    return unit


def start_virwired(ctx, folder, profile, setup):
    """virwired, and where it listens: a path, or a host and a port."""
    socket, config = SETUPS[setup]
    path = os.path.join(folder, "d", socket or "")
    os.mkdir(os.path.join(folder, "d"))
    with open(os.path.join(folder, "config.yaml"), "w", encoding="utf-8") as f:
        f.write("hostname: baseline\n" + config)
    listen = f"unix://{quote(path)}" + ("?readonly=1" if setup == "readonly" else "") if socket else "tcp://127.0.0.1:0"
    daemon = subprocess.Popen([ctx.virwired, "--exit-with-parent", "--listen", listen, "--profile", profile, "--config",
                               os.path.join(folder, "config.yaml")], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=ctx.environment())
    line = daemon.stdout.readline().decode(errors="replace")
    port = re.match(r"listening tcp://127\.0\.0\.1:(\d+)", line)
    if line.startswith("listening ") and (socket or port):
        return daemon, path if socket else ("127.0.0.1", int(port[1]))
    end(daemon)
    raise CannotRun(f"virwired does not listen: {line}")


def end(daemon):
    daemon.terminate()
    daemon.stdout.close()
    daemon.wait()


def play_suite(ctx, folder, profile, address, target):
    """Runs the suite through a relay from ADDRESS to TARGET, which then has what was said."""
    verdicts, theirs = os.pipe()
    played = relay.Relay(address, target, verdicts)
    try:
        uri = f"test+unix:///default?socket={quote(address)}" if isinstance(address, str) else \
            f"test+tcp://127.0.0.1:{played.address[1]}/default"
        suite = subprocess.Popen([ctx.virwire, "check", "server", "--jobs", "1", "-v", "--allow", "crash", "--suite",
                                  ctx.suite, "--profile", profile, "--report",
                                  "json=" + os.path.join(folder, "report.json"), uri], stdin=subprocess.DEVNULL,
                                 stdout=subprocess.DEVNULL, stderr=theirs, env=ctx.environment())
        os.close(theirs)
        ended = played.run(lambda: suite.poll() is not None, LIMIT_S)
        if not ended:
            suite.kill()
        status = suite.wait()
    finally:
        played.finish()
        os.close(verdicts)
    if not ended or status not in (0, 1):
        raise CannotRun(f"virwire ended with {status}" if ended else f"no end within {LIMIT_S} s")
    return played


def play(ctx, profile, setup):
    folder = ctx.folder("replies")
    daemon, target = start_virwired(ctx, folder, profile, setup)
    try:
        address = os.path.join(folder, os.path.basename(target)) if isinstance(target, str) else ("127.0.0.1", 0)
        return unit_of(f"replies/{profile}-{setup}", play_suite(ctx, folder, profile, address, target))
    finally:
        end(daemon)


def record(ctx, names):
    """The units NAMES."""
    def one(name):
        ctx.say(name)
        profile, _, setup = name.removeprefix("replies/").rpartition("-")
        try:
            return play(ctx, profile, setup)
        except (CannotRun, OSError) as e:
            return failed(name, e)

    yield from ctx.side_by_side(one, names)
