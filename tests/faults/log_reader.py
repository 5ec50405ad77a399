"""The topic from outside: its messages decoded by code of this file alone, its offsets, a group's commits."""

import struct
import time

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, TopicPartition

from columns import FIGURES
from parts import Failed

AGAIN_S, PAUSE_S = 60, 0.2


def read_long(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return (value >> 1) ^ -(value & 1), at
        shift += 7


def read_text(data, at):
    length, at = read_long(data, at)
    return data[at : at + length].decode(), at + length


def decode(data):
    """A framed tick as the ledger writes it. Raises whatever it likes for what is none."""
    if data[0] != 0 or len(data) < 5:
        raise ValueError("no Confluent frame")
    symbol, at = read_text(data, 5)
    time_ns, at = read_long(data, at)
    seq, at = read_long(data, at)
    run_id, at = read_long(data, at)
    _, at = read_text(data, at)
    words = [symbol, str(time_ns), "%016x" % struct.unpack_from("<Q", data, at)]
    at += 8
    for _ in FIGURES:
        branch, at = read_long(data, at)
        if branch == 1:
            words.append("%016x" % struct.unpack_from("<Q", data, at))
            at += 8
        elif branch == 0:
            words.append("-")
        else:
            raise ValueError("a branch that is none")
    if at != len(data):
        raise ValueError("bytes behind the record")
    return " ".join([*words, str(seq), str(run_id)])


def client(bootstrap, group, **more):
    return Consumer({
        "bootstrap.servers": bootstrap, "group.id": group, "enable.auto.commit": False,
        "log_level": 0, "enable.partition.eof": False, **more})


def again(call, seconds=AGAIN_S):
    """Brokers may have been brought back this very moment, and leaders may be moving: until then they refuse at once."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            return call()
        except KafkaException:
            if time.monotonic() > deadline:
                raise
        time.sleep(PAUSE_S)


class Log:
    """A topic and its dead letters."""

    def __init__(self, bootstrap, topic, partitions):
        self.bootstrap, self.topic, self.partitions = bootstrap, topic, partitions

    def ends(self, consumer=None, topic=None, partitions=None):
        """{partition: (first offset, one past the last)}"""
        own = consumer or client(self.bootstrap, "faults-reader")
        topic, partitions = topic or self.topic, partitions or self.partitions
        ends = {p: again(lambda p=p: own.get_watermark_offsets(TopicPartition(topic, p), timeout=10)) for p in range(partitions)}
        if consumer is None:
            own.close()
        return ends

    def _read(self, topic, partitions):
        consumer = client(self.bootstrap, "faults-reader", **{"enable.partition.eof": True})
        ends = self.ends(consumer, topic, partitions)
        left = {p: end for p, (first, end) in ends.items() if end > first}
        messages = []
        consumer.assign([TopicPartition(topic, p, OFFSET_BEGINNING) for p in left])
        quiet = 0
        while left:
            batch = consumer.consume(num_messages=5000, timeout=5)
            quiet = 0 if batch else quiet + 1
            if quiet == 6:
                raise Failed(f"{topic}: nothing more can be read; still missing: {left}")
            for message in batch:
                at_end = message.error() is not None and message.error().code() == KafkaError._PARTITION_EOF
                if message.error() is None:
                    messages.append(message)
                elif not at_end:
                    continue
                # The log may end in what is no message: only the end itself tells then.
                if message.offset() + (0 if at_end else 1) >= left.get(message.partition(), 0):
                    left.pop(message.partition(), None)
        consumer.close()
        return messages

    def messages(self):
        """All of the topic, each partition in its order."""
        return sorted(self._read(self.topic, self.partitions), key=lambda message: (message.partition(), message.offset()))

    def ticks(self):
        """[(partition, offset, the tick as the ledger writes it, or None)]"""
        found = []
        for message in self._read(self.topic, self.partitions):
            try:
                text = decode(message.value())
            except (ValueError, IndexError, TypeError, struct.error):
                text = None
            found.append((message.partition(), message.offset(), text))
        return found

    def dead_letters(self):
        """{(partition, offset): [reason, …]}: a place may have been written more than once."""
        places = {}
        for message in self._read(self.topic + ".dlq", 1):
            headers = dict(message.headers() or [])
            place = int(headers["partition"]), int(headers["offset"])
            places.setdefault(place, []).append(headers["reason"].decode())
        return places
