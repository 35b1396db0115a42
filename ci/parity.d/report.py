# SPDX-License-Identifier: MIT
"""What is said of a comparison: the differences, the figures, and the page docs/parity.md."""
import datetime
import os

import tables
from peers import RELEASE, TREE

PAGE = os.path.join(TREE, "docs", "parity.md")
INTRO = f"""# Parity with libvirtd

Written by `ci/parity --write` on DATE. The same questions go to Debian's libvirtd {RELEASE} with `test:///default` and to
`virwired --profile {RELEASE}`; the same is what prints the same on standard output, ends with the same status and was answered with
the same errors (code and domain) on the wire: commands of virsh and virt-admin, methods of
python3-libvirt with their values, errors and events, and each procedure by `virwire call`. Ids that are made at random, times and paths are masked.

    ci/parity                    # both are asked
    ci/parity --recorded virsh   # virwired alone, against what libvirtd has answered
    ci/parity --only 'net-info'  # some rows, with both answers

| asked | rows | the same | | that libvirtd serves | the same |
| --- | --- | --- | --- | --- | --- |
"""
REST = """
A row is served when libvirtd answers it with success. The tables are `ci/parity.d/KIND`; `! NAME -- REASON` there says why a
command or method is not asked. What libvirtd has answered is `ci/parity.d/expected/KIND.txt` (`ci/parity --record`), and the nightly
run holds it against the daemon. A test compares each eighth row with that record, `ci/parity --recorded` all of
them, and fails for one that differs and is not listed in `ci/parity.d/differences`.

"""


class Result:
    """WANT and HAVE are row to lines."""

    def __init__(self, kind, want, have):
        self.kind, self.want, self.have = kind, want, have
        self.unlike = [row for row in want if want[row] != have[row]]
        self.served = [row for row, lines in want.items() if lines[0] in ("status 0", "value")]

    def figures(self):
        alike = len(self.want) - len(self.unlike)
        served = sum(self.want[row] == self.have[row] for row in self.served)
        return len(self.want), alike, len(self.served), served


def show_difference(row, want, have, wanted="libvirtd", found="virwired"):
    print(f"{row}")
    for name, lines, other in ((wanted, want, have), (found, have, want)):
        for line in [line for line in lines if line not in other] or ["(the same lines in another order)"]:
            print(f"    {name}: {line}")


def percent(part, whole):
    return f"{100 * part / whole:.1f} %" if whole else "-"


def write_page(results, known):
    with open(PAGE, "w", encoding="utf-8") as f:
        f.write(INTRO.replace("DATE", datetime.date.today().isoformat()))
        for r in results:
            rows, alike, served, both = r.figures()
            f.write(f"| {r.kind} | {rows} | {alike} | {percent(alike, rows)} | {served} | {both} ({percent(both, served)}) |\n")
        f.write(REST)
        for r in results:
            open_rows = [row for row in r.unlike if known[r.kind, row] == tables.OPEN]
            f.write(f"{r.kind}: {len(open_rows)} rows differ because what they ask for is not in the model yet")
            f.write(f"; {len(r.unlike) - len(open_rows)} for a reason:\n\n" if len(open_rows) < len(r.unlike) else ".\n\n")
            f.writelines(f"- `{row}`: {known[r.kind, row]}\n" for row in r.unlike if row not in open_rows)


def write(results, known):
    now = {(r.kind, row): known.get((r.kind, row), tables.OPEN) for r in results for row in r.unlike}
    tables.write_differences(now)
    write_page(results, now)


def report(results, options):
    """Whether nothing differs but what is listed."""
    known = tables.read_differences()
    if options.write:
        write(results, known)
        known = tables.read_differences()
    new = 0
    for r in results:
        for row in r.unlike:
            if options.only or (r.kind, row) not in known:
                show_difference(row, r.want[row], r.have[row])
        new += sum((r.kind, row) not in known for row in r.unlike)
        stale = sum(kind == r.kind and row in r.want and row not in r.unlike for kind, row in known)
        rows, alike, served, both = r.figures()
        print(f"{r.kind}: {alike}/{rows} the same ({percent(alike, rows)}); of those that libvirtd serves {both}/{served} "
              f"({percent(both, served)}); {stale} are listed as different and are not")
    if new:
        print(f"{new} differences are not listed in ci/parity.d/differences")
    return new == 0
