#!/bin/bash
# SPDX-License-Identifier: MIT
timeout -s KILL 1 virsh -c "$1" event lifecycle --loop
virsh -c "$1" "list; quit"
virsh -c "${1%default*}nobody${1#*default}" list
