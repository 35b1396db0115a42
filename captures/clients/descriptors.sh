# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# Descriptors that go with calls (P-1).
virsh -c "$1" "destroy test; start test --pass-fds 3,4; dom-fd-associate test --name disk --pass-fds 3" 3</dev/null 4</dev/zero
true
