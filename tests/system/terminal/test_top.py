"""`top` on a pseudo-terminal: what it shows, its keys, its window, and that the terminal is as before whatever ends it."""

import os
import re
import signal

import pytest

from conftest import BINARY, Program, get_json, wait_for
from pseudo_terminal import ALTERNATE, COLOURS, ESCAPES, HIDDEN, Terminal, screen_of, terminal  # noqa: F401 (terminal is a fixture)

BARS = "▁▂▃▄▅▆▇"
CLEAR = "\x1b[H\x1b[2J"


def start_demo(folder):
    kept = {key: os.environ[key] for key in ("PATH", "HOME", "TMPDIR") if key in os.environ}
    program = Program([BINARY, "demo", "--source", "synthetic", "--coins", "tBTCUSD,tETHUSD,tXRPUSD", "--poll-interval", "100ms",
                       "--streams", "ticker,event", "--listen", "127.0.0.1:0"], folder, kept)
    url = program.wait_event("ready")["page"]
    wait_for(lambda: len(get_json(f"{url}/api/markets")["markets"]) == 3, 20, "three markets")
    return program


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """The folder in which a demo with three coins runs."""
    folder = tmp_path_factory.mktemp("demo")
    program = start_demo(folder)
    yield folder
    assert program.stop() == 0, program.log()


@pytest.fixture
def top(demo):
    """top("--coin", …): it on a terminal, in the folder of the demo."""
    opened = []

    def run(*arguments, columns=80, rows=24, environment=None):
        kept = {key: os.environ[key] for key in ("PATH", "HOME", "TMPDIR") if key in os.environ}
        opened.append(Terminal([BINARY, "top", *arguments], demo, {**kept, "TERM": "xterm", **(environment or {})}, columns, rows))
        return opened[-1]

    yield run
    for one in opened:
        one.close()


def chosen(screen):
    return next(row for row in screen if row.startswith(">"))


def quits(shown):
    shown.type("q")
    assert shown.wait() == 0 and shown.is_restored(), shown.text[-300:]


def test_80_by_24_has_markets_candles_owners_and_lag(top):
    shown = top()
    shown.wait_screen(r"◂\d")
    screen = shown.wait_screen(r"(?s) 0 consumer-\d +\d.* 5 consumer-\d +\d")
    assert re.match(r"candlewick top  synthetic  127\.0\.0\.1:\d+  .*lag \d+ +\d\d:\d\d:\d\d UTC$", screen[0])
    for name in ("BTC/USD", "ETH/USD", "XRP/USD"):
        row = next(row for row in screen if name in row)
        assert re.search(r"\d+\.\d+ +[-+–0]", row), row  # a price, and changes
        assert any(bar in row for bar in BARS), row
    assert chosen(screen).startswith("> BTC/USD")
    assert any(re.match(r"BTC/USD 5m  \d+", row) for row in screen)  # the candles' title
    assert any(row.startswith("╵") for row in screen[15:])  # their times
    assert "q quit" in screen[23] and max(map(len, screen)) <= 80
    assert COLOURS.search(shown.text)
    quits(shown)


def test_keys_do_what_their_users_know(top):
    shown = top()
    shown.wait_screen(r"> BTC/USD[\s\S]*◂\d")
    for keys, pattern in (("j", r"> ETH/USD[\s\S]*\nETH/USD 5m"),
                          ("\x1b[B", r"> XRP/USD"),
                          ("k", r"> ETH/USD"),
                          ("1", r"\nETH/USD 1m  \d"),
                          ("4", r"\nETH/USD 1h  \d"),
                          ("f", r">★ETH/USD|>★ ?ETH/USD"),
                          ("/xr", r"\n  XRP/USD[\s\S]*\n/xr"),
                          ("\n", r"> XRP/USD"),
                          ("\x1b", r"★ETH/USD[\s\S]*> XRP/USD"),
                          ("s", r"coin▲"),
                          ("t", r"events 2/2"),
                          ("?", r"\nKeys\n"),
                          ("x", r"> XRP/USD")):
        shown.type(keys)
        shown.wait_screen(pattern)
    rows = screen_of(shown)
    assert [row for row in rows if "/USD" in row][0].lstrip(" >").startswith("★ETH/USD")  # favourites come first
    quits(shown)


def test_options_choose_coin_interval_and_favourites(top):
    shown = top("--coin", "tXRPUSD", "--interval", "15m", "--favourites", "tETHUSD,tXRPUSD")
    screen = shown.wait_screen(r"> ?★XRP/USD[\s\S]*\nXRP/USD 15m")
    names = [row for row in screen[2:] if "★" in row]
    assert len(names) == 2 and "BTC/USD" in screen[4]
    quits(shown)


def test_it_follows_the_window_and_says_when_that_is_too_small(top):
    shown = top()
    shown.wait_screen(r"◂\d")
    shown.resize(132, 43)
    screen = shown.wait_screen(r"(?s)UTC$.*|UTC\n")
    shown.wait_until(lambda: "q quit" in screen_of(shown)[42], "the foot in the last row")
    screen = screen_of(shown)
    assert screen[0].endswith("UTC") and len(screen[0]) == 132
    shown.resize(60, 20)
    shown.wait_screen(r"^60x20 is too small: 80x24 is needed")
    shown.resize(80, 24)
    shown.wait_screen(r"> BTC/USD[\s\S]*◂\d")
    quits(shown)


def test_only_what_changes_is_written(top):
    shown = top()
    shown.wait_screen(r"◂\d")
    assert shown.text.count(CLEAR) == 2  # as it took the screen, and before the first frame
    begin = len(shown.text)
    clocks = []
    shown.wait_until(lambda: len(clocks := re.findall(r"\d\d:\d\d:\d\d UTC", shown.text[begin:])) >= 3, "three ticks of the clock")
    written = shown.text[begin:]
    assert CLEAR not in written and "\x1b[24;1H" not in written  # the foot stays
    assert "\x1b[1;1H" in written
    quits(shown)


@pytest.mark.parametrize("end", ("q", "\x03", "\x1c", signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT), ids=str)
def test_the_terminal_is_given_back(top, end):
    shown = top()
    shown.wait_screen(r"q quit")
    assert ALTERNATE in shown.text and HIDDEN in shown.text and not shown.is_restored()
    if isinstance(end, str):
        shown.type(end)
    else:
        shown.process.send_signal(end)
    assert shown.wait() == 0, shown.text[-300:]
    assert shown.is_restored(), shown.text[-300:]


def test_a_page_that_goes_away_is_told_and_the_terminal_still_given_back(tmp_path, terminal):
    program = start_demo(tmp_path)
    shown = terminal("top")
    shown.wait_screen(r"> BTC/USD[\s\S]*◂\d")
    program.kill()
    screen = shown.wait_screen(r"page away since \d\d:\d\d:\d\d: ")
    assert chosen(screen).startswith("> BTC/USD")  # what was known stays
    shown.type("j")
    shown.wait_screen(r"> ETH/USD")
    quits(shown)


def test_no_color_is_heeded(top):
    shown = top(environment={"NO_COLOR": "1"})
    shown.wait_screen(r"◂\d")
    assert not COLOURS.search(shown.text)
    assert "\x1b[7m" in shown.text  # the chosen row is inverse, which is no colour
    quits(shown)


def test_without_a_terminal_it_names_what_there_is(run):
    code, out, err = run("top")
    assert code == 2 and out == "" and "candlewick candles" in err and "candlewick status" in err


def test_without_a_page_it_is_an_error_in_the_shell(terminal):
    shown = terminal("top", "--page", "http://127.0.0.1:1")
    assert shown.wait() == 1
    assert "no page answers at http://127.0.0.1:1" in shown.text and "--page" in shown.text
    assert not ESCAPES.search(shown.text)
