"""One candle, whoever draws it: the panels' SQL on DataFusion and the C program's fold, on the same stored points, bit for bit."""

import datetime
import json
import os
import random
import sqlite3
import subprocess

import pytest
from columns import FIGURES, NUMBERS
from dashboards import PUBLIC, every_target
from grafana_sql import NS, Store, expand, rfc3339

BINARY = os.environ["CANDLEWICK_BINARY"]
DAY = 1767225600  # 2026-01-01T00:00:00Z, a Thursday
CHOICES = {"1m": 60, "5m": 300, "15m": 900, "1h": 3600, "4h": 14400, "1d": 86400}
PRICES = (0.1, 0.30000000000000004, 1e-8, 60000.123456789, 1.0)


def edge_times():
    """Both sides of edges of every width, to the nanosecond; and some between."""
    edges = [DAY + at for at in (0, 60, 300, 900, 3600, 14400, 86400, 86400 + 300)]
    times = {edge * NS + off for edge in edges for off in (-NS, -1, 0, 1, 2)}
    dice = random.Random(20260101)
    return sorted(times | {DAY * NS + dice.randrange(2 * 86400 * NS) for _ in range(300)})


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    """The SQLite file of a replay, and its points as InfluxDB would have them."""
    folder = tmp_path_factory.mktemp("agree")
    rows = [f"{at},tBTCUSD,{PRICES[i % len(PRICES)]!r}" for i, at in enumerate(edge_times())]
    (folder / "ticks.csv").write_text("\n".join(["time,symbol,last_price", *rows, ""]))
    done = subprocess.run(
        [BINARY, "demo", "--source", "replay:ticks.csv", "--coins", "ALL", "--speed", "max", "--listen", "127.0.0.1:0",
         "--store", "sqlite:points.db"], cwd=folder, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    with sqlite3.connect(folder / "points.db") as file:
        points = file.execute(f"SELECT coin, time, last_price, {', '.join(FIGURES)} FROM ticker").fetchall()
    assert len(points) == len(rows)
    random.Random(1).shuffle(points)  # rows come back in no particular order
    return folder, Store([dict(zip(("coin", "time", *NUMBERS), point)) for point in points])


def by_c(folder, interval, from_s, to_s):
    """`to` of Grafana is of the range, the program's is not: a nanosecond more."""
    out = subprocess.run(
        [BINARY, "candles", "--store", "sqlite:points.db", "--format", "json", "--interval", interval,
         "--from", rfc3339(from_s), "--to", rfc3339(to_s).replace("Z", ".000000001Z")], cwd=folder, capture_output=True, text=True, timeout=60, check=True)
    return [(int(datetime.datetime.fromisoformat(candle["time"]).timestamp()) * NS,
             *(candle[name] for name in ("open", "high", "low", "close"))) for candle in json.loads(out.stdout)]


def by_panel(store, uid, from_s, to_s, width):
    """The public board has its coins by the ticks of the last day, and these are older."""
    sql = next(t["rawSql"] for u, p, t in every_target("influxdb") if u == uid and p["id"] == 1).replace("now() - interval '1 day'", "'1970-01-01'")
    rows = store.rows(expand(sql, from_s, to_s, width, {"coin": "tBTCUSD"}))
    return [(row["time"], row["open"], row["high"], row["low"], row["close"]) for row in rows]


@pytest.mark.parametrize("from_s, to_s", [(DAY, DAY + 86400), (DAY - 1, DAY + 299), (DAY + 17, DAY + 14400 + 131),
                                          (DAY + 299, DAY + 300), (DAY + 300, DAY + 300), (DAY - 86400, DAY + 3 * 86400)])
@pytest.mark.parametrize("choice", CHOICES)
def test_panel_and_program_give_the_same_candles(stored, choice, from_s, to_s):
    folder, store = stored
    width = CHOICES[choice]
    wanted = by_c(folder, choice, from_s, to_s)
    assert wanted, "a range with ticks"
    for uid in ("candlewick-market", PUBLIC):
        assert by_panel(store, uid, from_s, to_s, width) == wanted
    # Whole candles, also those in which the range begins and ends.
    assert wanted[0][0] >= from_s // width * width * NS and wanted[-1][0] <= to_s * NS


def test_a_tick_at_the_edge_opens_the_next_candle(stored):
    folder, _ = stored
    times = [t for t in edge_times() if DAY * NS <= t < (DAY + 600) * NS]
    first, second = by_c(folder, "5m", DAY, DAY + 599)
    price = {at: PRICES[i % len(PRICES)] for i, at in enumerate(edge_times())}
    edge = (DAY + 300) * NS
    assert first[4] == price[edge - 1] and second[1] == price[edge]
    assert times[0] == DAY * NS and first[1] == price[DAY * NS]
