"""A command on a pseudo-terminal, and what a person sees there."""

import codecs
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time

import pytest

from conftest import BINARY, PATIENCE_S

COLUMNS, ROWS = 80, 24
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
COLOURS = re.compile(r"\x1b\[3[0-7]m")
ALTERNATE, NORMAL = "\x1b[?1049h", "\x1b[?1049l"
HIDDEN, SHOWN = "\x1b[?25l", "\x1b[?25h"


class Terminal:
    """A command whose standard streams are a terminal; type() writes as a keyboard does."""

    def __init__(self, arguments, cwd, env, columns=COLUMNS, rows=ROWS):
        self.text = ""
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")  # a read may end within a character
        self.keyboard, self.end = pty.openpty()
        self.columns, self.rows = columns, rows
        self._set_size()
        self.modes = termios.tcgetattr(self.end)  # as the shell left them
        self.process = subprocess.Popen(arguments, cwd=cwd, env=env, stdin=self.end, stdout=self.end, stderr=self.end,
                                        start_new_session=True,
                                        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))

    def _set_size(self):
        fcntl.ioctl(self.end, termios.TIOCSWINSZ, struct.pack("HHHH", self.rows, self.columns, 0, 0))

    def resize(self, columns, rows):
        """As a window does: the kernel tells the command by SIGWINCH."""
        self.columns, self.rows = columns, rows
        self._set_size()

    def read(self, wait):
        """False when there is nothing more to come."""
        if not select.select([self.keyboard], [], [], wait)[0]:
            return self.process.poll() is None
        try:
            data = os.read(self.keyboard, 1 << 16)
        except OSError:  # EIO: every end is closed
            return False
        self.text += self._decoder.decode(data)
        return bool(data)

    def wait_text(self, wanted, times=1, timeout=20):
        self.wait_until(lambda: self.text.count(wanted) >= times, f"{wanted!r} {times} times", timeout)

    def wait_until(self, condition, what, timeout=20):
        deadline = time.monotonic() + timeout + PATIENCE_S
        while not condition():
            if time.monotonic() > deadline or not self.read(0.1) and not condition():
                pytest.fail(f"{what} not on the terminal:\n" + "\n".join(screen_of(self)) + f"\n{self.text[-3000:]!r}")

    def wait_screen(self, pattern, timeout=20):
        """Waits until the regular expression is on the screen; returns the screen's rows."""
        self.wait_until(lambda: re.search(pattern, "\n".join(screen_of(self))), repr(pattern), timeout)
        return screen_of(self)

    def type(self, keys):
        os.write(self.keyboard, keys.encode())

    def wait(self, timeout=20):
        deadline = time.monotonic() + timeout + PATIENCE_S
        while self.read(0.1):
            if time.monotonic() > deadline:
                pytest.fail(f"did not end:\n{self.text!r}")
        return self.process.wait(timeout)

    def is_restored(self):
        """Whether the terminal is as it was before: its modes, the normal screen, the cursor."""
        on_normal = self.text.rfind(NORMAL) >= self.text.rfind(ALTERNATE)
        return on_normal and self.text.rfind(SHOWN) >= self.text.rfind(HIDDEN) and termios.tcgetattr(self.end) == self.modes

    def close(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait(10)
        os.close(self.keyboard)
        os.close(self.end)


def screen_of(terminal):
    """The rows that are seen after all that was written: of ECMA-48 what candlewick writes, and a terminal's own wrapping."""
    rows, row, column = [[" "] * terminal.columns for _ in range(terminal.rows)], 0, 0
    for control, numbers, letter, char in re.findall(r"(\x1b\[([0-9;?]*)([A-Za-z]))|([\s\S])", terminal.text):
        if control:
            if letter == "H":
                at = [int(number or 1) for number in numbers.split(";")] if numbers else [1, 1]
                row, column = min(at[0], terminal.rows) - 1, min(at[1] if len(at) > 1 else 1, terminal.columns) - 1
            elif letter == "K":
                rows[row][column:] = [" "] * (terminal.columns - column)
            elif letter == "J":
                first = (row, column) if numbers in ("", "0") else (0, 0)
                rows[first[0]][first[1]:] = [" "] * (terminal.columns - first[1])
                rows[first[0] + 1:] = [[" "] * terminal.columns for _ in rows[first[0] + 1:]]
            elif letter in "hl" and numbers == "?1049":
                rows, row, column = [[" "] * terminal.columns for _ in range(terminal.rows)], 0, 0
            continue
        if char == "\n" or char not in "\r" and column == terminal.columns:
            row, column = row + 1, 0 if char != "\n" else column
            if row == terminal.rows:
                rows, row = [*rows[1:], [" "] * terminal.columns], row - 1
        if char == "\r":
            column = 0
        elif char != "\n":
            rows[row][column] = char
            column += 1
    return ["".join(one).rstrip() for one in rows]


@pytest.fixture
def terminal(tmp_path):
    """terminal("status", …): the command on a terminal of its own, in the folder where `start` and `run` work."""
    opened = []

    def run(*arguments, environment=None, columns=COLUMNS, rows=ROWS):
        env = {key: os.environ[key] for key in ("PATH", "HOME", "TMPDIR") if key in os.environ}
        env = {**env, "TERM": "xterm", **(environment or {})}
        opened.append(Terminal([BINARY, *arguments], tmp_path, env, columns, rows))
        return opened[-1]

    yield run
    for one in opened:
        one.close()


def assert_fits(text, columns=COLUMNS):
    """But for words that are longer, which a terminal breaks."""
    for line in ESCAPES.sub("", text).splitlines():
        if " " not in line.strip():
            continue
        assert len(line) <= columns, (len(line), line)
