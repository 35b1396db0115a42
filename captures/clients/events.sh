#!/bin/bash
# SPDX-License-Identifier: MIT
virsh -c "$1" event --all --loop --timeout 4 >/dev/null &
virsh -c "$1" net-event --event lifecycle --loop --timeout 4 >/dev/null &
virsh -c "$1" pool-event --event lifecycle --loop --timeout 4 >/dev/null &
virsh -c "$1" pool-event --event refresh --loop --timeout 4 >/dev/null &
virsh -c "$1" nodedev-event --event lifecycle --loop --timeout 4 >/dev/null &
virsh -c "$1" secret-event --event lifecycle --loop --timeout 4 >/dev/null &
sleep 1
virsh -c "$1" "suspend test; resume test; destroy test; start test; setmem test 1000000; desc test --title new; metadata test urn:e --key k --set <a/>; net-destroy default; net-start default; pool-destroy default-pool; pool-start default-pool; pool-refresh default-pool; snapshot-create-as test one; snapshot-delete test one; managedsave test; start test"
wait
