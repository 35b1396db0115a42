#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""In namespaces of its own: asks one release of the clients about every vector. RELEASE-ROOT VECTORS.json -> a line of
JSON for each answer."""
import json
import os
import sys

from client import Client
from world import Listeners, Names, Pki, build_root, cover_daemons, loopback_up, mount


def main():
    release, vectors_path = sys.argv[1:3]
    with open(vectors_path, encoding='utf-8') as f:
        vectors = json.load(f)
    mount(None, '/', flags=0x44000)  # MS_REC | MS_PRIVATE
    mount('tmpfs', '/tmp', 'tmpfs')
    mount('proc', '/proc', 'proc')
    root = '/tmp/r'
    os.mkdir(root)
    loopback_up()
    build_root(release, root)
    cover_daemons(root)
    pki = Pki('/tmp/pki')
    pki.give(f'{root}/etc/pki/CA', f'{root}/etc/pki/libvirt', f'{root}/etc/pki/libvirt/private')
    pki.give(*[f'{root}/users/u/.pki/libvirt'] * 3)
    names, listeners = Names(), Listeners(pki)
    for port in (RELAY, 22, 16509, 16514):
        listeners.tcp(port)
    world = names, listeners, pki
    clients = {name: Client(root, '/usr/bin/' + name, world) for name in ('virsh', 'virt-admin')}
    for vector in vectors:
        answer = clients[vector.get('client', 'virsh')].ask(vector)
        print(json.dumps({'id': vector['id'], **answer}), flush=True)


RELAY = 7
if __name__ == '__main__':
    main()
