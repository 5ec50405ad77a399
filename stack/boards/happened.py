"""What happened, from the tables `event` and `news`: as annotations, and for the public board, which can have none, as state timelines."""

from parts import INFLUX, sql, state_timeline
from questions import in_range

LIMIT = 500  # of each kind; the newest
ABOUT_A_COIN = "'hole', 'hole_closed', 'trade_changed', 'bar_changed'"
NO_TIME = "cast(NULL AS timestamp)"


def plain(expression):
    """Grafana shows titles and texts of annotations as HTML."""
    return f"replace(replace({expression}, '<', '‹'), '>', '›')"


def rebalances():
    return f"""SELECT min(time) AS time, max(time) AS "timeEnd", 'rebalance' AS title,
       concat('generation ', cast(number AS varchar), ', members: ', cast(count(DISTINCT subject) AS varchar)) AS text, 'rebalance' AS tags
FROM event
WHERE what IN ('assigned', 'revoked', 'lost') AND {in_range()}
GROUP BY number"""


def holes(coins):
    """A hole that was closed is told by its last event; one that is open, with the moment at which it was seen."""
    return f"""SELECT to_timestamp_nanos(begin_ns) AS time,
       coalesce(to_timestamp_nanos(last_value(end_ns ORDER BY time)), max(time)) AS "timeEnd",
       {plain("concat(cast(subject AS varchar), ': no data')")} AS title,
       {plain("concat(source, ': ', coalesce(last_value(detail ORDER BY time), ''))")} AS text, 'hole' AS tags
FROM event
WHERE what IN ('hole', 'hole_closed') AND begin_ns IS NOT NULL AND {in_range()}{coins}
GROUP BY subject, source, begin_ns"""


def others(coins):
    return f"""SELECT time, {NO_TIME} AS "timeEnd", {plain("concat(cast(subject AS varchar), ' ', replace(cast(what AS varchar), '_', ' '))")} AS title,
       {plain("coalesce(detail, '')")} AS text, cast(what AS varchar) AS tags
FROM event
WHERE what IN ('started', 'ended', 'trade_changed', 'bar_changed', 'broker_away', 'broker_back', 'member_away', 'member_back', 'drill')
  AND {in_range()}{coins}"""


def events(of_a_coin):
    coins = f" AND (what NOT IN ({ABOUT_A_COIN}) OR subject = ${{coin:sqlstring}})" if of_a_coin else ""
    parts = "\nUNION ALL\n".join((rebalances(), holes(coins), others(coins)))
    return f"SELECT time, \"timeEnd\", title, text, tags\nFROM (\n{parts}\n)\nORDER BY time DESC\nLIMIT {LIMIT}"


def headlines():
    return f"""SELECT to_timestamp_nanos(published_ns) AS time, {NO_TIME} AS "timeEnd", {plain("title")} AS title,
       {plain("cast(source AS varchar)")} AS text, {plain("coalesce(coins, 'news')")} AS tags
FROM news
WHERE {in_range()}
ORDER BY time DESC
LIMIT {LIMIT}"""


def annotation(name, colour, question):
    """Grafana sends `rawSql` to InfluxDB, and passes an annotation without `query` over. With `fromAnnotations` it would take it for InfluxQL."""
    return {"name": name, "datasource": INFLUX, "enable": True, "hide": False, "iconColor": colour,
            "target": {"refId": name, "rawSql": question, "query": question, "rawQuery": True, "format": "table"}}


def annotations(of_a_coin=False):
    return [annotation("Events", "orange", events(of_a_coin)), annotation("News", "blue", headlines())]


# What was true when the range began is looked for in the day before it.
BEFORE = "time >= $__timeFrom() - interval '1 day' AND time < $__timeFrom()"


def since_the_day_before(subjects, away):
    """State 1, or 0 from an event `away` on."""
    state = f"CASE WHEN what = '{away}' THEN 0 ELSE 1 END"
    who = "cast(subject AS varchar) AS subject"
    return f"""SELECT $__timeFrom() AS time, {who}, last_value({state} ORDER BY time) AS state
FROM event
WHERE what IN ({subjects}) AND {BEFORE}
GROUP BY subject
UNION ALL
SELECT time, {who}, {state} AS state
FROM event
WHERE what IN ({subjects}) AND {in_range()}
ORDER BY time, subject"""


def hole_states(coins):
    """1 from a hole's begin; 0 from its end, or from now on if it is open."""
    return f"""WITH holes AS (
  SELECT cast(subject AS varchar) AS subject, begin_ns, last_value(end_ns ORDER BY time) AS end_ns
  FROM event
  WHERE what IN ('hole', 'hole_closed') AND begin_ns IS NOT NULL AND {coins} AND {in_range()}
  GROUP BY subject, source, begin_ns
)
SELECT time, subject, max(state) AS state
FROM (
  SELECT to_timestamp_nanos(begin_ns) AS time, subject, 1 AS state FROM holes
  UNION ALL
  SELECT to_timestamp_nanos(end_ns) AS time, subject, 0 AS state FROM holes WHERE end_ns IS NOT NULL
)
GROUP BY 1, 2
ORDER BY 1, 2"""


def listening():
    """When each connection of a source was listening: its spans, those that follow one another taken for one. State 0: nobody said so."""
    return f"""WITH spans AS (
  SELECT cast(subject AS varchar) AS subject, to_timestamp_nanos(begin_ns) AS began, to_timestamp_nanos(end_ns) AS ended
  FROM event
  WHERE what = 'covered' AND begin_ns IS NOT NULL AND end_ns IS NOT NULL AND {in_range()}
), edges AS (
  SELECT subject, began, ended, lag(ended) OVER (PARTITION BY subject ORDER BY began) AS before,
         lead(began) OVER (PARTITION BY subject ORDER BY began) AS after
  FROM spans
)
SELECT began AS time, subject, 1 AS state FROM edges WHERE before IS NULL OR began > before
UNION ALL
SELECT ended AS time, subject, 0 AS state FROM edges WHERE after > ended OR (after IS NULL AND ended < $__timeTo() - interval '5 minutes')
ORDER BY time, subject"""


def states(number, title, description, where, question, words, no_value, **more):
    """Each subject's row goes on until its next event: Grafana has a null where another subject's event is."""
    made = state_timeline(number, title, description, where, sql(question, "time_series"), words, noValue=no_value,
                          displayName="${__field.labels.subject}", **more)
    made["fieldConfig"]["defaults"]["custom"]["spanNulls"] = True
    return made
