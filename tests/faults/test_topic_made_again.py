"""Row 40: a topic that is deleted and made again under the same name, on real brokers.

The offsets that the group committed are of the old topic. The new one has more messages than the old one, so that an
old offset lies within it: taken for one of the new topic, it would pass over its first messages.
"""

import json
import signal
import subprocess
import time

import pytest
from confluent_kafka import KafkaException, TopicCollection, TopicPartition
from confluent_kafka.admin import NewTopic

from invariants import Books, ledger_of
from log_reader import client
from parts import Failed, logfmt, run, wait_for
from prober import of_topic
from rig import environment

pytestmark = pytest.mark.real
STRATEGIES = ("range", "roundrobin", "sticky", "consumer")
GAPS_S = (0.3, 6, 16)
QUICK = [("range", 6), ("sticky", 6)]
# Other coins in each topic, so that each point tells which one it is of.
COINS = ("tBTCUSD,tETHUSD,tXRPUSD,tLTCUSD,tSOLUSD,tADAUSD,tDOTUSD,tTRXUSD",
         "tNEOUSD,tEOSUSD,tXMRUSD,tZECUSD,tUNIUSD,tXLMUSD,tXTZUSD,tFILUSD",
         "tAPTUSD,tSUIUSD,tTONUSD,tICPUSD,tATOUSD,tAVAUSD,tLINUSD,tMATUSD")
OLD_ROWS, NEW_ROWS, SESSION_S = 25, 250, 3
CONFIG = {"min.insync.replicas": "2"}


def cases(*more):
    for strategy in STRATEGIES:
        for gap_s in GAPS_S:
            marks = [pytest.mark.quick] if (strategy, gap_s) in QUICK else []
            yield pytest.param(strategy, gap_s, *more, marks=marks, id=f"{strategy}-{gap_s}")


class Topic:
    """The topic of a rig, and its lives."""

    def __init__(self, rig):
        self.rig, self.admin = rig, rig.brokers.admin
        self.feeds, self.counts = [], []
        self.old_commits, self.old_owners = {}, {}

    def fill(self, rows, *more):
        """So many ticks of each coin, all acknowledged."""
        feed = self.rig.feed(rows, None, *more, coins=COINS[len(self.feeds)])
        self.rig.feed_done(feed)
        self.feeds.append(feed)
        self.counts.append(len(COINS[0].split(",")) * rows)

    def id(self):
        try:
            found = self.admin.describe_topics(TopicCollection([self.rig.topic]))[self.rig.topic].result(30)
        except KafkaException:
            return None
        return str(found.topic_id).translate(str.maketrans("+/", "-_"))  # as Kafka's own tools write it

    def delete(self):
        self.old_commits = self.rig.prober.sample() or self.rig.prober.newest
        self.old_owners = {name: owned[-1] for name, owned in self.owned().items()}
        self.old_id = self.id()
        self.admin.delete_topics([self.rig.topic])[self.rig.topic].result(30)
        self.deleted_ns = time.monotonic_ns()

    def make(self):
        def made():
            try:
                self.admin.create_topics([NewTopic(self.rig.topic, self.rig.partitions, 3, config=CONFIG)])[self.rig.topic].result(30)
            except KafkaException:
                return self.id() not in (None, self.old_id)  # else the old one is still being deleted
            return True

        wait_for(made, 30, "the topic is made again", 0.05)
        self.rig.topic_id = wait_for(lambda: {self.id()} - {None, self.old_id}, 30, "the new topic's id", 0.05).pop()

    def again(self, gap_s):
        self.delete()
        time.sleep(gap_s)
        self.make()

    def status(self):
        """With all that the brokers know: what they do not tell in time is left open."""
        rig = self.rig

        def look():
            text = run([rig.programs["candlewick"], "status", "--brokers", rig.brokers.bootstrap, "--topic", rig.topic, "--group", rig.group,
                        "--format", "json"], rig.folder, environment())
            status = json.loads(text)
            return status["topic_id"] and status["state"] and status["lag_total"] is not None and status

        return wait_for(look, 60, "a status that leaves nothing open", 0.5)

    def stored(self):
        self.rig.settle()
        wanted = set(ledger_of(self.feeds[-1].ledger))
        wait_for(lambda: wanted <= self.rig.stored().keys(), 60,
                 lambda: f"{len(wanted - self.rig.stored().keys())} of {len(wanted)} acknowledged ticks of the new topic are not stored", 0.5)

    def owned(self):
        """{member: [its partitions after each of its assignments and revokes]}, by the members' own logs."""
        found = {}
        for name, part in self.rig.members.items():
            owned = [frozenset()]
            for line in part.log().splitlines():
                event = logfmt(line)
                if event.get("event") in ("assigned", "revoked", "lost"):
                    partitions = {int(p) for p in event["partitions"].split(",") if p}
                    owned.append(owned[-1] | partitions if event["event"] == "assigned" else owned[-1] - partitions)
            found[name] = owned
        return found

    def remembered(self):
        """Partitions of which a member knows what was committed of the former topic: it had them when that was deleted,
        and has them again. The brokers delete the offsets with the topic, so a member that did not have a partition
        cannot know."""
        return {p for name, owned in self.owned().items() for p in self.old_owners.get(name, ()) & owned[-1]
                if self.old_commits.get(p, 0) > 0}

    def books(self):
        """Of the newest topic alone: what is stored of those before it stays stored, and an offset that says that it is of
        one of them does not speak of this one's messages: no member takes it for more than the beginning."""
        books = self.rig.books()
        old = {tick for feed in self.feeds[:-1] for tick in ledger_of(feed.ledger)}
        samples = [sample for sample in of_topic(books.samples, self.rig.prober.topics, self.rig.topic_id) if sample[0] > self.deleted_ns]
        kept = {tick: writes for tick, writes in books.stored.items() if tick not in old}
        return Books(books.ledgers[-1:], books.log, kept, books.letters, samples, books.counts)


def prove(rig, topic, passed, fault, injected, former=True):
    """`former`: the same members ran all the time."""
    topic.stored()
    status = topic.status()
    remembered = topic.remembered() if former else set()
    if former and len(rig.members) == 1 and not remembered:
        raise Failed(f"the only member remembers nothing of the former topic {topic.old_commits}: {topic.owned()}")
    rig.books, books = topic.books, topic.books()
    rig.books = lambda: books
    rig.feed_figures, figures = (lambda: figures[-1:]), rig.feed_figures()
    rig.check()
    ids = {partition["committed_topic_id"] for partition in status["partitions"] if partition["committed"] is not None}
    if ids != {status["topic_id"]} or status["lag_total"] != 0:
        raise Failed(f"not all is committed as of the topic that is there: {status}")
    forgotten = [p["partition"] for p in status["partitions"] if p["partition"] in remembered and p["former"] < topic.old_commits[p["partition"]]]
    if forgotten:
        raise Failed(f"of the former topic {topic.old_commits} were committed, partitions {forgotten} tell less: {status}")
    passed(rig, books, "40", fault, injected)


def started(rig, members=2):
    topic = Topic(rig)
    topic.fill(OLD_ROWS)
    for n in range(members):
        rig.member(f"consumer-{n + 1}")
    rig.settle()
    return topic


@pytest.mark.parametrize("strategy, gap_s", list(cases()))
def test_row_40_made_again_under_running_members(real_rig, passed, strategy, gap_s):
    rig = real_rig(strategy=strategy)
    topic = started(rig)
    topic.again(gap_s)
    topic.fill(NEW_ROWS)
    rig.cleared()
    prove(rig, topic, passed, f"a topic is deleted and made again, {strategy}, members run", f"gap of {gap_s} s")


@pytest.mark.quick
def test_row_40_made_again_under_the_only_member(real_rig, passed):
    """All its partitions come back to it, so that it knows for sure what was committed of the former topic."""
    rig = real_rig(strategy="sticky")
    topic = started(rig, members=1)
    topic.again(0.3)
    topic.fill(NEW_ROWS)
    rig.cleared()
    prove(rig, topic, passed, "a topic is deleted and made again, sticky, the only member runs", "gap of 0.3 s")


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_row_40_made_again_twice_at_once(real_rig, passed, strategy):
    rig = real_rig(strategy=strategy)
    topic = started(rig)
    topic.again(0.3)
    topic.fill(OLD_ROWS)
    rig.settle()
    topic.again(0.3)
    topic.fill(NEW_ROWS)
    rig.cleared()
    prove(rig, topic, passed, f"a topic is deleted and made again, {strategy}, members run", "twice", former=False)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_row_40_made_again_under_stalled_members(real_rig, passed, strategy):
    """Longer than their session: others could have had the partitions meanwhile."""
    rig = real_rig(strategy=strategy)
    topic = started(rig)
    for member in rig.members.values():
        member.send(signal.SIGSTOP)
    topic.again(0.3)
    topic.fill(NEW_ROWS)
    time.sleep(2 * SESSION_S)
    for member in rig.members.values():
        member.send(signal.SIGCONT)
    rig.cleared()
    prove(rig, topic, passed, f"a topic is deleted and made again, {strategy}, members are stalled", "SIGSTOP for two sessions", former=False)


def test_row_40_the_group_is_deleted_under_stalled_members(real_rig, passed):
    """As its coordinator does by itself with an empty group whose offsets went with their topic. librdkafka takes that for
    fatal with KIP-848 alone."""
    rig = real_rig(strategy="consumer")
    topic = started(rig)
    for member in rig.members.values():
        member.send(signal.SIGSTOP)
    forget(rig)  # once their sessions are over
    topic.fill(NEW_ROWS, "--start", "2026-02-01T00:00:00Z")
    for member in rig.members.values():
        member.send(signal.SIGCONT)
    rig.cleared()
    topic.stored()
    passed(rig, rig.check(), "40", "the group is deleted, consumer, members are stalled", "once")


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("offsets", ("kept", "reset", "deleted"))
def test_row_40_made_again_while_no_member_runs(real_rig, passed, strategy, offsets):
    rig = real_rig(strategy=strategy)
    topic = started(rig)
    rig.stop_members()
    topic.again(0.3)
    topic.fill(NEW_ROWS)
    if offsets == "reset":
        reset(rig)
    elif offsets == "deleted":
        forget(rig)
    rig.cleared()
    for n in (1, 2):
        rig.member(f"consumer-{n}")
    prove(rig, topic, passed, f"a topic is deleted and made again, {strategy}, no member runs", f"offsets are {offsets}", former=False)


def reset(rig):
    """As kafka-consumer-groups --reset-offsets --to-earliest: offsets without metadata."""
    consumer = client(rig.brokers.bootstrap, rig.group)
    consumer.commit(offsets=[TopicPartition(rig.topic, p, 0) for p in range(rig.partitions)], asynchronous=False)
    consumer.close()


def forget(rig):
    def gone():
        try:
            rig.brokers.admin.delete_consumer_groups([rig.group])[rig.group].result(20)
        except KafkaException:
            return False  # a member is still leaving
        return True

    wait_for(gone, 20, "the group is deleted")


@pytest.mark.parametrize("strategy", ("range", "consumer"))
def test_row_40_made_again_after_its_leaders_moved(real_rig, passed, strategy):
    """The new topic's leader epochs begin at 0 again, below those that the members know."""
    rig = real_rig(strategy=strategy)
    topic = started(rig)
    leader = rig.brokers.leader(rig.topic, 0)
    rig.brokers.kill(leader)
    wait_for(lambda: rig.brokers.leader(rig.topic, 0) not in (0, leader), 60, "another leader")
    rig.brokers.start(leader)
    rig.brokers.wait_whole()
    rig.settle()
    topic.again(0.3)
    topic.fill(NEW_ROWS)
    rig.cleared()
    prove(rig, topic, passed, f"a topic is deleted and made again, {strategy}, its leaders had moved", "once")


class Sqlite:
    """A group of its own, with a SQLite store of its own."""

    def __init__(self, rig, name):
        self.rig = rig
        self.ends = [*rig.kafka(session=False)[:-2], "--group", f"{rig.group}-{name}", "--store", f"sqlite:{rig.folder}/{name}.db"]
        self.member = rig.part(f"member-{name}", [rig.programs["candlewick"], "consume", *self.ends, "--client-id", name])

    def verify(self, *more):
        """Exit code, and what it prints."""
        done = subprocess.run([str(word) for word in (self.rig.programs["candlewick"], "verify", *self.ends, "--wait", "60s", *more)],
                              cwd=self.rig.folder, env=environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120)
        return done.returncode, done.stdout

    def books(self, *more):
        code, out = self.verify("--format", "json", *more)
        return code, json.loads(out)


FAULTS = ("missing", "unexpected", "differing", "conflicting", "foreign", "unaccounted", "not_yet_written")


@pytest.mark.quick
def test_row_40_verify_names_the_points_of_the_former_topic(real_rig):
    """They are right, and of no message any more: no balance, with that reason, and nothing that is to be deleted."""
    rig = real_rig()
    topic = Topic(rig)
    rig.ensure_prober()
    topic.fill(OLD_ROWS)
    first = Sqlite(rig, "first")
    code, books = first.books()
    assert code == 0 and books["points"] == topic.counts[0], books
    topic.again(0.3)
    topic.fill(NEW_ROWS, "--start", "2026-02-01T00:00:00Z")
    code, books = first.books()
    assert code == 1 and not books["balanced"] and books["former"] == topic.counts[0], books
    assert not any(books[fault] for fault in FAULTS) and books["ticks"] == topic.counts[1], books
    code, table = first.verify()
    verdict = table.splitlines()[-1]
    assert code == 1 and "of a former log" in verdict and "with a --database" in verdict and "--from" in verdict, table
    assert "delete" not in table, table

    # Both remedies.
    code, books = first.books("--from", "2026-02-01T00:00:00Z")
    assert code == 0 and books["points"] == topic.counts[1], books
    code, books = Sqlite(rig, "second").books()
    assert code == 0 and books["former"] == 0 and books["points"] == topic.counts[1], books


def test_row_40_tail_follows_the_new_topic_from_its_beginning(real_rig):
    rig = real_rig()
    topic = Topic(rig)
    rig.ensure_prober()
    topic.fill(OLD_ROWS)
    tail = rig.part("tail", [rig.programs["candlewick"], "tail", "--follow", "--format", "json", "--brokers", rig.brokers.bootstrap,
                             "--registry", rig.registry(), "--topic", rig.topic])
    wait_for(lambda: tail.out.stat().st_size > 0, 30, lambda: f"the old topic's newest messages: {tail.tail()}")
    topic.again(0.3)
    topic.fill(NEW_ROWS)
    wanted = {(p, offset) for p, (first, end) in rig.log.ends().items() for offset in range(first, end)}

    def missing():
        rows = (json.loads(line) for line in tail.out.read_text().split("\n")[:-1])
        return wanted - {(row["partition"], row["offset"]) for row in rows if row["key"] in COINS[1]}

    wait_for(lambda: not missing(), 60, lambda: f"{len(missing())} of {len(wanted)} messages of the new topic are not shown: {tail.tail()}", 0.5)
    assert tail.stop() == 0, tail.tail()
