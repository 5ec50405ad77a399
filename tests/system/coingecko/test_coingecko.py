"""CoinGecko's prices: ticks with the service's own times, each sent once, and no key in what is told."""

import json
import sqlite3
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from conftest import get_json, wait_for

KEY = "CG-canary-5f1c0e"
UPDATED = {"bitcoin": ("2026-01-06T06:54:36.248Z", 1767682476248), "ethereum": ("2026-01-06T05:00:00.000Z", 1767675600000)}


def row(name, price, cap):
    return {"id": name, "symbol": name[:3], "current_price": price, "market_cap": cap, "total_volume": 7, "high_24h": price * 2,
            "low_24h": price / 2, "price_change_24h": -1.5, "price_change_percentage_24h": 50, "roi": None, "last_updated": UPDATED[name][0]}


@pytest.fixture
def service():
    """Answers with two coins; `requests` has the path and the headers of each request."""
    requests = []

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_):
            pass

        def do_GET(self):
            requests.append((self.path, dict(self.headers)))
            body = json.dumps([row("bitcoin", 42981, 815292625876), row("ethereum", 2.993e-05, 0)]).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    server.requests = requests
    yield server
    server.shutdown()
    server.server_close()


def test_ticks_have_the_times_of_the_service_and_the_key_stays_secret(start, tmp_path, service):
    store, key = tmp_path / "store.db", tmp_path / "key"
    key.write_text(KEY)
    key.chmod(0o600)
    demo = start("demo", "--listen", "127.0.0.1:0", "--source", "coingecko", "--coins", "tBTCUSD,tETHUSD", "--store", f"sqlite:{store}",
                 "--coingecko-url", f"http://127.0.0.1:{service.server_port}/api/v3", "--coingecko-key-file", key, "--verify",
                 "--log-level", "debug")
    url = demo.wait_event("ready")["page"]

    def ticks():
        with sqlite3.connect(f"file:{store}?mode=ro", uri=True, timeout=10) as database:
            return database.execute("SELECT coin, time, last_price, market_cap, daily_change_relative, seq, run_id FROM ticker "
                                    "ORDER BY coin").fetchall()

    wait_for(lambda: len(ticks()) == 2, 20, "two ticks")
    assert ticks() == [("cg:bitcoin", UPDATED["bitcoin"][1] * 10**6, 42981.0, 815292625876.0, 0.5, 0, 0),
                       ("cg:ethereum", UPDATED["ethereum"][1] * 10**6, 2.993e-05, None, 0.5, 0, 0)]
    status = json.dumps(get_json(f"{url}/api/status"))
    assert demo.stop(60) == 0, demo.log()  # verify balances
    (path, headers), *_ = service.requests
    assert path.startswith("/api/v3/coins/markets?vs_currency=usd&") and path.endswith("&ids=bitcoin,ethereum")
    assert headers["x-cg-demo-api-key"] == KEY
    assert KEY not in demo.log() and KEY not in status


def test_faster_poll_than_the_services_cache_is_refused(run):
    code, _, err = run("produce", "--source", "coingecko", "--poll-interval", "coingecko=5s", "--coins", "ALL", "--check-options")
    assert code == 2 and "--coingecko-key-file" in err and "120 s at least" in err
