# SPDX-License-Identifier: MIT
"""What virsh prints for each row of the parity table, against virwired, and whether libvirtd 9.0.0 answers the same."""
import os
import sys

from context import CannotRun, TREE
from records import Unit

sys.path.insert(0, os.path.join(TREE, "ci", "parity.d"))
# pylint: disable=wrong-import-position
import ask  # noqa: E402
import ask_program  # noqa: E402
import peers  # noqa: E402
import tables  # noqa: E402


def units(_):
    return ["virsh/commands"]


def record(ctx, names):
    """The one unit there is."""
    virsh, rows = ask_program.KINDS["virsh"], tables.Table("virsh").rows
    env = {**ctx.environment(), "EDITOR": ask.EDITOR}
    unit, alike, wanted = Unit(names[0]), 0, tables.read_recorded("virsh")
    try:
        virsh.check(ctx)
        for row, lines in virsh.answers(lambda folder, _: peers.Virwired(ctx.virwired, folder, env), rows, env, 0):
            alike += lines == wanted[row]
            unit.add(row, "as libvirtd" if lines == wanted[row] else "unlike libvirtd")
            for line in lines:
                unit.add(row, line)
    except peers.CannotRun as e:
        raise CannotRun(str(e)) from e
    ctx.say(f"virsh: {alike} of {len(rows)} rows are answered as libvirtd answers them")
    return [unit]
