# SPDX-License-Identifier: MIT
"""How virwired lives and dies: under work, killed, with nowhere to write, and sanitized under random bursts."""
import os
import signal
import subprocess
import time

import servers

CLIENTS = 200  # that ask for 4 MiB 1,500 times each


def client(place, daemon, name, size, seconds):
    """The program `abuse`, as it goes on by itself."""
    argv = [place.abuse, "--size", str(size), "--seconds", str(seconds), "--quiet-for", "0.1", name, daemon.socket]
    return place.popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def serves(place, socket):
    """Whether a new client is served there: one call of capabilities."""
    uri = "test+unix:///default?socket=" + servers.quote(socket)
    done = subprocess.run([place.virwire, "call", "--timeout", "10", uri, "connect_get_type"], stdin=subprocess.DEVNULL,
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    return done.returncode == 0


def told_to_end(place):
    """SIGTERM while clients want much more than 2 GiB and read nothing."""
    with servers.Virwired(place) as daemon:
        attacker = client(place, daemon, "unread-downloads", CLIENTS, 30)
        time.sleep(3)
        began = time.monotonic()
        daemon.stop()
        seconds = time.monotonic() - began
        servers.end(attacker, signal.SIGKILL)
        place.running.discard(attacker)
    wrong = []
    if daemon.status != 0:
        wrong.append(f"status {daemon.status}")
    if seconds > 5:
        wrong.append(f"it took {seconds:.1f} s to end")
    if os.path.exists(daemon.socket):
        wrong.append("its socket is left")
    return seconds, wrong


def killed(place):
    """kill -9, and another takes the path; a third does not."""
    wrong = []
    first = servers.Virwired(place).start()
    first.stop(signal.SIGKILL)
    began = time.monotonic()
    with servers.Virwired(place, folder=first.folder) as second:
        seconds = time.monotonic() - began
        if not serves(place, second.socket):
            wrong.append("behind a kill -9 nobody is served")
        third = servers.Virwired(place, folder=first.folder)
        try:
            third.start()
            wrong.append("two listen on one path")
        except servers.CannotRun:
            pass
        third.stop()
        if third.status != 5:
            wrong.append(f"a second daemon on one path ends with status {third.status}")
        if not serves(place, second.socket):
            wrong.append("a daemon that was refused took the path")
    return seconds, wrong


def nowhere_to_write(place):
    """Its line `listening` meets a full disk, or nothing."""
    wrong, began, socket = [], time.monotonic(), place.path("nowhere")
    for name, options in {"full": {"stdout": open("/dev/full", "wb")}, "closed": {"preexec_fn": lambda: os.close(1)}}.items():
        process = place.popen([place.virwired, "--listen", "unix://" + servers.quote(socket)], stderr=subprocess.DEVNULL, **options)
        try:
            status = process.wait(10)
        except subprocess.TimeoutExpired:
            status = "none: it goes on"
        servers.end(process)
        place.running.discard(process)
        if status != 3:
            wrong.append(f"stdout {name}: status {status}")
        if os.path.exists(socket):
            wrong.append(f"stdout {name}: its socket is left")
    return time.monotonic() - began, wrong


# What is played, whether it is a quick one, and what it is.
LIVES = {
    "life-told-to-end": (told_to_end, False,
                         "SIGTERM while clients want much more than 2 GiB and read nothing: it ends, with status 0 and no socket left"),
    "life-killed": (killed, True, "kill -9: the next one takes the path, and a third is refused"),
    "life-nowhere-to-write": (nowhere_to_write, True, "stdout full or closed: status 3, no socket left"),
}


def play(place, name):
    seconds, wrong = LIVES[name][0](place)
    return {"server": "virwired", "abuse": name, "seconds": round(seconds, 2), "wrong": wrong}
