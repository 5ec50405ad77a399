"""What the boards tell of what happened: annotations, coverage, and what polling missed, on known rows."""

import time

import pytest
from dashboards import COMPARE, every_annotation, every_target
from grafana_sql import NS, Store, expand
from known_rows import DAY, bar, events, headline, news, span

MARKET, PIPELINE = "candlewick-market", "candlewick-pipeline"


@pytest.fixture(name="now_s")
def a_whole_second():
    return int(time.time())


def annotated(rows, board, name, from_s, to_s, **chosen):
    sql = next(annotation["target"]["rawSql"] for uid, annotation in every_annotation() if (uid, annotation["name"]) == (board, name))
    return Store([], **rows).rows(expand(sql, from_s, to_s, variables=chosen))


def asked(rows, board, number, from_s, to_s, step_s=300, ticks=(), **chosen):
    sql = next(target["rawSql"] for uid, panel, target in every_target("influxdb") if (uid, panel["id"]) == (board, number))
    return Store(list(ticks), **rows).rows(expand(sql, from_s, to_s, step_s, chosen))


def test_events_are_told_once_with_their_span_newest_first(now_s):
    found = annotated({"event": events(now_s)}, PIPELINE, "Events", now_s - 3600, now_s)
    told = {row["title"]: ((row["time"] - now_s * NS) // NS, row["timeEnd"] and (row["timeEnd"] - now_s * NS) // NS, row["text"], row["tags"])
            for row in found}
    assert told == {
        "broker/3 drill": (-20, None, "‹img src=x onerror=alert(1)› \"Bitcoin\" & 'Ether' \u202eup\u202c 5 %", "drill"),
        "tETHUSD: no data": (-100, -60, "candlewick: connection lost", "hole"),  # open: until it was last told of
        "consumer-2 member back": (-600, None, "", "member_back"), "consumer-2 member away": (-1200, None, "", "member_away"),
        "tBTCUSD: no data": (-1200, -700, "candlewick: whole", "hole"),
        "broker/2 broker back": (-1400, None, "", "broker_back"), "broker/2 broker away": (-1500, None, "", "broker_away"),
        "rebalance": told["rebalance"], "bitfinex started": (-1801, None, "", "started")}
    assert [row["time"] for row in found] == sorted((row["time"] for row in found), reverse=True)
    rebalances = [row for row in found if row["title"] == "rebalance"]
    assert [(row["text"], (row["time"] - now_s * NS) // NS, (row["timeEnd"] - now_s * NS) // NS) for row in rebalances] == [
        ("generation 3, members: 2", -1799, -1798), ("generation 2, members: 1", -1800, -1800)]


def test_a_coins_board_tells_of_its_own_holes_and_of_what_is_no_coins(now_s):
    def titles(coin):
        return {row["title"] for row in annotated({"event": events(now_s)}, MARKET, "Events", now_s - 3600, now_s, coin=coin)}

    assert titles("tETHUSD") - titles("tBTCUSD") == {"tETHUSD: no data"} and titles("tBTCUSD") - titles("tETHUSD") == {"tBTCUSD: no data"}
    assert {"rebalance", "broker/2 broker away", "broker/3 drill"} <= titles("tX'RP")


def test_nothing_that_somebody_wrote_is_html_in_an_annotation(now_s):
    rows = {"news": [*news(now_s), headline(9, "a.example", now_s - 5, None, "<b>")], "event": [{**one, "detail": "<script>"} for one in events(now_s)]}
    for uid, annotation in every_annotation():
        found = annotated(rows, uid, annotation["name"], now_s - 3600, now_s, coin="tBTCUSD")
        assert found and not any(mark in str(row[column]) for row in found for column in ("title", "text", "tags") for mark in "<>")
        assert list(found[0]) == ["time", "timeEnd", "title", "text", "tags"]


def test_news_stand_where_they_were_published(now_s):
    found = annotated({"news": news(now_s)}, PIPELINE, "News", now_s - 3600, now_s)
    assert [((row["time"] - now_s * NS) // NS, row["timeEnd"], row["text"], row["tags"]) for row in found] == [
        (-100, None, "cryptopanic.com", "BTC"), (-200, None, "www.coindesk.com", "news"), (-300, None, "www.coindesk.com", "BTC")]


def test_coverage_is_what_a_source_said_and_nothing_else(now_s):
    rows = {"event": events(now_s)}
    states = asked(rows, MARKET, 8, now_s - 3600, now_s, coin="tBTCUSD")
    assert [((row["time"] - now_s * NS) // NS, row["subject"], row["state"]) for row in states] == [
        (-1800, "bitfinex/0", 1), (-1200, "bitfinex/0", 0), (-600, "bitfinex/0", 1)]  # it still listens
    [row] = asked(rows, MARKET, 9, now_s - 3600, now_s, coin="tBTCUSD")
    assert row == {"Source and connection": "bitfinex/0", "Covered": pytest.approx(1200 / 3600), "Until": now_s * NS, "Asked every": 5.0}
    [row] = asked(rows, MARKET, 9, now_s - 1230, now_s, coin="tBTCUSD")
    assert row["Covered"] == pytest.approx(630 / 1230)  # a span that began before the range counts from there


def sides(first_s):
    """Three minutes: as the exchange has it, a high that polling missed, a close that it missed; trades as the exchange."""
    ticks, trades, bars = [], [], []
    for minute, (high, close, seen_high, seen_close) in enumerate([(110.0, 105.0, 110.0, 105.0), (120.0, 105.0, 115.0, 105.0), (120.0, 105.0, 120.0, 104.0)]):
        begin_s = first_s + 60 * minute
        for second, traded, seen in ((1, 100.0, 100.0), (20, high, seen_high), (30, 90.0, 90.0), (59, close, seen_close)):
            ticks.append({"coin": "tBTCUSD", "time": (begin_s + second) * NS, "last_price": seen})
            trades.append({"coin": "tBTCUSD", "source": "bitfinex", "time": (begin_s + second) * NS + 1, "price": traded, "amount": 1.0})
        number = begin_s % DAY // 60
        bars.append(bar("tBTCUSD", "bitfinex", "1m", begin_s, number, close, 1, open=100.0, high=high, low=90.0))
        bars += [bar("tBTCUSD", "bitfinex", "1m", begin_s, number, 999.0), bar("tBTCUSD", "binance", "1m", begin_s, number, 777.0)]
    return ticks, {"trade": trades, "bar": bars}


def test_polled_is_told_against_trades_and_bars(now_s):
    first_s = now_s // 300 * 300 - 600
    ticks, rows = sides(first_s)
    chosen = {"coin": "tBTCUSD", "source": "bitfinex"}
    figures = {row.pop("Compared"): row for row in asked(rows, COMPARE, 3, first_s, first_s + 299, 60, ticks, **chosen)}
    same = {"Candles": 3, "Close equal": 1.0, "High missed": 0.0, "Low missed": 0.0, "Median off": 0.0, "Worst off": 0.0}
    missed = {"Candles": 3, "Close equal": pytest.approx(2 / 3), "High missed": pytest.approx(1 / 3), "Low missed": 0.0, "Median off": 0.0,
              "Worst off": pytest.approx(10000 / 105)}
    assert figures == {"trades against bars": same, "polled against bars": missed, "polled against trades": missed}
    off = asked(rows, COMPARE, 2, first_s, first_s + 299, 60, ticks, **chosen)
    assert [(round(row["close"], 6), round(row["high"], 6), row["low"]) for row in off] == [
        (0.0, 0.0, 0.0), (0.0, round(10000 * (115 / 120 - 1), 6), 0.0), (round(-10000 / 105, 6), 0.0, 0.0)]
    closes = asked(rows, COMPARE, 1, first_s, first_s + 299, 60, ticks, **chosen)
    assert {side: [row["close"] for row in closes if row["series"] == side] for side in ("polled", "trades", "bars")} == {
        "polled": [105.0, 105.0, 104.0], "trades": [105.0, 105.0, 105.0], "bars": [105.0, 105.0, 105.0]}
    wide = {row.pop("Compared"): row for row in asked(rows, COMPARE, 3, first_s, first_s + 299, 300, ticks, **chosen)}
    assert wide["polled against bars"]["Candles"] == 1 and wide["polled against bars"]["High missed"] == 0.0  # of one candle, the 120 was seen


def test_the_candle_that_is_open_is_compared_with_nothing(now_s):
    first_s = now_s // 60 * 60
    ticks, rows = sides(first_s)
    assert asked(rows, COMPARE, 3, first_s, first_s + 59, 60, ticks, coin="tBTCUSD", source="bitfinex") == []


def test_a_hole_is_drawn_from_its_begin_to_its_end(now_s):
    held = [{"subject": "tA", "what": "hole", "time": (now_s - 10) * NS, "source": "s", **span(now_s - 50, now_s - 40)},
            {"subject": "cmc:tether", "what": "hole", "time": (now_s - 10) * NS, "source": "s", **span(now_s - 50, now_s - 40)}]
    found = asked({"event": held}, "candlewick-market-public", 12, now_s - 60, now_s)
    assert [(row["subject"], (row["time"] - now_s * NS) // NS, row["state"]) for row in found] == [("tA", -50, 1), ("tA", -40, 0)]
