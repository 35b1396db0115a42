#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A small server of libvirt's protocol: 14 calls over a UNIX socket, one domain that nothing changes.

It shows how little is needed, and what a right server does about the rest: small-server.py SOCKET
The clauses named here are those of docs/protocol/PROTOCOL.md; `virwire explain F-3` prints one."""
import asyncio
import struct
import sys

REMOTE, VERSION = 0x20008086, 1
CALL, REPLY = 0, 1
OK, ERROR = 0, 1
LENGTH_MIN, LENGTH_MAX = 28, 33554436  # F-3, F-4
STRING_MAX = 4194304  # F-6
RPC_ERROR, INTERNAL_ERROR, NO_CONNECT, NO_SUPPORT, NO_DOMAIN = 39, 1, 5, 3, 42
FROM_RPC, FROM_SMALL = 7, 20
UUID = bytes(range(16))
NAME, MEMORY = b"web", 1048576


class Failure(Exception):
    """An error reply: code, domain, text (E-1)."""


class Args:
    """Reads arguments; what does not fit is an error of the call, not of the connection (D-9)."""

    def __init__(self, body):
        self.body, self.at = body, 0

    def take(self, n):
        if self.at + n > len(self.body):
            raise Failure(RPC_ERROR, FROM_RPC, "cannot decode the arguments")
        self.at += n
        return self.body[self.at - n:self.at]

    def word(self):
        return struct.unpack(">i", self.take(4))[0]

    def string(self):
        length = struct.unpack(">I", self.take(4))[0]
        if length > STRING_MAX:
            raise Failure(RPC_ERROR, FROM_RPC, "cannot decode the arguments: a string is too long")
        text = self.take(length)
        self.take(-length % 4)
        return text.split(b"\0")[0]

    def optional(self):
        return self.string() if self.word() else None

    def domain(self):
        self.string()
        uuid = self.take(16)
        self.word()
        if uuid != UUID:  # D-35
            raise Failure(NO_DOMAIN, FROM_SMALL, "no domain with this uuid")


def word(n):
    return struct.pack(">i", n)


def hyper(n):
    return struct.pack(">Q", n)


def string(text):
    return struct.pack(">I", len(text)) + text + bytes(-len(text) % 4)


def domain():
    return string(NAME) + UUID + word(1)


class Connection:
    """The state of one client: whether it has opened a hypervisor, and whether it is to be hung up on."""

    def __init__(self):
        self.open = self.over = False

    def connect_open(self, args):
        name, _flags = args.optional(), args.word()
        if self.open:
            raise Failure(INTERNAL_ERROR, FROM_RPC, "the connection is open already")  # D-13
        if name is None:
            raise Failure(INTERNAL_ERROR, FROM_RPC, "a name is needed")  # C-1
        if not name.startswith(b"small:"):
            raise Failure(NO_CONNECT, 0, "no driver for this name")  # C-4
        self.open = True
        return b""

    def connect_close(self, _args):
        self.over = True  # C-7
        return b""

    def lookup(self, found):
        if not found:
            raise Failure(NO_DOMAIN, FROM_SMALL, "no such domain")
        return domain()

    def list_domains(self, args):
        wanted = args.word()
        if not 0 <= wanted <= 16384:  # D-17, D-18
            raise Failure(RPC_ERROR, FROM_RPC, "a list of so many is not possible")
        return word(1) + word(1) if wanted else word(0)

    def domain_get_info(self, args):
        args.domain()
        return word(1) + hyper(MEMORY) + hyper(MEMORY) + struct.pack(">I", 1) + hyper(1000000)

    def domain_get_os_type(self, args):
        args.domain()
        return string(b"linux")

    calls = {
        1: connect_open,
        2: connect_close,
        3: lambda self, args: string(b"SMALL"),
        4: lambda self, args: hyper(1000),
        16: domain_get_info,
        19: domain_get_os_type,
        22: lambda self, args: self.lookup(args.word() == 1),
        23: lambda self, args: self.lookup(args.string() == NAME),
        24: lambda self, args: self.lookup(args.take(16) == UUID),
        37: list_domains,
        51: lambda self, args: word(1),
        59: lambda self, args: string(b"small.example"),
        66: lambda self, args: word(1) + word(0),  # AUTH_LIST: none
        157: lambda self, args: hyper(12008000),
    }

    def answer(self, header, body):
        """The reply's status and body, or None: what is no call gets no answer (D-3, D-6)."""
        program, version, procedure, kind, _serial, status = header
        if kind != CALL:
            return None
        try:
            if (program, version) != (REMOTE, VERSION):  # D-1, D-2
                raise Failure(RPC_ERROR, FROM_RPC, "unknown program")
            if status != OK:  # D-8
                raise Failure(RPC_ERROR, FROM_RPC, f"unexpected status {status}")
            if procedure not in self.calls:  # D-4
                raise Failure(RPC_ERROR, FROM_RPC, f"unknown procedure: {procedure}")
            if not self.open and procedure not in (1, 2, 66):
                Connection().answer_only(procedure, body)
                raise Failure(INTERNAL_ERROR, FROM_RPC, "the connection is not open")  # D-12
            return OK, self.calls[procedure](self, Args(body))
        except Failure as why:
            code, origin, text = why.args
            return ERROR, (word(code) + word(origin) + word(1) + string(text.encode()) + word(2) +
                           word(0) * 4 + word(-1) + word(-1) + word(0))  # E-1, E-2, E-3

    def answer_only(self, procedure, body):
        """Arguments are looked at before the state is (D-20)."""
        try:
            self.calls[procedure](self, Args(body))
        except Failure as why:
            if why.args[0] == RPC_ERROR:
                raise


async def serve(reader, writer):
    connection = Connection()
    try:
        while True:
            length = struct.unpack(">I", await reader.readexactly(4))[0]
            if not LENGTH_MIN <= length <= LENGTH_MAX:
                break  # F-3, F-4: without a word, since nothing behind it can be found
            message = await reader.readexactly(length - 4)
            header = struct.unpack(">IIiiIi", message[:24])
            answer = connection.answer(header, message[24:])
            if answer:
                status, body = answer
                writer.write(struct.pack(">I", 28 + len(body)) + message[:12] + word(REPLY) +
                             message[16:20] + word(status) + body)  # H-5
                await writer.drain()
            if connection.over:
                break
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    writer.close()


async def main(path):
    server = await asyncio.start_unix_server(serve, path)
    print("ready", flush=True)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
