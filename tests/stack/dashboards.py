"""Grafana's provisioned dashboards, as the tests walk over them."""

import json
from pathlib import Path

PROVISIONING = Path(__file__).parents[2] / "grafana-provisioning"
DASHBOARDS = PROVISIONING / "dashboards"
PUBLIC = "candlewick-market-public"
SOURCES = "candlewick-sources"
COMPARE = "candlewick-compare"
UIDS = {PUBLIC, "candlewick-market", SOURCES, COMPARE, "candlewick-pipeline", "candlewick-kafka"}
ANNOTATED = ("Events", "News")  # on all boards but the public one
BOARDS_OF_DATA = (PUBLIC, "candlewick-market", SOURCES, COMPARE)  # of what services gave; the other two are of our own parts


def load_dashboards(folder=DASHBOARDS):
    """uid -> dashboard, of every JSON file in the folder."""
    found = [json.loads(path.read_text()) for path in sorted(Path(folder).glob("*.json"))]
    return {dashboard["uid"]: dashboard for dashboard in found}


def panels_of(dashboard):
    """All that draw data, with those inside collapsed rows: no rows and no texts."""
    for panel in dashboard["panels"]:
        if panel["type"] == "row":
            yield from panel["panels"]
        elif panel["type"] != "text":
            yield panel


def targets_of(dashboard):
    """panel, target"""
    for panel in panels_of(dashboard):
        for target in panel["targets"]:
            yield panel, target


def every_target(kind, folder=DASHBOARDS):
    """uid, panel, target of one kind of data source: "influxdb" or "prometheus"."""
    for uid, dashboard in load_dashboards(folder).items():
        for panel, target in targets_of(dashboard):
            if target["datasource"]["type"] == kind:
                yield uid, panel, target


def every_annotation(folder=DASHBOARDS):
    """uid, annotation"""
    for uid, dashboard in load_dashboards(folder).items():
        for annotation in dashboard["annotations"]["list"]:
            yield uid, annotation
