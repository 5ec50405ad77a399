"""A CSV of bars: to the topic, into both stores, and out again as candles, messages and points."""

import csv
import datetime
import io
import json
import math
import sqlite3
import struct
import urllib.request

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition

import ticks
from conftest import get_json, wait_for
from tables import stocks
from test_store_faults import TestStore, read_topic

UTC = datetime.timezone.utc
DAY_S = 86400
LENGTHS_S = {"1h": 3600, "1d": DAY_S}
REVISIONS = 2**28
COLUMNS = ("open_time", "symbol", "interval", "open", "high", "low", "close", "volume", "trades", "source", "revision")


def bar(day, hour, symbol, timeframe, number, **more):
    """One row; its prices are made from `number`, so that each bar has its own."""
    low = 100 + number / 7
    time = datetime.datetime(2024, 1, 1, tzinfo=UTC) + datetime.timedelta(days=day, hours=hour)
    row = {"open_time": time, "symbol": symbol, "interval": timeframe, "open": low + 1, "high": low + 2.5, "low": low, "close": low + 2,
           "volume": None, "trades": None, "source": "replay", "revision": 0}
    return {**row, **more}


def make_bars():
    """Days of two stocks without week-ends, hours of one of them, a bar that was corrected later, and one of another source."""
    rows = []
    for number, day in enumerate(day for day in range(60) if day % 7 < 5):
        rows.append(bar(day, 0, "AAPL", "1d", number, volume=1000.5 * number, trades=number))
        rows.append(bar(day, 0, "BRK.B", "1d", number + 1000))
        for hour in range(14, 21):
            rows.append(bar(day, hour, "AAPL", "1h", number * 24 + hour, volume=0))
    corrected = next(row for row in rows if row["symbol"] == "BRK.B")
    rows.insert(rows.index(corrected) + 1, {**corrected, "close": corrected["close"] + 0.25, "revision": 1})
    rows.append(bar(70, 0, "BRK.B", "1d", 5000, source="nasdaq"))
    return rows


def write_bars(path, rows):
    with open(path, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for row in rows:
            cells = {**row, "open_time": row["open_time"].isoformat().replace("+00:00", "Z")}
            writer.writerow("" if cells[name] is None else repr(cells[name]) if isinstance(cells[name], float) else cells[name]
                            for name in COLUMNS)


def open_ns(row):
    return int(row["open_time"].timestamp()) * 10**9


def stored_ns(row):
    """The stored time as the schema's documents say it: the day, and the bar's number in it before its revision."""
    into_day_s = int(row["open_time"].timestamp()) % DAY_S
    return open_ns(row) - into_day_s * 10**9 + into_day_s // LENGTHS_S[row["interval"]] * REVISIONS + row["revision"]


def points_of(rows):
    return sorted((row["symbol"], row["source"], row["interval"], stored_ns(row), open_ns(row), row["revision"],
                   *(ticks.bits(row[name]) for name in ("open", "high", "low", "close")),
                   None if row["volume"] is None else ticks.bits(row["volume"]), row["trades"]) for row in rows)


class BarBooks:
    """Brokers with the topics of both kinds, a registry and a store."""

    def __init__(self, start, run, brokers, folder, store=None, topic="bars"):
        self.start, self.call = start, run
        self.bootstrap = brokers("tickers:6", "tickers.dlq:1", f"{topic}:4", f"{topic}.dlq:1")
        registry = start("registry", "--listen", "127.0.0.1:0", "--registry-data", folder / "registry.sqlite")
        self.registry = registry.wait_event("listening")["url"]
        self.file = folder / "store.sqlite"
        self.environment = {"KAFKA_BROKERS": self.bootstrap, "SCHEMA_REGISTRY_URL": self.registry,
                            "STORE": store or f"sqlite:{self.file}", "STREAMS": "ticker,bar", "TOPIC": f"tickers,bar={topic}"}

    def run(self, *arguments):
        return self.call(*arguments, environment=self.environment, timeout=60)

    def send(self, path):
        produce = self.start("produce", "--source", f"replay:{path}", "--speed", "max", "--coins", "ALL", "--as", "replay",
                             environment=self.environment)
        assert produce.wait(60) == 0, produce.log()
        return produce.events("summary")[-1]

    def lag(self):
        """Messages of the bars' topic that the group has not committed."""
        consumer = Consumer({"bootstrap.servers": self.bootstrap, "group.id": "coins"})
        committed = consumer.committed([TopicPartition("bars", partition) for partition in range(4)], timeout=10)
        lag = sum(consumer.get_watermark_offsets(place, timeout=10)[1] - max(place.offset, 0) for place in committed)
        consumer.close()
        return lag

    def write(self):
        consume = self.start("consume", "--batch-age", "100ms", environment=self.environment)
        consume.wait_event("consuming")
        wait_for(lambda: self.lag() == 0, 60, "lag 0")
        assert consume.stop() == 0, consume.log()
        return consume.events("summary")[-1]

    def stored(self):
        with sqlite3.connect(f"file:{self.file}?mode=ro", uri=True) as store:
            rows = store.execute("SELECT coin, source, timeframe, time, open_time_ns, revision, open, high, low, close, volume, trades FROM bar")
            return sorted((*row[:6], *(ticks.bits(price) for price in row[6:10]), None if row[10] is None else ticks.bits(row[10]), row[11])
                          for row in rows)

    def candles(self, *more):
        code, out, err = self.run("candles", "--of", "bar", "--format", "json", *more)
        assert code == 0, err
        return json.loads(out)


@pytest.fixture(scope="module")
def bars(tmp_path_factory):
    path = tmp_path_factory.mktemp("bars") / "bars.csv"
    rows = make_bars()
    write_bars(path, rows)
    return path, rows


@pytest.fixture
def books(start, run, brokers, tmp_path):
    return BarBooks(start, run, brokers, tmp_path)


def candle_of(row):
    return {"time": row["open_time"].isoformat().replace("+00:00", "Z"), "coin": row["symbol"], "open": row["open"], "high": row["high"],
            "low": row["low"], "close": row["close"], "ticks": row["trades"], "forming": False, "cut": False, "synthetic": False,
            **({} if row["volume"] is None else {"volume": row["volume"]})}


def wanted_candles(rows, symbol, timeframe, source="replay"):
    """One candle a bar, of the highest revision."""
    bars = {}
    for row in rows:
        if (row["symbol"], row["interval"], row["source"]) == (symbol, timeframe, source):
            bars[row["open_time"]] = candle_of(row)
    return [bars[time] for time in sorted(bars)]


def check_candles(books, rows):
    assert books.candles("--coin", "AAPL", "--interval", "1d") == wanted_candles(rows, "AAPL", "1d")
    assert books.candles("--coin", "AAPL", "--interval", "1h") == wanted_candles(rows, "AAPL", "1h")
    named = ("--coin", "BRK.B", "--interval", "1d", "--bar-source")
    assert books.candles(*named, "replay") == wanted_candles(rows, "BRK.B", "1d")
    assert books.candles(*named, "nasdaq") == wanted_candles(rows, "BRK.B", "1d", "nasdaq")


def test_a_file_of_bars_is_stored_and_shown_and_a_second_replay_changes_nothing(books, bars):
    path, rows = bars
    summary = books.send(path)
    assert (summary["kind"], summary["produced"]) == ("bar", str(len(rows)))
    written = books.write()
    assert (written["written"], written["dead_lettered"]) == (str(len(rows)), "0")
    want = points_of(rows)
    assert books.stored() == want
    books.send(path)
    books.write()
    assert books.stored() == want
    check_candles(books, rows)
    code, out, err = books.run("verify", "--streams", "bar", "--wait", "1s", "--format", "json")
    assert code == 0, out + err
    assert json.loads(out)["balanced"] and json.loads(out)["not_looked_at"]["tables"] == ""
    _, out, err = books.run("verify", "--streams", "ticker", "--format", "json")
    assert json.loads(out)["not_looked_at"]["tables"] == "bar", err


def test_candles_of_bars_keep_to_their_range_their_limit_and_their_source(books, bars):
    path, rows = bars
    books.send(path)
    books.write()
    days = wanted_candles(rows, "AAPL", "1d")
    asked = ("--coin", "AAPL", "--interval", "1d")
    assert books.candles(*asked, "--from", "2024-01-08", "--to", "2024-01-10") == days[5:7]
    assert books.candles(*asked, "--from", "2024-01-08T12:00Z", "--to", "2024-01-09T00:00:01Z") == days[5:7]
    assert books.candles(*asked, "--limit", "3") == days[-3:]
    assert books.candles(*asked, "--from", "2030-01-01", "--bar-source", "replay") == []
    hours = books.candles("--coin", "AAPL", "--interval", "1h")
    halves = books.candles("--coin", "AAPL", "--interval", "12h")  # folded from the bars of an hour, the longest that make it up
    assert 1 < len(halves) < len(hours)
    first = [hour for hour in hours if halves[0]["time"] <= hour["time"] < halves[1]["time"]]
    assert (halves[0]["open"], halves[0]["close"]) == (first[0]["open"], first[-1]["close"])
    assert (halves[0]["high"], halves[0]["low"]) == (max(hour["high"] for hour in first), min(hour["low"] for hour in first))
    assert books.candles("--coin", "AAPL", "--interval", "12h", "--limit", "1") == halves[-1:]
    code, out, err = books.run("candles", "--of", "bar", *asked, "--limit", "2", "--format", "csv")
    assert code == 0, err
    head, *lines = csv.reader(io.StringIO(out))
    assert head == ["time", "coin", "open", "high", "low", "close", "ticks", "volume", "forming", "cut", "synthetic"]
    assert [(line[1], float(line[5]), line[6]) for line in lines] == [("AAPL", day["close"], str(day["ticks"])) for day in days[-2:]]
    code, out, err = books.run("candles", "--of", "bar", *asked)
    assert code == 0 and f"{days[-1]['close']:.10g}"[:8] in out and "AAPL (UTC)" in out, err
    for more, said in (
        (("--coin", "BRK.B", "--interval", "1d"), ("nasdaq, replay", "--bar-source")),
        (("--coin", "BRK.B", "--interval", "1d", "--bar-source", "nyse"), ("nyse", "nasdaq, replay")),
        (("--coin", "AAPL", "--interval", "5m"), ("AAPL replay 1d", "AAPL replay 1h")),
        (("--coin", "NOSUCH", "--interval", "1d"), ("NOSUCH 1d", "BRK.B nasdaq 1d")),
        (("--coin", "AAPL", "--interval", "7m"), ("no bar of AAPL 7m", "AAPL replay 1h")),
        (("--coin", "AAPL", "--interval", "1d", "--cut"), ("--cut",)),
        ((), ("no bar of tBTCUSD 5m", "name the coin with --coin")),
    ):
        code, out, err = books.run("candles", "--of", "bar", *more)
        assert code != 0 and out == "" and all(words in err for words in said), err
    code, out, err = books.run("candles", "--coin", "AAPL")
    assert code == 1 and "bars are (--of bar)" in err, err


def test_tail_prints_bars_and_every_stream(books, bars, tmp_path):
    path, rows = bars
    books.send(path)
    ticks.write_csv(tmp_path / "ticks.csv", ticks.make_rows(20, seed=4))
    books.send(tmp_path / "ticks.csv")
    code, out, err = books.run("tail", "--streams", "bar", "--last", "1000", "--format", "json")
    assert code == 0, err
    messages = [json.loads(line) for line in out.splitlines()]
    assert len(messages) == len(rows) and "topic" not in messages[0]
    values = sorted((m["value"]["symbol"], m["value"]["timeframe"], m["value"]["close"]) for m in messages)
    assert values == sorted((row["symbol"], row["interval"], row["close"]) for row in rows)
    code, out, err = books.run("tail", "--streams", "bar", "--last", "1000")
    assert code == 0, err
    (line,) = [line for line in out.splitlines() if "nasdaq" in line]
    words = line.split()
    assert words[2:5] == ["2024-03-11T00:00:00Z", "BRK.B", "1d"] and [float(word) for word in words[5:9]] == [
        rows[-1][name] for name in ("open", "high", "low", "close")] and words[9] == "nasdaq"

    code, out, err = books.run("tail", "--streams", "ticker", "--last", "20", "--format", "json")
    assert code == 0, err
    messages = [json.loads(line) for line in out.splitlines()]
    times = [message["value"]["event_time_ns"] for message in messages]
    assert len({message["partition"] for message in messages}) > 1  # all were sent at the same moment
    assert len(times) == 20 and times == sorted(times)

    code, out, err = books.run("tail", "--last", "5", "--format", "json")
    assert code == 0, err
    assert [json.loads(line)["topic"] for line in out.splitlines()] == ["tickers"] * 5 + ["bars"] * 5
    assert books.run("tail", "--last", "5", "--count", "7")[1].count("\n") == 7
    follow = books.start("tail", "--follow", "--last", "3", "--count", "6", environment=books.environment)
    assert follow.wait(30) == 0, follow.log()
    assert sorted(line.split()[0] for line in follow.output) == ["bars"] * 3 + ["tickers"] * 3
    code, out, err = books.run("tail", "--partition", "0")
    assert code == 2 and "--streams" in err


def long_of(value):
    """A long in Avro's binary form: zigzag, seven bits a byte."""
    value = value * 2 if value >= 0 else -value * 2 - 1
    out = bytearray()
    while value > 127:
        out.append(value % 128 + 128)
        value //= 128
    return bytes(out) + bytes([value])


def message_of(row, schema_id):
    text = b"".join(long_of(len(part)) + part for part in (row[name].encode() for name in ("symbol", "source", "interval")))
    prices = struct.pack("<4d", *(row[name] for name in ("open", "high", "low", "close")))
    return b"\0" + struct.pack(">I", schema_id) + text + long_of(open_ns(row)) + long_of(row["revision"]) + prices + long_of(0) * 3


def test_a_bad_bar_in_the_log_is_a_dead_letter_of_its_stream(books, bars, tmp_path):
    good = bar(0, 0, "AAPL", "1d", 1)
    write_bars(tmp_path / "one.csv", [good])
    books.send(tmp_path / "one.csv")
    schema_id = get_json(f"{books.registry}/subjects/bars-value/versions/latest")["id"]
    fine = {**good, "open_time": good["open_time"] + datetime.timedelta(days=1)}
    bad = ({**fine, "high": 1.0}, {**fine, "interval": "1D"}, {**fine, "low": math.nan},
           {**fine, "open_time": fine["open_time"] + datetime.timedelta(hours=1)}, {**fine, "revision": -1})
    producer = Producer({"bootstrap.servers": books.bootstrap})
    for row in (*bad, fine):
        producer.produce("bars", key=row["symbol"].encode(), value=message_of(row, schema_id), partition=0)
    assert producer.flush(20) == 0
    written = books.write()
    assert (written["written"], written["dead_lettered"]) == ("2", str(len(bad)))
    assert books.stored() == points_of([good, fine])
    letters = read_topic(books.bootstrap, "bars.dlq", 1)
    assert [(key, headers["topic"], headers["kind"]) for key, _, headers in letters] == [(b"AAPL", b"bars", b"undecodable")] * len(bad)
    reasons = " ".join(headers["reason"].decode() for _, _, headers in letters)
    wanted = ("bad_price: low is above high", "field 'low': a number is not finite", "bad_timeframe", "bad_time", "bad_revision")
    assert all(word in reasons for word in wanted), reasons


def test_a_demo_of_bars_reads_what_its_source_makes(start, run, tmp_path, bars):
    path, rows = bars
    store = f"sqlite:{tmp_path}/data/store.sqlite"
    demo = start("demo", "--source", f"replay:{path}", "--speed", "max", "--coins", "ALL", "--as", "replay",
                 "--data-dir", tmp_path / "data", "--store", store, "--listen", "127.0.0.1:0", "--verify")
    assert demo.wait(120) == 0, demo.log()
    summary = demo.events("summary")[-1]
    assert (summary["kind"], summary["produced"], summary["lag"]) == ("bar", str(len(rows)), "0")
    code, out, err = run("candles", "--of", "bar", "--store", store, "--coin", "AAPL", "--interval", "1d", "--format", "json")
    assert code == 0, err
    assert json.loads(out) == wanted_candles(rows, "AAPL", "1d")


def query(url, sql):
    body = json.dumps({"db": "market", "q": sql, "format": "json"}).encode()
    request = urllib.request.Request(f"{url}/api/v3/query_sql", body, {"Content-Type": "application/json"}, method="POST")
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.loads(answer.read())


def test_bars_in_influxdb_are_the_same_points_and_candles(start, run, brokers, tmp_path, bars):
    path, rows = bars
    server = TestStore()
    try:
        books = BarBooks(start, run, brokers, tmp_path, server.url)
        books.send(path)
        books.send(path)  # each bar twice in the log, and once in the store
        books.write()
        points = query(server.url, "SELECT * FROM bar")
        assert len(points) == len(rows)
        assert sorted((point["coin"], point["source"], point["timeframe"], point["open_time_ns"], point["revision"], ticks.bits(point["close"]),
                       point.get("trades")) for point in points) == sorted((row[0], row[1], row[2], row[4], row[5], row[9], row[11])
                                                                           for row in points_of(rows))
        check_candles(books, rows)
    finally:
        server.stop()


def test_a_row_that_contradicts_another_is_named_and_the_topic_may_have_another_name(start, brokers, run, tmp_path):
    books = BarBooks(start, run, brokers, tmp_path, topic="prices")
    first = bar(0, 0, "AAPL", "1d", 1)
    write_bars(tmp_path / "bars.csv", [first, first, {**first, "close": first["open"]}, bar(1, 0, "AAPL", "1d", 2)])
    produce = books.start("produce", "--source", f"replay:{tmp_path}/bars.csv", "--speed", "max", "--coins", "ALL",
                          environment=books.environment)
    assert produce.wait(60) == 0, produce.log()
    summary = produce.events("summary")[-1]
    assert (summary["produced"], summary["rejected_repeat"], summary["rejected_conflict"]) == ("2", "1", "1")
    (refused,) = produce.events("line_rejected")
    assert (refused["line"], refused["other_line"], refused["reason"]) == ("4", "2", "conflict")
    assert produce.events("producing")[0]["topic"] == "prices"
    assert get_json(f"{books.registry}/subjects") == ["prices-value"]
    code, out, err = books.run("tail", "--streams", "bar")
    assert code == 0 and out.count("AAPL") == 2, err


def test_bars_that_the_store_forgets_by_retention_are_not_missing(start, run, brokers, tmp_path):
    """A store forgets by the time of its points, and all bars of a day are stored at the beginning of that."""
    books = BarBooks(start, run, brokers, tmp_path)
    now = datetime.datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    hours = 80
    rows = [{**bar(0, 0, "AAPL", "1h", age), "open_time": now - datetime.timedelta(hours=age)} for age in range(hours, 0, -1)]
    write_bars(tmp_path / "bars.csv", rows)
    books.send(tmp_path / "bars.csv")
    books.write()
    with sqlite3.connect(books.file) as store:  # as InfluxDB does it
        store.execute("DELETE FROM bar WHERE time < ?", (int(now.timestamp() - 36 * 3600) * 10**9,))
    code, out, err = books.run("verify", "--streams", "bar", "--retention", "36h", "--format", "json")
    found = json.loads(out)
    assert code == 0 and found["balanced"], f"{out}\n{err}"
    assert 0 < found["bars"] == found["points"] < hours
    assert books.run("verify", "--streams", "bar")[0] == 1


def test_a_table_of_stock_indices_is_stored_day_by_day(start, run, brokers, tmp_path):
    rows = stocks.make_table()
    stocks.write_table(tmp_path / "indexProcessed.csv", rows)
    books = BarBooks(start, run, brokers, tmp_path)
    sent = books.send(tmp_path / "indexProcessed.csv")
    empty = sum(figures is None for _, _, figures in rows)
    assert (sent["produced"], sent["rejected_no_price"]) == (str(len(rows) - empty), str(empty))
    books.write()
    with sqlite3.connect(f"file:{books.file}?mode=ro", uri=True) as store:
        years = store.execute(stocks.SQL.format(year="strftime('%Y', open_time_ns / 1000000000, 'unixepoch')"))
        stocks.same({(coin, year): figures for coin, year, *figures in years}, stocks.by_year(rows))
    code, out, err = books.run("candles", "--of", "bar", "--coin", "000001.SS", "--interval", "1d", "--limit", "3", "--format", "json")
    assert code == 0, err
    last = [row for row in rows if row[0] == "000001.SS" and row[2] is not None][-3:]
    assert [(candle["time"][:10], candle["close"]) for candle in json.loads(out)] == [(str(date), figures[3]) for _, date, figures in last]


def test_the_same_table_in_influxdb(start, run, brokers, tmp_path):
    rows = [row for row in stocks.make_table() if row[1].year >= 2013]
    stocks.write_table(tmp_path / "indexProcessed.csv", rows)
    server = TestStore()
    try:
        books = BarBooks(start, run, brokers, tmp_path, server.url)
        books.send(tmp_path / "indexProcessed.csv")
        books.write()
        years = query(server.url, stocks.SQL.format(year="to_char(to_timestamp_nanos(open_time_ns), '%Y')"))
        stocks.same({(row["coin"], row["year"]): (row["days"], row["closes"], row["highest"]) for row in years}, stocks.by_year(rows))
    finally:
        server.stop()
