"""What happened is told by the page's API from the store, so it survives the page."""

import pytest

from conftest import get, get_json, wait_for


@pytest.fixture
def demo(start, tmp_path):
    def run():
        program = start("demo", "--listen", "127.0.0.1:0", "--source", "synthetic", "--coins", "tBTCUSD", "--streams", "ticker,event",
                        "--poll-interval", "100ms", "--history", "10m", "--data-dir", tmp_path / "data")
        program.url = program.wait_event("ready")["page"]
        return program

    return run


def ns_of(text):
    """The digits of a time with all nine decimals, which sort as times do."""
    whole, _, fraction = text.rstrip("Z").partition(".")
    return whole + fraction.ljust(9, "0")


def events_of(url, what, **parameters):
    query = "&".join(f"{name}={value}" for name, value in parameters.items())
    return [event for event in get_json(f"{url}/api/history?{query}")["events"] if event["what"] == what]


def test_events_survive_a_restart_of_the_page(demo):
    first = demo()
    assigned = wait_for(lambda: events_of(first.url, "assigned"), 30, "the members' partitions")
    assert {event["subject"] for event in assigned} <= {"consumer-1", "consumer-2"}
    assert all(event["source"] and event["detail"].split()[0] in ("tickers", "events") for event in assigned)
    wait_for(lambda: events_of(first.url, "started"), 30, "the source's start")
    assert first.stop() == 0, first.log()

    second = demo()
    again = wait_for(lambda: [event for event in events_of(second.url, "assigned") if event not in assigned], 30, "new assignments")
    answer = get_json(f"{second.url}/api/history")
    assert all(event in answer["events"] for event in assigned), "those of the first start"
    times = [ns_of(event["time"]) for event in answer["events"]]
    assert times == sorted(times, reverse=True) and len(events_of(second.url, "ended")) >= 1
    assert not any(event["what"] in ("watching", "coins", "covered") for event in answer["events"])
    assert answer["covered"] and all(span["source"].startswith("synthetic/") for span in answer["covered"])

    newest = max((event["time"] for event in again), key=ns_of)
    later = get_json(f"{second.url}/api/history?from={newest}")
    assert all(ns_of(event["time"]) >= ns_of(newest) for event in later["events"])
    assert any(event["what"] == "assigned" and ns_of(event["time"]) < ns_of(newest) for event in later["before"])
    assert len(get_json(f"{second.url}/api/history?limit=1")["events"]) >= 1
    assert get(f"{second.url}/api/history?limit=0")[0] == 400
