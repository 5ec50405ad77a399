"""`verify` looks at all that the store holds, of whatever name, type and shape, and says what it did not look at."""

import re
import sqlite3
import urllib.parse
import urllib.request

import pytest

import ticks
from conftest import get_json
from proof import Books, differences
from test_store_faults import TestStore


@pytest.fixture
def books(start, run, brokers, tmp_path):
    books = Books(start, run, brokers, tmp_path)
    books.send(ticks.make_rows(300, seed=5))
    books.write()
    return books


@pytest.fixture
def influx(start, run, brokers, tmp_path):
    server = TestStore()
    books = Books(start, run, brokers, tmp_path, store=server.url)
    yield server, books
    server.stop()


def line(server, *lines):
    """What another program with a token may write."""
    url = server.url + "/api/v3/write_lp?" + urllib.parse.urlencode({"db": "market", "precision": "nanosecond"})
    urllib.request.urlopen(urllib.request.Request(url, "\n".join(lines).encode(), method="POST"), timeout=5).close()


def foreign(found):
    return {fault["what"]: fault["rows"] for fault in found["faults"]["foreign"]}


def test_rows_that_no_tick_can_be_are_foreign(books):
    insert = "INSERT INTO ticker (coin, time, last_price, seq, run_id) VALUES (?, ?, 1, 0, 0)"
    for coin, time in (("tBTCUSD ", 5), ("tBTCUSD ", 6), (b"tBTCUSD", 5), ("t\x00USD", 5), ("tBTCUSD", "yesterday"),
                       ("tBTCUSD", 1767225600.5), (b"\xff\xfe\n", 5)):
        books.sql(insert, coin, time)
    found = books.verify(code=1)
    assert differences(found) == {"foreign": 7}
    named = foreign(found)
    (bytes_,) = [what for what in named if "of bytes" in what and "tBTC" not in what]
    assert named.pop(bytes_) == 1
    assert named == {'coin "tBTCUSD "': 2, 'coin of bytes, not text, "tBTCUSD"': 1, 'coin "t"': 1,
                     "a point of tBTCUSD whose time is no integer": 1}
    code, out, _ = books.run("verify")
    assert code == 1 and re.search(r'foreign +coin "tBTCUSD ": 2', out) and "delete" not in out


@pytest.mark.parametrize("change", ["bid = bid || '<script>'", "bid = cast(bid AS TEXT)", "seq = seq + 0.5",
                                    "last_price = cast(last_price || '' AS BLOB)", "run_id = 'x'"])
def test_cell_of_another_type_is_no_value_of_ours(books, change):
    (coin, time_ns), = books.sql("SELECT coin, time FROM ticker WHERE bid IS NOT NULL LIMIT 1")
    books.sql(f"UPDATE ticker SET {change} WHERE coin = ? AND time = ?", coin, time_ns)
    assert differences(books.verify(code=1)) == {"differing": 1}


@pytest.mark.parametrize("change, reason", [
    ("CREATE TRIGGER t AFTER INSERT ON ticker BEGIN DELETE FROM ticker WHERE seq = 7; END", "has a trigger"),
    ("ALTER TABLE ticker RENAME TO kept; CREATE VIEW ticker AS SELECT * FROM kept", "not the one that candlewick makes"),
    ("ALTER TABLE ticker ADD COLUMN more", "not the one that candlewick makes"),
])
def test_table_that_was_changed_is_refused(books, change, reason):
    with sqlite3.connect(books.file) as store:
        store.executescript(change)
    code, out, err = books.run("verify", "--wait", "1s")
    assert code == 2 and reason in err and "--group" in err and out == "", (code, err)


def test_what_is_not_ours_in_the_file_is_not_looked_at(books):
    books.sql("CREATE TABLE mine (x)")
    books.sql("CREATE VIEW theirs AS SELECT * FROM ticker")
    found = books.verify(code=0)
    assert found["not_looked_at"]["others"] == "table mine, view theirs"
    code, out, _ = books.run("verify")
    assert code == 0 and out.splitlines()[-1].endswith("beside our tables: table mine, view theirs.")


def test_influxdb_is_looked_at_as_a_whole(influx):
    server, books = influx
    rows = ticks.make_rows(900, seed=6)
    books.send(rows)
    books.write()
    found = books.verify(code=0)
    assert differences(found) == {} and found["points"] == len(rows) and found["not_looked_at"]["others"] == ""
    # Another table is another program's affair.
    line(server, "weather temperature=3 1")
    assert books.verify(code=0)["not_looked_at"]["others"] == "table weather"
    # Before and behind all that the log has, of a coin that it never had, and of no coin.
    plain = "last_price=1,seq=1i,run_id=1i"
    line(server, f"ticker,coin=tBTCUSD {plain} 1", f"ticker,coin=tBTCUSD {plain} 4102444800000000000",
         f"ticker,coin=tOLD {plain} 5", f"ticker,coin=a\\ b {plain} 5", f"ticker,coin=a\\ b {plain} 6", f"ticker {plain} 7",
         "ticker,coin=tNEW last_price=1 8")
    found = books.verify(code=1)
    assert differences(found) == {"unexpected": 2, "former": 2, "foreign": 3}
    assert foreign(found) == {'coin "a b"': 2, "no coin": 1}
    assert {fault["coin"] for fault in found["faults"]["unexpected"]} == {"tBTCUSD", "tNEW"}
    assert {fault["coin"] for fault in found["faults"]["former"]} == {"tBTCUSD", "tOLD"}  # of a run, and older than the log
    # A column that ours has not.
    line(server, f'ticker,coin=tBTCUSD {plain},note="x" 2')
    assert foreign(books.verify(code=1))['column "note" (Utf8)'] == 1


def test_second_point_of_one_time_by_another_tag_is_foreign(influx):
    server, books = influx
    books.send(ticks.make_rows(60, seed=6))
    books.write()
    time_ns = next(time_ns for coin, time_ns, _ in get_json(server.url + "/control/points") if coin == "tBTCUSD")
    line(server, f"ticker,coin=tBTCUSD,host=x last_price=1,seq=1i,run_id=1i {time_ns}")
    named = foreign(books.verify(code=1))
    assert named.pop("a point among those of tBTCUSD that is of another coin or tag") == 1
    assert [what for what in named if what.startswith('column "host"')] == list(named)


def test_letters_that_a_column_explains_do_not_balance_for_one_coin_either(influx):
    server, books = influx
    line(server, 'ticker,coin=tNOT bid="none" 1', "ticker,coin=a\\ b last_price=1 5")
    books.send(ticks.make_rows(60, seed=8))
    assert int(books.write().events("summary")[-1]["dead_lettered"]) > 0
    found = books.verify("--coin", "tBTCUSD", code=1)
    assert found["refused"] > 0 and found["missing"] == 0
    assert foreign(found) == {'column "bid" (Utf8)': 1}


def test_month_that_influxdb_does_not_open_to_its_end_is_cut(influx):
    """A month of 31 days ends behind the mean length of one."""
    server, books = influx
    day = 86400 * 1000
    january = 1767225600000
    rows = ticks.make_rows(2, seed=6)
    for row, time in zip(rows, (january + 5 * day, january + 32 * day)):
        row.update(symbol="tBTCUSD", time=time)
    books.send(rows)
    books.write()
    server.fail_with({"path": "query", "at": (january + 31 * day - day // 4) * 10**6, "status": 500, "times": 0,
                      "body": "Query would exceed file limit of 432 parquet files"})
    found = books.verify("--interval", "1M", code=1)
    assert found["not_looked_at"]["times"] and differences(found) == {}
    assert (found["candles"]["proved"], found["candles"]["in_part"]) == (1, 1)


def test_piece_that_influxdb_does_not_open_is_not_looked_at(influx):
    server, books = influx
    rows = ticks.make_rows(300, seed=6)
    books.send(rows)
    books.write()
    first = min(row["time"] for row in rows)
    server.fail_with({"path": "query", "at": first * 10**6, "status": 500, "times": 0,
                      "body": "Query would exceed file limit of 432 parquet files"})
    found = books.verify(code=1)
    (piece,) = found["not_looked_at"]["times"]
    assert found["not_looked_at"]["ticks"] > 0 and piece["from"] < piece["to"]
    assert found["points"] + found["not_looked_at"]["ticks"] == len(rows)
    assert differences(found) == {}
    code, out, _ = books.run("verify", "--wait", "1s")
    assert code == 1 and "not looked at; start InfluxDB with a higher --query-file-limit" in out.splitlines()[-1]
