"""What a run did, row by row of the fault matrix; written as docs/faults.md when it is asked for."""

import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass
class Line:
    row: str
    fault: str
    injected: str
    messages: int
    acknowledged: int
    lost: int
    duplicated: int
    rewritten: int
    conflicts: int
    dead_letters: int
    recovered_s: float
    seconds: float
    note: str = ""


HEAD = """# Faults: what was injected, and what came of it

Written by `tests/run.sh faults`: each line is one test that passed. The seed of this run was {seed}, its scale {scale:g} (1: the full counts); its rows took
{minutes:.0f} minutes on {machine}.

- **messages**: in the topic after the run. **lost**: acknowledged by Kafka and neither stored nor a dead letter; or in the log and not stored.
- **twice**: ticks that are stored under two identities, or told twice by the producer.
- **written again**: writes that repeated what was there, byte for byte: redelivery, which is harmless.
- **conflicts**: one identity (table, coin, time) written with two different sets of fields. None may be.
- **recovered**: seconds from the end of the last fault (and of the last tick) until everything in the log was committed.

| row | fault | injected | messages | lost | twice | conflicts | written again | dead letters | recovered |
|---|---|---|---:|---:|---:|---:|---:|---:|---:|
"""


def order(line):
    return [int(word) if word.isdigit() else word for word in re.split(r"(\d+)", line.row)]


def markdown(lines, seed, scale, machine):
    minutes = max(1, sum(line.seconds for line in lines) / 60)
    text = HEAD.format(seed=seed, scale=scale, minutes=minutes, machine=machine)
    total = {key: 0 for key in ("messages", "lost", "duplicated", "conflicts", "rewritten", "dead_letters")}
    for line in sorted(lines, key=order):
        for key in total:
            total[key] += getattr(line, key)
        text += (
            f"| {line.row} | {line.fault} | {line.injected} | {line.messages:,} | {line.lost:,} | {line.duplicated:,} | {line.conflicts:,}"
            f" | {line.rewritten:,} | {line.dead_letters:,} | {line.recovered_s:.1f} s |\n")
    text += (
        f"| | **together** | | **{total['messages']:,}** | **{total['lost']:,}** | **{total['duplicated']:,}** | **{total['conflicts']:,}**"
        f" | {total['rewritten']:,} | {total['dead_letters']:,} | |\n")
    notes = [f"- Row {line.row}: {line.note}\n" for line in sorted(lines, key=order) if line.note]
    return text + ("\n## Notes\n\n" + "".join(notes) if notes else "")


def merged(path, lines):
    """The lines of this run, and of those before it that were kept in `path` and are not of the same test."""
    if not path:
        return lines
    kept = [Line(**line) for line in json.loads(Path(path).read_text())] if Path(path).exists() else []
    done = {(line.row, line.fault) for line in lines}
    lines = lines + [line for line in kept if (line.row, line.fault) not in done]
    Path(path).write_text(json.dumps([asdict(line) for line in lines], indent=1))
    return lines
