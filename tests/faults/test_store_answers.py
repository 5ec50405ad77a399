"""Rows 14 to 21: a store that answers, and says no."""

import time
import urllib.request
from email.utils import formatdate

import pytest

import invariants
from parts import Failed, free_port, wait_for
from rig import SECRET


def begun(rig, members=2, rows=600, rate=2000, *more):
    """A group, and a feed that goes on: 8 coins, so many rows each."""
    for n in range(members):
        rig.member(f"consumer-{n + 1}", *more)
    rig.feed(rows, rate)


def started(rig, *arguments):
    """The same, and the group works."""
    begun(rig, *arguments)
    rig.group_works()


def one_request_at_a_time(rig, rows=300):
    """A single writer: the waits between its requests can be read off the store's book."""
    started(rig, 1, rows, 1000, "--batches-in-flight", "1")


def waits(rig, status):
    """Seconds from each answer of this status to the request after it."""
    log = rig.store.requests()
    return [after[0] - before[0] for before, after in zip(log, log[1:]) if before[1] == status]


def finish(rig, passed, row, fault, injected, note="", **checks):
    rig.cleared()
    rig.settle()
    books = rig.check(**checks)
    passed(rig, books, row, fault, injected, note)
    return books


def test_row_14_a_store_away_for_twice_max_poll_costs_no_membership(rig, passed, scaled):
    interval_s = 3
    started(rig, 2, 400, 1000, "-X", f"max.poll.interval.ms={interval_s * 1000}", "--batches-in-flight", "2")
    # The second member's coming is over when both have their share.
    wait_for(lambda: all(m.events("assigned") for m in rig.members.values()), 20, "both have partitions")
    before = {name: len(member.events("assigned")) for name, member in rig.members.items()}
    rig.store.script({"status": 503, "times": 0})
    away_s = 2 * interval_s * scaled(3)
    time.sleep(away_s)
    rig.store.script()
    rig.cleared()
    rig.settle()
    for name, member in rig.members.items():
        if len(member.events("assigned")) != before[name] or member.events("lost"):
            raise Failed(f"{name} lost its partitions while the store was away: {member.tail()}")
    books = rig.check()
    assert sum(status == 503 for _, status, *_ in rig.store.requests()) > 3
    passed(rig, books, "14", "the store answers 503 for twice max.poll.interval, and longer", f"1 outage of {away_s} s; interval {interval_s} s")


def retry_after(rig, text, least_s, most_s):
    seen = len(waits(rig, 503))
    rig.store.script({"status": 503, "retry-after": text})
    wait_for(lambda: len(waits(rig, 503)) > seen, most_s + 10, f"another request after Retry-After: {text}")
    waited_s = waits(rig, 503)[-1]
    if not least_s <= waited_s <= most_s:
        raise Failed(f"waited {waited_s:.2f} s after Retry-After: {text}; wanted {least_s} to {most_s}")
    return waited_s


@pytest.mark.quick
def test_row_16_retry_after_in_seconds_is_waited_for(rig, passed):
    one_request_at_a_time(rig)
    waited_s = retry_after(rig, "2", 2, 4.5)
    finish(rig, passed, "16", "503 with Retry-After: 2", "1 answer", f"waited {waited_s:.1f} s.")


def test_row_16_retry_after_of_every_kind_is_bounded(rig, passed):
    one_request_at_a_time(rig, 12000)
    said = {
        "7": retry_after(rig, "7", 7, 10),
        # A date has no fractions, and the request that it answers comes some time after it was made.
        "an HTTP date in 5 s": retry_after(rig, formatdate(time.time() + 5, usegmt=True), 3, 8),
        "garbage": retry_after(rig, "soon", 0, 2),
        "a date that is over": retry_after(rig, formatdate(time.time() - 500, usegmt=True), 0, 2),
        "1e9": retry_after(rig, "1000000000", 55, 75),
    }
    rig.feeds[0].stop()
    finish(rig, passed, "16", "503 with Retry-After: 7, a date, garbage, 10^9", "5 answers",
           "waited " + ", ".join(f"{s:.1f} s ({text})" for text, s in said.items()) + ".")


@pytest.mark.parametrize("status", [429, 502, 504, 500, 404, 408])
def test_row_17_every_other_status_is_tried_again_with_backoff(rig, passed, scaled, status):
    one_request_at_a_time(rig)
    tries = 3 + scaled(4, 1)
    rig.store.script({"status": status, "times": tries, "body": "not now"})
    wait_for(lambda: len(waits(rig, status)) >= tries, 60, f"{tries} answers {status}")
    pauses = waits(rig, status)
    if min(pauses) < 0.095:
        raise Failed(f"{min(pauses) * 1000:.0f} ms after a {status} the next request came: no backoff")
    finish(rig, passed, "17", f"{status}", f"{tries} answers in a row", f"shortest pause {min(pauses) * 1000:.0f} ms, longest {max(pauses):.1f} s.")


@pytest.mark.quick
def test_row_17_errors_at_random_under_load_lose_nothing(rig, passed, scaled):
    statuses = (429, 500, 502, 503, 504)
    rig.store.script(*({"status": status} for status in statuses), *({"status": status, "chance": 12, "times": 0} for status in statuses))
    started(rig, 2, scaled(8000, 500), 2500)
    rig.feed_done(rig.feeds[0])
    errors = sum(status >= 429 for _, status, *_ in rig.store.requests())
    rig.store.script()
    assert errors > 0
    finish(rig, passed, "17", "429, 500, 502, 503, 504 by chance, 47 % of all writes", f"{errors} answers")


@pytest.mark.quick
def test_row_18_a_rotated_token_is_read_again(rig, passed):
    port = free_port()
    rig.member("consumer-0", "--metrics", f"127.0.0.1:{port}")
    started(rig)
    fresh = "rotated-" + "canary-77"
    rig.store.post("/token", fresh)
    wait_for(lambda: sum(r[1] == 401 for r in rig.store.requests()) > 3, 20, "some 401")
    rig.token.write_text(fresh + "\n")
    rig.cleared()
    rig.settle(30)
    served = {}
    for path in ("/metrics", "/healthz"):
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
            served[path] = answer.read().decode()
    books = rig.check()
    refused = sum(r[1] == 401 for r in rig.store.requests())
    for secret in (SECRET, fresh):
        invariants.i8_secret_is_nowhere(secret, {**rig.texts(), **served})
    passed(rig, books, "18", "401 until the token file was rotated", f"{refused} answers 401")


def test_row_18_403_is_kept_too(rig, passed):
    started(rig)
    rig.store.script({"status": 403, "times": 6})
    wait_for(lambda: sum(r[1] == 403 for r in rig.store.requests()) >= 6, 30, "six 403")
    finish(rig, passed, "18", "403 with an unchanged token", "6 answers")


def bad_seqs(rig, count):
    """Lines to refuse, by their number in the feed: the same ones however often they come."""
    return sorted(rig.random.sample(range(1, 2400), count))


def match(seqs):
    return "|".join(f",seq={seq}i," for seq in seqs)


def check_letters(books, seqs):
    dead = sorted(int(tick.split()[-2]) for tick in books.dead)
    if dead != list(seqs):
        raise Failed(f"dead letters for the ticks {dead}, refused were {list(seqs)}")


@pytest.mark.quick
def test_row_19_only_the_named_lines_are_dead_letters(rig, passed):
    seqs = bad_seqs(rig, 20)
    rig.store.script({"match": match(seqs), "times": 0})
    started(rig, 2, 300)
    books = finish(rig, passed, "19", "400 that names lines, the others stored", f"{len(seqs)} lines refused")
    check_letters(books, seqs)


def test_row_19_a_refusal_of_all_for_one_line_costs_only_that_line(rig, passed):
    seqs = bad_seqs(rig, 6)
    rig.store.script({"match": match(seqs), "times": 0, "partial": 0})
    started(rig, 2, 300)
    books = finish(rig, passed, "19", "400 that names one line and stores none", f"{len(seqs)} lines refused")
    check_letters(books, seqs)


@pytest.mark.parametrize("status, body", [(400, ""), (400, "no JSON <html>"), (422, '{"error":"schema limit"}')])
def test_row_20_a_refusal_that_names_no_line_is_kept(rig, passed, status, body):
    """docs/architecture.md: a 4xx that names no line is kept, with its reason, until somebody mends the cause."""
    seqs = bad_seqs(rig, 3)
    rig.store.script({"match": match(seqs), "vague": status, "body": body, "times": 0})
    begun(rig, 2, 300)
    rig.feed_done(rig.feeds[0])
    wait_for(lambda: sum(r[1] == status for r in rig.store.requests()) > 5, 60, "the refused batch is sent again and again")
    refused = sum(r[1] == status for r in rig.store.requests())
    if rig.log.dead_letters():
        raise Failed(f"an answer {status} without a line made dead letters")
    rig.store.script()
    books = finish(rig, passed, "20", f"{status} without a word which line{': ' + body if body and '<' not in body else ''}", f"{refused} answers")
    assert not books.letters


def test_row_20_a_wrong_line_number_is_found_out_by_halves(rig, passed):
    seqs = bad_seqs(rig, 1)
    rig.store.script({"match": match(seqs), "named-from": 5000, "partial": 0, "times": 0})
    started(rig, 1, 300, 2000, "--batches-in-flight", "1")
    rig.feed_done(rig.feeds[0])
    books = finish(rig, passed, "20", "400 that names another line than the bad one", "1 line refused")
    check_letters(books, seqs)
    log = rig.store.requests()
    first = next(i for i, r in enumerate(log) if r[1] == 400)
    most = log[first][2]
    bound = 2 * most.bit_length() + 2
    halves = sum(r[1] == 400 for r in log)
    if halves > bound:
        raise Failed(f"{halves} refused requests for one bad line among {most}; {bound} at most")


@pytest.mark.quick
def test_row_21_a_body_too_large_is_split(rig, passed):
    rig.store.script({"status": 413, "over": 16384, "times": 0})
    started(rig, 2, 600, 4000)
    rig.feed_done(rig.feeds[0])
    split = sum(r[1] == 413 for r in rig.store.requests())
    books = finish(rig, passed, "21", "413 above 16 KiB", f"{split} answers 413")
    assert split > 2 and not books.letters


def test_row_21_a_line_too_large_is_a_dead_letter(rig, passed):
    seq, = bad_seqs(rig, 1)
    rig.store.script({"status": 413, "with": f",seq={seq}i,", "times": 0})
    started(rig, 2, 300)
    books = finish(rig, passed, "21", "413 for every body that holds one line", "1 line")
    check_letters(books, [seq])
