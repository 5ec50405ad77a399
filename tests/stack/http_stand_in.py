"""Grafana's and the page's API, as far as launch.sh asks them: http_stand_in.py grafana|page LISTENER FOLDER.

The listener is an open socket. What is public is in the folder's public.json, what was asked in requests.log, the members
of the group are those that docker_stand_in keeps there.
"""

import base64
import json
import socket
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

BOARD = "/api/dashboards/uid/candlewick-market-public"
PUBLIC = BOARD + "/public-dashboards"
QUERY = "/api/public/dashboards/0123456789abcdef/panels/1/query"


class Handler(BaseHTTPRequestHandler):
    folder = None

    def handle_any(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        login = self.headers.get("Authorization")
        with open(self.folder / "requests.log", "a") as log:
            log.write(json.dumps([self.command, self.path, body, login is not None]) + "\n")
        status, answer = self.answer(body, login)
        text = json.dumps(answer, separators=(",", ":")).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_POST = do_PATCH = handle_any

    def log_message(self, *_):
        pass


class Page(Handler):
    def answer(self, _body, _login):
        containers = json.loads((self.folder / "state.json").read_text())["containers"]
        members = [name for name, it in containers.items() if name.startswith("consumer-") and it["running"]]
        return 200, {"lag_total": 0, "members": members, "members_unknown": None, "timeline": []}


class Grafana(Handler):
    def answer(self, body, login):
        faults = json.loads((self.folder / "faults.json").read_text())
        if self.path == QUERY and not login:
            return self.query(faults)
        password = (self.folder / "var/secrets/grafana-admin-password").read_text().strip()
        if login != "Basic " + base64.b64encode(f"admin:{password}".encode()).decode() or faults.get("password"):
            return 401, {"message": "Invalid username or password"}
        if (self.command, self.path) == ("GET", BOARD):
            return 200, {"dashboard": {"uid": "candlewick-market-public"}}
        return self.public_board(body)

    def query(self, faults):
        kept = self.kept()
        if not kept or not kept["isEnabled"]:
            return 404, {"message": "Dashboard not found"}
        if faults.get("query"):
            return 400, {"message": faults["query"]}
        return 200, {"results": {"A": {"status": 200, "frames": []}}}

    def kept(self):
        file = self.folder / "public.json"
        return json.loads(file.read_text()) if file.exists() else None

    def public_board(self, body):
        kept = self.kept()
        if (self.command, self.path) == ("GET", PUBLIC):
            return (200, kept) if kept else (404, {"messageId": "publicdashboards.notFound"})
        if (self.command, self.path) == ("POST", PUBLIC) and not kept:
            kept = {"uid": "pub1", "dashboardUid": "candlewick-market-public", "accessToken": "0123456789abcdef"}
        elif (self.command, self.path) != ("PATCH", PUBLIC + "/pub1"):
            return 400, {"messageId": "publicdashboards.dashboardIsPublic"}
        kept.update(json.loads(body))
        (self.folder / "public.json").write_text(json.dumps(kept))
        return 200, kept


def main():
    role, listener, folder = sys.argv[1:]
    handler = {"grafana": Grafana, "page": Page}[role]
    handler.folder = Path(folder)
    server = HTTPServer(("127.0.0.1", 0), handler, bind_and_activate=False)
    server.socket.close()
    server.socket = socket.socket(fileno=int(listener))
    server.serve_forever()


if __name__ == "__main__":
    main()
