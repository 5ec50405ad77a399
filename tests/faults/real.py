"""Three real Kafka brokers, as `./launch.sh cluster` starts them, each a process that can be killed and frozen."""

import signal
import subprocess
import time
from pathlib import Path

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from local_ports import free_ports
from parts import Failed, Part, wait_for

HERE = Path(__file__).parent


class RealBrokers:
    real = True

    def __init__(self, folder):
        self.folder, self.starts = folder, 0
        ports = free_ports(9)
        made = subprocess.run([HERE / "brokers.sh", folder / "kafka", *map(str, ports)], capture_output=True, text=True, timeout=600)
        if made.returncode != 0:
            raise Failed(f"no brokers: {made.stderr}")
        self.commands = {n: words.split("\n") for n, words in zip((1, 2, 3), made.stdout.split("\n\n"))}
        self.bootstrap = ",".join(f"127.0.0.1:{port}" for port in ports[:3])
        self.parts = {}
        try:
            for n in (1, 2, 3):
                self.start(n)
            self.admin = AdminClient({"bootstrap.servers": self.bootstrap, "log_level": 0})
            self.wait_whole()
        except BaseException:  # an interrupt too
            self.end()
            raise

    def start(self, n):
        self.starts += 1
        self.parts[n] = Part(f"kafka-{n}.{self.starts}", self.commands[n], self.folder)

    def kill(self, n):
        self.parts[n].kill()

    def freeze(self, n):
        self.parts[n].send(signal.SIGSTOP)

    def thaw(self, n):
        self.parts[n].send(signal.SIGCONT)

    def _metadata(self, topic=None):
        try:
            return self.admin.list_topics(topic, timeout=5)
        except KafkaException:
            return None

    def leader(self, topic, partition):
        def look():
            metadata = self._metadata(topic)
            return metadata and max(0, metadata.topics[topic].partitions[partition].leader)

        return wait_for(look, 60, f"a leader of {topic}, partition {partition}")

    def wait_whole(self, seconds=300):
        """Three brokers, and every replica of every partition in sync: after a kill a broker reads its logs through first."""
        def whole():
            for n, part in self.parts.items():
                if not part.runs():
                    raise Failed(f"broker {n} has ended: {part.tail()}")
            metadata = self._metadata()
            return metadata and len(metadata.brokers) == 3 and all(
                len(p.isrs) == 3 for topic in metadata.topics.values() for p in topic.partitions.values())

        began = time.monotonic()
        wait_for(whole, seconds, "three brokers, all replicas in sync", 0.3)
        return time.monotonic() - began

    def whole_again(self):
        """After whatever a test did to them."""
        for n, part in self.parts.items():
            part.send(signal.SIGCONT)
            if not part.runs():
                self.start(n)
        self.wait_whole()

    def end(self):
        for part in self.parts.values():
            part.end()
