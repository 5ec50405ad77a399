"""Samples what the group has committed, every 100 ms, with the time: a thread of its own."""

import re
import threading
import time

from group_offsets import GroupOffsets

EVERY_S = 0.1


def topic_of(metadata):
    """Of which topic a committed offset says that it is: a topic's id, or None. src/kafka/client/commit_metadata.h."""
    found = re.search(r"(?:^| )topic=([\w-]{22})", metadata or "")
    return found and found[1]


def of_topic(samples, topics, topic_id):
    """The samples without the offsets that say that they are of another topic of that name."""
    return [(at_ns, {p: offset for p, offset in committed.items() if of[p] in (topic_id, None)})
            for (at_ns, committed), of in zip(samples, topics)]


class Prober:
    def __init__(self, bootstrap, group, topic, partitions):
        self.offsets = GroupOffsets(bootstrap, group, topic, partitions)
        self.samples = []  # (monotonic ns, {partition: committed offset}); every change of it
        self.topics = []  # of the same samples: {partition: of which topic the offset is}
        self.newest, self.newest_topics = {}, {}
        self.errors = 0
        self.ending = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def sample(self):
        """The offsets as of a moment before this returns; None when nobody tells."""
        told = self.offsets.ask(2)
        if told is None:
            self.errors += 1
            return None
        offsets = {p: offset for p, (offset, _) in told.items()}
        topics = {p: topic_of(text) for p, (_, text) in told.items()}
        # The store's clock is the same one: what is below must have been stored by now.
        at_ns = time.monotonic_ns()
        if (offsets, topics) != (self.newest, self.newest_topics):
            self.samples.append((at_ns, offsets))
            self.topics.append(topics)
            self.newest, self.newest_topics = offsets, topics
        return offsets

    def _run(self):
        while not self.ending.wait(EVERY_S):
            self.sample()

    def stop(self):
        if not self.ending.is_set():
            self.ending.set()
            self.thread.join()
            self.sample()
            self.offsets.close()
