# SPDX-License-Identifier: MIT
"""Who is asked: a private daemon, real or virwired, and a relay in front of it that keeps the errors it answers with."""
import os
import selectors
import socket
import subprocess
import sys
import threading
from urllib.parse import quote

HERE = os.path.dirname(os.path.abspath(__file__))
TREE = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "baseline.d"))
# pylint: disable=wrong-import-position
from relay import Framer, HEADER, Side  # noqa: E402

FAILED = 1  # the status of a header
RELEASE = "9.0.0"
CONFIG = os.path.join(HERE, "virwired.yaml")  # what ci/with-libvirtd sets, of what can be seen


class CannotRun(Exception):
    """There is nobody to ask; the text says why."""


class Ended(Exception):
    """A daemon has ended while it was asked; the text says at what, and what it said."""


class Daemon:
    """A daemon in FOLDER of which SOCKETS are the paths: `main`, and `admin` where it has one. It ends with the pipe
    to its standard input, or with its process."""

    def __init__(self, argv, lines, folder, env):
        self.process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                        cwd=folder, env=env)
        said = [self.process.stdout.readline() for _ in range(lines)]
        if not said[-1]:
            raise CannotRun(f"{os.path.basename(argv[0])}: {self.process.stderr.read().strip() or 'it does not start'}")
        self.said = said[0].strip()

    def check(self, row):
        if self.process.poll() is not None:
            raise Ended(f"{row}: the daemon has ended ({self.process.returncode})\n{self.process.stderr.read()}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.communicate()


class Virwired(Daemon):
    """Release 9.0.0 as virwired has it."""

    def __init__(self, virwired, folder, env):
        self.sockets = {"main": os.path.join(folder, "s"), "admin": os.path.join(folder, "a")}
        super().__init__([virwired, "--exit-with-parent", "--profile", RELEASE, "--config", CONFIG, "--listen",
                          f"unix://{quote(self.sockets['main'])}", "--listen",
                          f"unix://{quote(self.sockets['admin'])}?program=admin"], 2, folder, env)


class Libvirtd(Daemon):
    """Debian's libvirtd, which runs as nobody unless its admin socket is wanted: then it has none."""

    def __init__(self, folder, env, socket_wanted):
        rights = ["--unprivileged"] if socket_wanted != "admin" else []
        super().__init__([os.path.join(TREE, "ci", "with-libvirtd"), *rights, "sh", "-c", 'echo "$0"; exec cat', "{socket}"], 1, folder,
                         env)
        self.sockets = {"main": self.said, "admin": os.path.join(os.path.dirname(self.said), "libvirt-admin-sock")}

    def __exit__(self, *_):
        self.process.communicate()


class Relay(threading.Thread):
    """Listens at ADDRESS and connects to TARGET; `errors` are those of the replies that have passed, CODE/DOMAIN."""

    def __init__(self, address, target):
        super().__init__(daemon=True)
        self.target, self.errors, self.open, self.idle = target, [], 0, threading.Condition()
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(address)
        self.listener.listen(64)

    def run(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX)
            try:
                server.connect(self.target)
            except OSError:
                client.close()
                continue
            with self.idle:
                self.open += 1
            threading.Thread(target=self.pass_on, args=(Side(client), Side(server)), daemon=True).start()

    def settle(self, limit_s):
        """Until the daemon has closed all connections, and with the last forgotten what they did."""
        with self.idle:
            if not self.idle.wait_for(lambda: self.open == 0, limit_s):
                raise CannotRun("a connection stays open")

    def stop(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def note(self, framer, data):
        for message in framer.feed(data):
            if HEADER.unpack_from(message)[6] == FAILED and len(message) >= HEADER.size + 8:
                body = message[HEADER.size:]
                self.errors.append(f"{int.from_bytes(body[:4], 'big')}/{int.from_bytes(body[4:8], 'big')}")

    def pass_on(self, client, server):
        """What one side sends to the other, until the server has closed."""
        framer = Framer()
        with selectors.DefaultSelector() as selector:
            for side, other in ((client, server), (server, client)):
                selector.register(side.sock, selectors.EVENT_READ, (side, other))
            while not server.ended:
                for key, _ in selector.select():
                    self.turn(selector, framer, *key.data, side_is_server=key.data[0] is server)
        client.sock.close()
        server.sock.close()
        with self.idle:
            self.open -= 1
            self.idle.notify_all()

    def turn(self, selector, framer, side, other, side_is_server):
        got = side.read()
        if got is None:
            return
        data, fds = got
        if data:
            if side_is_server:
                self.note(framer, data)
            other.queue(data, fds)
            other.sock.setblocking(True)
            other.flush()
            other.sock.setblocking(False)
            return
        side.ended = True
        selector.unregister(side.sock)
        if not side_is_server:
            try:
                other.sock.shutdown(socket.SHUT_WR)
            except OSError:
                pass
