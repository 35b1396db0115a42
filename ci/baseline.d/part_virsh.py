# SPDX-License-Identifier: MIT
"""What virsh prints for each of the commands in the list `virsh-commands`, against virwired and against its own
test driver (test:///default), which opens inside virsh: the parity of the two is part of the record."""
import os
import shutil
from urllib.parse import quote

from context import CannotRun, HERE
from part_commands import Place
from records import Unit

LIMIT_S = 60
OWN = "test:///default"


def units(_):
    return ["virsh/commands"]


def commands():
    with open(os.path.join(HERE, "virsh-commands"), encoding="utf-8") as f:
        return [line for line in map(str.strip, f) if line and not line.startswith("#")]


def lines_of(place, uri, command):
    """What `virsh -c URI COMMAND` prints and how it ends; the URI is masked, which each of the two has its own of."""
    ran = place.ctx.run(["virsh", "-c", uri, command], LIMIT_S, cwd=place.work, env=place.env)
    text = place.masked(ran.stdout.replace(uri, "{uri}")) + place.masked(ran.stderr.replace(uri, "{uri}"))
    return [f"status {ran.returncode}", *(line.rstrip() for line in text.splitlines() if line.strip())]


def play(ctx, command):
    with Place(ctx) as place:
        return lines_of(place, f"test+unix:///default?socket={quote(place.socket)}", command), lines_of(place, OWN, command)


def record(ctx, names):
    """The one unit there is."""
    if not shutil.which("virsh"):
        raise CannotRun("there is no virsh (Debian: libvirt-clients)")
    asked = commands()
    unit, alike = Unit(names[0]), 0
    for command, (here, own) in zip(asked, ctx.side_by_side(lambda c: play(ctx, c), asked)):
        alike += here == own
        unit.add(command, "as test:///default" if here == own else "unlike test:///default")
        for line in here:
            unit.add(command, line)
    ctx.say(f"virsh: {alike} of {len(asked)} commands print what they do on {OWN}")
    return [unit]
