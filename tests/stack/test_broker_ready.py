"""When a broker of `./launch.sh cluster` counts as ready."""

import socket
import subprocess
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from compose_file import ROOT

ASK = """
root=. cache=/nowhere
for part in stack/settings.sh stack/http.sh stack/cluster_kafka.sh; do . "$part"; done
broker_is_ready 1
"""


@contextmanager
def metrics_of_broker(state):
    class Metrics(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(f"kafka_server_brokerstate {state}\n".encode())

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Metrics) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()


@pytest.mark.parametrize("state, listens, ready", [
    ("3.0", True, True),
    ("3.0", False, False),  # Kafka says that it runs before it takes its port, and ends when it does not get it
    ("2.0", True, False),  # another program's
])
def test_broker_is_ready_that_says_so_and_listens(state, listens, ready):
    with metrics_of_broker(state) as metrics, socket.socket() as broker:
        broker.bind(("127.0.0.1", 0))
        if listens:
            broker.listen()
        done = subprocess.run(
            ["bash", "-c", ASK], cwd=ROOT, capture_output=True, text=True, timeout=30,
            env={"PATH": "/usr/bin:/bin", "KAFKA_1_PORT": str(broker.getsockname()[1]), "KAFKA_1_JMX_PORT": str(metrics)})
    assert (done.returncode == 0, done.stderr) == (ready, "")
