"""The page's server under 500 clients: what each of them gets, how much memory it takes, who still comes through."""

import contextlib
import http.client
import socket
import subprocess
import threading
import time

import pytest

from conftest import BINARY, wait_for

AWAY = "127.0.0.1:1"
TICKS = 110_000  # one a second: more candles than one answer may have
START_S = 1_700_000_000
RSS_MOST_MIB = 96
BIG = "/api/candles?coin=tBTCUSD&interval=1s&limit=100000"
SMALL = "/api/candles?coin=tBTCUSD&interval=1m&limit=10"


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    folder = tmp_path_factory.mktemp("load")
    with (folder / "ticks.csv").open("w") as file:
        file.write("time,symbol,last_price\n")
        for i in range(TICKS):
            file.write(f"{(START_S + i) * 10**9},tBTCUSD,{60000 + i % 977}.{i % 10}\n")
    subprocess.run([BINARY, "demo", "--source", "replay:ticks.csv", "--speed", "max", "--coins", "ALL", "--data-dir",
                    "data", "--store", "sqlite:market.db", "--listen", "127.0.0.1:0"],
                   cwd=folder, check=True, capture_output=True, timeout=120)
    return f"sqlite:{folder}/market.db"


@pytest.fixture
def page(start, store):
    """`serve`, with Kafka away."""
    program = start("serve", "--store", store, "--brokers", AWAY, "--registry", f"http://{AWAY}",
                    "--listen", "127.0.0.1:0")
    program.address = program.wait_event("ready")["page"].removeprefix("http://")
    return program


def most_memory_mib(program):
    with open(f"/proc/{program.process.pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:")) / 1024


class Clients:
    """Sockets that have sent something and read nothing, closed at the end."""

    def __init__(self, address):
        host, _, port = address.rpartition(":")
        self.to = (host, int(port))
        self.sockets = []

    def open(self, count, request):
        for _ in range(count):
            with contextlib.suppress(OSError):
                client = socket.create_connection(self.to, 5)
                self.sockets.append(client)
                client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                client.sendall(request)

    def close(self):
        for client in self.sockets:
            client.close()


@pytest.fixture
def clients(page):
    made = Clients(page.address)
    yield made
    made.close()


def request(target):
    return f"GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()


def timed(page, target):
    """Status and seconds of a question on a connection of its own."""
    host, _, port = page.address.rpartition(":")
    begin = time.monotonic()
    connection = http.client.HTTPConnection(host, int(port), timeout=20)
    try:
        connection.request("GET", target)
        answer = connection.getresponse()
        answer.read()
        return answer.status, time.monotonic() - begin
    finally:
        connection.close()


KINDS = {
    "slow readers of big answers": request(BIG),
    "open pages": request("/api/events"),
    "heads that never end": b"GET / HTTP/1.1\r\nHost: local",
    "connections that say nothing": b"",
    "slow readers of the chart library": request("/assets/lightweight-charts.js"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_health_metrics_and_memory_hold_under_500_of_a_kind(page, clients, kind):
    clients.open(500, KINDS[kind])
    for target in ("/healthz", "/metrics", "/healthz"):
        status, seconds = timed(page, target)
        assert status in (200, 503) and seconds < 3, f"{target}: {status} after {seconds:.1f} s"
    assert most_memory_mib(page) <= RSS_MOST_MIB


def test_pages_too_many_are_told_to_come_back(page, clients):
    clients.open(200, KINDS["open pages"])
    heads = [client.recv(2000).decode() for client in clients.sockets]
    refused = [head for head in heads if head.startswith("HTTP/1.1 503 ")]
    assert sum(head.startswith("HTTP/1.1 200 ") for head in heads) == 128 and len(refused) == 72
    assert all("\r\nRetry-After: 3\r\n" in head for head in refused)
    assert timed(page, "/api/status")[0] == 200


def test_memory_holds_under_500_clients_of_all_kinds(page, clients):
    for kind in KINDS.values():
        clients.open(100, kind)
    assert timed(page, "/healthz")[1] < 3
    assert most_memory_mib(page) <= RSS_MOST_MIB
    clients.close()
    # What was taken is given back: the next one is served as the first was.
    wait_for(lambda: timed(page, BIG)[0] == 200, 20, "a big answer after the crowd")


def test_a_small_question_is_not_behind_60_big_ones(page):
    statuses = []
    threads = [threading.Thread(target=lambda: statuses.append(timed(page, BIG)[0])) for _ in range(60)]
    for thread in threads:
        thread.start()
    wait_for(lambda: len(statuses) > 0, 20, "the first big answer")
    status, seconds = timed(page, SMALL)
    assert status == 200 and seconds < 2, f"{status} after {seconds:.1f} s"
    for thread in threads:
        thread.join()
    assert set(statuses) <= {200, 503} and 200 in statuses
