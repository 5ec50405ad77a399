"""A broker that answers as far as a client needs to find out what is wrong with it: ApiVersions, Metadata and SASL.

Formats: Kafka's protocol guide (kafka.apache.org/protocol), of the versions that are named in VERSIONS."""

import socketserver
import ssl
import struct
import threading

METADATA, SASL_HANDSHAKE, API_VERSIONS, SASL_AUTHENTICATE = 3, 17, 18, 36
# What it says that it takes; of the others no request is answered.
VERSIONS = {1: (4, 4), 2: (1, 2), METADATA: (0, 4), 9: (0, 3), 10: (0, 2), 15: (0, 2), 16: (0, 2), SASL_HANDSHAKE: (0, 1),
            API_VERSIONS: (0, 3), SASL_AUTHENTICATE: (0, 1)}
UNSUPPORTED_VERSION, SASL_AUTHENTICATION_FAILED = 35, 58
LARGEST_REQUEST = 1 << 20


def text(words):
    return struct.pack(">h", len(words)) + words.encode()


def api_versions(version):
    if version > VERSIONS[API_VERSIONS][1]:
        return struct.pack(">hi", UNSUPPORTED_VERSION, 1) + struct.pack(">hhh", API_VERSIONS, *VERSIONS[API_VERSIONS])
    ranges = [struct.pack(">hhh", key, *span) for key, span in VERSIONS.items()]
    if version == 3:  # compact arrays and tagged fields (KIP-482)
        return struct.pack(">hB", 0, len(ranges) + 1) + b"".join(each + b"\0" for each in ranges) + struct.pack(">iB", 0, 0)
    return struct.pack(">hi", 0, len(ranges)) + b"".join(ranges) + (struct.pack(">i", 0) if version > 0 else b"")


def topics_of(body):
    (count,), at, names = struct.unpack_from(">i", body), 4, []
    for _ in range(max(count, 0)):
        (length,) = struct.unpack_from(">h", body, at)
        names.append(body[at + 2 : at + 2 + length].decode())
        at += 2 + length
    return names


def metadata(body, host, port):
    """Version 4: this broker, number 1, leads the one partition of each topic that is asked for."""
    broker = struct.pack(">i", 1) + text(host) + struct.pack(">i", port) + struct.pack(">h", -1)
    partition = struct.pack(">hii", 0, 0, 1) + struct.pack(">ii", 1, 1) + struct.pack(">ii", 1, 1)
    topics = [struct.pack(">h", 0) + text(name) + b"\0" + struct.pack(">i", 1) + partition for name in topics_of(body)]
    return (struct.pack(">ii", 0, 1) + broker + text("stand-in") + struct.pack(">i", 1)
            + struct.pack(">i", len(topics)) + b"".join(topics))


class Connection(socketserver.StreamRequestHandler):
    def answer(self, key, version, body):
        if key == API_VERSIONS:
            return api_versions(version)
        if key == METADATA and version == VERSIONS[METADATA][1]:
            return metadata(body, *self.server.advertised)
        if key == SASL_HANDSHAKE:
            return struct.pack(">hi", 0, 1) + text("PLAIN")
        if key == SASL_AUTHENTICATE:
            return (struct.pack(">h", SASL_AUTHENTICATION_FAILED) + text(self.server.refusal) + struct.pack(">i", 0)
                    + (struct.pack(">q", 0) if version > 0 else b""))
        return None

    def handle(self):
        try:
            while head := self.rfile.read(4):
                (size,) = struct.unpack(">i", head)
                if not 0 < size <= LARGEST_REQUEST:
                    return  # as a broker does to what is no request
                request = self.rfile.read(size)
                key, version, number, name = struct.unpack_from(">hhih", request)
                answer = self.answer(key, version, request[10 + max(name, 0) :])
                if answer is not None:
                    self.wfile.write(struct.pack(">ii", 4 + len(answer), number) + answer)
        except (OSError, struct.error):
            pass  # the client left in the middle


class KafkaStandIn(socketserver.ThreadingTCPServer):
    """Listens on a free port of 127.0.0.1 while it is a context. `advertised`: the host that it tells to clients; `refusal`: what it
    says to each password; `tls`: an SSLContext."""

    daemon_threads = True

    def __init__(self, advertised="127.0.0.1", refusal="", tls=None):
        super().__init__(("127.0.0.1", 0), Connection)
        self.tls, self.refusal = tls, refusal
        self.port = self.server_address[1]
        self.address = f"127.0.0.1:{self.port}"
        self.advertised = (advertised, self.port)
        self.thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05})

    def finish_request(self, request, client_address):
        try:
            if self.tls is not None:
                request = self.tls.wrap_socket(request, server_side=True)
        except (OSError, ssl.SSLError):
            return
        super().finish_request(request, client_address)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()
        self.thread.join()
