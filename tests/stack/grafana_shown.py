"""What Grafana makes of a query's answer: the frame that its server sends (after data.LongToWide of grafana-plugin-sdk-go), and what its own
formatter writes on a panel (grafana/shown.cjs)."""

import json
import os
import subprocess
from pathlib import Path

import pyarrow

SCRIPT = Path(__file__).parent / "grafana" / "shown.cjs"


def column(name, values, arrow_type, labels=None):
    """Times in ms, as a browser gets them."""
    if pyarrow.types.is_dictionary(arrow_type):
        arrow_type = arrow_type.value_type
    kind = "number"
    if pyarrow.types.is_timestamp(arrow_type):
        kind, values = "time", [None if value is None else value // 10**6 for value in values]
    elif pyarrow.types.is_string(arrow_type) or pyarrow.types.is_large_string(arrow_type) or "string" in str(arrow_type):
        kind = "string"
    return {"name": name, "type": kind, "values": values, **({"labels": labels} if labels else {})}


def plain_values(table, name):
    values = table.column(name)
    return (values.cast(pyarrow.int64()) if pyarrow.types.is_timestamp(values.type) else values).to_pylist()


def frame(table, of):
    """The columns of the answer; in the format time_series, those of text become labels, and each set of labels has its own columns."""
    columns = [column(name, plain_values(table, name), table.schema.field(name).type) for name in table.column_names]
    labels = [c for c in columns if c["type"] == "string"]
    if of != "time_series" or not labels:
        return columns
    [moments] = [c["values"] for c in columns if c["name"] == "time"]
    times = sorted(set(moments))
    wide = {}
    for i, moment in enumerate(moments):
        mine = {label["name"]: label["values"][i] for label in labels}
        for c in columns:
            if c["type"] == "number":
                key = (c["name"], *mine.values())
                wide.setdefault(key, {"name": c["name"], "type": "number", "labels": mine, "values": [None] * len(times)})
                wide[key]["values"][times.index(moment)] = c["values"][i]
    return [{"name": "time", "type": "time", "values": times}, *wide.values()]


def ask_grafana(**questions):
    modules = os.environ.get("CANDLEWICK_GRAFANA_DATA")
    assert modules, "CANDLEWICK_GRAFANA_DATA names no folder with @grafana/data: setup/grafana.sh brings it, as tests/run.sh stack does"
    done = subprocess.run(["node", SCRIPT, modules], input=json.dumps(questions), capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
