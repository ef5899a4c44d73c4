"""The program on a terminal of its own: keys go in, what the screen shows comes out."""
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time

import tap

KEYS = {"Up": "\033[A", "Down": "\033[B", "Right": "\033[C", "Left": "\033[D", "Home": "\033[H",
        "End": "\033[F", "PgUp": "\033[5~", "PgDn": "\033[6~", "Enter": "\r", "Esc": "\033",
        "Tab": "\t", "Space": " ", "F1": "\033OP", "F2": "\033OQ", "F3": "\033OR",
        "F10": "\033[21~"}


# What a shell does for a job: a process group of its own in the foreground; writes "stopped" when
# it stops, SIGUSR1 is fg.
JOB = """
import os, signal, sys
signal.signal(signal.SIGTTOU, signal.SIG_IGN)
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
child = os.fork()
if child == 0:
    os.setpgid(0, 0)
    os.tcsetpgrp(2, os.getpid())
    signal.signal(signal.SIGTTOU, signal.SIG_DFL)
    os.execv(sys.argv[1], sys.argv[1:])
while True:
    _, status = os.waitpid(child, os.WUNTRACED)
    os.tcsetpgrp(2, os.getpid())
    if not os.WIFSTOPPED(status):
        sys.exit(os.waitstatus_to_exitcode(status))
    os.write(2, b"stopped")
    signal.sigwait([signal.SIGUSR1])
    os.tcsetpgrp(2, child)
    os.kill(child, signal.SIGCONT)
"""


class Screen:
    """As much of a VT100 and of xterm as curses needs to draw."""
    SEQUENCE = re.compile(r"\033\[([?>=]?)([0-9;:]*)([@-~])|\033[()#][0-9A-Z]|\033\][^\a]*\a"
                          r"|\033([^\[()#\]])")

    def __init__(self, width, height):
        self.rest = ""
        self.last = " "
        self.x = self.y = 0
        self.resize(width, height)

    def resize(self, width, height):
        self.width, self.height = width, height
        self.lines = [[" "] * width for _ in range(height)]
        self.top, self.bottom = 0, height - 1  # of the region that scrolls

    def scroll(self, taken, put):
        del self.lines[taken]
        self.lines.insert(put, [" "] * self.width)

    def text(self):
        return "\n".join("".join(line).rstrip() for line in self.lines)

    def feed(self, text):
        text = self.rest + text
        at = 0
        while at < len(text):
            if text[at] != "\033":
                self.put(text[at])
                at += 1
                continue
            found = self.SEQUENCE.match(text, at)
            if not found:  # the rest is still to come
                break
            self.control(found)
            at = found.end()
        self.rest = text[at:]

    def put(self, char):
        if char == "\r":
            self.x = 0
        elif char == "\n":
            if self.y == self.bottom:
                self.scroll(self.top, self.bottom)
            else:
                self.y = min(self.y + 1, self.height - 1)
        elif char == "\b":
            self.x = max(self.x - 1, 0)
        elif char >= " ":
            if self.y < self.height and self.x < self.width:
                self.lines[self.y][self.x] = char
            self.x += 1
            self.last = char

    def control(self, found):
        mode, parameters, final, single = found.groups()
        numbers = [int(n) if n else 0 for n in re.split("[;:]", parameters or "")]
        if single == "M" and self.y == self.top:
            self.scroll(self.bottom, self.top)
        elif single == "M":
            self.y = max(self.y - 1, 0)
        elif mode or not final:
            return
        elif final in "ABCDGHdf":
            self.move(final, [max(n, 1) for n in numbers + [1]])
        elif final == "r":
            self.top = min(max(numbers[0], 1), self.height) - 1  # it may be of a larger screen
            self.bottom = min((numbers + [0])[1] or self.height, self.height) - 1
            self.x = self.y = 0
        elif final in "JK":
            self.erase(final, numbers[0])
        elif final in "bX@P" and self.y < self.height:
            self.edit(final, max(numbers[0], 1), self.lines[self.y])

    def move(self, final, numbers):
        count = numbers[0]
        lines = {"A": -count, "B": count}.get(final, 0)
        columns = {"C": count, "D": -count}.get(final, 0)
        x = count - 1 if final == "G" else numbers[1] - 1 if final in "Hf" else self.x + columns
        y = count - 1 if final in "Hfd" else self.y + lines
        self.x, self.y = min(max(x, 0), self.width - 1), min(max(y, 0), self.height - 1)

    def edit(self, final, count, line):
        if final == "b":
            for _ in range(min(count, self.width)):
                self.put(self.last)
        elif final == "X":
            line[self.x:self.x + count] = [" "] * count
        elif final == "P":
            del line[self.x:self.x + count]
        elif final == "@":
            line[self.x:self.x] = [" "] * count
        line[:] = (line + [" "] * self.width)[:self.width]

    def erase(self, final, what):
        for y, line in enumerate(self.lines):
            for x in range(self.width):
                before = y < self.y or (y == self.y and x <= self.x)
                after = y > self.y or (y == self.y and x >= self.x)
                wanted = what == 2 or (before if what == 1 else after)
                if wanted and (final == "J" or y == self.y):
                    line[x] = " "


class Session:
    """A run of the program; a context that ends it."""

    def __init__(self, *arguments, size=(80, 24), term="vt100", env=None, stdin=None, stdout=None,
                 job=False, hints=False, before=()):
        self.home = tempfile.TemporaryDirectory()
        if not hints:
            os.mkdir(os.path.join(self.home.name, "rung"))
            with open(os.path.join(self.home.name, "rung", "config"), "w") as config:
                config.write("[settings]\nhints = off\n")
        self.raw = b""
        self.status = None
        self.screen = Screen(*size)
        self.master, self.slave = pty.openpty()
        self.set_size(*size)
        self.mode = termios.tcgetattr(self.slave)
        environment = {**os.environ, "LC_ALL": "C.UTF-8", "TZ": "UTC", "TERM": term,
                       "HOME": self.home.name, "XDG_CONFIG_HOME": self.home.name}
        for name in ("NO_COLOR", "COLORTERM", "TMUX", "LINES", "COLUMNS"):
            environment.pop(name, None)
        environment.update(env or {})
        command = [*before, tap.program(), *map(str, arguments)]
        self.process = subprocess.Popen(
            [sys.executable, "-c", JOB, *command] if job else command, env=environment,
            preexec_fn=self.take_terminal,
            stdin=self.slave if stdin is None else stdin,
            stdout=self.slave if stdout is None else stdout, stderr=self.slave)

    def take_terminal(self):
        os.setsid()
        fcntl.ioctl(self.slave, termios.TIOCSCTTY, 0)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.close()
        self.home.cleanup()

    def set_size(self, width, height):
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))

    def resize(self, width, height):
        self.screen.resize(width, height)
        self.set_size(width, height)

    def close(self):
        """What happens when the window is closed."""
        for end in ("slave", "master"):
            if getattr(self, end) is not None:
                os.close(getattr(self, end))
                setattr(self, end, None)

    def send(self, *keys):
        """Keys by their names, or texts to type."""
        for key in keys:
            os.write(self.master, KEYS.get(key, key).encode())
            if key == "Esc":  # or it would be Alt with the next key
                self.read_for(0.15)

    def read(self, seconds):
        """Takes what the program writes; false when that was nothing."""
        if not select.select([self.master], [], [], max(seconds, 0))[0]:
            return False
        data = os.read(self.master, 65536)
        self.raw += data
        self.screen.feed(data.decode("utf-8", "replace"))
        return True

    def read_for(self, seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.read(end - time.monotonic())

    def expect(self, wanted, seconds=10):
        """Until the screen shows that (a regular expression)."""
        end = time.monotonic() + seconds
        while not re.search(wanted, self.screen.text()):
            assert time.monotonic() < end, "no \"%s\" on the screen:\n%s" % (
                wanted, self.screen.text())
            self.read(0.1)

    def wait(self, seconds=10):
        """Its exit status; fails when it still runs after that time."""
        end = time.monotonic() + seconds
        while self.process.poll() is None:
            assert time.monotonic() < end, "still running:\n" + self.screen.text()
            if self.master is None:
                time.sleep(0.01)
            else:
                self.read(0.01)
        while self.master is not None and self.read(0):
            pass
        return self.process.returncode

    def wait_stopped(self, seconds=10):
        """Of a job: until it was stopped."""
        end = time.monotonic() + seconds
        while not self.raw.endswith(b"stopped"):
            assert time.monotonic() < end, "not stopped:\n" + self.screen.text()
            self.read(0.1)

    def go_on(self):
        """As fg does."""
        self.kill(signal.SIGUSR1)

    def kill(self, number=signal.SIGTERM):
        self.process.send_signal(number)

    def is_sane(self):
        """Is the terminal in the mode that it was in?"""
        return termios.tcgetattr(self.slave) == self.mode
