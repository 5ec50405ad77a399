"""What a long answer of InfluxDB costs: its text and one row at a time, not all of it as a tree."""

import datetime
import json
import os
import re
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from conftest import BINARY
from proof import peak_mib

CANDLES = 100_000  # as many as a question may have
MOST_MIB = 50  # above what the program needs for one candle; the text itself is of 17


@pytest.fixture
def influx():
    """Answers every question for ticks in database `long` with as many candles of a second each, others with one; it has no
    events."""
    first = datetime.datetime(2026, 1, 1)
    rows = [f'{{"time":"{(first + datetime.timedelta(seconds=i)).isoformat()}.000000000","open":60000.123456789,'
            f'"high":60001.123456789,"low":59999.123456789,"close":60000.987654321,"ticks":17}}' for i in range(CANDLES)]
    answers = {"long": f"[{','.join(rows)}]".encode(), "short": f"[{rows[0]}]".encode()}

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            question = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            answer = b"[]" if re.search(r'FROM "?event\b', question["q"]) else answers[question["db"]]
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_hundred_thousand_candles_need_little_memory(influx, tmp_path):
    environment = {key: os.environ[key] for key in ("PATH", "HOME") if key in os.environ}
    peaks = {}
    for database in ("short", "long"):
        command = [BINARY, "candles", "--store", influx, "--database", database, "--interval", "1s", "--format", "csv"]
        code, peaks[database] = peak_mib(command, environment, tmp_path)
        assert code == 0
    assert peaks["long"] - peaks["short"] < MOST_MIB, peaks
