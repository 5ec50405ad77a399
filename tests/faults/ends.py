"""What stands at the far ends: librdkafka's in-process cluster, and the store that keeps every write."""

import json
import subprocess
import urllib.parse
import urllib.request

from parts import Failed, Part


class InProcessBrokers:
    """Three brokers in one process, which does wrong what it is told to: brokers_control.h."""

    real = False

    def __init__(self, program, folder, topics):
        self.part = Part("brokers", [program, *topics], folder, stdin=subprocess.PIPE)
        self.answers = open(self.part.out, "r")
        self.bootstrap = self._line()

    def _line(self):
        text = ""
        while not text.endswith("\n"):
            text += self.answers.readline()
            if not text and not self.part.runs():
                raise Failed(f"no brokers: {self.part.tail()}")
        return text.strip()

    def tell(self, *words):
        """One command; what it says when it cannot be done is a failure of the test."""
        line = " ".join(str(word) for word in words)
        self.part.process.stdin.write((line + "\n").encode())
        self.part.process.stdin.flush()
        answer = self._line()
        if answer != "ok":
            raise Failed(f"brokers: {line}: {answer}")

    def end(self):
        self.answers.close()
        self.part.process.stdin.close()
        self.part.wait(20)


def escape(text):
    return urllib.parse.quote(text, safe="")


class Store:
    """The fault store: fault_store.c."""

    def __init__(self, program, folder, name="store", seed=1):
        self.part = Part(name, [program, 0, seed], folder, stdin=subprocess.PIPE)
        with open(self.part.out, "r") as out:
            port = ""
            while not port.endswith("\n"):
                port += out.readline()
        self.url = f"http://127.0.0.1:{int(port)}"

    def post(self, path, text):
        request = urllib.request.Request(self.url + path, text.encode(), method="POST")
        urllib.request.urlopen(request, timeout=30).close()

    def get(self, path):
        with urllib.request.urlopen(self.url + path, timeout=120) as answer:
            return answer.read().decode()

    def script(self, *rules):
        """Each rule a dict of fault_script.h's words, with _ for -."""
        lines = (" ".join(f"{key.replace('_', '-')}={escape(str(value))}" for key, value in rule.items()) for rule in rules)
        self.post("/script", "\n".join(lines))

    def counts(self):
        return json.loads(self.get("/counts"))

    def requests(self):
        """Of each write: seconds, answer (0: none), lines, bytes, with a token or without."""
        rows = (line.split() for line in self.get("/requests").splitlines())
        return [(int(at) / 1e9, int(status), int(lines), int(size), token == "1") for at, status, lines, size, token in rows]

    def end(self):
        self.part.end()
