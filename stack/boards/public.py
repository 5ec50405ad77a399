"""The public board. A board without a login has no variables and no annotations: its coins are chosen in each panel's SQL, and what
happened is in panels. What it may show of a source only with PUBLIC_SOURCES says 'not public' in its SQL: see start.sh."""

import happened
import questions
from parts import (PER_CENT, PRICE, RED_TO_GREEN, STILL_OPEN, board, candlestick, change_column, credit, fixed, override, provided_by, sql,
                   stat, steps, table, text)

SHOWN = "(coin NOT LIKE 'cmc:%' OR 'coinmarketcap' IN ('not public'))"
# As the page names it: BTC/USD of tBTCUSD, DOGE/USD of tDOGE:USD, and what is no pair of Bitfinex's as it is.
PAIR = "substr(cast(coin AS varchar), 2)"
NAME = (f"CASE WHEN coin NOT LIKE 't%' OR upper({PAIR}) <> {PAIR} THEN cast(coin AS varchar) WHEN coin LIKE '%:%' THEN replace({PAIR}, ':', '/') "
        f"WHEN coin LIKE 't______' THEN concat(substr({PAIR}, 1, 3), '/', substr({PAIR}, 4)) ELSE cast(coin AS varchar) END")
AWAY_AND_BACK = {0: ("away", "red"), 1: ("there", "green")}
ORDINALS = ("first", "second", "third")


def coin_of(rank):
    """The coins with most ticks of the last day come first; those whose numbers have as many digits, by name: two that are polled alike do
    not change places for a tick more or less."""
    return f"""coin IN (SELECT coin FROM (
    SELECT coin, row_number() OVER (ORDER BY digits DESC, coin) AS rank
    FROM (
      SELECT coin, character_length(cast(count(*) AS varchar)) AS digits
      FROM ticker
      WHERE time > now() - interval '1 day' AND {SHOWN}
      GROUP BY coin)) WHERE rank = {rank})"""


def price_now(rank):
    return f"""SELECT max(time) AS time, {NAME} AS coin,
       last_value(last_price ORDER BY time) AS "last price",
       last_value(daily_change_relative ORDER BY time) AS "24 h change",
       max(CASE WHEN time >= date_trunc('day', now()) THEN last_price END) AS "highest today",
       last_value(volume ORDER BY time) AS "24 h volume"
FROM ticker
WHERE time > now() - interval '1 day' AND {coin_of(rank)}
GROUP BY coin
ORDER BY 1"""


def coin_panels(rank, y, height):
    word = ORDINALS[rank - 1]
    return [
        stat(3 + rank, f"The {word} coin", f"The {word} coin by ticks of the last day: its newest price in its quote currency, its change and volume of 24 "
             "hours as the exchange states them in the same tick, and its highest price since 00:00 UTC.", (0, y, 5, height),
             [sql(price_now(rank), "time_series")], PRICE["unit"], "no tick in 24 h", color=fixed("text"), text="value_and_name", orientation="horizontal",
             decimals=PRICE["decimals"], links=provided_by("Bitfinex", "CoinGecko", "CoinMarketCap"),
             overrides=[override("last price", displayName="${__field.labels.coin}"),
                        override("24 h change", displayName="24 h change", noValue="–", **PER_CENT, color={"mode": "thresholds"}, thresholds=RED_TO_GREEN),
                        override("highest today", displayName="highest today", noValue="no tick since 00:00 UTC", color=fixed("orange")),
                        override("24 h volume", displayName="24 h volume", noValue="–", decimals=2)]),
        candlestick(rank, f"The {word} coin: candles", "Open, highest, lowest and close of the prices seen in each 5 minutes, or more in a range of more than "
                    "three days; left edge of the bucket as its time. Every bucket that the range touches is shown whole; a bucket without a tick stays "
                    "empty. The yellow point marks the candle that is still open.", (5, y, 19, height), sql(questions.candles(coin_of(rank))), [STILL_OPEN],
                    links=provided_by("Bitfinex", "CoinGecko", "CoinMarketCap"), interval="5m", maxDataPoints=questions.POINTS),
    ]


def newest_tick():
    return stat(8, "Newest tick", "How long ago the newest tick of any coin came. The exchange is asked every 5 seconds: more than 60 seconds means that the "
                "feed stands still.", (0, 0, 5, 6),
                [sql("SELECT date_part('epoch', now()) - date_part('epoch', max(time)) AS age\nFROM ticker\n"
                     f"WHERE time > now() - interval '1 day' AND {SHOWN}")],
                "s", "no tick in 24 h", text="value", thresholds=steps("green", (30, "orange"), (60, "red")), min=0,
                links=provided_by("Bitfinex", "CoinGecko", "CoinMarketCap"))


def what_happened():
    ours = provided_by("Bitfinex")
    return [
        happened.states(12, "Data missing", "Holes in a coin's data, as the sources told of them: from when to when records are missing.", (5, 0, 7, 6),
                        happened.hole_states(SHOWN.replace("coin ", "subject ")), {0: ("goes on", "transparent"), 1: ("missing", "red")},
                        "no hole in this range", links=ours),
        happened.states(13, "Members", "Members of the consumer group: there, or away. The last day before the range is looked through for what was true at "
                        "its begin.", (12, 0, 6, 6), happened.since_the_day_before("'assigned', 'member_away', 'member_back'", "member_away"),
                        AWAY_AND_BACK, "no member came or went", links=ours),
        happened.states(14, "Brokers", "Kafka's brokers: away, or back again. Empty while all are there.", (18, 0, 6, 6),
                        happened.since_the_day_before("'broker_away', 'broker_back'", "broker_away"), AWAY_AND_BACK, "no broker went away", links=ours),
    ]


def news_columns():
    return [
        override("Published", unit="dateTimeAsIso", custom_width=170),
        override("Title", links=[{"title": "Open the article", "url": "${__data.fields.Link}", "targetBlank": True}]),
        override("Coins", custom_width=120), override("Score", decimals=2, custom_width=80), override("Data provided by", custom_width=190),
        override("Link", custom_hidden=True),
    ]


def caps_columns():
    return [change_column(), override("Market cap", decimals=0), override("24 h volume", decimals=0), override("As of", unit="dateTimeFromNow")]


def below(y):
    read = "time > now() - interval '1 day'"
    return [
        table(9, "Market caps", "The largest coins by market cap in USD: the newest figures of the last day, as the service named in each row gave them. "
              "CoinMarketCap's are shown only where PUBLIC_SOURCES names coinmarketcap.", (0, y, 12, 10),
              sql(questions.market_caps(f"{read} AND {SHOWN}", 20)), "no market cap in 24 h", caps_columns(), provided_by("CoinGecko", "CoinMarketCap"),
              {"mode": "thresholds"}),
        table(10, "News", "The newest headlines of the last day of the feeds that PUBLIC_SOURCES names, by their host, or by the word news for all of them. "
              "A headline leads to its article.", (12, y, 12, 10),
              sql(questions.news(f"{read} AND (source IN ('not public') OR 'news' IN ('not public'))", 50)),
              "no news source is in PUBLIC_SOURCES, or none had news in 24 h", news_columns(), provided_by("CryptoPanic")),
        text(11, "Where the data come from", "Each service by name, with its address.", (0, y + 10, 24, 4),
             f"Prices: {credit('Bitfinex')}, unless the stack runs with `SOURCE=synthetic` or plays a file; of coins that begin with `cg:` or, where shown, "
             f"`cmc:`, and market caps: {credit('CoinGecko', 'CoinMarketCap')}. Headlines: of the site in each row, or {credit('CryptoPanic')}."),
    ]


def public():
    coins = [*coin_panels(1, 6, 12), *coin_panels(2, 18, 10), *coin_panels(3, 28, 10)]
    return board("candlewick-market-public", "Market", "Candles of the three coins with most ticks, from the ticks that went through Kafka, what happened, "
                 "market caps, and news where PUBLIC_SOURCES names their source.", "now-6h", [newest_tick(), *what_happened(), *coins, *below(38)],
                 public=True)
