# SPDX-License-Identifier: MIT
"""A relay between virwire and virwired that keeps every message of the server, with the case that it belongs to.

virwire plays one case at a time and prints a verdict (-v) before the next begins; before that it ends the connections
of the case that are not used again. So what a client sends behind a verdict belongs to the next case, unless its
end is there too; and what the server sends, to the case of the last that the client sent."""
import collections
import os
import selectors
import socket
import struct
import time

CHUNK = 1 << 16
PENDING = 1 << 22  # bytes on their way to one side, above which the other is not read
LARGEST = 64 << 20
HEADER = struct.Struct(">IIIiiIi")  # length, program, version, procedure, type, serial, status

Message = collections.namedtuple("Message", "connection head body fds sent")


class Side:
    """One end of a connection: what is to be written to it, with descriptors."""

    def __init__(self, sock):
        self.sock, self.out, self.pending = sock, collections.deque(), 0
        self.ended = False  # it sends no more
        self.shut = False  # it has been told that no more comes
        sock.setblocking(False)

    def queue(self, data, fds):
        self.out.append((data, fds))
        self.pending += len(data)

    def drop(self):
        for _, fds in self.out:
            for fd in fds:
                os.close(fd)
        self.out.clear()
        self.pending = 0

    def flush(self):
        """Writes what goes. False: nobody reads it any more."""
        while self.out:
            data, fds = self.out[0]
            try:
                n = socket.send_fds(self.sock, [data], fds) if fds else self.sock.send(data)
            except BlockingIOError:
                return True
            except OSError:
                self.drop()
                return False
            for fd in fds:
                os.close(fd)
            self.pending -= n
            self.out.popleft()
            if n < len(data):
                self.out.appendleft((data[n:], []))
        return True

    def read(self):
        """Bytes and descriptors that came; None: nothing yet; no bytes: the end."""
        try:
            data, fds, _, _ = socket.recv_fds(self.sock, CHUNK, 32)
        except BlockingIOError:
            return None
        except OSError:
            return b"", []
        return data, fds


class Framer:
    """Cuts a stream of bytes into messages."""

    def __init__(self):
        self.data, self.broken = bytearray(), False

    def feed(self, data):
        self.data += data
        while not self.broken and len(self.data) >= 4:
            length = int.from_bytes(self.data[:4], "big")
            if not 4 <= length <= LARGEST:
                self.broken = True
            elif len(self.data) < length:
                return
            else:
                yield bytes(self.data[:length])
                del self.data[:length]


class Connection:
    """NUMBER counts them in the order in which they were opened."""

    def __init__(self, client, server, number, case):
        self.client, self.server, self.number, self.case = Side(client), Side(server), number, case
        self.up, self.down = Framer(), Framer()
        self.serials = []  # of what the client has sent in this case


def new_socket(address):
    """A socket for ADDRESS: a path, or a host and a port."""
    if isinstance(address, str):
        return socket.socket(socket.AF_UNIX)
    out = socket.socket(socket.AF_INET)
    out.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return out


class Relay:
    """Listens at ADDRESS and connects to TARGET. VERDICTS is the pipe on which virwire says how cases end."""

    def __init__(self, address, target, verdicts):
        self.target, self.verdicts = target, verdicts
        self.selector = selectors.DefaultSelector()
        self.listener = new_socket(address)
        self.listener.bind(address)
        self.listener.listen(1024)
        self.listener.setblocking(False)
        os.set_blocking(verdicts, False)
        self.text, self.open = b"", set()
        self.cases = [[]]  # the messages of each; the last one is being played
        self.accepted = 0
        self.ids = []  # of those before it
        self.selector.register(self.listener, selectors.EVENT_READ, self.accept)
        self.selector.register(verdicts, selectors.EVENT_READ, self.read_verdicts)
        self.virwire_ended = False

    @property
    def address(self):
        return self.listener.getsockname()

    # ---- who is being played ----

    def read_verdicts(self):
        while True:
            try:
                more = os.read(self.verdicts, CHUNK)
            except BlockingIOError:
                return
            if not more:
                self.selector.unregister(self.verdicts)
                self.virwire_ended = True
                return
            self.text += more
            *lines, self.text = self.text.split(b"\n")
            for line in lines:
                words = line.decode(errors="replace").split()
                if len(words) < 3 or not words[2].startswith("("):
                    continue
                self.ids.append(words[1])
                self.cases.append([])

    def current(self):
        if not self.virwire_ended:
            self.read_verdicts()
        return len(self.cases) - 1

    # ---- connections ----

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            server = new_socket(self.target)
            try:
                server.connect(self.target)
            except OSError:
                client.close()
                server.close()
                continue
            self.accepted += 1
            connection = Connection(client, server, self.accepted, self.current())
            self.open.add(connection)
            self.watch(connection)

    def watch(self, c):
        """Asks the selector for what the connection waits for; closes it when that is nothing."""
        for side, other in ((c.client, c.server), (c.server, c.client)):
            wanted = (0 if side.ended or other.pending > PENDING else selectors.EVENT_READ) | \
                (selectors.EVENT_WRITE if side.out else 0)
            known = side.sock.fileno() in self.selector.get_map()
            if wanted and known:
                self.selector.modify(side.sock, wanted, lambda c=c: self.turn(c))
            elif wanted:
                self.selector.register(side.sock, wanted, lambda c=c: self.turn(c))
            elif known:
                self.selector.unregister(side.sock)
        if c.server.ended and not c.client.out:
            self.close(c)

    def close(self, c):
        for side in (c.client, c.server):
            if side.sock.fileno() in self.selector.get_map():
                self.selector.unregister(side.sock)
            side.drop()
            side.sock.close()
        if c.down.data:
            self.keep(c, None, bytes(c.down.data), 0)
        self.open.discard(c)

    def turn(self, c):
        if not c.client.flush():
            c.client.ended = True
        c.server.flush()
        self.take_client(c)
        self.take_server(c)
        for side, other in ((c.client, c.server), (c.server, c.client)):
            if side.ended and not other.out and not other.shut:
                other.shut = True
                try:
                    other.sock.shutdown(socket.SHUT_WR)
                except OSError:
                    pass
        self.watch(c)

    def read_client(self, c):
        """All that is there, which is on its way to the server then."""
        while not c.client.ended and c.server.pending <= PENDING:
            got = c.client.read()
            if got is None:
                return
            c.client.ended = not got[0]
            if got[0]:
                c.server.queue(*got)
                yield got[0]

    def take_client(self, c):
        """Hands on what the client has sent. When a case has ended while it was read, its end may be behind it."""
        chunks = list(self.read_client(c))
        case = self.current()
        if case != c.case:
            chunks += self.read_client(c)
        if chunks and case != c.case and not c.client.ended:
            c.case, c.serials = case, []
        for data in chunks:
            c.serials += [HEADER.unpack_from(m)[5] for m in c.up.feed(data) if len(m) >= HEADER.size]
        c.server.flush()

    def take_server(self, c):
        got = None if c.server.ended or c.client.pending > PENDING else c.server.read()
        if got is None:
            return
        data, fds = got
        c.server.ended = not data
        for message in c.down.feed(data):
            self.keep(c, message[:HEADER.size], message[HEADER.size:], len(fds))
        if not c.client.ended:
            c.client.queue(data, fds)
            c.client.flush()
        else:
            for fd in fds:
                os.close(fd)

    def keep(self, c, head, body, fds):
        self.cases[c.case].append(Message(c.number, head, body, fds, c.serials[:]))

    def run(self, is_over, limit_s):
        """Until IS_OVER and every connection has ended. False when that takes longer than LIMIT_S."""
        until = time.monotonic() + limit_s
        over_since = None
        while time.monotonic() < until:
            for key, _ in self.selector.select(0.05):
                if key.fd in self.selector.get_map():
                    key.data()
            over_since = over_since or (time.monotonic() if self.virwire_ended and is_over() else None)
            # A daemon may keep a connection whose client has gone without a goodbye (C-6): not for ever.
            if over_since and (not self.open or time.monotonic() > over_since + 1):
                return True
        return False

    def finish(self):
        for c in list(self.open):
            self.close(c)
        self.selector.close()
        self.listener.close()
