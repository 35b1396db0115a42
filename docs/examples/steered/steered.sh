#!/bin/bash
# SPDX-License-Identifier: MIT
# A test of a program that uses libvirt, here virsh: started, steered, asserted. virwired ends with the status of the test,
# and with 1 when the program broke a clause of the protocol.
set -eu
dir=$(mktemp -d)
trap 'rm -r "$dir"' EXIT
printf 'rules:\n  - on: {procedure: domain_destroy*}\n    error: {code: 38, domain: 7, message: the disk is full}\n' >"$dir/full"
export dir
virwired --listen "unix://$dir/s" --control "$dir/control" --strict --run '
    set -e
    steer() { virwire control "$VIRWIRED_CONTROL" "$@" >"$dir/answer"; }
    virsh -q -c {uri} shutdown test >"$dir/said"
    steer connections
    grep -q "\"domain_shutdown\":1" "$dir/answer"
    steer rules "$dir/full"
    ! virsh -q -c {uri} destroy test 2>"$dir/said" && grep -q "the disk is full" "$dir/said"'
