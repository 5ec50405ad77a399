"""What a person reads on the boards: each panel's SQL on known rows, its values written by Grafana's own formatter."""

import datetime
import itertools
import re

import pytest
from dashboards import COMPARE, PUBLIC, SOURCES, every_target, load_dashboards, panels_of
from grafana_shown import ask_grafana, frame
from grafana_sql import NS, Store, expand
from known_rows import DAY, bars, events, news, service_ticks

MARKET = "candlewick-market"
STEP_S = 300
PRICES = {"tBTCUSD": 96512.3, "tDOGE:USD": 0.35672, "tETHUSD": 3380.7, "tXRPUSD": 2.8126}
MISSING = range(10, 15)  # of the 24 buckets, without a tick and without a trade
DAY_MS = 86_400_000
RANGES_MS = (3_600_000, 6 * 3_600_000, DAY_MS, 3 * DAY_MS, 7 * DAY_MS, 30 * DAY_MS, 31 * DAY_MS)


def ticks(first_s):
    """Two an interval, but for a gap."""
    return [{"coin": coin, "time": (first_s + bucket * STEP_S + second) * NS, "last_price": price, "bid": price * 0.999, "ask": price * 1.001,
             "volume": 4211.75, "daily_change_relative": -0.0212}
            for coin, price in PRICES.items() for bucket in range(24) if bucket not in MISSING for second in (1, 200)]


def trades(first_s):
    return [{"coin": "tBTCUSD", "source": "bitfinex", "time": (first_s + bucket * STEP_S + 7) * NS, "trade_id": bucket, "price": 96512.4,
             "amount": 0.00012345 * (-1) ** bucket} for bucket in range(24) if bucket not in MISSING]


class Screen:
    """All panels with SQL, as they would be shown."""

    def __init__(self, now_s):
        self.first_s = now_s // STEP_S * STEP_S - 24 * STEP_S
        self.last_s = now_s
        store = Store(ticks(self.first_s) + service_ticks(now_s), trade=trades(self.first_s), bar=bars(now_s), event=events(now_s), news=news(now_s))
        self.panels = {(uid, panel["id"]): panel for uid, panel, _ in every_target("influxdb")}
        questions = []
        for uid, panel, target in every_target("influxdb"):
            chosen = {"coin": "tBTCUSD", "source": "bitfinex" if uid == COMPARE else "all", "kind": "all", "timeframe": "1m"}
            sql = expand(target["rawSql"].replace("'not public'", "'news'"), self.first_s, self.last_s, STEP_S, chosen)
            questions.append({"panel": panel, "fields": frame(store.table(sql), target["format"]), "range": [self.first_s * 1000, self.last_s * 1000]})
        self.frames = dict(zip(self.panels, (question["fields"] for question in questions)))
        # Some of Grafana's versions tell of a frame how long its query's interval is.
        told = [{**question, "interval": STEP_S * 1000} for question in questions]
        answers = ask_grafana(panels=[*questions, *told])["panels"]
        self.shown = {key: pair for key, *pair in zip(self.panels, answers, answers[len(questions):])}

    def texts(self, uid, number):
        """title -> texts of a panel's columns; of a stat, its one text."""
        return {item["title"]: item.get("text", item.get("texts")) for item in self.shown[uid, number][0]}


@pytest.fixture(name="screen", scope="module")
def what_is_shown():
    return Screen(int(datetime.datetime.now(datetime.UTC).timestamp()))


def test_the_public_board_names_its_coins_and_reads_their_prices_with_all_digits(screen):
    read = [screen.texts(PUBLIC, number) for number in (4, 5, 6)]
    newest_s = screen.first_s + 23 * STEP_S + 200
    prices = {"BTC/USD": "96,512.3", "DOGE/USD": "0.35672", "ETH/USD": "3,380.7"}
    assert read == [{coin: price, "24 h change": "-2.12%", "24 h volume": "4,211.75",
                     "highest today": price if newest_s // DAY == screen.last_s // DAY else "no tick since 00:00 UTC"} for coin, price in prices.items()]
    assert set(screen.texts(PUBLIC, 1)["close"]) == {"96,512.3"} and set(screen.texts(PUBLIC, 2)["high"]) == {"0.35672"}


def test_prices_changes_and_times_are_read_as_a_person_writes_them(screen):
    coins = screen.texts(MARKET, 4)
    btc = coins["Coin"].index("tBTCUSD")
    assert [coins[name][btc] for name in ("Last price", "Bid", "Ask", "24 h change", "24 h volume", "Ticks")] == [
        "96,512.3", "96,415.7877", "96,608.8123", "-2.12%", "4,211.75", "38"]
    assert coins["Last price"][coins["Coin"].index("tDOGE:USD")] == "0.35672"
    caps = screen.texts(SOURCES, 3)
    assert caps["24 h change"][2] == caps["24 h volume"][2] == "–"  # of one that does not say
    assert [caps[name][0] for name in ("Coin", "Price", "Market cap", "24 h change", "24 h volume")] == [
        "cg:bitcoin", "96,512.3", "1,930,000,000,000", "-2.00%", "42,000,000,000"]
    published = screen.frames[SOURCES, 2][0]["values"]
    assert screen.texts(SOURCES, 2)["Published"] == [datetime.datetime.fromtimestamp(at // 1000, datetime.UTC).strftime("%Y-%m-%d %H:%M:%S") for at in published]
    assert set(screen.texts(MARKET, 6)["bought"]) - {""} == {"0.00012345"} and set(screen.texts(MARKET, 6)["sold"]) - {""} == {"-0.00012345"}
    assert set(screen.texts(MARKET, 2)["mean"]) - {""} == {"20.00 bp"}
    assert re.fullmatch(r"\d+ (s|seconds?)|\d+\.?\d* (mins?|minutes?)", screen.texts(PUBLIC, 8)["age"])


def read_number(text, unit):
    """What the text says the value is, and half of its last digit."""
    after = f" {unit.removeprefix('suffix:')}" if unit.startswith("suffix:") else "%" if unit == "percentunit" else ""
    assert text.endswith(after), text
    bare = text.replace(",", "").removesuffix(after)
    digits = len(bare.partition(".")[2])
    scale = 100 if unit == "percentunit" else 1
    return float(bare) / scale, 0.5000001 * 10**-digits / scale


def test_every_number_says_what_the_rows_hold(screen):
    """Of each column with prices, counts, per cents and parts of them: no digit is lost that the board means to show."""
    read = 0
    for key, panel in screen.panels.items():
        if panel["type"] in ("stat", "state-timeline"):
            continue
        for held, shown in zip(screen.frames[key], screen.shown[key][0]):
            units = [panel["fieldConfig"]["defaults"]["unit"], *(item["value"] for override in panel["fieldConfig"]["overrides"]
                     if override["matcher"]["options"] == held["name"] for item in override["properties"] if item["id"] == "unit")]
            for value, text in zip(held["values"], shown["texts"]):
                if held["type"] == "number" and value is not None and (units[-1] in ("locale", "percentunit") or units[-1].startswith("suffix:")):
                    said, fault = read_number(text, units[-1])
                    assert abs(said - value) <= fault, f"{key}, {held['name']}: {value} reads as {text}"
                    read += 1
    assert read > 500


def test_every_panel_has_rows_and_names_that_can_be_read(screen):
    for key, panel in screen.panels.items():
        assert screen.frames[key] and any(field["values"] for field in screen.frames[key]), f"{key}: no row"
        titles = [item["title"] for item in screen.shown[key][0]]
        assert len(set(titles)) == len(titles) and not any("${" in title or not title for title in titles), f"{key}: {titles}"


def states(screen, number):
    """subject -> (second since the range's begin, word) of a state timeline."""
    moments = screen.frames[PUBLIC, number][0]["values"]
    return {item["title"]: [(at // 1000 - screen.first_s, text) for at, text in zip(moments, item["texts"]) if text != "–"]
            for item in screen.shown[PUBLIC, number][0][1:]}


def test_what_happened_is_read_on_the_public_board(screen):
    assert {name: [word for _, word in found] for name, found in states(screen, 12).items()} == {"tBTCUSD": ["missing", "goes on"], "tETHUSD": ["missing"]}
    members = {name: [word for _, word in found] for name, found in states(screen, 13).items()}
    assert members == {"consumer-1": ["there", "there"], "consumer-2": ["there", "away", "there"]} and states(screen, 13)["consumer-1"][0][0] == 0
    assert {name: [word for _, word in found] for name, found in states(screen, 14).items()} == {"broker/2": ["away", "there"]}


LINES = [(uid, panel["id"]) for uid, panel, target in every_target("influxdb") if panel["type"] == "timeseries" or "average" in target["rawSql"]]


@pytest.mark.parametrize("uid, number", LINES)
def test_no_line_goes_on_over_a_gap(screen, uid, number):
    """Whether Grafana knows the interval of the frame or not; and it does not see a gap where there is none."""
    panel, drawn = screen.panels[uid, number], 0
    for told, item in itertools.chain.from_iterable(([told, item] for item in found[1:]) for told, found in enumerate(screen.shown[uid, number])):
        if panel["type"] == "candlestick" and item["title"] != "20-candle average":
            continue
        pieces = [list(points) for there, points in itertools.groupby(item["points"], lambda at: at is not None) if there]
        for piece in pieces:
            assert all(later - earlier == STEP_S * 1000 for earlier, later in itertools.pairwise(piece)), f"{item['title']}, told {told}: {piece}"
        drawn += len(pieces)
    assert drawn > 1


def bounded_panels():
    return [(uid, panel) for uid, board in load_dashboards().items() for panel in panels_of(board) if "$__interval" in str(panel["targets"])]


def test_thirty_days_stay_under_2000_points_and_no_range_gets_more():
    panels = bounded_panels()
    limits = {(panel["maxDataPoints"], panel["interval"].replace("$interval", "1m")) for _, panel in panels}
    asked = [[range_ms, *limit] for range_ms in RANGES_MS for limit in limits]
    for (range_ms, *_), interval_ms in zip(asked, ask_grafana(intervals=asked)["intervals"]):
        assert range_ms / interval_ms < 2000
        assert DAY_MS % interval_ms == 0, f"intervals of {interval_ms} ms do not begin with the day"
    assert ask_grafana(intervals=[[30 * DAY_MS, 1000, "1m"], [6 * 3_600_000, 1000, "1m"], [30 * DAY_MS, 1000, "4h"]])["intervals"] == [
        1_800_000, 60_000, 4 * 3_600_000]
    assert len(panels) >= 12
