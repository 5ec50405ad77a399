"""The board of one coin: candles, what is traded, spread, coverage, and all coins beside it."""

import happened
import questions
from parts import (BARS, PER_CENT, STILL_OPEN, WHOLE, board, candlestick, change_column, choice_variable, credit, fixed, override,
                   provided_by, query_variable, sql, steps, table, text, timeseries)
from questions import AUTOMATIC, COIN

OF_TICKS = provided_by("Bitfinex", "CoinGecko", "CoinMarketCap")
OF_TRADES = provided_by("Bitfinex")
# The store opens a file for every ten minutes of the range: see --query-file-limit in docker-compose.yml.
LONG_RANGES = ("A range of more than 31 days, with the 19 candles before it, is more files than InfluxDB opens for one query: it refuses, and the panel "
               "says so. Choose a shorter one, or ask `candlewick candles`. Candles grow with the range: 30 days are 1,440 of half an hour.")


def interval_variable():
    return choice_variable("interval", "Interval, at least", "How much time one candle covers at least: in a long range, more.",
                           {"1 min": "1m", "5 min": "5m", "15 min": "15m", "1 h": "1h", "4 h": "4h", "1 day": "1d"}, "1 min")


def coin_variable():
    return query_variable("coin", "Coin", "The coins that have ticks in the last day of the range, by name.",
                          "SELECT DISTINCT coin FROM ticker WHERE time > $__timeTo() - interval '1 day' AND time <= $__timeTo() ORDER BY coin", "tBTCUSD")


def candles():
    return candlestick(1, "$coin · $interval or longer", "Open, highest, lowest and close of the prices seen in each interval, and the average of the last 20 "
                       "closes (fewer where candles are missing). Every bucket that the range touches is shown whole; a bucket without a tick stays empty. "
                       "The yellow point marks the candle that is still open.", (0, 0, 24, 13), sql(questions.candles_with_average(COIN)),
                       [STILL_OPEN, override("20-candle average", color=fixed("blue"), custom_lineWidth=2)], links=OF_TICKS, **AUTOMATIC)


def volumes():
    traded = f"trade\n  WHERE {COIN} AND {questions.whole_buckets()}"
    stated = {"ticks": "count(*)", "24 h volume": "last_value(volume ORDER BY time)"}
    return [
        timeseries(6, "$coin · volume traded", "What was bought (above the line) and sold (below) in each interval, in units of the coin: the sum of the stored "
                   "trades of all exchanges.", (0, 13, 12, 8),
                   [sql(questions.lines({"bought": "sum(CASE WHEN amount > 0 THEN amount END)", "sold": "sum(CASE WHEN amount < 0 THEN amount END)"}, traded),
                        "time_series")], "locale", (), {"bought": "green", "sold": "red"}, draw=BARS, min=None, decimals=8,
                   links=provided_by("Bitfinex", "Binance"), **AUTOMATIC),
        timeseries(7, "$coin · ticks per candle, 24 h volume", "How many ticks each candle is made of; and the volume of the last 24 hours as the source states "
                   "it in its ticks, which is no candle's volume.", (12, 13, 12, 8),
                   [sql(questions.lines(stated, questions.ticks(COIN)), "time_series")], "locale", ("lastNotNull",), {"ticks": "blue", "24 h volume": "orange"},
                   [override("ticks", **{f"custom_{name}": value for name, value in BARS.items()}),
                    override("24 h volume", custom_axisPlacement="right", custom_fillOpacity=0, decimals=2)], decimals=0, links=OF_TICKS, **AUTOMATIC),
    ]


def spread_and_coverage():
    gap = "20000 * (ask - bid) / (ask + bid)"
    return [
        timeseries(2, "$coin · spread", "The gap between ask and bid, in hundredths of a per cent of their middle: the mean and the widest of each interval.",
                   (0, 21, 12, 8), [sql(questions.lines({"mean": f"avg({gap})", "widest": f"max({gap})"}, questions.ticks(f"{COIN} AND bid > 0 AND ask > 0")),
                                        "time_series")], "suffix:bp", names={"mean": "blue"},
                   overrides=[override("widest", color=fixed("orange"), custom_fillOpacity=0, custom_lineWidth=1)], decimals=2, links=OF_TICKS, **AUTOMATIC),
        happened.states(8, "When each source listened", "The times that each connection of a source says it covered: only these count as covered. Silence is no "
                        "coverage, and what nobody spoke for is blank.", (12, 21, 12, 8), happened.listening(),
                        {0: ("not known", "transparent"), 1: ("listening", "green")}, "no source spoke of its coverage", links=OF_TRADES),
    ]


def covered():
    begin, end = "cast($__timeFrom() AS bigint)", "cast($__timeTo() AS bigint)"
    inside = (f"CASE WHEN end_ns > {end} THEN {end} ELSE end_ns END - CASE WHEN begin_ns < {begin} THEN {begin} ELSE begin_ns END")
    return f"""SELECT subject AS "Source and connection", cast(sum({inside}) AS double) / ({end} - {begin}) AS "Covered",
       max(to_timestamp_nanos(end_ns)) AS "Until", max(CASE WHEN number > 0 THEN cast(number AS double) / 1000 END) AS "Asked every"
FROM event
WHERE what = 'covered' AND begin_ns < {end} AND end_ns > {begin} AND {questions.in_range()}
GROUP BY subject
ORDER BY subject"""


def coins_side_by_side():
    change = f"""coins AS (
  SELECT coin, min(time) AS first_time, first_value(last_price ORDER BY time) AS first_price
  FROM ticker
  WHERE {questions.whole_buckets()}
  GROUP BY coin
), """
    source = f"""(SELECT ticker.time AS time, ticker.coin AS coin, last_price / first_price - 1 AS change
        FROM ticker JOIN coins ON ticker.coin = coins.coin
        WHERE {questions.whole_buckets("ticker.time")})"""
    question = questions.lines({"change": "last_value(change ORDER BY time)"}, source, "cast(coin AS varchar)", change)
    return timeseries(3, "Coins side by side", "Each coin's price against its first price in the range: all begin at zero, whatever they cost.", (0, 29, 12, 9),
                      [sql(question, "time_series")], PER_CENT["unit"], ("lastNotNull",), overrides=[
                          override(f"/{coin}/", "byRegexp", color=fixed(colour))
                          for coin, colour in (("tBTCUSD", "orange"), ("tETHUSD", "blue"), ("tXRPUSD", "purple"))],
                      draw={"fillOpacity": 0, "thresholdsStyle": {"mode": "line"}, "axisCenteredZero": False}, min=None, decimals=PER_CENT["decimals"],
                      thresholds=steps("transparent", (0, "text")), displayName="${__field.labels.series}", links=OF_TICKS, **AUTOMATIC)


def coins_table():
    question = f"""SELECT coin AS "Coin",
       last_value(last_price ORDER BY time) AS "Last price",
       last_value(daily_change_relative ORDER BY time) AS "24 h change",
       last_value(bid ORDER BY time) AS "Bid",
       last_value(ask ORDER BY time) AS "Ask",
       last_value(volume ORDER BY time) AS "24 h volume",
       min(last_price) AS "Lowest",
       max(last_price) AS "Highest",
       count(*) AS "Ticks",
       max(time) AS "Newest tick",
       {questions.TICK_PROVIDER} AS "Data provided by"
FROM ticker
WHERE $__timeFilter(time)
GROUP BY coin
ORDER BY coin"""
    return table(4, "Coins", "One line a coin: newest price, bid and ask, the exchange's 24-hour change and volume, and what the range held.", (0, 38, 24, 7),
                 sql(question), overrides=[change_column(), override("24 h volume", decimals=2), override("Ticks", **WHOLE),
                                           override("Newest tick", unit="dateTimeFromNow")], links=OF_TICKS, color={"mode": "thresholds"})


def market():
    coverage = table(9, "Covered", "How much of the range each connection of a source says it covered, and until when; a source that asks tells how often.",
                     (12, 29, 12, 9), sql(covered()), "no source spoke of its coverage",
                     [override("Covered", **PER_CENT), override("Until", unit="dateTimeFromNow"), override("Asked every", unit="s", decimals=1)],
                     OF_TRADES)
    note = text(5, "Where the data come from", "Each service by name, with its address; and how long a range may be.", (0, 45, 24, 4),
                f"{credit('Bitfinex')}, unless the stack runs with `SOURCE=synthetic` or plays a file; trades also {credit('Binance')}. Coins that begin with "
                f"`cg:`: {credit('CoinGecko')}. Coins that begin with `cmc:`: {credit('CoinMarketCap')}. Each price is in its coin's quote currency.\n\n"
                f"{LONG_RANGES}")
    return board("candlewick-market", "Market, interactive", "Candles of any coin, what was traded, spread, coverage, and the coins side by side.", "now-6h",
                 [candles(), *volumes(), *spread_and_coverage(), coins_side_by_side(), coverage, coins_table(), note],
                 [coin_variable(), interval_variable()], happened.annotations(of_a_coin=True), page_query="?coin=${coin:percentencode}")
