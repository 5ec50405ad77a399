"""What is told when a service does not answer: the address that was tried, the reason in the words of who knows it, and a remedy that
fits that reason. `./launch.sh` is one of them only where this machine refuses the connection."""

import contextlib
import http.server
import os
import socket
import ssl
import subprocess
import threading
import time

import pytest
from confluent_kafka import Producer

from conftest import BINARY
from kafka_stand_in import KafkaStandIn

START = "launch.sh"
NAMED = "--brokers (KAFKA_BROKERS)"
ADVERTISED = "advertised.listeners"
SECURITY = "-X security.protocol"
REFUSAL = "no such user, or another password"
ABSENT = "no-such-host.invalid"  # RFC 6761, 6.4: never resolved

KAFKA_COMMANDS = {
    "status": [],
    "tail": ["--registry", "http://127.0.0.1:1"],
    "verify": ["--registry", "http://127.0.0.1:1", "--store", "sqlite:market.db"],
    "replay": ["--since", "first", "--registry", "http://127.0.0.1:1", "--store", "sqlite:market.db"],
    "dlq": [],
    "dlq retry": ["--registry", "http://127.0.0.1:1", "--store", "sqlite:market.db"],
    "lab run": ["--scenario", "join"],
}


def closed_port(host):
    with socket.socket() as free:
        free.bind((host, 0))
        return f"{host}:{free.getsockname()[1]}"


def own_address():
    """An address of this machine that is not loopback; None where it has none. Nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return None
        address = probe.getsockname()[0]
    return None if address.startswith("127.") else address


@contextlib.contextmanager
def silent():
    """Takes connections and never answers."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(64)
        yield "127.0.0.1:%d" % server.getsockname()[1]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    cert, key = folder / "cert.pem", folder / "key.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", cert, "-days", "2", "-subj",
                    "/CN=throw-away", "-addext", "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True, timeout=60)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    return context


ENVIRONMENT = {key: os.environ[key] for key in ("PATH", "HOME", "TMPDIR", "ASAN_OPTIONS") if key in os.environ}


def launch(folder, *words):
    return subprocess.Popen([str(BINARY), *words], cwd=folder, env=ENVIRONMENT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True)


def end(process, wait=60):
    out, err = process.communicate(timeout=wait)
    return process.returncode, out, err


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """With a store that holds a tick: what reads it does not end at that."""
    folder = tmp_path_factory.mktemp("away")
    (folder / "ticks.csv").write_text("time,symbol,last_price\n1700000000,tBTCUSD,100\n")
    code, _, err = end(launch(folder, "demo", "--source", "replay:ticks.csv", "--speed", "max", "--store", "sqlite:market.db",
                              "--listen", "127.0.0.1:0"))
    assert code == 0, err
    return folder


# Of each: what the last lines tell, and what they do not.
KAFKA_FAULTS = {
    "refused": (["/bootstrap", "onnection refused", START], [ADVERTISED]),
    "refused elsewhere": (["/bootstrap", "onnection refused", NAMED], [START]),
    "name unknown": ([f"{ABSENT}:9092/bootstrap", f"Failed to resolve '{ABSENT}", NAMED], [START, ADVERTISED]),
    "advertised name unknown": ([f"{ABSENT}:", f"Failed to resolve '{ABSENT}", ADVERTISED], [START, "/bootstrap"]),
    "advertised is refused": (["127.0.0.2:", "onnection refused", ADVERTISED], [START, "/bootstrap"]),
    "TLS to a plain port": (["ssl://127.0.0.1:", "SSL", SECURITY], [START]),
    "plain to a TLS port": (["127.0.0.1:", "/bootstrap", SECURITY], [START]),
    "certificate unknown": (["ssl://127.0.0.1:", "certificate", "ssl.ca.location"], [START]),
    "login refused": (["sasl_plaintext://127.0.0.1:", "SASL", REFUSAL, "sasl.password.file"], [START]),
    "silent": (["no answer from the brokers within", "does not answer as a broker does", NAMED], [START]),
}


@pytest.fixture(scope="module")
def kafka_answers(folder, certificate):
    """{(fault, command): (exit code, output, errors)}; all at once, since most of it is waiting."""
    password = folder / "password"
    password.write_text("s3cret\n")
    password.chmod(0o600)
    login = ["-X", "security.protocol=sasl_plaintext", "-X", "sasl.mechanism=PLAIN", "-X", "sasl.username=me",
             "-X", f"sasl.password.file={password}"]
    with contextlib.ExitStack() as stack:
        plain = stack.enter_context(KafkaStandIn(refusal=REFUSAL))
        shielded = stack.enter_context(KafkaStandIn(tls=certificate))
        nowhere = stack.enter_context(KafkaStandIn(advertised=ABSENT))
        elsewhere = stack.enter_context(KafkaStandIn(advertised="127.0.0.2"))
        outside = own_address()
        ends = {
            "refused": [closed_port("127.0.0.1")],
            "refused, logged": [closed_port("127.0.0.1"), "--log-level", "info"],
            "refused elsewhere": [closed_port(outside)] if outside else None,
            "name unknown": [f"{ABSENT}:9092"],
            "advertised name unknown": [nowhere.address],
            "advertised is refused": [elsewhere.address],
            "TLS to a plain port": [plain.address, "-X", "security.protocol=ssl"],
            "plain to a TLS port": [shielded.address],
            "certificate unknown": [shielded.address, "-X", "security.protocol=ssl"],
            "login refused": [plain.address, *login],
            "silent": [stack.enter_context(silent())],
        }
        running = {(fault, command): launch(folder, *command.split(), *options, "--brokers", *words)
                   for fault, words in ends.items() if words is not None for command, options in KAFKA_COMMANDS.items()
                   if not (command == "lab run" and "advertised" in fault)}  # it would make topics and members, which takes minutes
        return {which: end(process) for which, process in running.items()}


@pytest.mark.parametrize("command", KAFKA_COMMANDS)
@pytest.mark.parametrize("fault", KAFKA_FAULTS)
def test_brokers_that_cannot_be_asked_are_named_with_reason_and_remedy(kafka_answers, fault, command):
    if (fault, command) not in kafka_answers:
        pytest.skip("no address but loopback, or a command that only begins with this")
    code, out, err = kafka_answers[fault, command]
    told = "\n".join(err.splitlines()[-2:])
    wanted, unwanted = KAFKA_FAULTS[fault]
    assert code == 1 and out == "", (out, err)
    assert told.startswith("candlewick: "), err
    for words in wanted:
        assert words in told, err
    for words in unwanted:
        assert words not in told, err
    assert "s3cret" not in err


@pytest.mark.parametrize("command", ["status", "tail", "verify", "dlq"])
def test_commands_that_read_log_nothing_unless_they_are_asked_to(kafka_answers, command):
    assert "level=" not in kafka_answers["refused", command][2]
    assert "event=kafka" in kafka_answers["refused, logged", command][2]


class Answering(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = b'{"error_code": 401, "message": "Unauthorized"}'
        self.send_response(401)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_PUT = do_GET

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def refusing(tls=None):
    """An HTTP server that wants a login; gives its address without a scheme."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answering) as server:
        address = "127.0.0.1:%d" % server.server_address[1]
        if tls:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield address
        server.shutdown()
        thread.join()


HTTP_FAULTS = {
    "refused": (["onnection refused", START], []),
    "name unknown": ([ABSENT, "host name not found"], [START]),
    "https to a plain port": (["TLS failed", "http:// in place of https://"], [START]),
    "http to a TLS port": (["https:// in place of http://"], [START]),
    "certificate unknown": (["TLS failed", "CA file"], [START]),
    "login refused": (["answered 401", "Unauthorized"], [START]),
}


@pytest.fixture(scope="module")
def http_answers(folder, certificate):
    """{(fault, service): (the URL, errors)} of `candles` for the store, `prepare` for the registry."""
    with contextlib.ExitStack() as stack:
        plain, shielded = stack.enter_context(refusing()), stack.enter_context(refusing(certificate))
        urls = {
            "refused": f"http://{closed_port('127.0.0.1')}",
            "name unknown": f"http://{ABSENT}:8086",
            "https to a plain port": f"https://{plain}",
            "http to a TLS port": f"http://{shielded}",
            "certificate unknown": f"https://{shielded}",
            "login refused": f"http://{plain}",
        }
        brokers = stack.enter_context(KafkaStandIn()).address
        running = {}
        for fault, url in urls.items():
            running[fault, "store"] = launch(folder, "candles", "--store", url)
            running[fault, "registry"] = launch(folder, "prepare", "--wait", "1s", "--brokers", brokers, "--registry", url,
                                                "--store", "sqlite:market.db", "--log-level", "off")
        return {which: (urls[which[0]], end(process)) for which, process in running.items()}


@pytest.mark.parametrize("service", ["store", "registry"])
@pytest.mark.parametrize("fault", HTTP_FAULTS)
def test_a_store_or_registry_that_cannot_be_asked_is_named_with_reason_and_remedy(http_answers, fault, service):
    url, (code, _, err) = http_answers[fault, service]
    wanted, unwanted = HTTP_FAULTS[fault]
    assert code == 1 and url in err, err
    for words in wanted:
        assert words in err, err
    for words in unwanted:
        assert words not in err, err
    option = {"store": "--token-file", "registry": "--registry-password-file"}[service]
    assert (option in err) == (fault == "login refused"), err


def test_a_registry_that_wants_a_login_is_named_by_what_reads_messages(folder, brokers):
    with refusing() as registry:
        address = brokers("tickers:1")
        producer = Producer({"bootstrap.servers": address})
        producer.produce("tickers", key="tBTCUSD", value=b"\x00\x00\x00\x00\x01rest")
        assert producer.flush(20) == 0
        begin = time.monotonic()
        code, _, err = end(launch(folder, "replay", "--since", "first", "--brokers", address, "--registry", f"http://{registry}",
                                  "--store", "sqlite:market.db"))
    assert code == 1 and time.monotonic() - begin < 40
    last = [line for line in err.splitlines() if line.startswith("candlewick: ")][-1]
    assert f"http://{registry}" in last and "answered 401" in last and "--registry-password-file" in last, err
    assert START not in err
