"""Runs a command and says what the kernel counted for it; it judges nothing.

    usage.py plain|terminal <command> [argument...]

Descriptor 3 gets "<peak resident memory in KiB> <cpu time in seconds>". With "terminal" the
command's stderr is a pseudo terminal, and what it draws there goes on to ours. The exit code is
handed on.
"""

import os
import resource
import subprocess
import sys


def call_on_terminal(command):
    # Only here: the other runs need a parent that is as small as can be.
    import fcntl
    import struct
    import termios

    ours, theirs = os.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    child = subprocess.Popen(command, stderr=theirs)
    os.close(theirs)
    while True:
        try:
            drawn = os.read(ours, 65536)
        except OSError:
            break  # Linux says so when the other end has been closed.
        if not drawn:
            break
        os.write(2, drawn)
    return child.wait()


on_terminal = sys.argv[1] == "terminal"
code = (call_on_terminal if on_terminal else subprocess.call)(sys.argv[2:])
used = resource.getrusage(resource.RUSAGE_CHILDREN)
os.write(3, f"{used.ru_maxrss} {used.ru_utime + used.ru_stime:.6f}".encode())
sys.exit(code)
