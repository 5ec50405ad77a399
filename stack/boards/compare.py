"""The board "Polled against true": what polling saw of a coin, beside its trades and the exchange's own bars."""

import happened
import questions
from market import LONG_RANGES, interval_variable
from parts import PER_CENT, PRICE, WHOLE, board, credit, fixed, override, provided_by, query_variable, sql, table, text, timeseries
from questions import AUTOMATIC, COIN, STEP, bucket, whole_buckets

OURS = provided_by("Bitfinex", "Binance")
SOURCE = "source = ${source:sqlstring}"
MINUTES = f"""SELECT to_timestamp_nanos(open_time_ns) AS time, open, high, low, close
    FROM (SELECT open_time_ns, open, high, low, close, row_number() OVER (PARTITION BY open_time_ns ORDER BY revision DESC) AS latest
          FROM bar
          WHERE {COIN} AND {SOURCE} AND timeframe = '1m' AND time >= date_trunc('day', {bucket("$__timeFrom()")}) AND time < {bucket("$__timeTo()")} + {STEP})
    WHERE latest = 1"""
SIDES = {
    "polled": questions.folded("ticker", "last_price", COIN),
    "trades": questions.folded("trade", "price", f"{COIN} AND {SOURCE}"),
    "bars": f"""SELECT {bucket("time")} AS time, first_value(open ORDER BY time) AS open, max(high) AS high, min(low) AS low,
         last_value(close ORDER BY time) AS close
  FROM ({MINUTES})
  WHERE {whole_buckets()}
  GROUP BY 1""",
}
PAIRS = (("polled", "bars", "polled against bars"), ("trades", "bars", "trades against bars"), ("polled", "trades", "polled against trades"))


def sides():
    """Their common tables."""
    return ", ".join(f"{name} AS (\n  {question}\n)" for name, question in SIDES.items())


def off(figure):
    """By how much the first of a pair differs, in hundredths of a per cent of the second."""
    return f"10000 * (ours.{figure} / theirs.{figure} - 1)"


def pair(ours, theirs):
    """Candles that both sides have and that are over."""
    return f"{ours} AS ours JOIN {theirs} AS theirs ON ours.time = theirs.time\n  WHERE ours.time < {bucket('now()')}"


def closes():
    every = "\n        UNION ALL\n        ".join(f"SELECT time, '{name}' AS side, close FROM {name}" for name in SIDES)
    return questions.lines({"close": "max(close)"}, f"({every})", "side", sides() + ", ")


def differences():
    names = ("close", "high", "low")
    source = f"(SELECT ours.time AS time, {', '.join(f'{off(name)} AS {name}' for name in names)}\n        FROM {pair('polled', 'bars')})"
    return questions.lines({name: f"max({name})" for name in names}, source, before=sides() + ", ")


def share(condition):
    return f"avg(CASE WHEN {condition} THEN 1.0 ELSE 0.0 END)"


def figures():
    rows = "\nUNION ALL\n".join(f"""SELECT '{name}' AS "Compared", count(*) AS "Candles", {share("ours.close = theirs.close")} AS "Close equal",
       {share("ours.high < theirs.high")} AS "High missed", {share("ours.low > theirs.low")} AS "Low missed",
       median(abs({off("close")})) AS "Median off", max(abs({off("close")})) AS "Worst off"
FROM {pair(ours, theirs)}""" for ours, theirs, name in PAIRS)
    return f"""WITH {sides()}
SELECT * FROM (
{rows}
)
WHERE "Candles" > 0
ORDER BY "Compared\""""


def compare():
    minutes = "timeframe = '1m' AND time >= date_trunc('day', $__timeFrom()) AND time <= $__timeTo()"
    coin = query_variable("coin", "Coin", "The coins that have bars of a minute in the range.", f"SELECT DISTINCT coin FROM bar WHERE {minutes} ORDER BY coin",
                          "tBTCUSD")
    source = query_variable("source", "Exchange", "Who made the bars of a minute, and the trades.",
                            f"SELECT DISTINCT source FROM bar WHERE {COIN} AND {minutes} ORDER BY source", "bitfinex")
    panels = [
        timeseries(1, "$coin · closes, $interval or longer", "The close of each candle from three sides: the ticks that polling saw, the trades, and the "
                   "exchange's own bars of a minute. Where a side has no candle, its line has a gap.", (0, 0, 24, 11), [sql(closes(), "time_series")],
                   PRICE["unit"], ("lastNotNull",), draw={"fillOpacity": 0}, min=None, decimals=PRICE["decimals"], displayName="${__field.labels.series}",
                   overrides=[override(f"/^{name}$/", "byRegexp", color=fixed(colour))
                              for name, colour in (("polled", "orange"), ("trades", "blue"), ("bars", "green"))], links=OURS, **AUTOMATIC),
        timeseries(2, "$coin · polled, off the exchange's bars", "How far the close, high and low of what polling saw lie from the exchange's own, in hundredths "
                   "of a per cent: a high that was missed is below zero, a low above.", (0, 11, 24, 9), [sql(differences(), "time_series")], "suffix:bp",
                   ("mean", "max"), {"close": "text", "high": "green", "low": "red"}, draw={"fillOpacity": 0}, min=None, decimals=2, links=OURS, **AUTOMATIC),
        {**table(3, "Of the whole range", "Of the candles that both sides have and that are over: how many, in what share the closes are the same number, in what "
                 "share a high or low was missed, and how far the closes differ: the median and the worst. `candlewick compare` tells the reason of each.",
                 (0, 20, 24, 6), sql(figures()), "no candle that two sides have in this range",
                 [override("Candles", **WHOLE), *(override(name, **PER_CENT) for name in ("Close equal", "High missed", "Low missed")),
                  *(override(name, unit="suffix:bp", decimals=2) for name in ("Median off", "Worst off"))], OURS), **AUTOMATIC},
        text(4, "Where the data come from", "Each service by name, with its address; and how long a range may be.", (0, 26, 24, 4),
             f"Prices that were polled: {credit('Bitfinex')}. Trades and bars: of the exchange chosen, {credit('Bitfinex', 'Binance')}.\n\n{LONG_RANGES}"),
    ]
    return board("candlewick-compare", "Polled against true", "What polling saw of a coin, beside its trades and the exchange's own bars.", "now-6h", panels,
                 [coin, source, interval_variable()], happened.annotations(of_a_coin=True), page_query="?coin=${coin:percentencode}")
