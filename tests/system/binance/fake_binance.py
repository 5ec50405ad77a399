"""A small Binance for tests: klines by REST and by WebSocket, of a made-up market, by a clock that the test moves."""

import base64
import hashlib
import json
import random
import socket
import struct
import threading
import urllib.parse
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

MINUTE_MS = 60000
ROWS_MAX = 1000
GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455, 1.3


def make_minutes(symbol, begin_ms, count, missing=()):
    """{open time in ms: (open, high, low, close, volume, quote volume as texts, trades)}; each tenth minute has no trade."""
    walk = random.Random(symbol)
    price = Decimal(walk.randrange(10**6, 10**9)) / 10**4
    minutes = {}
    for number in range(count):
        opened = price
        if number % 10 == 3:
            figures = (opened, opened, opened, opened, Decimal(0), Decimal(0), 0)
        else:
            steps = [max(Decimal("0.0001"), opened + Decimal(walk.randrange(-500, 501)) / 10**4) for _ in range(3)]
            price = steps[-1]
            volume = Decimal(walk.randrange(1, 10**10)) / 10**8
            figures = (opened, max(opened, *steps), min(opened, *steps), price, volume, round(volume * price, 8), walk.randrange(1, 900))
        if number not in missing:
            minutes[begin_ms + number * MINUTE_MS] = tuple(f"{value:.8f}" for value in figures[:6]) + (figures[6],)
    return minutes


class FakeBinance:
    """`now_ms` is its clock: minutes that are over by then are finished. `answer`, unless None, is (status, headers, body) for all requests."""

    def __init__(self, markets, now_ms):
        self.markets, self.now_ms, self.answer = markets, now_ms, None
        self.requests, self.connects = [], 0
        self.sockets, self.lock = [], threading.Lock()
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def date_time_string(self, timestamp=None):
                return super().date_time_string(fake.now_ms / 1000)

            def do_GET(self):
                fake.stream(self) if self.path.startswith("/stream?") else fake.rest(self)

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.address = f"127.0.0.1:{self.server.server_port}"

    def close(self):
        self.drop()
        self.server.shutdown()
        self.server.server_close()

    def rest(self, handler):
        query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(handler.path).query))
        self.requests.append(query)
        status, headers, body = self.answer or self.klines(query)
        handler.send_response(status)
        for name, value in {"X-MBX-USED-WEIGHT-1M": "2", "Content-Length": str(len(body)), **headers}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)

    def klines(self, query):
        minutes = self.markets.get(query["symbol"])
        if minutes is None:
            return 400, {}, b'{"code":-1121,"msg":"Invalid symbol."}'
        times = sorted(time_ms for time_ms in minutes if int(query["startTime"]) <= time_ms <= self.now_ms)
        rows = [[time_ms, *minutes[time_ms][:5], time_ms + MINUTE_MS - 1, minutes[time_ms][5], minutes[time_ms][6], "0", "0", "0"]
                for time_ms in times[:min(ROWS_MAX, int(query["limit"]))]]
        return 200, {}, json.dumps(rows).encode()

    def stream(self, handler):
        key = handler.headers["Sec-WebSocket-Key"]
        accept = base64.b64encode(hashlib.sha1((key + GUID).encode()).digest()).decode()
        handler.wfile.write(("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                             f"Sec-WebSocket-Accept: {accept}\r\n\r\n").encode())
        handler.close_connection = True
        with self.lock:
            self.connects += 1
            self.sockets.append(handler.connection)
        while handler.connection.fileno() >= 0 and handler.connection.recv(4096):
            pass  # pongs, and the client's end

    def send(self, message):
        payload = json.dumps(message).encode()
        frame = bytes([0x81, 126]) + struct.pack(">H", len(payload)) + payload
        with self.lock:
            for connection in self.sockets:
                try:
                    connection.sendall(frame)
                except OSError:
                    pass

    def push(self, symbol, time_ms, final):
        opened, high, low, close, volume, quote, trades = self.markets[symbol][time_ms]
        kline = {"t": time_ms, "T": time_ms + MINUTE_MS - 1, "s": symbol, "i": "1m", "f": 1, "L": 2, "o": opened, "c": close, "h": high,
                 "l": low, "v": volume, "n": trades if final else trades // 2, "x": final, "q": quote, "V": "0", "Q": "0", "B": "0"}
        self.send({"stream": f"{symbol.lower()}@kline_1m",
                   "data": {"e": "kline", "E": time_ms + MINUTE_MS, "s": symbol, "k": kline}})

    def drop(self):
        with self.lock:
            for connection in self.sockets:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass
            self.sockets = []
