"""Rows 11 to 13 and 15 on real brokers, whose group coordinator is the real one; rows 30 and 31 at full size."""

import signal
import time

import pytest

from parts import Failed, wait_for
from test_groups import OUT_OF_ORDER, longest_standstill_s
from test_messages import schema_id, send
from test_store_answers import finish

pytestmark = pytest.mark.real
STRATEGIES = ("range", "roundrobin", "sticky", "consumer")


def started(rig, members, rate, *more):
    for n in range(members):
        rig.member(f"consumer-{n + 1}", *more)
    rig.feed(10**7, rate)
    rig.group_works()


def stopped(rig):
    rig.store.script()
    rig.cleared()
    rig.stop_feeds()


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_row_11_rebalances_under_load(real_rig, passed, scaled, strategy):
    rig = real_rig(strategy=strategy)
    rig.store.script(*OUT_OF_ORDER)
    started(rig, 2, 1000)
    since_ns = time.monotonic_ns()
    rounds = scaled(25, 2)
    for _ in range(rounds):
        third = rig.member("consumer-3")
        wait_for(lambda third=third: third.events("assigned"), 30, lambda: f"the third member has partitions: {third.tail()}")
        time.sleep(rig.random.uniform(0, 0.7))
        if third.stop(30) != 0:
            raise Failed(third.tail())
    stood_s = longest_standstill_s(rig, since_ns)
    stopped(rig)
    finish(rig, passed, "11", f"a third member comes and goes, {strategy}", f"{2 * rounds} rebalances",
           f"at most {stood_s:.1f} s without a commit.")


def test_row_12_members_killed(real_rig, passed, scaled):
    rig = real_rig()
    rig.store.script(*OUT_OF_ORDER)
    started(rig, 3, 1000, "--batch-ticks", "200")
    kills = scaled(100, 3)
    for _ in range(kills):
        name = f"consumer-{rig.random.randint(1, 3)}"
        time.sleep(rig.random.uniform(0.2, 2))
        rig.members[name].kill()
        rig.member(name, "--batch-ticks", "200")
    stopped(rig)
    finish(rig, passed, "12", "SIGKILL of a random member of three", f"{kills} kills")


def test_row_13_frozen_members(real_rig, passed, scaled):
    rig = real_rig()
    rig.store.script(*OUT_OF_ORDER)
    started(rig, 2, 1000)
    wait_for(lambda: all(m.events("assigned") for m in rig.members.values()), 20, "both have partitions")
    rounds = scaled(10, 2)
    for number in range(rounds):
        frozen = rig.members[f"consumer-{number % 2 + 1}"]
        frozen.send(signal.SIGSTOP)
        time.sleep(6)
        frozen.send(signal.SIGCONT)
        time.sleep(2)
    stopped(rig)
    lost = sum(len(member.events("lost")) for member in rig.members.values())
    finish(rig, passed, "13", "SIGSTOP of a member for three sessions, then SIGCONT", f"{rounds} times", f"{lost} assignments lost.")


def test_row_15_sigterm_at_any_moment(real_rig, passed, scaled):
    rig = real_rig(partitions=12)
    names = [f"consumer-{n}" for n in range(2, 6)]
    started(rig, 1, 1000)
    slowest_s, rounds, due = 0.0, scaled(200, 8), []

    def begin(name):
        wait_for(rig.member(name).takes_sigterm, 10, f"{name} has begun", 0.002)
        due.append((time.monotonic() + rig.random.uniform(0, 5), name))

    for name in names:
        begin(name)
    for left in reversed(range(rounds)):
        due.sort()
        at, name = due.pop(0)
        time.sleep(max(0, at - time.monotonic()))
        began = time.monotonic()
        if rig.members[name].stop(30) != 0:
            raise Failed(rig.members[name].tail())
        slowest_s = max(slowest_s, time.monotonic() - began)
        if left >= len(names):
            begin(name)
    stopped(rig)
    finish(rig, passed, "15", "SIGTERM of a member, 0 to 5 s after its start", f"{rounds} times", f"the slowest end took {slowest_s:.1f} s.")


def test_row_15_a_group_that_ends_and_begins_again_repeats_nothing(real_rig, passed, scaled):
    """One member, so that no rebalance is under way: what it has read is written and committed when it ends."""
    rig = real_rig()
    started(rig, 1, 2000)
    rounds = scaled(20, 3)
    for _ in range(rounds):
        time.sleep(rig.random.uniform(0.5, 2))
        if rig.members["consumer-1"].stop(30) != 0:
            raise Failed(rig.members["consumer-1"].tail())
        member = rig.member("consumer-1")
        wait_for(lambda member=member: member.events("assigned"), 30, "the member has partitions")
    stopped(rig)
    books = finish(rig, passed, "15", "SIGTERM of the only member, and a new one", f"{rounds} times")
    if books.counts["rewrites"]:
        raise Failed(f"{books.counts['rewrites']} points were written again after clean ends")


def test_row_30_a_million_ticks_in_one_millisecond(real_rig, passed, scaled):
    """1 ns apart: 10^6 ticks within 1 ms of event time, as fast as the producer can."""
    rig = real_rig()
    rig.member("consumer-1", "--batch-ticks", "5000")
    rig.member("consumer-2", "--batch-ticks", "5000")
    rows = scaled(125000, 2000)
    rig.feed(rows, None, "--step", "1ns")
    rig.cleared()
    rig.feed_done(rig.feeds[0], 300)
    rig.settle(300)
    books = rig.check()
    assert len(books.stored) == 8 * rows
    passed(rig, books, "30", f"{8 * rows:,} ticks within one millisecond", "1 ms")


def test_row_31_a_flood_of_poison(real_rig, passed, scaled):
    rig = real_rig()
    started(rig, 2, 200)
    wait_for(lambda: all(m.events("assigned") for m in rig.members.values()), 20, "both have partitions")
    assert schema_id(rig) > 0
    before = max(member.figures()["rss_mib"] for member in rig.members.values())
    count = scaled(1000000, 5000)
    send(rig, ((f"k{i}".encode(), b"\1no tick") for i in range(count)))
    rig.cleared()
    rig.stop_feeds()
    rig.settle(600)
    grown = max(member.figures()["peak_mib"] for member in rig.members.values()) - before
    books = rig.check()
    assert len(books.letters) == count
    passed(rig, books, "31", "a flood of one kind", f"{count} messages", f"memory grew by {grown:.0f} MiB at most.")
