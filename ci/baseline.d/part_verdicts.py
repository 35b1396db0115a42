# SPDX-License-Identifier: MIT
"""The verdict of every case, over each transport: on virwired as the newest and as the oldest release, and on real
libvirtd of four releases."""
import json
import os
import shutil
from urllib.parse import quote

from context import CannotRun, TREE
from records import Unit, failed

RUN_LIMIT_S = 400
DAEMONS = {"newest": [], "0.3.0": ["--profile", "0.3.0"]}
OVER = ("unix", "tcp", "tls", "ext")
# What libvirtd is, and what it is called by Debian.
REAL = {"7.0.0": "bullseye", "9.0.0": "installed", "11.3.0": "trixie", "12.8.0": "forky"}
KILLS = "dispatch/free-pages-product"  # ends libvirtd before 12.7.0, and the run with it
DEFAULT_RELEASES = os.path.join(TREE, "build-releases")

# Runs beside a daemon: each --over is NAME=URI. No verdict may be lost to a status that tells of findings.
PLAY = """
virwire=$1 out=$2
shift 2
while [ "$1" != -- ]; do
    overs="$overs $1"
    shift
done
shift
for over in $overs; do
    "$virwire" check server "$@" --report "json=$out/${over%%=*}.json" "${over#*=}" >"$out/${over%%=*}.out" 2>&1
    echo $? >"$out/${over%%=*}.status"
done
exit 0
"""


def units(_):
    return [f"verdicts/virwired-{d}-{o}" for d in DAEMONS for o in OVER] + \
        [f"verdicts/libvirtd-{r}-{o}" for r in REAL for o in OVER]


def write_ext(folder, socket):
    """A program for the transport ext that reaches SOCKET."""
    if not shutil.which("nc"):
        raise CannotRun("there is no nc (Debian: netcat-openbsd)")
    path = os.path.join(folder, "ext")
    with open(path, "w", encoding="utf-8") as f:
        f.write(f"#!/bin/sh\nexec nc -N -U '{socket}'\n")
    os.chmod(path, 0o755)
    return path


def read_report(name, folder, over, version=None):
    """The unit NAME from what PLAY left."""
    try:
        with open(os.path.join(folder, over + ".json"), encoding="utf-8") as f:
            report = json.load(f)
    except (OSError, ValueError):
        said = "no output"
        if os.path.exists(os.path.join(folder, over + ".out")):
            with open(os.path.join(folder, over + ".out"), encoding="utf-8", errors="replace") as f:
                said = " ".join(f.read().split())[-300:]
        return failed(name, f"no report: {said}")
    seen = report["peer"].get("version", "nothing")
    if version and seen != version:
        return failed(name, f"the peer says that it is {seen}")
    unit = Unit(name)
    for case in report["cases"]:
        unit.add(case["id"], case["verdict"])
    unit.add("(complete)", str(report["complete"]))
    return unit


def check_virwired(ctx, release, over):
    name = f"verdicts/virwired-{release}-{over}"
    folder = ctx.folder("verdicts")
    socket = os.path.join(folder, "s")
    listen = {"tcp": "tcp://127.0.0.1:0", "tls": f"tls://127.0.0.1:0?pkipath={quote(ctx.pki)}/server/good"}
    uri = {"tls": "{uri}?pkipath=" + quote(ctx.pki) + "/client/good"}.get(over, "{uri}")
    if over == "ext":
        uri = "test+ext:///default?command=" + quote(write_ext(folder, socket))
    options = [*DAEMONS[release], "--suite", ctx.suite, "--allow", "crash", "--timeout", "30"]
    words = [ctx.virwire, folder, f"{over}={uri}", "--", *options]
    command = "sh -c " + " ".join("'" + w + "'" for w in [PLAY, "sh", *words])
    ran = ctx.run([ctx.virwired, "--listen", listen.get(over, f"unix://{quote(socket)}"), *DAEMONS[release], "--run", command],
                  RUN_LIMIT_S)
    if ran.returncode != 0:
        return failed(name, f"virwired: {(ran.stdout + ran.stderr).strip()[-300:]}")
    return read_report(name, folder, over)


def check_real(ctx, version, overs):
    folder = ctx.folder("real")
    os.chmod(folder, 0o755)
    release = REAL[version]
    frame = [os.path.join(TREE, "ci", "with-libvirtd")]
    if release != "installed":
        keep = os.environ.get("BASELINE_RELEASES", DEFAULT_RELEASES)
        frame = [os.path.join(TREE, "ci", "other-libvirtd"), "--suite", release, "--keep", keep]
    uris = {"unix": "{uri}", "tcp": "{tcp-uri}", "tls": "{tls-uri}?pkipath=" + ctx.pki + "/client/good",
            "ext": f"test+ext:///default?command={folder}/ext"}
    options = ["--profile", version, "--suite", ctx.suite, "--allow", "crash", "--timeout", "30", "--skip", KILLS,
               "--expect", ctx.path("conformance", "expect", "libvirtd.yaml")]
    make_ext = f"printf '#!/bin/sh\\nexec nc -N -U %s\\n' \"$1\" >{folder}/ext; chmod 755 {folder}/ext; shift\n"
    if not shutil.which("nc"):
        raise CannotRun("there is no nc (Debian: netcat-openbsd)")
    ran = ctx.run([*frame, "--unprivileged", "--tls", f"{ctx.pki}/server/good", "sh", "-c", make_ext + PLAY, "sh",
                   "{socket}", ctx.virwire, folder, *(f"{o}={uris[o]}" for o in overs), "--", *options],
                  RUN_LIMIT_S * 4)
    if ran.returncode != 0:
        raise CannotRun(f"status {ran.returncode}: {(ran.stdout + ran.stderr).strip()[-300:]}")
    return [read_report(f"verdicts/libvirtd-{version}-{o}", folder, o, version) for o in overs]


def record(ctx, names):
    """The units NAMES."""
    def one(job):
        kind, release, overs = job
        ctx.say(f"verdicts: {kind} {release} over {' '.join(overs)}")
        try:
            return check_real(ctx, release, overs) if kind == "libvirtd" else [check_virwired(ctx, release, overs[0])]
        except (CannotRun, OSError) as e:
            return [failed(f"verdicts/{kind}-{release}-{o}", e) for o in overs]

    jobs = [("virwired", d, [o]) for d in DAEMONS for o in OVER if f"verdicts/virwired-{d}-{o}" in names]
    for version in REAL:
        overs = [o for o in OVER if f"verdicts/libvirtd-{version}-{o}" in names]
        if overs:
            jobs.append(("libvirtd", version, overs))
    return [u for us in ctx.side_by_side(one, jobs) for u in us]
