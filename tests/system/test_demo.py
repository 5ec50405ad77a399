"""`demo` as a new user meets it: a page with candles, the same figures on the terminal, a clean end."""

import json
import re
import signal
import time
import urllib.request

import pytest

import ticks
from conftest import FIXTURES, get, get_json, wait_for


def start_demo(start, *arguments):
    return start("demo", "--listen", "127.0.0.1:0", "--data-dir", "var/demo", *arguments)


def candles(url, coin, interval="5m"):
    status, _, body = get(f"{url}/api/candles?coin={coin}&interval={interval}")
    return json.loads(body) if status == 200 else []


def test_synthetic_demo_shows_candles_and_the_terminal_agrees(start, run):
    # 2 s of wall clock; fixed start, so that no candle forms while both are asked.
    demo = start_demo(start, "--source", "synthetic", "--poll-interval", "200ms", "--duration", "15s")
    url = demo.wait_event("ready")["page"]
    wait_for(lambda: candles(url, "tBTCUSD"), 10, "a first candle")
    assert get_json(f"{url}/api/info")["synthetic"] is True

    def equal():
        code, out, err = run("candles", "--coin", "tBTCUSD", "--interval", "5m", "--format", "json")
        assert code == 0, err
        shown = json.loads(out)
        assert all(item["synthetic"] and not item["cut"] for item in shown)
        return candles(url, "tBTCUSD") == ticks.without_marks(shown)

    wait_for(equal, 5, "page and terminal show the same candles")
    for command in ("candles", "status"):
        assert "synthetic data" in run(command)[1]
    assert demo.wait(30) == 0, demo.log()
    assert int(demo.events("summary")[-1]["written"]) > 0


def test_demo_without_exchange_says_so_and_goes_on_with_synthetic(start):
    demo = start_demo(start, "--exchange-url", "http://127.0.0.1:9", "--exchange-ws-url", "ws://127.0.0.1:9", "--poll-interval", "200ms")
    url = demo.wait_event("ready")["page"]
    wait_for(lambda: candles(url, "tBTCUSD"), 15, "a first candle")
    assert demo.events("exchange_unreachable")
    assert get_json(f"{url}/api/info")["synthetic"] is True
    assert demo.stop() == 0


@pytest.mark.parametrize("sig", [signal.SIGTERM, signal.SIGINT])
def test_demo_signal_drains_and_exits_0(start, sig):
    demo = start_demo(start, "--source", "synthetic", "--poll-interval", "100ms")
    url = demo.wait_event("ready")["page"]
    wait_for(lambda: candles(url, "tBTCUSD"), 10, "a first candle")
    demo.process.send_signal(sig)
    assert demo.wait(10) == 0, demo.log()
    summary = demo.events("summary")[-1]
    # A rebalance may bring some twice: the in-process cluster takes no commit while one is under way.
    assert int(summary["written"]) >= int(summary["produced"]) > 0, summary
    assert summary["lag"] == "0", summary


def poll_body(start, body, coins, funding):
    exchange = start("fake-exchange", "--data", body, "--listen", "127.0.0.1:0")
    exchange_url = exchange.wait_event("listening")["url"]
    demo = start_demo(
        start, "--exchange-url", exchange_url, "--coins", "ALL", "--source", "bitfinex",
        "--poll-interval", "500ms", "--requests-per-minute", "600",
    )
    url = demo.wait_event("ready")["page"]
    wait_for(lambda: len(get_json(f"{url}/api/coins")) == coins, 15, f"{coins} coins stored")
    assert demo.stop() == 0
    summary = demo.events("summary")[-1]
    polls = int(summary["rows"]) // (coins + funding)  # answered: the stop may have cut the last request
    assert int(summary["requests"]) - polls in (0, 1)
    assert int(summary["rejected_funding"]) == funding * polls
    assert int(summary["produced"]) == coins * polls
    exchange.stop()


def test_all_coins_of_a_body_are_stored_and_funding_rows_counted(start):
    body = FIXTURES / "bitfinex" / "tickers_all.json"
    rows = json.loads(body.read_text())
    funding = sum(row[0].startswith("f") for row in rows)
    poll_body(start, body, len(rows) - funding, funding)


def test_all_coins_of_a_body_as_long_as_the_exchanges(start, tmp_path):
    """Hundreds of coins a round, the funding rows last."""
    rows = [[f"tC{n:03}{':' * (n % 7 == 0)}USD", n + 0.5, 1.5 * n, n + 0.75, 2.25, -0.125 * n, -4e-8, n + 0.625, 1000 * n, n + 1, n]
            for n in range(1, 301)]
    rows += [[f"fC{n:02}", 4e-8 * n, 0, 30, 0, 1e-08, 2, 2663.25, 0, 0, 1e-08, 664.5, 1e-08, 1e-08, None, None, 25.5] for n in range(30)]
    body = tmp_path / "tickers.json"
    body.write_text(json.dumps(rows))
    poll_body(start, body, 300, 30)


def test_every_coin_of_a_round_is_live_at_once(start):
    """The page must not wait for the next round to see the last coins of this one."""
    demo = start_demo(start, "--source", "synthetic", "--poll-interval", "6s")
    url = demo.wait_event("ready")["page"]
    wait_for(lambda: candles(url, "tBTCUSD"), 10, "a first candle")
    seen = {}
    with urllib.request.urlopen(url + "/api/events", timeout=10) as events:
        for line in events:
            if line.startswith(b"data:") and b'"symbol"' in line:
                seen.setdefault(json.loads(line[5:])["symbol"], time.monotonic())
            if len(seen) == 3:
                break
    assert max(seen.values()) - min(seen.values()) < 3, seen
    assert demo.stop() == 0


def test_two_members_share_the_partitions_on_the_page(start):
    demo = start_demo(start, "--source", "synthetic", "--poll-interval", "200ms")
    url = demo.wait_event("ready")["page"]

    def owners():
        status, _, body = get(f"{url}/api/status")
        partitions = json.loads(body)["partitions"] or [] if status == 200 else []
        return sorted(str(p["owner"]) for p in partitions) == ["consumer-1"] * 3 + ["consumer-2"] * 3

    wait_for(owners, 15, "three partitions a member")
    assert demo.stop() == 0


@pytest.mark.parametrize("source", ["synthetic-ticker", "synthetic-ticker,synthetic-trade"])  # the second one has a past
def test_a_second_demo_in_a_folder_finds_the_points_of_the_first_former(start, run, tmp_path, source):
    """The first one's log has ended with it, and its points are right."""
    asked = ("verify", "--data-dir", tmp_path, "--wait", "20s", "--streams", "ticker")
    for number in (1, 2):
        demo = start("demo", "--listen", "127.0.0.1:0", "--data-dir", tmp_path, "--source", source, "--poll-interval", "100ms",
                     "--streams", "ticker")
        url = demo.wait_event("ready")["page"]
        wait_for(lambda: get_json(f"{url}/api/status")["written"] or 0 > 10, 15, "ticks in the store")
        if number == 1:
            assert demo.stop() == 0
            assert f"--data-dir {tmp_path}" in demo.wait_event("ended")["see"]
    code, out, err = run(*asked, "--format", "json")
    report = json.loads(out)
    assert code == 1 and report["former"] > 0 and report["unexpected"] == 0 and not report["balanced"], out + err
    code, out, err = run(*asked)
    since = re.search(r"--from (\S+) proves", " ".join(out.split()))
    assert code == 1 and "Keep them" in out and "delete" not in out.lower() and since, out + err
    code, out, err = run(*asked, "--from", since.group(1))
    assert code == 0 and "The books balance" in out, out + err  # because it was asked for
    assert demo.stop() == 0


SOURCES = ("bitfinex", "bitfinex-trades", "bitfinex-bars")
THREE_COINS = "tBTCUSD,tETHUSD"
NOBODY = "ws://127.0.0.1:9/ws/2"


def start_three(start, *arguments, ws=None):
    """A demo of the default sources on a fake exchange; its page."""
    exchange = start("fake-exchange", "--coins", THREE_COINS, "--listen", "127.0.0.1:0")
    url = exchange.wait_event("listening")["url"]
    ws = ws or "ws" + url.removeprefix("http") + "/ws/2"
    demo = start("demo", "--exchange-url", url, "--exchange-ws-url", ws, "--coins", THREE_COINS, "--poll-interval", "500ms",
                 "--requests-per-minute", "600", "--listen", "127.0.0.1:0", "--data-dir", "var/demo", *arguments)
    return demo, demo.wait_event("ready")["page"]


def produced(page):
    return {source["source"]: source["produced"] for source in get_json(page + "/api/status")["sources"]}


def test_all_three_flow_into_one_store_and_the_books_balance(start, tmp_path):
    demo, page = start_three(start, "--verify")
    wait_for(lambda: set(produced(page)) == set(SOURCES) and min(produced(page).values()) > 0, 30, "something of each source")
    metrics = get(page + "/metrics")[2].decode()
    for source in SOURCES:
        assert f'candlewick_ticks_acknowledged_total{{source="{source}"}}' in metrics
    assert 'candlewick_source_open_holes{source="bitfinex-trades"} 0' in metrics
    assert demo.stop(30) == 0, demo.log()
    assert "The books of 4 of 4 topics balance." in "".join(demo.output)
    assert (tmp_path / "var" / "demo" / "live.sqlite").exists()
    lines = {line["source"]: line for line in demo.events("source_summary")}
    assert set(lines) == set(SOURCES)
    assert all(int(line["undelivered"]) == 0 and int(line["not_taken"]) == 0 for line in lines.values()), json.dumps(lines)
    assert int(demo.events("summary")[-1]["produced"]) == sum(int(line["produced"]) for line in lines.values())


def test_one_that_cannot_connect_does_not_slow_the_others(start):
    demo, page = start_three(start, ws=NOBODY)
    wait_for(lambda: produced(page).get("bitfinex", 0) >= 8 and produced(page)["bitfinex-bars"] > 0, 30, "ticks and bars")
    status, _, body = get(page + "/healthz")
    assert status == 503 and b"bitfinex-trades" in body, body
    assert 'candlewick_exchange_rows_total{source="bitfinex-trades"} 0\n' in get(page + "/metrics")[2].decode()
    assert demo.stop(30) == 0, demo.log()
