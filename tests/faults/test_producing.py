"""Rows 5 to 7 and 9, and the producer's half of 12 and 15: brokers that refuse, move, or are slow."""

import time

import pytest

from parts import Failed, wait_for
from test_store_answers import finish

PASSING = ("REQUEST_TIMED_OUT", "NOT_LEADER_FOR_PARTITION", "_TRANSPORT", "NOT_ENOUGH_REPLICAS", "NOT_ENOUGH_REPLICAS_AFTER_APPEND",
           "KAFKA_STORAGE_ERROR", "UNKNOWN_TOPIC_OR_PART", "TOPIC_AUTHORIZATION_FAILED")


def group(rig, *more):
    rig.member("consumer-1", *more)
    rig.member("consumer-2", *more)


def while_it_feeds(rig, rounds, every_s, act):
    """Acts so often while ticks flow, then lets the feed end."""
    for number in range(rounds):
        act(number)
        time.sleep(every_s)
        if not rig.feeds[0].runs():
            raise Failed(f"the feed has ended: {rig.feeds[0].tail()}")
    rig.cleared()
    rig.stop_feeds()


@pytest.mark.quick
def test_row_5_errors_of_produce_requests_lose_nothing(rig, passed, scaled):
    """One request at a time: that a later one was taken tells librdkafka that an unanswered earlier one was too, which is
    true of real brokers, who check sequence numbers, and not of the in-process ones."""
    group(rig)
    rig.feed(100000, 2000, "-X", "max.in.flight.requests.per.connection=1")
    rounds = scaled(60, 4)
    pushed = 0

    def act(number):
        nonlocal pushed
        errors = [rig.random.choice(PASSING) for _ in range(rig.random.randint(1, 6))]
        pushed += len(errors)
        rig.brokers.tell("errors", "Produce", *errors)

    while_it_feeds(rig, rounds, 0.4, act)
    rig.brokers.tell("clear", "Produce")
    finish(rig, passed, "5", "produce requests answered with errors, or not at all", f"{pushed} answers of {len(PASSING)} kinds")


@pytest.mark.quick
def test_row_6_a_fatal_producer_is_made_anew(rig, passed, scaled):
    group(rig)
    rig.feed(100000, 2000)
    rig.group_works()
    rounds = scaled(10, 1)
    while_it_feeds(rig, rounds, 3, lambda _: rig.brokers.tell("errors", "Produce", *["OUT_OF_ORDER_SEQUENCE_NUMBER"] * 3))
    figures = rig.feed_figures()[0]
    if not figures["recreated"]:
        raise Failed(f"no client was made anew: {figures}")
    if figures["longest_silence_ms"] > 5000:
        raise Failed(f"{figures['longest_silence_ms']} ms without an acknowledgement; 5 s at most")
    finish(rig, passed, "6", "OUT_OF_ORDER_SEQUENCE_NUMBER: the idempotent producer goes fatal", f"{rounds} times",
           f"{figures['recreated']} clients made anew, at most {figures['longest_silence_ms'] / 1000:.1f} s without an acknowledgement.")


@pytest.mark.quick
def test_row_7_leaders_that_move_all_the_time_lose_nothing(rig, passed, scaled):
    group(rig)
    rig.feed(100000, 2000)
    rig.group_works()
    rounds = scaled(150, 10)
    while_it_feeds(rig, rounds, 0.2, lambda _: rig.brokers.tell(
        "leader", "tickers", rig.random.randrange(rig.partitions), rig.random.randint(1, 3)))
    finish(rig, passed, "7", "a partition's leader moves every 200 ms", f"{rounds} moves")


def test_row_9_slow_brokers_evict_nobody(rig, passed, scaled):
    """One member: the in-process cluster would make a second one wait for the whole session."""
    rig.member("consumer-1", "-X", "session.timeout.ms=45000", "-X", "max.poll.interval.ms=50000")
    rig.feed(100000, 1000)
    rig.group_works()
    slow_s = scaled(30, 8)
    rig.brokers.tell("rtt", 0, 5000)
    time.sleep(slow_s)
    rig.brokers.tell("rtt", 0, 0)
    rig.cleared()
    rig.stop_feeds()
    member = rig.members["consumer-1"]
    rig.settle()
    if len(member.events("assigned")) != 1 or member.events("lost"):
        raise Failed(f"the member was evicted: {member.tail()}")
    passed(rig, rig.check(), "9", "every broker answers after 5 s", f"for {slow_s} s")


def test_row_9_one_slow_broker_holds_only_its_own(rig, passed, scaled):
    rig.member("consumer-1", "-X", "session.timeout.ms=45000", "-X", "max.poll.interval.ms=50000")
    rig.feed(100000, 1000)
    rig.group_works()
    rounds = scaled(10, 2)
    while_it_feeds(rig, rounds, 2, lambda number: rig.brokers.tell("rtt", number % 3 + 1, 1500 if number % 2 == 0 else 0))
    rig.brokers.tell("rtt", 0, 0)
    finish(rig, passed, "9", "one broker after the other answers after 1.5 s", f"{rounds} changes")


def test_row_3_all_brokers_away_and_back_in_process(rig, passed, scaled):
    """The connections end and no new ones are taken; durability is row 3 on real brokers."""
    rig.member("consumer-1", "-X", "session.timeout.ms=45000", "-X", "max.poll.interval.ms=50000")
    rig.feed(100000, 1000)
    rig.group_works()
    rounds = scaled(4, 1)
    for _ in range(rounds):
        rig.brokers.tell("down", 0)
        time.sleep(4)
        rig.brokers.tell("up", 0)
        time.sleep(3)
    rig.cleared()
    rig.stop_feeds()
    rig.settle()
    passed(rig, rig.check(), "3", "all brokers unreachable for 4 s (in-process)", f"{rounds} times")


@pytest.mark.quick
def test_row_12_a_producer_killed_and_begun_again_repeats_itself_exactly(rig, passed, scaled):
    """The same input is the same identity: what was sent before the kill is sent again and stored once."""
    group(rig)
    seed, rows = 4711, scaled(1500, 500)
    kills = scaled(20, 2)
    for _ in range(kills):
        part = rig.feed(rows, 4000, seed=seed)
        wait_for(lambda part=part: part.ledger.exists() and part.ledger.stat().st_size > 10000, 30, "some ticks of the feed", 0.01)
        time.sleep(rig.random.uniform(0, 0.5))
        part.kill()
    rig.feed(rows, 4000, seed=seed)
    books = finish(rig, passed, "12", "SIGKILL of the producer, begun again with the same input", f"{kills} kills")
    assert len(books.stored) == 8 * rows
