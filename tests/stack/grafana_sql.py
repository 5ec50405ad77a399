"""What Grafana makes of a panel's SQL before InfluxDB sees it, and DataFusion, the engine inside
InfluxDB 3, to run it on. After grafana-plugin-sdk-go (data/sqlutil) and the InfluxDB plugin's own macros."""

import datetime
import re

import datafusion
import pyarrow

from columns import NUMBERS

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


def expand(sql, from_s, to_s, interval_s=60, variables=None):
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


def ticker_table(ticks):
    """Table `ticker` as InfluxDB 3 has it, of dictionaries with coin, time (ns) and any figure."""
    columns = {
        "coin": pyarrow.array([tick["coin"] for tick in ticks], pyarrow.string()).dictionary_encode(),
        "time": pyarrow.array([tick["time"] for tick in ticks], pyarrow.timestamp("ns")),
    }
    for name in NUMBERS:
        columns[name] = pyarrow.array([tick.get(name) for tick in ticks], pyarrow.float64())
    columns["seq"] = pyarrow.array(range(len(ticks)), pyarrow.int64())
    columns["run_id"] = pyarrow.array([1] * len(ticks), pyarrow.int64())
    return pyarrow.RecordBatch.from_pydict(columns)


class Store:
    def __init__(self, ticks):
        self.context = datafusion.SessionContext()
        self.context.register_record_batches("ticker", [[ticker_table(ticks)]])

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
