"""Every part a process of its own: fake-exchange, registry, produce, two consumers, SQLite, serve."""

import json
import sqlite3

import ticks
from conftest import get_json, wait_for

ROWS = 3000


def start_parts(start, brokers, tmp_path, csv, strategy="range"):
    """All parts, each with the address of the one before it. Gives them by name."""
    bootstrap = brokers("tickers:6", "tickers.dlq:1")
    registry = start("registry", "--listen", "127.0.0.1:0", "--registry-data", tmp_path / "registry.sqlite")
    registry_url = registry.wait_event("listening")["url"]
    exchange = start("fake-exchange", "--data", csv, "--listen", "127.0.0.1:0")
    exchange_url = exchange.wait_event("listening")["url"]
    environment = {
        "KAFKA_BROKERS": bootstrap,
        "SCHEMA_REGISTRY_URL": registry_url,
        "STORE": f"sqlite:{tmp_path}/store.sqlite",
        "ASSIGNMENT_STRATEGY": strategy,
        "KAFKA_PROPERTIES": "session.timeout.ms=6000",
    }
    parts = {"registry": registry, "exchange": exchange}
    for name in ("consumer-1", "consumer-2"):
        parts[name] = start("consume", "--client-id", name, environment=environment)
    parts["produce"] = start(
        "produce", "--source", "bitfinex", "--exchange-url", exchange_url, "--coins", ",".join(ticks.COINS),
        "--poll-interval", "20ms", "--requests-per-minute", "6000", environment=environment,
    )
    return parts, environment, exchange_url


def test_every_tick_of_the_file_is_stored_and_candles_follow(start, run, brokers, tmp_path):
    csv = tmp_path / "ticks.csv"
    rows = ticks.make_rows(ROWS, seed=11)
    ticks.write_csv(csv, rows)
    parts, environment, exchange_url = start_parts(start, brokers, tmp_path, csv)

    wait_for(lambda: get_json(exchange_url + "/candlewick/progress")["used_up"], 120, "the file is used up")
    assert parts["produce"].stop() == 0
    produced = int(parts["produce"].events("summary")[-1]["produced"])

    def lag():
        code, out, _ = run("status", "--format", "json", environment=environment)
        return code == 0 and json.loads(out)["lag_total"] == 0

    wait_for(lag, 30, "lag 0")
    consumed = 0
    for name in ("consumer-1", "consumer-2"):
        assert parts[name].stop() == 0, parts[name].log()
        consumed += int(parts[name].events("summary")[-1]["written"])
    assert consumed >= produced

    # Live ticks are stamped by the poller: the prices' order per coin is the file's.
    with sqlite3.connect(f"file:{tmp_path}/store.sqlite?mode=ro", uri=True) as store:
        assert store.execute("SELECT count(*) FROM ticker").fetchone() == (produced,)
        for coin in ticks.COINS:
            want = [ticks.bits(row["last_price"]) for row in rows if row["symbol"] == coin]
            got = [
                ticks.bits(price)
                for (price,) in store.execute("SELECT last_price FROM ticker WHERE coin = ? ORDER BY time", (coin,))
            ]
            assert got[: len(want)] == want, coin

    # serve shows the same candles over the same store.
    page = start("serve", "--listen", "127.0.0.1:0", environment=environment)
    url = page.wait_event("ready")["page"]
    code, out, err = run("candles", "--coin", ticks.COINS[0], "--interval", "1m", "--format", "json", environment=environment)
    assert code == 0, err
    shown = get_json(f"{url}/api/candles?coin={ticks.COINS[0]}&interval=1m")
    assert shown == ticks.without_marks(json.loads(out))
    assert sum(candle["ticks"] for candle in shown) >= len([r for r in rows if r["symbol"] == ticks.COINS[0]])
