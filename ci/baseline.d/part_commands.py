# SPDX-License-Identifier: MIT
"""What each command that the pages and manuals show prints, and how it ends, beside a private virwired; and the
commands of the list `commands-more`. The list `commands` says how an example is to be run, or why it cannot be."""
import fnmatch
import glob
import hashlib
import os
import re
import shlex
import shutil
import subprocess
from urllib.parse import quote

from context import CannotRun, HERE, TREE
from records import Unit, Unusable, failed

LIMIT_S = 120
SHOWN_LINES = 400  # of each output; of longer ones a digest of the rest
OURS = re.compile(r"(virwire|virwired)( |$)")
ANY = re.compile(r"([A-Z_]+=\S* )*[a-z.][\w./-]*( |$)")  # a word in front that is no key, nor a comment
CONFIG = "hostname: baseline\n"
# What is not the same twice, as text; the rest is the private folder, the tree and the port.
MASKS = [
    (re.compile(r"\b\d+(\.\d+)? ?(s|ms|us|MB/s|calls/s)\b"), r"N \2"),
    (re.compile(r"\b\d+\.\d{3} (?=->|<-|--|-&gt;|&lt;-)"), "N "),
    (re.compile(r"\btime=\"[\d.]+\""), 'time="N"'),
    (re.compile(r"\btimestamp=\"[^\"]+\""), 'timestamp="N"'),
    (re.compile(r"\"(when|seconds)\": ?[-+.e\d]+"), r'"\1": N'),
    (re.compile(r"\"cpu_?[tT]ime\": ?\"?\d+\"?"), '"cpuTime": N'),
    (re.compile(r"(\b(?:suite|commit)(?:\" value=)?\W{1,6})[0-9a-f]{12}\S*?(?=[\s,\"]|$)", re.M), r"\1COMMIT"),
]


# ---- what stands in the pages ----


def join_lines(lines):
    """Lines that end in a backslash are continued in the next."""
    out, more = [], False
    for line in lines:
        out = out[:-1] + [out[-1] + " " + line.strip()] if more else out + [line.strip()]
        more = out[-1].endswith("\\")
        if more:
            out[-1] = out[-1][:-1].strip()
    return out


def of_markdown(text):
    """Commands are indented; what a fence says the language of is none, however it is indented."""
    return re.findall(r"^ {4}(.*)$", re.sub(r"^```\w+\n.*?^```$", "", text, flags=re.M | re.S), re.M)


def of_manual(text):
    for block in re.findall(r"^\.(?:nf|EX)\n(.*?)^\.(?:fi|EE)$", text, re.M | re.S):
        yield from (re.sub(r"\\(.)", r"\1", line.replace(r"\(aq", "'").replace("\\\\", "\\e").replace("\\e", "\\\\"))
                    for line in block.splitlines())


def examples(root):
    """The lines of each page that stand as examples, comments behind them cut off."""
    out = {}
    for path in sorted(glob.glob(os.path.join(root, "*.md")) + glob.glob(os.path.join(root, "docs", "*.md")) +
                       glob.glob(os.path.join(root, "docs", "man", "*.1"))):
        name = os.path.basename(path)
        with open(path, encoding="utf-8") as f:
            text = f.read()
        lines = list(of_manual(text) if name.endswith(".1") else of_markdown(text))
        page = out.setdefault(name.removesuffix(".md"), [])
        page += (re.sub(r"\s{2,}#.*$", "", line) for line in join_lines(lines))
    return out


def pages(root):
    """The examples that are run, by page."""
    found = {page: [line for line in lines if OURS.match(line)] for page, lines in examples(root).items()}
    return {page: lines for page, lines in found.items() if lines}


def more():
    """The groups of `commands-more`: [NAME] and a command a line."""
    out, group = {}, None
    with open(os.path.join(HERE, "commands-more"), encoding="utf-8") as f:
        for line in filter(None, map(str.strip, f)):
            if line.startswith("["):
                group = out.setdefault("more-" + line.strip("[]"), [])
            elif not line.startswith("#"):
                group.append(line)
    return out


def rules():
    """(pattern, what is to be done, reason or command) of the list `commands`."""
    out, path = [], os.path.join(HERE, "commands")
    with open(path, encoding="utf-8") as f:
        for line in filter(None, map(str.strip, f)):
            if line.startswith("#"):
                continue
            pattern, _, rest = line.partition(" -- ")
            verb, _, text = rest.partition(" ")
            if verb not in ("skip", "as") or not text:
                raise Unusable(f"{path}: not `COMMAND -- skip REASON` or `COMMAND -- as COMMAND`: {line}")
            out.append((pattern, verb, text))
    return out


def rule_of(command, known):
    return next((rule for rule in known if fnmatch.fnmatchcase(command, rule[0])), None)


def check_listed(root):
    """An example that looks like a command of something else has to be in the list, which says why it is not run; and
    each line of the list has to mean an example."""
    known, met = rules(), set()
    for page, lines in [*examples(root).items(), *more().items()]:
        for line in filter(ANY.match, lines):
            rule = rule_of(line, known)
            if not rule and not OURS.match(line) and not page.startswith("more-"):
                raise Unusable(f"{page}: `{line}` is neither run nor listed in ci/baseline.d/commands")
            met.add(rule)
    stale = [rule[0] for rule in known if rule not in met]
    if stale:
        raise Unusable(f"ci/baseline.d/commands: means no example: {stale[0]}")


def units(ctx):
    if ctx.root == TREE:  # pages of another commit are not those that the list is about
        check_listed(ctx.root)
    return [f"commands/{name}" for name in [*pages(ctx.root), *more()]]


# ---- running them ----


class Place:
    """A private folder with a virwired of its own, and the programs on PATH."""

    def __init__(self, ctx):
        self.ctx, self.dir = ctx, ctx.folder("commands")
        self.work, binaries = os.path.join(self.dir, "w"), os.path.join(self.dir, "bin")
        os.mkdir(self.work)
        os.mkdir(binaries)
        os.symlink(ctx.virwire, os.path.join(binaries, "virwire"))
        os.symlink(ctx.virwired, os.path.join(binaries, "virwired"))
        with open(os.path.join(self.dir, "config.yaml"), "w", encoding="utf-8") as f:
            f.write(CONFIG)
        self.socket, self.port, self.daemon = os.path.join(self.dir, "s"), None, None
        env = ctx.environment()
        self.env = {**env, "PATH": binaries + ":" + env["PATH"], "VIRWIRE_SUITE": ctx.suite}

    def __enter__(self):
        argv = [self.ctx.virwired, "--exit-with-parent", "--config", os.path.join(self.dir, "config.yaml"),
                "--listen", f"unix://{quote(self.socket)}", "--listen", "tcp://127.0.0.1:0"]
        self.daemon = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                       text=True, env=self.env)
        lines = [self.daemon.stdout.readline().strip() for _ in range(2)]
        port = re.search(r":(\d+)", lines[1].removeprefix("listening tcp://"))
        if not port:
            self.__exit__()
            raise CannotRun(f"virwired does not listen: {' '.join(lines)}")
        self.port = port[1]
        return self

    def __exit__(self, *_):
        self.daemon.terminate()
        self.daemon.stdout.close()
        self.daemon.wait()

    def here(self, command):
        """COMMAND with the places of this run in it."""
        uri = f"test+unix:///default?socket={quote(self.socket)}"
        command = command.replace("test+unix:///default?socket=/run/libvirt/libvirt-sock", uri)
        command = command.replace("test+unix:///default?socket=/run/my/libvirt-sock", shlex.quote(uri))
        command = command.replace("test+tcp://127.0.0.1/default", f"test+tcp://127.0.0.1:{self.port}/default")
        command = re.sub(r"\bURI\b", shlex.quote(uri).replace("\\", r"\\"), command)
        return command.replace("/run/me/sock", os.path.join(self.dir, "t")).replace("SOCKET", self.socket).replace(
            "/run/me/control", os.path.join(self.dir, "c")).replace("TREE", self.ctx.root)

    def masked(self, text):
        for found, name in ((self.dir, "{dir}"), (self.ctx.root, "{tree}"), (self.ctx.tmp, "{tmp}"),
                            (f":{self.port}", ":{port}")):
            text = text.replace(found, name)
        text = re.sub(r"(listening tcp://127\.0\.0\.1):\d+", r"\1:{port}", text)
        for pattern, name in MASKS:
            text = pattern.sub(name, text)
        return text

    def run(self, command):
        """Lines that say what COMMAND printed, wrote and how it ended."""
        line = self.here(command)
        ran = self.ctx.run(["bash", "-o", "pipefail", "-c", line], LIMIT_S, cwd=self.work, env=self.env)
        err = ran.stderr.splitlines()
        if " -v" in f" {line} ":  # cases end in the order of the moment
            err = sorted(err)
        yield f"status {ran.returncode}"
        yield from shown("stdout", self.masked(ran.stdout).splitlines())
        yield from shown("stderr", self.masked("\n".join(err)).splitlines())
        left = [os.path.join(at, name) for at, _, names in os.walk(self.work) for name in names]
        for name in sorted(os.path.relpath(path, self.work) for path in left if os.path.isfile(path)):
            with open(os.path.join(self.work, name), "rb") as f:
                data = f.read()
            if b"\0" in data:
                yield f"{name}: {len(data)} bytes, {hashlib.sha256(data).hexdigest()[:32]}"
            else:
                yield from shown(name, self.masked(data.decode(errors="replace")).splitlines())
        shutil.rmtree(self.work)
        os.mkdir(self.work)


def shown(name, lines):
    yield from (f"{name}: {line}" for line in lines[:SHOWN_LINES])
    rest = lines[SHOWN_LINES:]
    if rest:
        yield f"{name}: and {len(rest)} lines, {hashlib.sha256(chr(10).join(rest).encode()).hexdigest()[:32]}"


def play(ctx, name, commands, known):
    unit = Unit(name)
    for command in commands:
        _, verb, text = rule_of(command, known) or (None, "as", command)
        if verb == "skip":
            unit.add(command, f"not run: {text}")
            continue
        try:
            with Place(ctx) as place:
                for line in place.run(text.replace("EXAMPLE", command)):
                    unit.add(command, line)
        except CannotRun as e:
            return failed(name, f"{command}: {e}")
    return unit


def record(ctx, names):
    """The units NAMES."""
    found, known = {**pages(ctx.root), **more()}, rules()
    yield from ctx.side_by_side(lambda n: play(ctx, n, found[n.removeprefix("commands/")], known), names)
