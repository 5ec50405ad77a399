"""The board "Sources and news": everything that is stored, by kind and source."""

import happened
import questions
from market import LONG_RANGES
from parts import (board, candlestick, choice_variable, credit, override, provided_by, query_variable, sql, table, text, timeseries)
from public import caps_columns, news_columns

SOURCE_OF_TICK = "CASE WHEN coin LIKE 'cg:%' THEN 'coingecko' WHEN coin LIKE 'cmc:%' THEN 'coinmarketcap' ELSE '(in the log alone)' END"
ALL = provided_by("Bitfinex", "Binance", "CoinGecko", "CoinMarketCap", "CryptoPanic")
RANGE = questions.in_range()
# A bar's time in the store is that of its day's begin, and a little more.
DAYS = "time >= date_trunc('day', $__timeFrom()) AND time <= $__timeTo()"
CHOSEN_SOURCE = "(source = ${source:sqlstring} OR ${source:sqlstring} = 'all')"


def distinct(table_name, where, source="cast(source AS varchar)"):
    return f"SELECT DISTINCT {source} AS source FROM {table_name} WHERE {where}"


def variables():
    last_day = "time > now() - interval '1 day'"
    everyone = " UNION ".join((distinct("trade", last_day), distinct("bar", DAYS), distinct("event", last_day), distinct("news", DAYS),
                               distinct("ticker", last_day, SOURCE_OF_TICK)))
    return [
        choice_variable("kind", "Kind", "The kind of records that are counted.",
                        {"all": "all", "ticks": "ticker", "trades": "trade", "bars": "bar", "events": "event", "news": "news"}, "all"),
        {**query_variable("source", "Source", "Who made the records: an exchange, a service, a feed's host, a file. Those with bars or news in the range, or "
                          "other records of the last day.", f"SELECT source FROM ({everyone}) ORDER BY source", "All"),
         "includeAll": True, "allValue": "'all'", "current": {"text": "All", "value": "$__all"}},
        query_variable("coin", "Coin of the bars", "The coins that have bars of this source in the range.",
                       f"SELECT DISTINCT coin FROM bar WHERE {CHOSEN_SOURCE} AND {DAYS} ORDER BY coin", "tBTCUSD"),
        query_variable("timeframe", "Timeframe", "The length of a bar; those that the coin has in the range.",
                       f"SELECT DISTINCT timeframe FROM bar WHERE {questions.COIN} AND {CHOSEN_SOURCE} AND {DAYS} ORDER BY timeframe", "1m"),
    ]


def records():
    """Every record of the range as kind, source, subject and moment."""
    tables = (("ticker", SOURCE_OF_TICK, "coin", "time", RANGE), ("trade", "cast(source AS varchar)", "coin", "time", RANGE),
              ("bar", "cast(source AS varchar)", "coin", "to_timestamp_nanos(open_time_ns)", DAYS),
              ("event", "cast(source AS varchar)", "subject", "time", RANGE), ("news", "cast(source AS varchar)", "news_id", "time", RANGE))
    parts = (f"SELECT '{kind}' AS kind, {source} AS source, cast({subject} AS varchar) AS subject, {moment} AS moment\n  FROM {kind}\n  WHERE {where}"
             for kind, source, subject, moment, where in tables)
    return "\n  UNION ALL\n  ".join(parts)


CHOSEN = f"(kind = ${{kind:sqlstring}} OR ${{kind:sqlstring}} = 'all') AND {CHOSEN_SOURCE} AND {questions.in_range('moment')}"


def bars():
    question = f"""SELECT min(time) AS time, first_value(open ORDER BY time) AS open, max(high) AS high, min(low) AS low,
       last_value(close ORDER BY time) AS close, sum(volume) AS "volume"
FROM (
  SELECT to_timestamp_nanos(open_time_ns) AS time, open, high, low, close, volume,
         row_number() OVER (PARTITION BY open_time_ns ORDER BY source, revision DESC) AS number
  FROM bar
  WHERE {questions.COIN} AND timeframe = ${{timeframe:sqlstring}} AND {CHOSEN_SOURCE} AND {DAYS}
)
WHERE number = 1 AND {RANGE}
GROUP BY {questions.bucket("time")}
ORDER BY 1"""
    return candlestick(1, "$coin · bars of $timeframe · $source", "Finished bars as their source published them, at the time at which each begins; of a bar that "
                       "was corrected, the latest correction. Of several sources, the first by name: choose one. Where a bar is missing, its place stays "
                       "empty. In a long range several are drawn as one.", (0, 0, 24, 12), sql(question), [override("volume", unit="locale", decimals=2)], volume=True,
                       links=provided_by("Bitfinex", "Binance"), interval="1m", maxDataPoints=questions.POINTS)


def stored():
    question = f"""SELECT kind AS "Kind", source AS "Source", count(*) AS "Records", count(DISTINCT subject) AS "Of so many", min(moment) AS "Oldest", \
max(moment) AS "Newest"
FROM (
  {records()}
)
WHERE {CHOSEN}
GROUP BY kind, source
ORDER BY kind, source"""
    return table(4, "Stored, by kind and source", "Records of the range. A tick's source is known by its coin's name alone: cg: is CoinGecko, cmc: CoinMarketCap; "
                 "of any other coin it is in the log. \"Of so many\" are coins, subjects or news items.", (0, 32, 12, 10), sql(question),
                 "nothing in this range", [override("Oldest", unit="dateTimeAsIso"), override("Newest", unit="dateTimeFromNow")], ALL)


def over_time():
    source = f"(SELECT kind, source, moment AS time FROM (\n  {records()}\n  )\n  WHERE {CHOSEN})"
    return timeseries(5, "Records stored over time", "How many records of each kind and source every 15 minutes brought, or every longer time in a long range, by "
                      "the records' own time. Where a source has none, its line has a gap.", (12, 32, 12, 10),
                      [sql(questions.lines({"records": "count(*)"}, source, "concat(kind, ' of ', source)"), "time_series")], "locale", ("lastNotNull",),
                      draw={"fillOpacity": 0, "axisCenteredZero": False}, decimals=0, displayName="${__field.labels.series}", links=ALL, interval="15m",
                      maxDataPoints=questions.POINTS)


def sources():
    panels = [
        bars(),
        table(2, "News", "Headlines of the range, newest first, of the source chosen: plain text. A headline leads to its article on the site that is named "
              "beside it.", (0, 12, 24, 10), sql(questions.news(f"{RANGE} AND {CHOSEN_SOURCE}", 200)), "no news in this range", news_columns(),
              provided_by("CryptoPanic")),
        table(3, "Market caps", "Coins by market cap: the newest figures in the range, in the price's currency, as the service named in each row gave them.",
              (0, 22, 24, 10), sql(questions.market_caps(f"{RANGE} AND ({SOURCE_OF_TICK} = ${{source:sqlstring}} OR ${{source:sqlstring}} = 'all')", 250)),
              "no market cap in this range", caps_columns(), provided_by("CoinGecko", "CoinMarketCap"), {"mode": "thresholds"}),
        stored(), over_time(),
        text(6, "Where the data come from", "Each service by name, with its address; and how long a range may be.", (0, 42, 24, 4),
             f"Trades and bars: {credit('Bitfinex', 'Binance')}. Market caps: {credit('CoinGecko', 'CoinMarketCap')}. Headlines: of the site in each row, or "
             f"{credit('CryptoPanic')}.\n\n{LONG_RANGES}"),
    ]
    return board("candlewick-sources", "Sources and news", "Everything that is stored, by kind and source: news, finished bars, market caps, and how much there "
                 "is of each.", "now-6h", panels, variables(), happened.annotations(), page_query="#news")
