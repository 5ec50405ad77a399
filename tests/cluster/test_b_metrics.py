"""Every metric that a dashboard or an alert rule names is really served, by the brokers' JMX agent and by our parts."""

import json
import re
import urllib.parse

import pytest
from conftest import BROKERS, ROOT, get
from promql import expressions, metric_names, selectors

OURS = ("producer", "consumer-1", "consumer-2", "page")

# What the JMX agent and our parts are asked for; the rest is of kafka_exporter, InfluxDB and Prometheus itself.
OF_BROKERS = re.compile(r"(kafka_(server|controller|network|log|cluster)|jvm|process)_")
OF_OURS = re.compile(r"candlewick_")
OF_OTHERS = re.compile(r"(kafka_(brokers|topic|consumergroup|exporter)|influxdb|prometheus|scrape)(_|$)|up$")


def served(cluster, parts):
    """The names of all samples of these parts, and the families that are declared: a family without samples yet
    (a histogram before the first event, a reason that never came) is served all the same."""
    names = set()
    for part in parts:
        for line in cluster.metrics(part).splitlines():
            declared = re.match(r"# TYPE (\S+) (\S+)", line)
            if declared:
                name, kind = declared.groups()
                names |= {f"{name}_bucket", f"{name}_sum", f"{name}_count"} if kind == "histogram" else {name}
            elif line and not line.startswith("#"):
                names.add(re.split(r"[{ ]", line)[0])
    return names


@pytest.fixture(scope="module")
def named():
    names = set(metric_names())
    assert len(names) > 10
    return names


def test_every_name_is_known_to_be_somebodys(named):
    unknown = {n for n in named if not any(p.match(n) for p in (OF_BROKERS, OF_OURS, OF_OTHERS))}
    assert unknown == set()


@pytest.mark.parametrize("parts, pattern", [(BROKERS, OF_BROKERS), (OURS, OF_OURS)], ids=["brokers", "ours"])
def test_every_name_is_served(cluster, named, parts, pattern):
    wanted = {n for n in named if pattern.match(n)}
    assert wanted and wanted - served(cluster, parts) == set()


def test_what_the_agents_rules_promise_is_served(cluster):
    """The list at the head of jmx.yml is what the dashboards' author reads."""
    head = [line for line in (ROOT / "stack/kafka/jmx.yml").read_text().splitlines() if line.startswith("#   ")]
    promised = {re.match(r"#   (\w+)", line)[1] for line in head}
    assert len(promised) >= 18 and promised - served(cluster, BROKERS) == set()


def test_requests_are_told_by_kind_and_quantile(cluster):
    text = "".join(cluster.metrics(broker) for broker in BROKERS)
    for request in ("Produce", "FetchConsumer", "FetchFollower"):
        assert re.search(rf'^kafka_network_requestmetrics_requests_total{{.*request="{request}".*}} [1-9]', text, re.MULTILINE)
        for quantile in ("0.5", "0.99"):
            assert re.search(
                rf'^kafka_network_requestmetrics_totaltimems{{quantile="{quantile}",request="{request}",?}} ', text, re.MULTILINE
            )


def query(cluster, expression):
    """What this cluster's Prometheus answers: a list of label sets; a query that it refuses fails the test."""
    address = f"http://127.0.0.1:{cluster.ports['PROMETHEUS_PORT']}/api/v1/query?"
    answer = json.loads(get(address + urllib.parse.urlencode({"query": expression})))
    assert answer["status"] == "success", (expression, answer)
    return [series["metric"] for series in answer["data"]["result"]]


def test_labels_that_queries_pick_by_are_served(cluster):
    """A metric with samples has some under the labels that a dashboard picks; of members only two are up, and no exchange sends."""
    away = []
    for where, expression in expressions():
        for selector in selectors(expression):
            theirs = OF_OTHERS.match(selector.name) and selector.name != "up"
            now = re.sub(r" offset \S+", "", selector.prettify())
            if not theirs and query(cluster, selector.name) and not query(cluster, now):
                away.append((where, now))
    assert [(where, text) for where, text in away if not re.search(r'member="consumer-[3-6]"|step="exchange_to_frame"', text)] == []


def test_prometheus_takes_every_query_and_labels_to_group_by_are_there(cluster):
    for where, expression in expressions():
        grouped = re.match(r"-?\w+ by \(([^)]*)\)", expression)
        labels = set(re.findall(r"\w+", grouped[1])) if grouped else set()
        for series in query(cluster, expression):
            assert labels <= set(series), (where, expression, series)
