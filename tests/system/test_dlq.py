"""Dead letters are accounted: every message that is no tick has one, and so has every tick that the store refused."""

import json
import re
import sqlite3
import struct
import unicodedata
import urllib.request

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition

import ticks
from conftest import wait_for
from proof import TOPIC, Books, differences
from test_store_faults import TestStore

POISON = (
    # key, value, kind of its letter
    (b"tBTCUSD", b"no frame", "undecodable"),
    (b"tBTCUSD", b"\x00\x00\x00\x00\x01", "undecodable"),
    (b"tBTCUSD", b"", "undecodable"),
    (None, b"\x00\x00\x00\x00\x01x", "no_key"),
    (b"tETHUSD", None, "tombstone"),
    (b"two\nlines\xff", b"\x00" * 70000, "too_large"),
)


def send_raw(books, messages, topic=TOPIC, partition=0, headers=None):
    producer = Producer({"bootstrap.servers": books.bootstrap})
    for key, value, *_ in messages:
        producer.produce(topic, key=key, value=value, partition=partition, headers=headers)
    assert producer.flush(20) == 0


def commit_all(books, group):
    """The group says that everything has been dealt with."""
    consumer = Consumer({"bootstrap.servers": books.bootstrap, "group.id": group, "enable.auto.commit": False})
    ends = [consumer.get_watermark_offsets(TopicPartition(TOPIC, partition), timeout=10)[1] for partition in range(6)]
    consumer.commit(offsets=[TopicPartition(TOPIC, *at) for at in enumerate(ends)], asynchronous=False)
    consumer.close()


def listed(books, *more):
    code, out, err = books.run("dlq", "--format", "json", *more)
    assert code == 0, err
    return json.loads(out)


@pytest.fixture
def books(start, run, brokers, tmp_path):
    return Books(start, run, brokers, tmp_path)


def test_poison_is_accounted_and_listed(books):
    rows = ticks.make_rows(300, seed=2)
    books.send(rows)
    send_raw(books, POISON)
    told = [letter["kind"] for letter in books.write().events("dead_letter")]
    assert sorted(told) == sorted({kind for *_, kind in POISON}), "the first of each kind"
    found = books.verify(code=0)
    assert differences(found) == {}
    assert found["unreadable"] == len(POISON) and found["messages"] == len(rows) + len(POISON)
    assert found["dead_letters"] == {"messages": 6, "places": 6, "outside_log": 0, "elsewhere": 0}

    letters = listed(books)
    assert (letters["topic"], letters["messages"], letters["places"], letters["unplaced"]) == ("tickers.dlq", 6, 6, 0)
    assert sorted(letter["kind"] for letter in letters["letters"]) == sorted(kind for *_, kind in POISON)
    for letter in letters["letters"]:
        assert letter["topic"] == TOPIC and letter["partition"] == 0 and letter["reason"] and letter["time"].startswith("20")
    (large,) = [letter for letter in letters["letters"] if letter["kind"] == "too_large"]
    assert large["key"] == "two\\x0alines\\xff" and large["value_bytes"] == 70000
    code, out, err = books.run("dlq")
    assert code == 0 and "6 of 6 dead letters in tickers.dlq, of 6 distinct places" in out, err
    assert "\nlines" not in out and "two\\x0alines" in out
    # Of a topic without any; one that is not there has none either, but nobody can have meant it.
    assert books.run("dlq", "--topic", TOPIC + ".dlq")[0] == 0
    code, out, err = books.run("dlq", "--topic", "nosuch")
    assert code == 1 and out == "" and "no topic nosuch: " in err and "--topic" in err
    # Only the newest ones are shown, and all are counted.
    few = listed(books, "--last", "2")
    assert few["letters"] == letters["letters"][-2:] and few["messages"] == 6

    # A replay has nothing to do with them.
    code, out, err = books.run("replay", "--since", "2100-01-01", "--format", "json")
    assert (json.loads(out)["written"], json.loads(out)["left_out"]) == (0, 300)
    code, out, err = books.run("replay", "--since", "first", "--format", "json")
    assert code == 0, err
    assert json.loads(out) == {"read": 306, "written": 300, "left_out": 0, "skipped": 6, "refused": 0, "refused_ticks": []}


def test_message_too_large_for_any_letter_holds_nothing_up(books):
    """What a program with other limits sends: larger than Kafka takes from us. The rest of its partition goes on."""
    producer = Producer({"bootstrap.servers": books.bootstrap, "message.max.bytes": 10_000_000})
    producer.produce(TOPIC, key=b"tBTCUSD", value=bytes(1_500_000), partition=0)
    producer.produce(TOPIC, key=None, value=bytes(1_200_000), partition=0)
    assert producer.flush(20) == 0
    rows = ticks.make_rows(300, seed=2)
    books.send(rows)
    books.write()
    found = books.verify(code=0)
    assert found["unreadable"] == 2 and found["dead_letters"]["places"] == 2 and found["points"] == len(rows)
    told = {letter["offset"]: letter for letter in listed(books)["letters"]}
    assert told[0]["kind"] == "too_large" and told[0]["reason"].startswith("its 1500007 bytes are left out here")
    assert told[1]["kind"] == "no_key" and told[1]["value_bytes"] == 0


def test_letters_written_twice_count_once(books):
    send_raw(books, POISON[:3])
    books.send(ticks.make_rows(20, seed=3))
    books.write()
    assert books.verify(code=0)["dead_letters"]["places"] == 3
    # The same letter again, as a redelivery makes it, one of a topic that was there before, and one that is none.
    again = [("topic", b"tickers"), ("partition", b"0"), ("offset", b"1"), ("kind", b"undecodable"), ("reason", b"again")]
    send_raw(books, POISON[1:2], TOPIC + ".dlq", headers=again)
    send_raw(books, POISON[1:2], TOPIC + ".dlq", headers=[("topic", b"coins"), *again[1:]])
    send_raw(books, POISON[1:2], TOPIC + ".dlq")
    found = books.verify(code=0)
    assert found["dead_letters"] == {"messages": 6, "places": 3, "outside_log": 0, "elsewhere": 2}
    letters = listed(books)
    assert (letters["messages"], letters["places"], letters["unplaced"]) == (6, 4, 1)


def test_letters_do_not_steer_the_terminal(books):
    hostile = "\x1b]0;title\x07\x9b2J\u202fend"
    headers = [("topic", hostile.encode()), ("kind", hostile.encode()), ("reason", hostile.encode() + b"\n\x9b2J\xff")]
    send_raw(books, POISON[:1], TOPIC + ".dlq", headers=headers)
    code, out, err = books.run("dlq")
    assert code == 0 and "title" in out and "\u202fend" in out, err
    assert not [c for c in out if unicodedata.category(c) == "Cc" and c != "\n"]


def test_unreadable_message_without_a_letter_is_named(books):
    """A member that passed over a bad message without telling would do this."""
    books.send(ticks.make_rows(20, seed=3))
    books.write()
    send_raw(books, POISON[:1], partition=4)
    commit_all(books, "careless")
    found = books.verify("--group", "careless", code=1)
    assert differences(found) == {"unaccounted": 1}
    (named,) = found["faults"]["unaccounted"]
    assert named["partition"] == 4
    code, out, _ = books.run("verify", "--group", "careless")
    assert code == 1 and "1 unaccounted" in out


def test_letters_of_a_former_topic_are_told_and_account_for_nothing(books):
    books.send(ticks.make_rows(20, seed=3))
    send_raw(books, POISON[:1], partition=4)
    place = json.loads(books.run("tail", "--partition", "4", "--last", "1", "--format", "json")[1])["offset"]
    named = [("topic", b"tickers"), ("partition", b"4"), ("offset", str(place).encode()), ("kind", b"undecodable"), ("reason", b"before")]
    former = ("topic_id", b"AAECAwQFBgcICQoLDA0ODw")
    send_raw(books, POISON[:1], TOPIC + ".dlq", headers=[*named, former])
    consume = books.write()  # its letter is of the topic that is there
    letters = listed(books)
    assert [(letter["former"], letter["topic_id"] == former[1].decode()) for letter in letters["letters"]] == [(True, True), (False, False)]
    assert (letters["messages"], letters["places"], letters["former"]) == (2, 2, 1) and len(letters["letters"][1]["topic_id"]) == 22
    code, out, _ = books.run("dlq")
    assert code == 0 and f"tickers/4/{place} (former)" in out and "1 are of a former topic tickers" in out, out
    found = books.verify(code=0)
    assert found["dead_letters"] == {"messages": 2, "places": 1, "outside_log": 0, "elsewhere": 1}, consume.log()


@pytest.mark.parametrize("topic_id, accounts", [(b"AAECAwQFBgcICQoLDA0ODw", False), (None, True), (b"no id at all", True)])
def test_letter_of_a_former_topic_is_no_excuse_for_a_message_of_this(books, topic_id, accounts):
    """A letter without an id, as older versions wrote it, is taken as it stands."""
    books.send(ticks.make_rows(20, seed=3))
    books.write()
    send_raw(books, POISON[:1], partition=4)
    place = json.loads(books.run("tail", "--partition", "4", "--last", "1", "--format", "json")[1])["offset"]
    commit_all(books, "careless")
    headers = [("topic", b"tickers"), ("partition", b"4"), ("offset", str(place).encode()), ("kind", b"undecodable"), ("reason", b"before")]
    send_raw(books, POISON[:1], TOPIC + ".dlq", headers=headers + ([("topic_id", topic_id)] if topic_id else []))
    found = books.verify("--group", "careless", code=0 if accounts else 1)
    assert differences(found) == ({} if accounts else {"unaccounted": 1})
    assert found["dead_letters"]["elsewhere"] == (0 if accounts else 1)


@pytest.fixture
def influx(start, run, brokers, tmp_path):
    server = TestStore()
    yield server, Books(start, run, brokers, tmp_path, store=server.url)
    server.stop()


def test_letter_without_a_reason_that_verify_finds_is_no_excuse(influx):
    """The store refused them by name, but anyone could have written such letters: they are missing."""
    server, books = influx
    rows = ticks.make_rows(1200, seed=8)
    books.send(rows)
    server.fail_with({"match": ",seq=7i", "times": 0})
    summary = books.write().events("summary")[-1]
    refused = int(summary["dead_lettered"])
    assert refused > 0 and int(summary["written"]) == len(rows) - refused
    found = books.verify(code=1)
    assert differences(found) == {"missing": refused}
    assert found["missing_with_letter"] == refused == found["dead_letters"]["places"] and found["refused"] == 0
    assert found["ticks"] == len(rows) and found["points"] == len(rows) - refused
    assert "candlewick dlq retry" in books.run("verify", "--wait", "1s")[1]
    letters = listed(books)
    assert {letter["kind"] for letter in letters["letters"]} == {"refused"}

    # A replay is refused by name too; when the store takes them, nothing is refused any more.
    code, out, err = books.run("replay", "--since", "first", "--format", "json")
    assert code == 0, err
    told = json.loads(out)
    assert told["refused"] == refused == len(told["refused_ticks"]) and told["written"] == len(rows) - refused
    assert told["refused_ticks"][0]["coin"] in ticks.COINS
    server.fail_with()
    assert json.loads(books.run("replay", "--since", "first", "--format", "json")[1])["refused"] == 0
    found = books.verify(code=0)
    assert found["refused"] == 0 and found["points"] == len(rows)
    assert server.stats()["conflicting_rewrites"] == 0


def test_column_of_another_type_explains_letters(influx):
    """What the store's own description says is believed, and told."""
    server, books = influx
    url = server.url + "/api/v3/write_lp?db=market&precision=nanosecond"
    body = b'ticker,coin=tNOT bid="none" 1'
    urllib.request.urlopen(urllib.request.Request(url, body, method="POST"), timeout=5).close()
    rows = ticks.make_rows(60, seed=8)
    books.send(rows)
    summary = books.write().events("summary")[-1]
    refused = int(summary["dead_lettered"])
    assert 0 < refused == sum(row.get("bid") is not None for row in rows)
    found = books.verify(code=1)
    assert found["refused"] == refused and found["missing"] == 0
    assert {fault["what"] for fault in found["faults"]["foreign"]} == {'column "bid" (Utf8)'}


def test_refused_letters_are_written_when_the_store_takes_them(influx):
    server, books = influx
    rows = ticks.make_rows(1200, seed=8)
    books.send(rows)
    server.fail_with({"match": ",seq=7i", "times": 0})
    refused = int(books.write().events("summary")[-1]["dead_lettered"])
    # Still refused: nothing of what was asked for could be written.
    code, out, err = books.run("dlq", "retry", "--format", "json")
    told = json.loads(out)
    assert code == 1 and "no letter can be written" in err
    assert (told["written"], told["unreadable"]) == (0, refused) and sum(r["places"] for r in told["reasons"]) == refused
    server.fail_with()
    code, out, err = books.run("dlq", "retry", "--kind", "refused", "--format", "json")
    assert code == 0, err
    assert json.loads(out) == {"read": refused, "left_out": 0, "elsewhere": 0, "former": 0, "dry_run": False, "written": refused,
                               "unreadable": 0, "reasons": []}
    assert books.verify(code=0)["points"] == len(rows) and server.stats()["conflicting_rewrites"] == 0


def read_raw(books, count):
    consumer = Consumer({"bootstrap.servers": books.bootstrap, "group.id": "raw"})
    consumer.assign([TopicPartition(TOPIC, partition, 0) for partition in range(6)])
    messages = []
    wait_for(lambda: messages.extend(consumer.consume(count, timeout=0.2)) or len(messages) == count, 20, "all messages")
    consumer.close()
    return messages


def register_again(books):
    """Our schema with one more field, null in all of `under_two`, and so under another id."""
    url = books.environment["SCHEMA_REGISTRY_URL"]
    with urllib.request.urlopen(f"{url}/schemas/ids/1", timeout=10) as answer:
        schema = json.loads(json.loads(answer.read())["schema"])
    schema["fields"].append({"name": "note", "type": ["null", "string"], "default": None})
    request = urllib.request.Request(f"{url}/subjects/again/versions", json.dumps({"schema": json.dumps(schema)}).encode(),
                                     {"Content-Type": "application/vnd.schemaregistry.v1+json"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.loads(answer.read())["id"]


def test_letters_of_an_unknown_schema_are_written_when_it_is_registered(books):
    rows = ticks.make_rows(30, seed=5)
    books.send(rows)
    under_two = [(message.key(), struct.pack(">bi", 0, 2) + message.value()[5:] + b"\0") for message in read_raw(books, len(rows))]
    send_raw(books, under_two)
    send_raw(books, POISON[:3])
    books.write()
    reasons = [letter["reason"] for letter in listed(books, "--last", "100")["letters"]]
    assert sum("schema 2: the registry has no such id (it answered 404: " in reason for reason in reasons) == len(rows)
    assert register_again(books) == 2
    # The same letter once more, as a redelivery makes it.
    first = min(letter["offset"] for letter in listed(books, "--last", "100")["letters"] if "schema 2" in letter["reason"])
    headers = [("topic", b"tickers"), ("partition", b"0"), ("offset", str(first).encode()), ("kind", b"undecodable")]
    send_raw(books, under_two[:1], TOPIC + ".dlq", headers=headers)
    # Only said, not done.
    other = books.tmp_path / "other.sqlite"
    books.environment["STORE"] = f"sqlite:{other}"
    code, out, err = books.run("dlq", "retry", "--dry-run", "--format", "json")
    told = json.loads(out)
    assert code == 0 and told["dry_run"] and (told["read"], told["readable"], told["unreadable"]) == (34, 30, 3), err
    assert not other.exists()
    # Only a part of them.
    coin = rows[0]["symbol"]
    code, out, err = books.run("dlq", "retry", "--coin", coin, "--kind", "undecodable", "--format", "json")
    assert code == 0 and json.loads(out)["written"] == sum(row["symbol"] == coin for row in rows), err
    code, out, err = books.run("dlq", "retry", "--coin", "tNOPE")
    assert (code, out) == (1, "") and "--coin tNOPE: topic tickers.dlq has no letter of it; it has letters of: t" in err
    for more in (("--since", "2100-01-01"), ("--kind", "tombstone")):
        code, out, err = books.run("dlq", "retry", *more, "--format", "json")
        assert code == 0 and (json.loads(out)["left_out"], json.loads(out)["written"]) == (34, 0), err
    # And all of them, any number of times.
    for _ in range(2):
        code, out, err = books.run("dlq", "retry")
        assert code == 0 and re.search(r"unreadable +3 +places, still", out) and "framing" in out, err
    with sqlite3.connect(other) as store:
        assert store.execute("SELECT count(*) FROM ticker").fetchone() == (len(rows),)


def test_letters_of_no_place_in_the_log_are_not_written(books):
    """Of a former topic of that name, or made up."""
    rows = ticks.make_rows(30, seed=5)
    books.send(rows)
    message = read_raw(books, len(rows))[0]
    for place in ({"partition": 0, "offset": 10**9}, {"partition": 6, "offset": 0}, {"partition": 0, "offset": -1}):
        headers = [("topic", b"tickers"), *((name, str(number).encode()) for name, number in place.items())]
        send_raw(books, [(message.key(), message.value())], TOPIC + ".dlq", headers=headers)
    code, out, err = books.run("dlq", "retry", "--format", "json")
    told = json.loads(out)
    assert code == 0 and (told["read"], told["elsewhere"], told["written"]) == (3, 3, 0), err


def test_letters_of_a_former_topic_are_not_written(books):
    """The log that is there cannot account for them: verify would name their points."""
    rows = ticks.make_rows(30, seed=5)
    books.send(rows)
    message = read_raw(books, len(rows))[0]
    headers = [("topic", b"tickers"), ("partition", str(message.partition()).encode()), ("offset", str(message.offset()).encode()),
               ("topic_id", b"AAECAwQFBgcICQoLDA0ODw")]
    send_raw(books, [(message.key(), message.value())], TOPIC + ".dlq", headers=headers)
    code, out, err = books.run("dlq", "retry", "--format", "json")
    told = json.loads(out)
    assert code == 0 and (told["read"], told["former"], told["elsewhere"], told["written"]) == (1, 1, 0, 0), err
    code, out, err = books.run("dlq", "retry")
    assert code == 0 and "of a topic that was deleted since" in out, err


def test_unreadable_message_is_not_accounted_by_a_letter_of_other_bytes(books):
    books.send(ticks.make_rows(20, seed=3))
    books.write()
    send_raw(books, POISON[:1], partition=4)
    place = json.loads(books.run("tail", "--partition", "4", "--last", "1", "--format", "json")[1])["offset"]
    commit_all(books, "careless")
    headers = [("topic", b"tickers"), ("partition", b"4"), ("offset", str(place).encode()), ("kind", b"undecodable"), ("reason", b"made up")]
    send_raw(books, [(b"tBTCUSD", b"others"), (None, None)], TOPIC + ".dlq", headers=headers)
    found = books.verify("--group", "careless", code=1)
    assert differences(found) == {"unaccounted": 1} and found["dead_letters"]["elsewhere"] == 1


def test_topic_of_another_program_is_told_by_status(books):
    send_raw(books, [(b"key", b'{"strange":1}')] * 150)
    books.write()
    code, out, err = books.run("status")
    assert code == 0 and "every message so far is a dead letter: is tickers the right --topic" in out, err
    books.send(ticks.make_rows(300, seed=4))
    books.write()
    assert "every message so far" not in books.run("status")[1]


def test_retry_of_no_letters_is_done_at_once(books):
    code, out, err = books.run("dlq", "retry", "--format", "json")
    assert code == 0 and json.loads(out)["read"] == 0, err
    code, out, err = books.run("dlq", "retry", "--topic", "nosuch")
    assert code == 1 and "no topic nosuch" in err
    code, out, err = books.run("dlq", "retry", "--kind", "nosuch")
    assert code == 2 and "undecodable" in err
    code, out, err = books.run("dlq", "nosuch")
    assert code == 2 and "dlq" in err


def test_retry_where_no_dead_letter_topic_was_ever_made_is_done_at_once(books, brokers):
    address = brokers("tickers:2")
    code, out, err = books.run("dlq", "retry", "--brokers", address, "--format", "json")
    assert code == 0 and json.loads(out)["read"] == 0, err


def test_replay_waits_for_a_store_that_is_busy(influx):
    server, books = influx
    rows = ticks.make_rows(500, seed=8)
    books.send(rows)
    server.fail_with({"status": 503, "retry_after": "1", "times": 2}, {"status": 413, "limit": 20000})
    code, out, err = books.run("replay", "--since", "first")
    assert code == 0, err
    assert server.stats()["points"] == len(rows)
    # Written, but the group has not said so.
    assert differences(books.verify(code=1)) == {"not_yet_written": len(rows)}
    # Since a time, and only one coin.
    half = rows[250]["time"]
    code, out, err = books.run("replay", "--since", str(half), "--coin", rows[0]["symbol"], "--format", "json")
    want = sum(row["time"] >= half and row["symbol"] == rows[0]["symbol"] for row in rows)
    assert code == 0 and json.loads(out)["written"] == want, err


def test_replay_needs_a_time(books):
    code, _, err = books.run("replay")
    assert code == 2 and "--since" in err


def letter_headers(message, **more):
    """Of a letter of that message, as members write it."""
    named = {"topic": TOPIC, "partition": message.partition(), "offset": message.offset(), "timestamp": message.timestamp()[1], "kind": "undecodable"}
    return [(name, str(value).encode()) for name, value in {**named, **more}.items()]


def test_forged_letter_that_names_a_place_of_the_log_is_not_written(books):
    """Its bytes, and its time, must be those of the message that is there."""
    books.send(ticks.make_rows(30, seed=5))
    books.write()
    first, other = read_raw(books, 30)[:2]
    other_file = books.tmp_path / "other.sqlite"
    books.environment["STORE"] = f"sqlite:{other_file}"
    forged = [
        (other.value(), letter_headers(first)),
        (first.value(), letter_headers(other)),
        (first.value(), letter_headers(first, timestamp=first.timestamp()[1] + 1)),
        (first.value(), letter_headers(first) + [("__value_schema_id", b"\x00\x00\x00\x00\x01")]),
    ]
    for value, headers in forged:
        send_raw(books, [((first if value == first.value() else other).key(), value)], TOPIC + ".dlq", headers=headers)
    code, out, err = books.run("dlq", "retry", "--unchecked", "--format", "json")
    told = json.loads(out)
    assert code == 1 and (told["written"], told["unreadable"]) == (0, 2), out + err
    assert any("not of the message that it names" in reason["reason"] for reason in told["reasons"]), out
    named = [line for line in err.splitlines() if "event=forged_letter" in line]
    assert f"topic=tickers.dlq partition=0 offset=0 of_topic=tickers of_partition={first.partition()} of_offset={first.offset()}" in named[0], err
    # The true one beside them is written.
    send_raw(books, [(first.key(), first.value())], TOPIC + ".dlq", headers=letter_headers(first))
    code, out, err = books.run("dlq", "retry", "--format", "json")
    assert code == 0 and json.loads(out)["written"] == 1, out + err
    with sqlite3.connect(other_file) as store:
        assert store.execute("SELECT count(*) FROM ticker").fetchone() == (1,)


def test_letter_whose_message_is_gone_is_written_only_when_asked_to(books, brokers):
    books.send(ticks.make_rows(30, seed=5))
    first = read_raw(books, 30)[0]
    books.bootstrap = books.environment["KAFKA_BROKERS"] = brokers(f"{TOPIC}.dlq:1")
    send_raw(books, [(first.key(), first.value())], TOPIC + ".dlq", headers=letter_headers(first))
    code, out, err = books.run("dlq", "retry")
    assert code == 1 and "the log no longer has the message" in err and "--unchecked" in err, out + err
    code, out, err = books.run("dlq", "retry", "--unchecked", "--format", "json")
    assert code == 0 and json.loads(out)["written"] == 1, out + err
