"""The reading commands over two streams: each has its books, its letters and its state, one after the other."""

import json
import re
import sqlite3
import struct
import urllib.request

import pytest

import ticks
from conftest import get, get_json, wait_for
from test_bars import BarBooks, bar, long_of, make_bars, message_of, write_bars
from test_dlq import POISON, send_raw
from test_store_faults import TestStore


class Streams(BarBooks):
    """A file of ticks and one of bars, sent and written."""

    def __init__(self, start, run, brokers, folder, store=None):
        super().__init__(start, run, brokers, folder, store)
        self.folder = folder
        self.ticks, self.bars = ticks.make_rows(300, seed=5), make_bars()
        ticks.write_csv(folder / "ticks.csv", self.ticks)
        write_bars(folder / "bars.csv", self.bars)
        self.send(folder / "ticks.csv")
        self.send(folder / "bars.csv")

    def lag(self):
        return self.json("status")["lag_total"]

    def json(self, *arguments, code=0):
        got, out, err = self.run(*arguments, "--format", "json")
        assert got == code, f"{out}\n{err}"
        return json.loads(out)

    def verify(self, *more, code=0):
        return self.json("verify", "--wait", "1s", *more, code=code)["streams"]

    def sql(self, text):
        with sqlite3.connect(self.file, timeout=20) as store:
            return store.execute(text).fetchall()


@pytest.fixture
def streams(start, run, brokers, tmp_path):
    return Streams(start, run, brokers, tmp_path)


def test_the_books_of_both_kinds_balance_and_a_replay_of_both_mends_them(streams):
    streams.write()
    tickers, bars = streams.verify()
    assert (tickers["stream"], tickers["topic"], tickers["ticks"]) == ("ticker", "tickers", len(streams.ticks))
    assert (bars["stream"], bars["topic"], bars["bars"], bars["points"]) == ("bar", "bars", len(streams.bars), len(streams.bars))
    assert tickers["balanced"] and bars["balanced"] and "candles" in tickers and "candles" not in bars
    assert {(coin["coin"], coin["source"], coin["timeframe"]) for coin in bars["coins"]} == {
        (row["symbol"], row["source"], row["interval"]) for row in streams.bars}
    code, out, err = streams.run("verify", "--wait", "1s")
    assert code == 0 and out.splitlines()[-1] == "The books of 2 of 2 topics balance.", err
    # One stream alone is told as ever.
    assert streams.json("verify", "--wait", "1s", "--streams", "ticker")["ticks"] == len(streams.ticks)

    gone = streams.sql("SELECT count(*) FROM bar WHERE coin = 'AAPL'")[0][0]
    streams.sql("DELETE FROM bar WHERE coin = 'AAPL'")
    tickers, bars = streams.verify(code=1)
    assert tickers["balanced"] and not bars["balanced"] and bars["missing"] == gone
    code, out, err = streams.run("verify", "--wait", "1s")
    assert code == 1 and "The books of 1 of 2 topics balance; not those of bars." in out and "the books of topic bars" in err
    streams.sql("DELETE FROM ticker")
    since = re.search(r"candlewick replay --since (\S+)", out).group(1)
    assert since == "2024-01-01T00:00:00Z"
    replayed = streams.json("replay", "--since", since)["streams"]
    assert [(stream["stream"], stream["read"]) for stream in replayed] == [("ticker", len(streams.ticks)), ("bar", len(streams.bars))]
    assert all(stream["balanced"] for stream in streams.verify())
    streams.sql("UPDATE bar SET close = close * 2 WHERE coin = 'AAPL' AND timeframe = '1h' AND open_time_ns % 86400000000000 = 54000000000000")
    (bars,) = [stream for stream in streams.verify(code=1) if not stream["balanced"]]
    assert bars["differing"] > 1
    named = {(fault["coin"], fault["source"], fault["timeframe"]) for fault in bars["faults"]["differing"]}
    assert named == {("AAPL", "replay", "1h")}
    # A day is proved as a whole, whatever time of it is named; of another coin nothing is wrong.
    assert streams.verify("--from", "2024-01-03T12:00Z", "--to", "2024-01-03T13:00Z", code=1)[1]["from"] == "2024-01-03T00:00:00Z"
    assert all(stream["balanced"] for stream in streams.verify("--coin", "BRK.B"))
    code, out, err = streams.run("verify", "--wait", "1s", "--coin", "NOSUCH")
    assert code == 1 and "--coin NOSUCH" in err
    code, out, err = streams.run("replay", "--since", "first", "--coin", "NOSUCH")
    assert code == 1 and "--coin NOSUCH" in err


def write_line(server, line):
    url = server.url + "/api/v3/write_lp?db=market&precision=nanosecond"
    urllib.request.urlopen(urllib.request.Request(url, line.encode(), method="POST"), timeout=5).close()


def test_the_books_of_both_kinds_balance_in_influxdb(start, run, brokers, tmp_path):
    server = TestStore()
    try:
        streams = Streams(start, run, brokers, tmp_path, server.url)
        streams.write()
        assert [stream["points"] for stream in streams.verify()] == [len(streams.ticks), len(streams.bars)]
        # 2024-01-02 was a day of AAPL: its bar gets another close, and one of another source stands beside it.
        day_ns = 1_704_153_600 * 10**9
        write_line(server, f"bar,coin=AAPL,source=replay,timeframe=1d close=1.5 {day_ns}")
        write_line(server, f"bar,coin=AAPL,source=nyse,timeframe=1d open_time_ns={day_ns}i,revision=0i,open=1,high=1,low=1,close=1 {day_ns}")
        tickers, bars = streams.verify(code=1)
        assert tickers["balanced"] and (bars["differing"], bars["unexpected"], bars["missing"]) == (1, 1, 0)
        assert bars["faults"]["differing"][0]["timeframe"] == "1d" and bars["faults"]["unexpected"][0]["source"] == "nyse"
        # InfluxDB overwrites: a replay of that day alone gives the bar its own close again.
        assert streams.run("replay", "--since", "2024-01-02", "--to", "2024-01-03", "--streams", "bar")[0] == 0
        bars = streams.verify(code=1)[1]
        assert (bars["differing"], bars["unexpected"]) == (0, 1)
    finally:
        server.stop()


def test_letters_are_of_their_stream_and_a_bar_is_written_when_its_schema_is_known(streams):
    """A schema that the registry does not have yet: the letter's bytes are read when it does."""
    known = get_json(f"{streams.registry}/subjects/bars-value/versions/latest")
    newer = bar(90, 0, "LATER", "1d", 7)
    value = message_of(newer, known["id"] + 1) + long_of(0)
    send_raw(streams, [(b"LATER", value)], topic="bars")
    send_raw(streams, POISON[:2], topic="bars", partition=1)
    send_raw(streams, POISON[:1], topic="tickers")
    assert streams.write()["dead_lettered"] == "4"
    tickers, bars = streams.json("dlq")["streams"]
    assert (tickers["stream"], tickers["topic"], tickers["messages"]) == ("ticker", "tickers.dlq", 1)
    assert (bars["stream"], bars["topic"], bars["messages"]) == ("bar", "bars.dlq", 3)
    assert [letter["topic"] for letter in tickers["letters"]] == ["tickers"]
    assert [letter["topic"] for letter in bars["letters"]] == ["bars"] * 3
    code, out, err = streams.run("dlq")
    assert code == 0 and "1 of 1 dead letters in tickers.dlq" in out and "3 of 3 dead letters in bars.dlq" in out and "bars/1/" in out, err

    schema = json.loads(known["schema"])
    schema["fields"].append({"name": "note", "type": ["null", "string"], "default": None})
    request = urllib.request.Request(f"{streams.registry}/subjects/bars-value/versions", json.dumps({"schema": json.dumps(schema)}).encode(),
                                     {"Content-Type": "application/vnd.schemaregistry.v1+json"}, method="POST")
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert json.loads(answer.read())["id"] == struct.unpack(">I", value[1:5])[0]
    code, out, err = streams.run("dlq", "retry", "--format", "json")
    tickers, bars = json.loads(out)["streams"]
    assert code == 1 and "no letter can be written" in err  # the tickers' one
    assert (tickers["written"], tickers["unreadable"]) == (0, 1) and (bars["written"], bars["unreadable"]) == (1, 2)
    assert streams.sql("SELECT coin, source, timeframe, close FROM bar WHERE coin = 'LATER'") == [("LATER", "replay", "1d", newer["close"])]
    assert streams.run("dlq", "retry", "--streams", "bar", "--coin", "LATER")[0] == 0
    assert [(stream["unreadable"], stream["dead_letters"]["places"]) for stream in streams.verify()] == [(1, 1), (2, 3)]


def test_status_is_of_all_streams_and_one_that_is_missing_hides_no_other(streams):
    streams.write()
    send_raw(streams, POISON[:2], topic="bars")
    told = streams.json("status")
    assert (told["topic"], len(told["partitions"]), told["lag_total"]) == ("tickers", 6, 2)
    assert [(stream["topic"], stream["lag"], len(stream["partitions"])) for stream in told["streams"]] == [("tickers", 0, 6), ("bars", 2, 4)]
    code, out, err = streams.run("status")
    assert code == 0 and "topic  tickers, 6 partitions" in out and "topic  bars, 4 partitions" in out and "lag 2" in out, err
    assert streams.json("status", "--streams", "bar")["topic"] == "bars"
    code, out, err = streams.run("status", "--group", "nosuch")
    assert code == 1 and out == "" and "of any of the topics tickers, bars; groups of the cluster: " in err

    missing = ("--topic", "bar=nobars")
    code, out, err = streams.run("status", *missing)
    assert code == 1 and "topic  tickers, 6 partitions" in out and "nobars" in out + err
    code, out, err = streams.run("status", "--format", "json", *missing)
    tickers, bars = json.loads(out)["streams"]
    assert code == 1 and tickers["topic"] == "tickers" and bars == {"topic": "nobars", "error": bars["error"]}, err
    assert "nobars" in bars["error"]
    code, out, err = streams.run("verify", "--wait", "1s", *missing)
    assert code == 1 and "The books balance: 300 ticks" in out and "topic nobars: " in out and "not those of nobars" in out
    tickers, bars = streams.verify(*missing, code=1)
    assert tickers["balanced"] and bars == {"stream": "bar", "topic": "nobars", "error": bars["error"]} and "nobars" in bars["error"]
    code, out, err = streams.run("replay", "--since", "first", *missing)
    assert code == 1 and "messages of topic tickers" in out and "nobars" in out and "nobars" in err
    code, out, err = streams.run("dlq", *missing)
    assert code == 1 and "No dead letters in tickers.dlq" in out and "nobars" in err


def test_the_page_has_the_partitions_and_messages_of_every_stream(streams):
    serve = streams.start("serve", "--listen", "127.0.0.1:0", environment=streams.environment)
    page = serve.wait_event("ready")["page"]
    told = wait_for(lambda: known_streams(page), 20, "the topics are known")
    assert [(stream["topic"], stream["end"], len(stream["partitions"])) for stream in told] == [
        ("tickers", len(streams.ticks), 6), ("bars", len(streams.bars), 4)]
    bars = [message["value"] for partition in range(4)
            for message in get_json(f"{page}/api/messages?topic=bars&partition={partition}&offset=0&limit=500")]
    assert sorted((bar["symbol"], bar["timeframe"], bar["close"]) for bar in bars) == sorted(
        (row["symbol"], row["interval"], row["close"]) for row in streams.bars)
    first = get_json(f"{page}/api/messages?partition=0&limit=1") + get_json(f"{page}/api/messages?partition=1&limit=1")
    assert first and all("last_price" in message["value"] for message in first)
    assert get(f"{page}/api/messages?topic=tickers.dlq&partition=0")[0] == 200
    status, _, answer = get(f"{page}/api/messages?topic=elsewhere&partition=0")
    assert status == 400 and b"topic elsewhere is not shown here" in answer

    # A page of bars alone needs no topic of ticks.
    alone = {**streams.environment, "STREAMS": "bar", "TOPIC": "noticks"}
    page = streams.start("serve", "--listen", "127.0.0.1:0", environment=alone).wait_event("ready")["page"]
    (told,) = wait_for(lambda: known_streams(page), 20, "the topic is known")
    assert (told["kind"], told["topic"], told["end"]) == ("bar", "bars", len(streams.bars))
    assert get_json(f"{page}/api/info")["topics"] == ["bars"]
    assert get_json(f"{page}/api/status")["ticks_per_second"] is None


def known_streams(page):
    told = get_json(f"{page}/api/status")["streams"]
    return told if all(stream["partitions"] for stream in told) else None
