# SPDX-License-Identifier: MIT
"""What the clients answered, beside what a URI is expected to mean: which members of the meaning were seen, and which are
otherwise. A meaning is what `virwire uri` prints, or the part of it that a vector expects; None is a refusal.
"""
import fnmatch
import json
import re
from urllib.parse import unquote

import far

LOOPBACK = ('localhost', '127.0.0.1', '::1')


def netcats(uri):
    return ['nc'] + [unquote(v) for v in re.findall(r'[?&;]netcat=([^&;#]*)', uri, re.IGNORECASE)]


def behind(argv, word):
    return argv[argv.index(word) + 1] if word in argv else None


def proxy(calls):
    """The choice of Q-4, from what the far machines saw."""
    helped = bool(calls[0]) and calls[0][0][0] == 'virt-ssh-helper'
    if not helped:
        return 'netcat'
    return 'auto' if calls[2] else 'native'


def of_program(answer):
    argv = answer['argv']
    members = {'argv': (argv, answer.get('far')), 'command': argv[0]}
    if '--' not in argv:
        return members
    calls = answer['far']
    members.update(port=int(behind(argv, '-p')) if '-p' in argv[:-1] else None, user=behind(argv, '-l'),
                   keyfile=behind(argv, '-i'), host=argv[-1], **({'proxy': proxy(calls)} if any(calls) else {}),
                   no_tty=int('BatchMode=yes' in argv), no_verify=int('StrictHostKeyChecking=no' in argv))
    if calls[2]:
        members.update(netcat=calls[2][0][0], socket=calls[2][0][-1])
    if calls[0] and calls[0][0][0] == 'virt-ssh-helper':
        members['helper_uri'] = calls[0][0][-1]
    return members


def spread(meaning):
    """What `virwire uri` prints, with the files of TLS as the vectors name them."""
    sets = meaning.get('tls_files') or []
    meaning = {k: bytes.fromhex(v['hex']).decode('utf-8', 'backslashreplace') if isinstance(v, dict) and 'hex' in v else v
               for k, v in meaning.items()}
    return {**meaning, **{'tls_' + k: [s[k] for s in sets] for k in ('ca', 'cert', 'key')}}


def members_of(answer):
    """What an answer says of the members of a meaning."""
    does = answer['does']
    if does == 'inside':
        return {'inside': True}
    members = {'remote': True, 'inside': False}
    if 'admin' in answer:
        members['admin'] = True
    if does == 'run':
        members.update(of_program(answer))
    elif does == 'unix':
        members.update(transport='unix', socket=answer['socket'])
    elif does in ('tcp', 'tls', 'libssh'):
        members.update(host=answer['host'], port=answer['port'])
        members.update({'transport': does} if does == 'tls' or 'name' in answer else {})
    if does == 'tls':
        ends = {'tls_ca': 'cacert.pem', 'tls_cert': 'clientcert.pem', 'tls_key': 'clientkey.pem'}
        members.update({k: next((f for f in answer['files'] if f.endswith(v)), None) for k, v in ends.items()})
    if 'verifies' in answer:
        members['no_verify'] = int(not answer['verifies'])
    for name in ('name', 'read_only'):
        if name in answer:
            members[name] = answer[name]
    return members


def same(member, seen, meant, uri):
    if member == 'argv':
        if seen[1] is None or not meant:
            return meant == seen[0]
        return far.split(meant, netcats(uri)) == (seen[0], seen[1])
    if member == 'host':
        return seen == meant or seen in LOOPBACK and meant in LOOPBACK
    if member.startswith('tls_'):
        return bool(meant) and seen == meant[0]
    if member in ('no_verify', 'no_tty'):
        return bool(seen) == bool(meant)
    return seen == meant


def unanswered(answer):
    """Nothing can be learnt from it: the client was built without the transport."""
    return answer['does'] == 'refuse' and 'was not enabled' in answer['says']


def compare(uri, answer, meaning):
    """{member: as the client does} of what was seen; 'error' is the refusal as a whole."""
    if unanswered(answer):
        return {}
    refused = answer['does'] == 'refuse'
    if refused or meaning is None:
        return {'error': refused == (meaning is None)}
    seen = members_of(answer)
    return {k: same(k, seen[k], meaning[k], uri) for k in meaning if k in seen}


def load(path):
    with open(path, encoding='utf-8') as f:
        return json.load(f)


def load_differences(path):
    with open(path, encoding='utf-8') as f:
        rows = [line.rstrip('\n').split('\t') for line in f if line.strip() and not line.startswith('#')]
    for row in rows:
        if len(row) != 4 or not all(row):
            raise ValueError(f'{path}: a row has an id, a member, releases and a reason: {row}')
    return rows


def known(rows, ident, member, release):
    """The row that explains this difference."""
    for row in rows:
        releases = row[2].split()
        if fnmatch.fnmatchcase(ident, row[0]) and member in row[1].split() and \
                (releases == ['all'] or release in releases):
            return row
    return None


def render_asked(releases, vectors, answers):
    """The file of answers: a line for each, releases that answer alike together."""
    lines = ['{', '  "format": "virwire-uri-asked-1",',
             '  "about": "What real clients did with the URIs of uri.json; written by ci/ask-clients.",',
             f'  "releases": {json.dumps(releases)},', '  "answers": {']
    blocks = []
    for vector in vectors:
        groups = []
        for release in releases:
            answer = answers[release][vector['id']]
            group = next((g for g in groups if g[1] == answer), None)
            if group:
                group[0].append(release)
            else:
                groups.append(([release], answer))
        rows = [json.dumps({'releases': r, **a}, ensure_ascii=False) for r, a in groups]
        blocks.append(f'    {json.dumps(vector["id"])}: [\n      ' + ',\n      '.join(rows) + '\n    ]')
    return '\n'.join(lines) + '\n' + ',\n'.join(blocks) + '\n  }\n}\n'


def asks(vector, release):
    """Whether the vector is about clients of this release."""
    return vector.get('options', {}).get('release', release) == release


def answer_of(asked, ident, release):
    for group in asked['answers'].get(ident, []):
        if release in group['releases']:
            return group
    return None


def seen_line(vector, asked):
    """The value of `seen`: who was seen to do which of the expected members."""
    meaning = None if 'error' in vector else vector['expect']
    groups = []
    for release in asked['releases']:
        answer = answer_of(asked, vector['id'], release)
        asked_it = answer and asks(vector, release)
        agreed = [k for k, ok in compare(vector['uri'], answer, meaning).items() if ok] if asked_it else []
        group = next((g for g in groups if g['members'] == agreed), None)
        if group:
            group['releases'].append(release)
        elif agreed:
            groups.append({'client': vector.get('client', 'virsh'), 'releases': [release], 'members': agreed})
    return json.dumps(groups) if groups else None
