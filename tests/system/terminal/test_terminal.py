"""What the commands do on a terminal and not on a pipe, seen through a pseudo-terminal of 80 columns."""

import contextlib
import os
import re
import subprocess

import pytest

from conftest import BINARY, BROKERS, Program, get_json, wait_for
from proof import Books
from pseudo_terminal import Terminal, assert_fits, terminal  # noqa: F401 (terminal is a fixture)
from test_dlq import send_raw

CLEAR = "\x1b[H\x1b[2J"


@pytest.fixture
def demo(start):
    """A demo that has stored its first ticks."""
    program = start("demo", "--source", "synthetic", "--poll-interval", "100ms", "--listen", "127.0.0.1:0")
    url = program.wait_event("ready")["page"]
    wait_for(lambda: "tBTCUSD" in [coin["coin"] for coin in get_json(f"{url}/api/coins")], 10, "a stored tick")
    yield program
    assert program.stop() == 0, program.log()


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


LONG_COIN = "tLONGEST:OF_ALL-COINS_THAT-ARE0"  # 31 bytes, as many as a coin may have
LONG_NAME = "a-name-as-somebody-gives-it-who-has-many-groups-to-tell-apart"


@pytest.fixture(scope="module")
def troubled(tmp_path_factory):
    """Books with every kind of trouble and the longest names: (folder, environment); a member is running."""
    folder = tmp_path_factory.mktemp("troubled")
    kept = {key: os.environ[key] for key in ("PATH", "HOME", "TMPDIR") if key in os.environ}
    with contextlib.ExitStack() as ends:

        def start(*arguments, environment=None):
            program = Program([BINARY, *arguments], folder, {**kept, **(environment or {})})
            ends.callback(program.kill)
            return program

        def brokers(*topics):
            cluster = ends.enter_context(subprocess.Popen([str(BROKERS), *topics], stdin=subprocess.PIPE,
                                                          stdout=subprocess.PIPE, text=True))
            return cluster.stdout.readline().strip()

        def call(*arguments, environment, timeout):
            done = subprocess.run([BINARY, *arguments], cwd=folder, env=environment, capture_output=True, text=True, timeout=timeout)
            return done.returncode, done.stdout, done.stderr

        books = Books(start, call, brokers, folder)
        books.environment = {**kept, **books.environment, "TERM": "xterm", "GROUP_ID": LONG_NAME, "CLIENT_ID": LONG_NAME}
        # With nanoseconds, as ticks have that come within one millisecond.
        books.synthetic(50, f"tBTCUSD,{LONG_COIN}", "--start", "2026-01-01T00:00:00.123456789Z")
        send_raw(books, [(b"tBTCUSD", b"no frame"), (None, b"x"), (b"k" * 70, b"\x00" * 70000)])
        start("consume", "--strategy", "range", environment=books.environment).wait_event("consuming")
        wait_for(lambda: books.lag() == 0, 60, "lag 0")
        # Missing, differing, unexpected, foreign.
        books.sql("DELETE FROM ticker WHERE coin = 'tBTCUSD' AND seq < 25")
        books.sql("UPDATE ticker SET bid = 1.0 WHERE coin = ? AND seq < 30", LONG_COIN)
        books.sql("UPDATE ticker SET coin = 'tBTCUSD ' WHERE coin = ? AND seq = 40", LONG_COIN)
        books.sql("UPDATE ticker SET time = time + 1 WHERE coin = ? AND seq = 41", LONG_COIN)
        yield folder, books.environment


LONG_TOPIC, LONG_MEMBER = LONG_NAME[:20], LONG_NAME[:28]
PREDICT = ("lab", "predict", "--topics", f"{LONG_TOPIC}:9,b:9", "--members", f"C0,C1,C2,C3,{LONG_MEMBER}")
COMMANDS = (
    # command, exit code, what must be there
    (("--help",), 0, "dlq retry"),
    *(((*name.split(), "--help"), 0, "Usage")
      for name in ("prepare", "produce", "consume", "serve", "demo", "candles", "status", "tail", "verify", "replay",
                   "dlq", "dlq retry", "lab predict", "lab run", "registry", "fake-exchange")),
    (("candles", "--interval", "1m"), 0, "tBTCUSD"),
    (("candles", "--coin", LONG_COIN), 0, "tLONGES…"),
    (("status",), 0, "undecided|partition"),
    (("tail", "--last", "200"), 0, "not decoded"),
    (("verify", "--wait", "1s"), 1, "do not balance"),
    (("verify", "--wait", "1s", "--from", "2026-01-01", "--coin", LONG_COIN), 1, "times before"),
    (("dlq",), 0, "too_large"),
    (("dlq", "retry", "--dry-run"), 1, "unreadable"),
    (("dlq", "retry"), 1, "unreadable"),
    (PREDICT, 0, "revoked"),
    ((*PREDICT, "--subscriptions", f"C0=b;{LONG_MEMBER}={LONG_TOPIC}"), 0, "needless"),
)


@pytest.mark.parametrize("command, code, wanted", COMMANDS, ids=lambda value: " ".join(value)[:30] if isinstance(value, tuple) else "")
def test_output_fits_80_columns_whatever_the_names(troubled, command, code, wanted):
    folder, environment = troubled
    shown = Terminal([BINARY, *command], folder, environment)
    try:
        assert shown.wait(60) == code, shown.text
        assert re.search(wanted, shown.text), shown.text
        # The last words of a failure are one line, however long: the terminal breaks it.
        lines = [line for line in shown.text.splitlines() if not line.startswith("candlewick: ")]
        assert_fits("\n".join(lines))
    finally:
        shown.close()


def test_what_is_cut_on_a_terminal_is_whole_on_a_pipe(troubled):
    folder, environment = troubled
    for command, cut in ((("status",), LONG_NAME), (("verify", "--wait", "1s"), LONG_COIN), (("tail", "--last", "200"), LONG_COIN)):
        done = subprocess.run([BINARY, *command], cwd=folder, env=environment, capture_output=True, text=True, timeout=60)
        assert cut in done.stdout and "…" not in done.stdout, done.stdout


def test_lab_run_fits_80_columns(terminal):
    shown = terminal("lab", "run", "--scenario", "join", "--strategy", "range,sticky")
    assert shown.wait(60) == 0, shown.text
    assert "verdict" in shown.text
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
