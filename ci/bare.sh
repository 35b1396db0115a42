# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# New roots of this machine's release of Debian that have git and apt and nothing more: no /etc/hosts, no /run, no users, no
# programs of ours. To be sourced behind ci/packages.sh, at the top of the tree.

# bare_needs NAME: ends the script NAME with 77 where this machine cannot make such a root.
bare_needs() {
    local why=
    # shellcheck disable=SC1091
    suite=$(. /etc/os-release && echo "${VERSION_CODENAME-}")
    if [ "$(id -u)" -ne 0 ]; then
        why='only root can make a root and enter it'
    elif ! unshare --mount --pid --fork true 2>/dev/null; then
        why='namespaces of its own are not allowed here'
    elif [ -z "$suite" ]; then
        why="this machine's release has no name"
    else
        install_missing debootstrap || exit 3
        # shellcheck disable=SC2016
        mirror=$(apt-get indextargets --format '$(ORIGIN) $(CODENAME) $(REPO_URI)' 'Created-By: Packages' 2>/dev/null |
            awk '$1 == "Debian" && $2 !~ /-/ { print $3; exit }')
        [ -n "$mirror" ] || why='apt knows no mirror of Debian here'
    fi
    [ -z "$why" ] || { echo "$1: $why"; exit 77; }
}

bare_pid="" bare_root="" bare_keep=""
# shellcheck disable=SC2317
bare_cleanup() {
    # SIGKILL takes the namespace of processes and all in it along, and with the last of them the mounts.
    [ -z "$bare_pid" ] || { kill -KILL "$bare_pid" 2>/dev/null; wait "$bare_pid" 2>/dev/null; }
    [ -n "$bare_keep" ] || rm -rf "$bare_root"
}

# bare_run NAME SCRIPT ARG...: makes the root build-bare/NAME and runs SCRIPT with the ARGs beside it, where `inside COMMAND...`
# runs one in there and "$root" is its folder. Without bare_keep it is gone afterwards.
bare_run() {
    local steps status
    bare_root=$PWD/build-bare/$1
    mkdir -p build-bare || exit 3
    rm -rf "$bare_root"
    trap bare_cleanup EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
    # A root that is a mount of its own, so that unshare works in there as on a machine.
    # shellcheck disable=SC2016
    steps='
        set -e
        suite=$1 root=$2 mirror=$3
        shift 3
        debootstrap --variant=minbase "$suite" "$root" "$mirror"
        apt-config dump Acquire::http >"$root/etc/apt/apt.conf.d/90machine"
        mount --bind "$root" "$root"
        mount -t proc proc "$root/proc"
        mount --rbind /dev "$root/dev"
        inside() {
            (cd "$root" && env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root DEBIAN_FRONTEND=noninteractive chroot "$root" "$@")
        }
        inside apt-get -q update
    '$2
    shift 2
    LC_ALL=C unshare --mount --pid --fork --kill-child bash -c "$steps" bash "$suite" "$bare_root" "$mirror" "$@" </dev/null &
    bare_pid=$!
    wait "$bare_pid"
    status=$?
    bare_pid=
    return $status
}
