"""P6 (docs/architecture.md): no secret in logs, arguments, metrics, errors; nothing listens beyond loopback; the page is for its own host."""

import http.server
import json
import os
import re
import resource
import signal
import socket
import ssl
import subprocess
import threading
import urllib.request
from pathlib import Path

import pytest

from conftest import BINARY, FIXTURES, get, wait_for

CANARY = "canary-4b81d0e7"
AWAY = "127.0.0.1:1"
LOOPBACK = ("0100007F", "00000000000000000000000001000000")  # as /proc/net/tcp and tcp6 write them


def secret_file(folder, name, mode=0o600):
    path = folder / name
    path.write_text(f"{CANARY}-{name}\n")
    path.chmod(mode)
    return path


class Hostile:
    """Answers `status` to everything, repeats what it was sent, and keeps it."""

    def __init__(self, status, tls=None, **headers):
        heads = self.heads = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def answer(self):
                heads.append(str(self.headers))
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                body = json.dumps({"error": f"no: {self.headers}", "headers": str(self.headers)}).encode()
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = do_PUT = answer

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = "http://%s:%d" % self.server.server_address
        if tls:
            self.server.socket = tls.wrap_socket(self.server.socket, server_side=True)
            self.url = "https" + self.url[4:]
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,))
        self.thread.start()

    def stop(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def hostile():
    servers = []

    def create(status, tls=None, **headers):
        servers.append(Hostile(status, tls, **headers))
        return servers[-1]

    yield create
    for server in servers:
        server.stop()


def fetch(url):
    status, headers, body = get(url)
    return f"{status} {headers} {body.decode(errors='replace')}"


def arguments_of(pid):
    return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()


def page_texts(page):
    paths = ("/", "/api/info", "/api/coins", "/api/status", "/api/candles?coin=tBTCUSD", "/api/messages?partition=0",
             "/metrics", "/healthz", "/api/nothing")
    return {path: fetch(page + path) for path in paths}


@pytest.mark.parametrize("properties", ["arguments", "environment", "file"])
def test_secrets_are_in_nothing_that_is_written_shown_or_served(start, brokers, hostile, tmp_path, properties):
    token, password = secret_file(tmp_path, "token"), secret_file(tmp_path, "password")
    sasl = {"security.protocol": "sasl_plaintext", "sasl.mechanism": "PLAIN", "sasl.username": "me",
            "sasl.password": f"{CANARY}-sasl", "debug": "broker,topic,msg,protocol,cgrp,fetch"}
    if properties == "file":
        del sasl["sasl.password"]
        sasl["sasl.password.file"] = secret_file(tmp_path, "sasl")
    pairs = [f"{key}={value}" for key, value in sasl.items()]
    store, registry = hostile(401), hostile(401)
    environment = {
        "KAFKA_BROKERS": brokers("tickers:6"), "SCHEMA_REGISTRY_URL": registry.url, "STORE": store.url, "LOG_LEVEL": "debug",
        "INFLUX_TOKEN_FILE": str(token), "SCHEMA_REGISTRY_USER": "me", "SCHEMA_REGISTRY_PASSWORD_FILE": str(password),
    }
    if properties == "environment":
        environment["KAFKA_PROPERTIES"] = ",".join(pair.replace("broker,topic,msg,protocol,cgrp,fetch", "broker") for pair in pairs)
        options = []
    else:
        options = [word for pair in pairs for word in ("-X", pair)]
    programs = {
        "produce": start("produce", "--source", "synthetic", "--metrics", "127.0.0.1:0", *options, environment=environment),
        "consume": start("consume", "--metrics", "127.0.0.1:0", *options, environment=environment),
        "serve": start("serve", "--listen", "127.0.0.1:0", *options, environment=environment),
        "prepare": start("prepare", "--wait", "1s", *options, environment=environment),
    }
    texts = {}
    for name in ("produce", "consume"):
        url = programs[name].wait_event("metrics")["url"]
        wait_for(lambda: get(url + "/healthz")[0] == 503, 10, "a part that is not well")
        texts[name + " metrics"], texts[name + " health"] = fetch(url + "/metrics"), fetch(url + "/healthz")
    texts |= page_texts(programs["serve"].wait_event("ready")["page"])
    wait_for(lambda: all("PLAIN" in p.log() or "SASL" in p.log() for p in programs.values()), 20, "a login that fails")
    wait_for(lambda: store.heads and registry.heads, 20, "store and registry were asked")
    assert any(f"Bearer {CANARY}-token" in head for head in store.heads)
    assert any("Basic " in head for head in registry.heads)
    for name, program in programs.items():
        if program.process.poll() is None and properties != "arguments":
            texts[name + " arguments"] = arguments_of(program.process.pid)
        program.stop()
        texts[name] = program.log() + "".join(program.output)
    shown = {where: re.findall(f".*{CANARY}.*", text) for where, text in texts.items() if CANARY in text}
    assert shown == {}


@pytest.mark.parametrize("arguments", [
    ["consume", "--store", f"http://me:{CANARY}@{AWAY}"],
    ["consume", "--store", f"http://me:1/{CANARY}@{AWAY}"],
    ["consume", "--store", f"http://{AWAY}/?token={CANARY}"],
    ["candles", "--store", f"http://{AWAY}/?token={CANARY}"],
    ["produce", "--registry", f"http://me:{CANARY}@{AWAY}"],
    ["produce", "--registry", f"http://{AWAY}#{CANARY}"],
    ["produce", "--exchange-url", f"https://me:{CANARY}@{AWAY}"],
    ["produce", "--brokers", f"me:{CANARY}@{AWAY}"],
    ["produce", "--listen", f"me:{CANARY}@{AWAY}"],
    ["produce", f"sasl.password={CANARY}"],
    ["produce", f"--sasl.password={CANARY}"],
    ["produce", "-X", f"sasl.pasword={CANARY}"],
    ["produce", "-X", f"security.protocol={CANARY}"],
    ["produce", "-X", CANARY],
    ["produce", "-X", f"sasl.mechanism=PLAIN,sasl.password={CANARY}"],
])
def test_a_secret_in_the_wrong_place_is_refused_and_not_repeated(run, arguments):
    code, out, err = run(*arguments)
    assert code == 2, err
    assert err.startswith("candlewick: ") and CANARY not in out + err


@pytest.mark.parametrize("command", ["consume", "serve", "candles", "prepare", "verify"])
def test_a_token_file_that_others_can_open_is_refused(run, tmp_path, command):
    token = secret_file(tmp_path, "token", 0o640)
    code, _, err = run(command, "--token-file", token, environment={"STORE": f"http://{AWAY}", "KAFKA_BROKERS": AWAY})
    assert code == 2 and "chmod 600" in err and CANARY not in err, err


def test_a_redirect_of_the_store_or_registry_is_not_followed(start, brokers, hostile, tmp_path):
    thief = hostile(200)
    detour = hostile(307, Location=thief.url + "/api/v3/write_lp")
    options = ["--registry", detour.url, "--registry-user", "me", "--registry-password-file", secret_file(tmp_path, "password"),
               "--store", detour.url, "--token-file", secret_file(tmp_path, "token"), "--brokers", brokers("tickers:6")]
    code = start("prepare", "--wait", "2s", *options).wait(20)
    assert code == 1
    assert any(CANARY in head for head in detour.heads) and any("Basic" in head for head in detour.heads)
    assert thief.heads == []


def self_signed(folder, name):
    """A certificate of its own authority for `name`, an openssl subjectAltName, and its key."""
    cert, key = folder / f"{name[-3:]}.pem", folder / f"{name[-3:]}.key"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", cert, "-days", "2", "-subj",
                    "/CN=throw-away", "-addext", f"subjectAltName={name}"], check=True, capture_output=True, timeout=60)
    return cert, key


@pytest.mark.parametrize("name, trusted, taken", [("IP:127.0.0.1", True, True), ("IP:127.0.0.1", False, False), ("IP:127.0.0.9", True, False)])
def test_tls_server_is_verified_before_it_gets_a_secret(run, hostile, tmp_path, name, trusted, taken):
    cert, key = self_signed(tmp_path, name)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    server = hostile(503, tls=context)
    store = ["--store", server.url, "--token-file", secret_file(tmp_path, "token"), *(["--ca-file", cert] if trusted else [])]
    registry = ["--registry", server.url, "--registry-user", "me", "--registry-password-file", secret_file(tmp_path, "password"),
                *(["--registry-ca-file", cert] if trusted else [])]
    code, _, err = run("prepare", "--wait", "1s", "--brokers", AWAY, *store, *registry)
    assert code == 1
    assert any(f"Bearer {CANARY}-token" in head for head in server.heads) == taken
    assert any("Authorization: Basic" in head for head in server.heads) == taken
    assert ("TLS failed" in err) != taken, err


def test_credentials_of_one_store_are_not_sent_to_another_named_by_hand(start, run, tmp_path, hostile):
    other = hostile(503)
    (tmp_path / "var").mkdir()
    token = secret_file(tmp_path, "token")
    (tmp_path / "var" / "run.env").write_text(f"STORE=http://{AWAY}\nINFLUX_TOKEN_FILE={token}\n")
    run("candles", "--store", other.url)
    assert other.heads and not any(CANARY in head for head in other.heads)


def listeners(pid):
    """Local addresses of the sockets on which a process listens, as the kernel tells them."""
    inodes = {os.readlink(link)[8:-1] for link in Path(f"/proc/{pid}/fd").iterdir()
              if os.path.islink(link) and os.readlink(link).startswith("socket:")}
    found = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and fields[9] in inodes:
                found.add(fields[1])
    return found


@pytest.mark.parametrize("command, event, count", [
    (["demo", "--source", "synthetic", "--listen", "127.0.0.1:0"], "ready", 5),  # 3 brokers, registry, page
    (["serve"], "ready", 1),
    (["registry"], "listening", 1),
    (["fake-exchange", "--data", FIXTURES / "bitfinex" / "tickers_all.json"], "listening", 1),
    (["produce", "--source", "synthetic"], "producing", 0),
    (["consume", "--store", "sqlite:market.db"], "consuming", 0),
])
def test_what_listens_by_default_listens_on_loopback(start, command, event, count):
    away = {"KAFKA_BROKERS": AWAY, "SCHEMA_REGISTRY_URL": f"http://{AWAY}", "STORE": f"http://{AWAY}"}
    program = start(*command, environment=away if command[0] != "demo" else {})
    wait_for(lambda: program.events(event) or program.process.poll(), 20, event)
    if program.process.poll():  # another one has the default port: then the address is in the error
        program.wait(5)
        assert "cannot listen on 127.0.0.1:" in program.log(), program.log()
        return
    addresses = listeners(program.process.pid)
    assert len(addresses) == count
    assert all(address.split(":")[0] in LOOPBACK for address in addresses), addresses


def raw(url, request):
    """Status and head of the answer to exactly these bytes; status 0 when the connection is just closed."""
    host, _, port = url.removeprefix("http://").rpartition(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(request.encode())
        answer = b""
        try:
            while b"\r\n\r\n" not in answer and (more := connection.recv(65536)):
                answer += more
        except ConnectionResetError:
            pass
    head = answer.partition(b"\r\n\r\n")[0].decode()
    return int(head.split()[1]) if head else 0, head


@pytest.fixture
def serve(start):
    program = start("serve", "--listen", "127.0.0.1:0", "--store", "sqlite:market.db", "--brokers", AWAY)
    return program.wait_event("ready")["page"]


def test_the_page_is_read_only_and_no_file_server(serve):
    for method in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "NONSENSE"):
        for path in ("/", "/api/status", "/healthz"):
            assert raw(serve, f"{method} {path} HTTP/1.1\r\nHost: localhost\r\n\r\n")[0] in (400, 405), (method, path)
    for path in ("/../etc/passwd", "/assets/../../../etc/passwd", "/assets/%2e%2e/%2e%2e/etc/passwd", "/assets//etc/passwd",
                 "/assets/..%5c..%5cetc%5cpasswd", "/var/run.env", "/market.db", "/.env", "//etc/passwd"):
        assert raw(serve, f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n")[0] == 404, path
    assert raw(serve, "GET /market.db%00.html HTTP/1.1\r\nHost: localhost\r\n\r\n")[0] == 400  # a NUL ends no path
    huge = "a" * 100000
    for request in (f"GET / HTTP/1.1\r\nHost: localhost\r\nX-Huge: {huge}\r\n\r\n", f"GET /{huge} HTTP/1.1\r\nHost: localhost\r\n\r\n",
                    "GET / HTTP/1.1\r\nHost: localhost\r\n" + "X-Many: 1\r\n" * 10000 + "\r\n"):
        assert raw(serve, request)[0] in (0, 400, 413, 414, 431)
    assert get(serve + "/")[0] == 200


def test_every_answer_has_the_security_headers_and_none_lets_another_site_read(serve):
    for path in ("/", "/assets/icon.svg", "/api/info", "/metrics", "/healthz", "/nothing"):
        _, headers, _ = get(serve + path)
        policy = headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy and "frame-ancestors 'none'" in policy and "unsafe" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert not [name for name in headers if name.lower().startswith("access-control-")]
        assert not headers["Server"] and not headers["Set-Cookie"]


@pytest.mark.parametrize("command", [
    ["serve", "--store", "sqlite:market.db", "--brokers", AWAY, "--listen", "127.0.0.1:0"],
    ["registry", "--listen", "127.0.0.1:0"],
    ["fake-exchange", "--data", FIXTURES / "bitfinex" / "tickers_all.json", "--listen", "127.0.0.1:0"],
    ["produce", "--source", "synthetic", "--brokers", AWAY, "--metrics", "127.0.0.1:0"],
])
def test_a_name_made_to_mean_this_machine_is_turned_away(start, command):
    program = start(*command)
    event = {"serve": "ready", "produce": "metrics"}.get(command[0], "listening")
    found = program.wait_event(event)
    url = found.get("page") or found["url"]
    for path in ("/", "/subjects", "/metrics", "/v2/tickers?symbols=ALL"):
        for host in ("evil.example", "evil.example:80", "127.0.0.1.evil.example", "localhost.evil.example"):
            status, head = raw(url, f"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n")
            assert status == 421, (path, host, head)
        for host in ("localhost", "127.0.0.1:8080", "[::1]:1", "board.localhost"):
            assert raw(url, f"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n")[0] != 421, (path, host)


def test_registry_takes_no_write_that_a_form_on_another_site_could_send(start):
    url = start("registry", "--listen", "127.0.0.1:0").wait_event("listening")["url"]
    body = json.dumps({"schema": '"string"'}).encode()
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        request = urllib.request.Request(url + "/subjects/x/versions", body, {"Content-Type": kind})
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(request, timeout=10)
        assert refused.value.code == 415
    assert get(url + "/subjects")[2] == b"[]"
    large = f"POST /subjects/x/versions HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: {64 << 20}\r\n\r\n"
    assert raw(url, large)[0] == 413


def test_a_crash_leaves_no_core_and_its_memory_is_nobody_elses():
    """As a user without root's powers where the tests run as root: files of a process that may be dumped would be its own."""
    def allow_cores():
        hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
        resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))

    user = 65534 if os.geteuid() == 0 else None
    try:
        process = subprocess.Popen([BINARY, "produce", "--source", "synthetic", "--brokers", AWAY], user=user, cwd="/", env={},
                                   stderr=subprocess.PIPE, text=True, preexec_fn=allow_cores)
    except PermissionError:
        pytest.skip("the program lies in a folder that other users cannot enter")
    try:
        assert "event=" in process.stderr.readline()
        limits = Path(f"/proc/{process.pid}/limits").read_text()
        assert re.search(r"Max core file size +0 +0 ", limits), limits
        for name in ("environ", "mem", "maps"):
            assert os.stat(f"/proc/{process.pid}/{name}").st_uid == 0, name
        process.send_signal(signal.SIGSEGV)
        _, status = os.waitpid(process.pid, 0)
        assert os.WTERMSIG(status) == signal.SIGSEGV and not os.WCOREDUMP(status)
        process.returncode = -signal.SIGSEGV
    finally:
        if process.returncode is None:
            process.kill()
            process.wait(10)
        process.stderr.close()


def release_build():
    cache = BINARY.parents[1] / "CMakeCache.txt"
    settings = cache.read_text() if cache.exists() else ""
    return "CMAKE_BUILD_TYPE:STRING=Release\n" in settings and "CANDLEWICK_SANITIZE:STRING=\n" in settings


@pytest.mark.skipif(not release_build(), reason="the release build is what is hardened")
def test_the_release_build_is_hardened():
    def readelf(*options):
        return subprocess.run(["readelf", "-W", *options, BINARY], capture_output=True, text=True, check=True, timeout=60).stdout

    assert "DYN (Position-Independent Executable" in readelf("-h")
    segments = readelf("-l")
    assert "GNU_RELRO" in segments
    assert re.search(r"GNU_STACK .* RW +0x", segments)
    assert not re.search(r"LOAD .* RWE ", segments)
    dynamic = readelf("-d")
    assert "BIND_NOW" in dynamic and re.search(r"FLAGS_1.* NOW PIE", dynamic)
    assert "TEXTREL" not in dynamic and "RPATH" not in dynamic and "RUNPATH" not in dynamic
    symbols = readelf("--dyn-syms")
    assert "__stack_chk_fail" in symbols
    for name in ("__memcpy_chk", "__snprintf_chk", "__read_chk"):
        assert name in symbols
    for name in (" gets@", " strcpy@", " strcat@"):
        assert name not in symbols, name
