"""CoinGecko's prices: ticks with the service's own times, each sent once, the past from charts, and no key in what is told."""

import json
import sqlite3
import time

import pytest
from conftest import get_json, wait_for
from feed_server import Answer, FeedServer
from price_run import PriceRun

KEY = "CG-canary-5f1c0e"
UPDATED = {"bitcoin": ("2026-01-06T06:54:36.248Z", 1767682476248), "ethereum": ("2026-01-06T05:00:00.000Z", 1767675600000)}
STEP_MS = 300 * 1000


def row(name, price, cap):
    return {"id": name, "symbol": name[:3], "current_price": price, "market_cap": cap, "total_volume": 7, "high_24h": price * 2,
            "low_24h": price / 2, "price_change_24h": -1.5, "price_change_percentage_24h": 50, "roi": None, "last_updated": UPDATED[name][0]}


MARKETS = json.dumps([row("bitcoin", 42981, 815292625876), row("ethereum", 2.993e-05, 0)]).encode()


@pytest.fixture
def service():
    with FeedServer() as server:
        server.answers["/api/v3/coins/markets"] = Answer(MARKETS)
        yield server


def chart(now_ms, shift_ms=0):
    """A day of points off the grid, and the price of now."""
    times = [now_ms - i * STEP_MS + 899 + shift_ms for i in range(287, 0, -1)] + [now_ms]
    return {"prices": [[at, 100 + i] for i, at in enumerate(times)], "market_caps": [[at, 1e6 + i] for i, at in enumerate(times)],
            "total_volumes": [[at, 7] for at in times]}


def test_ticks_have_the_times_of_the_service_and_the_key_stays_secret(start, tmp_path, service):
    store, key = tmp_path / "store.db", tmp_path / "key"
    key.write_text(KEY)
    key.chmod(0o600)
    demo = start("demo", "--listen", "127.0.0.1:0", "--source", "coingecko", "--coins", "tBTCUSD,tETHUSD", "--store", f"sqlite:{store}",
                 "--coingecko-url", f"{service.url}/api/v3", "--coingecko-key-file", key, "--verify", "--history", "1m",
                 "--log-level", "debug")
    url = demo.wait_event("ready")["page"]

    def ticks():
        with sqlite3.connect(f"file:{store}?mode=ro", uri=True, timeout=10) as database:
            return database.execute("SELECT coin, time, last_price, market_cap, daily_change_relative, seq, run_id FROM ticker "
                                    "ORDER BY coin").fetchall()

    wait_for(lambda: len(ticks()) == 2, 20, "two ticks")
    assert ticks() == [("cg:bitcoin", UPDATED["bitcoin"][1] * 10**6, 42981.0, 815292625876.0, 0.5, 0, 0),
                       ("cg:ethereum", UPDATED["ethereum"][1] * 10**6, 2.993e-05, None, 0.5, 0, 0)]
    status = json.dumps(get_json(f"{url}/api/status"))
    assert demo.stop(60) == 0, demo.log()  # verify balances
    path, headers = next(asked for asked in service.asked if "/coins/markets" in asked[0])
    assert path.startswith("/api/v3/coins/markets?vs_currency=usd&") and path.endswith("&ids=bitcoin,ethereum")
    assert headers["x-cg-demo-api-key"] == KEY
    assert KEY not in demo.log() and KEY not in status


def test_a_days_chart_fills_the_past_and_a_restart_sends_nothing_twice(start, run, brokers, tmp_path, service):
    now_ms = int(time.time() * 1000)
    prices = PriceRun(start, run, brokers, tmp_path, "--source", "coingecko", "--coins", "cg:bitcoin,cg:ethereum", "--coingecko-url",
                      f"{service.url}/api/v3", "--poll-interval", "coingecko=200ms", "--history", "1d")
    past = chart(now_ms)
    service.answers["/api/v3/coins/bitcoin/market_chart"] = Answer(json.dumps(past).encode())
    service.answers["/api/v3/coins/ethereum/market_chart"] = Answer(b'{"error":"coin not found"}', 404)
    producer = prices.produce()
    prices.wait_rows(2 + 287)
    producer.wait_event("no_history")
    wait_for(lambda: service.count("/api/v3/coins/markets") > 3, 20, "more polls")
    assert producer.stop() == 0, producer.log()
    assert prices.rows() == [
        ("cg:bitcoin", UPDATED["bitcoin"][1] * 10**6, 42981.0, 815292625876.0),
        *(("cg:bitcoin", at * 10**6, 100.0 + i, 1e6 + i) for i, (at, _) in enumerate(past["prices"][:-1])),
        ("cg:ethereum", UPDATED["ethereum"][1] * 10**6, 2.993e-05, None)]
    assert service.count("/api/v3/coins/bitcoin/market_chart") == 1
    asked = next(path for path, _ in service.asked if "bitcoin/market_chart" in path)
    assert asked.endswith("/coins/bitcoin/market_chart?vs_currency=usd&days=1&precision=full")

    # Without a gap the chart is not even asked for again.
    polls = service.count("/api/v3/coins/markets")
    again = prices.produce()
    wait_for(lambda: service.count("/api/v3/coins/markets") > polls + 3, 20, "polls after the restart")
    assert again.stop() == 0, again.log()
    assert service.count("/api/v3/coins/bitcoin/market_chart") == 1
    assert len(prices.rows()) == 2 + 287
    assert prices.verify() == 2 + 287

    # A longer history is: its points (of other times by now) between which the log has none are sent.
    now_ms = int(time.time() * 1000)
    hours = [now_ms - i * 3600 * 1000 + 17 for i in range(47, 0, -1)] + [now_ms]
    service.answers["/api/v3/coins/bitcoin/market_chart"] = Answer(json.dumps({"prices": [[at, 5] for at in hours]}).encode())
    longer = prices.produce("--history", "2d")
    prices.wait_rows(2 + 287 + 22)
    assert longer.stop() == 0, longer.log()
    stored = prices.verify()
    new = [got[1] // 10**6 for got in prices.rows() if got[2] == 5]
    assert new == hours[: len(new)] and 22 <= len(new) <= 24 and stored == 2 + 287 + len(new)
    assert prices.consumer.stop() == 0


def test_limit_of_requests_is_waited_for_as_the_service_asks(start, run, brokers, tmp_path, service):
    prices = PriceRun(start, run, brokers, tmp_path, "--source", "coingecko", "--coins", "cg:bitcoin", "--coingecko-url",
                      f"{service.url}/api/v3", "--poll-interval", "coingecko=100ms")
    service.answers["/api/v3/coins/markets"] = Answer(b"<!DOCTYPE html>", 429, {"Retry-After": "119"})
    producer = prices.produce()
    reason = producer.wait_event("service_failed")["reason"]
    assert "waiting 119 s" in reason and "--coingecko-key-file" in reason
    time.sleep(1)
    assert producer.stop() == 0
    assert len(service.asked) == 1


def test_faster_poll_than_the_services_cache_is_refused(run):
    code, _, err = run("produce", "--source", "coingecko", "--poll-interval", "coingecko=5s", "--coins", "ALL", "--check-options")
    assert code == 2 and "--coingecko-key-file" in err and "2m at least" in err
