# SPDX-License-Identifier: MIT
"""Evaluates rows of the table `python` with libvirt's module for Python, which is that of the system's interpreter: a row a
line on standard input, a list of lines as JSON on standard output for each. Usage: methods.py URI FOLDER, or methods.py names"""
import ast
import functools
import gc
import inspect
import json
import os
import sys
import time
from collections.abc import MutableMapping

import libvirt  # pylint: disable=import-error

QUIET_S, LONGEST_S = 0.05, 0.5  # behind the last event; for the first
UNSET = {"c_pointer", "connect", "domain", "network", "streamBufSize"}


def names():
    """CLASS.METHOD of all that there is."""
    for name, kind in inspect.getmembers(libvirt, inspect.isclass):
        if name.startswith("vir"):
            yield from (f"{name}.{m}" for m in vars(kind) if not m.startswith("_") and m not in UNSET)


def shown(value):
    """VALUE in words; objects by their names, and lists of them in an order of their own."""
    if type(value).__module__ == "libvirt":
        word = next((getattr(value, f)() for f in ("name", "getName", "portDev", "usageID", "UUIDString") if hasattr(value, f)), "")
        return f"<{type(value).__name__} {word}>"
    if isinstance(value, list):
        out = [shown(v) for v in value]
        return "[" + ", ".join(sorted(out) if out and out[0].startswith("<") else out) + "]"
    if isinstance(value, tuple):
        return "(" + ", ".join(map(shown, value)) + ")"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{k!r}: {shown(v)}" for k, v in sorted(value.items(), key=lambda i: str(i[0]))) + "}"
    return repr(value)


class Row(MutableMapping):
    """The names of a row: those of MAKERS are made when they are asked for."""

    MAKERS = {
        "conn": lambda r: libvirt.open(r.uri),
        "ro": lambda r: libvirt.openReadOnly(r.uri),
        "dom": lambda r: r["conn"].lookupByName("test"),
        "off": lambda r: r["conn"].defineXML(r["xml"]("domain")),
        "web": lambda r: (r["off"].create(), r["off"])[1],
        "net": lambda r: r["conn"].networkLookupByName("default"),
        "lab": lambda r: r["conn"].networkDefineXML(r["xml"]("net")),
        "pool": lambda r: r["conn"].storagePoolLookupByName("default-pool"),
        "images": lambda r: r["conn"].storagePoolDefineXML(r["xml"]("pool")),
        "vol": lambda r: r["pool"].createXML(r["xml"]("vol")),
        "iface": lambda r: r["conn"].interfaceLookupByName("eth1"),
        "dev": lambda r: r["conn"].nodeDeviceLookupByName("computer"),
        "port": lambda r: r["net"].portCreateXML(r["xml"]("port")),
        "snap": lambda r: r["dom"].snapshotCreateXML(r["xml"]("snapshot")),
        "child": lambda r: (r["snap"], r["dom"].snapshotCreateXML("<domainsnapshot><name>after</name></domainsnapshot>"))[1],
        "check": lambda r: r["web"].checkpointCreateXML(r["xml"]("checkpoint")),
        "stream": lambda r: r["conn"].newStream(),
        "secret": lambda r: r["conn"].secretDefineXML(r["xml"]("secret")),
        "nwfilter": lambda r: r["conn"].nwfilterDefineXML(r["xml"]("nwfilter")),
        "binding": lambda r: r["conn"].nwfilterBindingCreateXML(r["xml"]("binding")),
        "b": lambda r: libvirt,
    }

    def __init__(self, uri, folder):
        self.uri, self.seen = uri, []
        self.known = {"xml": lambda name: read(folder, name), "folder": folder, "watch": self.watch, "events": self.events,
                      "seen": self.note, "len": len, "sorted": sorted, "type": type, "isinstance": isinstance, "str": str, "open": open}

    def __getitem__(self, name):
        if name not in self.known:
            self.known[name] = self.MAKERS[name](self)
        return self.known[name]

    def __setitem__(self, name, value):
        self.known[name] = value

    def __delitem__(self, name):
        del self.known[name]

    def __iter__(self):
        return iter(self.known)

    def __len__(self):
        return len(self.known)

    def note(self, _, *args):
        """A callback; what it was registered with comes last."""
        self.seen.append(f"{args[-1]} {' '.join(map(shown, args[:-1]))}")

    def watch(self, kind, *events):
        """Registers for EVENTS, whose numbers have these names, of objects of KIND."""
        register = getattr(self["conn"], kind + "EventRegisterAny")
        for event in events:
            number = getattr(libvirt, f"VIR_{SPELLED[kind]}_EVENT_ID_{event}")
            register(None, number, self.note, event)

    def events(self):
        until = time.monotonic() + LONGEST_S
        while time.monotonic() < until:
            before = len(self.seen)
            libvirt.virEventRunDefaultImpl()
            if len(self.seen) > before:
                until = time.monotonic() + QUIET_S
        return self.seen[:]

    def close(self):
        """Lets go of all that keeps a connection open."""
        connections = [self.known.pop(n) for n in ("conn", "ro") if n in self.known]
        self.known.clear()
        gc.collect()
        for connection in connections:
            forget = [connection.unregisterCloseCallback]
            for kind in SPELLED:
                known = getattr(connection, kind + "EventCallbackID", {})
                forget += [functools.partial(getattr(connection, kind + "EventDeregisterAny"), n) for n in known]
            for call in [*forget, connection.close]:
                try:
                    call()
                except (libvirt.libvirtError, KeyError):
                    pass
        for _ in range(3):
            libvirt.virEventRunDefaultImpl()


SPELLED = {"domain": "DOMAIN", "network": "NETWORK", "storagePool": "STORAGE_POOL", "nodeDevice": "NODE_DEVICE", "secret": "SECRET"}


def read(folder, name):
    with open(os.path.join(folder, name + ".xml"), encoding="utf-8") as f:
        return f.read()


def evaluate(row, uri, folder):
    """What the last expression of ROW is, or the error that ends it."""
    tree = ast.parse(row)
    last = ast.Expression(tree.body.pop().value)
    space = Row(uri, folder)
    try:
        exec(compile(tree, "row", "exec"), {"__builtins__": {}}, space)  # pylint: disable=exec-used
        lines = shown(eval(compile(last, "row", "eval"), {"__builtins__": {}}, space))  # pylint: disable=eval-used
        return ["value", *("| " + line for line in lines.replace("\\n", "\n").split("\n"))]
    except libvirt.libvirtError as e:
        return [f"raises {e.get_error_code()}/{e.get_error_domain()}"]
    except (TypeError, ValueError, KeyError, AttributeError, OSError, NotImplementedError) as e:
        return [f"raises {type(e).__name__}: {e}"]
    finally:
        space.close()


def main():
    if sys.argv[1:] == ["names"]:
        print(libvirt.getVersion(), *names())
        return
    libvirt.registerErrorHandler(lambda *_: None, None)
    libvirt.virEventRegisterDefaultImpl()
    libvirt.virEventAddTimeout(20, lambda *_: None, None)  # so that a turn of the loop ends
    for row in sys.stdin:
        print(json.dumps(evaluate(row.strip(), *sys.argv[1:3])), flush=True)


main()
