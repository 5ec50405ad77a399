"""Two live producers of the same coins at once are told: to the later one, on the page, until one of them has stopped."""

import json

import pytest

import ticks
from conftest import get, get_json, wait_for
from test_metrics import health, metrics_url, samples

COINS = ",".join(ticks.COINS)


@pytest.fixture
def ends(start, brokers, tmp_path):
    """produce(...), of an exchange with one row of each coin, and the environment of the other commands."""
    body = tmp_path / "body.json"
    rows = [[coin, 99.5, 1, 100.5, 1, 0.5, 0.01, 100.0 + number, 1000, 110, 90] for number, coin in enumerate(ticks.COINS)]
    body.write_text(json.dumps(rows))
    registry = start("registry", "--listen", "127.0.0.1:0", "--registry-data", tmp_path / "registry.sqlite")
    exchange = start("fake-exchange", "--data", body, "--listen", "127.0.0.1:0")
    environment = {
        "KAFKA_BROKERS": brokers("tickers:6", "tickers.dlq:1"),
        "SCHEMA_REGISTRY_URL": registry.wait_event("listening")["url"],
        "BITFINEX_URL": exchange.wait_event("listening")["url"],
        "STORE": f"sqlite:{tmp_path}/store.sqlite",
    }

    def produce(coins=COINS):
        program = start("produce", "--source", "bitfinex", "--coins", coins, "--poll-interval", "100ms", "--requests-per-minute", "6000",
                        "--metrics", "127.0.0.1:0", environment=environment)
        wait_for(lambda: acknowledged(program) > 3, 20, "ticks are acknowledged")
        return program

    return produce, environment


def told(program):
    """What /healthz says besides "ok"."""
    status, text = health(metrics_url(program))
    return status == 200 and text.partition("notice: ")[2]


def acknowledged(program):
    return samples(metrics_url(program))["candlewick_ticks_acknowledged_total"]


def overlapping(program):
    return samples(metrics_url(program))["candlewick_producer_overlap_coins"]


def test_two_producers_at_once_are_told_to_the_later_and_on_the_page(ends, start):
    produce, environment = ends
    earlier = produce()
    page = start("serve", "--listen", "127.0.0.1:0", environment=environment)
    url = page.wait_event("ready")["page"]

    def two_producers():
        return get_json(f"{url}/api/status")["two_producers"]

    wait_for(lambda: get_json(f"{url}/api/status")["end_total"], 20, "the page sees ticks")
    assert two_producers() is None
    later = produce()
    wait_for(lambda: told(later), 20, f"the later one is told: {later.log()}")
    (event,) = later.events("producer_overlap")
    words = told(later)
    assert event["coin"] in ticks.COINS and int(event["other_run_id"]) < int(event["run_id"]) and event["other_source"] == "bitfinex"
    assert all(word in words for word in (event["coin"], event["other_run_id"], "source bitfinex", "stop one of the two", "--coins"))
    assert overlapping(later) == len(ticks.COINS)
    shown = wait_for(two_producers, 20, "the page tells it")
    assert event["run_id"] in shown and event["other_run_id"] in shown and "stop one of the two" in shown
    assert told(earlier) == "" and overlapping(earlier) == 0 and not earlier.events("producer_overlap")

    assert earlier.stop() == 0
    wait_for(lambda: told(later) == "" and two_producers() is None, 30, "it is over for both")
    assert overlapping(later) == 0 and later.events("producer_overlap_over")
    assert len(later.events("producer_overlap")) == 1 and later.stop() == 0


def test_restart_other_coins_and_replays_are_no_second_producer(ends, start, tmp_path):
    produce, environment = ends
    first = produce(COINS)
    assert first.stop() == 0
    restarted = produce(ticks.COINS[0])
    beside = produce(ticks.COINS[1])
    csv = tmp_path / "ticks.csv"
    ticks.write_csv(csv, ticks.make_rows(300, seed=3))
    for source in (f"replay:{csv}", "synthetic"):
        more = ["--rows", "50"] if source == "synthetic" else []
        assert start("produce", "--source", source, "--speed", "max", "--coins", COINS, *more, environment=environment).wait(60) == 0
    # Both have looked at the log since, at least once.
    seen = [acknowledged(part) for part in (restarted, beside)]
    wait_for(lambda: all(acknowledged(part) > before + 45 for part, before in zip((restarted, beside), seen)), 30, "both went on for two looks")
    for part in (restarted, beside):
        assert told(part) == "" and overlapping(part) == 0 and not part.events("producer_overlap")
        assert get(metrics_url(part) + "/healthz")[0] == 200 and part.stop() == 0
