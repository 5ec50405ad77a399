"""Where influxdb3 is on PATH it is started and written to, with a token that nobody else sees; a replay that ends."""

import csv
import io
import os
import re
import stat
import sys
from pathlib import Path

import pytest
from conftest import Stack, wait_for

ROWS = "time,symbol,last_price\n2026-01-01T00:00:00Z,tBTCUSD,100\n2026-01-01T00:00:01Z,tBTCUSD,130\n2026-01-01T00:00:02Z,tBTCUSD,110.5\n"


@pytest.fixture
def stack(tmp_path):
    """Its replay file is named from where the user stands; python3 on PATH is the tests' own."""
    (tmp_path / "ticks.csv").write_text(ROWS)
    path = f"{Path(__file__).parent}:{Path(sys.executable).parent}:{os.environ['PATH']}"
    stack = Stack(tmp_path, SOURCE="replay:ticks.csv", COINS="tBTCUSD", PATH=path)
    try:
        yield stack
    finally:
        stack.launch("cluster", "down", "--volumes")


def test_replay_ends_in_influx_and_the_token_stays_hidden(stack):
    told = stack.launch("cluster")
    assert f"stored in http://127.0.0.1:{stack.ports['INFLUX_PORT']}" in told

    def candle():
        rows = list(csv.DictReader(io.StringIO(stack.candlewick("candles", "--interval", "1m", "--format", "csv"))))
        return rows if rows and rows[0]["ticks"] == "3" else None

    (candle,) = wait_for(candle, 20, "the replay's candle")
    assert [float(candle[name]) for name in ("open", "high", "low", "close")] == [100, 130, 100, 110.5]

    token = stack.var / "secrets" / "cluster-influx-token"
    secret = token.read_text().strip()
    assert stat.S_IMODE(token.parent.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in token.parent.iterdir()} == {0o600}
    for part, pid in stack.pids().items():
        if part not in ("influxdb", "producer"):
            assert secret not in Path(f"/proc/{pid}/cmdline").read_text(), part
    shown = told + stack.launch("status") + "".join(path.read_text() for path in (stack.home / "logs").iterdir())
    assert secret not in shown and secret not in (stack.var / "run.env").read_text()

    # A file that was read to its end is no failure, and is not read again.
    assert f"has read {stack.folder}/ticks.csv to its end" in stack.launch("status")
    before = stack.pids()
    assert "had ended" not in stack.launch("cluster")
    assert stack.pids() == before


def test_power_cut_takes_the_last_seconds_and_replay_brings_them_back(stack):
    stack.launch("cluster", SOURCE="synthetic-ticker", COINS="tBTCUSD,tETHUSD", RETENTION="366d")
    told = stack.launch("drill", "power-cut", DRILL_RATE="50")
    assert "power cut" in told and "balance:" in told
    missing = int(re.search(r"took (\d+) ticks whose offsets were committed", told)[1])
    assert missing > 0
    assert "store_emptied" in "".join(path.read_text() for path in (stack.home / "logs").glob("consumer-*"))


def test_the_token_of_another_influx_is_not_written_over(stack):
    token = stack.folder / "token"
    token.write_text("apiv3_of_another\n")
    assert "is the token of another InfluxDB" in stack.launch("cluster", want=1, INFLUX_TOKEN_FILE=str(token))
    assert token.read_text() == "apiv3_of_another\n"
