# SPDX-License-Identifier: MIT
"""What virsh or virt-admin prints for commands of theirs, and how they end, each row in a process of its own."""
import os
import re
import shutil
import subprocess
from urllib.parse import quote

from ask import Asker, LIMIT_S
from peers import CannotRun, RELEASE


class Program(Asker):
    """NAME is the program; URI how it names the socket."""

    def __init__(self, name, socket, uri, **more):
        super().__init__(socket, **more)
        self.name, self.uri = name, uri

    def check(self, _):
        if not shutil.which(self.name):
            raise CannotRun(f"there is no {self.name} (Debian: libvirt-clients)")
        version = subprocess.run([self.name, "--version"], capture_output=True, text=True, check=True).stdout.strip()
        if version != RELEASE:
            raise CannotRun(f"{self.name} is {version}, and recorded was what {RELEASE} prints")

    def names(self):
        said = subprocess.run([self.name, "help"], capture_output=True, text=True, check=True).stdout
        return re.findall(r"^    (\S+)", said, re.M)

    @staticmethod
    def means(row):
        return {words.split()[0] for words in re.sub(r"^(@\S+|\+) ", "", row).split(";") if words.strip()}

    def ask(self, row, place):
        """`@FILE COMMAND` is a command to the state in FILE. No output is kept of what did not end."""
        path, command = "/default", row.removeprefix("+ ")
        if row.startswith("@"):
            name, _, command = row[1:].partition(" ")
            path = os.path.join(place.work, name)
        uri = self.uri.format(path=path, socket=quote(place.address))
        with subprocess.Popen([self.name, "-c", uri, command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, cwd=place.work, env=place.env) as process:
            try:
                out = process.communicate(timeout=LIMIT_S)[0].decode(errors="replace")
            except subprocess.TimeoutExpired:
                process.kill()
                return ["does not end"]
        lines = place.masked(out.replace(uri, "{uri}")).splitlines()
        return [f"status {process.returncode}", *("| " + line.rstrip() for line in lines if line.strip())]

    def end(self, place):
        """Each row has had a process of its own."""


KINDS = {
    "virsh": Program("virsh", "main", "test+unix://{path}?socket={socket}"),
    "admin": Program("virt-admin", "admin", "libvirtd:///system?socket={socket}", fresh=True),
}
