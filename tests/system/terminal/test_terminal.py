"""What the commands do on a terminal and not on a pipe, seen through a pseudo-terminal of 80 columns."""

import contextlib
import os
import re
import signal
import subprocess

import pytest

from conftest import BINARY, BROKERS, Program, get_json, wait_for
from proof import Books
from pseudo_terminal import COLOURS, NORMAL, Terminal, assert_fits, screen_of, terminal  # noqa: F401 (terminal is a fixture)
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


@pytest.mark.parametrize("end", ("\x03", "q"))
def test_status_watch_shows_clock_rates_and_owners_in_place(demo, terminal, run, end):
    watch = terminal("status", "--watch")
    screen = watch.wait_screen(r"(?s)^candlewick status  every 2 s +\d\d:\d\d:\d\d UTC\n.*tickers, 6 partitions, 3 brokers, \d+\.\d/s in, \d+\.\d/s out\n")
    assert any(re.search(r"partition +leader +in sync +end +committed +lag +in/s +out/s +member$", row) for row in screen)
    assert any(re.search(r" \d+\.\d  consumer-1$", row) for row in screen)
    begin, cleared = len(watch.text), watch.text.count(CLEAR)
    watch.wait_until(lambda: len(re.findall(r"\d\d:\d\d:\d\d UTC", watch.text[begin:])) >= 3, "three ticks of the clock")
    assert watch.text.count(CLEAR) == cleared == 2  # as it took the screen, and before the first frame
    watch.type(end)
    assert watch.wait() == 0, watch.text
    assert watch.is_restored()
    assert "\n".join(screen_of(watch)).count("consumer-1") >= 4  # the last status stays, below what was there before
    assert_fits(watch.text.rpartition(NORMAL)[2])
    assert "\x1b" not in run("status")[1]  # a pipe gets none of it


def test_status_watch_scrolls_what_the_window_has_no_room_for(demo, terminal):
    watch = terminal("status", "--watch", rows=12)
    watch.wait_screen(r"\nlines 1 to 10 of \d+: j, k; q quits")
    watch.type("G")
    watch.wait_screen(r"(?s)synthetic data.*\nlines \d\d to (\d+) of \1:")
    watch.type("k")
    watch.wait_screen(r"lines \d\d to (\d+) of (?!\1:)")
    watch.resize(80, 40)
    watch.wait_screen(r"(?s)^candlewick status.*\ntopic .*\nsynthetic data")
    watch.type("q")
    assert watch.wait() == 0 and watch.is_restored()


def test_status_watch_tells_since_when_the_brokers_are_away(tmp_path, terminal, start):
    program = start("demo", "--source", "synthetic", "--listen", "127.0.0.1:0")
    program.wait_event("ready")
    watch = terminal("status", "--watch")
    watch.wait_screen("consumer-1")
    program.kill()
    screen = watch.wait_screen(r"candlewick status  since \d\d:\d\d:\d\d: ", timeout=40)
    assert any("consumer-1" in row for row in screen)  # the former status stays
    watch.process.send_signal(signal.SIGTERM)
    watch.wait_until(watch.is_restored, "the terminal given back")


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
        assert_fits(shown.text)
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


RED, GREEN, YELLOW = "\x1b[31m", "\x1b[32m", "\x1b[33m"
TROUBLE = (
    # command, exit code, what is in colour
    (("verify", "--wait", "1s"), 1, (RED + "The books do not balance", RED + "missing")),
    (("dlq",), 0, (RED + "too_large", RED + "\r\n")),
    (("tail", "--last", "200"), 0, (RED + "not decoded",)),
)


@pytest.mark.parametrize("command, code, wanted", TROUBLE, ids=lambda value: value[0][:20] if isinstance(value, tuple) else "")
def test_trouble_is_red_on_a_terminal_alone(troubled, command, code, wanted):
    folder, environment = troubled
    shown = Terminal([BINARY, *command], folder, environment)
    plain = Terminal([BINARY, *command], folder, {**environment, "NO_COLOR": "1"})
    try:
        assert shown.wait(60) == code and plain.wait(60) == code, shown.text
        for one in wanted:
            assert one in shown.text, shown.text
        assert not COLOURS.search(plain.text), plain.text
    finally:
        shown.close()
        plain.close()
    assert "\x1b" not in subprocess.run([BINARY, *command], cwd=folder, env=environment, capture_output=True, text=True, timeout=60).stdout


def test_what_is_well_is_green(demo, terminal):
    for command, wanted in ((("verify",), GREEN + "The books balance"), (("dlq",), GREEN + "No dead letters")):
        shown = terminal(*command)
        shown.wait(60)
        assert wanted in shown.text, shown.text


def test_tail_has_heads_on_a_terminal(demo, terminal, run):
    shown = terminal("tail", "--last", "3")
    assert shown.wait() == 0, shown.text
    lines = shown.text.splitlines()
    head = next(number for number, line in enumerate(lines) if re.match(r" p +offset  time \(UTC\) +key ", line))
    assert "last_price" in " ".join(lines[head:head + 3]) or "last…rice" in " ".join(lines[head:head + 3]), shown.text
    assert_fits(shown.text)
    assert "offset" not in run("tail", "--last", "3")[1]


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
