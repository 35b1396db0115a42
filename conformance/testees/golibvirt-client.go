// SPDX-License-Identifier: MIT

// A client of the library go-libvirt, for `virwire check client`: golibvirt URI WHAT. URIs are no business of that library:
// those of unix and tcp are taken here, of others the program says that it cannot (77).
package main

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"strings"
	"time"

	libvirt "github.com/digitalocean/go-libvirt"
	"github.com/digitalocean/go-libvirt/socket"
	"github.com/digitalocean/go-libvirt/socket/dialers"
)

const unsupported = 77

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func dialer(u *url.URL, transport string) socket.Dialer {
	port := u.Port()
	switch transport {
	case "unix":
		return dialers.NewLocal(dialers.WithSocket(u.Query().Get("socket")))
	case "tcp":
		if port == "" {
			port = "16509"
		}
		return dialers.NewRemote(u.Hostname(), dialers.UsePort(port))
	}
	os.Exit(unsupported)
	return nil
}

func connect(text string) *libvirt.Libvirt {
	u, err := url.Parse(text)
	must(err)
	driver, transport, _ := strings.Cut(u.Scheme, "+")
	l := libvirt.NewWithDialer(dialer(u, transport))
	must(l.ConnectToURI(libvirt.ConnectURI(driver + "://" + u.Path)))
	return l
}

func test(l *libvirt.Libvirt) libvirt.Domain {
	d, err := l.DomainLookupByName("test")
	must(err)
	return d
}

func hostname(l *libvirt.Libvirt) {
	name, err := l.ConnectGetHostname()
	must(err)
	fmt.Println(name)
}

func list(l *libvirt.Libvirt) {
	all, _, err := l.ConnectListAllDomains(1, 0)
	must(err)
	for _, d := range all {
		fmt.Println(d.Name)
	}
}

func event(l *libvirt.Libvirt) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	events, err := l.LifecycleEvents(ctx)
	must(err)
	e, ok := <-events
	if !ok {
		must(fmt.Errorf("no event came"))
	}
	fmt.Println(e.Dom.Name, e.Event)
}

var does = map[string]func(l *libvirt.Libvirt){
	"open":     func(l *libvirt.Libvirt) {},
	"hostname": hostname,
	"list":     list,
	"lookup":   func(l *libvirt.Libvirt) { fmt.Printf("%x\n", test(l).UUID) },
	"missing": func(l *libvirt.Libvirt) {
		_, err := l.DomainLookupByName("nobody-has-this-name")
		must(err)
	},
	"info": func(l *libvirt.Libvirt) {
		state, most, memory, cpus, used, err := l.DomainGetInfo(test(l))
		must(err)
		fmt.Println(state, most, memory, cpus, used)
	},
	"xml": func(l *libvirt.Libvirt) {
		text, err := l.DomainGetXMLDesc(test(l), 0)
		must(err)
		fmt.Println(text)
	},
	"event": event,
	"many": func(l *libvirt.Libvirt) {
		for i := 0; i < 20; i++ {
			hostname(l)
		}
	},
}

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "Usage: golibvirt URI WHAT")
		os.Exit(2)
	}
	do, ok := does[os.Args[2]]
	if !ok {
		os.Exit(unsupported)
	}
	l := connect(os.Args[1])
	do(l)
	must(l.Disconnect())
}
