# SPDX-License-Identifier: MIT
"""One question to a client: it is run under strace with a URI, and what it did is told as an answer."""
import glob
import os
import re
import subprocess
import tempfile
from urllib.parse import unquote_to_bytes

import far
from answers import netcats
from world import RELAY_PORT, put_program

CALL = re.compile(r'^(\w+)\((.*)\)\s+= (-?\d+)(?: (\w+))?')
HEX = re.compile(r'((?:\\x[0-9a-f]{2})+)')
IGNORED_SOCKETS = ('/var/run/nscd/', '/run/nscd/', '/run/systemd/', '/dev/log')
DAEMONS = re.compile(r'/(libvirtd|virt\w+d)$')


def unhex(text):
    return HEX.sub(lambda m: bytes.fromhex(m[1].replace('\\x', '')).decode('utf-8', 'backslashreplace'), text)


def words(text):
    return [unhex(w) for w in re.findall(r'"((?:\\x[0-9a-f]{2})*)"', text)]


def calls_of(prefix):
    """(name, arguments, result, error) of every call, threads one after the other in the order of their birth."""
    for path in sorted(glob.glob(prefix + '.*'), key=lambda p: int(p.rsplit('.', 1)[1])):
        with open(path, encoding='latin-1') as f:
            for line in f:
                m = CALL.match(line)
                if m:
                    yield m[1], m[2], int(m[3]), m[4]


class Seen:
    """What the calls say."""

    def __init__(self, prefix, client):
        self.unix, self.tcp, self.runs, self.files, self.daemons = [], [], [], [], []
        started = False
        for name, args, result, error in calls_of(prefix):
            if name == 'execve':
                program, argv = words(args.split(', [')[0])[0], words(args.split(', [')[1])
                if program == client:
                    started = True
                elif started and result == 0:
                    self.ran(program, argv)
            elif started and name == 'connect':
                self.connected(args, error)
            elif started and result >= 0 and unhex(args).find('.pem"') > 0:
                self.files.append(words(args)[0])

    def ran(self, program, argv):
        if DAEMONS.search(program):
            self.daemons.append(program)
        elif not program.startswith(('/usr/', '/bin/', '/sbin/')):
            self.runs.append(argv)

    def connected(self, args, error):
        if 'AF_UNIX' in args:
            path = ('@' if 'sun_path=@' in args else '') + (words(args) or [''])[0]
            path = path.rstrip('\0') if path.strip('@\0') else ''  # an abstract name has NULs behind it
            if not path.startswith(IGNORED_SOCKETS):
                self.unix.append((path, error))
        elif '<TCP' in args and 'sin' in args:
            port = int(re.search(r'sin6?_port=htons\((\d+)\)', args)[1])
            address = '%'.join(words(args))  # and its scope, if it has one
            if port != RELAY_PORT:
                self.tcp.append((address, port, error))


class Client:
    def __init__(self, root, program, world):
        self.root, self.program, self.world = root, program, world
        self.names, self.listeners, self.pki = world
        self.placed = []

    def run(self, vector):
        options = vector.get('options', {})
        uid = options.get('uid', 0)
        with tempfile.TemporaryDirectory(prefix='vw-ask.') as folder:
            log = f'{self.root}/tmp/log'
            if os.path.exists(log):
                os.unlink(log)
            env = ['PATH=/rec:/usr/sbin:/usr/bin:/sbin:/bin', 'HOME=' + options.get('home', '/users/admin' if not uid else ''),
                   'LC_ALL=C', 'LIBVIRT_LOG_OUTPUTS=1:file:/tmp/log', 'LIBVIRT_LOG_FILTERS=1:libvirt 1:remote']
            if 'runtime_dir' in options:
                env.append('XDG_RUNTIME_DIR=' + options['runtime_dir'])
            self.listeners.heard.clear()
            command = ['strace', '-ff', '-yy', '-xx', '-v', '-s', '131072', '-o', folder + '/t', '-e',
                       'trace=execve,connect,openat', 'chroot', f'--userspec={uid}:{uid}', self.root,
                       '/usr/bin/env', '-i', *env, self.program,
                       *(['-r'] if options.get('read_only') else []), '-c', vector['uri'], 'uri']
            try:
                p = subprocess.run([os.fsencode(w) for w in command], stdin=subprocess.DEVNULL, timeout=20,
                                   capture_output=True, check=False)
                status, says = p.returncode, p.stderr.decode('utf-8', 'replace')
            except subprocess.TimeoutExpired:
                status, says = None, 'error: it did not end'
            except ValueError as e:  # a NUL, which no argument can hold
                return None, 1, f'error: {e}', ''
            driver = ''
            if os.path.exists(log):
                with open(log, encoding='utf-8', errors='replace') as f:
                    driver = ' '.join(re.findall(r'driver \d+ (\w+) returned (?:SUCCESS|ERROR)', f.read()))
            return Seen(folder + '/t', self.program), status, says, driver

    def provide(self, seen):
        """Whether something was missing that is there now."""
        before = len(self.listeners.open)
        for path, error in seen.unix:
            if error in ('ENOENT', 'ECONNREFUSED') and (path.startswith(('/', '@'))):
                try:
                    self.listeners.unix(self.root, path)
                except OSError:
                    pass
        for _, port, error in seen.tcp:
            if error in ('ECONNREFUSED', 'EINPROGRESS', None) and port:
                self.listeners.tcp(port)
        return len(self.listeners.open) > before

    def place(self, vector):
        """Programs and certificates where the URI names some; whoever reads them otherwise does not find them."""
        uri = vector['uri']
        for name, value in re.findall(r'[?&;](\w+)=([^&;#]*)', uri):
            path = os.fsdecode(unquote_to_bytes(value)).split('\0')[0]
            if name.lower() == 'command' and path:
                self.placed += put_program(self.root, path if path.startswith('/') else '/rec/' + path)
            if name.lower() == 'pkipath' and path.startswith('/'):
                self.pki.give(*[self.root + path] * 3)

    def ask(self, vector):
        for path in self.placed:
            os.unlink(path)
        self.placed = put_program(self.root, '/rec/ssh')
        self.place(vector)
        self.listeners.stranger = False
        self.listeners.tls_name = 'localhost'
        for _ in range(3):
            seen, status, says, driver = self.run(vector)
            if not seen or not self.provide(seen):
                break
        heard = list(self.listeners.heard)
        answer = self.answer(vector['uri'], seen, status, says, driver, heard)
        if answer.get('does') == 'tls':
            self.listeners.tls_name = answer['host']
            self.run(vector)
            answer.update(self.name(self.listeners.heard))
            self.listeners.stranger = True
            self.run(vector)
            if 'name' in answer:
                answer['verifies'] = not any('name' in h for h in self.listeners.heard)
        self.listeners.close_unix(self.root)
        return answer

    def host(self, address):
        if address in ('127.0.0.1', '::1'):
            return 'localhost'
        return self.names.by_address.get(address, address)

    @staticmethod
    def name(heard):
        for h in heard:
            if 'name' in h:
                return {'name': h['name'], 'read_only': bool(h['flags'] & 1)}
            if 'admin' in h:
                return {'admin': True}
        return {}

    def answer(self, uri, seen, status, says, driver, heard):
        reason = next((line[7:] for line in says.splitlines()
                       if line.startswith('error: ') and 'failed to connect' not in line), '')
        reason = reason.replace(self.root, '')
        if not seen:
            return {'does': 'refuse', 'says': reason}
        if driver and driver.split()[-1] != 'remote' or "built without the '" in reason:
            return {'does': 'inside', 'driver': driver.split()[-1] if driver else re.search(r"'(\w+)'", reason)[1]}
        if seen.runs:
            argv, calls = far.split(seen.runs[0], netcats(uri))
            return {'does': 'run', 'argv': argv, **({'far': calls} if calls else {}), **self.name(heard)}
        if seen.unix:
            return {'does': 'unix', 'socket': seen.unix[0][0], **self.name(heard)}
        if seen.tcp:
            address, port, _ = seen.tcp[0]
            answer = {'does': 'tcp', 'host': self.host(address), 'port': port}
            if any('ssh' in h for h in heard):
                answer['does'] = 'libssh'
            if any('tls' in h for h in heard):
                answer['does'] = 'tls'
                answer['files'] = sorted(set(seen.files))
            return {**answer, **self.name(heard)}
        unresolved = re.search(r"Unable to resolve address '(.*)' service '(\d+)'", says)
        if unresolved:
            return {'does': 'tcp', 'host': unresolved[1], 'port': int(unresolved[2])}
        if seen.daemons:
            return {'does': 'start', 'program': os.path.basename(seen.daemons[0])}
        return {'does': 'refuse' if status else 'inside', 'says': reason}
