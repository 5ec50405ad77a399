#!/usr/bin/env python3
"""The rules of the folders, checked in the files that git tracks. A breach is told with file, line and rule; exit status 1.

- A file of src includes its own folder and the floors below it, never a floor above and never its neighbours on the same floor.
- The stages know nothing of each other: only what stands above them joins them.
- Each folder of src has a floor and a README.md that says what lives there.
- No folder of the repository holds more than 40 files.
- The include guard of a header of src is its path.
"""
import collections
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
FILES_MAX = 40
STAGES = {"registry", "kafka", "source", "store", "web"}
# From the ground up. "." is main.c.
FLOORS = [
    ["base/compiler"],
    ["base/text"],
    ["base"],
    ["base/http"],
    ["base/sorter"],
    ["base/websocket"],
    ["record"],
    ["market"],
    ["terminal"],
    ["registry/codec", "kafka/client", "source", "store", "web"],
    ["source/bars", "source/service"],
    ["registry/client", "registry/server", "kafka/admin", "source/binance", "source/bitfinex", "source/coingecko", "source/coinmarketcap", "source/news", "source/replay", "source/synthetic",
     "store/influx", "store/sqlite"],
    ["kafka/producer", "kafka/reader", "source/bitfinex_trades", "store/open"],
    ["kafka/consumer"],
    ["fake_exchange"],
    ["cli", "pipeline"],
    ["page/history", "page/lag", "page/markets", "page/messages", "lab/model"],
    ["page", "verify"],
    ["commands/sources", "commands/watch"],
    ["commands"],
    ["commands/page"],
    ["commands/demo", "commands/top"],
    ["lab/report"],
    ["lab/run"],
    ["."],
]
FLOOR_OF = {folder: floor for floor, folders in enumerate(FLOORS) for folder in folders}
INCLUDE = re.compile(r'\s*#\s*include\s*"([^"]+)"')


def broken_rule(folder, other):
    """Why a file of `folder` must not include one of `other`; None: it may."""
    stage, other_stage = folder.split("/")[0], other.split("/")[0]
    if folder == other:
        return None
    if stage != other_stage and {stage, other_stage} <= STAGES:
        return f"a stage never includes another, and {stage} and {other_stage} are stages"
    if FLOOR_OF[other] > FLOOR_OF[folder]:
        return f"a folder includes only what is below it, and src/{other} is above src/{folder}"
    if FLOOR_OF[other] == FLOOR_OF[folder]:
        return f"a folder includes only what is below it, and src/{other} is beside src/{folder}"
    return None


def include_breaches(sources, known):
    for source in sources:
        folder = str(pathlib.PurePath(source).relative_to("src").parent)
        for number, line in enumerate((ROOT / source).read_text().splitlines(), 1):
            match = INCLUDE.match(line)
            if not match:
                continue
            if f"src/{match[1]}" not in known:
                yield f'{source}:{number}: there is no src/{match[1]}; an include names the path from src'
                continue
            rule = broken_rule(folder, str(pathlib.PurePath(match[1]).parent))
            if rule:
                yield f'{source}:{number}: includes "{match[1]}": {rule}'


def guard_breaches(sources):
    for source in sources:
        if source.endswith(".h"):
            path = re.sub(r"\W", "_", str(pathlib.PurePath(source).relative_to("src")))
            guard = f"CANDLEWICK_{path.upper()}"
            if f"#ifndef {guard}\n#define {guard}\n" not in (ROOT / source).read_text():
                yield f"{source}: its include guard has to be {guard}"


def folder_breaches(files):
    counts = collections.Counter(str(pathlib.PurePath(file).parent) for file in files)
    for folder, count in sorted(counts.items()):
        if count > FILES_MAX:
            yield f"{folder}: {count} files; {FILES_MAX} at most: split it by what its files are about"


def source_folder_breaches(sources, known):
    for folder in sorted({str(pathlib.PurePath(source).relative_to("src").parent) for source in sources}):
        if folder not in FLOOR_OF:
            yield f"src/{folder}: has no floor: give it one in tests/folders.py"
        if str(pathlib.PurePath("src") / folder / "README.md") not in known:
            yield f"src/{folder}: has no README.md that says what lives there and what it may include"


def breaches():
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    files = [file for file in listed.split("\0") if file and (ROOT / file).exists()]
    sources = [file for file in files if file.startswith("src/") and file.endswith((".c", ".h"))]
    known = set(files)
    yield from folder_breaches(files)
    yield from guard_breaches(sources)
    homeless = list(source_folder_breaches(sources, known))
    yield from homeless
    if not homeless:
        yield from include_breaches(sources, known)


if __name__ == "__main__":
    told = list(breaches())
    print("\n".join(told), end="\n" if told else "")
    sys.exit(1 if told else 0)
