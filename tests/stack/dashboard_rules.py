"""What we ask of a dashboard beyond Grafana's types: lint() names what is wrong with one."""

import itertools
import re
from pathlib import Path

from dashboards import ANNOTATED, BOARDS_OF_DATA, PUBLIC, UIDS, panels_of, targets_of
from grafana_foundation_sdk.models import units

ROOT = Path(__file__).parents[2]
DATASOURCES = {"influx-sql": "influxdb", "prom": "prometheus"}
SQL_KEYS = {"refId", "datasource", "rawSql", "rawQuery", "editorMode", "format", "dataset"}
# name -> (link, words), as the page has them.
PROVIDERS = {name: (link, words) for name, link, words in re.findall(
    r'\{"[^"]+", "([^"]+)", "([^"]+)",\s*"([^"]+)"\}', (ROOT / "src/market/providers.c").read_text())}
ANNOTATION_KEYS = {"refId", "rawSql", "query", "rawQuery", "format"}
ANNOTATION_COLUMNS = ("time", "timeEnd", "title", "text", "tags")
MOST_POINTS = 1000  # of a panel whose buckets follow the range: Grafana's rounding makes twice as many at most
SHORTEST_REFRESH_S = 5  # Grafana's own minimum
SECONDS = {"s": 1, "m": 60}
KNOWN_UNITS = {value for name, value in vars(units).items() if name[0].isupper() and isinstance(value, str)}


def lint(board):
    return [*about_board(board), *about_places(board), *about_services(board),
            *itertools.chain.from_iterable(about_panel(panel) for panel in panels_of(board)),
            *itertools.chain.from_iterable(about_target(*pair) for pair in targets_of(board)),
            *about_variables(board), *(about_public(board) if board["uid"] == PUBLIC else about_annotations(board))]


def about_board(board):
    if board["uid"] not in UIDS:
        yield f"{board['uid']}: a uid that links do not know"
    for name in ("title", "description", "refresh"):
        if not board.get(name):
            yield f"the dashboard has no {name}"
    refresh = re.fullmatch(r"(\d+)([sm])", board.get("refresh", ""))
    if not refresh or int(refresh[1]) * SECONDS[refresh[2]] < SHORTEST_REFRESH_S:
        yield f"refresh {board.get('refresh')}"
    if board.get("refresh") not in board["timepicker"]["refresh_intervals"]:
        yield "the refresh cannot be picked again"
    if not re.fullmatch(r"now-\d+[mhd]", board["time"]["from"]) or board["time"]["to"] != "now":
        yield f"opens on {board['time']}"
    if board.get("id") is not None or board.get("editable"):
        yield "a provisioned dashboard has no number of its own and cannot be edited"
    numbers = [panel["id"] for panel in board["panels"]] + [p["id"] for p in panels_of(board)]
    once = {panel["id"] for panel in itertools.chain(board["panels"], panels_of(board))}
    others = [panel["id"] for panel in board["panels"] if panel["type"] in ("row", "text")]
    if len(once) != len(others) + len(list(panels_of(board))) or min(numbers) < 1:
        yield "panel ids are not unique"


def about_services(board):
    """Each panel leads to who provided its data, in the words of the page; on the board they can be read without a click."""
    if board["uid"] not in BOARDS_OF_DATA:
        return
    said = " ".join(panel["options"]["content"] for panel in board["panels"] if panel["type"] == "text")
    for panel in panels_of(board):
        for link in panel.get("links", ()):
            before, _, name = link["title"].rpartition(" ")
            if PROVIDERS.get(name) != (link["url"], link["title"]) or not link["targetBlank"]:
                yield f"panel {panel['id']}: the link {link}"
            if f"{before} [{name}]({link['url']})" not in said:
                yield f"panel {panel['id']}: the board's text does not say {link['title']}"
        if not panel.get("links"):
            yield f"panel {panel['id']} does not say who provided its data"


def about_places(board):
    places = {panel["id"]: panel["gridPos"] for panel in board["panels"]}
    for number, place in places.items():
        if place["x"] < 0 or place["w"] < 1 or place["h"] < 1 or place["x"] + place["w"] > 24:
            yield f"panel {number} leaves the 24 columns"
    for (one, a), (other, b) in itertools.combinations(places.items(), 2):
        beside = a["x"] + a["w"] <= b["x"] or b["x"] + b["w"] <= a["x"]
        if not beside and a["y"] < b["y"] + b["h"] and b["y"] < a["y"] + a["h"]:
            yield f"panels {one} and {other} overlap"


def about_panel(panel):
    number, defaults = panel["id"], panel["fieldConfig"]["defaults"]
    for name in ("title", "description"):
        if not panel.get(name):
            yield f"panel {number} has no {name}"
    if not panel.get("description", "").endswith("."):
        yield f"panel {number}: a description is whole sentences"
    configured = [defaults.get("unit")]
    for override in panel["fieldConfig"]["overrides"]:
        configured += [item["value"] for item in override["properties"] if item["id"] == "unit"]
    for unit in configured:
        if not unit or not (unit in KNOWN_UNITS or unit.startswith("suffix:")):
            yield f"panel {number}: unit {unit!r}"
        elif unit.startswith("currency"):
            yield f"panel {number}: {unit} scales by thousands, and $97K is the price of a whole day"
    if (defaults.get("color") or {}).get("mode") == "thresholds" and "thresholds" not in defaults:
        coloured = [o for o in panel["fieldConfig"]["overrides"]
                    if any(item["id"] == "thresholds" for item in o["properties"])]
        if not coloured:
            yield f"panel {number} is coloured by thresholds that it does not have"
    references = [target["refId"] for target in panel["targets"]]
    if not references or len(set(references)) != len(references):
        yield f"panel {number}: refIds {references}"


def about_target(panel, target):
    at = f"panel {panel['id']}, {target['refId']}"
    source = target.get("datasource") or {}
    if DATASOURCES.get(source.get("uid")) != source.get("type") or panel.get("datasource") != source:
        yield f"{at}: data source {source}"
    elif source["type"] == "influxdb":
        yield from about_sql(at, panel, target)
        yield from about_buckets(at, panel, target["rawSql"])
    else:
        yield from about_promql(at, target)


def about_sql(at, panel, target):
    sql = target.get("rawSql", "")
    if set(target) != SQL_KEYS or target["rawQuery"] is not True or target["editorMode"] != "code":
        yield f"{at}: fields {sorted(target)}"
    if target.get("format") not in ("time_series", "table"):
        yield f"{at}: format {target.get('format')}"
    if target.get("format") == "time_series" and "AS time" not in sql:
        yield f"{at}: a time series needs a column called time"
    if "time_series" in (target.get("format"), panel["type"].replace("candlestick", "time_series")) and not re.search(r"ORDER BY (time|1)[^)]*$", sql):
        yield f"{at}: times in no order"
    if re.search(r"GROUP BY[^()\n]*\btime\b", sql):
        yield f"{at}: GROUP BY time groups by the raw column, one row a tick"
    if "gapfill" in sql or "locf" in sql:
        yield f"{at}: an interval without ticks must stay empty"
    if re.search(r"\$__(time(From|To)|interval)\b(?!\(\))", sql):
        yield f"{at}: without its brackets a macro swallows the next pair"


def about_buckets(at, panel, sql):
    """Grafana makes $__interval of the range and of the points that a panel may have: those of the screen's width, if it does not say."""
    if re.search(r"\$__(interval_ms|dateBin|timeGroup)", sql):
        yield f"{at}: buckets by other macros than $__interval()"
    if "$__interval" in sql and not (0 < panel.get("maxDataPoints", 0) <= MOST_POINTS and panel.get("interval")):
        yield f"{at}: buckets that depend on the screen's width"
    if "date_bin(interval" in sql:
        yield f"{at}: buckets that do not grow with the range"
    if panel["type"] == "timeseries" and "date_bin" in sql and "lead(time)" not in sql:
        yield f"{at}: its line goes on where a bucket is missing"


def about_promql(at, target):
    if target.get("format") not in ("time_series", "table", "heatmap"):
        yield f"{at}: format {target.get('format')}"
    if target.get("instant") == target.get("range"):
        yield f"{at}: either instant or range"
    if not target.get("expr") or not target.get("legendFormat"):
        yield f"{at}: no expression or no legend"


def about_variables(board):
    known = {variable["name"] for variable in board["templating"]["list"]}
    for panel, target in targets_of(board):
        text = " ".join([panel["title"], target.get("rawSql", ""), target.get("expr", ""), panel.get("interval", "")])
        used = set(re.findall(r"\$\{?(?!__)(\w+)", text))
        if used - known:
            yield f"panel {panel['id']} uses {sorted(used - known)}, which nobody sets"


def about_annotations(board):
    """Of what happened and of news, in the shape that InfluxDB's data source answers for a data source with SQL."""
    if tuple(annotation["name"] for annotation in board["annotations"]["list"]) != ANNOTATED:
        yield f"annotations {[annotation['name'] for annotation in board['annotations']['list']]}"
    for annotation in board["annotations"]["list"]:
        at, target = f"annotation {annotation['name']}", annotation["target"]
        if set(target) != ANNOTATION_KEYS or "fromAnnotations" in annotation:
            yield f"{at}: fields {sorted(target)}"
            continue
        if target["query"] != target["rawSql"] or target["rawQuery"] is not True or target["format"] != "table":
            yield f"{at}: a target that Grafana passes over"
        if annotation["datasource"] != {"type": "influxdb", "uid": "influx-sql"} or annotation["enable"] is not True:
            yield f"{at}: data source {annotation['datasource']}"
        if not target["rawSql"].rstrip().splitlines()[-1].startswith("LIMIT "):
            yield f"{at}: without a limit"


def about_public(board):
    """A board without a login has no variables, library panels or annotations."""
    if board["templating"]["list"] or board["annotations"]["list"] or board.get("links"):
        yield "variables, annotations and links do not work without a login"
    if any("libraryPanel" in panel for panel in panels_of(board)):
        yield "library panels do not work without a login"
    for panel, target in targets_of(board):
        if re.search(r"\$(?!__(time(From|To)|interval)\(\))", panel["title"] + target.get("rawSql", "$") + panel.get("interval", "")):
            yield f"panel {panel['id']}: a variable, or no SQL"
    first = next((panel for panel in panels_of(board) if panel["id"] == 1), {"type": "", "targets": [{}]})
    if first["type"] != "candlestick" or "rank = 1)" not in first["targets"][0]["rawSql"]:
        yield "panel 1 is not the candles of the first coin"
