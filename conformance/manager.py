#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A small server of the program for locks or logs (M-8, M-9), which holds none: manager.py SOCKET lock|log WRONG

It is docs/examples/small-server.py with other calls. WRONG is nothing, or codes (each error has another), once (an owner
cannot be registered again), everyone (a restriction is of all connections)."""
import asyncio
import importlib.util
import os
import sys

sys.dont_write_bytecode = True
path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../docs/examples/small-server.py")
spec = importlib.util.spec_from_file_location("small", path)
small = importlib.util.module_from_spec(spec)
spec.loader.exec_module(small)
SOCKET, NAME, WRONG = sys.argv[1:]
INVALID_ARG, DENIED, SYSTEM_ERROR, INVALID = 8, 29, 38, 55
FROM_LOCKING, FROM_NONE = 7, 0


class Manager(small.Connection):
    """Who is connected may call."""

    def __init__(self):
        super().__init__()
        self.open = True

    def refuse(self, code, origin, text):
        raise small.Failure(code + (WRONG == "codes"), origin, text)

    def flags(self, args, known=0):
        if args.word() & ~known:
            self.refuse(INVALID_ARG, FROM_LOCKING, "unknown flags")


class Lock(Manager):
    restricted, owner = False, False

    def registered(self):
        if self.restricted:
            self.refuse(DENIED, FROM_LOCKING, "the connection is restricted")
        if not self.owner:
            self.refuse(INVALID, FROM_LOCKING, "no owner is registered")

    def register(self, args):
        args.take(16)
        args.string()
        owner, _process = args.word(), args.word()
        self.flags(args)
        if not owner or (WRONG == "once" and self.owner):
            self.refuse(INVALID, FROM_LOCKING, "no owner is registered")
        self.owner = True
        return b""

    def restrict(self, args):
        self.flags(args)
        self.registered()
        (Lock if WRONG == "everyone" else self).restricted = True
        return b""

    def new(self, args):
        args.string()
        self.flags(args)
        self.registered()
        self.refuse(small.INTERNAL_ERROR, FROM_NONE, "no lock space can be made")

    def resource(self, args, known=0):
        args.string()
        args.string()
        self.flags(args, known)
        self.registered()
        self.refuse(small.INTERNAL_ERROR, FROM_NONE, "there is no such lock space")

    def create_lockspace(self, args):
        args.string()
        self.refuse(SYSTEM_ERROR, FROM_NONE, "no folder can be made")

    calls = {1: register, 2: restrict, 3: new, 4: resource, 5: resource, 6: lambda self, args: self.resource(args, -1),
             7: resource, 8: create_lockspace}


class Log(Manager):
    def write(self, args, strings):
        args.string()
        args.take(16)
        for _ in range(strings):
            args.string()
        self.flags(args, -1 if strings == 2 else 0)
        self.refuse(SYSTEM_ERROR, FROM_NONE, "the file cannot be opened")

    def position(self, args):
        args.string()
        self.flags(args)
        self.refuse(small.INTERNAL_ERROR, FROM_NONE, "the file is not open")

    def read(self, args):
        args.string()
        args.take(16)
        wanted = int.from_bytes(args.take(8), "big")
        self.flags(args)
        if wanted > small.STRING_MAX:
            self.refuse(small.INTERNAL_ERROR, FROM_NONE, "so much cannot be read at once")
        self.refuse(SYSTEM_ERROR, FROM_NONE, "the file cannot be read")

    calls = {1: lambda self, args: self.write(args, 2), 2: position, 3: read, 4: lambda self, args: self.write(args, 3)}


small.REMOTE, small.Connection = {"lock": (0x0EA7BEEF, Lock), "log": (0x87539319, Log)}[NAME]
asyncio.run(small.main(SOCKET))
