# SPDX-License-Identifier: MIT
"""What `virwire call` prints for each procedure of release 9.0.0, and how it ends."""
import os
import re
import subprocess
from urllib.parse import quote

from ask import Asker, LIMIT_S
from peers import CannotRun, RELEASE


class Calls(Asker):
    """A row is a procedure of one of PROGRAMS and its arguments as JSON; URI names the socket."""

    def __init__(self, socket, uri, programs, **more):
        super().__init__(socket, **more)
        self.uri, self.programs, self.virwire = uri, programs, None

    def check(self, options):
        self.virwire = options.virwire
        if not os.access(self.virwire, os.X_OK):
            raise CannotRun(f"there is no {self.virwire}")

    def names(self):
        argv = [self.virwire, "schema", "list", "--profile", RELEASE, *self.programs]
        program = ""
        for line in subprocess.run(argv, capture_output=True, text=True, check=True).stdout.splitlines():
            begins, call = re.match(r"program (\w+)", line), re.match(r" *\d+ call +(\w+)", line)
            if begins:
                program = "" if begins[1] == "remote" else begins[1] + "."
            elif call:
                yield program + call[1]

    @staticmethod
    def means(row):
        return {row.removeprefix("+ ").split()[0]}

    def end(self, place):
        """Each row has had a process of its own."""

    def ask(self, row, place):
        uri = self.uri.format(socket=quote(place.address))
        argv = [self.virwire, "call", "--profile", RELEASE, "-c", "--timeout", str(LIMIT_S), uri, *row.removeprefix("+ ").split(" ", 1)]
        ran = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, cwd=place.work, env=place.env, check=False)
        return [f"status {ran.returncode}", *("| " + line for line in place.masked(ran.stdout.replace(uri, "{uri}")).splitlines())]


KINDS = {
    "procedures": Calls("main", "test+unix:///default?socket={socket}", ["remote", "qemu", "lxc"]),
    "admin-procedures": Calls("admin", "libvirtd:///system?socket={socket}", ["admin"], fresh=True),
}
