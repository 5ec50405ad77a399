"""`candlewick prepare`: makes what is missing, says what it found, waits for ends that are not up yet."""

import socket
import sqlite3
import time
import urllib.request

import pytest

from conftest import get_json


@pytest.fixture
def registry(start):
    program = start("registry", "--listen", "127.0.0.1:0", "--registry-data", "registry.db")
    return program.wait_event("listening")["url"]


def dump(path):
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as store:
        return list(store.iterdump())


def test_first_run_makes_and_a_second_changes_nothing(run, brokers, registry, tmp_path):
    arguments = ["prepare", "--brokers", brokers("tickers:6", "tickers.dlq:1"), "--registry", registry,
                 "--store", "sqlite:market.db"]
    code, out, err = run(*arguments)
    assert code == 0, err
    assert out.splitlines() == [
        "topic tickers: there already, 6 partitions, replication 3",
        "topic tickers.dlq: there already, 1 partition, replication 3",
        "schema tickers-value: registered, id 1",
        "store SQLite file market.db: ready",
    ]
    versions = get_json(f"{registry}/subjects/tickers-value/versions")
    tables = dump(tmp_path / "market.db")
    assert versions == [1] and any("ticker" in line for line in tables)

    assert run(*arguments)[:2] == (0, out)
    assert get_json(f"{registry}/subjects/tickers-value/versions") == versions
    assert dump(tmp_path / "market.db") == tables


def test_a_topic_that_differs_is_a_warning(run, brokers, registry):
    code, out, err = run("prepare", "--brokers", brokers("tickers:2", "tickers.dlq:1"), "--registry", registry,
                         "--store", "sqlite:market.db")
    assert code == 0, err
    assert "topic tickers: there already, 2 partitions, replication 3 (warning: 6 and 3 were asked for" in out
    assert "topic_differs" in err


def test_ends_that_are_away_are_named_when_the_wait_is_over(run):
    begin = time.monotonic()
    code, out, err = run("prepare", "--brokers", "127.0.0.1:1", "--registry", "http://127.0.0.1:2",
                         "--store", "http://127.0.0.1:3", "--wait", "1s")
    assert code == 1
    assert out == ""
    assert time.monotonic() - begin < 10
    for address in ("the brokers 127.0.0.1:1", "the registry http://127.0.0.1:2", "the store http://127.0.0.1:3"):
        assert address in err.splitlines()[-2], err
    assert "launch.sh" in err.splitlines()[-1], err


def test_another_address_of_the_registry_is_asked_when_one_is_away(run, brokers, registry):
    code, out, err = run("prepare", "--brokers", brokers("tickers:6", "tickers.dlq:1"), "--store", "sqlite:market.db",
                         environment={"SCHEMA_REGISTRY_URL": f"http://127.0.0.1:1,{registry}"})
    assert code == 0, err
    assert "schema tickers-value: registered, id 1" in out.splitlines()


def test_a_registry_that_comes_later_is_waited_for(start, brokers):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = "127.0.0.1:%d" % free.getsockname()[1]
    prepare = start("prepare", "--brokers", brokers("tickers:6", "tickers.dlq:1"), "--registry", f"http://{address}",
                    "--store", "sqlite:market.db")
    assert prepare.wait_event("waiting")["for"] == "the registry"
    start("registry", "--listen", address, "--registry-data", "registry.db").wait_event("listening")
    assert prepare.wait(30) == 0, prepare.log()
    assert prepare.output[-1] == "schema tickers-value: registered, id 1\n"


def test_stopped_before_all_is_made_is_no_success(start, brokers):
    prepare = start("prepare", "--brokers", brokers("tickers:6", "tickers.dlq:1"), "--registry", "http://127.0.0.1:1",
                    "--store", "sqlite:market.db")
    prepare.wait_event("waiting")
    assert prepare.stop() == 1
    assert "the registry http://127.0.0.1:1" in prepare.lines[-1]


def test_a_schema_that_the_registry_refuses_ends_it_at_once(run, brokers, registry):
    other = b'{"schema": "{\\"type\\":\\"record\\",\\"name\\":\\"Other\\",\\"fields\\":[{\\"name\\":\\"symbol\\",\\"type\\":\\"boolean\\"}]}"}'
    urllib.request.urlopen(urllib.request.Request(
        f"{registry}/subjects/tickers-value/versions", data=other,
        headers={"Content-Type": "application/vnd.schemaregistry.v1+json"}), timeout=10).read()
    begin = time.monotonic()
    code, _, err = run("prepare", "--brokers", brokers("tickers:6", "tickers.dlq:1"), "--registry", registry,
                       "--store", "sqlite:market.db")
    assert code == 1 and "409" in err, err
    assert time.monotonic() - begin < 10
