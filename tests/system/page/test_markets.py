"""Markets and news of the page's API, with SQLite, against what is stored: every figure is found again in the store's own rows."""

import sqlite3
from datetime import datetime, timezone

import pytest

from conftest import get, get_json, wait_for

HOUR_NS = 3600 * 10**9
HALF_HOUR_NS = HOUR_NS // 2
STREAMS = "ticker,trade,bar,event,news"


def ns_of(text):
    """RFC 3339 with up to nine decimals."""
    whole, _, fraction = text.rstrip("Z").partition(".")
    seconds = datetime.fromisoformat(whole).replace(tzinfo=timezone.utc).timestamp()
    return int(seconds) * 10**9 + int(fraction.ljust(9, "0") or 0)


def rows_of(store, query, *values):
    with sqlite3.connect(f"file:{store}?mode=ro", uri=True, timeout=10) as database:
        return database.execute(query, values).fetchall()


@pytest.fixture
def demo(start, tmp_path):
    store = tmp_path / "store.db"
    program = start("demo", "--listen", "127.0.0.1:0", "--source", "synthetic", "--streams", STREAMS, "--coins", "tBTCUSD,tETHUSD",
                    "--store", f"sqlite:{store}", "--poll-interval", "200ms", "--history", "3h")
    program.store = store
    program.url = program.wait_event("ready")["page"]

    def whole():
        spans = rows_of(store, "SELECT max(time) - min(time) FROM ticker GROUP BY coin")
        return len(spans) == 2 and min(spans)[0] > 2.9 * HOUR_NS and len(rows_of(store, "SELECT 1 FROM news")) > 30

    wait_for(whole, 40, "three hours of ticks, and news")
    return program


def price_before(store, coin, time_ns):
    """The last price in the half-hour up to that time."""
    found = rows_of(store, "SELECT last_price FROM ticker WHERE coin = ? AND time <= ? AND time > ? ORDER BY time DESC LIMIT 1",
                    coin, time_ns, time_ns - HALF_HOUR_NS)
    return found[0][0] if found else None


def test_markets_are_what_the_store_has(demo):
    answer = get_json(f"{demo.url}/api/markets")
    as_of = ns_of(answer["as_of"])
    rows = {row["coin"]: row for row in answer["markets"]}
    assert set(rows) == {"tBTCUSD", "tETHUSD"}
    assert answer["providers"] == []  # nobody has provided what is made up
    for coin, row in rows.items():
        assert row["of"] == "ticker" and row["source"] == "synthetic" and row["synthetic"] and not row["made_up"]
        assert row["quote"] == "USD" and row["asset"]["ticker"] == coin[1:4]
        stored = rows_of(demo.store, "SELECT last_price, volume FROM ticker WHERE coin = ? AND time = ?", coin, ns_of(row["time"]))
        assert stored == [(row["price"], row["volume_24h"])]
        before = price_before(demo.store, coin, as_of - HOUR_NS)
        assert row["change_1h"] == pytest.approx((row["price"] / before - 1) * 100, abs=1e-9)
        assert row["change_24h"] is None and row["change_7d"] is None, "the store has three hours"
        assert row["market_cap"] is None and len(row["sparkline"]) == 48
        closes = [price_before(demo.store, coin, as_of - (47 - i) * HALF_HOUR_NS) for i in range(48)]
        assert row["sparkline"][:-1] == closes[:-1] and sum(close is not None for close in closes) in (6, 7)


def test_news_are_all_there_once_by_page_and_by_coin(demo):
    stored = [row for row, in rows_of(demo.store, "SELECT news_id FROM news ORDER BY time DESC")]
    seen, before = [], ""
    while before is not None:
        answer = get_json(f"{demo.url}/api/news?limit=7{before and f'&before={before}'}")
        seen += [news["id"] for news in answer["news"]]
        assert len(answer["news"]) in range(0, 8)
        before = answer["next"]
    assert [news_id for news_id in seen if news_id in stored] == stored and len(seen) == len(set(seen))
    answer = get_json(f"{demo.url}/api/news?coin=tETHUSD&limit=200")
    assert answer["news"] and all("ETH" in news["coins"] and news["synthetic"] for news in answer["news"])
    assert get(f"{demo.url}/api/news?coins=ETH&coin=BTC")[0] == 400
