"""SQL that several boards ask, for InfluxDB 3 and the engine inside it, DataFusion.

A bucket is as long as Grafana's $__interval, which grows with the range: Grafana divides the range by the points that a panel may have, 1,000
with AUTOMATIC, and rounds; so there are fewer than 2,000 buckets, none shorter than the panel's least interval. A bucket must have no other
length: where Grafana's server tells the browser how long $__interval was, a longer step is drawn as a gap."""

SINCE = "timestamp '1970-01-01T00:00:00Z'"
STEP = "$__interval()"  # with brackets: without them the macro swallows the next pair
POINTS = 1000
AUTOMATIC = {"interval": "$interval", "maxDataPoints": POINTS}
TICK_PROVIDER = ("CASE WHEN coin LIKE 'cg:%' THEN 'CoinGecko' WHEN coin LIKE 'cmc:%' THEN 'CoinMarketCap' "
                 "ELSE 'the exchange, file or synthetic source' END")
COIN = "coin = ${coin:sqlstring}"


def bucket(moment):
    return f"date_bin({STEP}, {moment}, {SINCE})"


def whole_buckets(moment="time"):
    """Of each bucket that the range touches, all."""
    return f"{moment} >= {bucket('$__timeFrom()')} AND {moment} < {bucket('$__timeTo()')} + {STEP}"


def in_range(moment="time"):
    return f"{moment} >= $__timeFrom() AND {moment} <= $__timeTo()"


def folded(table, price, where):
    """Candles; a bucket without a row has none."""
    return f"""SELECT {bucket("time")} AS time,
         first_value({price} ORDER BY time) AS open,
         max({price}) AS high,
         min({price}) AS low,
         last_value({price} ORDER BY time) AS close
  FROM {table}
  WHERE {where}
    AND {whole_buckets()}
  GROUP BY 1"""


def candles(where):
    """Of ticks, with a mark at the one that is still open."""
    return f"""SELECT time, open, high, low, close,
       CASE WHEN time = {bucket("now()")} THEN close END AS "still open"
FROM (
  {folded("ticker", "last_price", where)}
)
ORDER BY time"""


def candles_with_average(where):
    """The average of the last 20 intervals: none at the first candle after a gap, where its line breaks."""
    width = f"cast({SINCE} + {STEP} AS bigint)"
    return f"""SELECT time, open, high, low, close,
       average AS "20-candle average",
       CASE WHEN time = {bucket("now()")} THEN close END AS "still open"
FROM (
  SELECT time, open, high, low, close,
         CASE WHEN number - lag(number) OVER (ORDER BY number) > 1 THEN NULL
              ELSE avg(close) OVER (ORDER BY number RANGE BETWEEN 19 PRECEDING AND CURRENT ROW) END AS average
  FROM (
    SELECT {bucket("time")} AS time,
           cast({bucket("time")} AS bigint) / {width} AS number,
           first_value(last_price ORDER BY time) AS open,
           max(last_price) AS high,
           min(last_price) AS low,
           last_value(last_price ORDER BY time) AS close
    FROM ticker
    WHERE {where}
      AND time >= to_timestamp_nanos(cast({bucket("$__timeFrom()")} AS bigint) - 19 * {width})
      AND time < {bucket("$__timeTo()")} + {STEP}
    GROUP BY 1, 2
  )
)
WHERE time >= {bucket("$__timeFrom()")}
ORDER BY time"""


def lines(figures, source, series="", before=""):
    """One line for each of the figures (name -> expression over `source`, whose rows it groups into buckets) and each of the series: where
    a bucket is missing, a row without figures, at which the line breaks. `series` is an expression; `before` are other common tables."""
    wanted = ", ".join(f'{expression} AS "{name}"' for name, expression in figures.items())
    label, by, group = (", series", "PARTITION BY series ", "1, 2") if series else ("", "", "1")
    names = ", ".join(f'"{name}"' for name in figures)
    nothing = ", ".join(f'cast(NULL AS double) AS "{name}"' for name in figures)
    return f"""WITH {before}buckets AS (
  SELECT {bucket("time")} AS time{f", {series} AS series" if series else ""}, {wanted}
  FROM {source}
  GROUP BY {group}
)
SELECT time{label}, {names}
FROM buckets
UNION ALL
SELECT time + {STEP} AS time{label}, {nothing}
FROM (SELECT time{label}, lead(time) OVER ({by}ORDER BY time) AS next FROM buckets)
WHERE next > time + {STEP}
ORDER BY time{label}"""


def ticks(where):
    return f"ticker\n  WHERE {where} AND {whole_buckets()}"


def market_caps(where, limit):
    return f"""SELECT coin AS "Coin",
       last_value(last_price ORDER BY time) AS "Price",
       last_value(market_cap ORDER BY time) AS "Market cap",
       last_value(daily_change_relative ORDER BY time) AS "24 h change",
       last_value(volume ORDER BY time) AS "24 h volume",
       max(time) AS "As of",
       {TICK_PROVIDER.replace("the exchange, file or synthetic source", "the source of the coin")} AS "Data provided by"
FROM ticker
WHERE market_cap > 0 AND {where}
GROUP BY coin
ORDER BY "Market cap" DESC
LIMIT {limit}"""


def news(where, limit):
    return f"""SELECT to_timestamp_nanos(published_ns) AS "Published", title AS "Title", coins AS "Coins", score AS "Score", \
source AS "Data provided by", url AS "Link"
FROM news
WHERE {where}
ORDER BY published_ns DESC
LIMIT {limit}"""
