"""What happens to the group and to the sources is written as events, stored, and proved like all else."""

import json
import sqlite3

import pytest

from conftest import get, wait_for

STREAMS = "ticker,event"


@pytest.fixture
def stack(start, run, brokers, tmp_path):
    """Brokers, registry and a producer; the environment that finds them."""
    bootstrap = brokers("tickers:4", "tickers.dlq:1", "events:2", "events.dlq:1")
    registry = start("registry", "--listen", "127.0.0.1:0", "--registry-data", tmp_path / "registry.sqlite")
    environment = {
        "KAFKA_BROKERS": bootstrap,
        "SCHEMA_REGISTRY_URL": registry.wait_event("listening")["url"],
        "STORE": f"sqlite:{tmp_path}/store.sqlite",
        "STREAMS": STREAMS,
        "KAFKA_PROPERTIES": "session.timeout.ms=6000,heartbeat.interval.ms=500",
    }
    start("produce", "--source", "synthetic", "--poll-interval", "50ms", environment=environment)
    return environment


def events(tmp_path):
    """The stored events, in the order of their times."""
    try:
        with sqlite3.connect(f"file:{tmp_path}/store.sqlite?mode=ro", uri=True) as store:
            store.row_factory = sqlite3.Row
            return [dict(row) for row in store.execute("SELECT * FROM event ORDER BY time")]
    except sqlite3.OperationalError:
        return []  # not made yet


def of(tmp_path, what, subject):
    return [event for event in events(tmp_path) if (event["what"], event["subject"]) == (what, subject)]


def balanced(run, environment, least_ticks=0):
    code, out, err = run("verify", "--wait", "60s", "--format", "json", environment=environment, timeout=90)
    assert code in (0, 1), err
    streams = json.loads(out)["streams"]
    assert streams[0]["ticks"] >= least_ticks and streams[1]["events"] > 0, out
    return all(stream["balanced"] for stream in streams), f"{out}\n{err}"


def test_members_that_join_and_leave_are_in_the_store_and_the_books_balance(start, run, stack, tmp_path):
    first = start("consume", "--client-id", "first", environment=stack)
    wait_for(lambda: of(tmp_path, "assigned", "first"), 30, "the first member's assignment")
    second = start("consume", "--client-id", "second", environment=stack)
    wait_for(lambda: of(tmp_path, "revoked", "first") and of(tmp_path, "assigned", "second"), 30, "the second member's assignment")
    assert second.stop() == 0, second.log()
    wait_for(lambda: of(tmp_path, "revoked", "second"), 30, "the second member's leave")
    wait_for(lambda: len(of(tmp_path, "assigned", "first")) > 2, 30, "the first member has all again")

    stored = events(tmp_path)
    # A topic of its own for each: two at the start, fewer partitions with two members.
    assert {event["detail"].split()[0] for event in of(tmp_path, "assigned", "first")} == {"tickers", "events"}
    assert of(tmp_path, "assigned", "first")[0]["source"] == "consume"
    numbers = [event["number"] for event in stored if event["subject"] in ("first", "second")]
    assert all(number is None or number > 0 for number in numbers)
    known = [event["number"] for event in of(tmp_path, "assigned", "first") if event["number"] is not None]
    assert known == sorted(known), "generations grow"
    times = [(event["subject"], event["what"], event["time"]) for event in stored]
    assert len(set(times)) == len(times)

    fine, told = balanced(run, stack, least_ticks=1)
    assert fine, told
    assert first.stop() == 0, first.log()
    # What the last one wrote as it left is behind its last commit.
    asked = ("verify", "--streams", "event", "--wait", "1s")
    code, out, err = run(*asked, "--format", "json", environment=stack)
    report = json.loads(out)
    assert code == 1 and report["parting"] == report["not_yet_written"] > 0 and not report["balanced"], out + err
    code, out, err = run(*asked, environment=stack)
    assert code == 1 and "which is no fault" in " ".join(out.split()) and "ask again" not in out, out + err
    start("consume", "--client-id", "third", environment=stack)
    wait_for(lambda: run(*asked, environment=stack)[0] == 0, 30, "all is written")


def test_a_drill_is_written_by_the_command(run, start, stack, tmp_path):
    start("consume", "--client-id", "first", environment=stack)
    code, out, err = run("event", "drill", "kill-broker", "--detail", "begin", environment=stack)
    assert (code, out) == (0, ""), err
    code, _, err = run("event", "--subject", "kill-broker", "--what", "drill", "--detail", "end", environment=stack)
    assert code == 0, err
    drills = wait_for(lambda: (lambda found: len(found) == 2 and found)(of(tmp_path, "drill", "kill-broker")), 30, "both events")
    assert [event["detail"] for event in drills] == ["begin", "end"]
    assert {event["source"] for event in drills} == {"event"}

    for arguments, words in (
        (["event"], ["--what"]),
        (["event", "drill"], ["--subject"]),
        (["event", "Drill!", "x"], ["--what", "Drill!"]),
        (["event", "drill", "x", "y"], ["\"y\"", "not an option"]),
        (["event", "drill", "kill broker 2"], ["--subject", "kill broker 2", "--detail"]),
    ):
        code, _, err = run(*arguments, environment=stack)
        assert code == 2 and all(word in err for word in words), err
    code, out, err = run("tail", "--streams", "event", "--last", "100", environment=stack)
    (line,) = [line for line in out.splitlines() if "drill" in line and "  begin  schema " in line]
    assert code == 0 and "kill-broker" in line, out + err
    code, _, err = run("event", "drill", "x", "--wait", "1s", environment={**stack, "KAFKA_BROKERS": "127.0.0.1:1"})
    assert code == 1 and "events" in err and "127.0.0.1:1" in err, err


def test_a_long_detail_is_stored_whole_and_one_that_is_too_long_is_refused(run, start, stack, tmp_path):
    start("consume", environment=stack)
    longest = 'a "quoted" \\ word, ' * 862 + "123456"
    assert len(longest) == 16384
    code, out, err = run("event", "drill", "long", "--detail", longest, environment=stack)
    assert (code, out) == (0, ""), err
    code, _, err = run("event", "drill", "longer", "--detail", longest + "x", environment=stack)
    assert code == 2 and "--detail: it has 16385 bytes; at most 16384 fit" in err, err
    wait_for(lambda: of(tmp_path, "drill", "long"), 30, "the event")
    assert of(tmp_path, "drill", "long")[0]["detail"] == longest
    assert not of(tmp_path, "drill", "longer")
    fine, told = balanced(run, stack)
    assert fine, told


def test_of_two_pages_one_holds_the_lease_and_another_takes_over(run, start, stack, tmp_path):
    start("consume", "--client-id", "first", environment=stack)
    pages = [start("serve", "--client-id", name, "--listen", "127.0.0.1:0", environment=stack) for name in ("page-1", "page-2")]
    urls = [page.wait_event("ready")["page"] for page in pages]

    def claims():
        return [event["detail"].split("/")[0] for event in of(tmp_path, "watching", "group/coins")]

    first_claims = wait_for(claims, 30, "a claim")
    assert first_claims[0] in ("page-1", "page-2")
    for url in urls:
        status, _, body = get(url + "/metrics")
        assert status == 200 and b"candlewick_events_written_total" in body
    fine, told = balanced(run, stack)
    assert fine, told
