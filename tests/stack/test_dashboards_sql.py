"""The dashboards' SQL, as Grafana expands it, on known ticks: against figures computed here."""

import random
import statistics
import time

import pyarrow
import pytest
from dashboards import COMPARE, PUBLIC, every_annotation, every_target, load_dashboards
from grafana_sql import NS, READ_BY_GRAFANA, Store, expand, grafana_type
from known_rows import others, service_ticks

CHOICES = {"1m": 60, "5m": 300, "15m": 900, "1h": 3600, "4h": 14400, "1d": 86400}
VARIABLES = {"coin": "tBTCUSD", "source": "all", "kind": "all", "timeframe": "1m"}
OF_AN_EXCHANGE = {**VARIABLES, "source": "bitfinex"}  # of the board that compares
QUERIES = [*(pytest.param(target["rawSql"], OF_AN_EXCHANGE if uid == COMPARE else VARIABLES, id=f"{uid}-{panel['id']}")
             for uid, panel, target in every_target("influxdb")),
           *(pytest.param(annotation["target"]["rawSql"], VARIABLES, id=f"{uid}-{annotation['name']}") for uid, annotation in every_annotation())]


def sql_of(uid, panel_id):
    return next(t["rawSql"] for u, p, t in every_target("influxdb") if u == uid and p["id"] == panel_id)


def tick(coin, time_ns, price, **figures):
    return {"coin": coin, "time": time_ns, "last_price": price, **figures}


def known_ticks(now_s):
    """Twelve buckets of 5 minutes up to the one that is open now, with what goes wrong easily."""
    dice = random.Random(20261121)
    open_ns = now_s // 300 * 300 * NS
    ticks = []
    for coin, price in (("tBTCUSD", 60000.0), ("tETHUSD", 3000.0), ("tXRPUSD", 0.5)):
        for bucket in range(-12, 0):
            if bucket == -4:
                continue  # an empty interval
            start = open_ns + bucket * 300 * NS
            times = [start, start + 300 * NS - 1]  # the bucket's very first and very last instant
            times += [start + 7 * NS + tie for tie in range(3)]  # three in one millisecond
            times += [start + dice.randrange(1, 299 * NS) for _ in range(20)]
            for at in times:
                paid = round(price * dice.uniform(0.98, 1.02), 5)
                ticks.append(tick(coin, at, paid, bid=paid * 0.999, ask=paid * 1.001))
        ticks += [tick(coin, open_ns + at, price * factor) for at, factor in ((0, 1.0), (1, 1.01))]
    dice.shuffle(ticks)  # rows come back in no particular order
    return ticks


def candles(ticks, coin, width_s, from_s, to_s):
    """time -> (open, high, low, close) of every bucket that the range touches."""
    width = width_s * NS
    first, last = from_s * NS // width * width, to_s * NS // width * width
    buckets = {}
    for one in sorted((t for t in ticks if t["coin"] == coin), key=lambda t: t["time"]):
        start = one["time"] // width * width
        if first <= start <= last:
            buckets.setdefault(start, []).append(one["last_price"])
    return {start: (p[0], max(p), min(p), p[-1]) for start, p in sorted(buckets.items())}


def shown(rows):
    return {row["time"]: (row["open"], row["high"], row["low"], row["close"]) for row in rows}


@pytest.fixture(name="now_s")
def early_in_a_bucket():
    """Now, with some seconds left until the next bucket and the next day begin."""
    while int(time.time()) % 300 > 290:
        time.sleep(0.2)
    return int(time.time())


@pytest.mark.parametrize("sql, chosen", QUERIES)
def test_a_store_without_ticks_is_no_error(sql, chosen, now_s):
    table = Store([]).table(expand(sql, now_s - 3600, now_s, variables=chosen))
    assert {grafana_type(field.type) for field in table.schema} <= READ_BY_GRAFANA


@pytest.mark.parametrize("sql, chosen", QUERIES)
def test_grafana_can_read_every_column(sql, chosen, now_s):
    """With rows for every panel."""
    store = Store(known_ticks(now_s) + service_ticks(now_s), **others(now_s))
    # The public board's news are there where PUBLIC_SOURCES names them.
    table = store.table(expand(sql.replace("'not public'", "'news'"), now_s - 3600, now_s, variables=chosen))
    assert table.num_rows > 0
    assert "timeEnd" in table.column_names or sorted(table.column_names, key=lambda name: name != "time") == table.column_names  # the time comes first
    assert {grafana_type(field.type) for field in table.schema} <= READ_BY_GRAFANA
    if "time" in table.column_names:
        times = table.column("time").cast(pyarrow.int64()).to_pylist()
        assert times == sorted(times, reverse="timeEnd" in table.column_names)


@pytest.mark.parametrize("panel_id, coin", [(1, "tBTCUSD"), (2, "tETHUSD"), (3, "tXRPUSD")])
@pytest.mark.parametrize("from_ago, to_ago", [(3600, 0), (3000 + 17, 600 + 131), (900, 300)])
def test_public_candles_equal_those_computed_from_the_ticks(panel_id, coin, from_ago, to_ago, now_s):
    ticks = known_ticks(now_s)
    from_s, to_s = now_s - from_ago, now_s - to_ago
    rows = Store(ticks).rows(expand(sql_of(PUBLIC, panel_id), from_s, to_s))
    wanted = candles(ticks, coin, 300, from_s, to_s)
    assert shown(rows) == wanted
    assert [row["time"] for row in rows] == list(wanted)
    assert len({row["time"] % (300 * NS) for row in rows}) == 1  # left edges, whole buckets


def test_an_interval_without_ticks_has_no_candle(now_s):
    rows = Store(known_ticks(now_s)).rows(expand(sql_of(PUBLIC, 1), now_s - 3600, now_s))
    open_ns = now_s // 300 * 300 * NS
    assert open_ns - 4 * 300 * NS not in shown(rows)
    assert {open_ns - 5 * 300 * NS, open_ns - 3 * 300 * NS} <= set(shown(rows))


@pytest.mark.parametrize("uid", [PUBLIC, "candlewick-market"])
def test_only_the_open_candle_is_marked(uid, now_s):
    store = Store(known_ticks(now_s))
    rows = store.rows(expand(sql_of(uid, 1), now_s - 3600, now_s, variables=VARIABLES))
    assert [row["still open"] for row in rows[:-1]] == [None] * (len(rows) - 1)
    assert rows[-1]["time"] == now_s // 300 * 300 * NS
    assert rows[-1]["still open"] == rows[-1]["close"] == 60600.0
    past = store.rows(expand(sql_of(uid, 1), now_s - 3600, now_s - 450, variables=VARIABLES))
    assert [row["still open"] for row in past] == [None] * len(past)


@pytest.mark.parametrize("choice", CHOICES)
@pytest.mark.parametrize("coin", ["tBTCUSD", "tX'RP"])
def test_picked_candles_equal_those_computed_from_the_ticks(choice, coin, now_s):
    ticks = known_ticks(now_s) + [tick("tX'RP", now_s * NS - i * 91 * NS, 1.0 + i) for i in range(40)]
    from_s, to_s = now_s - 2500, now_s - 100
    sql = expand(sql_of("candlewick-market", 1), from_s, to_s, CHOICES[choice], {"coin": coin})
    assert shown(Store(ticks).rows(sql)) == candles(ticks, coin, CHOICES[choice], from_s, to_s)


@pytest.mark.parametrize("choice", ["1m", "5m"])
def test_the_average_is_that_of_the_last_20_intervals_wherever_the_range_begins(choice, now_s):
    ticks, width = known_ticks(now_s), CHOICES[choice]
    closes = {at: c[3] for at, c in candles(ticks, "tBTCUSD", width, now_s - 7200, now_s).items()}
    for from_ago in (3000, 650):
        rows = Store(ticks).rows(expand(sql_of("candlewick-market", 1), now_s - from_ago, now_s, width, VARIABLES))
        assert len(rows) > 2
        for row in rows:
            last = [c for at, c in closes.items() if row["time"] - 20 * width * NS < at <= row["time"]]
            after_a_gap = row["time"] != min(closes) and row["time"] - width * NS not in closes
            assert row["20-candle average"] == (None if after_a_gap else pytest.approx(statistics.fmean(last), rel=1e-12))
        assert None in [row["20-candle average"] for row in rows] or from_ago == 650


def test_the_intervals_to_pick_are_those_tested_here():
    interval = load_dashboards()["candlewick-market"]["templating"]["list"][1]
    assert [option["value"] for option in interval["options"]] == list(CHOICES)
    pairs = [choice.split(" : ") for choice in interval["query"].split(", ")]
    assert [[o["text"], o["value"]] for o in interval["options"]] == pairs


def test_coins_to_pick_are_those_with_ticks_in_the_last_day_of_the_range(now_s):
    coin = load_dashboards()["candlewick-market"]["templating"]["list"][0]
    ticks = known_ticks(now_s) + [tick("tOLDUSD", (now_s - 90000) * NS, 1.0)]

    def offered(to_s):
        return [row["coin"] for row in Store(ticks).rows(expand(coin["query"]["query"], to_s - 60, to_s))]

    assert offered(now_s) == ["tBTCUSD", "tETHUSD", "tXRPUSD"] and offered(now_s - 80000) == ["tOLDUSD"]
    assert {v["refresh"] for board in load_dashboards().values() for v in board["templating"]["list"] if v["type"] == "query"} == {2}  # with the range


def test_price_and_change_are_the_newest_ticks_own(now_s):
    newest = now_s * NS - 5
    ticks = [tick("tBTCUSD", newest, 61000.0, daily_change_relative=-0.02, volume=321.5),
             tick("tBTCUSD", newest - 1, 99999.0, daily_change_relative=0.5),
             tick("tETHUSD", newest + 1, 1.0, daily_change_relative=0.9)]
    sql = expand(sql_of(PUBLIC, 4), now_s - 60, now_s)
    assert Store(ticks).rows(sql) == [{"time": newest, "coin": "BTC/USD", "last price": 61000.0, "24 h change": -0.02, "highest today": 99999.0,
                                       "24 h volume": 321.5}]
    ticks.append(tick("tBTCUSD", newest + 1, 62000.0))  # the source does not state its change
    [row] = Store(ticks).rows(sql)
    assert (row["last price"], row["24 h change"]) == (62000.0, None)
    assert Store([]).rows(sql) == []


def test_the_public_boards_coins_are_those_with_most_ticks_of_the_last_day(now_s):
    def shown_at(rank, counts):
        ticks = [tick(coin, now_s * NS - i, 1.0) for coin, count in counts.items() for i in range(count)]
        return [row["coin"] for row in Store(ticks).rows(expand(sql_of(PUBLIC, 3 + rank), now_s - 60, now_s))]

    counts = {"tA": 9, "tB": 101, "tC": 100, "tD": 102, "cmc:tether": 5000}
    assert [shown_at(rank, counts) for rank in (1, 2, 3)] == [["tB"], ["tC"], ["tD"]]  # alike, so by name; a tick more or less moves none
    assert [shown_at(rank, {"tA": 9, "tB": 10}) for rank in (1, 2, 3)] == [["tB"], ["tA"], []]


def test_the_public_board_names_a_coin_as_the_page_does(now_s):
    for coin, name in (("tBTCUSD", "BTC/USD"), ("tDOGE:USD", "DOGE/USD"), ("testing", "testing"), ("cg:bitcoin", "cg:bitcoin"), ("tBTC", "tBTC"), ("^GSPC", "^GSPC")):
        [row] = Store([tick(coin, now_s * NS - 1, 1.0)]).rows(expand(sql_of(PUBLIC, 4), now_s - 60, now_s))
        assert row["coin"] == name


def test_highest_today_begins_at_midnight_utc(now_s):
    midnight = now_s // 86400 * 86400 * NS
    ticks = [tick("tBTCUSD", midnight - 1, 70000.0), tick("tBTCUSD", midnight, 65000.0),
             tick("tBTCUSD", midnight + 1, 64000.0), tick("tETHUSD", midnight + 1, 80000.0)]
    sql = expand(sql_of(PUBLIC, 4), now_s - 60, now_s)
    assert [row["highest today"] for row in Store(ticks).rows(sql)] == [65000.0]
    assert [row["highest today"] for row in Store(ticks[:1]).rows(sql)] == [None]


def test_the_newest_ticks_age_is_in_seconds_whatever_the_range(now_s):
    ticks = [tick("tBTCUSD", (now_s - 4000) * NS, 1.0), tick("tETHUSD", now_s * NS - 90 * NS, 1.0)]
    sql = expand(sql_of(PUBLIC, 8), now_s - 86400, now_s - 80000)
    [row] = Store(ticks).rows(sql)
    assert 90 <= row["age"] < 90 + time.time() - now_s + 1
    assert Store([]).rows(sql) == [{"age": None}]


def test_spread_is_in_hundredths_of_a_per_cent_of_the_middle(now_s):
    start = (now_s // 300 - 2) * 300
    ticks = [tick("tBTCUSD", start * NS, 100.0, bid=99.0, ask=101.0),
             tick("tBTCUSD", start * NS + 1, 100.0, bid=99.5, ask=100.5),
             tick("tBTCUSD", start * NS + 2, 100.0)]  # a source without bid and ask
    sql = expand(sql_of("candlewick-market", 2), start + 10, start + 20, variables=VARIABLES)
    [row] = Store(ticks).rows(sql)
    assert (row["time"], row["mean"], row["widest"]) == (start * NS, pytest.approx(150), pytest.approx(200))


def test_side_by_side_begins_at_zero_and_follows_each_coin(now_s):
    ticks = known_ticks(now_s)
    from_s, to_s = now_s - 3000, now_s
    rows = Store(ticks).rows(expand(sql_of("candlewick-market", 3), from_s, to_s, variables=VARIABLES))
    for coin in ("tBTCUSD", "tETHUSD", "tXRPUSD"):
        wanted = candles(ticks, coin, 300, from_s, to_s)
        base = next(iter(wanted.values()))[0]
        got = {row["time"]: row["change"] for row in rows if row["series"] == coin}
        [gap] = [at for at, change in got.items() if change is None]
        assert gap == (now_s // 300 - 4) * 300 * NS and got.pop(gap) is None
        assert got == pytest.approx({at: candle[3] / base - 1 for at, candle in wanted.items()})


def test_table_of_coins_has_the_newest_of_each(now_s):
    ticks = [t for t in known_ticks(now_s) if t["time"] < now_s * NS]
    ticks.append(tick("tBTCUSD", now_s * NS, 61234.5, bid=61234.0, ask=61235.0, daily_change_relative=0.01))
    from_s = now_s - 1800
    rows = Store(ticks).rows(expand(sql_of("candlewick-market", 4), from_s, now_s, variables=VARIABLES))
    inside = [t for t in ticks if t["coin"] == "tBTCUSD" and from_s * NS <= t["time"] <= now_s * NS]
    assert [row["Coin"] for row in rows] == ["tBTCUSD", "tETHUSD", "tXRPUSD"]
    assert rows[0] == {
        "Coin": "tBTCUSD", "Last price": 61234.5, "24 h change": 0.01, "Bid": 61234.0, "Ask": 61235.0, "24 h volume": None,
        "Lowest": min(t["last_price"] for t in inside), "Highest": max(t["last_price"] for t in inside),
        "Ticks": len(inside), "Newest tick": now_s * NS, "Data provided by": "the exchange, file or synthetic source",
    }


def test_a_macro_without_brackets_swallows_the_next_pair():
    """The trap for which the dashboards write $__timeFrom() and not $__timeFrom."""
    assert expand("time > $__timeFrom() AND abs(x) > 1", 60, 120).endswith("AND abs(x) > 1")
    assert expand("time > $__timeFrom AND abs(x) > 1", 60, 120).endswith("as timestamp) > 1")
    with pytest.raises(ValueError, match="as it stands"):
        expand("coin = $coin", 60, 120)
