"""/metrics and /healthz of produce and consume, as Prometheus and an orchestrator see them."""

import re
import shutil
import subprocess

import pytest

from conftest import get, wait_for

AWAY = "127.0.0.1:1"


def metrics_url(program):
    return program.wait_event("metrics")["url"]


def health(url):
    status, _, body = get(f"{url}/healthz")
    return status, body.decode().strip()


def samples(url):
    """{'name{labels}': value} of a page, which promtool accepts where it is installed."""
    status, headers, body = get(f"{url}/metrics")
    assert status == 200 and headers["Content-Type"].startswith("text/plain; version=0.0.4")
    if shutil.which("promtool"):
        check = subprocess.run(["promtool", "check", "metrics"], input=body, capture_output=True, timeout=20)
        assert check.returncode == 0 and check.stdout + check.stderr == b"", check
    pairs = (line.rpartition(" ") for line in body.decode().splitlines() if not line.startswith("#"))
    return {name: float(value) for name, _, value in pairs}


@pytest.mark.parametrize("arguments, words", [
    (["produce", "--source", "synthetic"], ["not ready: waiting for the topics in Kafka"]),
    (["consume", "--store", "sqlite:market.db"], ["not ready: ", f"no broker answers ({AWAY})"]),
])
def test_without_brokers_health_says_what_is_waited_for(start, arguments, words):
    program = start(*arguments, "--brokers", AWAY, "--registry", f"http://{AWAY}", "--metrics", "127.0.0.1:0")
    url = metrics_url(program)
    assert health(url)[0] == 503  # from the first moment on
    wait_for(lambda: all(word in health(url)[1] for word in words), 15, f"{words} in {health(url)}")
    assert samples(url)["candlewick_healthy"] == 0


def test_a_registry_or_store_that_is_away_is_named(start, brokers, tmp_path):
    bootstrap = brokers("tickers:6", "tickers.dlq:1")
    produce = start("produce", "--source", "synthetic", "--brokers", bootstrap, "--registry", f"http://{AWAY}",
                    "--metrics", "127.0.0.1:0")
    url = metrics_url(produce)
    wait_for(lambda: "waiting for the schema registry (" in health(url)[1] and AWAY in health(url)[1], 15, "the registry")


def test_a_stream_whose_topic_cannot_be_made_is_named_and_the_other_flows(start, brokers, tmp_path):
    """This cluster makes no topics by request."""
    bootstrap = brokers("tickers:2", "tickers.dlq:1")
    registry = start("registry", "--listen", "127.0.0.1:0", "--registry-data", "registry.db").wait_event("listening")["url"]
    addresses = ["--brokers", bootstrap, "--registry", registry]
    start("produce", "--source", "synthetic", "--poll-interval", "50ms", *addresses)
    member = start("consume", "--client-id", "only", "--streams", "bar,ticker", "--store", "sqlite:market.db",
                   "--metrics", "127.0.0.1:0", *addresses)
    url = metrics_url(member)
    wait_for(lambda: samples(url).get('candlewick_ticks_written_total{member="only"}', 0) > 20, 20, "ticks")
    wait_for(lambda: "there is no topic bars" in health(url)[1], 15, "the topic that is missing")
    assert health(url)[0] == 503
    assert member.wait_event("waiting")["topic"] == "bars"
    written = samples(url)['candlewick_ticks_written_total{member="only"}']
    wait_for(lambda: samples(url)['candlewick_ticks_written_total{member="only"}'] > written, 10, "more ticks")
    assert member.stop() == 0


def test_figures_of_a_producer_and_two_members(start, brokers):
    bootstrap = brokers("tickers:6", "tickers.dlq:1")
    registry = start("registry", "--listen", "127.0.0.1:0", "--registry-data", "registry.db")
    environment = {
        "KAFKA_BROKERS": bootstrap, "SCHEMA_REGISTRY_URL": registry.wait_event("listening")["url"],
        "STORE": "sqlite:market.db", "METRICS": "127.0.0.1:0",
        "KAFKA_PROPERTIES": "session.timeout.ms=6000,statistics.interval.ms=500",
    }
    produce = start("produce", "--client-id", "producer", "--source", "synthetic", "--poll-interval", "50ms",
                    environment=environment)
    members = {name: start("consume", "--client-id", name, environment=environment)
               for name in ("consumer-1", "consumer-2")}
    urls = {name: metrics_url(member) for name, member in members.items()}
    producer_url = metrics_url(produce)
    for url in (producer_url, *urls.values()):
        wait_for(lambda: health(url) == (200, "ok"), 30, f"health {health(url)}")

    def owned():
        return [set(re.findall(r'candlewick_partition_owned{member="(.+?)",topic="tickers",partition="(\d)"}', text))
                for text in ("\n".join(samples(url)) for url in urls.values())]

    wait_for(lambda: len(set.union(*owned())) == 6 and all(len(of) == 3 for of in owned()), 30, "three each")

    def value(url, name):
        return samples(url).get(name, -1)

    for name, url in urls.items():
        label = f'{{member="{name}"}}'
        written = "candlewick_ticks_written_total" + label
        if name == "consumer-1":  # three coins: one member may have none of them
            wait_for(lambda: sum(value(u, f'candlewick_ticks_written_total{{member="{n}"}}') for n, u in urls.items()) > 20,
                     20, "ticks")
        figures = samples(url)
        assert figures[f"candlewick_exchange_to_store_seconds_count{label}"] == figures[written]
        step = f'{{member="{name}",stream="ticker",step="kafka_to_store"}}'  # of every tick, for each was stamped as it came
        assert figures.get(f"candlewick_truth_lag_seconds_count{step}", 0) == figures[f"candlewick_exchange_to_store_seconds_count{label}"]
        assert figures[f"candlewick_rebalance_duration_seconds_count{label}"] >= 1
        assert figures[f"candlewick_batch_duration_seconds_count{label}"] == figures["candlewick_batches_total" + label]
        assert figures[f'candlewick_dead_letters_total{{member="{name}",reason="undecodable"}}'] == 0
        lags = [key for key in figures if key.startswith("candlewick_partition_lag_messages{")]
        assert len(lags) <= 3
    for url, name in ((producer_url, "producer"), (urls["consumer-1"], "consumer-1")):
        wait_for(lambda: any(key.startswith(f'candlewick_broker_round_trip_seconds_count{{client="{name}",broker=')
                             and count > 0 for key, count in samples(url).items()), 20, "round trips")
