#!/bin/bash
# SPDX-License-Identifier: MIT
virsh -k 1 -K 3 -c "$1" event lifecycle --loop --timeout 4
