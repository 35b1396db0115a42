# SPDX-License-Identifier: MIT
"""What the scripts of campaigns share: targets, builds, the command lines of engines, what a finding is."""
import ctypes
import fcntl
import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
HERE = os.path.join(ROOT, "fuzz")
BUILDS = os.environ.get("VW_FUZZ_BUILDS") or os.path.join(ROOT, "build-fuzz")

FOUND_NOTHING, FOUND, CANNOT = 0, 1, 2

# libFuzzer's limits for an input, and what some targets need besides: libtirpc allocates what a count claims, and a dump may stand for
# a megabyte of repeated lines.
LIMITS = {"rss_limit_mb": 1024, "timeout": 5, "malloc_limit_mb": 2, "max_len": 65536}
LIMITS_OF = {"capture_read": {"malloc_limit_mb": 4}, "diff_tirpc": {"malloc_limit_mb": 64},
             "scenario_parse": {"malloc_limit_mb": 512, "max_len": 16384}, "session": {"max_len": 4096}}
# The targets whose inputs the mutator knows; their libFuzzer binaries have it built in.
MUTATED = ("decode_any", "diff_tirpc", "roundtrip")

OPTIONS = ["-Dauto_features=disabled", "-Dtests=disabled", "-Db_lundef=false", "-Dwerror=true"]
SANITIZERS = {"asan+ubsan": "address,undefined", "asan": "address", "ubsan": "undefined", "none": "none"}
HALT = {"UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1", "ASAN_OPTIONS": "detect_leaks=1:abort_on_error=1:symbolize=1"}


def die(text):
    print(f"fuzz/{os.path.basename(sys.argv[0])}: {text}", file=sys.stderr)
    sys.exit(CANNOT)


def targets():
    """Every target that there is, by its file."""
    found = []
    for name in sorted(os.listdir(HERE)):
        if name.endswith(".c"):
            with open(os.path.join(HERE, name), encoding="utf-8") as f:
                if re.search(r"^int LLVMFuzzerTestOneInput\(.*\)\n\{", f.read(), re.M):
                    found.append(name[:-2])
    return found


def check_target(name):
    if name not in targets():
        die(f"there is no target '{name}': one of {', '.join(targets())}")


def check_binary(path):
    if not os.access(path, os.X_OK):
        die(f"cannot run {path}")


def seconds(text):
    """90, 90s, 10m, 2h."""
    match = re.fullmatch(r"(\d+)([smh]?)", text)
    if not match or int(match[1]) == 0:
        raise ValueError(text)
    return int(match[1]) * {"": 1, "s": 1, "m": 60, "h": 3600}[match[2]]


def can_have(*parts):
    """Options that switch on what targets need besides, where it is there."""
    checks = {"daemon": "echo '#include <ev.h>' | cc -fsyntax-only -x c - && pkg-config --exists libxml-2.0",
              "oracle": "command -v rpcgen && pkg-config --exists libtirpc"}
    return [f"-D{p}=enabled" for p in parts
            if subprocess.run(["sh", "-c", checks[p]], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode == 0]


def quietly(command, log, env=None):
    with open(log, "ab") as f:
        done = subprocess.run(command, cwd=ROOT, stdout=f, stderr=subprocess.STDOUT, env=env, check=False)
    if done.returncode != 0:
        with open(log, encoding="utf-8", errors="replace") as f:
            lines = [line for line in f if re.search("error:|ERROR|FAILED|cannot", line)][:20]
        sys.stderr.write("".join(lines))
        die(f"the build failed: {log}")


def build(kind, want, sanitizer="none"):
    """Builds the ninja targets WANT in the way of KIND (libfuzzer, afl, honggfuzz, replay, cov); the folder."""
    name = kind if sanitizer == "none" else f"{kind}-{sanitizer}"
    folder = os.path.join(BUILDS, name)
    env = dict(os.environ)
    options = OPTIONS + can_have("daemon", "oracle")
    if kind == "libfuzzer":
        compiler, options = "clang-14", options + ["-Dfuzz=libfuzzer"]
    elif kind == "afl":
        compiler, options = "afl-clang-fast", options + ["-Dfuzz=afl"]
        env["AFL_QUIET"] = "1"
        if "asan" in sanitizer:
            env["AFL_USE_ASAN"] = "1"
        if "ubsan" in sanitizer:
            env["AFL_USE_UBSAN"] = "1"
    elif kind == "honggfuzz":
        compiler, options = "hfuzz-clang", options + ["-Dfuzz=engine"]
    elif kind == "cov":
        compiler = "clang-14"
        flags = "-fprofile-instr-generate -fcoverage-mapping"
        options = options + [f"-Dc_args={flags}", f"-Dc_link_args={flags}"]
    else:
        compiler = "gcc"
    if shutil.which(compiler) is None:
        die(f"there is no {compiler}")
    ccache = shutil.which("ccache") if kind != "afl" else None
    env["CC"] = f"ccache {compiler}" if ccache else compiler
    if kind != "afl":
        options.append(f"-Db_sanitize={SANITIZERS[sanitizer]}")
    options.append("-Doptimization=" + ("1" if sanitizer != "none" or kind == "cov" else "2"))
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(BUILDS, name + ".lock"), "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        make(folder, options, want, os.path.join(BUILDS, name + ".log"), env)
    return os.path.join(folder, "fuzz")


def make(folder, options, want, log, env):
    """Configures what is not configured so yet, and has ninja make WANT."""
    if os.path.exists(log):
        os.unlink(log)
    note, configured = os.path.join(folder, "options-of-campaign"), os.path.exists(os.path.join(folder, "build.ninja"))
    before = open(note, encoding="utf-8").read() if os.path.exists(note) else ""
    if not configured or before != "\n".join(options):
        quietly(["meson", "configure" if configured else "setup", folder, *options], log, env)
        with open(note, "w", encoding="utf-8") as f:
            f.write("\n".join(options))
    quietly(["ninja", "-C", folder, "-j", str(os.cpu_count() or 1), *want], log, env)


def mutator():
    """The library of the mutator for AFL++; VW_MUTATOR_LIBRARY names one that is there."""
    if os.environ.get("VW_MUTATOR_LIBRARY"):
        return os.path.abspath(os.environ["VW_MUTATOR_LIBRARY"])
    return os.path.join(build("replay", ["fuzz/virwire-mutator.so"]), "virwire-mutator.so")


def inputs(target, folder):
    """The folders of inputs that there are: made, found by campaigns, of bugs that were fixed."""
    places = [os.path.join(folder, "seeds", target), os.path.join(HERE, "corpus", target), os.path.join(HERE, "regressions", target)]
    return [p for p in places if os.path.isdir(p)]


def dictionary(target, folder):
    for place in (os.path.join(folder, "seeds", target + ".dict"), os.path.join(HERE, "dict", target + ".dict")):
        if os.path.isfile(place):
            return place
    return None


def limits(target):
    return [f"-{k}={v}" for k, v in {**LIMITS, **LIMITS_OF.get(target, {})}.items()]


def bound():
    """For preexec_fn: the child goes when we do, however that comes about."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def content_name(data):
    return hashlib.sha1(data).hexdigest()


def files_in(path):
    """A file itself, or all files below a folder."""
    if os.path.isfile(path):
        return [path]
    found = []
    for top, _, names in os.walk(path, followlinks=True):
        found += [os.path.join(top, n) for n in names]
    return sorted(found)


# ---- what a finding is ----

OWN = re.compile(r"^(reference|mock-daemon|conformance|oracle|fuzz)/")


def frames(report):
    """Names of our own functions in the first stack of a sanitizer's report, innermost first."""
    names = []
    for match in re.finditer(r"^\s+#(\d+) 0x[0-9a-f]+ in (\S+) (\S+?):\d+", report, re.M):
        if match[1] == "0" and names:
            break
        place = match[3][len(ROOT) + 1:] if match[3].startswith(ROOT) else match[3].split("/../")[-1].lstrip("./")
        if OWN.match(place) and match[2] not in ("LLVMFuzzerTestOneInput", "vw_fuzz_fail", "main", "name_input"):
            names.append(match[2])
    return names[:3]


def key(report, status, on_stdin=False):
    """One line for what most likely is one bug; None: nothing was found."""
    oracle = re.search(r"^oracle ([\w-]+): ([^\n:]*)", report, re.M)
    if oracle:
        return f"oracle {oracle[1]}: {re.sub(r'0x[0-9a-f]+|[0-9]+', 'N', oracle[2])}"[:120]
    kind = re.search(r"ERROR: \w+Sanitizer: ([\w-]+)", report)
    kind = kind[1] if kind else None
    if not kind and "runtime error: " in report:
        kind = "ubsan " + re.sub("[0-9]+", "N", re.search(r"runtime error: ([^\n]*)", report)[1])[:60]
    if not kind and re.search("ERROR: libFuzzer: (timeout|out-of-memory)", report):
        kind = re.search("ERROR: libFuzzer: ([a-z-]+)", report)[1]
    if not kind and (status == 0 or (on_stdin and status > 0)):
        return None
    if not kind:
        kind = "timeout" if status in (-signal.SIGALRM, 124) else f"signal {-status}" if status < 0 else f"status {status}"
    return " in ".join([kind, *frames(report)])


def replay(binary, path, extra=(), wait=60, on_stdin=False):
    """Runs the one input; report and key."""
    try:
        with open(path if on_stdin else os.devnull, "rb") as stdin:
            done = subprocess.run([binary] if on_stdin else [binary, *extra, path], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                  stdin=stdin, check=False, env={**os.environ, **HALT}, timeout=wait, preexec_fn=bound)
        report, status = done.stdout.decode(errors="replace"), done.returncode
    except subprocess.TimeoutExpired as e:
        report, status = (e.stdout or b"").decode(errors="replace"), 124
    return report, key(report, status, on_stdin)


# ---- cases ----

WORDS = ("program", "version", "procedure", "type", "serial", "status")


def sends(data):
    """The steps that send DATA, as (step, how often): whole messages by their words, so that the runner knows the calls; what is
    behind them as bytes."""
    steps = []
    while len(data) >= 28 and 28 <= int.from_bytes(data[:4], "big") <= len(data):
        length = int.from_bytes(data[:4], "big")
        head = ", ".join(f"{w}: {int.from_bytes(data[4 + 4 * i:8 + 4 * i], 'big')}" for i, w in enumerate(WORDS))
        step = "call: {" + head + (f", body: \"{data[28:length].hex(' ')}\"" if length > 28 else "") + "}"
        if steps and steps[-1][0] == step:
            steps[-1][1] += 1
        else:
            steps.append([step, 1])
        data = data[length:]
    return steps, data


def case_text(data, name):
    """A case that sends DATA to a server, and then wants it to be usable."""
    steps, rest = sends(data)
    lines = [f"  - send: {{{step}{f', times: {n}' if n > 1 else ''}}}\n" for step, n in steps]
    if rest:
        lines.append(f"  - send-raw: \"{rest.hex(' ')}\"\n")
    return (f"title: messages that a server once got wrong harm nobody ({name.replace('-', ' ')})\nclause: D-20\nlevel: must\n"
            f"needs: [connect]\nsteps:\n{''.join(lines)}  - close:\n  - connect: {{as: second}}\n  - expect-usable:\n    on: second\n")


def main():
    """The options of a target as services want them: campaign.py TARGET [DICTIONARY]."""
    if len(sys.argv) not in (2, 3):
        die("wants a target")
    check_target(sys.argv[1])
    print("[libfuzzer]")
    for k, v in {**LIMITS, **LIMITS_OF.get(sys.argv[1], {})}.items():
        print(f"{k} = {v}")
    if len(sys.argv) == 3 and sys.argv[2]:
        print(f"dict = {sys.argv[2]}")


if __name__ == "__main__":
    main()
