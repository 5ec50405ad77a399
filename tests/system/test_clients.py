"""Clients that are not ours read the running demo: confluent-kafka with its AvroDeserializer, and kcat."""

import json
import shutil
import subprocess
import time

import pytest
from confluent_kafka import OFFSET_BEGINNING, Consumer, Producer, TopicPartition
from confluent_kafka.schema_registry import SchemaRegistryClient, header_schema_id_serializer
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.serialization import MessageField, SerializationContext

from conftest import get_json, wait_for

COINS = ("tBTCUSD", "tETHUSD", "tXRPUSD")


@pytest.fixture
def demo(start):
    program = start(
        "demo", "--listen", "127.0.0.1:0", "--data-dir", "var/demo", "--source", "synthetic",
        "--poll-interval", "100ms", "--coins", ",".join(COINS),
    )
    ready = program.wait_event("ready")

    def enough():
        return (get_json(ready["page"] + "/api/status")["end_total"] or 0) >= 30

    wait_for(enough, 20, "30 messages")
    yield ready
    assert program.stop() == 0, program.log()


def test_confluent_kafka_reads_the_messages_through_our_registry(demo):
    registry = SchemaRegistryClient({"url": demo["registry"]})
    deserialize = AvroDeserializer(registry)
    assert registry.get_latest_version("tickers-value").schema_id >= 1
    consumer = Consumer({"bootstrap.servers": demo["brokers"], "group.id": "a-stranger"})
    consumer.assign([TopicPartition("tickers", p, OFFSET_BEGINNING) for p in range(6)])
    records = {}

    def poll():
        message = consumer.poll(1.0)
        if message is not None:
            assert message.error() is None, message.error()
            record = deserialize(message.value(), SerializationContext("tickers", MessageField.VALUE))
            assert message.key().decode() == record["symbol"]
            records[record["symbol"], record["event_time_ns"]] = record
        return len(records) >= 30 and {symbol for symbol, _ in records} == set(COINS)

    wait_for(poll, 30, "30 records of all coins")
    consumer.close()
    for record in records.values():
        assert record["source"] == "synthetic"
        assert record["last_price"] > 0
        assert record["bid"] is None or record["bid"] > 0


# A program of others: a field that we do not have, and the schema's GUID in the record's header.
FOREIGN = """{"type": "record", "name": "Ticker", "namespace": "com.example", "fields": [
    {"name": "side", "type": {"type": "enum", "name": "Side", "symbols": ["BUY", "SELL"]}, "default": "BUY"},
    {"name": "symbol", "type": "string"}, {"name": "event_time_ns", "type": "long"}, {"name": "seq", "type": "long"},
    {"name": "run_id", "type": "long"}, {"name": "source", "type": "string"}, {"name": "last_price", "type": "double"}]}"""


def test_ticks_of_confluent_kafka_with_the_guid_in_the_header_are_read(demo):
    registry = SchemaRegistryClient({"url": demo["registry"]})
    serialize = AvroSerializer(registry, FOREIGN, conf={"schema.id.serializer": header_schema_id_serializer})
    producer = Producer({"bootstrap.servers": demo["brokers"]})
    headers = []
    value = serialize(
        {"side": "SELL", "symbol": "tZZZUSD", "event_time_ns": time.time_ns(), "seq": 1, "run_id": 7, "source": "other",
         "last_price": 42.5},
        SerializationContext("tickers", MessageField.VALUE, headers),
    )
    assert headers[0][0] == "__value_schema_id" and headers[0][1][0] == 1
    producer.produce("tickers", key="tZZZUSD", value=value, headers=headers)
    assert producer.flush(20) == 0
    wait_for(lambda: "tZZZUSD" in json.dumps(get_json(demo["page"] + "/api/coins")), 30, "the coin of another program")


def test_kcat_lists_topic_partitions_and_keys(demo):
    if shutil.which("kcat") is None:
        pytest.skip("kcat is not installed")
    listed = subprocess.run(["kcat", "-b", demo["brokers"], "-L", "-J"], capture_output=True, text=True, timeout=30, check=True)
    metadata = json.loads(listed.stdout)
    assert len(metadata["brokers"]) == 3
    topics = {topic["topic"]: topic for topic in metadata["topics"]}
    assert len(topics["tickers"]["partitions"]) == 6
    assert "tickers.dlq" in topics
    read = subprocess.run(
        ["kcat", "-b", demo["brokers"], "-C", "-t", "tickers", "-o", "beginning", "-e", "-q", "-f", "%k\\n"],
        capture_output=True, text=True, timeout=30, check=True,
    )
    assert set(read.stdout.split()) == set(COINS)
