"""What the contenders run on: processes, the sink, topics and groups."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request

from confluent_kafka import Consumer, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient

# All that is asked is on this machine: the user's proxy has no part in it.
urllib.request.install_opener(urllib.request.build_opener(urllib.request.ProxyHandler({})))


class Failed(Exception):
    """Ends the run; its text says what went wrong."""


def say(text):
    print(text, file=sys.stderr, flush=True)


def wait_for(condition, seconds, what, every=0.02):
    """The first true answer of condition()."""
    deadline = time.monotonic() + seconds
    while not (answer := condition()):
        if time.monotonic() > deadline:
            raise Failed(f"{what}: not within {seconds} s")
        time.sleep(every)
    return answer


class Part:
    """One process, ended by its id. Its output lies in the stage's folder."""

    def __init__(self, stage, name, command):
        self.name, self.out, self.log = name, stage.folder / f"{name}.out", stage.folder / f"{name}.log"
        with open(self.out, "wb") as out, open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [str(word) for word in command], cwd=stage.folder, env=stage.environment, stdin=subprocess.DEVNULL, stdout=out, stderr=log
            )
        stage.parts.append(self)

    def runs(self):
        return self.process.poll() is None

    def last_words(self):
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-8:])

    def wait(self, seconds):
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise Failed(f"{self.name} has not ended within {seconds} s:\n{self.last_words()}") from None

    def end(self, seconds=20):
        if self.runs():
            self.process.send_signal(signal.SIGTERM)
            try:
                return self.process.wait(seconds)
            except subprocess.TimeoutExpired:
                self.process.kill()
        return self.process.wait()


class Sink(Part):
    """bench/sink; `port` as before to bring one back."""

    def __init__(self, stage, *options, port=0):
        super().__init__(stage, "sink", [stage.tools / "sink", "--port", port, *options])
        self.port = int(wait_for(lambda: self.runs() and self.out.read_text(), 10, "the sink"))
        self.url = f"http://127.0.0.1:{self.port}"

    def ask(self, path, data=None):
        with urllib.request.urlopen(urllib.request.Request(self.url + path, data=data), timeout=10) as answer:
            return json.load(answer) if path == "/counts" else None

    def counts(self):
        return self.ask("/counts")

    def reset(self):
        self.ask("/reset", b"")


class Stage:
    """Brokers that somebody started, a registry, topics; all of it for one run."""

    def __init__(self, folder, tools, program, brokers):
        self.folder, self.tools, self.program, self.brokers = folder, tools, program, brokers
        self.parts = []
        names = ("PATH", "HOME", "LANG", "TMPDIR")  # no other setting of the user's reaches a contender
        self.environment = {name: os.environ[name] for name in names if name in os.environ} | {"NO_PROXY": "127.0.0.1"}
        self.admin = AdminClient({"bootstrap.servers": brokers, "log_level": 0})
        self.groups, self.topics = 0, set()
        self.registry = None

    def candlewick(self, command, *options):
        return [self.program, command, "--log-level", "warn", *options]

    def kafka(self, topic):
        return ["--brokers", self.brokers, "--registry", self.registry, "--topic", topic]

    def start_registry(self):
        part = Part(self, "registry", [self.program, "registry", "--listen", "127.0.0.1:0", "--registry-data", self.folder / "registry.db"])
        self.registry = wait_for(lambda: address_in(part, "http://127.0.0.1:"), 20, "the registry")

    def run(self, name, command, seconds):
        part = Part(self, name, command)
        if part.wait(seconds) != 0:
            raise Failed(f"{name} failed:\n{part.last_words()}")
        self.parts.remove(part)
        return part.out.read_text()

    def make_topic(self, topic, partitions, store):
        self.topics.add(topic)
        options = ["--store", store, "--topic-partitions", partitions, "--topic-replication", 3, "--topic-min-isr", 2]
        self.run("prepare", self.candlewick("prepare", *self.kafka(topic), *options), 120)

    def drop_topics(self, *topics):
        names = [name for topic in topics for name in (topic, f"{topic}.dlq")]
        for dropped in self.admin.delete_topics(names).values() if names else ():
            dropped.result(60)
        self.topics -= set(topics)

    def make_ticks(self, rows, coins=10, step_ms=1000):
        path = self.folder / f"ticks-{rows}-{coins}-{step_ms}.csv"
        if not path.exists():
            with open(path, "wb") as file:
                subprocess.run([self.tools / "make_ticks", str(rows), str(coins), str(step_ms)], stdout=file, check=True)
        return path

    def produce_command(self, topic, path):
        return self.candlewick("produce", *self.kafka(topic), "--source", f"replay:{path}", "--coins", "ALL", "--speed", "max")

    def partitions_of(self, topic):
        metadata = self.admin.list_topics(topic, timeout=10)
        return [TopicPartition(topic, number) for number in metadata.topics[topic].partitions]

    def messages_in(self, topic):
        reader = Consumer({"bootstrap.servers": self.brokers, "group.id": "bench-look", "log_level": 0})
        try:
            return sum(reader.get_watermark_offsets(part, timeout=10)[1] for part in self.partitions_of(topic))
        finally:
            reader.close()

    def new_group(self, name):
        self.groups += 1
        return f"bench-{self.groups}-{name}"

    def committed(self, topic, group):
        """Messages before the group's offsets: topics of ours begin at 0."""
        reader = Consumer({"bootstrap.servers": self.brokers, "group.id": group, "log_level": 0})
        try:
            return sum(max(0, part.offset) for part in reader.committed(self.partitions_of(topic), timeout=20))
        finally:
            reader.close()

    def end(self):
        """Leaves nothing behind, on brokers of somebody else's neither."""
        for part in reversed(self.parts):
            part.end()
        try:
            self.drop_topics(*self.topics)
        except KafkaException as failure:
            say(f"warning: not dropped: {', '.join(sorted(self.topics))}: {failure}")


def address_in(part, start):
    """The first word of a part's log that begins so, without what follows the port."""
    if not part.runs():
        raise Failed(f"{part.name} has ended:\n{part.last_words()}")
    for word in part.log.read_text(errors="replace").replace("=", " ").replace('"', " ").split():
        if word.startswith(start) and not word.endswith(":0"):
            return word
    return None
