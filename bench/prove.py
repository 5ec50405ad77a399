"""That a contender does the whole job: its lines carry the same coins, times and figures, bit for bit, as the file of ticks."""

import csv
from collections import Counter

from contenders import Run
from measure import Timed, await_lines
from stage import Failed, Sink

TICKS = 1000
FIGURES = ("last_price", "bid", "bid_size", "ask", "ask_size", "daily_change", "daily_change_relative", "volume", "high", "low")


def ticks_of_file(path):
    with open(path, encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield row["symbol"], int(row["time"]) * 1_000_000, *(float(row[name]) for name in FIGURES)


def tick_of_line(line):
    """Of line protocol without escapes: no made coin needs one."""
    series, fields, time = line.split(" ")
    measurement, tag = series.split(",")
    figures = dict(field.split("=") for field in fields.split(","))
    if measurement != "ticker":
        raise Failed(f"a line of another table: {line}")
    return tag.split("=")[1], int(time), *(float(figures[name]) for name in FIGURES)


def prove(stage, contender, topic, path):
    """The digest of its lines: the same for the same bytes in any order."""
    kept = stage.folder / f"kept-{contender.name}"
    sink = Sink(stage, "--digest", "--keep", kept)
    name = f"{contender.name}-proof"
    part = Timed(stage, name, contender.command(Run(stage, topic, stage.new_group("proof"), sink.url, TICKS)))
    await_lines(part, lambda: sink.counts()["lines"], TICKS, 60)
    part.end_well()
    part.costs()
    digest = sink.counts()["digest"]
    sink.end()
    lines = [line for line in kept.read_text().splitlines() if line and not line.startswith("# ")]
    wrong = Counter(ticks_of_file(path))
    wrong.subtract(map(tick_of_line, lines))
    if any(wrong.values()):
        tick = next(tick for tick, count in wrong.items() if count)
        raise Failed(f"{contender.title}: its lines are not the ticks, at {tick}")
    return digest
