# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# A command beside a real libvirtd that is private to it: own folder, sockets, port, configuration and
# log, loopback only, the test driver only. To be sourced by the scripts that know where the daemon is.

libvirtd_settings=() # more lines of libvirtd.conf
libvirtd_env=()      # NAME=VALUE in its environment
libvirtd_as=()       # what drops the rights of the daemon
libvirtd_dir=        # the private folder, as seen from here
libvirtd_inside=     # the same folder, as the daemon sees it
libvirtd_pid=
libvirtd_port=
libvirtd_address=127.0.0.1
libvirtd_tls=      # folder with cert.pem and key.pem, cacert.pem in its parent; empty: no TLS
libvirtd_tls_port=
libvirtd_sasl=     # where SASL's mechanisms are; empty: no SASL
libvirtd_mechanism=digest-md5
libvirtd_manager= # virtlockd or virtlogd in its place; empty: libvirtd
libvirtd_storage= # the storage driver, to be loaded beside the test driver; empty: none

# What scripts with these options say about them.
# shellcheck disable=SC2034
libvirtd_usage="  --tls DIR            listen on TLS too, with cert.pem and key.pem of DIR and cacert.pem (and cacrl.pem) of its parent
  --sasl               who comes over the socket or TCP logs in by SASL, digest-md5, as fred
                       with the password 'secret word'; 77 where that cannot be made
  --mechanism NAME     the same by another mechanism with a password, such as plain or scram-sha-256
  --set 'KEY = VALUE'  one more line of libvirtd.conf; may be repeated
  --env NAME=VALUE     a variable for the daemon, which gets none of ours; may be repeated
  --unprivileged       the daemon runs as nobody, so it can do no harm to the machine
  --manager NAME       virtlockd or virtlogd in place of libvirtd, as nobody; so is CMD then, which they
                       let in alone: {uri} and {admin-uri} are theirs, {socket} too, the others mean nothing
  --storage            it has the storage driver too, in a session of its own; implies --unprivileged;
                       77 when the driver is not installed

In CMD and its arguments these words are replaced:
  {uri}     URI of the driver test:///default over the socket
  {ro-uri}  the same over the read-only socket; empty when there is none (daemon not root)
  {tcp-uri} the same over TCP
  {tls-uri} the same over TLS, without pkipath; empty without a certificate
  {admin-uri} URI of its administration, which a daemon without rights does not have
  {socket}  path of the socket
  {port}    the TCP port on 127.0.0.1
  {log}     path of the log of the daemon
  {authfile} a file of credentials for --sasl
  {storage-uri} URI of the storage driver over the socket; empty without --storage
  {pool}    an empty folder that the daemon can write to"

libvirtd_stop() {
    [ -n "$libvirtd_pid" ] || return 0
    kill "$libvirtd_pid" 2>/dev/null
    for _ in {1..100}; do
        kill -0 "$libvirtd_pid" 2>/dev/null || break
        sleep 0.05
    done
    kill -KILL "$libvirtd_pid" 2>/dev/null
    wait "$libvirtd_pid" 2>/dev/null
    libvirtd_pid=
}

# shellcheck disable=SC2317
libvirtd_cleanup() {
    libvirtd_stop
    rm -rf "$libvirtd_dir"
}

# libvirtd_listening PORT: whether somebody listens there, without connecting, which libvirtd would log as
# an error.
libvirtd_listening() {
    grep -qsi ": [0-9A-F]*:$(printf %04X "$1") 0*:0000 0A" /proc/net/tcp /proc/net/tcp6
}

libvirtd_free_port() {
    local port
    while port=$((20000 + RANDOM % 12000)) && libvirtd_listening "$port"; do :; done
    echo "$port"
}

# The socket in the private folder.
libvirtd_socket() {
    echo "$libvirtd_dir/${libvirtd_manager:+run/libvirt/}${libvirtd_manager:-libvirt}$1-sock"
}

# The socket for its administration: libvirtd without rights has none where it is told where its sockets are.
libvirtd_has_admin() {
    [ -n "$libvirtd_manager" ] || { [ ${#libvirtd_as[@]} -eq 0 ] && [ "$(id -u)" -eq 0 ]; }
}

libvirtd_up() {
    [ -S "$(libvirtd_socket '')" ] && { ! libvirtd_has_admin || [ -S "$(libvirtd_socket -admin)" ]; } || return 1
    [ -z "$libvirtd_manager" ] || return 0
    libvirtd_listening "$libvirtd_port" || return 1
    [ -z "$libvirtd_tls" ] || libvirtd_listening "$libvirtd_tls_port"
}

# Of two lines with the same key libvirtd takes the first.
libvirtd_write_config() {
    [ ${#libvirtd_settings[@]} -eq 0 ] || printf '%s\n' "${libvirtd_settings[@]}"
    [ -z "$libvirtd_manager" ] || { echo "log_outputs = \"3:file:$libvirtd_inside/log\"" && return; }
    [ -z "$libvirtd_sasl" ] || printf '%s\n' 'auth_unix_rw = "sasl"' 'auth_tcp = "sasl"'
    cat <<END
unix_sock_dir = "$libvirtd_inside"
listen_tls = $([ -z "$libvirtd_tls" ] && echo 0 || echo 1)
listen_tcp = 1
listen_addr = "$libvirtd_address"
tcp_port = "$libvirtd_port"
auth_unix_ro = "none"
auth_unix_rw = "none"
auth_tcp = "none"
max_anonymous_clients = 1000
log_outputs = "3:file:$libvirtd_inside/log"
END
    # The daemon checks its own certificate too, and would not start with a bad one.
    [ -z "$libvirtd_tls" ] || cat <<END
tls_port = "$libvirtd_tls_port"
ca_file = "$libvirtd_inside/tls/cacert.pem"
cert_file = "$libvirtd_inside/tls/cert.pem"
key_file = "$libvirtd_inside/tls/key.pem"
tls_no_sanity_certificate = 1
END
    [ ! -e "$libvirtd_dir/tls/cacrl.pem" ] || echo "crl_file = \"$libvirtd_inside/tls/cacrl.pem\""
}

# libvirtd_use_tls DIR: false when there is no certificate there.
libvirtd_use_tls() {
    libvirtd_tls=${1%/}
    [ -r "$libvirtd_tls/cert.pem" ]
}

# libvirtd_find_sasl ROOT: for --sasl, whether a daemon below ROOT has what it needs, and we what makes a user.
libvirtd_find_sasl() {
    PATH=$PATH:/usr/sbin command -v saslpasswd2 >/dev/null || {
        echo "there is no saslpasswd2 (Debian: sasl2-bin)"
        return 1
    }
    local module=${libvirtd_mechanism//-/}
    [[ $module != scram* ]] || module=scram
    libvirtd_sasl=$(find "$1"/usr/lib* -path "*sasl2/lib$module.so" -print -quit 2>/dev/null)
    [ -n "$libvirtd_sasl" ] || {
        echo "SASL has no $module in ${1:-/} (Debian: libsasl2-modules)"
        return 1
    }
}

libvirtd_write_sasl() {
    mkdir -p "$libvirtd_dir/sasl" &&
        printf 'mech_list: %s\nsasldb_path: %s/sasl/users\n' "$libvirtd_mechanism" "$libvirtd_inside" >"$libvirtd_dir/sasl/libvirt.conf" &&
        printf 'secret word' | PATH=$PATH:/usr/sbin saslpasswd2 -p -f "$libvirtd_dir/sasl/users" -a libvirt -c fred &&
        printf '[auth-libvirt-default]\ncredentials=a\n[credentials-a]\nauthname=fred\npassword=secret word\n' \
            >"$libvirtd_dir/auth.conf" &&
        chmod -R a+rX "$libvirtd_dir/sasl" "$libvirtd_dir/auth.conf"
}

# For --unprivileged. Who is not root has nothing to drop. 65534 is nobody.
libvirtd_drop_rights() {
    [ "$(id -u)" -ne 0 ] || libvirtd_as=(setpriv --reuid=65534 --regid=65534 --clear-groups)
}

# libvirtd_use_manager NAME: false when it is none.
libvirtd_use_manager() {
    libvirtd_manager=$1
    libvirtd_drop_rights
    [ "$1" = virtlockd ] || [ "$1" = virtlogd ]
}

# libvirtd_find_storage: looks for the storage driver.
libvirtd_find_storage() {
    local driver
    for driver in /usr/lib/*/libvirt/connection-driver/libvirt_driver_storage.so \
        /usr/lib*/libvirt/connection-driver/libvirt_driver_storage.so; do
        [ ! -r "$driver" ] || libvirtd_storage=$driver
    done
    [ -n "$libvirtd_storage" ]
}

# libvirtd_start LAUNCH: 0 when it listens. The drivers of real hypervisors stay out: their folder does not
# exist, or holds that of storage alone; the test driver is built in. The port may be taken between the look and the use, so a daemon
# that does not start leaves time for another.
libvirtd_start() {
    local inside=$libvirtd_inside program=(libvirtd --listen)
    [ -z "$libvirtd_manager" ] || program=("$libvirtd_manager")
    libvirtd_port=$(libvirtd_free_port)
    libvirtd_tls_port=$(libvirtd_free_port)
    # Copies, so that a daemon without rights can read them.
    [ -z "$libvirtd_tls" ] || { mkdir -p "$libvirtd_dir/tls" &&
        cp "${libvirtd_tls%/*}"/cac*.pem "$libvirtd_tls/cert.pem" "$libvirtd_tls/key.pem" \
            "$libvirtd_dir/tls"; } || return 1
    libvirtd_write_config >"$libvirtd_dir/libvirtd.conf"
    [ -z "$libvirtd_sasl" ] || libvirtd_write_sasl || return 1
    [ ${#libvirtd_as[@]} -eq 0 ] || chown -R 65534:65534 "$libvirtd_dir" || return 1
    "$1" "$libvirtd_dir" "$inside" \
        env -i PATH="$PATH:/usr/sbin:/sbin" HOME="$inside/home" XDG_RUNTIME_DIR="$inside/run" \
        XDG_CONFIG_HOME="$inside/home" XDG_CACHE_HOME="$inside/home" LIBVIRT_DRIVER_DIR="$inside/drivers" \
        ${libvirtd_sasl:+SASL_CONF_PATH="$inside/sasl"} "${libvirtd_env[@]}" \
        "${libvirtd_as[@]}" "${program[@]}" --config "$inside/libvirtd.conf" --pid-file "$inside/pid" \
        >"$libvirtd_dir/out" 2>&1 </dev/null &
    libvirtd_pid=$!
    for _ in {1..400}; do
        kill -0 "$libvirtd_pid" 2>/dev/null || return 1
        libvirtd_up && return 0
        sleep 0.05
    done
    return 1
}

# libvirtd_beside LAUNCH INSIDE CMD [ARG...]: starts the daemon, runs CMD, ends the daemon and the script with
# the status of CMD. LAUNCH DIR INSIDE PROGRAM [ARG...] is a command that becomes (exec) PROGRAM where
# the daemon is, with DIR seen as INSIDE there; INSIDE empty: as DIR.
libvirtd_beside() {
    local launch=$1 socket uri as=() ro_uri='' tls_uri='' storage_uri='' host arg status args=()
    libvirtd_dir=$(mktemp -d "${TMPDIR:-/tmp}/vw-libvirtd.XXXXXX") || exit 3
    libvirtd_inside=${2:-$libvirtd_dir}
    shift 2
    trap libvirtd_cleanup EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
    mkdir -p "$libvirtd_dir/home" "$libvirtd_dir/pool" && mkdir -m 700 "$libvirtd_dir/run" || exit 3
    [ -z "$libvirtd_storage" ] ||
        { mkdir "$libvirtd_dir/drivers" && ln -s "$libvirtd_storage" "$libvirtd_dir/drivers/"; } || exit 3
    for _ in 1 2 3; do
        libvirtd_start "$launch" && break
        libvirtd_stop
    done
    if [ -z "$libvirtd_pid" ]; then
        cat "$libvirtd_dir/out" "$libvirtd_dir/log" 2>/dev/null
        echo "libvirtd did not start"
        exit 5
    fi >&2

    [ -z "$libvirtd_manager" ] || as=("${libvirtd_as[@]}")
    socket=$(libvirtd_socket '')
    uri="test+unix:///default?socket=$socket"
    [ ! -S "$socket-ro" ] || ro_uri=$uri-ro
    [ -z "$libvirtd_storage" ] || storage_uri="storage+unix:///session?socket=$socket"
    host=$libvirtd_address
    [[ $host != *:* ]] || host=[$host]
    [ -z "$libvirtd_tls" ] || tls_uri="test+tls://$host:$libvirtd_tls_port/default"
    for arg; do
        arg=${arg//'{uri}'/"$uri"}
        arg=${arg//'{ro-uri}'/"$ro_uri"}
        arg=${arg//'{tcp-uri}'/"test+tcp://$host:$libvirtd_port/default"}
        arg=${arg//'{tls-uri}'/"$tls_uri"}
        arg=${arg//'{storage-uri}'/"$storage_uri"}
        arg=${arg//'{admin-uri}'/"libvirtd:///system?socket=$(libvirtd_socket -admin)"}
        arg=${arg//'{pool}'/"$libvirtd_dir/pool"}
        arg=${arg//'{authfile}'/"$libvirtd_dir/auth.conf"}
        arg=${arg//'{socket}'/"$socket"}
        arg=${arg//'{port}'/"$libvirtd_port"}
        args+=("${arg//'{log}'/"$libvirtd_dir/log"}")
    done
    "${as[@]}" "${args[@]}"
    status=$?
    if ! kill -0 "$libvirtd_pid" 2>/dev/null; then
        echo "libvirtd ended on its own while the command ran" >&2
        exit 5
    fi
    exit $status
}
