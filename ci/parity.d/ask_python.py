# SPDX-License-Identifier: MIT
"""What libvirt's module for Python makes of its methods: values, errors, events. The rows are evaluated by methods.py."""
import json
import os
import re
import select
import subprocess
from urllib.parse import quote

from ask import Asker, LIMIT_S
from peers import CannotRun, HERE, RELEASE

METHODS = ["/usr/bin/python3", "-B", os.path.join(HERE, "methods.py")]
# The names that rows have for objects; methods.py makes them.
CLASSES = {
    "conn": "virConnect", "ro": "virConnect", "dom": "virDomain", "off": "virDomain", "web": "virDomain", "net": "virNetwork",
    "lab": "virNetwork", "pool": "virStoragePool", "images": "virStoragePool", "vol": "virStorageVol", "iface": "virInterface",
    "dev": "virNodeDevice", "port": "virNetworkPort", "snap": "virDomainSnapshot", "child": "virDomainSnapshot",
    "check": "virDomainCheckpoint", "stream": "virStream", "secret": "virSecret", "nwfilter": "virNWFilter",
    "binding": "virNWFilterBinding",
}


class Methods(Asker):
    """`said` is what there is to be asked."""

    def __init__(self):
        super().__init__("main")
        self.said = []

    def check(self, _):
        ran = subprocess.run([*METHODS, "names"], capture_output=True, text=True, check=False)
        if ran.returncode != 0:
            raise CannotRun("there is no module libvirt for the system's Python (Debian: python3-libvirt)")
        version, *self.said = ran.stdout.split()
        if f"{int(version) // 1000000}.{int(version) // 1000 % 1000}.{int(version) % 1000}" != RELEASE:
            raise CannotRun(f"the module libvirt is {version}, and recorded was what {RELEASE} says")

    def names(self):
        return self.said

    @staticmethod
    def means(row):
        return {f"{CLASSES[name]}.{method}" for name, method in re.findall(r"\b([a-z]+)\.(\w+)\(", row) if name in CLASSES}

    def end(self, place):
        if place.program:
            place.program.kill()
            place.program.communicate()
        place.program = None

    def ask(self, row, place):
        """In the process of PLACE, which evaluates one row after the other; a new one when there is none."""
        if not place.program:
            uri = f"test+unix:///default?socket={quote(place.address)}"
            place.program = subprocess.Popen([*METHODS, uri, place.work], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                             stderr=subprocess.DEVNULL, text=True, env=place.env)
        place.program.stdin.write(row + "\n")
        place.program.stdin.flush()
        came = select.select([place.program.stdout], [], [], LIMIT_S)[0]
        line = place.program.stdout.readline() if came else ""
        if not line:
            self.end(place)
            return ["ends the program" if came else "does not end"]
        return [place.masked(text) for text in json.loads(line)]


KINDS = {
    "python": Methods(),
}
