"""Processes of a test: started with their output in files, watched through /proc, ended by pid."""

import json
import os
import re
import signal
import socket
import subprocess
import time
from pathlib import Path


class Failed(AssertionError):
    """What a test says when a promise does not hold."""


def wait_for(condition, seconds, what, every=0.05):
    """The first true answer of condition()."""
    deadline = time.monotonic() + seconds
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise Failed(f"{what() if callable(what) else what}: not within {seconds} s")
        time.sleep(every)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def logfmt(line):
    """The key=value pairs of a log line."""
    pairs = {}
    for key, quoted, plain in re.findall(r'(\S+?)=(?:("(?:[^"\\]|\\.)*")|(\S*))', line):
        pairs[key] = json.loads(quoted) if quoted else plain
    return pairs


class Part:
    """One process. Signals it gets, it gets by its pid."""

    def __init__(self, name, arguments, folder, environment=None, files=None, **popen):
        self.name = name
        self.arguments = [str(argument) for argument in arguments]
        self.out, self.err = folder / f"{name}.out", folder / f"{name}.log"
        with open(self.out, "wb") as out, open(self.err, "wb") as err:
            self.process = subprocess.Popen(
                self.arguments, cwd=folder, env=environment, stdout=out, stderr=err,
                **{"stdin": subprocess.DEVNULL, **popen})

    @property
    def pid(self):
        return self.process.pid

    def runs(self):
        return self.process.poll() is None

    def log(self):
        return self.err.read_text(errors="replace")

    def tail(self, lines=15):
        return f"{self.name}, exit code {self.process.poll()}:\n" + "\n".join(self.log().splitlines()[-lines:])

    def events(self, name):
        return [logfmt(line) for line in self.log().splitlines() if f" event={name}" in line]

    def wait_event(self, name, seconds=30):
        def look():
            found = self.events(name)
            if not found and not self.runs():
                raise Failed(f"ended without event {name}: {self.tail()}")
            return found

        return wait_for(look, seconds, lambda: f"event {name} of {self.tail()}")[0]

    def takes_sigterm(self):
        """Its main has begun: before that the system itself ends it, without a word."""
        blocked = re.search(r"^SigBlk:\s+(\w+)", Path(f"/proc/{self.pid}/status").read_text(), re.M)
        return blocked and int(blocked.group(1), 16) >> (signal.SIGTERM - 1) & 1

    def send(self, number):
        if self.runs():
            self.process.send_signal(number)

    def wait(self, seconds):
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise Failed(f"has not ended within {seconds} s: {self.tail()}") from None

    def stop(self, seconds=30):
        """SIGTERM; its exit code."""
        self.send(signal.SIGTERM)
        return self.wait(seconds)

    def kill(self):
        self.send(signal.SIGKILL)
        self.wait(10)

    def end(self):
        """For the end of a test: whatever state it is in."""
        if self.process.stdin is not None:
            self.process.stdin.close()
        if self.runs():
            self.send(signal.SIGCONT)
            self.kill()

    def figures(self):
        """Resident memory in MiB (now and at most), open files, threads."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        number = {key: int(value) for key, value in re.findall(r"^(\w+):\s+(\d+)", status, re.M)}
        return {
            "rss_mib": number["VmRSS"] / 1024,
            "peak_mib": number["VmHWM"] / 1024,
            "files": len(os.listdir(f"/proc/{self.pid}/fd")),
            "threads": number["Threads"],
        }


def run(arguments, folder, environment=None, seconds=60):
    """A command to its end; its standard output."""
    done = subprocess.run(
        [str(a) for a in arguments], cwd=folder, env=environment, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=seconds)
    if done.returncode != 0:
        raise Failed(f"{' '.join(map(str, arguments))}: exit code {done.returncode}: {done.stderr}")
    return done.stdout
