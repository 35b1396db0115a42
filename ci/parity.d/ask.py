# SPDX-License-Identifier: MIT
"""How the rows of any kind are asked, one after the other, each with a state of its own; and what is masked."""
import os
import re
import shutil
import socket
import struct
import tempfile
import time

from peers import HEADER, HERE, Relay

LIMIT_S = 15
SETTLE_S = 0.02  # libvirtd forgets the state of its test driver behind the end of a connection
REMOTE = 0x20008086  # the program
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
    (re.compile(r"\b(freeWorkers\s*: )\d+"), r"\1{of the moment}"),
    (re.compile(r"\b(unix_\w+_(?:id|name)\s*: )\S+"), r"\1{me}"),
    (re.compile(r"\b((?:cpu|user|system|vcpu\.\d+)[._]time[=:]?\s*)[\d.]+"), r"\1{time}"),
]


def come_in(client, path):
    """Connects and opens test:///default, with the bytes of CONNECT_OPEN."""
    name = b"test:///default\0"  # and the NUL for padding
    body = struct.pack(">II", 1, len(name) - 1) + name + struct.pack(">I", 0)
    client.connect(path)
    client.sendall(HEADER.pack(HEADER.size + len(body), REMOTE, 1, 1, 0, 0, 0) + body)
    client.recv(4096)


class Place:
    """A folder with the files of `xml` and no others, and the address of the relay."""

    def __init__(self, folder, env):
        self.work, self.address, self.env = os.path.join(folder, "w"), os.path.join(folder, "r"), env
        shutil.copytree(FILES, self.work)
        os.chmod(self.work, 0o777)
        self.files = set(os.listdir(self.work))
        self.program = None  # that is asked all rows, where it is one

    def clean(self):
        for name in set(os.listdir(self.work)) - self.files:
            os.unlink(os.path.join(self.work, name))

    def masked(self, text):
        for found, word in ((self.address, "{socket}"), (self.work, "{dir}"), (os.uname().nodename, "{host}")):
            text = text.replace(found, word)
        for pattern, word in MASKS:
            text = pattern.sub(word, text)
        return text


class Asker:
    """SOCKET is which of the daemon's is asked. A kind has `check`, which raises CannotRun; `names` of all that can be
    asked; `means`, those in a row; `ask`, the lines of a row; and `end`, for what is left behind the last."""

    def __init__(self, socket, fresh=False):
        self.socket, self.fresh = socket, fresh

    def answers(self, start, rows, env, settle_s):
        """Each row and its lines. START makes a daemon in a new folder, of which some kinds want one for each row."""
        for some in [[row] for row in rows] if self.fresh else [rows]:
            folder = tempfile.mkdtemp()
            os.chmod(folder, 0o711)
            with start(folder, self.socket) as daemon:
                yield from self.answers_of(daemon, some, Place(folder, env), settle_s)

    def answers_of(self, daemon, rows, place, settle_s):
        """The errors on the wire come last. With `+` in front of a row somebody is connected meanwhile."""
        relay = Relay(place.address, daemon.sockets[self.socket])
        relay.start()
        try:
            for row in rows:
                relay.errors.clear()
                with socket.socket(socket.AF_UNIX) as client:
                    if row.startswith("+ "):
                        come_in(client, daemon.sockets["main"])
                    lines = self.ask(row, place)
                daemon.check(row)
                relay.settle(LIMIT_S)
                yield row, [*lines, *(f"error {e}" for e in relay.errors)]
                time.sleep(settle_s)
                place.clean()
        finally:
            self.end(place)
            relay.stop()
