"""Rows 1 to 4 on three real brokers: killed, frozen, all of them away, too few of them."""

import json
import signal
import time

import pytest

from parts import Failed, run, wait_for
from rig import environment
from test_store_answers import finish

pytestmark = pytest.mark.real
STALL_MS = 15000


def started(rig, rate=2000, session_ms=None, *more):
    for n in (1, 2):
        rig.member(f"consumer-{n}", "--batch-ticks", "2000", *more)
    rig.feed(10**7, rate)
    rig.group_works()


def stopped(rig):
    rig.cleared()
    rig.stop_feeds()


def assignments(rig):
    return {name: len(member.events("assigned")) for name, member in rig.members.items()}


class Verified:
    """A second group, which writes to SQLite: for the program's own proof, `candlewick verify`."""

    def __init__(self, rig):
        self.rig = rig
        self.ends = [*rig.kafka(session=False)[:-2], "--group", rig.group + "-sqlite", "--store", f"sqlite:{rig.folder}/verified.db"]
        self.member = rig.part("verified", [rig.programs["candlewick"], "consume", *self.ends, "--client-id", "verified"])

    def prove(self):
        text = run([self.rig.programs["candlewick"], "verify", *self.ends, "--wait", "120s", "--format", "json"], self.rig.folder, environment(), 300)
        if self.member.stop() != 0:
            raise Failed(self.member.tail())
        return json.loads(text)


def test_row_1_leaders_killed_under_load(real_rig, passed, scaled):
    rig = real_rig()
    verified = Verified(rig)
    started(rig, 2500)
    kills = scaled(10, 2)
    for _ in range(kills):
        leader = rig.brokers.leader(rig.topic, 0)
        rig.brokers.kill(leader)
        wait_for(lambda leader=leader: rig.brokers.leader(rig.topic, 0) not in (0, leader), 60, "another leader")
        time.sleep(2)
        rig.brokers.start(leader)
        rig.brokers.wait_whole()
    stopped(rig)
    rig.settle()
    verified.prove()
    books = rig.check()
    figures = rig.feed_figures()[0]
    if figures["longest_silence_ms"] > STALL_MS:
        raise Failed(f"{figures['longest_silence_ms']} ms without an acknowledgement; {STALL_MS} at most")
    passed(rig, books, "1", "kill -9 of the leader of partition 0", f"{kills} kills",
           f"at most {figures['longest_silence_ms'] / 1000:.1f} s without an acknowledgement; `candlewick verify` of a second group's"
           " SQLite store ended with 0.")


def test_row_2_a_frozen_broker(real_rig, passed, scaled):
    rig = real_rig(session_ms=10000)
    started(rig)
    wait_for(lambda: all(m.events("assigned") for m in rig.members.values()), 20, "both have partitions")
    before = assignments(rig)
    rounds = scaled(3, 1)
    for _ in range(rounds):
        leader = rig.brokers.leader(rig.topic, 0)
        rig.brokers.freeze(leader)
        time.sleep(40)
        rig.brokers.thaw(leader)
        rig.brokers.wait_whole()
    stopped(rig)
    most = max(after - before[name] for name, after in assignments(rig).items())
    if most > 2 * rounds:
        raise Failed(f"{most} rebalances of one member while {rounds} brokers were frozen")
    rig.settle()
    silence_s = rig.feed_figures()[0]["longest_silence_ms"] / 1000
    passed(rig, rig.check(), "2", "SIGSTOP of the leader of partition 0 for 40 s", f"{rounds} times",
           f"at most {silence_s:.1f} s without an acknowledgement, {most} rebalances.")


def test_row_3_all_brokers_away(real_rig, passed, scaled):
    rig = real_rig()
    away_s = scaled(120, 15)
    started(rig, 1000)
    for n in (1, 2, 3):
        rig.brokers.kill(n)
    time.sleep(away_s)
    for n in (1, 2, 3):
        rig.brokers.start(n)
    rig.brokers.wait_whole()
    rig.cleared()
    wait_for(lambda count=rig.acknowledged(): rig.acknowledged() > count + 1000, 60, "ticks are acknowledged again")
    rig.stop_feeds()
    rig.settle()
    passed(rig, rig.check(), "3", f"kill -9 of all brokers, back after {away_s} s", "once",
           "what is produced meanwhile waits in the producer's queue.")


def test_row_4_too_few_brokers_acknowledge_nothing(real_rig, passed, scaled):
    rig = real_rig()
    started(rig, 1000)
    rounds = scaled(3, 1)
    for _ in range(rounds):
        two = rig.random.sample((1, 2, 3), 2)
        for n in two:
            rig.brokers.kill(n)
        time.sleep(3)  # what both had is acknowledged by now
        before = rig.acknowledged()
        time.sleep(12)
        if rig.acknowledged() != before:
            raise Failed(f"{rig.acknowledged() - before} ticks were acknowledged with one broker of three, below min.insync.replicas")
        for n in two:
            rig.brokers.start(n)
        rig.brokers.wait_whole()
        wait_for(lambda count=before: rig.acknowledged() > count + 1000, 60, "ticks are acknowledged again")
    stopped(rig)
    finish(rig, passed, "4", "two of three brokers killed: below min.insync.replicas", f"{rounds} times for 15 s",
           "nothing was acknowledged meanwhile.")


def test_row_1_every_broker_stopped_in_turn(real_rig, passed, scaled):
    """A rolling restart: SIGTERM, so that leaders are handed over."""
    rig = real_rig()
    started(rig)
    rounds = scaled(3, 1)
    for number in range(rounds):
        broker = rig.brokers.parts[number % 3 + 1]
        broker.send(signal.SIGTERM)
        broker.wait(60)
        rig.brokers.start(number % 3 + 1)
        rig.brokers.wait_whole()
    stopped(rig)
    silence_s = rig.feed_figures()[0]["longest_silence_ms"] / 1000
    finish(rig, passed, "1", "brokers restarted in turn (SIGTERM)", f"{rounds} restarts", f"at most {silence_s:.1f} s without an acknowledgement.")
