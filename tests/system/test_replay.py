"""`demo --source replay:FILE --speed max`: the store equals the file, whatever the strategy, however often."""

import gzip
import json
import sqlite3
from collections import defaultdict

import pytest

import ticks
from conftest import get_json, wait_for

ROWS = 200_000
STEP_NS = 1_000_000


def read_store(path):
    """Per coin: rows, wrapping sum and xor of the price bits; read with sqlite3, not with our code."""
    figures = defaultdict(lambda: [0, 0, 0])
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as store:
        for coin, price in store.execute("SELECT coin, last_price FROM ticker"):
            add(figures[coin], price)
    return figures


def add(figure, price):
    figure[0] += 1
    figure[1] = (figure[1] + ticks.bits(price)) % 2**64
    figure[2] ^= ticks.bits(price)


@pytest.fixture(scope="module")
def replay_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("replay") / "ticks.csv"
    rows = ticks.make_rows(ROWS, seed=7)
    ticks.write_csv(path, rows)
    want = defaultdict(lambda: [0, 0, 0])
    for row in rows:
        add(want[row["symbol"]], row["last_price"])
    return path, rows, want


def demo(start, path, strategy, folder):
    program = start(
        "demo", "--source", f"replay:{path}", "--speed", "max", "--coins", "ALL", "--strategy", strategy,
        "--data-dir", folder, "--store", f"sqlite:{folder}/store.sqlite", "--listen", "127.0.0.1:0",
    )
    assert program.wait(120) == 0, program.log()
    return program


@pytest.mark.parametrize("strategy", ["range", "roundrobin", "sticky"])
def test_replay_ends_by_itself_and_the_store_equals_the_file(start, tmp_path, replay_file, strategy):
    path, _, want = replay_file
    program = demo(start, path, strategy, tmp_path / "data")
    summary = program.events("summary")[-1]
    assert summary["lag"] == "0"
    assert int(summary["produced"]) == ROWS
    assert summary["dead_lettered"] == "0"
    assert read_store(tmp_path / "data" / "store.sqlite") == want


def test_replay_twice_over_one_store_changes_nothing(start, tmp_path, replay_file):
    path, _, _ = replay_file
    folder = tmp_path / "data"
    demo(start, path, "range", folder)
    dump = dump_store(folder / "store.sqlite")
    demo(start, path, "sticky", folder)
    assert dump_store(folder / "store.sqlite") == dump


def dump_store(path):
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as store:
        return list(store.execute("SELECT * FROM ticker ORDER BY coin, time"))


def test_replay_candles_equal_an_independent_computation(start, run, tmp_path, replay_file):
    path, rows, _ = replay_file
    packed = tmp_path / "ticks.csv.gz"
    packed.write_bytes(gzip.compress(path.read_bytes(), 1))
    demo(start, packed, "range", tmp_path / "data")
    for interval_ms, name in ((60_000, "1m"), (300_000, "5m"), (3_600_000, "1h")):
        for coin, want in ticks.candles(rows, interval_ms).items():
            assert candles(run, tmp_path, coin, name) == want


def candles(run, tmp_path, coin, interval):
    code, out, err = run(
        "candles", "--store", f"sqlite:{tmp_path}/data/store.sqlite", "--coin", coin, "--interval", interval,
        "--from", "2026-01-01", "--to", "2027-01-01", "--format", "json",
    )
    assert code == 0, err
    return ticks.candles_of_json(json.loads(out))


def test_replay_bad_lines_are_counted_and_named(start, tmp_path):
    path = tmp_path / "bad.csv"
    path.write_text(
        "time,symbol,last_price\n"
        "2026-01-01T00:00:02Z,tBTCUSD,100.5\n"
        "2026-01-01T00:00:01Z,tBTCUSD,100\n"  # line 3: older than its coin's last
        "2026-01-01T00:00:01Z,tETHUSD,7\n"
        "yesterday,tBTCUSD,101\n"  # line 5
        "2026-01-01T00:00:03Z,tBTCUSD,-1\n"  # line 6
        "2026-01-01T00:00:04Z,tBTCUSD\n"  # line 7
        "2026-01-01T00:00:05Z,tBTCUSD,102\n"
    )
    program = demo(start, path, "range", tmp_path / "data")
    summary = program.events("summary")[-1]
    assert summary["produced"] == "3"
    for reason in ("out_of_order", "bad_time", "bad_price", "bad_shape"):
        assert summary[f"rejected_{reason}"] == "1", summary
    log = program.log()
    for line in (3, 5, 6, 7):
        assert f"line={line}" in log, log


def test_replay_file_that_is_not_there_is_one_clear_line(run):
    code, _, err = run("demo", "--source", "replay:/nowhere/ticks.csv", "--speed", "max")
    assert code == 2
    assert "/nowhere/ticks.csv" in err
    assert len(err.strip().splitlines()) == 1


@pytest.mark.parametrize("content, code, said", [
    ("time,symbol,last_price\n", 1, ("a header and no row",)),
    ("time,symbol,last_price\nyesterday,tBTCUSD,1\n", 1, ("1 of 1 are bad_time", "2026-")),
    ("time,symbol,price\n1,tBTCUSD,1\n", 2, ("--columns last_price=price",)),
    ("Date;Open;High;Low;Close\n2024-01-02;1;1;1;1\n", 2, ("--columns symbol='AAPL'",)),
])
def test_replay_that_stores_nothing_fails_and_says_why(run, tmp_path, content, code, said):
    (tmp_path / "ticks.csv").write_text(content)
    got, _, err = run("demo", "--source", "replay:ticks.csv", "--coins", "ALL", "--speed", "max", "--listen", "127.0.0.1:0")
    assert got == code, err
    last = err.strip().splitlines()[-1]
    assert "ticks.csv" in last and all(words in last for words in said), last


def test_replay_of_a_file_as_others_write_it(start, tmp_path):
    path = tmp_path / "others.csv"
    path.write_text('Date,Pair,Close,Bid,Exchange\n'
                    '2026-01-01 01:00:00,tBTCUSD,100.5,NULL,x\n'
                    '2026-01-01 01:00,tETHUSD,7,N/A,x\n'
                    '2026-01-01T01:00:01+01,tBTCUSD,101,99.5,x\n'
                    '2026-01-01T01:00:01+01,tBTCUSD,101,99.5,x\n')
    program = start("demo", "--source", f"replay:{path}", "--coins", "ALL", "--speed", "max", "--listen", "127.0.0.1:0",
                    "--data-dir", tmp_path / "data", "--columns", "time=Date,symbol=Pair,last_price=Close", "--zone", "+01:00")
    assert program.wait(60) == 0, program.log()
    summary = program.events("summary")[-1]
    assert (summary["produced"], summary["rejected_repeat"]) == ("3", "1"), summary
    assert program.events("columns_ignored")[0]["columns"] == "Exchange"
    assert program.events("times_without_zone")
    store = next((tmp_path / "data").glob("*.sqlite*"))
    with sqlite3.connect(f"file:{store}?mode=ro", uri=True) as rows:
        assert rows.execute("SELECT coin, time / 1000000000, last_price, bid FROM ticker ORDER BY 2, 1").fetchall() == [
            ("tBTCUSD", 1767225600, 100.5, None), ("tETHUSD", 1767225600, 7, None), ("tBTCUSD", 1767225601, 101, 99.5)]


def test_the_store_of_a_demo_is_proved_before_its_log_ends(start, run, tmp_path):
    with (tmp_path / "ticks.csv").open("w") as file:
        file.write("time,symbol,last_price\n")
        file.writelines(f"{(1_700_000_000 + i) * 10**9},tBTCUSD,{60000 + i}\n" for i in range(300))
    arguments = ["demo", "--source", "replay:ticks.csv", "--coins", "ALL", "--speed", "max", "--listen", "127.0.0.1:0",
                 "--store", "sqlite:market.db", "--verify"]
    program = start(*arguments)
    assert program.wait(60) == 0, program.log()
    out = "".join(program.output)
    assert "each once and with the same bits" in out and "300" in out, out
    # What somebody else has put there is told, and is the exit code.
    with sqlite3.connect(tmp_path / "market.db") as store:
        store.execute("UPDATE ticker SET last_price = 1 WHERE time = (SELECT min(time) FROM ticker)")
    program = start(*arguments)
    assert program.wait(60) == 1
    assert "do not balance" in program.log()


def test_candles_are_whole_unless_cut_and_weeks_begin_on_monday(run, start, tmp_path):
    path = tmp_path / "ticks.csv"
    path.write_text("time,symbol,last_price\n2026-11-29T23:59:59Z,tBTCUSD,1\n2026-11-30T00:00:00Z,tBTCUSD,2\n"
                    "2026-11-30T00:04:00Z,tBTCUSD,3\n2026-12-01T00:00:00Z,tBTCUSD,4\n")
    demo(start, path, "range", tmp_path / "data")

    def shown(*more, code=0):
        got, out, err = run("candles", "--store", f"sqlite:{tmp_path}/data/store.sqlite", "--format", "csv", *more)
        assert got == code, err
        return [line.split(",") for line in out.splitlines()[1:]] if code == 0 else err

    def brief(*more):
        return [(row[0], row[2], row[5], row[8]) for row in shown(*more)]

    assert brief("--interval", "1w") == brief("--interval", "7d") == [
        ("2026-11-23T00:00:00Z", "1", "1", "false"), ("2026-11-30T00:00:00Z", "2", "4", "false")]
    assert brief("--interval", "1M") == [("2026-11-01T00:00:00Z", "1", "3", "false"), ("2026-12-01T00:00:00Z", "4", "4", "false")]
    span = ("--from", "2026-11-30T00:01:00Z", "--to", "2026-11-30T00:03:00Z")
    assert brief(*span) == [("2026-11-30T00:00:00Z", "2", "3", "false")]
    assert brief("--cut", "--from", "2026-11-30", "--to", "2026-11-30T00:03:00Z") == [("2026-11-30T00:00:00Z", "2", "2", "true")]
    assert brief("--cut", "--from", "2026-11-30T00:01:00Z", "--to", "2026-11-30T00:05:00Z") == [("2026-11-30T00:00:00Z", "3", "3", "true")]
    assert brief("--cut", "--from", "2026-11-30", "--to", "2026-11-30T00:05:00Z") == [("2026-11-30T00:00:00Z", "2", "3", "false")]
    assert "with its unit" in shown("--interval", "5", code=2)


LOOPED = {
    "ticker": ("time,symbol,last_price\n" + "".join(f"{1_700_000_000 + i // 2},{'tBTCUSD' if i % 2 else 'tETHUSD'},{i + 1}\n" for i in range(20)),
               "SELECT coin, time, last_price FROM ticker", 10),
    "trade": ("time,symbol,trade_id,price,amount\n" + "".join(f"{1_700_000_000_000 + 500 * i},tBTCUSD,{i},{i + 1},1\n" for i in range(20)),
              "SELECT coin, time, price FROM trade", 10),
    "bar": ("open_time,symbol,timeframe,open,high,low,close\n" + "".join(f"{1_699_999_980 + 60 * i},AAPL,1m,{i + 1},{i + 2},{i + 1},{i + 1}\n" for i in range(20)),
            "SELECT coin, open_time_ns, close FROM bar", 20 * 60),
}


@pytest.mark.parametrize("kind", LOOPED)
def test_a_file_is_repeated_at_later_times_which_are_made_up(start, run, tmp_path, kind):
    content, query, later_s = LOOPED[kind]
    (tmp_path / "prices.csv").write_text(content)
    program = start("demo", "--source", "replay:prices.csv", "--loop", "--speed", "400" if kind == "bar" else "4", "--verify",
                    "--listen", "127.0.0.1:0", "--data-dir", "data")
    url = program.wait_event("ready")["page"]
    assert get_json(f"{url}/api/info")["synthetic"] is True

    def stored():
        store, = (tmp_path / "data").glob("loop-prices.csv-*.sqlite")
        with sqlite3.connect(f"file:{store}?mode=ro", uri=True) as rows:
            try:
                return rows.execute(f"{query} ORDER BY 2, 1").fetchall()
            except sqlite3.OperationalError:  # there is no table yet
                return []

    wait_for(lambda: len(stored()) >= 45, 60, "two rounds, and some of the third")
    made_up = "a file again and again, at made-up times"
    assert made_up in run("status", "--data-dir", "data")[1]
    arguments = ("candles", "--data-dir", "data", "--coin", "AAPL" if kind == "bar" else "tBTCUSD", "--of", kind, "--interval", "1m")
    code, out, err = run(*arguments)
    assert code == 0 and made_up in out, err
    assert program.stop(60) == 0, program.log()  # --verify: the books balance
    assert "each once and with the same bits" in "".join(program.output)

    rows = stored()
    first = rows[:20]
    assert sorted(row[2] for row in first) == list(range(1, 21))
    for i, (coin, time, price) in enumerate(rows):
        assert (coin, price) == (first[i % 20][0], first[i % 20][2])
        assert time - first[i % 20][1] == i // 20 * later_s * 10**9
    assert made_up in run(*arguments)[1]  # the store outlives the demo


@pytest.mark.parametrize("arguments, said", [
    (("replay", "--since", "first", "--loop"), ("replay does not take --loop", "made up", "candlewick demo --source replay:FILE --loop")),
    (("produce", "--source", "replay:x.csv", "--loop"), ("produce does not take --loop", "made up")),
    (("demo", "--source", "synthetic", "--loop"), ("--source replay:FILE",)),
    (("demo", "--source", "replay:x.csv", "--loop", "--store", "sqlite:real.db"), ("sqlite:real.db", "leave out --store")),
    (("demo", "--source", "replay:x.csv", "--loop", "--as", "mine"), ("leave out --as",)),
])
def test_a_file_is_repeated_by_a_demo_alone(run, arguments, said):
    code, _, err = run(*arguments)
    assert code == 2 and all(words in err for words in said), err
