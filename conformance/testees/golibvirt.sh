#!/bin/bash
# SPDX-License-Identifier: MIT
# Builds the decoder of go-libvirt (Debian: golang-go golang-github-digitalocean-go-libvirt-dev) for
# `virwire check decoder`: golibvirt.sh PROGRAM. Status 77: it is not there.
set -eu
program=$(realpath "$1")
here=$(cd "$(dirname "$0")" && pwd)
path=/usr/share/gocode
package=github.com/digitalocean/go-libvirt
[ -d "$path/src/$package" ] || { echo "SKIP: golang-github-digitalocean-go-libvirt-dev is not there"; exit 77; }
command -v go >/dev/null || { echo "SKIP: golang-go is not there"; exit 77; }
dir=$(mktemp -d)
trap 'chmod -R u+w "$dir"; rm -rf "$dir"' EXIT

# Each struct by its name in small letters, which is that of the .x file without its dashes.
{
    printf 'package main\n\nimport libvirt "%s"\n\nvar types = map[string]func() interface{}{\n' "$package"
    sed -n 's/^type \([A-Z][A-Za-z0-9]*\(Args\|Ret\|Msg\)\) struct {$/\1/p' "$path/src/$package/remote_protocol.gen.go" |
        while read -r name; do
            printf '\t"%s": func() interface{} { return new(libvirt.%s) },\n' "${name,,}" "$name"
        done
    echo '}'
} >"$dir/types.go"
cat >"$dir/overlay.json" <<END
{"Replace": {
  "$path/src/$package/testee/main.go": "$here/golibvirt.go",
  "$path/src/$package/testee/types.go": "$dir/types.go"
}}
END
cd "$dir"
HOME=$dir GOCACHE=$dir/cache GOFLAGS='' GO111MODULE=off GOPATH=$path GOPROXY=off \
    go build -overlay "$dir/overlay.json" -o "$program" "$package/testee"
