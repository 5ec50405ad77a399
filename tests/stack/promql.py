"""Which PromQL the dashboards and alert rules send, and which metrics it names."""

from pathlib import Path

import promql_parser
import yaml
from dashboards import PROVISIONING, every_target

# What Grafana puts in place of its variables before a query leaves; any duration parses alike.
DURATIONS = ("$__rate_interval", "$__interval", "$__range")


def expanded(expression, duration="1m"):
    for variable in DURATIONS:
        expression = expression.replace(variable, duration)
    return expression


def expressions(folder=PROVISIONING):
    """(where, expression) of each Prometheus query below grafana-provisioning, ready to parse."""
    folder = Path(folder)
    for uid, panel, target in every_target("prometheus", folder / "dashboards"):
        yield f"{uid}, panel {panel['id']}, {target['refId']}", expanded(target["expr"])
    for rule in alert_rules(folder):
        for query in rule["data"]:
            if query["datasourceUid"] == "prom":
                yield f"rule {rule['uid']}, {query['refId']}", expanded(query["model"]["expr"])


def alert_rules(folder=PROVISIONING):
    for path in sorted((Path(folder) / "alerting").glob("*.yml")):
        for group in yaml.safe_load(path.read_text()).get("groups", []):
            yield from group["rules"]


def selectors(expression):
    """The vector selectors of an expression: each has a name and matchers."""

    def walk(node):
        if isinstance(node, promql_parser.VectorSelector):
            yield node
        elif isinstance(node, promql_parser.MatrixSelector):
            yield node.vector_selector
        elif isinstance(node, promql_parser.BinaryExpr):
            yield from walk(node.lhs)
            yield from walk(node.rhs)
        elif isinstance(node, promql_parser.Call):
            for argument in node.args:
                yield from walk(argument)
        elif hasattr(node, "expr"):
            yield from walk(node.expr)

    return list(walk(promql_parser.parse(expression)))


def metric_names(folder=PROVISIONING):
    """Metric name -> where it is used, of all dashboards and alert rules."""
    names = {}
    for where, expression in expressions(folder):
        for selector in selectors(expression):
            names.setdefault(selector.name, []).append(where)
    return names
