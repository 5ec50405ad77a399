"""What is not known is null, never 0: in /api/status, in /metrics; and what the page is told after a replay."""

import time

import pytest

from conftest import get, get_json, wait_for

AWAY = "127.0.0.1:1"
START_S = 1_700_000_000
TICKS = 100


@pytest.fixture
def replayed(start, tmp_path):
    """The page of a demo that has replayed a file slowly enough to stay open at its end."""
    with (tmp_path / "ticks.csv").open("w") as file:
        file.write("time,symbol,last_price\n")
        file.writelines(f"{(START_S + i) * 10**9},tBTCUSD,{60000 + i}\n" for i in range(TICKS))
    demo = start("demo", "--source", "replay:ticks.csv", "--speed", "1000", "--coins", "ALL", "--store",
                 "sqlite:market.db", "--listen", "127.0.0.1:0")
    demo.page = demo.wait_event("ready")["page"]
    return demo


def test_the_range_of_a_replay_is_told_once_it_is_whole(replayed):
    replayed.wait_event("source_ended")
    info = wait_for(lambda: (info := get_json(f"{replayed.page}/api/info")).get("replay_to") and info, 20, "replay_to")
    assert info["replay_from"] == "2023-11-14T22:13:20Z"
    assert info["replay_to"] == "2023-11-14T22:14:59Z"  # the last row, TICKS - 1 seconds later
    status = get_json(f"{replayed.page}/api/status")
    assert status["end_total"] == TICKS and status["lag_total"] == 0 and status["no_news"] is None
    assert status["replay"] == {"speed": 1000, "share": 1, "finished": True}
    assert abs(status["now"] / 1000 - time.time()) < 60


def serve(start):
    program = start("serve", "--store", "sqlite:market.db", "--brokers", AWAY, "--registry", f"http://{AWAY}",
                    "--listen", "127.0.0.1:0")
    page = program.wait_event("ready")["page"]

    def asked():
        status = get_json(f"{page}/api/status")
        return "no answer" in status["members_unknown"] and status

    return page, wait_for(asked, 20, "Kafka asked for")


def test_with_kafka_away_nothing_is_0_and_what_is_stored_is_not_waited_for(start, replayed):
    wait_for(lambda: get_json(f"{replayed.page}/api/info").get("replay_to"), 20, "the replay")
    replayed.stop()
    page, status = serve(start)
    for name in ("brokers", "end_total", "lag_total", "ticks_per_second", "rebalances", "produced", "rejected", "written",
                 "dead_lettered", "partitions", "members"):
        assert status[name] is None, f"{name}: {status[name]!r}"
    wait_for(lambda: get_json(f"{page}/api/status")["no_news"], 20, "why nothing new comes")
    status = get_json(f"{page}/api/status")
    assert status["waiting_for"] is None and status["no_news"].startswith("Kafka is away (")
    metrics = get(f"{page}/metrics")[2].decode()
    for name in ("candlewick_group_lag_messages", "candlewick_group_lag_seconds", "candlewick_topic_end_offset_messages"):
        assert f"# TYPE {name} gauge" in metrics and f"\n{name} " not in metrics


def test_brokers_that_go_away_take_their_figures_along(start, replayed, brokers):
    """The page knows them at first; what it knew is not told as if it still held."""
    replayed.stop()
    addresses = brokers("tickers:6")
    program = start("serve", "--store", "sqlite:market.db", "--brokers", addresses, "--registry", f"http://{AWAY}",
                    "--listen", "127.0.0.1:0")
    page = program.wait_event("ready")["page"]
    names = ("brokers", "end_total", "lag_total", "ticks_per_second", "partitions")
    wait_for(lambda: all(get_json(f"{page}/api/status")[name] is not None for name in names), 20, "the figures")
    metrics = get(f"{page}/metrics")[2].decode()
    assert "\ncandlewick_topic_end_offset_messages 0\n" in metrics and "\ncandlewick_group_lag_seconds 0\n" in metrics
    brokers.close()
    wait_for(lambda: all(get_json(f"{page}/api/status")[name] is None for name in names), 30, "nothing known any more")
    metrics = get(f"{page}/metrics")[2].decode()
    for name in ("candlewick_topic_end_offset_messages", "candlewick_group_lag_messages", "candlewick_group_lag_seconds"):
        assert f"\n{name} " not in metrics
    assert get_json(f"{page}/api/status")["no_news"].startswith("Kafka is away (")


def test_the_page_is_told_where_the_stacks_other_screens_are(start):
    def links(**environment):
        program = start("serve", "--store", "sqlite:market.db", "--listen", "127.0.0.1:0", environment={"KAFKA_BROKERS": AWAY, **environment})
        return get_json(f"{program.wait_event('ready')['page']}/api/info")["links"]

    assert links() == []
    assert links(GRAFANA_URL="https://grafana.example/g", KAFKA_UI_URL="http://127.0.0.1:8082") == [
        {"name": "Grafana", "url": "https://grafana.example/g"}, {"name": "Kafka-UI", "url": "http://127.0.0.1:8082"}]


def test_without_anything_stored_kafka_is_waited_for(start):
    _, status = serve(start)
    assert status["waiting_for"].startswith("Kafka (") and status["no_news"] is None


def test_a_member_that_has_not_written_says_nothing_of_its_last_write(start):
    member = start("consume", "--store", "sqlite:market.db", "--brokers", AWAY, "--registry", f"http://{AWAY}",
                   "--metrics", "127.0.0.1:0")
    metrics = get(member.wait_event("metrics")["url"] + "/metrics")[2].decode()
    assert "candlewick_messages_consumed_total{" in metrics
    assert "\ncandlewick_last_write_timestamp_seconds{" not in metrics


def test_a_producer_that_was_never_answered_says_nothing_of_the_last_answer(start):
    producer = start("produce", "--source", "bitfinex", "--brokers", AWAY, "--registry", f"http://{AWAY}", "--metrics",
                     "127.0.0.1:0")
    metrics = get(producer.wait_event("metrics")["url"] + "/metrics")[2].decode()
    assert "candlewick_exchange_requests_total" in metrics
    assert "\ncandlewick_exchange_last_success_timestamp_seconds " not in metrics
