"""The memory of influx_server.py: line protocol in, Arrow out. Two writes of one identity (tags and
time) merge field by field, as in InfluxDB 3; that they differ is noted."""

import datetime
import re
import time

import pyarrow

PRECISIONS = {
    "s": 10**9, "second": 10**9, "ms": 10**6, "millisecond": 10**6,
    "us": 10**3, "u": 10**3, "microsecond": 10**3, "ns": 1, "n": 1, "nanosecond": 1,
}
COLUMN_TYPES = {
    "float": pyarrow.float64(), "integer": pyarrow.int64(), "uinteger": pyarrow.uint64(),
    "string": pyarrow.string(), "boolean": pyarrow.bool_(),
}
CONFIGURED = {"float64": "float", "int64": "integer", "uint64": "uinteger", "utf8": "string",
              "bool": "boolean"}

# The grammar of line protocol. A float has digits on both sides of its point, and may have none.
KEY = r"(?:\\.|[^,= \\])+"
FIELD = (
    rf"({KEY})=(?:(-?\d+)i|(\d+)u|(-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)"
    r'|"((?:\\.|[^"\\])*)"|(true|false|True|False|TRUE|FALSE|[tTfF]))(?=[, ]|\Z)'
)
SERIES = re.compile(rf"((?:\\.|[^, \\])+)((?:,{KEY}={KEY})*) +")
ONE_TAG = re.compile(rf",({KEY})=({KEY})")
ONE_FIELD = re.compile(FIELD)
TIME = re.compile(r"(?: +(-?\d+))? *\Z")
EPOCH = datetime.datetime(1970, 1, 1)


class Refused(Exception):
    """One line that cannot be stored."""


# One line: in its fields, which follow its first blank, a line feed between quotes does not end it.
LINE = re.compile(r'(?:\\.|[^\\\n ])*(?:"(?:\\.|[^"\\])*"|[^\n])*\n?', re.DOTALL)


def split_lines(body):
    if '"' not in body:
        return body.split("\n")
    return [match.group().removesuffix("\n") for match in LINE.finditer(body)]


def unescape(text):
    return re.sub(r"\\([,= \\])", r"\1", text)


def read_fields(line, at):
    fields = {}
    while True:
        match = ONE_FIELD.match(line, at)
        if not match:
            raise Refused("No fields were provided")
        name, integer, unsigned, real, text, boolean = match.groups()
        if integer is not None:
            value = ("integer", int(integer))
        elif unsigned is not None:
            value = ("uinteger", int(unsigned))
        elif real is not None:
            value = ("float", float(real))
        elif text is not None:
            value = ("string", re.sub(r'\\(["\\])', r"\1", text))
        else:
            value = ("boolean", boolean[0] in "tT")
        fields[unescape(name)] = value
        at = match.end()
        if line[at : at + 1] != ",":
            return fields, at
        at += 1


def read_line(line, unit_ns):
    """table, tags, fields with their types, time in nanoseconds."""
    series = SERIES.match(line)
    if not series:
        raise Refused("A generic parsing error occurred: TakeWhile1")
    tags = tuple((unescape(k), unescape(v)) for k, v in ONE_TAG.findall(series.group(2)))
    fields, at = read_fields(line, series.end())
    stamp = TIME.match(line, at)
    if not stamp:
        raise Refused("A generic parsing error occurred: TakeWhile1")
    stamp_ns = int(stamp.group(1)) * unit_ns if stamp.group(1) else time.time_ns()
    return unescape(series.group(1)), tags, fields, stamp_ns


def check_types(types, fields):
    """A column's type is that of its first value."""
    for name, (kind, _) in fields.items():
        known = types.setdefault(name, kind)
        if known != kind:
            word = "iox::column_type::field::"
            raise Refused(
                f"invalid column type for column '{name}', expected {word}{known}, got {word}{kind}"
            )


class Table:
    def __init__(self, tags=(), types=None):
        self.tags = list(tags)
        self.types = dict(types or {})  # field name -> InfluxDB's word for its type
        self.points = {}  # (tags, time) -> field name -> value; two writes of one merge
        self.arrived = {}  # (tags, time) -> when it was first written (monotonic)
        self.batch = None  # the same as Arrow, until the next write

    def put(self, tags, fields, stamp_ns):
        """True when this identity was there already with other fields."""
        self.tags += [name for name, _ in tags if name not in self.tags]
        check_types(self.types, fields)
        values = {name: value for name, (_, value) in fields.items()}
        point = self.points.setdefault((tags, stamp_ns), {})
        self.arrived.setdefault((tags, stamp_ns), time.monotonic())
        conflict = bool(point) and repr(sorted(point.items())) != repr(sorted(values.items()))
        point.update(values)
        self.batch = None
        return conflict

    def lose(self, seconds):
        """What a power cut takes: the points of the last seconds, acknowledged or not."""
        since = time.monotonic() - seconds
        for identity in [identity for identity, when in self.arrived.items() if when >= since]:
            del self.arrived[identity], self.points[identity]
        self.batch = None

    def arrow(self):
        if self.batch is None:
            tagged = [dict(tags) for tags, _ in self.points]
            columns = {
                name: pyarrow.array([tags.get(name) for tags in tagged], pyarrow.string())
                .dictionary_encode()
                for name in self.tags
            }
            columns["time"] = pyarrow.array(
                [stamp for _, stamp in self.points], pyarrow.timestamp("ns")
            )
            for name, kind in self.types.items():
                values = [point.get(name) for point in self.points.values()]
                columns[name] = pyarrow.array(values, COLUMN_TYPES[kind])
            self.batch = pyarrow.RecordBatch.from_pydict(columns)
        return self.batch


def time_text(stamp_ns):
    if stamp_ns is None:
        return None
    seconds, fraction = divmod(stamp_ns, 10**9)
    text = (EPOCH + datetime.timedelta(seconds=seconds)).isoformat()
    digits = f"{fraction:09d}"
    while digits and digits.endswith("000"):
        digits = digits[:-3]
    return f"{text}.{digits}" if digits else text


def stamp_of(text):
    """A time as RFC 3339 has it, in nanoseconds."""
    whole, _, fraction = text.rstrip("Z").partition(".")
    seconds = (datetime.datetime.fromisoformat(whole) - EPOCH) // datetime.timedelta(seconds=1)
    return seconds * 10**9 + int(fraction.ljust(9, "0") or 0)


def rows_of(batch):
    """Dictionaries without their nulls."""
    columns = []
    for column in batch.columns:
        if pyarrow.types.is_timestamp(column.type):
            stamps = column.cast(pyarrow.timestamp("ns")).cast(pyarrow.int64()).to_pylist()
            columns.append([time_text(stamp) for stamp in stamps])
        else:
            columns.append(column.to_pylist())
    names = batch.schema.names
    return [{n: v for n, v in zip(names, row) if v is not None} for row in zip(*columns)]
