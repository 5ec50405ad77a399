"""Every dashboard fits Grafana's types and our rules; both are shown to catch what they are for."""

import copy
import importlib
import re

import pytest
import yaml
from dashboard_rules import DATASOURCES, lint
from compose_file import ROOT
from dashboards import DASHBOARDS, PROVISIONING, UIDS, load_dashboards, panels_of
from grafana_schema import schema_complaints

BOARDS = load_dashboards()


def test_all_dashboards_are_there_and_each_file_is_named_for_its_uid():
    assert set(BOARDS) == UIDS
    assert {path.stem for path in DASHBOARDS.glob("*.json")} == {uid.removeprefix("candlewick-") for uid in UIDS}


def test_the_boards_are_those_that_their_script_makes(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "stack/boards"))
    made = importlib.import_module("make_boards").boards()
    assert {path.name for path in DASHBOARDS.glob("*.json")} == set(made)
    different = [name for name, text in made.items() if (DASHBOARDS / name).read_text() != text]
    assert different == [], "change stack/boards/*.py, and run python3 stack/boards/make_boards.py"


@pytest.mark.parametrize("uid", sorted(UIDS))
def test_dashboard_fits_grafanas_types(uid):
    assert schema_complaints(BOARDS[uid]) == []


@pytest.mark.parametrize("uid", sorted(UIDS))
def test_dashboard_keeps_our_rules(uid):
    assert lint(BOARDS[uid]) == []


def spoil(uid, path, value):
    """A copy with the value put at the path; a key written "old>new" is renamed instead."""
    board = copy.deepcopy(BOARDS[uid])
    at = board
    for key in path[:-1]:
        at = at[key] if not callable(key) else next(item for item in at if key(item))
    if isinstance(path[-1], str) and ">" in path[-1]:
        old, new = path[-1].split(">")
        at[new] = at.pop(old)
    else:
        at[path[-1]] = value
    return board


def number(wanted):
    return lambda item: item.get("id") == wanted


PUBLIC, MARKET, PIPELINE = "candlewick-market-public", "candlewick-market", "candlewick-pipeline"
CANDLES = ("panels", number(1))
DEFAULTS = ("fieldConfig", "defaults")
DRAW_STYLE = ("fieldConfig", "overrides", 0, "properties", 2)
SPREAD_SQL = ("panels", number(2), "targets", 0, "rawSql")


@pytest.mark.parametrize("uid, path, value, named", [
    (PUBLIC, ["refresh>refersh"], None, "refersh"),
    (PUBLIC, [*CANDLES, "gridPos>gridPosition"], None, "gridPosition"),
    (PUBLIC, [*CANDLES, "options", "includeAllFields>includeAllField"], None, "includeAllField"),
    (PUBLIC, [*CANDLES, "options", "mode"], "candels", "candels"),
    (PUBLIC, [*CANDLES, "options", "fields", "close>end"], None, "end"),
    (PUBLIC, [*CANDLES, *DEFAULTS, "custom", "fillOpacity>fillOpacty"], None, "fillOpacty"),
    (PUBLIC, [*CANDLES, *DEFAULTS, "unit>units"], None, "units"),
    (PUBLIC, [*CANDLES, *DEFAULTS, "decimals"], "2", "decimals"),
    (PUBLIC, [*CANDLES, *DRAW_STYLE, "id"], "custom.drawstyle", "drawstyle"),
    (PUBLIC, [*CANDLES, *DRAW_STYLE, "value"], "dots", "dots"),
    (PUBLIC, ["panels", number(8), "options", "colorMode"], "values", "values"),
    (PUBLIC, ["panels", number(8), *DEFAULTS, "thresholds", "steps", 1, "color>colour"], None, "colour"),
    (MARKET, ["templating", "list", 0, "includeAll>includeall"], None, "includeall"),
    (MARKET, ["templating", "list", 1, "type"], "costum", "costum"),
    (MARKET, ["links", 0, "keepTime>keeptime"], None, "keeptime"),
    (PIPELINE, ["panels", number(6), "targets", 0, "legendFormat>legend"], None, "legend"),
    (PIPELINE, ["panels", number(6), "targets", 0, "format"], "timeseries", "timeseries"),
    (PIPELINE, ["panels", number(8), "options", "rowHeight"], "tall", "tall"),
    (PIPELINE, ["panels", number(8), *DEFAULTS, "mappings", 0, "type"], "values", "values"),
    (PIPELINE, ["panels", number(14), "options", "yAxis", "unit>units"], None, "units"),
])
def test_grafanas_types_catch_a_slip(uid, path, value, named):
    assert named in " ".join(schema_complaints(spoil(uid, path, value)))


@pytest.mark.parametrize("uid, path, value, named", [
    (PUBLIC, ["uid"], "candlewick", "uid"),
    (PUBLIC, ["refresh"], "1s", "refresh"),
    (PUBLIC, ["refresh"], "", "refresh"),
    (PUBLIC, ["time", "from"], "2026-01-01", "opens on"),
    (PUBLIC, ["panels", 0, "id"], 1, "unique"),
    (PUBLIC, ["panels", 0, "gridPos", "w"], 6, "overlap"),
    (PUBLIC, ["panels", number(14), "gridPos", "w"], 7, "24 columns"),
    (PUBLIC, ["panels", 0, "description"], "", "description"),
    (PUBLIC, ["panels", 0, *DEFAULTS, "unit"], "dollar", "unit 'dollar'"),
    (PUBLIC, ["panels", 0, *DEFAULTS, "unit"], "currencyUSD", "scales by thousands"),
    (PUBLIC, ["panels", 0, "links"], [], "who provided"),
    (PUBLIC, ["panels", 0, "links", 0, "url"], "https://example.com/", "the link"),
    (PUBLIC, ["panels", 0, "links", 0, "title"], "Data from Bitfinex", "the link"),
    (PUBLIC, ["panels", number(11), "options", "content"], "Bitfinex", "the board's text does not say"),
    (PUBLIC, ["panels", 0, "targets", 0, "datasource"], {"type": "influxdb", "uid": "influx"}, "data source"),
    (PUBLIC, ["panels", 0, "targets", 0, "datasource"], None, "data source"),
    (PUBLIC, ["panels", 0, "targets", 0, "format"], "timeseries", "format"),
    (PUBLIC, ["panels", 0, "targets", 0, "rawQuery>raw"], None, "fields"),
    (PUBLIC, ["panels", 0, "targets", 0, "rawSql"], "SELECT 1 WHERE coin = '$coin'", "variable"),
    (PUBLIC, ["panels", 0, "title"], "$coin", "nobody sets"),
    (PUBLIC, ["templating", "list"], [{"name": "coin"}], "without a login"),
    (PUBLIC, ["panels", number(1), "type"], "timeseries", "panel 1"),
    (MARKET, [*SPREAD_SQL], "SELECT date_bin(x, time) AS time FROM t GROUP BY time", "raw column"),
    (MARKET, [*SPREAD_SQL], "SELECT date_bin(x, time) AS time FROM t GROUP BY 1", "no order"),
    (MARKET, [*SPREAD_SQL], "SELECT $__dateBin(time) AS time FROM t ORDER BY 1", "other macros"),
    (MARKET, ["panels", number(2), "maxDataPoints"], 2000, "width"),
    (MARKET, ["panels", number(2), "interval"], "$step", "nobody sets"),
    (MARKET, ["panels", number(2), "interval"], "", "width"),
    (MARKET, [*SPREAD_SQL], "SELECT time + $__interval AS time FROM t ORDER BY 1", "swallows"),
    (MARKET, [*SPREAD_SQL], "SELECT date_bin(interval '5 minutes', time) AS time FROM t ORDER BY 1", "do not grow"),
    (MARKET, [*SPREAD_SQL], "SELECT date_bin($__interval(), time) AS time FROM t ORDER BY 1", "goes on"),
    (MARKET, ["annotations", "list"], [], "annotations"),
    (PIPELINE, ["annotations", "list", 0, "name"], "Happened", "annotations"),
    (PIPELINE, ["annotations", "list", 0, "fromAnnotations"], True, "fields"),
    (PIPELINE, ["annotations", "list", 0, "target", "rawSql>sql"], None, "fields"),
    (PIPELINE, ["annotations", "list", 1, "target", "query"], "SELECT 1", "passes over"),
    (PIPELINE, ["annotations", "list", 1, "target", "format"], "time_series", "passes over"),
    (PIPELINE, ["annotations", "list", 1, "datasource"], {"type": "prometheus", "uid": "prom"}, "data source"),
    (PUBLIC, ["annotations", "list"], [{"name": "Events"}], "without a login"),
    (MARKET, [*SPREAD_SQL], "SELECT time AS time FROM t WHERE time > $__timeFrom ORDER BY 1", "swallows"),
    (MARKET, [*SPREAD_SQL], "SELECT date_bin_gapfill(x) AS time FROM t ORDER BY 1", "stay empty"),
    (MARKET, ["templating", "list", 0, "name"], "symbol", "nobody sets"),
    (PIPELINE, ["panels", number(6), "targets", 0, "instant"], True, "instant or range"),
    (PIPELINE, ["panels", number(6), "targets", 1, "refId"], "A", "refIds"),
    (PIPELINE, ["panels", number(1), *DEFAULTS, "thresholds>threshold"], None, "thresholds"),
])
def test_our_rules_catch_a_slip(uid, path, value, named):
    assert named in " ".join(lint(spoil(uid, path, value)))


def test_overrides_name_columns_and_series_that_the_queries_bring():
    for uid, board in BOARDS.items():
        for panel in panels_of(board):
            brought = set()
            for target in panel["targets"]:
                brought |= set(re.findall(r'AS "([^"]+)"', target.get("rawSql", "")))
                legend = re.escape(target.get("legendFormat", ""))
                brought.add(re.sub(r"\\{\\{\w+\\}\\}", "[^ ]+", legend))
            for override in panel["fieldConfig"]["overrides"]:
                if override["matcher"]["id"] == "byName":
                    name = override["matcher"]["options"]
                    assert any(re.fullmatch(b, name) for b in brought), f"{uid}, panel {panel['id']}: {name}"


def test_data_sources_are_those_that_the_dashboards_name():
    text = (PROVISIONING / "datasources" / "candlewick.yml").read_text()
    sources = {source["uid"]: source for source in yaml.safe_load(text)["datasources"]}
    assert {uid: source["type"] for uid, source in sources.items()} == DATASOURCES
    influx = sources["influx-sql"]
    assert influx["jsonData"] | {"version": "SQL", "dbName": "market", "insecureGrpc": True} == influx["jsonData"]
    assert influx["secureJsonData"] == {"token": "$__file{/run/secrets/influx-token}"}
    assert influx["access"] == "proxy"
