# SPDX-License-Identifier: MIT
"""A private copy of the tree that is built, changed and tested: one of them for each job."""
import collections
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import threading
import time

Test = collections.namedtuple("Test", "name suites argv env target build")

# Unit tests and replays run with the sanitizers, which see what is lost or overrun. Scripts and the proof run
# as users build it.
BUILDS = {
    "asan": ["-Dbuildtype=plain", "-Doptimization=1", "-Ddebug=false", "-Db_sanitize=address,undefined", "-Db_lundef=false"],
    "plain": ["-Dbuildtype=plain", "-Doptimization=2", "-Ddebug=false"],
}
LEFT_OUT = {"interop", "tree", "mutate", "baseline", "api"}  # needs a real peer, is no test of the product, or installs all of it
LIMIT_S, TIMES = 10, 6  # a test may take LIMIT_S and TIMES as long as on the tree as it is
# In a PID namespace of its own: kill(-1) of a mutant reaches nobody else, and what is left behind goes. Builds
# too: a mutant may run in circles in what the build runs.
BOXED = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc", "bash", "-c", '"$@"; exit $?', "mutant"]


running, starting = set(), threading.RLock()  # processes of all copies


def end_running():
    """Ends them all, and lets no thread start another."""
    starting.acquire()  # pylint: disable=consider-using-with
    for process in list(running):
        kill_group(process)


def kill_group(process):
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


class Broken(Exception):
    """The tree as it is cannot be built or tested."""


class Bench:
    def __init__(self, root, folder):
        self.root, self.folder = root, folder
        self.source = os.path.join(folder, "source")
        self.tmp = os.path.join(folder, "tmp")
        self.clean = {}  # build, target: its digest on the tree as it is
        self.seconds = {}  # argv of a test (two may have one name): what it takes without a mutant; None: it does not pass
        self.left_out = {}  # the same: its name and why

    def build_dir(self, name):
        return os.path.join(self.folder, "build-" + name)

    def run(self, argv, limit, env=None, cwd=None):
        """Status and output; None for a status when the limit passed."""
        with starting:
            started = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                       env=env, cwd=cwd or self.source, start_new_session=True)
            running.add(started)
        with started as process:
            try:
                out, _ = process.communicate(timeout=limit)
                return process.returncode, out.decode("utf-8", "replace")
            except subprocess.TimeoutExpired:
                return None, ""
            finally:
                kill_group(process)
                running.discard(process)

    # ---- the tree ----

    def copy(self):
        """The files of the tree as they are now; what did not change keeps its time."""
        os.makedirs(self.source, exist_ok=True)
        listed = subprocess.run(["git", "-C", self.root, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                                stdout=subprocess.PIPE, check=True).stdout.decode().split("\0")
        names = {n for n in listed if n and os.path.lexists(os.path.join(self.root, n))}
        for folder, _, files in os.walk(self.source):
            for f in files:
                path = os.path.join(folder, f)
                if os.path.relpath(path, self.source) not in names:
                    os.unlink(path)
        for name in names:
            self.put(name)

    def put(self, name):
        source, target = os.path.join(self.root, name), os.path.join(self.source, name)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(source, "rb") as f:
            wanted = f.read()
        if os.path.exists(target):
            with open(target, "rb") as f:
                if f.read() == wanted:
                    return
        shutil.copyfile(source, target)
        shutil.copymode(source, target)

    def write(self, name, data):
        with open(os.path.join(self.source, name), "wb") as f:
            f.write(data)

    # ---- builds ----

    def ninja(self, build, targets, limit=900):
        status, out = self.run([*BOXED, "ninja", "-C", self.build_dir(build), "-j", "1", *targets], limit)
        return status == 0, out

    def prepare(self):
        """The copy, configured, with what the build makes for the compiler to include."""
        self.copy()
        for build, options in BUILDS.items():
            folder = self.build_dir(build)
            if not os.path.exists(os.path.join(folder, "build.ninja")):
                status, out = self.run(["meson", "setup", folder, *options], 300)
                if status != 0:
                    raise Broken(f"meson setup: {out[-2000:]}")
        _, out = self.run(["ninja", "-C", self.build_dir("plain"), "-t", "targets", "all"], 60)
        self.need("plain", re.findall(r"^(\S+\.h): CUSTOM_COMMAND", out, re.M))

    def need(self, build, targets):
        """Builds TARGETS of the tree as it is."""
        good, out = self.ninja(build, sorted(targets), 3600) if targets else (True, "")
        if not good:
            raise Broken(f"the tree does not build: {out[-3000:]}")

    def introspect(self, build, what):
        out = subprocess.run(["meson", "introspect", self.build_dir(build), "--" + what], stdout=subprocess.PIPE, check=True).stdout
        return json.loads(out)

    def find_tests(self):
        found = []
        for build in BUILDS:
            base = self.build_dir(build)
            files = {t["id"]: t["filename"][0] for t in self.introspect(build, "targets")}
            for t in self.introspect(build, "tests"):
                suites = {s.split(":")[1] for s in t["suite"] if ":" in s}
                if suites & LEFT_OUT or t["name"] in LEFT_OUT or ("script" in suites) != (build == "plain"):
                    continue
                targets = tuple(os.path.relpath(files[d], base) for d in t["depends"] if d in files)
                if t["cmd"][0].startswith(base):
                    targets += (os.path.relpath(t["cmd"][0], base),)
                found.append(Test(t["name"], frozenset(suites), tuple(t["cmd"]), t["env"], targets, build))
        return found

    def play(self, test, limit):
        """How a test ends: True for good, False for bad, None when it did not end."""
        shutil.rmtree(self.tmp, ignore_errors=True)
        os.makedirs(self.tmp)
        env = dict(os.environ, TMPDIR=self.tmp, **test.env)
        status, out = self.run([*BOXED, *test.argv], limit, env=env, cwd=self.build_dir(test.build))
        return None if status is None else status == 0, status, out

    def limit(self, test):
        return LIMIT_S + TIMES * self.seconds[test.argv]

    # ---- what was built ----

    def digests(self, build, targets):
        out = []
        for t in targets:
            with open(os.path.join(self.build_dir(build), t), "rb") as f:
                out.append(hashlib.sha256(f.read()).digest())
        return out

    def learn(self, tests):
        """Builds TESTS of the tree as it is, which are of one build, and runs them: what they look like, and how long they take."""
        targets = sorted({t for test in tests for t in test.target})
        self.need(tests[0].build, targets)
        self.clean.update(zip([(tests[0].build, t) for t in targets], self.digests(tests[0].build, targets)))
        for test in tests:
            began = time.monotonic()
            good, status, out = self.play(test, 900)
            self.seconds[test.argv] = time.monotonic() - began if good else None
            if not good:
                self.left_out[test.argv] = f"{test.name}: status {status} without a mutant: {out.strip()[-300:]}"

    def differs(self, test):
        """Whether anything that TEST runs is other than on the tree as it is: else it says the same."""
        return not test.target or self.digests(test.build, test.target) != [self.clean[test.build, t] for t in test.target]
