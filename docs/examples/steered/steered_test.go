// SPDX-License-Identifier: MIT

// A test for go test: virwired is started, told to refuse, and told to stop that. It is ended by the
// test, not by --exit-with-parent, which would follow the thread that has started it.
package steered

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/digitalocean/go-libvirt"
	"github.com/digitalocean/go-libvirt/socket/dialers"
)

func TestWhatIsRefusedIsAnError(t *testing.T) {
	dir := t.TempDir()
	daemon := exec.Command("virwired", "--listen", "unix://"+dir+"/s", "--control", dir+"/control")
	ready, _ := daemon.StdoutPipe()
	if err := daemon.Start(); err != nil {
		t.Fatal(err)
	}
	defer daemon.Wait()
	defer daemon.Process.Kill()
	bufio.NewReader(ready).ReadString('\n') // "listening unix://..."
	control, err := net.Dial("unix", dir+"/control")
	if err != nil {
		t.Fatal(err)
	}
	answers := bufio.NewReader(control)
	steer := func(request string) {
		fmt.Fprintln(control, request)
		if answer, _ := answers.ReadString('\n'); !strings.HasPrefix(answer, `{"ok":true`) {
			t.Fatal(request, answer)
		}
	}
	conn := libvirt.NewWithDialer(dialers.NewLocal(dialers.WithSocket(dir + "/s")))
	if err := conn.ConnectToURI(libvirt.TestDefault); err != nil {
		t.Fatal(err)
	}
	rules := "rules:\n- on: {procedure: domain_lookup_by_name}\n  error: {code: 38, domain: 7, message: the disk is full}\n"
	if err := os.WriteFile(dir+"/full", []byte(rules), 0600); err != nil {
		t.Fatal(err)
	}
	steer(`{"do": "rules", "file": "` + dir + `/full"}`)
	if _, err := conn.DomainLookupByName("test"); err == nil || !strings.Contains(err.Error(), "the disk is full") {
		t.Error(err)
	}
	steer(`{"do": "no-rules"}`)
	if _, err := conn.DomainLookupByName("test"); err != nil {
		t.Error(err)
	}
	steer(`{"do": "wait", "call": "domain_lookup_by_name", "count": 2}`)
}
