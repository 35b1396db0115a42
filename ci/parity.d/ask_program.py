# SPDX-License-Identifier: MIT
"""What virsh or virt-admin prints for commands of theirs, and how they end, each row in a process of its own."""
import os
import re
import shutil
import subprocess
import time
from urllib.parse import quote

from peers import CannotRun, HERE, RELEASE, Relay

LIMIT_S = 15
SETTLE_S = 0.02  # libvirtd forgets the state of its test driver behind the end of a connection
EDITOR = "sed -i s/destroy/restart/"  # of the commands that edit
FILES = os.path.join(HERE, "xml")
# Ids, times and what is made at random.
MASKS = [
    (re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\b"), "{uuid}"),
    (re.compile(r"\b52:54:00(:[0-9a-f]{2}){3}\b"), "{mac}"),
    (re.compile(r"\b20\d\d-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?( ?[+-]\d{4})?\b"), "{time}"),
    (re.compile(r"\b\d+\.\d+ ?s\b"), "{time} s"),
    (re.compile(r"\b(1[6-9]|2\d)\d{8}(\.\d+)?\b"), "{time}"),
    (re.compile(r"\b(1[6-9]|2\d)\d{17}\b"), "{time}"),
    (re.compile(r"\b((?:(?:rd|wr|rx|tx)_\w+|errs|operations:|read:|written:|count:)\s+)\d{8,}"), r"\1{time}"),  # made of the time
    (re.compile(r"\b((?:cpu|user|system|vcpu\.\d+)[._]time[=:]?\s*)[\d.]+"), r"\1{time}"),
]


class Program:
    """NAME is the program; SOCKET which of the daemon's it talks to; URI how it names that."""

    def __init__(self, name, package, socket, uri):
        self.name, self.package, self.socket, self.uri = name, package, socket, uri

    def check(self):
        if not shutil.which(self.name):
            raise CannotRun(f"there is no {self.name} (Debian: {self.package})")
        version = subprocess.run([self.name, "--version"], capture_output=True, text=True, check=True).stdout.strip()
        if version != RELEASE:
            raise CannotRun(f"{self.name} is {version}, and recorded was what {RELEASE} prints")

    def names(self):
        """All its commands."""
        said = subprocess.run([self.name, "help"], capture_output=True, text=True, check=True).stdout
        return re.findall(r"^    (\S+)", said, re.M)

    @staticmethod
    def means(row):
        """The commands in ROW."""
        return {words.split()[0] for words in re.sub(r"^@\S+ ", "", row).split(";") if words.strip()}

    def answers(self, daemon, rows, folder, env, settle_s):
        """Each row's lines, in a folder with the files of `xml` and no others."""
        work, address = os.path.join(folder, "w"), os.path.join(folder, "r")
        shutil.copytree(FILES, work)
        os.chmod(work, 0o777)
        files = set(os.listdir(work))
        relay = Relay(address, daemon.sockets[self.socket])
        relay.start()
        try:
            for row in rows:
                relay.errors.clear()
                yield row, [*self.ask(row, address, work, env), *(f"error {e}" for e in relay.errors)]
                relay.settle(LIMIT_S)
                time.sleep(settle_s)
                for name in set(os.listdir(work)) - files:
                    os.unlink(os.path.join(work, name))
        finally:
            relay.stop()

    def ask(self, row, address, work, env):
        """`@FILE COMMAND` is a command to the state in FILE. No output is kept of what did not end."""
        path, command = "/default", row
        if row.startswith("@"):
            name, _, command = row[1:].partition(" ")
            path = os.path.join(work, name)
        uri = self.uri.format(path=path, socket=quote(address))
        with subprocess.Popen([self.name, "-c", uri, command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, cwd=work, env=env) as process:
            try:
                out = process.communicate(timeout=LIMIT_S)[0].decode(errors="replace")
            except subprocess.TimeoutExpired:
                process.kill()
                return ["does not end"]
        for text, word in ((uri, "{uri}"), (address, "{socket}"), (work, "{dir}"), (os.uname().nodename, "{host}")):
            out = out.replace(text, word)
        for pattern, word in MASKS:
            out = pattern.sub(word, out)
        return [f"status {process.returncode}", *("| " + line.rstrip() for line in out.splitlines() if line.strip())]


KINDS = {
    "virsh": Program("virsh", "libvirt-clients", "main", "test+unix://{path}?socket={socket}"),
}
