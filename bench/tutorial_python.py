"""A consumer as tutorials write it: one message at a time through AvroDeserializer into a Point, points in batches to the
store, then commit.

    tutorial_python.py BROKERS TOPIC GROUP STORE_URL REGISTRY_URL

Runs until SIGTERM.
"""

import signal
import sys
import time

from confluent_kafka import Consumer
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer
from confluent_kafka.serialization import MessageField, SerializationContext
from influxdb_client_3 import InfluxDBClient3, Point

BATCH = 5000
BATCH_SECONDS = 1.0


def point_of(tick):
    point = Point("ticker").tag("coin", tick["symbol"])
    for name, value in tick.items():
        if name not in ("symbol", "event_time_ns", "source") and value is not None:
            point = point.field(name, value)
    return point.time(tick["event_time_ns"])


def main():
    brokers, topic, group, store, registry = sys.argv[1:]
    going = True

    def end(*_):
        nonlocal going
        going = False

    signal.signal(signal.SIGTERM, end)
    deserializer = AvroDeserializer(SchemaRegistryClient({"url": registry}))
    context = SerializationContext(topic, MessageField.VALUE)
    client = InfluxDBClient3(host=store, database="market", token="none")
    consumer = Consumer(
        {"bootstrap.servers": brokers, "group.id": group, "auto.offset.reset": "earliest", "enable.auto.commit": False}
    )
    consumer.subscribe([topic])
    points, began = [], time.monotonic()
    while going:
        message = consumer.poll(0.1)
        if message is not None and message.error() is None:
            points.append(point_of(deserializer(message.value(), context)))
        if points and (len(points) >= BATCH or time.monotonic() - began >= BATCH_SECONDS):
            client.write(points, write_precision="ns")
            consumer.commit(asynchronous=False)
            points, began = [], time.monotonic()
    consumer.close()
    client.close()


if __name__ == "__main__":
    main()
