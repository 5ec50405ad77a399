"""An HTTP server whose answers a test makes up: an exchange, a registry."""

import gzip
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class StandIn:
    """answer(method, path, body) gives (status, headers, body); None: the connection is cut. May be set anew any time."""

    def __init__(self, answer):
        self.answer = answer
        self.paths = []
        stand_in = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1

            def log_message(self, *_):
                pass

            def serve(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                stand_in.paths.append(self.path)
                answer = stand_in.answer(self.command, self.path, body)
                if answer is None:
                    self.close_connection = True
                    return
                status, headers, body = answer
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                try:
                    self.wfile.write(body)
                    self.wfile.flush()
                except OSError:  # it had enough
                    self.close_connection = True

            do_GET = do_POST = serve

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_):
                """A client that breaks its connection is no error here."""

        self.server = Server(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def end(self):
        self.server.shutdown()
        self.server.server_close()


def bomb(mebibytes):
    """A gzip body that unpacks to so many MiB of blanks inside a JSON text."""
    return gzip.compress(b"[" + b" " * (mebibytes << 20) + b"]", 1)
