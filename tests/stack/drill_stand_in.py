"""What a drill sees of the stand-in's stack from inside the page's container: the group, the books, the parts' metrics.

The metrics are asked for by the drill's own shell with the real curl, which is led to a server here. Its ticks flow as
the containers allow: no store, no writes; a member that is killed or frozen answers nothing and the others have its partitions.
"""

import json
import os
import subprocess
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

PARTITIONS = 6
LEADERS = (1, 2, 2, 3, 2, 1)
RATES = {"producer": 20, "load": 100}
ALWAYS_IN_FLIGHT = 12


def lives(container):
    return bool(container and container["running"] and not container.get("paused"))


def owners(containers):
    """{partition: member}"""
    members = sorted(name for name, it in containers.items() if name.startswith("consumer-") and lives(it))
    return {p: members[p % len(members)] for p in range(PARTITIONS)} if members else {}


def group(containers):
    brokers = [n for n in (1, 2, 3) if lives(containers.get(f"kafka-{n}"))]
    owned = owners(containers)
    partitions = [{"partition": p, "leader": LEADERS[p] if LEADERS[p] in brokers else brokers[0], "in_sync": len(brokers)}
                  for p in range(PARTITIONS)]
    members = [{"client_id": name, "member_id": "x", "partitions": [p for p in owned if owned[p] == name]}
               for name in sorted(set(owned.values()))]
    tickers = {"topic": "tickers", "partitions": partitions, "members": members, "members_unknown": None}
    return {**tickers, "brokers": len(brokers), "streams": [tickers]}


def books(missing):
    return {"balanced": missing == 0, "messages": 1000, "ticks": 1000, "sent_twice": 0, "not_yet_written": 0,
            "points": 1000 - missing, "missing": missing, "unexpected": 0, "conflicting": 0,
            "candles": {"provable": 9, "proved": 9, "in_part": 0}}


def compact(answer):
    print(json.dumps(answer, separators=(",", ":")))


class Flow:
    """Ticks sent and written so far, brought up to date at each question."""

    def __init__(self, folder):
        self.folder, self.lock, self.now = Path(folder), threading.Lock(), time.monotonic()
        self.waiting, self.sent, self.written, self.alive = 0.0, {}, {}, set()

    def advance(self):
        state = json.loads((self.folder / "state.json").read_text())
        containers, now = state["containers"], time.monotonic()
        senders = {"producer": lives(containers.get("producer")), "load": bool(state.get("runs"))}
        for part in (part for part, sends in senders.items() if sends):
            sent = RATES[part] * (now - self.now)
            self.sent[part] = self.sent.get(part, 0) + sent
            self.waiting += sent
        self.now = now
        members = {name for name, it in containers.items() if name.startswith("consumer-") and it["running"]}
        for name in members - self.alive:
            self.written[name] = 0
        self.alive = members
        owned = owners(containers)
        if lives(containers["influxdb"]) and owned:
            for p in owned:
                self.written[owned[p]] += self.waiting / len(owned)
            self.waiting = 0
        return containers, owned

    def metrics(self, host):
        """None: nobody answers."""
        with self.lock:
            containers, owned = self.advance()
            if host in containers and not lives(containers[host]):
                return None
            if not host.startswith("consumer-"):
                part = "load" if host.endswith("drill-load") else host
                return None if part not in self.sent else (
                    f"candlewick_ticks_acknowledged_total {int(self.sent[part])}\ncandlewick_ticks_dropped_total 0\n"
                    "candlewick_ticks_undelivered_total 0\ncandlewick_producer_queue_messages 0\n")
            return self.of_member(host, [p for p in owned if owned[p] == host], len(owned))

    def of_member(self, name, owned, everybodys):
        written, lag = int(self.written[name]), int((self.waiting + ALWAYS_IN_FLIGHT) / everybodys)
        label = f'member="{name}"'
        lines = [f"candlewick_ticks_written_total{{{label}}} {written}", f"candlewick_rebalances_total{{{label}}} 1"]
        lines += [f'candlewick_exchange_to_store_seconds_bucket{{{label},le="{le}"}} {count}'
                  for le, count in (("0.25", 0), ("0.5", written), ("+Inf", written))]
        for p in owned:
            place = f'{label},topic="tickers",partition="{p}"'
            lines += [f"candlewick_partition_owned{{{place}}} 1", f"candlewick_partition_lag_messages{{{place}}} {lag}"]
        return "\n".join(lines) + "\n"


def shell(folder, words):
    """Runs a shell's words as in the container, where http://NAME:9100 is the part of that name."""
    flow = Flow(folder)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            text = flow.metrics(self.headers["Host"].partition(":")[0])
            if text is None:
                self.close_connection = True
                return
            self.send_response(200)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as home:
        (Path(home) / ".curlrc").write_text(f'connect-to = "::127.0.0.1:{server.server_port}"\nnoproxy = "*"\n')
        return subprocess.run(words, env={**os.environ, "CURL_HOME": home}).returncode
