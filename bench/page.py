"""The page over a month of prices in a SQLite file: how long its answers take, its first paint and its chart, and what an idle tab costs."""

import gzip
import json
import random
import shutil
import subprocess
import time
import urllib.request
from pathlib import Path
from statistics import median

import bars
from stage import Failed, Part, address_in, say, wait_for

COINS, DAYS, POLL_S = ("tBTCUSD", "tETHUSD", "tXRPUSD"), 30, 5
CACHED_S = 3.2  # an answer about all coins may be as old as 3 s: asked again later, it is made anew
TIMES = 5
IDLE_S, TABS = 20, 5
AWAY = "127.0.0.1:1"
TESTS = Path(__file__).parents[1] / "tests" / "browser"


def make_file(path):
    """A random walk of each coin, up to now."""
    rows, now, walk = DAYS * 86_400 // POLL_S, int(time.time()), random.Random(1)
    prices = [96_000.0, 3_600.0, 2.8]
    with path.open("w", encoding="ascii") as file:
        file.write("time,symbol,last_price,volume\n")
        for second in range(now - rows * POLL_S, now, POLL_S):
            for i, coin in enumerate(COINS):
                prices[i] *= 1 + walk.gauss(0, 2e-4)
                file.write(f"{second},{coin},{prices[i]:.4f},{1000 + i}\n")
    return rows * len(COINS)


def make_store(stage):
    say(f"==> {DAYS} days of {len(COINS)} coins, one price each {POLL_S} s")
    file = stage.folder / "month.csv"
    rows, store = make_file(file), f"sqlite:{stage.folder}/month.db"
    # The demo ends by itself when all of the file is stored.
    stage.run("demo", [stage.program, "demo", "--source", f"replay:{file}", "--speed", "max", "--coins", "ALL", "--store", store, "--listen", "127.0.0.1:0"], 900)
    say(f"    {rows:,} ticks")
    return store


def ask(url):
    """(milliseconds, what the answer is), as a browser asks for it."""
    request = urllib.request.Request(url, headers={"Accept-Encoding": "gzip"})
    began = time.monotonic()
    with urllib.request.urlopen(request, timeout=60) as answer:
        body = answer.read()
        packed = answer.headers.get("Content-Encoding") == "gzip"
    took_ms = (time.monotonic() - began) * 1e3
    return took_ms, json.loads(gzip.decompress(body) if packed else body)


def answers(url):
    judged = []
    questions = [
        ("1,000 candles of 1m", "/api/candles?coin=tBTCUSD&interval=1m&limit=1000", 20, 1000, 0),
        ("30 days of candles of 1d", "/api/candles?coin=tBTCUSD&interval=1d&limit=1000", 50, DAYS, 0),
        ("all coins with their lines of 24 hours", "/api/markets", 50, len(COINS), CACHED_S),
    ]
    for what, path, most_ms, least, wait_s in questions:
        took = []
        for _ in range(TIMES):
            time.sleep(wait_s)
            took_ms, answer = ask(url + path)
            took.append(took_ms)
            if len(answer["markets"] if "markets" in answer else answer) < least:
                raise Failed(f"{path} has fewer than {least} items")
        say(f"    {what}: {', '.join(f'{ms:.1f}' for ms in took)} ms")
        judged.append(bars.at_most(f"page, a month of 5 s polls on SQLite: {what}", median(took), most_ms, "{:.0f} ms"))
    return judged


def in_browser(stage, url, tabs, idle_s=0):
    """What page.mjs sees: [{"paint_ms", "chart_ms"}] of some tabs, and the share of a core that the last one takes."""
    modules = stage.folder / "modules"
    if not modules.exists():
        modules.mkdir()
        for name in ("package.json", "package-lock.json", ".npmrc"):
            shutil.copy(TESTS / name, modules)
        subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], cwd=modules, check=True, stdout=subprocess.DEVNULL)
    script = Path(__file__).with_name("page.mjs")
    text = stage.run("browser", ["node", script, "--modules", modules, "--url", url, "--tabs", tabs, "--idle-s", idle_s], 300)
    return json.loads(text)


def seen(stage, url):
    say("==> first paint and chart, in Chromium")
    told = in_browser(stage, url, TABS)["tabs"]
    paint, chart = (median(tab[name] for tab in told) for name in ("paint_ms", "chart_ms"))
    return [
        bars.at_most("page, first paint", paint, 300, "{:.0f} ms"),
        bars.at_most("page, its chart drawn", chart, 600, "{:.0f} ms"),
    ]


def idle_tab(stage):
    say(f"==> an idle tab, {IDLE_S} s, three coins every {POLL_S} s")
    demo = Part(stage, "live", [stage.program, "demo", "--source", "synthetic", "--coins", ",".join(COINS), "--poll-interval", f"{POLL_S}s",
                                "--store", f"sqlite:{stage.folder}/live.db", "--listen", "127.0.0.1:0"])
    url = wait_for(lambda: next((word.removeprefix("page=") for word in demo.log.read_text().split() if word.startswith("page=http")), None), 60, "the page")
    wait_for(lambda: ask(f"{url}/api/coins")[1], 60, "the first prices")
    share = in_browser(stage, url, 1, IDLE_S)["busy"]
    demo.end()
    return [bars.at_most("page, an idle tab's share of a core", 100 * share, 1, "{:.2f} %")]


def measure(stage):
    """One that cannot be measured is missed, and hides none of the others."""
    judged = []
    store = make_store(stage)
    server = Part(stage, "serve", [stage.program, "serve", "--store", store, "--brokers", AWAY, "--registry", f"http://{AWAY}", "--listen", "127.0.0.1:0"])
    url = wait_for(lambda: address_in(server, "http://127.0.0.1:"), 20, "the page")
    measures = {"the page's answers": lambda: answers(url), "the page in a browser": lambda: seen(stage, url), "an idle tab": lambda: idle_tab(stage)}
    for what, one in measures.items():
        try:
            judged += one()
        except (Failed, OSError, subprocess.CalledProcessError) as failure:
            say(f"error: {what}: {failure}")
            judged.append(bars.Bar(what, "measured", "failed", False))
    server.end()
    return judged
