# SPDX-License-Identifier: MIT
"""Which cases each fault of virwired turns red: the whole suite under each, in every setup of the proof
(conformance/prove), whose machinery it is."""
import re

from records import Unit, failed

TIMEOUT_S = 2
RUNS_AT_A_TIME = 4  # for each job; most of a run is waiting


def faults(ctx):
    return {f"faults/{f.name}": f for f in ctx.prove.read_faults(ctx.virwired)}


def units(ctx):
    return list(faults(ctx))


def red_ids(run):
    """The ids in what a Run says of its red cases, `VERDICT ID: REASON` each."""
    return sorted(i.split(" ", 1)[1].split(": ", 1)[0] for i in run.ids)


def record(ctx, names):
    """The units NAMES."""
    known, done = faults(ctx), [0]
    prover = ctx.prove.Prover(ctx.virwire, ctx.virwired, ctx.prove.read_cases(ctx.virwire), [], TIMEOUT_S, ctx.pki)

    def one(name):
        run = prover.check_files(known[name], None, ctx.prove.LONG_S if known[name].legal else None)
        done[0] += 1
        if done[0] % 20 == 0:
            ctx.say(f"faults: {done[0]} of {len(names)}")
        status = re.match(r"status \d+|virwired ended with -?\d+", run.trouble or "")
        if run.trouble and not status:
            return failed(name, run.trouble)
        unit = Unit(name)
        if status:
            unit.add("(trouble)", status[0])
        unit.add("(complete)", str(run.complete))
        for key in red_ids(run):
            unit.add(key, "red")
        return unit

    yield from ctx.side_by_side(one, names, ctx.jobs * RUNS_AT_A_TIME)
