"""Ticks of live sources, as other programs may send them: from the future, under the wrong key, of two producers at once."""

import io
import json
import struct
import time
from pathlib import Path

import fastavro
import pytest
from confluent_kafka import Producer
from proof import TOPIC, Books

SCHEMA = fastavro.parse_schema(json.loads((Path(__file__).parents[2] / "schemas/ticker.avsc").read_text()))
HOUR_NS = 3600 * 10**9


class Live:
    def __init__(self, books):
        self.books = books
        books.synthetic(5, "tSYNUSD")  # registers the schema, which has id 1
        self.producer = Producer({"bootstrap.servers": books.bootstrap, "message.timeout.ms": 10000})

    def send(self, symbol, run_id, event_time_ns, key=None, **more):
        """One tick to partition 0, with the Kafka timestamp of now."""
        tick = {field["name"]: None for field in SCHEMA["fields"]}
        tick |= {"symbol": symbol, "source": "bitfinex", "event_time_ns": event_time_ns, "seq": 1, "run_id": run_id, "last_price": 2.5}
        body = io.BytesIO()
        fastavro.schemaless_writer(body, SCHEMA, tick)
        self.producer.produce(TOPIC, key=key or symbol, value=struct.pack(">bi", 0, 1) + body.getvalue(), partition=0, **more)
        assert self.producer.flush(10) == 0


@pytest.fixture
def live(start, run, brokers, tmp_path):
    return Live(Books(start, run, brokers, tmp_path))


def test_tick_from_the_future_is_a_dead_letter_and_accounted_for(live):
    now_ns = time.time_ns()
    live.send("tBTCUSD", 1, now_ns)
    live.send("tBTCUSD", 1, now_ns + 2 * HOUR_NS)
    live.send("tBTCUSD", 1, 2**63 - 1)
    live.send("tETHUSD", 1, now_ns + HOUR_NS // 2)  # a wrong clock, but not by so much
    live.books.write()
    code, out, _ = live.books.run("dlq", "--format", "json")
    letters = json.loads(out)["letters"]
    assert code == 0 and [letter["kind"] for letter in letters] == ["ahead", "undecodable"]
    assert "is ahead of its Kafka timestamp" in letters[0]["reason"] and "years 1678 to 2261" in letters[1]["reason"]
    books = live.books.verify(code=0)
    assert (books["ticks"], books["unreadable"], books["unaccounted"]) == (7, 2, 0)
    assert live.books.sql("SELECT count(*) FROM ticker") == [(7,)]


def test_two_producers_at_once_are_named_by_verify(live):
    now_ns = time.time_ns()
    for number, run_id in enumerate((11, 11, 22, 22)):
        live.send("tBTCUSD", run_id, now_ns + number)
    live.books.write()
    assert live.books.verify(code=0)["producers_at_once"] == []
    live.send("tBTCUSD", 11, now_ns + 4)
    live.books.write()
    (named,) = live.books.verify(code=0)["producers_at_once"]
    assert named["coin"] == "tBTCUSD" and named["run_ids"] == [22, 11]
    code, out, _ = live.books.run("verify", "--wait", "1s")
    assert code == 0 and "notice: 2 producers of tBTCUSD at once" in out


def test_tail_judges_as_members_do(live):
    now_ns = time.time_ns()
    live.send("tBTCUSD", 1, now_ns)
    live.send("tETHUSD", 1, now_ns, key="tBTCUSD")
    live.send("tETHUSD", 1, now_ns + 2 * HOUR_NS)
    code, out, _ = live.books.run("tail", "--partition", "0", "--last", "3", "--format", "json")
    good, key, ahead = (json.loads(line) for line in out.splitlines())
    assert code == 0 and good["value"]["symbol"] == "tBTCUSD"
    assert key["value"] is None and key["error"] == "the key is not the record's symbol" and key["schema_id"] == 1
    assert ahead["value"] is None and "ahead" in ahead["error"]


@pytest.mark.parametrize("arguments, words", [
    (("verify", "--coin", "tNOPE", "--wait", "1s"), ("--coin tNOPE", "tBTCUSD", "tSYNUSD")),
    (("replay", "--since", "first", "--coin", "tNOPE"), ("--coin tNOPE", "tBTCUSD", "tSYNUSD")),
    (("status", "--group", "nosuch"), ("--group nosuch", "groups of the cluster")),
    (("verify", "--group", "nosuch", "--wait", "1s"), ("--group nosuch", "groups of the cluster")),
])
def test_names_that_are_not_there_fail_with_those_that_are(live, arguments, words):
    live.send("tBTCUSD", 1, time.time_ns())
    live.books.write()
    code, out, err = live.books.run(*arguments)
    assert code == 1 and all(word in err for word in words), f"{out}\n{err}"
    assert live.books.run("verify", "--coin", "tBTCUSD", "--wait", "1s")[0] == 0
    assert live.books.run("status")[0] == 0
