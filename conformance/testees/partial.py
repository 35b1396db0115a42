#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A decoder for `virwire check decoder --ndjson`: one of a few types, by hand, in Python.

An example of a partial decoder: what it does not know is skipped.

    virwire check decoder --ndjson -- conformance/testees/partial.py
"""
import json
import struct
import sys


class Refused(Exception):
    pass


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, n):
        if self.at + n > len(self.data):
            raise Refused
        self.at += n
        return self.data[self.at - n:self.at]

    def number(self, form):
        return struct.unpack(">" + form, self.take(struct.calcsize(form)))[0]

    def string(self, most):
        n = self.number("I")
        if n > most:
            raise Refused
        text = self.take(n)
        if any(self.take(-n % 4)) or b"\0" in text:
            raise Refused
        try:
            return text.decode()
        except UnicodeDecodeError:
            raise Refused from None

    def optional(self, read):
        present = self.number("I")
        if present > 1:
            raise Refused
        return read() if present else None


STRING_MAX = 4194304


def domain(r):
    return {"name": r.string(STRING_MAX), "uuid": r.take(16).hex(), "id": r.number("i")}


TYPES = {
    "remote_nonnull_domain": domain,
    "remote_domain_lookup_by_name_ret": lambda r: {"dom": domain(r)},
    "remote_connect_open_args": lambda r: {
        "name": r.optional(lambda: r.string(STRING_MAX)), "flags": r.number("I")},
    "remote_connect_get_version_ret": lambda r: {"hv_ver": r.number("Q")},
    "remote_node_get_free_memory_ret": lambda r: {"freeMem": r.number("Q")},
}


def answer(request):
    read = TYPES.get(request["type"])
    if not read:
        return {"result": "skip"}
    reader = Reader(bytes.fromhex(request["bytes"]))
    try:
        value = read(reader)
        if reader.at != len(reader.data):
            raise Refused
    except Refused:
        return {"result": "refuse"}
    return {"result": "accept", "value": value}


for line in sys.stdin:
    print(json.dumps(answer(json.loads(line))), flush=True)
