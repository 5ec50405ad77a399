"""Samples what the group has committed, every 100 ms, with the time: a thread of its own."""

import threading
import time

from confluent_kafka import KafkaException, TopicPartition

from log_reader import client

EVERY_S = 0.1


class Prober:
    def __init__(self, bootstrap, group, topic, partitions):
        self.consumer = client(bootstrap, group)
        self.partitions = [TopicPartition(topic, p) for p in range(partitions)]
        self.samples = []  # (monotonic ns, {partition: committed offset}); every change of it
        self.newest = {}
        self.errors = 0
        self.ending = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def sample(self):
        """The offsets as of a moment before this returns; None when nobody tells."""
        try:
            answer = self.consumer.committed(self.partitions, timeout=2)
        except KafkaException:
            self.errors += 1
            return None
        offsets = {p.partition: p.offset for p in answer if p.error is None and p.offset >= 0}
        # The store's clock is the same one: what is below must have been stored by now.
        at_ns = time.monotonic_ns()
        if offsets != self.newest:
            self.samples.append((at_ns, offsets))
            self.newest = offsets
        return offsets

    def _run(self):
        while not self.ending.wait(EVERY_S):
            self.sample()

    def stop(self):
        if not self.ending.is_set():
            self.ending.set()
            self.thread.join()
            self.sample()
            self.consumer.close()
