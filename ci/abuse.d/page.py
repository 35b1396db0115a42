# SPDX-License-Identifier: MIT
"""docs/reliability.md, from the results of a run."""
import datetime
import os

import commands
import lives
import servers

PAGE = os.path.join(os.path.dirname(servers.CI), "docs", "reliability.md")

HEAD = """# Clients and servers that mean ill

`ci/abuse --against all --page` has written this page: what each abuse costs `virwired`, and a real libvirtd beside it on the same
machine, and how `virwire` takes servers that mean ill. The quick ones are a test, small and with patience in what depends on
the machine; `ci/nightly` plays all, and `ci/hostile`, which sends ten million hostile messages to both servers.

Run of {date}, commit {commit}. Figures of time are of one machine that has other work too: what counts is how they compare.

## Bounds

For `virwired`, under each abuse:

- **memory**: so many MiB at the peak, KiB for one of the size, and MiB above the start a second behind the end, as the table says;
- **waiting**: of a second client on a connection of its own, which makes a call each five milliseconds, p99 10 ms; the longest call at
  most twenty times that of the undisturbed run (taken for no less than a millisecond), or with TLS 20 ms;
- **descriptors**: one for each client, and after the end none more than before;
- nobody's call fails, and afterwards a new client is served.

libvirtd is measured and not judged: what would break a bound stands in parentheses. It has other threads, other limits of memory,
and no volumes; where it dies, somebody had written to memory that was no longer theirs.
"""

ABUSES = """
## Abuses of a server

MiB: at the start, at the peak, a second behind the end. ms: the longest call of the undisturbed client; p50, p99 and the longest under
the abuse. New: the longest that a new client waits for connection, open and an answer.

| abuse | server | size | MiB | descriptors | alone | p50 | p99 | max | new | bounds of memory | verdict |
| --- | --- | ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: | --- | --- |
"""

SOAK = """
## Ten million hostile messages

`virwire fuzz` (fuzzing-a-server.md) looks for what a server does wrong; this is about what it costs, with clients that do not read among them.

`ci/hostile` sends messages of the schema that are bent in a word or two, streams and events among them, on sixty connections of which six
never read; one counts once the server has read it. Memory is to be flat behind the first tenth. What it said last:

"""

COMMANDS = """
## virwire

| abuse | command | status | seconds | CPU | MiB | at most | verdict |
| --- | --- | ---: | ---: | ---: | ---: | --- | --- |
"""


def verdict(result):
    if result["server"] == "libvirtd":
        return "(" + "; ".join(result["wrong"]) + ")" if result["wrong"] else ""
    return "**" + "; ".join(result["wrong"]) + "**" if result["wrong"] else "ok"


def memory_bounds(row):
    said = [(row.peak, "{} MiB"), (row.each, "{} KiB each"), (row.left, "{} MiB left")]
    return ", ".join(text.format(value) for value, text in said if value != "-")


def abuse_row(table, result):
    row, kib, old = table[result["abuse"]], result["kib"], result["old"]
    figures = [f"{old[key]:.2f}" for key in ("p50", "p99", "max")]
    return (f"| {row.name} | {result['server']} | {result['size']:,} | {kib['before'] / 1024:.1f}, {kib['peak'] / 1024:.1f}, "
            f"{kib['after'] / 1024:.1f} | {result['descriptors']['peak']} | {result['alone']['max']:.2f} | {' | '.join(figures)} | "
            f"{result['new']['max']:.2f} | {memory_bounds(row) if result['server'] == 'virwired' else ''} | {verdict(result)} |\n")


def command_row(trials, result):
    trial = trials[result["abuse"]]
    return (f"| {trial.name} | {' '.join(trial.argv[:2])} | {result['status']} | {result['seconds']} | {result['cpu']} | "
            f"{result['mib']} | {trial.seconds} s, {trial.mib} MiB | {verdict(result)} |\n")


def write(table, results):
    trials = {t.name: t for t in commands.all_trials()}
    with open(PAGE, "w", encoding="utf-8") as f:
        f.write(HEAD.format(date=datetime.date.today().isoformat(), commit=servers.commit()))
        f.write(ABUSES)
        f.writelines(abuse_row(table, r) for r in results if r["abuse"] in table)
        f.write("\nWhat each is:\n\n")
        f.writelines(f"- **{row.name}**: {row.meaning}.\n" for row in table.values())
        f.write("\n## The life of virwired\n\n")
        for r in results:
            if r["abuse"] in lives.LIVES:
                f.write(f"- {lives.LIVES[r['abuse']][2]}: {r['seconds']} s, {verdict(r)}.\n")
        if os.path.exists(servers.HOSTILE):
            with open(servers.HOSTILE, encoding="utf-8") as said:
                f.write(SOAK + "".join(f"- {line}" for line in said))
        f.write(COMMANDS)
        f.writelines(command_row(trials, r) for r in results if r["abuse"] in trials)
