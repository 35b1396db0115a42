# SPDX-License-Identifier: MIT
"""A test for pytest: virwired is started, steered by lines of JSON, and asked what has become of it."""
import json
import socket
import subprocess

import libvirt


def test_a_domain_that_is_destroyed_is_there_again(tmp_path):
    daemon = subprocess.Popen(["virwired", "--listen", f"unix://{tmp_path}/s", "--control", f"{tmp_path}/control",
                               "--exit-with-parent"], stdout=subprocess.PIPE)
    assert daemon.stdout.readline().startswith(b"listening unix://")
    control = socket.socket(socket.AF_UNIX)
    control.connect(f"{tmp_path}/control")
    lines = control.makefile("rw")

    def steer(**request):
        print(json.dumps(request), file=lines, flush=True)
        answer = json.loads(lines.readline())
        assert answer["ok"], answer
        return answer.get("result")

    conn = libvirt.open(f"test+unix:///default?socket={tmp_path}/s")
    conn.lookupByName("test").destroy()
    assert steer(do="dump", kind="domain")["domain"][0]["state"] == libvirt.VIR_DOMAIN_SHUTOFF
    steer(do="reset")
    assert conn.lookupByName("test").isActive()
    conn.close()
    steer(do="wait-ended")
    assert steer(do="connections")[0]["ended"]
    daemon.terminate()
    assert daemon.wait() == 0
