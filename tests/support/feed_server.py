"""A server of feeds for tests: answers what the test sets, and keeps what it was asked."""

import gzip
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Answer:
    """One answer: a body with a status and headers; `validators` make a request that has them a 304."""

    def __init__(self, body=b"", status=200, headers=None, zipped=False, validators=True):
        self.body, self.status, self.headers = body, status, dict(headers or {})
        self.zipped, self.validators = zipped, validators


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        server = self.server.feeds
        with server.lock:
            server.asked.append((self.path, dict(self.headers)))
            answer = server.answers.get(self.path) or server.answers.get(self.path.split("?")[0]) or Answer(b"no such feed", 404)
        tag = answer.headers.get("ETag")
        if tag and answer.validators and self.headers.get("If-None-Match") == tag:
            self.reply(304, b"", {"ETag": tag})
        elif answer.zipped:
            self.reply(answer.status, gzip.compress(answer.body), {**answer.headers, "Content-Encoding": "gzip"})
        else:
            self.reply(answer.status, answer.body, answer.headers)

    def reply(self, status, body, headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status != 304:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class FeedServer:
    """with FeedServer() as feeds: feeds.answers["/rss"] = Answer(…); feeds.url is its address."""

    def __init__(self):
        self.lock = threading.Lock()
        self.answers, self.asked = {}, []
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.feeds = self
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05})

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def count(self, path):
        with self.lock:
            return sum(1 for asked, _ in self.asked if asked.split("?")[0] == path)

    def headers_of(self, path):
        """Those of each request for the path, in their order."""
        with self.lock:
            return [headers for asked, headers in self.asked if asked.split("?")[0] == path]
