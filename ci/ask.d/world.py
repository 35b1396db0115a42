# SPDX-License-Identifier: MIT
"""The world that a client is put into to be asked: a root of its own with the client's release in it, a name server
that knows every host, listeners that say hello and read the name in OPEN, and programs that record nothing themselves
but pass on what they are told to a listener. All of it stands in namespaces that end with the program.
"""
import ctypes
import fcntl
import os
import shutil
import socket
import ssl
import struct
import subprocess
import threading

RELAY_PORT = 7  # where the programs of the world talk to
AUTH_LIST, CONNECT_OPEN, SUPPORTS_FEATURE, ADMIN_PROGRAM = 66, 1, 60, 0x06900690
HELD_DIRS = ('usr', 'bin', 'sbin', 'lib', 'lib64', 'lib32', 'libx32')
# stdin of a background process of a shell is /dev/null unless it is said.
RELAY = b"""#!/bin/bash
exec 3<>/dev/tcp/127.0.0.1/7
cat <&0 >&3 &
cat <&3
kill $!
"""


def mount(source, target, kind=None, flags=0):
    libc = ctypes.CDLL(None, use_errno=True)
    encode = lambda s: s.encode() if s else None
    if libc.mount(encode(source), encode(target), encode(kind), flags, None):
        raise OSError(ctypes.get_errno(), f'mount {target}')


def loopback_up():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        request = struct.pack('16sh22x', b'lo', 1)  # IFF_UP
        fcntl.ioctl(s, 0x8914, request)  # SIOCSIFFLAGS


class Names:
    """A name server: every name is an address of 127.1.0.0/16, the same each time."""

    def __init__(self):
        self.by_address = {}
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(('127.0.0.1', 53))
        threading.Thread(target=self.serve, daemon=True).start()

    def address(self, name):
        for address, known in self.by_address.items():
            if known == name:
                return address
        n = len(self.by_address) + 1
        address = f'127.1.{n >> 8}.{n & 255}'
        self.by_address[address] = name
        return address

    def serve(self):
        while True:
            query, peer = self.socket.recvfrom(4096)
            labels, at = [], 12
            while query[at]:
                labels.append(query[at + 1:at + 1 + query[at]].decode('latin-1'))
                at += 1 + query[at]
            question = query[12:at + 5]
            answer = b''
            if question[-4:-2] == b'\0\1':
                address = self.address('.'.join(labels))
                answer = b'\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4' + socket.inet_aton(address)
            header = query[:2] + b'\x81\x80\0\1' + struct.pack('>H', bool(answer)) + bytes(4)
            self.socket.sendto(header + question + answer, peer)


class Listeners:
    """Speak TLS, SSH or the protocol itself, as the client begins; `heard` is what the clients said."""

    def __init__(self, pki):
        self.pki = pki
        self.stranger = False  # show a certificate that nobody trusts
        self.tls_name = 'localhost'
        self.heard = []
        self.open = {}

    def tcp(self, port):
        if port not in self.open:
            s = socket.create_server(('::', port), family=socket.AF_INET6, dualstack_ipv6=True)
            self.start(port, s)

    def unix(self, root, path):
        if path in self.open:
            return
        s = socket.socket(socket.AF_UNIX)
        if path.startswith('@'):
            s.bind((b'\0' + path[1:].encode()).ljust(108, b'\0'))  # clients have the NULs in the name
        else:
            os.makedirs(root + os.path.dirname(path), exist_ok=True)
            here = os.getcwd()
            os.chdir(root)  # a path in the root may be as long as one can be
            s.bind(path.lstrip('/'))
            os.chmod(path.lstrip('/'), 0o777)
            os.chdir(here)
        s.listen()
        self.start(path, s)

    def start(self, key, s):
        self.open[key] = s
        threading.Thread(target=self.accept, args=(s,), daemon=True).start()

    def close_unix(self, root):
        for key in [k for k in self.open if isinstance(k, str)]:
            self.open.pop(key).close()
            if not key.startswith('@'):
                os.unlink(root + key)

    def accept(self, s):
        while True:
            try:
                peer = s.accept()[0]
            except OSError:
                return
            threading.Thread(target=self.serve, args=(peer,), daemon=True).start()

    def serve(self, peer):
        peer.settimeout(5)
        try:
            first = peer.recv(1, socket.MSG_PEEK)
            if first == b'S':
                self.heard.append({'ssh': True})
            elif first == b'\x16':
                self.serve_tls(peer)
            elif first:
                self.converse(peer)
        except (OSError, struct.error):
            pass
        finally:
            peer.close()

    def serve_tls(self, peer):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*self.pki.server('stranger' if self.stranger else self.tls_name))
        context.num_tickets = 0  # a client that has read one would find nothing behind it
        self.heard.append({'tls': True})
        with context.wrap_socket(peer, server_side=True) as secure:
            secure.sendall(b'\1')
            self.converse(secure)

    def converse(self, peer):
        def take(n):
            data = b''
            while len(data) < n:
                more = peer.recv(n - len(data))
                if not more:
                    raise OSError('the end')
                data += more
            return data

        while True:
            length, = struct.unpack('>I', take(4))
            body = take(length - 4)
            program, version, procedure, _, serial, _ = struct.unpack('>6I', body[:24])
            if procedure == CONNECT_OPEN:
                self.heard.append(open_said(program, body[24:]))
                return
            result = {AUTH_LIST: struct.pack('>II', 1, 0), SUPPORTS_FEATURE: bytes(4)}.get(procedure, b'')
            header = struct.pack('>7I', 28 + len(result), program, version, procedure, 1, serial, 0)
            peer.sendall(header + result)


def open_said(program, body):
    if program == ADMIN_PROGRAM:
        return {'admin': True}
    there, = struct.unpack('>I', body[:4])
    if not there:
        return {'name': None, 'flags': struct.unpack('>I', body[4:8])[0]}
    n, = struct.unpack('>I', body[4:8])
    name = body[8:8 + n].decode('utf-8', 'backslashreplace')
    return {'name': name, 'flags': struct.unpack('>I', body[-4:])[0]}


class Pki:
    """One CA that the clients trust, a certificate for each host as it is asked for, and a stranger's."""

    def __init__(self, folder):
        self.folder = folder
        os.makedirs(folder, exist_ok=True)
        for name in ('ca', 'other'):
            self.tool('--generate-privkey', '--key-type=ecdsa', '--outfile', self.path(name + '-key'))
            self.made(name, ['ca', 'cert_signing_key', f'cn = {name}'], ['--generate-self-signed'], name)
        self.tool('--generate-privkey', '--key-type=rsa', '--bits=2048', '--outfile', self.path('key'))
        self.made('client', ['cn = client', 'tls_www_client', 'signing_key', 'encryption_key'], *self.signed('ca'))
        self.made('stranger', ['cn = stranger', 'dns_name = localhost', 'tls_www_server', 'signing_key',
                               'encryption_key'], *self.signed('other'))

    def path(self, name):
        return f'{self.folder}/{name}.pem'

    def signed(self, by):
        return (['--generate-certificate', '--load-ca-certificate', self.path(by), '--load-ca-privkey',
                 self.path(by + '-key')], None)

    def tool(self, *args):
        subprocess.run(['certtool', *args], check=True, stdin=subprocess.DEVNULL, capture_output=True)

    def made(self, name, lines, how, key):
        template = self.path(name) + '.info'
        with open(template, 'w', encoding='utf-8') as f:
            f.write('\n'.join(lines + ['expiration_days = 20', '']))
        key = self.path((key + '-key') if key else 'key')
        self.tool(*how, '--load-privkey', key, '--template', template, '--outfile', self.path(name))

    def server(self, host):
        name = host if host == 'stranger' else 'host-' + host.encode().hex()[:100]
        if not os.path.exists(self.path(name)):
            names = ['localhost'] if host in ('localhost', '127.0.0.1', '::1') else [host.split('%')[0]]
            lines = ['cn = host', 'tls_www_server', 'signing_key', 'encryption_key']
            lines += [f'ip_address = {n}' if ':' in n or n.replace('.', '').isdigit() else f'dns_name = {n}'
                      for n in names]
            if names == ['localhost']:
                lines += ['ip_address = 127.0.0.1', 'ip_address = ::1']
            self.made(name, lines, *self.signed('ca'))
        return self.path(name), self.path('key')

    def give(self, ca_folder, cert_folder, key_folder):
        for folder in (ca_folder, cert_folder, key_folder):
            os.makedirs(folder, exist_ok=True)
        shutil.copy(self.path('ca'), ca_folder + '/cacert.pem')
        shutil.copy(self.path('client'), cert_folder + '/clientcert.pem')
        shutil.copy(self.path('key'), key_folder + '/clientkey.pem')
        os.chmod(key_folder + '/clientkey.pem', 0o644)


def build_root(release, root):
    """The release's programs below ROOT, on a file system of its own where everything else can be made."""
    mount('tmpfs', root, 'tmpfs')
    os.chmod(root, 0o755)
    for name in HELD_DIRS:
        source = os.path.join(release, name)
        if os.path.islink(source):
            os.symlink(os.readlink(source), f'{root}/{name}')
        elif os.path.isdir(source):
            os.mkdir(f'{root}/{name}')
            mount(source, f'{root}/{name}', flags=4096)  # MS_BIND
    for name in ('etc', 'proc', 'dev', 'var/run', 'run/user/1000', 'tmp', 'users/u', 'users/admin', 'rec'):
        os.makedirs(f'{root}/{name}')
    os.chmod(f'{root}/tmp', 0o1777)
    for name in ('run/user/1000', 'users/u'):
        os.chown(f'{root}/{name}', 1000, 1000)
    mount('proc', f'{root}/proc', 'proc')
    mount('/dev', f'{root}/dev', flags=4096)
    for name in ('ld.so.cache', 'ld.so.conf'):
        if os.path.exists(f'{release}/etc/{name}'):
            shutil.copy(f'{release}/etc/{name}', f'{root}/etc/{name}')
    for name, text in {
            'passwd': 'root:x:0:0::/users/admin:/bin/bash\nu:x:1000:1000::/users/u:/bin/bash\n',
            'group': 'root:x:0:\nu:x:1000:\n',
            'nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files dns\n',
            'hosts': '127.0.0.1 localhost\n::1 localhost\n',
            'resolv.conf': 'nameserver 127.0.0.1\noptions timeout:2 attempts:1\n'}.items():
        with open(f'{root}/etc/{name}', 'w', encoding='utf-8') as f:
            f.write(text)


def put_program(root, path):
    """A program of the world at PATH, in a list; an empty one where none can be."""
    full = root + path
    if os.path.isdir(full) and not os.listdir(full):
        os.rmdir(full)
    try:
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, 'xb') as f:
            f.write(RELAY)
        os.chmod(full, 0o755)
    except OSError:
        return []
    return [full]


def cover_daemons(root):
    """Where a client would start a daemon of its own, the program of the world stands."""
    put_program(root, '/rec/.daemon')
    for folder in ('usr/sbin', 'usr/bin'):
        for name in os.listdir(f'{root}/{folder}'):
            if name == 'libvirtd' or name.startswith('virt') and name.endswith('d'):
                mount(f'{root}/rec/.daemon', f'{root}/{folder}/{name}', flags=4096)
