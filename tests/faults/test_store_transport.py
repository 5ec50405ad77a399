"""Rows 22 to 24: a store that breaks connections, drips, lies, or is not there."""

import signal
import time

import pytest

from ends import Store
from parts import Failed, wait_for
from test_store_answers import begun, finish, started


@pytest.mark.quick
def test_row_22_an_answer_lost_after_storing_rewrites_the_same_bytes(rig, passed, scaled):
    rig.store.script({"reset": "after", "chance": 30, "times": 0})
    started(rig, 2, scaled(10000, 500), 2500)
    rig.feed_done(rig.feeds[0])
    broken = sum(r[1] == 0 for r in rig.store.requests())
    rig.store.script()
    books = finish(rig, passed, "22", "connection reset after the store had it", f"{broken} of {len(rig.store.requests())} writes")
    assert broken > 0 and books.counts["rewrites"] > 0


def test_row_22_a_connection_reset_before_storing_is_tried_again(rig, passed, scaled):
    rig.store.script({"reset": "before", "chance": 30, "times": 0})
    started(rig, 2, scaled(4000, 500), 2500)
    rig.feed_done(rig.feeds[0])
    broken = sum(r[1] == 0 for r in rig.store.requests())
    rig.store.script()
    assert broken > 0
    finish(rig, passed, "22", "connection reset before the store had it", f"{broken} of {len(rig.store.requests())} writes")


@pytest.mark.quick
def test_row_23_half_an_answer_is_none(rig, passed, scaled):
    rig.store.script({"half": 1, "chance": 40, "times": 0})
    started(rig, 2, scaled(2000, 500), 2500)
    rig.feed_done(rig.feeds[0])
    rig.store.script()
    books = finish(rig, passed, "23", "half an answer, then the end of the connection", "40 % of all writes")
    assert books.counts["rewrites"] > 0


def test_row_23_an_answer_byte_by_byte_times_out(rig, passed):
    """40 bytes, one a second: past the time-out of 30 s, and the same lines again. Nothing can be committed before that."""
    rig.store.script({"drip-ms": 1000, "times": 2})
    begun(rig, 1, 600, 1000, "--batches-in-flight", "2")
    member, = rig.members.values()
    member.wait_event("assigned", 60)
    began = time.monotonic()
    member.wait_event("write_failed", 90)
    waited_s = time.monotonic() - began
    books = finish(rig, passed, "23", "an answer byte by byte, one a second", "2 answers", f"given up after {waited_s:.0f} s.")
    assert books.counts["rewrites"] > 0


@pytest.mark.quick
def test_row_23_a_gzip_bomb_takes_no_memory(rig, passed):
    rig.store.script({"bomb": 256, "times": 3})
    started(rig, 1, 300)
    finish(rig, passed, "23", "a gzip answer that unpacks to 256 MiB", "3 answers", peak_mib=128)


def test_row_23_a_redirect_is_not_followed(rig, passed):
    other = Store(rig.programs["store"], rig.folder, "elsewhere")
    try:
        rig.store.script(*({"status": status, "location": other.url + "/api/v3/write_lp?db=market&precision=nanosecond", "times": 2}
                           for status in (301, 302, 307, 308)))
        started(rig, 1, 600, 500)
        wait_for(lambda: sum(300 < r[1] < 400 for r in rig.store.requests()) >= 8, 60, "eight redirects")
        finish(rig, passed, "23", "301, 302, 307, 308 to another host", "8 answers")
        if other.requests() or other.counts()["points"]:
            raise Failed(f"a redirect was followed: {other.requests()[:3]}")
    finally:
        other.end()


@pytest.mark.quick
def test_row_24_a_store_that_refuses_connections_is_waited_for(rig, passed, scaled):
    outages = scaled(5)
    started(rig, 2, 500 * (outages + 1), 1000)
    for _ in range(outages):
        rig.store.post("/refuse", "2000")
        time.sleep(2.5)
    assert any("write_failed" in member.log() for member in rig.members.values())
    finish(rig, passed, "24", "connections refused for 2 s, those that are open cut off", f"{outages} times")


def test_row_24_a_black_hole_is_waited_out(rig, passed, scaled):
    """SIGSTOP: the system still takes connections for it, nobody answers."""
    frozen_s = scaled(35, 6)
    started(rig, 2, 300 * frozen_s, 2000)
    rig.store.part.send(signal.SIGSTOP)
    time.sleep(frozen_s)
    rig.store.part.send(signal.SIGCONT)
    finish(rig, passed, "24", f"the store frozen for {frozen_s} s", "once", "the time-out of a write is 30 s.")


def test_row_24_a_name_that_is_not_found_is_asked_for_again(rig, passed):
    shim = rig.shim()
    (shim / "no-names").write_text("1")
    rig.store_address = rig.store.url.replace("127.0.0.1", "store.test")
    rig.member("consumer-1", preload=rig.preload())
    rig.feed(300, 1000)
    wait_for(lambda: len(rig.members["consumer-1"].events("write_failed")) > 2, 30, "writes that failed")
    assert rig.store.counts()["writes"] == 0
    (shim / "no-names").unlink()
    finish(rig, passed, "24", "the store's name is not found (DNS)", "from the start, some seconds")
