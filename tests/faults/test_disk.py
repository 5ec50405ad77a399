"""Row 27: a disk that is full, and a SQLite store whose members are killed."""

import sqlite3
import struct
import time
import urllib.error
import urllib.request

import pytest

from parts import Failed, free_port, wait_for
from columns import NUMBERS
from test_store_answers import finish


def word(value):
    return "-" if value is None else "%016x" % struct.unpack("<Q", struct.pack("<d", value))[0]


def rows_of(path):
    """{tick: (first write, writes)} of a SQLite store; when is not known."""
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as db:
        return {" ".join([row[0], str(row[1]), *map(word, row[2:-2]), str(row[-2]), str(row[-1])]): (0, 1)
                for row in db.execute(f"SELECT coin, time, {', '.join(NUMBERS)}, seq, run_id FROM ticker")}


@pytest.fixture
def disk(rig):
    """The rig's store is a SQLite file; disk(True): no room is left for it, disk(False): there is."""
    shim = rig.shim()
    (rig.folder / "disk").mkdir()
    path = rig.folder / "disk" / "store.db"
    rig.store_address = f"sqlite:{path}"
    rig.stored = lambda: rows_of(path)

    def full(yes):
        if yes:
            (shim / "full").write_text("/disk/store.db")
        else:
            (shim / "full").unlink()

    full.preload = rig.preload()
    full.path = path
    return full


def health(port):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


@pytest.mark.quick
def test_row_27_a_full_disk_blocks_says_so_and_goes_on(rig, disk, passed, scaled):
    port = free_port()
    member = rig.member("consumer-1", "--metrics", f"127.0.0.1:{port}", preload=disk.preload)
    rig.feed(1000000, 1000)
    rig.group_works()
    rounds = scaled(5, 1)
    for _ in range(rounds):
        disk(True)
        failed = len(member.events("write_failed"))
        wait_for(lambda failed=failed: len(member.events("write_failed")) > failed, 30, lambda: f"a write that fails; {member.tail()}")
        wait_for(lambda: health(port)[0] == 503, 15, lambda: f"/healthz says it is not well: {health(port)}")
        time.sleep(1)
        # What is committed by now is in the file by now: P3 of docs/architecture.md.
        committed = rig.prober.sample() or rig.prober.newest
        stored = rows_of(disk.path)
        early = [tick for partition, offset, tick in rig.log.ticks() if offset < committed.get(partition, 0) and tick not in stored]
        if early:
            raise Failed(f"I5: {len(early)} ticks are committed and not stored while the disk is full")
        disk(False)
        wait_for(lambda: health(port)[0] == 200, 60, lambda: f"/healthz says it is well again: {health(port)}")
    rig.cleared()
    rig.stop_feeds()
    finish(rig, passed, "27", "no room on the disk of the SQLite store (ENOSPC)", f"{rounds} times")


def test_row_27_members_killed_while_the_disk_is_full(rig, disk, passed, scaled):
    rig.member("consumer-1", preload=disk.preload)
    rig.feed(1000000, 1000)
    rig.group_works()
    rounds = scaled(10, 2)
    for number in range(rounds):
        disk(True)
        time.sleep(rig.random.uniform(0.2, 1))
        rig.members["consumer-1"].kill()
        disk(False)
        if number % 2:
            time.sleep(0.3)
        rig.member("consumer-1", preload=disk.preload)
        time.sleep(rig.random.uniform(1, 4))
    rig.cleared()
    rig.stop_feeds()
    finish(rig, passed, "27", "SIGKILL of the member while the disk of its SQLite store is full", f"{rounds} kills")
