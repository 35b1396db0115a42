# SPDX-License-Identifier: MIT
"""What a command of ssh does on the far machine: it is run here as its login shell would, in a folder of programs that
write down how they are called. Each far machine has something else: virt-ssh-helper; nc that knows -q; nc that does not.
"""
import os
import shutil
import subprocess
import tempfile

MACHINES = ('helper', 'nc -q', 'nc')
WHICH = '#!/bin/sh\ncommand -v "$@"\n'
RECORDER = """#!/bin/sh
if [ "$*" = -q ] && [ "${0##*/}" != virt-ssh-helper ]; then
    [ "$VW_MACHINE" != 'nc -q' ] || echo "nc: option requires an argument -- 'q'"
    exit 1
fi
{ printf '%s\\0' "${0##*/}" "$@"; printf '\\n\\0'; } >>"$VW_CALLS"
"""


def calls(script, netcats):
    """For each machine what SCRIPT calls there."""
    told = []
    for machine in MACHINES:
        with tempfile.TemporaryDirectory(prefix='vw-far.') as folder:
            there = os.path.join(folder, 'bin')
            os.mkdir(there)
            for name in ('sh', 'grep'):
                os.symlink(shutil.which(name), f'{there}/{name}')
            programs = {'which': WHICH}
            programs.update({n: RECORDER for n in netcats if n and '/' not in n})
            if machine == 'helper':
                programs['virt-ssh-helper'] = RECORDER
            for name, text in programs.items():
                with open(f'{there}/{name}', 'w', encoding='utf-8') as f:
                    f.write(text)
                os.chmod(f'{there}/{name}', 0o755)
            env = {'PATH': there, 'VW_MACHINE': machine, 'VW_CALLS': folder + '/calls'}
            subprocess.run(['/bin/sh', '-c', script], env=env, stdin=subprocess.DEVNULL, capture_output=True,
                           timeout=20, check=False)
            told.append(read(folder + '/calls'))
    return told


def read(path):
    if not os.path.exists(path):
        return []
    with open(path, 'rb') as f:
        text = f.read().decode('utf-8', 'backslashreplace')
    return [c.split('\0')[:-1] for c in text.split('\n\0')[:-1]]


def split(argv, netcats):
    """ARGV of ssh without the script behind its host, and what that calls; (ARGV, None) for any other program."""
    if '--' not in argv[:-2]:
        return argv, None
    at = argv.index('--') + 2
    return argv[:at], calls(' '.join(argv[at:]), netcats)
