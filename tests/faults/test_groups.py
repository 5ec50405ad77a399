"""Rows 8, 10 to 13 and 15 on the in-process cluster: coordinators, commits, rebalances, and members that are killed, frozen or stopped."""

import signal
import time

import pytest

from parts import Failed, wait_for
from test_store_answers import finish

STRATEGIES = ("range", "roundrobin", "sticky")
UNOWNED_S = 15
# One write in three is slow to be stored, and another one slow to be answered: batches are done in another order than begun.
OUT_OF_ORDER = {"before-ms": 500, "chance": 33, "times": 0}, {"after-ms": 300, "chance": 50, "times": 0}


@pytest.mark.quick
def test_row_8_coordinators_that_move_or_load_lose_nothing(rig, passed, scaled):
    for n in (1, 2):
        rig.member(f"consumer-{n}")
    rig.feed(100000, 1500)
    rig.group_works()
    rounds = scaled(20, 2)
    for _ in range(rounds):
        rig.brokers.tell("coordinator", "coins", rig.random.randint(1, 3))
        for request in ("JoinGroup", "OffsetCommit", "Heartbeat", "SyncGroup"):
            rig.brokers.tell("errors", request, rig.random.choice(("COORDINATOR_LOAD_IN_PROGRESS", "NOT_COORDINATOR", "COORDINATOR_NOT_AVAILABLE")))
        time.sleep(1.5)
    rig.store.script()
    rig.cleared()
    rig.stop_feeds()
    finish(rig, passed, "8", "the group's coordinator moves; its requests are answered with COORDINATOR_LOAD_IN_PROGRESS and the like",
           f"{rounds} moves, {4 * rounds} errors")


@pytest.mark.quick
def test_row_10_commits_that_fail_cost_redelivery_only(rig, passed, scaled):
    for n in (1, 2):
        rig.member(f"consumer-{n}")
    rig.feed(100000, 1500)
    rig.group_works()
    rounds = scaled(12, 2)
    errors = ("ILLEGAL_GENERATION", "REBALANCE_IN_PROGRESS", "UNKNOWN_MEMBER_ID", "REQUEST_TIMED_OUT")
    for number in range(rounds):
        rig.brokers.tell("errors", "OffsetCommit", *[errors[number % len(errors)]] * 5)
        time.sleep(2)
    rig.store.script()
    rig.cleared()
    rig.stop_feeds()
    finish(rig, passed, "10", "commits answered with " + ", ".join(errors), f"{5 * rounds} answers")


def longest_standstill_s(rig, since_ns):
    """Seconds until now for which nothing was committed although ticks came all the time."""
    times = [since_ns, *(at for at, _ in rig.prober.samples if at > since_ns), time.monotonic_ns()]
    stood_s = max(b - a for a, b in zip(times, times[1:])) / 1e9
    if stood_s > UNOWNED_S:
        raise Failed(f"nothing was committed for {stood_s:.1f} s; {UNOWNED_S} s at most")
    return stood_s


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_row_11_rebalances_with_batches_in_flight(make_rig, passed, scaled, strategy):
    rig = make_rig(strategy=strategy, partitions=12)
    rig.store.script(*OUT_OF_ORDER)
    for n in (1, 2):
        rig.member(f"consumer-{n}")
    rig.feed(1000000, 800)
    rig.group_works()
    since_ns = time.monotonic_ns()
    rounds = scaled(10, 1)
    for _ in range(rounds):
        third = rig.member("consumer-3")
        wait_for(lambda third=third: third.events("assigned"), 30, "the third member has partitions")
        time.sleep(rig.random.uniform(0, 0.5))
        if third.stop(30) != 0:
            raise Failed(third.tail())
    stood_s = longest_standstill_s(rig, since_ns)
    rig.store.script()
    rig.cleared()
    rig.stop_feeds()
    finish(rig, passed, "11", f"a third member comes and goes, {strategy} (in-process)", f"{2 * rounds} rebalances",
           f"at most {stood_s:.1f} s without a commit.")


def test_row_12_members_killed_mid_batch(make_rig, passed, scaled):
    rig = make_rig(partitions=12)
    rig.store.script(*OUT_OF_ORDER)
    for n in (1, 2, 3):
        rig.member(f"consumer-{n}", "--batch-ticks", "200")
    rig.feed(1000000, 500)
    rig.group_works()
    kills = scaled(20, 3)
    for _ in range(kills):
        name = f"consumer-{rig.random.randint(1, 3)}"
        time.sleep(rig.random.uniform(0.2, 2.5))
        rig.members[name].kill()
        rig.member(name, "--batch-ticks", "200")
    rig.store.script()
    rig.cleared()
    rig.stop_feeds()
    finish(rig, passed, "12", "SIGKILL of a random member of three", f"{kills} kills")


@pytest.mark.quick
def test_row_13_a_frozen_members_late_writes_change_nothing(rig, passed, scaled):
    """Frozen for longer than its session, with writes under way; the others have taken over when it goes on."""
    rig.store.script(*OUT_OF_ORDER)
    for n in (1, 2):
        rig.member(f"consumer-{n}")
    rig.feed(1000000, 800)
    rig.group_works()
    wait_for(lambda: all(m.events("assigned") for m in rig.members.values()), 20, "both have partitions")
    rounds = scaled(4, 1)
    for number in range(rounds):
        frozen = rig.members[f"consumer-{number % 2 + 1}"]
        frozen.send(signal.SIGSTOP)
        time.sleep(6)
        frozen.send(signal.SIGCONT)
        time.sleep(2)
    rig.store.script()
    rig.cleared()
    rig.stop_feeds()
    lost = sum(len(m.events("lost")) for m in rig.members.values())
    books = finish(rig, passed, "13", "SIGSTOP of a member for three sessions, then SIGCONT", f"{rounds} times", f"{lost} assignments lost.")
    assert books.counts["rewrites"] > 0


def test_row_15_sigterm_at_any_moment_ends_well(make_rig, passed, scaled):
    """Also before the first assignment: from 0 to 3 s after the start. Four at a time."""
    rig = make_rig(partitions=12)
    names = [f"consumer-{n}" for n in range(1, 5)]
    rig.feed(1000000, 400)
    rig.member("consumer-0")
    slowest_s = 0.0
    rounds = scaled(40, 8)
    due = []  # (when, name)

    def begin(name):
        wait_for(rig.member(name).takes_sigterm, 10, f"{name} has begun", 0.002)
        due.append((time.monotonic() + rig.random.uniform(0, 3), name))

    for name in names:
        begin(name)
    for left in reversed(range(rounds)):
        due.sort()
        at, name = due.pop(0)
        time.sleep(max(0, at - time.monotonic()))
        part = rig.members[name]
        began = time.monotonic()
        if part.stop(30) != 0:
            raise Failed(part.tail())
        slowest_s = max(slowest_s, time.monotonic() - began)
        if left >= len(names):
            begin(name)
    rig.store.script()
    rig.cleared()
    rig.stop_feeds()
    finish(rig, passed, "15", "SIGTERM of a member, 0 to 3 s after its start", f"{rounds} times", f"the slowest end took {slowest_s:.1f} s.")
