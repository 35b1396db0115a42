#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A client of the libvirt remote protocol that is right, and no longer than it must be: opens test+unix:///default?socket=PATH
or test+tcp://HOST:PORT/default, does one thing, and closes. Usage: client.py URI [open|hostname|many]"""
import os
import re
import socket
import struct
import sys

REMOTE, KEEPALIVE = 0x20008086, 0x6B656570
OPEN, CLOSE, HOSTNAME, AUTH_LIST = 1, 2, 59, 66
CALL, REPLY, MESSAGE = 0, 1, 2
OK, ERROR = 0, 1
PING, PONG = 1, 2
LENGTH_MAX = 32 * 1024 * 1024 + 4
TIMEOUT = 10
URI = re.compile(r"(?P<driver>[A-Za-z]+)\+(unix://(?P<path>/[\w./-]*)\?socket=(?P<socket>/[\w./-]+)"
                 r"|tcp://(?P<host>[\w.-]+)(:(?P<port>\d+))?(?P<tcp_path>/[\w./-]*))", re.ASCII)


class Refused(Exception):
    """The server has answered with an error."""


class Wrong(Exception):
    """What ends the connection: the server is gone, or does not speak the protocol."""


class Cannot(Exception):
    """What this client has not learned."""


class Connection:
    def __init__(self, uri):
        parts = URI.fullmatch(uri)
        if not parts or parts["driver"] == "remote":
            raise Cannot("no more of a URI than a path and a socket, over unix or tcp")
        if parts["socket"]:
            self.socket = socket.socket(socket.AF_UNIX)
            self.socket.settimeout(TIMEOUT)
            self.socket.connect(parts["socket"])
        else:
            self.socket = socket.create_connection((parts["host"], int(parts["port"] or 16509)), TIMEOUT)
        self.name = parts["driver"] + "://" + (parts["path"] or parts["tcp_path"])
        self.serial = 0

    def read(self, n):
        data = b""
        while len(data) < n:
            more = self.socket.recv(n - len(data))
            if not more:
                raise Wrong("the server is gone")
            data += more
        return data

    def send(self, program, procedure, kind, serial, body=b""):
        self.socket.sendall(struct.pack(">7I", 28 + len(body), program, 1, procedure, kind, serial, OK) + body)

    def message(self):
        """The next message: its header and body. PINGs are answered (K-2)."""
        while True:
            (length,) = struct.unpack(">I", self.read(4))
            if not 28 <= length <= LENGTH_MAX:
                raise Wrong(f"a message of {length} bytes")
            data = self.read(length - 4)
            header = struct.unpack(">IIiiIi", data[:24])
            if header[:3] == (KEEPALIVE, 1, PING) and header[3] == MESSAGE:
                self.send(KEEPALIVE, PONG, MESSAGE, 0)
                continue
            return header, data[24:]

    def call(self, procedure, body=b""):
        serial, self.serial = self.serial, self.serial + 1
        self.send(REMOTE, procedure, CALL, serial, body)
        while True:
            (program, version, number, kind, got, status), result = self.message()
            if kind == MESSAGE:
                continue  # an event that nobody has asked for
            if (program, version, number, kind, got) != (REMOTE, 1, procedure, REPLY, serial):
                raise Wrong("what is no reply to the call that waits")
            if status == ERROR:
                raise Refused("the server says no")
            if status != OK:
                raise Wrong(f"a reply of status {status}")
            return result


def string(text):
    data = text.encode()
    return struct.pack(">I", len(data)) + data + bytes(-len(data) % 4)


def read_string(body):
    if len(body) < 4:
        raise Wrong("a string is cut short")
    (n,) = struct.unpack(">I", body[:4])
    if n > 4194304 or len(body) < 4 + n + -n % 4:
        raise Wrong("a string is cut short")
    return body[4:4 + n].decode(errors="replace")


def main(uri, does="open"):
    if does not in ("open", "hostname", "many"):
        raise Cannot(f"no {does}")
    connection = Connection(uri)
    try:
        methods = connection.call(AUTH_LIST)
    except Refused:
        methods = struct.pack(">Ii", 1, 0)  # a server of 2007 does not know the call (C-16)
    if len(methods) < 4 or len(methods) != 4 + 4 * struct.unpack(">I", methods[:4])[0]:
        raise Wrong("a list of methods is cut short")
    if 0 not in struct.unpack(f">{len(methods) // 4 - 1}i", methods[4:]):
        raise Cannot("nobody is let in without a password")
    connection.call(OPEN, struct.pack(">I", 1) + string(connection.name) + struct.pack(">I", 0))
    for _ in range({"open": 0, "hostname": 1, "many": 20}[does]):
        print(read_string(connection.call(HOSTNAME)))
    connection.call(CLOSE)
    return 0


try:
    sys.exit(main(*sys.argv[1:3]))
except Cannot as e:
    print(e, file=sys.stderr)
    sys.exit(77)
except (Refused, Wrong, OSError, KeyError, ValueError) as e:
    sys.exit(f"{os.path.basename(sys.argv[0])}: {e}")
