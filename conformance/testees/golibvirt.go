// SPDX-License-Identifier: MIT

// A decoder for `virwire check decoder`: that of go-libvirt, by its own package of XDR and its generated types. As
// both are internal to go-libvirt, golibvirt.sh builds this file as if it stood in there, with a table of the types.
package main

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"io"
	"os"
	"reflect"
	"strings"

	xdr "github.com/digitalocean/go-libvirt/internal/go-xdr/xdr2"
)

// Unions are decoded into an interface by code that is not exported.
func known(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Interface:
		return false
	case reflect.Slice, reflect.Array, reflect.Ptr:
		return known(t.Elem())
	case reflect.Struct:
		for i := 0; i < t.NumField(); i++ {
			if !known(t.Field(i).Type) {
				return false
			}
		}
	}
	return true
}

// "remote_domain_get_info_ret" is DomainGetInfoRet there.
func decode(name string, data []byte) (verdict byte, again []byte) {
	key := strings.ReplaceAll(strings.TrimPrefix(name, "remote_"), "_", "")
	make, found := types[key]
	if !found || !strings.HasPrefix(name, "remote_") {
		return 'S', nil
	}
	value := make()
	if !known(reflect.TypeOf(value)) {
		return 'S', nil
	}
	defer func() {
		if recover() != nil {
			verdict, again = 'R', nil
		}
	}()
	if _, err := xdr.Unmarshal(bytes.NewReader(data), value); err != nil {
		return 'R', nil
	}
	var out bytes.Buffer
	if _, err := xdr.Marshal(&out, value); err != nil {
		return 'R', nil
	}
	return 'A', out.Bytes()
}

func answer(out *bufio.Writer, verdict byte, again []byte) {
	var body bytes.Buffer
	body.WriteByte(verdict)
	if verdict == 'A' {
		binary.Write(&body, binary.BigEndian, uint32(len(again)))
		body.Write(again)
	}
	binary.Write(out, binary.BigEndian, uint32(body.Len()))
	out.Write(body.Bytes())
	out.Flush()
}

func main() {
	in, out := bufio.NewReader(os.Stdin), bufio.NewWriter(os.Stdout)
	for {
		var length uint32
		if binary.Read(in, binary.BigEndian, &length) != nil {
			return
		}
		request := make([]byte, length)
		if _, err := io.ReadFull(in, request); err != nil {
			return
		}
		n := 2 + int(binary.BigEndian.Uint16(request))
		verdict, again := decode(string(request[2:n]), request[n:])
		answer(out, verdict, again)
	}
}
