#!/usr/bin/env python3
"""A stand-in for InfluxDB 3 Core in tests: takes line protocol, answers SQL through DataFusion, the
engine that InfluxDB 3 is built on, and fails on demand. Answers and errors are those observed on
version 3.6.0, of a database that is deleted or gets another retention on 3.10.1. Rows live in memory;
with --data-dir each second's writes are in a file of their own, too, and are read again at the start.

    python influx_server.py [--port N] [--token TOKEN] [--data-dir DIR]     prints its port as the first line

Beside InfluxDB's own paths:
    POST /control {"faults": [...], "token": "..."}   sets either; faults are used from the front,
                                                      one a write request, unless they say how often
    POST /control {"lose_s": 5}                       a power cut: what came in the last 5 s is gone
    GET  /control/stats                               what came in: see Rows.stats()
    GET  /control/points                              the points of market's table ticker

A fault is an object; "times" is how many requests it is for (1; 0: for ever), "path" what it is for
("write", or "query"). What it does:
    {"status": 503, "body": "...", "retry_after": "7"}   this answer, nothing stored
    {"status": 413, "limit": 65536}                      ... for bodies above the limit only
    {"lines": [2, 5]}                                    these lines refused and named, the rest stored
    {"match": "seq=7i"}                                  the lines that hold this text likewise
    ... "named_from": 1                                  ... numbered from 1 too high: a wrong answer
    ... "accept_partial": false                          ... nothing stored, the first one named
    {"reset": true}                                      everything stored, then the connection broken
    {"path": "query", "at": 17...}                       only for questions about that time (ns), or all times
    {"delay_s": 2.5}                                     waits first, then serves as usual
"""

import argparse
import gzip
import json
import re
import socket
import struct
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import datafusion

from influx_rows import CONFIGURED, PRECISIONS, Refused, Table, check_types, read_line, rows_of, split_lines, stamp_of

REQUEST_LIMIT = 10485760
DATABASE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*\Z")


class Failed(Exception):
    """A whole request that cannot be served: status, body, headers."""


BOUND = re.compile(r"time (>=|<) '([^']*)'::TIMESTAMP")


def asks_for(sql, stamp_ns):
    """Whether the question's bounds let that time in."""
    for comparison, text in BOUND.findall(sql):
        bound_ns = stamp_of(text)
        if stamp_ns < bound_ns if comparison == ">=" else stamp_ns >= bound_ns:
            return False
    return True


class Rows:
    def __init__(self, token):
        self.lock = threading.RLock()
        self.token = token
        self.faults = []
        self.databases = {}
        self.retentions = {}  # of those that have one
        self.counts = {"requests": 0, "lines": 0, "refused_lines": 0, "conflicting_rewrites": 0}
        self.answers = {}

    def stats(self):
        with self.lock:
            points = sum(len(t.points) for d in self.databases.values() for t in d.values())
            databases = {name: self.retentions.get(name) for name in self.databases}
            return {**self.counts, "points": points, "answers": self.answers, "databases": databases}

    def make_database(self, name, retention):
        with self.lock:
            if name in self.databases:
                raise Failed(409, "attempted to create a resource that already exists")
            self.databases[name] = {}
            self.retain(name, retention)

    def retain(self, name, retention):
        with self.lock:
            if name not in self.databases:
                raise Failed(404, "database not found")
            self.retentions[name] = retention

    def delete_database(self, name):
        with self.lock:
            if self.databases.pop(name, None) is None:
                raise Failed(404, "database not found")
            self.retentions.pop(name, None)

    def make_table(self, name, table, tags, types):
        with self.lock:
            if name not in self.databases:
                raise Failed(404, "database not found")
            if table in self.databases[name]:
                raise Failed(409, "attempted to create a resource that already exists")
            self.databases[name][table] = Table(tags, types)

    def lose(self, seconds):
        with self.lock:
            for database in self.databases.values():
                for table in database.values():
                    table.lose(seconds)

    def next_fault(self, path, size, sql=""):
        with self.lock:
            for fault in self.faults:
                asked = "at" not in fault or ("FROM ticker" in sql and asks_for(sql, fault["at"]))
                if fault.get("path", "write") == path and size > fault.get("limit", -1) and asked:
                    fault["times"] = fault.get("times", 1) - 1
                    if fault["times"] == 0:
                        self.faults.remove(fault)
                    return fault
        return {}

    def write(self, name, body, unit_ns, partial, fault):
        """The refused lines as InfluxDB names them."""
        raw = body.split("\n")  # InfluxDB numbers lines by its grammar, but quotes them by line feeds
        lines = [line for line in split_lines(body) if line.strip() and not line.startswith("#")]
        if not lines:
            raise Failed(400, "incoming write was empty")
        with self.lock:
            good, refused, seen = [], [], {}
            for number, line in enumerate(lines, 1):
                try:
                    if number in fault.get("lines", []) or ("match" in fault and fault["match"] in line):
                        raise Refused("refused by the test's script")
                    read = read_line(line, unit_ns)
                    check_types(self.types_of(name, read[0], seen), read[2])
                    good.append(read)
                except Refused as error:
                    number = (number - 1 + fault.get("named_from", 0)) % len(lines)
                    refused.append({"error_message": str(error), "line_number": number + 1,
                                    "original_line": raw[number][:20]})
            if partial or not refused:
                database = self.databases.setdefault(name, {})
                for table, tags, fields, stamp_ns in good:
                    conflict = database.setdefault(table, Table()).put(tags, fields, stamp_ns)
                    self.counts["conflicting_rewrites"] += conflict
                self.counts["lines"] += len(good)
            self.counts["refused_lines"] += len(refused)
            return refused

    def types_of(self, name, table, seen):
        """A table's types, with those that earlier lines of the same request bring along."""
        if table not in seen:
            seen[table] = dict(self.databases.get(name, {}).get(table, Table()).types)
        return seen[table]

    def query(self, name, sql):
        with self.lock:
            if name not in self.databases:
                raise Failed(404, {"error": f"query error: database not found: {name}"})
            config = datafusion.SessionConfig().with_default_catalog_and_schema("public", "iox")
            context = datafusion.SessionContext(config.with_information_schema(True))
            for table, rows in self.databases[name].items():
                context.register_record_batches(table, [[rows.arrow()]])
        try:
            batches = context.sql(sql).collect()
        except Exception as error:
            text = str(error)
            missing = re.search(r"table '(?:public\.iox\.)?(\w+)' not found", text)
            if missing:
                text = f"Error during planning: table 'public.iox.{missing.group(1)}' not found"
            raise Failed(500, f"query error: error while planning query: {text}") from error
        return [row for batch in batches for row in rows_of(batch)]


class Log:
    """Each second's calls of Rows in a file of its own, FOLDER/wal/N.wal, a line of JSON each; never synced."""

    def __init__(self, folder):
        self.folder = Path(folder) / "wal"
        self.folder.mkdir(parents=True, exist_ok=True)
        self.lock = threading.Lock()

    def keep(self, call):
        with self.lock, open(self.folder / f"{int(time.time()):011}.wal", "a") as file:
            file.write(json.dumps(call) + "\n")

    def read(self, rows):
        for path in sorted(self.folder.iterdir()):
            for line in path.read_text().splitlines():
                name, *arguments = json.loads(line)
                try:
                    getattr(rows, name)(*arguments)
                except Failed:
                    pass  # what made the database is cut away, and a write has made it again


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body in one segment
    rows = None
    log = None  # a Log

    def log_message(self, *_):
        pass

    def answer(self, status, body="", headers=()):
        payload = (body if isinstance(body, str) else json.dumps(body)).encode()
        with self.rows.lock:
            key = f"{self.command} {urlsplit(self.path).path} {status}"
            self.rows.answers[key] = self.rows.answers.get(key, 0) + 1
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        kind = "text/plain" if isinstance(body, str) else "application/json"
        self.send_header("Content-Type", kind)
        if status != 204:
            self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)

    def do_GET(self):
        self.serve()

    def do_POST(self):
        self.serve()

    def do_PUT(self):
        self.serve()

    def do_DELETE(self):
        self.serve()

    def serve(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        url = urlsplit(self.path)
        query = {name: values[-1] for name, values in parse_qs(url.query).items()}
        try:
            if not url.path.startswith("/control"):
                self.check_token()
            if len(body) > REQUEST_LIMIT:
                raise Failed(500, f"max request size ({REQUEST_LIMIT} bytes) exceeded")
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            serve = PATHS.get((self.command, url.path))
            if serve is None:
                raise Failed(404, "not found")
            serve(self, query, body.decode())
        except Failed as failure:
            self.answer(*failure.args)

    def check_token(self):
        wanted = self.rows.token
        if wanted and self.headers.get("Authorization") != f"Bearer {wanted}":
            raise Failed(401, "")

    def play(self, path, size, sql=""):
        """The part of a fault that comes before the work."""
        fault = self.rows.next_fault(path, size, sql)
        time.sleep(fault.get("delay_s", 0))
        if "status" in fault:
            wait = [("Retry-After", fault["retry_after"])] if "retry_after" in fault else []
            raise Failed(fault["status"], fault.get("body", "scripted"), wait)
        return fault

    def write_lp(self, query, body):
        with self.rows.lock:
            self.rows.counts["requests"] += 1
        fault = self.play("write", len(body))
        name = query.get("db") or query.get("bucket") or ""
        if not DATABASE_NAME.match(name):
            raise Failed(400, {"error": "invalid character in database or rp name: must be ASCII, "
                               "containing only letters, numbers, underscores, or hyphens"})
        unit_ns = PRECISIONS.get(query.get("precision", "ns"))
        if unit_ns is None:
            raise Failed(400, f"serde error: unknown variant `{query['precision']}`")
        partial = fault.get("accept_partial", query.get("accept_partial") != "false")
        refused = self.rows.write(name, body, unit_ns, partial, fault)
        if partial or not refused:
            self.kept("write", name, body, unit_ns, True, {})
        if fault.get("reset"):
            linger = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            self.close_connection = True
            self.connection.close()
        elif not refused:
            self.answer(204)
        elif partial:
            self.answer(400, {"error": "partial write of line protocol occurred", "data": refused})
        else:
            self.answer(400, {"error": "parsing failed for write_lp endpoint", "data": refused[0]})

    def query_sql(self, query, body):
        query.update(json.loads(body) if body else {})
        self.play("query", 0, query.get("q", ""))
        rows = self.rows.query(query.get("db", ""), query.get("q", ""))
        if query.get("format", "json") == "json":
            self.answer(200, rows)
        else:
            self.answer(200, "".join(json.dumps(row) + "\n" for row in rows))

    def make_database(self, _, body):
        wanted = json.loads(body)
        self.rows.make_database(wanted["db"], wanted.get("retention_period"))
        self.kept("make_database", wanted["db"], wanted.get("retention_period"))
        self.answer(200)

    def retain(self, _, body):
        wanted = json.loads(body)
        self.rows.retain(wanted["db"], wanted["retention_period"])
        self.kept("retain", wanted["db"], wanted["retention_period"])
        self.answer(200)

    def delete_database(self, query, _):
        self.rows.delete_database(query["db"])
        self.kept("delete_database", query["db"])
        self.answer(200)

    def make_table(self, _, body):
        wanted = json.loads(body)
        types = {field["name"]: CONFIGURED[field["type"]] for field in wanted["fields"]}
        self.rows.make_table(wanted["db"], wanted["table"], wanted["tags"], types)
        self.kept("make_table", wanted["db"], wanted["table"], wanted["tags"], types)
        self.answer(200)

    def kept(self, *call):
        """Before an answer tells of it."""
        if self.log is not None:
            self.log.keep(call)

    def ping(self, *_):
        self.answer(200, {"version": "3.6.0", "revision": "test", "process_id": "test"})

    def health(self, *_):
        self.answer(200, "OK")

    def control(self, _, body):
        wanted = json.loads(body)
        with self.rows.lock:
            self.rows.faults = wanted.get("faults", self.rows.faults)
            self.rows.token = wanted.get("token", self.rows.token)
            self.rows.lose(wanted.get("lose_s", 0))
        self.answer(204)

    def stats(self, *_):
        self.answer(200, self.rows.stats())

    def points(self, *_):
        with self.rows.lock:
            table = self.rows.databases.get("market", {}).get("ticker", Table())
            points = [[dict(tags)["coin"], stamp, fields] for (tags, stamp), fields in table.points.items()]
        self.answer(200, points)


PATHS = {
    ("POST", "/api/v3/write_lp"): Handler.write_lp,
    ("POST", "/api/v2/write"): Handler.write_lp,
    ("GET", "/api/v3/query_sql"): Handler.query_sql,
    ("POST", "/api/v3/query_sql"): Handler.query_sql,
    ("POST", "/api/v3/configure/database"): Handler.make_database,
    ("PUT", "/api/v3/configure/database"): Handler.retain,
    ("DELETE", "/api/v3/configure/database"): Handler.delete_database,
    ("POST", "/api/v3/configure/table"): Handler.make_table,
    ("GET", "/ping"): Handler.ping,
    ("GET", "/health"): Handler.health,
    ("POST", "/control"): Handler.control,
    ("GET", "/control/stats"): Handler.stats,
    ("GET", "/control/points"): Handler.points,
}


def main():
    parser = argparse.ArgumentParser(description="InfluxDB 3 for tests; loopback only")
    parser.add_argument("--port", type=int, default=0, help="0: any free one")
    parser.add_argument("--token", default="", help="asked of every request but /control")
    parser.add_argument("--data-dir", default="", help="a folder for what is written; without: memory alone")
    options = parser.parse_args()
    Handler.rows = Rows(options.token)
    if options.data_dir:
        Handler.log = Log(options.data_dir)
        Handler.log.read(Handler.rows)
    server = ThreadingHTTPServer(("127.0.0.1", options.port), Handler)
    server.daemon_threads = True
    print(server.server_address[1], flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
