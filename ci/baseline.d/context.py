# SPDX-License-Identifier: MIT
"""Where a record is made: the tree and its programs, a private folder, processes that end with it."""
import concurrent.futures
import importlib.machinery
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TREE = os.path.dirname(os.path.dirname(HERE))  # of these scripts; the tree that is recorded may be another


class CannotRun(Exception):
    """Something that the record needs is not there, or failed."""


def descendants(pid):
    """The processes that PID started, and theirs."""
    parents = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/stat", encoding="utf-8", errors="replace") as f:
                parents[int(name)] = int(f.read().rpartition(")")[2].split()[1])
        except (OSError, ValueError):
            continue
    out, fresh = [], {pid}
    while fresh:
        fresh = {p for p, parent in parents.items() if parent in fresh}
        out += fresh
    return out


def end(pids, number):
    for pid in pids:
        try:
            os.kill(pid, number)
        except OSError:
            pass


def end_descendants(pid, patience_s=10):
    """Ends all that PID started. What cleans up behind itself gets the time for it."""
    until = time.monotonic() + patience_s
    end(descendants(pid), signal.SIGTERM)
    while [p for p in descendants(pid) if not is_zombie(p)] and time.monotonic() < until:
        time.sleep(0.05)
    end(descendants(pid), signal.SIGKILL)


def is_zombie(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as f:
            return f.read().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


class Context:
    """ROOT is the tree that is recorded, VIRWIRE and VIRWIRED its programs, TMP a private folder."""

    def __init__(self, root, virwire, virwired, tmp, jobs):
        self.root, self.virwire, self.virwired, self.tmp, self.jobs = root, virwire, virwired, tmp, jobs
        self.lock, self.made_pki, self.loaded_prove = threading.Lock(), None, None
        self.began = time.monotonic()

    def say(self, text):
        """A line of progress."""
        print(f"[{time.monotonic() - self.began:4.0f} s] {text}", file=sys.stderr, flush=True)

    def path(self, *words):
        return os.path.join(self.root, *words)

    def folder(self, prefix):
        return tempfile.mkdtemp(prefix=prefix + ".", dir=self.tmp)

    @property
    def suite(self):
        return self.path("conformance", "server")

    def environment(self, **more):
        """The same for everybody: nothing of the user's settings."""
        home = os.path.join(self.tmp, "home")
        os.makedirs(home, mode=0o700, exist_ok=True)
        env = {"PATH": (os.environ.get("PATH") or os.defpath) + ":/usr/sbin:/sbin", "HOME": home, "TMPDIR": self.tmp, "TZ": "UTC",
               "XDG_RUNTIME_DIR": home, "XDG_CACHE_HOME": home, "XDG_CONFIG_HOME": home, "LC_ALL": "C.UTF-8"}
        return {**env, **more}

    def run(self, argv, timeout, **more):
        """ARGV to its end, as subprocess.run with both outputs as text; after TIMEOUT it and its children end."""
        more.setdefault("env", self.environment())
        process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   **more)
        try:
            out, err = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired as e:
            end_descendants(process.pid, 5)
            process.kill()
            process.communicate()
            raise CannotRun(f"{os.path.basename(argv[0])} did not end within {timeout} s") from e
        return subprocess.CompletedProcess(argv, process.returncode, out.decode(errors="replace"),
                                           err.decode(errors="replace"))

    def side_by_side(self, function, items, jobs=None):
        """FUNCTION of each of ITEMS, some at a time, in their order."""
        with concurrent.futures.ThreadPoolExecutor(jobs or self.jobs) as pool:
            yield from pool.map(function, items)

    @property
    def prove(self):
        """The proof's machinery (conformance/prove of these scripts' tree), pointed at the tree that is recorded."""
        with self.lock:
            if not self.loaded_prove:
                loader = importlib.machinery.SourceFileLoader("prove", os.path.join(TREE, "conformance", "prove"))
                module = importlib.util.module_from_spec(importlib.util.spec_from_loader("prove", loader))
                loader.exec_module(module)
                module.ROOT, module.SUITE = self.root, self.suite
                module.SANITY = self.path("conformance", "sanity")
                self.loaded_prove = module
        return self.loaded_prove

    @property
    def pki(self):
        """A folder of good certificates."""
        with self.lock:
            if not self.made_pki:
                folder = os.path.join(self.tmp, "pki")
                made = self.run([os.path.join(TREE, "ci", "make-pki"), "--good", folder], 300)
                if made.returncode != 0:
                    raise CannotRun((made.stdout + made.stderr).strip())
                os.chmod(folder, 0o711)
                self.made_pki = folder
        return self.made_pki


def clean_up(tmp, worktree):
    """Ends what this process started and removes what it made."""
    end_descendants(os.getpid())
    if worktree:
        subprocess.run(["git", "-C", TREE, "worktree", "remove", "--force", worktree], stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL, check=False)
    shutil.rmtree(tmp, ignore_errors=True)
    if worktree:
        subprocess.run(["git", "-C", TREE, "worktree", "prune"], check=False)
