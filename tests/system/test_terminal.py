"""What the commands do on a terminal and not on a pipe, seen through a pseudo-terminal of 80 columns."""

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

from conftest import BINARY, get_json, wait_for

COLUMNS, ROWS = 80, 24
CLEAR = "\x1b[H\x1b[2J"
ESCAPES = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


class Terminal:
    """A command whose standard streams are a terminal; type() writes as a keyboard does."""

    def __init__(self, arguments, cwd, env):
        self.text = ""
        self.keyboard, end = pty.openpty()
        fcntl.ioctl(end, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        self.process = subprocess.Popen(arguments, cwd=cwd, env=env, stdin=end, stdout=end, stderr=end,
                                        start_new_session=True,
                                        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        os.close(end)

    def _read(self, wait):
        """False when there is nothing more to come."""
        if not select.select([self.keyboard], [], [], wait)[0]:
            return True
        try:
            data = os.read(self.keyboard, 1 << 16)
        except OSError:  # EIO: the command has closed its end
            return False
        self.text += data.decode(errors="replace")
        return bool(data)

    def wait_text(self, wanted, times=1, timeout=20):
        deadline = time.monotonic() + timeout
        while self.text.count(wanted) < times:
            if time.monotonic() > deadline or not self._read(0.1):
                pytest.fail(f"{wanted!r} not {times} times on the terminal:\n{self.text!r}")

    def type(self, keys):
        os.write(self.keyboard, keys.encode())

    def wait(self, timeout=20):
        deadline = time.monotonic() + timeout
        while self._read(0.1):
            if time.monotonic() > deadline:
                pytest.fail(f"did not end:\n{self.text!r}")
        return self.process.wait(timeout)

    def close(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait(10)
        os.close(self.keyboard)


@pytest.fixture
def terminal(tmp_path):
    """terminal("status", …): the command on a terminal of its own, in the folder where `start` and `run` work."""
    opened = []

    def run(*arguments, environment=None):
        env = {key: os.environ[key] for key in ("PATH", "HOME", "TMPDIR") if key in os.environ}
        opened.append(Terminal([BINARY, *arguments], tmp_path, {**env, "TERM": "xterm", **(environment or {})}))
        return opened[-1]

    yield run
    for one in opened:
        one.close()


@pytest.fixture
def demo(start):
    """A demo that has stored its first ticks."""
    program = start("demo", "--source", "synthetic", "--poll-interval", "100ms", "--listen", "127.0.0.1:0")
    url = program.wait_event("ready")["page"]
    wait_for(lambda: "tBTCUSD" in [coin["coin"] for coin in get_json(f"{url}/api/coins")], 10, "a stored tick")
    yield program
    assert program.stop() == 0, program.log()


def assert_fits(text):
    for line in ESCAPES.sub("", text).splitlines():
        assert len(line) <= COLUMNS, (len(line), line)


def test_status_watch_redraws_the_screen_and_ends_with_the_keyboards_interrupt(demo, terminal, run):
    watch = terminal("status", "--watch")
    watch.wait_text(CLEAR, times=3)
    watch.wait_text("consumer-1")
    assert "?[H" not in watch.text, watch.text
    watch.type("\x03")
    assert watch.wait() == 0, watch.text
    assert_fits(watch.text)
    assert "\x1b" not in run("status")[1]  # a pipe gets none of it


def test_status_watch_as_json_is_json_on_a_terminal_too(demo, terminal):
    watch = terminal("status", "--watch", "--format", "json")
    watch.wait_text('"lag_total"', times=2)
    watch.type("\x03")
    assert watch.wait() == 0, watch.text
    assert "\x1b" not in watch.text


@pytest.mark.parametrize("command", (("candles", "--interval", "1m"), ("status",), ("tail", "--last", "3"), ("dlq",)),
                         ids=lambda command: command[0])
def test_output_fits_80_columns(demo, terminal, command):
    shown = terminal(*command)
    assert shown.wait() == 0, shown.text
    assert_fits(shown.text)


@pytest.mark.parametrize("plain", (False, True))
def test_candles_are_drawn_on_a_terminal_and_in_colour_unless_asked_not_to(demo, terminal, run, plain):
    shown = terminal("candles", "--interval", "1s", environment={"NO_COLOR": "1"} if plain else None)
    assert shown.wait() == 0, shown.text
    assert any(block in shown.text for block in "│┃╷╵╻╹╽╿"), shown.text
    assert ("\x1b[3" in shown.text) is not plain
    piped = run("candles", "--interval", "1s")[1]
    assert not any(block in piped for block in "│┃╷╵╻╹╽╿")


@pytest.mark.parametrize("command", (("verify",), ("replay", "--since", "first")), ids=lambda command: command[0])
def test_long_commands_leave_no_progress_on_the_terminal(demo, terminal, command):
    shown = terminal(*command)
    shown.wait()
    # Whatever the progress line said, the last thing that it did was to take itself away.
    assert "\r\x1b[K" in shown.text, shown.text
    after = shown.text.rpartition("\r\x1b[K")[2]
    assert "topic" in after or "ticks" in after, shown.text


def test_replay_shows_how_far_it_is(terminal, tmp_path):
    with open(tmp_path / "ticks.csv", "w", encoding="ascii") as file:
        file.write("time,symbol,last_price\n")
        file.writelines(f"{1700000000 + i},tBTCUSD,{100 + i % 7}\n" for i in range(300000))
    shown = terminal("demo", "--source", "replay:ticks.csv", "--speed", "max", "--listen", "127.0.0.1:0")
    assert shown.wait(60) == 0, shown.text
    assert re.search(r"\d+ rows read, \d+ %, \d+ rows/s", shown.text), shown.text[-2000:]
