# SPDX-License-Identifier: MIT
"""virwired under one of its faults, for the programs that measure what the suite makes of it."""
import collections
import os
import shutil
import signal
import subprocess
import tempfile
import threading
from urllib.parse import quote

# How virwired is reached: listener, configuration (that of libvirtd is "conf"), options of both programs. A case runs in the setup that names its
# file, or in the first that gives what it needs.
Setup = collections.namedtuple("Setup", "listen config options check files conf", defaults=(None, [], [], (), None))
USERS = "sasl_users: {fred: secret word}\n"
AUTH_FILE = "[auth-libvirt-127.0.0.1]\ncredentials=a\n[credentials-a]\nauthname=fred\npassword=secret word\n"
TLS_FILES = "".join(f'{name}_file = "{{pki}}/server/good/{file}.pem"\n'
                    for name, file in (("ca", "cacert"), ("cert", "servercert"), ("key", "serverkey")))
SETUPS = {
    "sasl": Setup("tcp://127.0.0.1:0", f"auth: sasl\n{USERS}"),
    "polkit": Setup("unix://{dir}/polkit", "auth: polkit\npeer_uid: 1000\n"),
    "root": Setup("unix://{dir}/root", "auth: polkit\npeer_uid: 0\n", files=("auth/root-by-polkit",)),
    "one-request": Setup("unix://{dir}/s", "max_client_requests: 1\n", check=["--configured", "one-request"],
                         files=("limits/one-request-at-a-time",)),
    "names": Setup("tls://127.0.0.1:0", check=["--configured", "names"], files=("tls/names",),
                   conf=TLS_FILES + 'tls_allowed_dn_list = ["CN=virwire test client"]\n'),
    "anybody": Setup("tls://127.0.0.1:0", check=["--configured", "anybody"], files=("tls/anybody",),
                     conf=TLS_FILES + "tls_no_verify_certificate = 1\n"),
    "2007": Setup("unix://{dir}/s", None, ["--profile", "0.3.0"], ["--profile", "0.3.0"]),
    "slow": Setup("unix://{dir}/s", "keepalive_interval: 1\nkeepalive_count: 3\n", [], ["--slow", "60"]),
    "tls": Setup("tls://127.0.0.1:0?pkipath={pki}/server/good"),
    "tcp": Setup("tcp://127.0.0.1:0"),
    "gate": Setup("unix://{dir}/gate", f"auth: sasl\n{USERS}"),
    "read-only-socket": Setup("unix://{dir}/s-ro?readonly=1"),
    "unix": Setup("unix://{dir}/s", check=["--volume", "test/test"]),
}

Fault = collections.namedtuple("Fault", "name clause meaning legal")


class Tool(Exception):
    """The measurement itself cannot go on."""


def read_faults(virwired, pairs=False):
    """All, or with PAIRS those that need two conditions at once: these show under --combine alone (prove-conditions)."""
    listed = subprocess.run([virwired, "--fault", "list"], stdout=subprocess.PIPE, text=True, check=True)
    faults = []
    for line in listed.stdout.splitlines():
        name, clause, meaning = line.split("\t")
        name = name.split("[")[0]
        if name.startswith("two-") == pairs:
            faults.append(Fault(name, clause, meaning, name.startswith("legal-")))
    return faults


class Daemon:
    """virwired in a private folder, with one listener; ends with the `with` block."""

    def __init__(self, virwired, setup, fault, pki):
        self.mortal = bool(fault) and fault.startswith("exit-")
        self.pki = pki
        self.dir = tempfile.mkdtemp(prefix="faulty.")
        self.credentials = ""
        if setup == "sasl":
            with open(os.path.join(self.dir, "auth.conf"), "w", encoding="utf-8") as f:
                f.write(AUTH_FILE)
            self.credentials = f"?authfile={quote(self.dir)}/auth.conf"
        setup = SETUPS[setup]
        argv = [virwired, "--exit-with-parent", "--listen", setup.listen.format(dir=quote(self.dir), pki=quote(pki)), *setup.options]
        for option, text in (("--config", setup.config), ("--libvirtd-conf", setup.conf and setup.conf.format(pki=pki))):
            path = os.path.join(self.dir, option.strip("-"))
            if text:
                with open(path, "w", encoding="utf-8") as f:
                    f.write(text)
                argv += [option, path]
        if fault:
            argv += ["--fault", fault]
        self.process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, text=True, errors="replace")

    def __enter__(self):
        line = self.process.stdout.readline().strip()
        if not line.startswith("listening "):
            self.__exit__()
            raise Tool(f"virwired does not listen: {line}")
        self.output = []
        threading.Thread(target=lambda: self.output.extend(self.process.stdout), daemon=True).start()
        uri = line.split(" ", 1)[1]
        if uri.startswith("tcp:"):
            self.uri = "test+" + uri.rstrip("/") + "/default" + self.credentials
        elif uri.startswith("tls:"):
            self.uri = "test+" + uri.split("?")[0].rstrip("/") + f"/default?pkipath={quote(self.pki)}/client/good"
        else:
            self.uri = "test+unix:///default?socket=" + uri.removeprefix("unix://").split("?")[0]
        return self

    def died(self):
        """What virwired said if it is no longer there; a fault called exit-... is there to end it."""
        if self.process.poll() is None or (self.mortal and self.process.returncode == 0):
            return None
        return f"virwired ended with {self.process.returncode}: {''.join(self.output)[-2000:]}"

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.process.wait()
        shutil.rmtree(self.dir, ignore_errors=True)


def give_up(private, number):
    """Ends at once, and virwired with us (--exit-with-parent); no thread is waited for."""
    shutil.rmtree(private, ignore_errors=True)
    os._exit(128 + number)
