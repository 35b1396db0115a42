# SPDX-License-Identifier: MIT
"""The servers that are abused: virwired, started here, and the libvirtd that is installed, by ci/with-libvirtd."""
import itertools
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from urllib.parse import quote

HERE = os.path.dirname(os.path.abspath(__file__))
CI = os.path.dirname(HERE)
ROOM = {"max_clients": 60000, "max_anonymous_clients": 60000}
RELEASE = os.path.join(os.path.dirname(CI), "build-bench")
HOSTILE = os.path.join(RELEASE, "hostile.txt")  # what ci/hostile said last, for the page
TARGETS = ["ci/abuse.d/abuse", "ci/abuse.d/hostile-server", "mock-daemon/virwired", "reference/cli/virwire"]
DEADLY = "node_get_free_pages"  # ends a libvirtd before 12.7.0 by itself
LINE = 2000  # characters of what somebody says that are kept


class CannotRun(Exception):
    """Something that a measurement needs is not there, or failed."""


def commit():
    """The commit of this tree, in short."""
    return subprocess.run(["git", "-C", CI, "rev-parse", "--short", "HEAD"], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          check=False).stdout.strip()


class NoPeer(CannotRun):
    """There is no libvirtd."""


def build():
    """The release build that ci/bench has too."""
    steps = [["ninja", "-C", RELEASE, *TARGETS]]
    if not os.path.exists(os.path.join(RELEASE, "build.ninja")):
        steps.insert(0, ["meson", "setup", RELEASE, os.path.dirname(CI), "--buildtype=release"])
    for argv in steps:
        done = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        if done.returncode != 0:
            raise CannotRun("the build failed: " + done.stdout.decode(errors="replace")[-LINE:])
    return RELEASE


def stop(number, _):
    sys.exit(128 + number)


def stop_on_signals():
    """What was started ends too then. Whoever starts us may have signals otherwise."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, stop)


class Place:
    """The programs of a build, and a private folder that goes at the end."""

    def __init__(self, build):
        self.build, self.made_pki, self.running = build, None, set()
        self.lock, self.numbers = threading.Lock(), itertools.count()
        self.abuse = os.path.join(build, "ci/abuse.d/abuse")
        self.hostile = os.path.join(build, "ci/abuse.d/hostile-server")
        self.virwired = os.path.join(build, "mock-daemon/virwired")
        self.virwire = os.path.join(build, "reference/cli/virwire")
        self.tmp = tempfile.mkdtemp(prefix="vw-abuse.")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in list(self.running):
            end(process)
        shutil.rmtree(self.tmp, ignore_errors=True)

    def path(self, name):
        return os.path.join(self.tmp, name)

    def fresh(self):
        """A folder that nobody has had."""
        folder = self.path(str(next(self.numbers)))
        os.mkdir(folder)
        return folder

    def popen(self, argv, **more):
        """A process that ends with the folder. What it says on stderr is kept in a file of its own."""
        process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, **more)
        self.running.add(process)
        return process

    @property
    def pki(self):
        """A folder of good certificates."""
        with self.lock:
            if not self.made_pki:
                folder = self.path("pki")
                made = subprocess.run([os.path.join(CI, "make-pki"), "--good", folder], stdin=subprocess.DEVNULL,
                                      capture_output=True, text=True, check=False)
                if made.returncode != 0:
                    raise CannotRun((made.stdout + made.stderr).strip())
                self.made_pki = folder
            return self.made_pki


def end(process, number=signal.SIGTERM, patience_s=20):
    """Its status, after a signal; KILL when that does not help."""
    if process.poll() is None:
        process.send_signal(number)
    try:
        return process.wait(patience_s)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return None


def yaml_of(config):
    """The configuration of virwired. `domains` is a number of them."""
    text = "".join(f"{key}: {value}\n" for key, value in {**ROOM, **config}.items() if key != "domains")
    if "domains" in config:
        text += f"domains:\n  - name: test\n  - name: vm-%u\n    count: {config['domains']}\n"
    return text


def plain_environment():
    """Filling what is allocated, as Meson has it done in tests, would take memory for what is never used."""
    return {key: value for key, value in os.environ.items() if key != "MALLOC_PERTURB_"}


class Virwired:
    """virwired with a UNIX socket, TCP, and TLS if asked; ends with the `with` block."""

    def __init__(self, place, config=None, tls=False, folder=None):
        self.place, self.config, self.tls = place, config or {}, tls
        self.folder = folder or place.fresh()
        self.socket = os.path.join(self.folder, "socket")
        self.uri, self.process, self.status, self.said = {}, None, None, ""

    def start(self):
        settings, log = os.path.join(self.folder, "yaml"), os.path.join(self.folder, "log")
        with open(settings, "w", encoding="utf-8") as f:
            f.write(yaml_of(self.config))
        argv = [self.place.virwired, "--config", settings, "--exit-with-parent", "--listen", "unix://" + quote(self.socket),
                "--listen", "tcp://127.0.0.1:0"]
        if self.tls:
            argv += ["--listen", f"tls://127.0.0.1:0?pkipath={quote(self.place.pki)}/server/good"]
        with open(log, "wb") as err:
            self.process = self.place.popen(argv, stdout=subprocess.PIPE, stderr=err, env=plain_environment())
        for _ in range(3 if self.tls else 2):
            line = self.process.stdout.readline().decode().partition("?")[0].split()
            if len(line) != 2:
                raise CannotRun("virwired did not start: " + self.log())
            self.uri[line[1].partition(":")[0]] = line[1]
        return self

    def log(self):
        with open(os.path.join(self.folder, "log"), encoding="utf-8", errors="replace") as f:
            return f.read()

    def stop(self, number=signal.SIGTERM):
        self.status = end(self.process, number)
        self.process.stdout.close()
        self.place.running.discard(self.process)
        self.said = self.log()

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        if self.status is None and self.process:
            self.stop()


def measured(place, argv, limit):
    """What the program `abuse` prints, and says on stderr. ARGV ends with it and its operands."""
    process = place.popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    timer = threading.Timer(limit, process.terminate)
    timer.start()
    out, err = process.communicate()
    timer.cancel()
    place.running.discard(process)
    said = err.decode(errors="replace").strip()
    lines = [line for line in out.decode(errors="replace").splitlines() if line.startswith("{")]
    if process.returncode == 77:
        raise NoPeer(out.decode(errors="replace").strip())
    if not lines:
        raise CannotRun(f"status {process.returncode}: {said[-LINE:]}")
    return json.loads(lines[-1]), said[-LINE:]


def against_virwired(place, row, options):
    """One abuse, and how the daemon ended."""
    with Virwired(place, row.config, row.tls) as daemon:
        argv = [place.abuse, *options, "--tcp", daemon.uri["tcp"]]
        if row.tls:
            argv += ["--tls", daemon.uri["tls"], "--pki", place.pki]
        result, said = measured(place, [*argv, row.name, daemon.socket], row.limit + 60)
        daemon.stop()
    if daemon.status != 0:
        result["died"] = f"virwired ended with status {daemon.status}: {daemon.said[-LINE:]}"
    return result, said


def against_libvirtd(place, row, options):
    settings = {**ROOM, "max_queued_clients": 20000, **row.config}
    argv = [os.path.join(CI, "with-libvirtd"), "--unprivileged"]
    for key, value in settings.items():
        argv += ["--set", f"{key} = {value}"]
    if row.tls:
        argv += ["--tls", os.path.join(place.pki, "server/good")]
    argv += [place.abuse, *options, "--without", DEADLY, "--tcp", ":{port}"]
    if row.tls:
        argv += ["--tls", "{tls-uri}", "--pki", place.pki]
    result, said = measured(place, [*argv, row.name, "{socket}"], row.limit + 90)
    if "libvirtd ended on its own" in said:
        result["died"] = "libvirtd ended on its own"
    return result, said


SERVERS = {"virwired": against_virwired, "libvirtd": against_libvirtd}
