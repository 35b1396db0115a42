#!/bin/bash
# SPDX-License-Identifier: MIT
# Builds what is written over go-libvirt (Debian: golang-go golang-github-digitalocean-go-libvirt-dev): golibvirt.sh decoder
# PROGRAM for `virwire check decoder`, golibvirt.sh client PROGRAM for `virwire check client`. Status 77: it is not there.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
case $1 in
decoder) main=$here/golibvirt.go ;;
client) main=$here/golibvirt-client.go ;;
*)
    echo "golibvirt.sh: decoder or client, not $1" >&2
    exit 2
    ;;
esac
program=$(realpath "$2")
path=/usr/share/gocode
package=github.com/digitalocean/go-libvirt
[ -d "$path/src/$package" ] || { echo "SKIP: golang-github-digitalocean-go-libvirt-dev is not there"; exit 77; }
command -v go >/dev/null || { echo "SKIP: golang-go is not there"; exit 77; }
dir=$(mktemp -d)
trap 'chmod -R u+w "$dir"; rm -rf "$dir"' EXIT

types=
if [ "$1" = decoder ]; then
    # Each struct by its name in small letters, which is that of the .x file without its dashes.
    {
        printf 'package main\n\nimport libvirt "%s"\n\nvar types = map[string]func() interface{}{\n' "$package"
        sed -n 's/^type \([A-Z][A-Za-z0-9]*\(Args\|Ret\|Msg\)\) struct {$/\1/p' "$path/src/$package/remote_protocol.gen.go" |
            while read -r name; do
                printf '\t"%s": func() interface{} { return new(libvirt.%s) },\n' "${name,,}" "$name"
            done
        echo '}'
    } >"$dir/types.go"
    types="\"$path/src/$package/testee/types.go\": \"$dir/types.go\","
fi
cat >"$dir/overlay.json" <<END
{"Replace": {
  $types
  "$path/src/$package/testee/main.go": "$main"
}}
END
cd "$dir"
# Tests that build it one after another share what is compiled.
HOME=$dir GOCACHE=${VW_BUILD_ROOT:-$dir}/go-cache GOFLAGS='' GO111MODULE=off GOPATH=$path GOPROXY=off \
    go build -overlay "$dir/overlay.json" -o "$program" "$package/testee"
