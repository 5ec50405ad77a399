"""`candles` on terminals of several sizes: the table and the drawing fit into the window together."""

import re
import shutil
import sqlite3
import subprocess

import pytest

from conftest import BINARY, PATIENCE_S
from pseudo_terminal import COLOURS, assert_fits, screen_of, terminal  # noqa: F401 (terminal is a fixture)

FIRST = 1767225600  # 2026-01-01T00:00:00Z
GAP_AT, GAP_MINUTES, MINUTES = 90, 334, 120
BODIES = "│┃╷╵╻╹╽╿"


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    """A store with a tick a minute, prices with one decimal, and a gap of 5 h 34 min."""
    folder = tmp_path_factory.mktemp("stored")
    with open(folder / "ticks.csv", "w", encoding="ascii") as file:
        file.write("time,symbol,last_price\n")
        for minute in range(MINUTES):
            at = FIRST + 60 * (minute + (GAP_MINUTES if minute >= GAP_AT else 0))
            file.write(f"{at},tBTCUSD,{64900 + minute % 7 + 0.5}\n")
    done = subprocess.run([BINARY, "demo", "--source", "replay:ticks.csv", "--speed", "max", "--listen", "127.0.0.1:0", "--data-dir", "data",
                           "--store", f"sqlite:{folder}/market.db"],
                          cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60 + PATIENCE_S)
    assert done.returncode == 0, done.stderr
    return f"sqlite:{folder}/market.db"


@pytest.mark.parametrize("columns, rows", ((80, 24), (120, 50), (52, 24), (64, 18), (80, 12), (30, 9)))
def test_table_and_drawing_fit_into_the_window(stored, terminal, columns, rows):
    shown = terminal("candles", "--store", stored, "--interval", "1m", columns=columns, rows=rows)
    assert shown.wait() == 0, shown.text
    assert_fits(shown.text, columns)
    screen = screen_of(shown)
    assert "tBTCUSD (UTC)" in screen[0] or rows < 12, "\n".join(screen)  # nothing was scrolled away
    assert f"{MINUTES - max(3, rows // 5)} earlier ones are left out" in " ".join(shown.text.split())
    if rows >= 18:
        picture = "\n".join(screen[-(rows // 2):])
        assert any(body in picture for body in BODIES), picture
        assert re.search(r"tBTCUSD 1m  64900\.5  [-+]?\d+\.\d\d %", "\n".join(screen))  # the title, with all digits
        assert sum("◂64900.5" in row for row in screen) == 1  # the last price is marked
        assert re.search(r"╵01-01 \d\d:\d\d", picture)
        assert screen[rows - 2] and not screen[rows - 1]  # as high as the window, and the prompt's row is free


def test_a_gap_is_seen_in_the_drawing_and_in_the_table(stored, terminal, run):
    shown = terminal("candles", "--store", stored, "--interval", "1m")
    assert shown.wait() == 0, shown.text
    screen = "\n".join(screen_of(shown))
    assert "┊ none for 5h 34m from 2026-01-01 01:30" in screen
    assert re.search(r"[│┃╷╵╻╹╽╿] ┊ ", screen), screen
    code, table, _ = run("candles", "--store", stored, "--interval", "1m")
    rows = table.splitlines()
    assert code == 0 and len(rows) == 1 + MINUTES  # a pipe has all of them
    assert [number for number, row in enumerate(rows) if "none for" in row] == [1 + GAP_AT]
    assert rows[1 + GAP_AT].endswith("none for 5h 34m before")


def test_the_candle_that_is_forming_is_hollow(stored, terminal, tmp_path):
    mine = shutil.copy(stored.removeprefix("sqlite:"), tmp_path / "mine.db")
    with sqlite3.connect(mine) as database:
        shift = "CAST(strftime('%s', 'now') AS INTEGER) * 1000000000 - (SELECT max(time) FROM ticker)"
        database.execute(f"UPDATE ticker SET time = time + 1 + {shift} WHERE time = (SELECT max(time) FROM ticker)")
    shown = terminal("candles", "--store", f"sqlite:{mine}", "--interval", "1d")
    assert shown.wait() == 0, shown.text
    assert "║" in shown.text, shown.text


@pytest.mark.parametrize("environment, coloured", (({}, True), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True), ({"TERM": "dumb"}, False)))
def test_colours_are_for_those_who_want_them(stored, terminal, environment, coloured):
    shown = terminal("candles", "--store", stored, environment=environment)
    assert shown.wait() == 0, shown.text
    assert (COLOURS.search(shown.text) is not None) is coloured
