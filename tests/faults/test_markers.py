"""Row 39: a transactional producer in the topic, on real brokers: its log ends in markers, which no consumer is given,
and messages of aborted transactions, which none may be given."""

import json
import struct
import subprocess
import urllib.request

import pytest
from confluent_kafka import Producer, TopicPartition

from columns import FIGURES
from parts import Failed, free_port, wait_for
from rig import environment
from test_messages import body, schema_id
from test_real_brokers import Verified

pytestmark = pytest.mark.real
PARTITIONS, EACH, PRICE, TIME_NS = 3, 5, 30000.0, 1767225500 * 10**9


class Transactions:
    """Sends ticks of every partition, transaction by transaction."""

    def __init__(self, rig):
        self.rig, self.schema, self.seq = rig, schema_id(rig), 0
        self.sent = []  # (partition, seq), in order, of the transaction that is open
        self.ledger = rig.folder / "ledger-transactions"
        self.ledger.write_text("")
        self.producer = self.connect()

    def connect(self):
        producer = Producer({"bootstrap.servers": self.rig.brokers.bootstrap, "transactional.id": self.rig.topic, "linger.ms": 0,
                             "transaction.timeout.ms": 60000, "log_level": 0})
        producer.init_transactions(30)
        return producer

    def begin(self):
        self.producer.begin_transaction()
        self.sent = []
        for partition in range(PARTITIONS):
            for _ in range(EACH):
                self.seq += 1
                value = struct.pack(">bi", 0, self.schema) + body("tTXNUSD", TIME_NS + self.seq, self.seq, PRICE)
                self.producer.produce(self.rig.topic, value, b"tTXNUSD", partition)
                self.sent.append(self.seq)
        assert self.producer.flush(30) == 0

    def commit(self):
        self.producer.commit_transaction(30)
        price = struct.pack(">d", PRICE).hex()
        with open(self.ledger, "a") as ledger:
            for seq in self.sent:
                ledger.write(f"tTXNUSD {TIME_NS + seq} {price} {'- ' * len(FIGURES)}{seq} 99\n")

    def abort(self):
        self.producer.abort_transaction(30)


def program(rig, *arguments, codes=(0,)):
    done = subprocess.run([rig.programs["candlewick"], *map(str, arguments)], cwd=rig.folder, env=environment(), capture_output=True,
                          text=True, timeout=60)
    if done.returncode not in codes:
        raise Failed(f"{arguments}: exit code {done.returncode}\n{done.stdout}\n{done.stderr}")
    return done.stdout


def figures(rig):
    text = program(rig, "status", "--brokers", rig.brokers.bootstrap, "--topic", rig.topic, "--group", rig.group, "--format", "json",
                   codes=(0, 1))  # 1: nothing is committed yet
    now = json.loads(text or '{"lag_total": null, "partitions": []}')
    return now["lag_total"], sum(p["undecided"] for p in now["partitions"]), [p["end"] for p in now["partitions"]]


def lags_of_member(port):
    """As the member itself tells them, of each partition."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        lines = answer.read().decode().splitlines()
    return [float(line.split()[-1]) for line in lines if line.startswith("candlewick_partition_lag_messages{")]


def expect(rig, lag, undecided, ends):
    wait_for(lambda: figures(rig) == (lag, undecided, ends), 20, lambda: f"lag, undecided and ends {(lag, undecided, ends)}; are {figures(rig)}", 0.2)


@pytest.mark.quick
@pytest.mark.parametrize("strategy", ("range", "consumer"))
def test_row_39_markers_and_aborted_messages_are_no_lag(real_rig, passed, strategy):
    rig = real_rig(partitions=PARTITIONS, strategy=strategy)
    sender = Transactions(rig)
    sender.begin()
    sender.abort()  # nothing was ever committed: even so the group has a place
    port = free_port()
    rig.member("consumer-1", "--metrics", f"127.0.0.1:{port}")
    verified = Verified(rig)
    expect(rig, 0, 0, [EACH + 1] * PARTITIONS)
    for end in (sender.commit, sender.abort, sender.commit, sender.abort):
        sender.begin()
        end()
    expect(rig, 0, 0, [5 * (EACH + 1)] * PARTITIONS)
    sender.begin()  # what is open is neither read nor waited for, but told
    expect(rig, 0, PARTITIONS * EACH, [5 * (EACH + 1)] * PARTITIONS)
    wait_for(lambda: lags_of_member(port) == [0] * PARTITIONS, 20, lambda: f"the member's lags of 0; are {lags_of_member(port)}")
    tail = ["tail", "--brokers", rig.brokers.bootstrap, "--registry", rig.registry(), "--topic", rig.topic]
    for last, wanted in ((1000, 2 * PARTITIONS * EACH), (4, 4)):  # it ends, and finds what is there behind what is not
        shown = program(rig, *tail, "--last", last).splitlines()
        if len(shown) != wanted:
            raise Failed(f"tail --last {last}: {len(shown)} messages, wanted {wanted}: {shown}")
    said = program(rig, "verify", *verified.ends, "--wait", "20s").splitlines()[-1]
    if f"messages behind a transaction that is open: {PARTITIONS * EACH}" not in said:
        raise Failed(f"verify does not say that it left an open transaction out: {said}")
    sender.commit()
    rig.cleared()
    expect(rig, 0, 0, [6 * (EACH + 1)] * PARTITIONS)
    rig.settle()
    report = verified.prove()
    ticks = 3 * PARTITIONS * EACH
    if (report["balanced"], report["ticks"], report["points"], report["log_forgot"], report["undecided"]) != (True, ticks, ticks, 0, 0):
        raise Failed(f"verify: {report}")
    gaps = [event for part in (rig.members["consumer-1"], verified.member) for event in part.events("gap")]
    if gaps:
        raise Failed(f"what is no message of ours is told as a gap: {gaps}")
    rig.feeds.append(sender)
    rig.feed_figures = lambda: []
    books = rig.books()
    rig.books = lambda: books
    rig.check()
    passed(rig, books, "39", f"a transactional producer's markers and aborted messages, {strategy}",
           "3 transactions committed, 3 aborted", "The group's lag is 0, `candlewick verify` balances, no gap is told.")


@pytest.mark.quick
def test_row_39_what_the_log_no_longer_has_is_a_gap_beside_markers(real_rig, passed):
    """Markers and aborted messages above the log's begin are none, also where only the end is left."""
    rig = real_rig(partitions=PARTITIONS)
    sender = Transactions(rig)
    for end in (sender.commit, sender.abort):
        sender.begin()
        end()
    rig.member("consumer-1")
    expect(rig, 0, 0, [2 * (EACH + 1)] * PARTITIONS)
    rig.stop_members()
    for end in (sender.commit, sender.abort, sender.commit, sender.abort):
        sender.begin()
        end()
    whole = 6 * (EACH + 1)
    expect(rig, 4 * (EACH + 1) * PARTITIONS, 0, [whole] * PARTITIONS)  # the last markers are written behind the producer's back
    begins = [2 * (EACH + 1) + 3, whole, 4 * (EACH + 1) - 1]  # inside a transaction; all of it; a marker is left
    wanted = [TopicPartition(rig.topic, p, begin) for p, begin in enumerate(begins)]
    for answer in rig.brokers.admin.delete_records(wanted).values():
        answer.result(30)
    member = rig.member("consumer-1")
    rig.cleared()
    expect(rig, 0, 0, [whole] * PARTITIONS)
    rig.settle()
    rig.stop_members()
    told, gone = int(member.events("summary")[-1]["gap_messages"]), sum(begin - 2 * (EACH + 1) for begin in begins)
    if told != gone:
        raise Failed(f"{gone} offsets are gone from the log, {told} were counted: {member.tail()}")
    books = rig.books()
    lost = books.ticks - books.stored.keys()
    if lost:
        raise Failed(f"I1: {len(lost)} ticks that the log still has are not stored")
    passed(rig, books, "39", "retention passed the committed offset in a log of transactions", f"{gone} offsets gone",
           "Counted exactly (gap_messages), beside markers and aborted messages that are no gap.")
