# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Debian packages that the scripts need, and how the missing ones get installed. To be sourced.

# shellcheck disable=SC2034
packages_build=(
    gcc libc6-dev meson ninja-build pkg-config
    libev-dev libfyaml-dev libgnutls28-dev libjson-c-dev libsasl2-dev libssh-dev nettle-dev
    liburiparser-dev libxml2-dev
)
# shellcheck disable=SC2034
packages_test=(
    ccache g++ git python3 python3-clang-14 python3-jsonschema libcmocka-dev libtirpc-dev rpcsvc-proto valgrind
    golang-go golang-github-digitalocean-go-libvirt-dev
    clang-14 clang-format-14 clang-tidy-14 cppcheck shellcheck libclang-rt-14-dev llvm-14 afl++ zip unzip
    gnutls-bin libvirt-daemon libvirt-clients python3-libvirt python3-pytest libsasl2-modules libsasl2-modules-gssapi-mit sasl2-bin
    krb5-user netcat-openbsd openssh-client tshark libvirt-wireshark zsh
    chromium-headless-shell
)
# Installing these would start them where systemd runs; there the tests that need them are skipped instead.
[ -d /run/systemd/system ] || packages_test+=(
    openssh-server krb5-admin-server krb5-kdc dbus-bin dbus-daemon polkitd)

# install_missing PACKAGE...: says what is missing and installs it, as root or through sudo. Does not touch
# the network, or need any rights, when everything is there.
install_missing() {
    local missing=() p as_root=()
    if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
        echo "No apt here: assuming that these, or what your system calls them, are installed: $*"
        return 0
    fi
    for p; do
        [ "$(dpkg-query -W -f '${db:Status-Status}' "$p" 2>/dev/null)" = installed ] || missing+=("$p")
    done
    [ ${#missing[@]} -gt 0 ] || return 0

    echo "Installing: ${missing[*]}"
    if [ "$(id -u)" -ne 0 ]; then
        if ! command -v sudo >/dev/null; then
            echo "These packages are missing, and there is neither root nor sudo to install them: ${missing[*]}" >&2
            echo "Have an administrator run: apt-get install ${missing[*]}" >&2
            return 1
        fi
        as_root=(sudo)
    fi
    if ! "${as_root[@]}" apt-get -q update >/dev/null ||
        ! "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 \
            apt-get -q install --yes --no-install-recommends "${missing[@]}" >/dev/null; then
        echo "apt-get could not install: ${missing[*]}" >&2
        return 1
    fi
}
