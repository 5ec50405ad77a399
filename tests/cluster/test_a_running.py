"""A stack from its start on: candles, status, a broker that dies under load and comes back, members. In this order."""

import json
import os
import re
import signal
import socket
import subprocess
from concurrent.futures import ThreadPoolExecutor

import pytest
from conftest import BROKERS, COINS, get, wait_for
from confluent_kafka import Consumer, KafkaException, TopicPartition
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer
from confluent_kafka.serialization import MessageField, SerializationContext


@pytest.mark.walk
def test_start_shows_candles_on_the_page_and_in_the_terminal(cluster):
    assert "==> first candle ... done" in cluster.first_output
    assert f"page        http://127.0.0.1:{cluster.ports['PAGE_PORT']}" in cluster.first_output
    for coin in COINS:
        shown = wait_for(lambda: json.loads(cluster.page(f"/api/candles?coin={coin}&interval=1m")), 10, coin)
        assert shown[0]["ticks"] > 0
    assert len(cluster.candlewick("candles", "--coin", COINS[0], "--format", "csv").splitlines()) >= 2


@pytest.mark.walk
def test_status_shows_every_part_leaders_on_all_brokers_and_two_members(cluster):
    cluster.settled_group(2)
    told = cluster.launch("status")
    for part, pid in cluster.pids().items():
        assert re.search(rf"^{part} +{pid} +runs since", told, re.MULTILINE), told
    assert {*BROKERS, "registry", "producer", "consumer-1", "consumer-2", "page"} <= set(cluster.pids())
    assert "3 brokers" in told
    leaders = re.findall(r"^ +\d+ +(\d) +3 of 3 ", told, re.MULTILINE)
    assert len(leaders) == 5 * 6 and set(leaders) == {"1", "2", "3"}  # of each kind's topic
    assert len(re.findall(r"^consumer-[12] +127\.0\.0\.1 +tickers \d\S* trades \d\S* bars \d\S* events \d", told, re.MULTILINE)) == 2


def test_logs_without_a_name_gives_the_names_and_with_one_its_end(cluster):
    assert cluster.launch("logs").split() == sorted(cluster.pids())
    assert "event=producing" in cluster.launch("logs", "producer")
    told = cluster.launch("logs", "kafka-4", want=1)
    assert '"kafka-4"' in told and "kafka-3" in told


def test_start_while_up_changes_nothing(cluster):
    before = cluster.pids()
    cluster.launch("cluster")
    assert cluster.pids() == before


def test_second_start_without_the_first_ones_environment_changes_nothing(cluster):
    """What only the environment said at the start holds until down."""
    before = cluster.pids()
    said = ("SOURCE", "COINS", "POLL_INTERVAL", *cluster.ports)
    kept = {name: cluster.environment.pop(name) for name in said}
    try:
        told = cluster.launch("cluster")
    finally:
        cluster.environment.update(kept)
    assert cluster.pids() == before
    assert "ticks from synthetic" in told


@pytest.mark.walk
def test_own_metrics_are_well_formed(cluster):
    for part in ("producer", "consumer-1", "page"):
        checked = subprocess.run(
            ["promtool", "check", "metrics"], input=cluster.metrics(part), capture_output=True, text=True, timeout=20
        )
        assert (checked.returncode, checked.stderr) == (0, ""), part


def ends_of(client, partition):
    """First offset and end; None while the leadership moves, as it does after a broker has come back."""
    try:
        return client.get_watermark_offsets(TopicPartition("tickers", partition), timeout=20)
    except KafkaException:
        return None


def log_of_topic(cluster):
    """(coin, event time) of every message in the log, read by another client with another Avro decoder."""
    brokers = ",".join(f"127.0.0.1:{cluster.ports[f'KAFKA_{n}_PORT']}" for n in (1, 2, 3))
    registry = SchemaRegistryClient({"url": f"http://127.0.0.1:{cluster.ports['REGISTRY_PORT']}"})
    decode = AvroDeserializer(registry)
    context = SerializationContext("tickers", MessageField.VALUE)
    client = Consumer({"bootstrap.servers": brokers, "group.id": "check", "enable.auto.commit": False})
    found = []
    for partition in range(6):
        low, high = wait_for(lambda: ends_of(client, partition), 30, f"the ends of partition {partition}")
        client.assign([TopicPartition("tickers", partition, low)])
        while low < high:
            message = client.poll(20)
            assert message is not None and not message.error(), message
            tick = decode(message.value(), context)
            found.append((tick["symbol"], tick["event_time_ns"]))
            low = message.offset() + 1
    client.close()
    return found


@pytest.mark.walk
def test_broker_killed_under_load_and_brought_back_loses_nothing(cluster):
    acknowledged = "candlewick_ticks_acknowledged_total"
    before = cluster.figure("producer", acknowledged)
    cluster.end("kafka-2", signal.SIGKILL)
    # Its leaders are given to others once the controllers miss it; from then on ticks of all coins go through.
    wait_for(lambda: cluster.figure("producer", acknowledged) > before + 40 * len(COINS), 60, "acknowledged without kafka-2")
    told = cluster.launch("status", want=1)
    assert re.search(r"^kafka-2 +- +ENDED", told, re.MULTILINE) and "2 brokers" in told

    os.kill(cluster.pids()["page"], signal.SIGSTOP)
    told = start_with_port_in_use(cluster, "kafka-2")
    assert "had ended, is started again: kafka-2" in told
    assert "had been stopped by a signal, goes on: page" in told
    assert {p["in_sync"] for p in cluster.group()["partitions"]} == {3}
    during = cluster.figure("producer", acknowledged)
    wait_for(lambda: cluster.figure("producer", acknowledged) > during + 5 * len(COINS), 20, "acknowledged with kafka-2 back")

    pid = cluster.pids()["producer"]
    cluster.end("producer")
    try:
        assert_all_in_store(cluster)
    finally:
        cluster.launch("cluster")
    assert cluster.pids()["producer"] != pid


def start_with_port_in_use(cluster, part):
    """./launch.sh cluster while the broker's port is for a moment that of a connection which somebody has made."""
    log = cluster.home / "logs" / f"{part}.log"
    told_before = log.read_text().count("Address already in use")
    with socket.socket() as taken, ThreadPoolExecutor() as pool:
        taken.bind(("127.0.0.1", cluster.ports["KAFKA_2_PORT"]))
        start = pool.submit(cluster.launch, "cluster")
        wait_for(lambda: log.read_text().count("Address already in use") > told_before, 60, f"{part} finds its port in use")
        taken.close()
        return start.result()


def assert_all_in_store(cluster):
    """The producer has ended, so that its figure is final: acknowledged = in the log = in the store, each once."""
    summary = [line for line in cluster.launch("logs", "producer").splitlines() if "event=summary" in line][-1]
    produced = int(re.search(r"\bproduced=(\d+)", summary)[1])
    assert "undelivered=0 dropped=0" in summary
    wait_for(lambda: cluster.group()["lag_total"] == 0, 30, "lag 0")
    stored, log = cluster.stored(), log_of_topic(cluster)
    assert len(log) == produced
    assert sorted(log) == sorted(stored)
    told = json.loads(cluster.candlewick("verify", "--format", "json", "--wait", "20s"))
    ticks, trades, bars, events, news = told["streams"]
    assert all(stream["balanced"] for stream in told["streams"]) and ticks["ticks"] == produced
    assert (trades["topic"], trades["trades"], bars["topic"], bars["bars"]) == ("trades", 0, "bars", 0)
    assert events["topic"] == "events" and events["events"] > 0  # the members say when they join


def test_members_of_kip_848_are_told_and_make_way_for_another_strategy(cluster):
    cluster.launch("strategy", "consumer")
    assert cluster.settled_group(2)["members_unknown"] is None
    cluster.launch("strategy", "range")
    cluster.settled_group(2)


def test_a_port_that_is_taken_is_not_taken_for_ours(cluster):
    """The part runs, on another port until now; whoever answers on the new one is a stranger."""
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        port = stranger.getsockname()[1]
        told = cluster.launch("cluster", want=1, PAGE_PORT=str(port))
    assert f"port {port} is taken" in told
    cluster.launch("cluster")
    assert "candlewick" in cluster.page("/").lower()


def test_a_number_of_members_that_cannot_be_had_is_not_kept(cluster):
    with socket.create_server(("127.0.0.1", cluster.ports["CONSUMER_METRICS_PORT"] + 4)):
        cluster.launch("scale", 5, want=1)
    assert "MEMBERS=2" in (cluster.folder / "env").read_text().splitlines()


def test_prometheus_reaches_every_part(cluster):
    def healths():
        targets = json.loads(get(f"http://127.0.0.1:{cluster.ports['PROMETHEUS_PORT']}/api/v1/targets"))["data"]["activeTargets"]
        return {
            (t["labels"]["job"], t["labels"].get("part") or t["labels"].get("broker")): t["health"] for t in targets
        }

    want = {("candlewick", part) for part in ("producer", "page", "consumer-1", "consumer-2")}
    want |= {("kafka", n) for n in "123"} | {("prometheus", None)}
    wait_for(lambda: set(healths()) == want and set(healths().values()) == {"up"}, 40, f"{want} are up")


@pytest.mark.parametrize("words, named", [
    (("strategy", "stikcy"), "sticky"),
    (("strategy",), "sticky"),
    (("scale", "7"), "1 to 6"),
    (("scale", "two"), "1 to 6"),
    (("down", "--volume"), "--volumes"),
    (("status", "please"), "no options"),
])
def test_misspelt_command_is_refused_and_changes_nothing(cluster, words, named):
    before = cluster.pids()
    assert named in cluster.launch(*words, want=2)
    assert cluster.pids() == before
