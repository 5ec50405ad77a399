"""What Grafana makes of a panel's SQL before InfluxDB sees it, and DataFusion, the engine inside
InfluxDB 3, to run it on. After grafana-plugin-sdk-go (data/sqlutil) and the InfluxDB plugin's own macros."""

import datetime
import re

import datafusion
import pyarrow

from columns import fields

NS = 10**9
# The Arrow types that Grafana's InfluxDB plugin turns into columns; it leaves others empty.
READ_BY_GRAFANA = {"string", "string_view", "double", "float", "bool", "timestamp[ns]",
                   *(f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64))}


def rfc3339(seconds):
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def macros(from_s, to_s, interval_s):
    origin = "timestamp '1970-01-01T00:00:00Z'"
    first, last = rfc3339(int(from_s)), rfc3339(int(to_s))
    step = f"interval '{int(interval_s)} second'"
    return {
        "timeFrom": lambda _: f"cast('{first}' as timestamp)",
        "timeTo": lambda _: f"cast('{last}' as timestamp)",
        "timeFilter": lambda column: f"{column} >= '{first}' AND {column} <= '{last}'",
        "interval": lambda _: step,
        "interval_ms": lambda _: str(int(interval_s * 1000)),
        "dateBin": lambda column: f"date_bin({step}, {column}, {origin})",
        "dateBinAlias": lambda column: f"date_bin({step}, {column}, {origin}) as {column}_binned",
    }


def macro_call(text, start, name_end):
    """Where the macro ends, and its argument. The argument is the next pair of brackets, however far
    away, unless a bracket closes first: a macro without brackets may swallow what follows it."""
    depth, argument = 0, name_end
    for at in range(name_end, len(text)):
        if text[at] == "(":
            depth += 1
            argument = at + 1 if depth == 1 else argument
        elif text[at] == ")":
            depth -= 1
            if depth < 0:
                break
            if depth == 0:
                return at + 1, text[argument:at].strip()
    return name_end, ""


def expand(sql, from_s, to_s, interval_s=300, variables=None):
    """The SQL that InfluxDB is sent. Variables are for ${name:sqlstring}."""
    for name, value in (variables or {}).items():
        quoted = "'" + value.replace("'", "''") + "'"
        sql = sql.replace("${%s:sqlstring}" % name, quoted)
    for name, render in macros(from_s, to_s, interval_s).items():
        while found := re.search(rf"\$__{name}\b", sql):
            end, argument = macro_call(sql, found.start(), found.end())
            sql = sql.replace(sql[found.start() : end], render(argument))
    if "$" in sql:
        raise ValueError(f"Grafana would send this as it stands: {sql}")
    return sql


ARROW = {"string": pyarrow.string(), "long": pyarrow.int64(), "double": pyarrow.float64(), "boolean": pyarrow.bool_()}
TAGS = {"ticker": ("coin",), "trade": ("coin", "source"), "bar": ("coin", "source", "timeframe"), "event": ("subject", "what"), "news": ("source",)}
STORED_AS = {"symbol": "coin", "event_time_ns": "time"}  # of all kinds; what else differs stands in NOT_STORED
NOT_STORED = {"ticker": {"source"}, "event": {"time_ns"}}


def column_names(kind):
    """name -> Arrow type of each stored column but `time`."""
    found = {}
    for field in fields(kind):
        name = STORED_AS.get(field["name"], field["name"])
        if name != "time" and field["name"] not in NOT_STORED.get(kind, ()):
            found[name] = ARROW[field["type"] if isinstance(field["type"], str) else field["type"][1]]
    return found


def stored_table(kind, rows):
    """A kind's table as InfluxDB 3 has it, of dictionaries with `time` (ns) and any other column; what is left out is null."""
    columns = {"time": pyarrow.array([row["time"] for row in rows], pyarrow.timestamp("ns"))}
    for name, arrow in column_names(kind).items():
        column = pyarrow.array([row.get(name) for row in rows], arrow)
        columns[name] = column.dictionary_encode() if name in TAGS[kind] else column
    return pyarrow.RecordBatch.from_pydict(columns)


class Store:
    def __init__(self, ticks, **others):
        """Tables of all kinds; others: trade, bar, event, news."""
        self.context = datafusion.SessionContext()
        for kind in TAGS:
            rows = ticks if kind == "ticker" else others.get(kind, [])
            self.context.register_record_batches(kind, [[stored_table(kind, rows)]])

    def table(self, sql):
        return self.context.sql(sql).to_arrow_table()

    def rows(self, sql):
        """Dictionaries; times in nanoseconds."""
        table = self.table(sql)
        columns = [
            column.cast(pyarrow.int64()).to_pylist() if pyarrow.types.is_timestamp(column.type)
            else column.to_pylist()
            for column in table.columns
        ]
        return [dict(zip(table.column_names, row)) for row in zip(*columns)]


def grafana_type(arrow_type):
    """As Grafana gets it: InfluxDB sends a tag's text without its dictionary."""
    if pyarrow.types.is_dictionary(arrow_type):
        arrow_type = arrow_type.value_type
    return str(arrow_type)
