# SPDX-License-Identifier: MIT
"""What virwire does with servers that mean ill, signals, outputs that are closed or full, a terminal that goes and an
odd environment. Each is a row; what needs more than a row says is a function."""
import collections
import json
import os
import pty
import resource
import signal
import subprocess
import time

import servers

CALL = ["call", "--timeout", "2", "{uri}", "connect_get_type"]
CHECK = ["check", "server", "--timeout", "1", "{uri}"]
EVENTS = ["events", "--timeout", "2", "--duration", "3", "{uri}", "lifecycle"]
VOLUME = json.dumps({"vol": {"pool": "test", "name": "test", "key": "/test"}, "offset": 0, "length": 0, "flags": 0})
DOWNLOAD = ["call", "--timeout", "8", "{uri}", "storage_vol_download", VOLUME, "--output"]
FRAMING = ["check", "server", "--run", "framing*", "{uri}"]
REPORTED = ["check", "server", "--slow", "60", "--report", "json={dir}/report.json", "{uri}"]
FAILED = (1, 5)
UNDECIDED = (0, 3, 5, 6, 77)

# server: a mode of hostile-server, or virwired. statuses: that are right; -N: ended by the signal N. seconds: at most,
# from the start or the signal. Options of `how`: signal, after (seconds), caught (the command has a handler for it), stdout, limits, env, check (of the trial).
Trial = collections.namedtuple("Trial", "name server argv statuses seconds mib fast how", defaults=({},))
Outcome = collections.namedtuple("Outcome", "status seconds cpu mib out err folder")


def no_verdict_but(*words):
    """The last report has no verdict but those."""
    def judge(outcome):
        path = os.path.join(outcome.folder, "report.json")
        if not os.path.exists(path):
            return "there is no report"
        with open(path, encoding="utf-8") as f:
            report = json.load(f)
        others = {c["verdict"] for c in report["cases"]} - set(words)
        return f"verdicts {', '.join(others)}" if others else None
    return judge


def interrupted(outcome):
    path = os.path.join(outcome.folder, "report.json")
    if not os.path.exists(path):
        return "there is no report"
    with open(path, encoding="utf-8") as f:
        return "the report is complete" if json.load(f)["complete"] else only("report.json")(outcome)


def only(*names):
    """Nothing else is left in the folder."""
    def judge(outcome):
        left = set(os.listdir(outcome.folder)) - set(names)
        return f"left: {', '.join(left)}" if left else None
    return judge


def old_file_untouched(outcome):
    with open(os.path.join(outcome.folder, "out"), encoding="utf-8") as f:
        return None if f.read() == "precious" and len(os.listdir(outcome.folder)) == 1 else "the old file is gone, or another is left"


def lines(wanted):
    def judge(outcome):
        got = outcome.out.count(b"\n")
        return None if got == wanted else f"{got} lines, and not {wanted}"
    return judge


SIGNALS = {"int": signal.SIGINT, "term": signal.SIGTERM, "hup": signal.SIGHUP}
ENVIRONMENTS = {
    "empty": {}, "no-home": {"HOME": ""}, "relative-home": {"HOME": "relative"}, "long-home": {"HOME": "/" + "x" * 5000},
    "no-folders": {"XDG_RUNTIME_DIR": "\x1b[31m", "XDG_CONFIG_HOME": "/dev/null/none", "HOME": "/dev/null/none"},
    "no-locale": {"LC_ALL": "xx_YY.bogus", "LANG": "tr_TR.UTF-8"}, "commas": {"LC_ALL": "de_DE.UTF-8"}, "no-path": {"PATH": ""},
    "odd-zone": {"TZ": "/etc/passwd"}, "no-columns": {"COLUMNS": "0", "TERM": ""}, "filled": {"MALLOC_PERTURB_": "85"},
}


def files_of(n):
    return (resource.RLIMIT_NOFILE, n)


def all_trials():
    modes = ["silent", "close", "flood", "frames", "pings", "announce", "garbage", "drip", "serials"]
    for mode in [*modes, "mute-open", "mute-call"]:
        yield Trial("call-" + mode, mode, CALL, FAILED, 5, 160, mode in ("close", "garbage", "serials"))
    for mode in modes:
        yield Trial("check-" + mode, mode, CHECK, (1, 5, 6), 120, 200, False)
        yield Trial("events-" + mode, mode, EVENTS, (0, *FAILED), 8, 160, mode == "close")
    yield Trial("events-five", "endless-events", [*EVENTS[:3], "--count", "5", *EVENTS[5:]], (0,), 3, 160, True, {"check": lines(5)})
    yield Trial("events-for-a-second", "endless-events", ["events", "--duration", "1", *EVENTS[5:]], (0,), 4, 160, False)
    for name, number in list(SIGNALS.items())[:2]:
        yield Trial("events-unread-" + name, "endless-events", EVENTS[:1] + EVENTS[5:], (0, 3, -number), 2, 160, name == "term",
                    {"signal": number, "after": 1, "stdout": "pipe"})
    yield Trial("events-full", "endless-events", EVENTS[:1] + EVENTS[5:], (3,), 3, 160, True, {"stdout": "full"})
    yield Trial("stream-disk-full", "endless-stream", [*DOWNLOAD, "/dev/full"], (3,), 3, 64, True)
    yield Trial("stream-file-limit", "endless-stream", [*DOWNLOAD, "{dir}/out"], (3,), 10, 64, True,
                {"limits": [(resource.RLIMIT_FSIZE, 50 << 20)], "old": True, "check": old_file_untouched})
    yield Trial("stream-for-a-second", "endless-stream", ["call", "--timeout", "2", *DOWNLOAD[3:], "/dev/null", "--duration", "1"], (0, *FAILED), 5, 64, False)
    yield Trial("stream-drip", "drip-stream", [*DOWNLOAD, "/dev/null", "--stream-timeout", "2"], (5,), 5, 64, False)
    for mode in ("silent", "mute-open", "mute-call"):
        for name, number in SIGNALS.items():
            yield Trial(f"call-{mode}-{name}", mode, ["call", "--timeout", "30", *CALL[3:]], (-number,), 1, 64, name == "term",
                        {"signal": number, "after": 0.4})
    for name, number in list(SIGNALS.items())[:2]:
        yield Trial("check-interrupted-" + name, "virwired", REPORTED, (6,), 3, 200, name == "term",
                    {"signal": number, "after": 1, "caught": True, "check": interrupted})
    for stdout, statuses in {"closed": (3,), "full": (3,), "broken": (3, -signal.SIGPIPE)}.items():
        yield Trial("call-stdout-" + stdout, "virwired", CALL, statuses, 5, 64, True, {"stdout": stdout})
        yield Trial("check-stdout-" + stdout, "virwired", FRAMING, statuses, 20, 200, False, {"stdout": stdout})
    yield Trial("check-report-full", "virwired", [*FRAMING[:-1], "--report", "json=/dev/full", "{uri}"], (3,), 20, 200, True)
    yield Trial("terminal-gone", "mute-call", ["call", "--timeout", "8", *CALL[3:]], (-signal.SIGHUP, *FAILED), 1, 64, True,
                {"stdout": "terminal", "after": 0.5})
    for name, env in ENVIRONMENTS.items():
        yield Trial("environment-" + name, "virwired", CALL, (0,), 5, 64, True, {"env": env})
    for n in (8, 12, 16, 24, 40):
        yield Trial(f"check-files-{n}", "virwired", [*CHECK[:-1], "--report", "json={dir}/report.json", "{uri}"], UNDECIDED, 120, 200,
                    False, {"limits": [files_of(n)], "check": no_verdict_but("pass", "skip", "error", "lenient")})
    for kib in (45000, 50000, 60000):
        yield Trial(f"check-memory-{kib}", "virwired", [*CHECK[:-1], "--report", "json={dir}/report.json", "{uri}"], (*UNDECIDED, 1),
                    120, 200, False, {"limits": [(resource.RLIMIT_AS, kib << 10)]})


class Peer:
    """The server of a trial; ends with the `with` block."""

    def __init__(self, place, mode):
        self.place, self.mode, self.daemon, self.process = place, mode, None, None
        self.socket = place.path("server")

    def __enter__(self):
        if self.mode == "virwired":
            self.daemon = servers.Virwired(self.place).start()
            self.socket = self.daemon.socket
            return self
        if os.path.exists(self.socket):
            os.unlink(self.socket)
        self.process = self.place.popen([self.place.hostile, self.mode, self.socket], stdout=subprocess.PIPE)
        if self.process.stdout.readline() != b"listening\n":
            raise servers.CannotRun("hostile-server did not start")
        return self

    def __exit__(self, *_):
        if self.daemon:
            self.daemon.stop()
            return
        servers.end(self.process, signal.SIGKILL)
        self.process.stdout.close()
        self.place.running.discard(self.process)


def output_of(how, folder):
    """(for the command, to be closed when it has started, to be closed at the end)"""
    if how == "full":
        fd = os.open("/dev/full", os.O_WRONLY)
        return fd, [fd], []
    if how == "pipe":
        read, write = os.pipe()
        return write, [write], [read]
    if how == "broken":
        read, write = os.pipe()
        os.close(read)
        return write, [write], []
    if how == "terminal":
        master, slave = pty.openpty()
        return slave, [slave], [master]
    fd = os.open(folder + ".out", os.O_CREAT | os.O_TRUNC | os.O_RDWR, 0o600)
    return fd, [fd], []


def begin_as(how):
    """What the child does before it becomes the command."""
    def prepare():
        for what, bound in how.get("limits", []):
            resource.setrlimit(what, (bound, bound))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGPIPE):
            signal.signal(number, signal.SIG_DFL)
        if how.get("stdout") == "closed":
            os.close(1)
        if how.get("stdout") == "terminal":
            os.setsid()
            os.close(os.open(os.ttyname(1), os.O_RDWR))
    return prepare


def wait(pid, until):
    """(status or None, usage) of a child."""
    while True:
        gone, status, usage = os.wait4(pid, os.WNOHANG)
        if gone:
            return os.waitstatus_to_exitcode(status), usage
        if time.monotonic() > until:
            os.kill(pid, signal.SIGKILL)
            return None, os.wait4(pid, 0)[2]
        time.sleep(0.01)


def run(place, trial, argv, folder):
    how = trial.how
    out, soon, late = output_of(how.get("stdout"), folder)
    env = how["env"] if "env" in how else os.environ
    with open(folder + ".err", "wb") as err:
        process = subprocess.Popen(argv, stdin=out if how.get("stdout") == "terminal" else subprocess.DEVNULL, stdout=out, stderr=err,
                                   env=env, preexec_fn=begin_as(how))
    place.running.add(process)
    began = time.monotonic()
    for fd in soon:
        os.close(fd)
    status = None
    if "after" in how:
        status, usage = wait_until(process.pid, began + how["after"])
        if status is None and "caught" in how:
            await_handler(process.pid, how["signal"])
        if status is None:
            began = time.monotonic()
            if "signal" in how:
                process.send_signal(how["signal"])
            else:
                os.close(late.pop())
    if status is None:
        status, usage = wait(process.pid, began + trial.seconds + 5)
    process.returncode = -1 if status is None else status
    place.running.discard(process)
    seconds = time.monotonic() - began
    for fd in late:
        os.close(fd)
    return status, seconds, usage


def wait_until(pid, when):
    """As wait, but the child goes on when the time is over."""
    while time.monotonic() < when:
        gone, status, usage = os.wait4(pid, os.WNOHANG)
        if gone:
            return os.waitstatus_to_exitcode(status), usage
        time.sleep(0.01)
    return None, None


def await_handler(pid, number, seconds=10):
    """A sanitizer's start on a busy machine takes longer than the time after which it is interrupted."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with open(f"/proc/{pid}/status", encoding="ascii") as f:
            caught = next(int(line.split()[1], 16) for line in f if line.startswith("SigCgt:"))
        if caught >> (number - 1) & 1:
            return
        time.sleep(0.01)


def read_file(path):
    if not os.path.exists(path):
        return b""
    with open(path, "rb") as f:
        return f.read()


def wrong_with(trial, outcome, patience):
    if outcome.status is None:
        yield "it does not end"
    elif outcome.status not in trial.statuses:
        yield f"status {outcome.status}, and not {' or '.join(map(str, trial.statuses))}"
    if outcome.seconds > trial.seconds * patience:
        yield f"{outcome.seconds:.1f} s, at most {trial.seconds * patience:.1f}"
    if outcome.mib > trial.mib:
        yield f"{outcome.mib:.0f} MiB, at most {trial.mib}"
    said = trial.how["check"](outcome) if "check" in trial.how else None
    if said:
        yield said


def play(place, trial, patience=1, sanitized=False):
    """The figures of a trial, with what is wrong."""
    folder = place.path("trial")
    os.makedirs(folder)
    if trial.how.get("old"):
        with open(os.path.join(folder, "out"), "w", encoding="utf-8") as f:
            f.write("precious")
    with Peer(place, trial.server) as peer:
        uri = "test+unix:///default?socket=" + servers.quote(peer.socket)
        argv = [place.virwire] + [word.replace("{uri}", uri).replace("{dir}", folder) if "{" in word[:20] and word != VOLUME else word
                                  for word in trial.argv]
        status, seconds, usage = run(place, trial, argv, folder)
    outcome = Outcome(status, seconds, usage.ru_utime + usage.ru_stime, 0 if sanitized else usage.ru_maxrss / 1024,
                      read_file(folder + ".out"), read_file(folder + ".err"), folder)
    wrong = list(wrong_with(trial, outcome, patience))
    for name in os.listdir(folder):
        os.unlink(os.path.join(folder, name))
    os.rmdir(folder)
    return {"server": "virwire", "abuse": trial.name, "status": status, "seconds": round(seconds, 2), "cpu": round(outcome.cpu, 2),
            "mib": round(outcome.mib, 1), "wrong": wrong, "said": outcome.err.decode(errors="replace")[-300:] if wrong else ""}
