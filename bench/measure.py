"""One contender, once: a whole process, from its start to its last line in the sink, with what it cost."""

import json
import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

from stage import Failed, Part

NS = 1e9
STALLED_S = 60


@dataclass
class Result:
    lines: int  # delivered: messages, or lines in the sink
    wanted: int
    seconds: float
    cpu_s: float
    rss_mib: float
    first_s: float = 0  # from the start to the first line, where that is known
    duplicates: int = 0
    uncommitted: int = 0

    @property
    def rate(self):
        return self.lines / self.seconds

    @property
    def cpu_per_million(self):
        return self.cpu_s * 1e6 / self.lines


class Timed(Part):
    """A command under bench/timed, which passes signals on and tells the costs."""

    def __init__(self, stage, name, command):
        self.report = stage.folder / f"{name}.json"
        self.report.unlink(missing_ok=True)
        super().__init__(stage, name, [stage.tools / "timed", self.report, *command])
        self.stage = stage

    def child(self):
        pid = self.process.pid
        return int(Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0])

    def end(self, seconds=30):
        if self.runs():
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(seconds)
            except Exception:
                os.kill(self.child(), signal.SIGKILL)
        return self.process.wait()

    def end_well(self):
        """A consumer runs until SIGTERM: one that then crashes or hangs is no measure."""
        code = self.end()
        if code not in (0, 128 + signal.SIGTERM):
            raise Failed(f"{self.name} ended with {code}:\n{self.last_words()}")

    def costs(self):
        """After its end: start and end (ns), CPU seconds, MiB."""
        self.stage.parts.remove(self)
        told = json.loads(self.report.read_text())
        return told["start_ns"], told["end_ns"], told["user_s"] + told["system_s"], told["max_rss_kib"] / 1024


def await_lines(part, lines_now, wanted, seconds, every=0.02):
    """Until so many lines are there; fails when the contender ends before, or when none comes for a minute."""
    deadline = time.monotonic() + seconds
    last, since = -1, time.monotonic()
    while (lines := lines_now()) < wanted:
        now = time.monotonic()
        if lines != last:
            last, since = lines, now
        if not part.runs():
            raise Failed(f"{part.name} has ended after {lines} of {wanted} lines:\n{part.last_words()}")
        if now > deadline or now - since > STALLED_S:
            raise Failed(f"{part.name} stands at {lines} of {wanted} lines:\n{part.last_words()}")
        time.sleep(every)


def into_sink(stage, name, command, sink, topic, group, wanted, whole=True, seconds=900):
    """A consumer that runs until SIGTERM. `whole`: `wanted` is all that the topic holds, so all must be committed too."""
    sink.reset()
    part = Timed(stage, name, command)
    await_lines(part, lambda: sink.counts()["lines"], wanted, seconds)
    part.end_well()
    start_ns, _, cpu_s, rss_mib = part.costs()
    counts = sink.counts()
    result = Result(counts["lines"], wanted, (counts["last_ns"] - start_ns) / NS, cpu_s, rss_mib, (counts["first_ns"] - start_ns) / NS)
    if whole:
        result.duplicates = counts["lines"] - wanted
        result.uncommitted = wanted - stage.committed(topic, group)
    return result


def into_store(stage, name, command, topic, group, wanted, seconds=900):
    """The same with a real store, which is not asked: what is committed has been written."""
    part = Timed(stage, name, command)
    await_lines(part, lambda: stage.committed(topic, group), wanted, seconds, every=0.1)
    end_ns = time.monotonic_ns()
    part.end_well()
    start_ns, _, cpu_s, rss_mib = part.costs()
    return Result(wanted, wanted, (end_ns - start_ns) / NS, cpu_s, rss_mib)


def to_its_end(stage, name, command, wanted, seconds=900):
    """A contender that ends by itself. One of bench's own tells on standard output how far it came and when."""
    part = Timed(stage, name, command)
    if part.wait(seconds) != 0:
        raise Failed(f"{name} failed:\n{part.last_words()}")
    start_ns, end_ns, cpu_s, rss_mib = part.costs()
    told = part.out.read_text()
    told = json.loads(told) if told.startswith("{") else {}
    start_ns = told.get("start_ns", start_ns)
    first_s = (told.get("first_ns", start_ns) - start_ns) / NS
    return Result(told.get("lines", wanted), wanted, (told.get("last_ns", end_ns) - start_ns) / NS, cpu_s, rss_mib, first_s)
