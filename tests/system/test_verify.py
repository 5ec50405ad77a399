"""`verify` finds exactly what is wrong between topic and store, and `replay` heals what is missing."""

import json
import os
import re
import resource
import subprocess
import time
import urllib.request
from collections import Counter
from datetime import datetime, timezone

import pytest

import ticks
from conftest import BINARY, get_json, wait_for
from proof import Books, differences, peak_mib
from test_store_faults import TestStore

MINUTE_NS = 60 * 10**9


def rfc3339(time_ns):
    seconds, fraction = divmod(time_ns, 10**9)
    text = datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S")
    digits = f"{fraction:09d}"
    while digits and digits.endswith("000"):
        digits = digits[:-3]
    return f"{text}.{digits}Z" if digits else f"{text}Z"


@pytest.fixture
def books(start, run, brokers, tmp_path):
    return Books(start, run, brokers, tmp_path)


def test_books_balance(books):
    rows = ticks.make_rows(3000, seed=21)
    books.send(rows)
    books.write()
    found = books.verify(code=0)
    assert differences(found) == {}
    assert found["ticks"] == found["points"] == found["messages"] == len(rows)
    per_coin = Counter(row["symbol"] for row in rows)
    assert {coin["coin"]: coin["ticks"] for coin in found["coins"]} == per_coin
    candles = ticks.candles(rows, 300_000)
    assert found["candles"] == {"provable": sum(map(len, candles.values())), "proved": sum(map(len, candles.values())), "in_part": 0}
    for coin in found["coins"]:
        assert coin["candles"]["proved"] == len(candles[coin["coin"]])
    # For people: the same figures, and one sentence.
    code, out, err = books.run("verify")
    assert code == 0 and err == "", err
    assert f"The books balance: {len(rows)} ticks" in out.splitlines()[-1]
    # An hour instead of 5 minutes.
    found = books.verify("--interval", "1h", code=0)
    assert found["candles"]["proved"] == sum(map(len, ticks.candles(rows, 3_600_000).values()))


def test_deleted_rows_are_named_and_replay_heals_them(books):
    books.synthetic(1500, "tBTCUSD,tETHUSD,tXRPUSD")
    books.write()
    gone = books.sql("SELECT coin, time FROM ticker ORDER BY (time / 1000) * 2654435761 % 1000003, coin LIMIT 1000")
    books.sql("DELETE FROM ticker WHERE (coin, time) IN (SELECT coin, time FROM ticker "
              "ORDER BY (time / 1000) * 2654435761 % 1000003, coin LIMIT 1000)")
    assert books.sql("SELECT count(*) FROM ticker") == [(3500,)]

    found = books.verify(code=1)
    assert differences(found) == {"missing": 1000}
    named = {(fault["coin"], fault["time"]) for fault in found["faults"]["missing"]}
    assert len(named) == 1000
    assert all(0 <= fault["partition"] < 6 and fault["offset"] >= 0 for fault in found["faults"]["missing"])
    assert named == {(coin, rfc3339(time_ns)) for coin, time_ns in gone}
    code, out, err = books.run("verify")
    assert code == 1 and "do not balance" in err
    assert sum(line.startswith("missing") for line in out.splitlines()) == 21  # 20, and how many more
    assert "and 980 more" in out
    oldest = rfc3339(min(time_ns for _, time_ns in gone))
    assert f"candlewick replay --since {oldest}" in out

    before = books.run("status", "--format", "json")[1]
    code, out, err = books.run("replay", "--since", oldest)
    assert code == 0, err
    after = json.loads(books.run("status", "--format", "json")[1])
    assert [p["committed"] for p in after["partitions"]] == [p["committed"] for p in json.loads(before)["partitions"]]
    assert differences(books.verify(code=0)) == {}


def test_changed_price_and_added_point_are_found_each(books):
    books.synthetic(500, "tBTCUSD,tETHUSD")
    books.write()
    (changed,), = books.sql("SELECT time FROM ticker WHERE coin = 'tBTCUSD' ORDER BY time LIMIT 1 OFFSET 250")
    books.sql("UPDATE ticker SET last_price = 2 * last_price WHERE coin = 'tBTCUSD' AND time = ?", changed)
    books.sql("INSERT INTO ticker (coin, time, last_price, seq, run_id) VALUES ('tETHUSD', ?, 1, 0, 0)", changed + 1)

    found = books.verify(code=1)
    assert differences(found) == {"differing": 1, "unexpected": 1}
    (differing,) = found["faults"]["differing"]
    assert (differing["coin"], differing["time"]) == ("tBTCUSD", rfc3339(changed)) and differing["offset"] == 250
    (unexpected,) = found["faults"]["unexpected"]
    assert unexpected == {"coin": "tETHUSD", "time": rfc3339(changed + 1)}
    # Each in one candle of its coin: one is another, one proves nothing.
    assert found["candles"]["provable"] - found["candles"]["proved"] == len(found["faults"]["candle"]) == 1
    assert found["candles"]["in_part"] == 1

    # Narrowed to where nothing is wrong, and to where it is.
    assert differences(books.verify("--to", rfc3339(changed), code=0)) == {}
    assert differences(books.verify("--from", rfc3339(changed + 2), code=0)) == {}
    assert differences(books.verify("--coin", "tETHUSD", code=1)) == {"unexpected": 1}
    assert differences(books.verify("--coin", "tBTCUSD", "--from", rfc3339(changed), "--to", rfc3339(changed + 1), code=1)) == {
        "differing": 1}

    # A replay overwrites nothing; it fills what was deleted.
    assert books.run("replay", "--since", "first")[0] == 0
    assert differences(books.verify(code=1)) == {"differing": 1, "unexpected": 1}
    books.sql("DELETE FROM ticker WHERE time IN (?, ?) AND (coin = 'tBTCUSD' OR last_price = 1)", changed, changed + 1)
    assert books.run("replay", "--since", "first", "--coin", "tBTCUSD")[0] == 0
    assert differences(books.verify(code=0)) == {}


def test_in_a_log_that_is_whole_nothing_is_outside(books):
    """Older than its oldest tick, newer than its newest, of a coin that it never had: of no message."""
    books.synthetic(200, "tBTCUSD")
    books.write()
    (oldest, newest), = books.sql("SELECT min(time), max(time) FROM ticker")
    strays = [("tBTCUSD", oldest - i * MINUTE_NS) for i in range(1, 31)]
    strays += [("tBTCUSD", newest + i * MINUTE_NS) for i in range(1, 31)] + [("tOLD", oldest), ("tBTCUSD", 2**63 - 1)]
    for stray in strays:
        books.sql("INSERT INTO ticker (coin, time, last_price, seq, run_id) VALUES (?, ?, 1, 0, 0)", *stray)
    found = books.verify(code=1)
    assert differences(found) == {"unexpected": 62} and found["not_provable"] == 0
    assert {(fault["coin"], fault["time"]) for fault in found["faults"]["unexpected"]} == {
        (coin, rfc3339(time_ns)) for coin, time_ns in strays}
    assert found["candles"]["proved"] == found["candles"]["provable"]
    # Nobody is told to delete what no log can give back.
    code, out, _ = books.run("verify")
    assert code == 1 and "keep them" in out and "delete" not in out
    code, out, _ = books.run("verify", "--from", rfc3339(oldest), "--to", rfc3339(newest + 1), "--coin", "tBTCUSD")
    assert code == 0 and "Not looked at: coins other than tBTCUSD, times before" in out.splitlines()[-1]


def test_tick_sent_twice_is_one_point(books):
    rows = ticks.make_rows(300, seed=4)
    books.send(rows)
    books.send(rows)
    books.write()
    found = books.verify(code=0)
    assert found["messages"] == 600 and found["sent_twice"] == 300 and found["points"] == 300


def test_conflicting_ticks_are_named(books):
    rows = ticks.make_rows(50, seed=4)
    books.send(rows)
    other = [dict(row) for row in rows[:1]]
    other[0]["last_price"] *= 2
    books.send(other, "other.csv")
    books.write()
    found = books.verify(code=1)
    assert differences(found) == {"conflicting": 1}
    assert found["faults"]["conflicting"][0]["coin"] == rows[0]["symbol"]


def test_group_that_is_behind_is_told_not_taken_for_a_loss(books):
    rows = ticks.make_rows(400, seed=9)
    books.send(rows)
    books.write()
    later = [dict(row, time=row["time"] + 86_400_000) for row in rows]
    books.send(later, "later.csv")
    found = books.verify(code=1)
    assert differences(found) == {"not_yet_written": 400}
    assert found["candles"]["provable"] == found["candles"]["proved"]
    code, out, _ = books.run("verify", "--wait", "1s")
    assert code == 1 and "400 not yet written" in out and "--wait" in out
    # A member that comes while it waits is waited for.
    waiting = books.start("verify", environment=books.environment)
    books.write()
    assert waiting.wait(40) == 0, waiting.log()


def test_what_the_store_forgets_is_not_missing(books):
    now = time.time_ns() // 10**6
    rows = [dict(ticks.make_rows(1, seed=3)[0], time=now - age * 3_600_000) for age in (30, 20, 12, 1)]
    books.send(rows)
    books.write("--retention", "13h")
    wait_for(lambda: books.sql("SELECT count(*) FROM ticker") == [(2,)], 20, "what is too old is deleted")
    assert differences(books.verify(code=1)) == {"missing": 2}
    # The oldest one that is left may be deleted while it is looked at.
    found = books.verify("--retention", "13h", code=0)
    assert found["ticks"] == found["points"] == 1 and found["from"] is not None
    assert books.verify("--retention", "13h", "--from", rfc3339((now - 60_000) * 10**6), code=0)["ticks"] == 0
    page = books.start("serve", "--listen", "127.0.0.1:0", "--retention", "13h", environment=books.environment)
    url = page.wait_event("ready")["page"]
    start = urllib.request.Request(f"{url}/api/verify", data=b"", method="POST", headers={"Origin": url})
    urllib.request.urlopen(start, timeout=10).close()
    wait_for(lambda: get_json(f"{url}/api/verify")["state"] != "running", 30, "the end of the page's proof")
    assert get_json(f"{url}/api/verify")["balanced"] is True
    assert page.stop() == 0, page.log()


def send_capped(books):
    """Ticks of two coins, every other one with a market cap: a column of the schema's version 2."""
    path = books.tmp_path / "capped.csv"
    lines = [f"{1_767_225_600_000 + i * 1000},tC{i % 4 // 2}USD,{100 + i},{'' if i % 2 else 5e9 + i}" for i in range(40)]
    path.write_text("time,symbol,last_price,market_cap\n" + "\n".join(lines) + "\n")
    produce = books.start("produce", "--source", f"replay:{path}", "--speed", "max", "--coins", "ALL", environment=books.environment)
    assert produce.wait(60) == 0, produce.log()


def test_rows_of_an_older_member_are_named_and_the_told_remedy_mends_them(books):
    """A SQLite file whose rows a member wrote that knows version 1 of the schema only."""
    send_capped(books)
    books.write()
    books.sql("UPDATE ticker SET market_cap = NULL WHERE time / 1000000000 % 4 = 0")
    books.sql("UPDATE ticker SET market_cap = 2 * market_cap WHERE time = ?", 1_767_225_602 * 10**9)
    found = books.verify(code=1)
    assert differences(found) == {"older": 10, "differing": 1}
    assert {(fault["coin"], fault["time"]) for fault in found["faults"]["older"]} == {
        ("tC0USD", rfc3339((1_767_225_600 + second) * 10**9)) for second in range(0, 40, 4)}
    books.sql("UPDATE ticker SET market_cap = market_cap / 2 WHERE time = ?", 1_767_225_602 * 10**9)

    code, out, _ = books.run("verify", "--wait", "1s")
    assert code == 1 and "10 written by an older member" in out and "market_cap" in out
    since = re.search(r"candlewick replay --since (\S+)", out).group(1)
    # The replay alone does not change a row that is there.
    assert books.run("replay", "--since", since)[0] == 0
    assert differences(books.verify(code=1)) == {"older": 10}
    books.sql(re.search(r"DELETE FROM ticker WHERE .* BETWEEN \d+ AND \d+", out).group(0))
    assert books.run("replay", "--since", since)[0] == 0
    assert differences(books.verify(code=0)) == {}


def test_points_of_an_older_member_are_named_and_a_replay_mends_them(start, run, brokers, tmp_path):
    """InfluxDB merges the fields of a point that is written again with those that it has."""
    server = TestStore()
    try:
        books = Books(start, run, brokers, tmp_path)
        send_capped(books)
        books.write()  # into SQLite: the group has committed all
        rows = books.sql("SELECT coin, last_price, seq, run_id, time FROM ticker")
        lines = [f"ticker,coin={coin} last_price={price!r},seq={seq}i,run_id={run_id}i {time_ns}" for coin, price, seq, run_id, time_ns in rows]
        url = server.url + "/api/v3/write_lp?db=market&precision=nanosecond"
        urllib.request.urlopen(urllib.request.Request(url, "\n".join(lines).encode(), method="POST"), timeout=5).close()
        books.environment["STORE"] = server.url
        assert differences(books.verify(code=1)) == {"older": 20}
        code, out, _ = books.run("verify", "--wait", "1s")
        since = re.search(r"candlewick replay --since (\S+) adds it in InfluxDB", out).group(1)
        assert books.run("replay", "--since", since)[0] == 0
        assert differences(books.verify(code=0)) == {}
    finally:
        server.stop()


def verify_into_closed_pipe(books):
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = subprocess.run([BINARY, "verify", "--wait", "1s"], stdin=subprocess.DEVNULL, stdout=writer, stderr=subprocess.PIPE,
                              env={**os.environ, **books.environment}, cwd=books.tmp_path, text=True, timeout=60)
    finally:
        os.close(writer)
    return done.returncode, done.stderr


def test_verdict_does_not_depend_on_who_reads_it(books):
    """`verify | head` must not exit 0 when the books do not balance."""
    books.synthetic(20, "tBTCUSD")
    books.write()
    assert verify_into_closed_pipe(books)[0] == 0
    books.sql("DELETE FROM ticker WHERE time = (SELECT max(time) FROM ticker)")
    code, err = verify_into_closed_pipe(books)
    assert code == 1 and "do not balance" in err


def test_nothing_stored_and_nothing_sent(books):
    code, _, err = books.run("verify", "--wait", "1s")
    assert code == 1 and "nothing stored yet" in err, err
    code, _, err = books.run("verify", "--topic", "nope", "--wait", "1s")
    assert code == 1 and "nope" in err, err
    code, _, err = books.run("verify", "--brokers", "127.0.0.1:9")
    assert code == 1 and "127.0.0.1:9" in err, err


def test_temporary_file_that_may_not_grow_is_told(books):
    """`ulimit -f` is a limit as a full disk is."""
    books.synthetic(5000, "tBTCUSD")
    books.write()
    done = subprocess.run([BINARY, "verify", "--memory", "64KiB"], capture_output=True, text=True, timeout=60,
                          env={**os.environ, **books.environment}, cwd=books.tmp_path,
                          preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000)))
    assert done.returncode == 1 and "TMPDIR" in done.stderr, done.returncode


def test_replay_says_what_it_waits_for(books):
    books.send(ticks.make_rows(10, seed=1))
    replay = books.start("replay", "--since", "first", environment={**books.environment, "STORE": "http://127.0.0.1:9"})
    assert "127.0.0.1:9" in replay.wait_event("write_failed")["reason"]
    assert replay.stop() == 1
    assert "stopped: " in replay.log()


def test_registry_that_is_away_is_an_error_not_a_verdict(books):
    books.send(ticks.make_rows(10, seed=1))
    books.write()
    code, out, err = books.run("verify", "--registry", "http://127.0.0.1:9")
    assert code == 1 and out == "" and "127.0.0.1:9" in err, err


@pytest.mark.skipif("ASAN_OPTIONS" in os.environ, reason="sanitizers have memory of their own")
def test_memory_stays_bounded(start, run, brokers, tmp_path):
    """300,000 messages over 60 coins, with hardly any memory for sorting."""
    books = Books(start, run, brokers, tmp_path, partitions=30)
    coins = ",".join(f"tC{number:02}USD" for number in range(60))
    books.synthetic(5000, coins)
    books.write("--batch-ticks", "20000")
    environment = {**os.environ, **books.environment}
    code, peak = peak_mib([BINARY, "verify", "--memory", "1MiB"], environment, tmp_path)
    assert code == 0
    assert peak < 200, f"{peak} MiB"
    assert books.verify("--memory", "1MiB", code=0)["ticks"] == 300_000


def test_demo_is_verified_by_its_run_env(start, run):
    demo = start("demo", "--source", "synthetic", "--poll-interval", "50ms", "--listen", "127.0.0.1:0")
    demo.wait_event("ready")

    def stored():
        code, out, _ = run("verify", "--format", "json")
        return code == 0 and json.loads(out)["points"] > 100

    wait_for(stored, 40, "a demo whose books balance")
    code, out, err = run("dlq")
    assert code == 0 and "No dead letters" in out, err
    assert "from var/run.env" in err
    code, out, err = run("replay", "--since", "first")
    assert code == 0, err
    assert demo.stop() == 0
