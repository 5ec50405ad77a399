"""The page's proof: who may start it, how often, where it is offered, and that it says what `verify` says."""

import json
import time
import urllib.error
import urllib.request

import pytest

from conftest import get, get_json, wait_for


def post(url, **headers):
    """Status, headers and JSON of a POST to /api/verify; "_" in a header's name means "-"."""
    request = urllib.request.Request(f"{url}/api/verify", data=b"", method="POST",
                                     headers={name.replace("_", "-"): value for name, value in headers.items()})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.headers, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        return error.code, error.headers, json.loads(error.read())


def ended(url):
    """The proof's answer, once it has ended."""

    def look():
        answer = get_json(f"{url}/api/verify")
        return answer if answer["state"] != "running" else None

    return wait_for(look, 30, "the end of the proof")


@pytest.fixture
def demo(start, tmp_path):
    program = start("demo", "--listen", "127.0.0.1:0", "--source", "synthetic", "--coins", "tBTCUSD,tETHUSD", "--streams", "ticker,trade,event",
                    "--poll-interval", "100ms", "--history", "20m", "--data-dir", tmp_path / "data")
    program.url = program.wait_event("ready")["page"]
    wait_for(lambda: len(get_json(f"{program.url}/api/coins")) == 2, 30, "both coins")
    return program


def test_the_page_proves_the_books_once_a_minute_for_its_own_reader(demo):
    url = demo.url
    assert get_json(f"{url}/api/info")["verify"] is True
    never = get_json(f"{url}/api/verify")
    assert (never["state"], never["age_s"], never["balanced"], never["streams"], never["again_in_s"]) == ("never", None, None, [], 0)
    for headers in ({}, {"Origin": "http://evil.example"}, {"Origin": "null"}, {"Origin": url, "Sec_Fetch_Site": "cross-site"}):
        status, _, answer = post(url, **headers)
        assert status == 403 and "only this page itself" in answer["error"], headers
    assert get_json(f"{url}/api/verify")["state"] == "never", "a refused request starts nothing"

    before = time.monotonic()
    status, _, answer = post(url, Origin=url, Sec_Fetch_Site="same-origin")
    assert status == 202 and answer["state"] in ("running", "done") and 0 < answer["again_in_s"] <= 60
    assert get(f"{url}/api/coins")[0] == 200, "the page answers meanwhile"
    status, headers, answer = post(url, Origin=url)
    if time.monotonic() - before < 50:  # a machine that is busier than that has waited the minute
        assert status == 429 and 0 < int(headers["Retry-After"]) <= 60 and "one proof a minute" in answer["error"]

    proof = ended(url)
    assert proof["state"] == "done" and proof["balanced"] is True, proof
    assert proof["words"] == "The books of 3 of 3 topics balance." and proof["age_s"] >= 0 and proof["took_ms"] > 0
    by_stream = {stream["stream"]: stream for stream in proof["streams"]}
    assert set(by_stream) == {"ticker", "trade", "event"}
    ticks = by_stream["ticker"]
    assert ticks["verdict"].startswith("The books balance: ") and ticks["log"] > 20
    assert {series["coin"] for series in ticks["series"]} == {"tBTCUSD", "tETHUSD"}
    for stream in proof["streams"]:
        assert all(series[fault] == 0 for series in stream["series"] for fault in ("missing", "unexpected", "differing"))
        assert sum(series["log"] for series in stream["series"]) == stream["log"]
    assert demo.stop() == 0, demo.log()


def test_a_demo_ends_while_a_proof_runs(demo):
    assert post(demo.url, Origin=demo.url)[0] == 202
    assert demo.stop() == 0, demo.log()


def test_beyond_loopback_the_proof_is_offered_only_if_that_is_asked_for(start):
    nowhere = {"KAFKA_BROKERS": "127.0.0.1:1", "STORE": "sqlite:none.db"}
    for options, offered in (([], False), (["--page-verify"], True)):
        page = start("serve", "--listen", "0.0.0.0:0", *options, environment=nowhere)
        url = page.wait_event("ready")["page"].replace("0.0.0.0", "127.0.0.1")
        assert get_json(f"{url}/api/info")["verify"] is offered
        assert get(f"{url}/api/verify")[0] == (200 if offered else 404)
        assert post(url, Origin=url)[0] == (202 if offered else 404)
        if offered:
            assert post(url)[0] == 403
            proof = ended(url)
            assert (proof["state"], proof["balanced"]) == ("failed", None) and "127.0.0.1:1" in proof["words"], proof
        assert page.stop() == 0, page.log()
