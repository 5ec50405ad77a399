"""Every Prometheus query parses, and names only metrics and labels that somebody serves."""

import os
import re
import subprocess
import time
import urllib.request
from pathlib import Path

import pytest
import yaml
from dashboards import BOARDS_OF_DATA, PROVISIONING, UIDS, load_dashboards
from promql import expanded, expressions, metric_names, selectors

STACK = Path(__file__).parents[2] / "stack"

# What kafka_exporter serves: the names it builds in kafka_exporter.go (github.com/danielqsj/kafka_exporter,
# v1.9.0 and its master branch of January 2026), with their labels.
KAFKA_EXPORTER = {
    "kafka_brokers": set(), "kafka_broker_info": {"id", "address"}, "kafka_topic_partitions": {"topic"},
    **{f"kafka_topic_{name}": {"topic", "partition"} for name in (
        "partition_current_offset", "partition_oldest_offset", "partition_leader", "partition_replicas",
        "partition_in_sync_replica", "partition_leader_is_preferred", "partition_under_replicated_partition")},
    **{f"kafka_consumergroup_{name}": {"consumergroup", "topic", "partition"} for name in ("current_offset", "lag")},
    **{f"kafka_consumergroup_{name}_sum": {"consumergroup", "topic"} for name in ("current_offset", "lag")},
    "kafka_consumergroup_members": {"consumergroup"},
}
# Prometheus' own, and the labels that stack/ gives to the targets.
OF_PROMETHEUS = {"up": {"job", "instance", "broker", "part"}}


def brokers_metrics():
    """Name -> labels, of what the JMX agent's rules can bring."""
    names = {}
    for rule in yaml.safe_load((STACK / "kafka" / "jmx.yml").read_text())["rules"]:
        words = re.search(r"name=\(([^)]*)\)", rule["pattern"])
        for word in words[1].split("|") if words else [""]:
            name = rule["name"].replace("$1", word).lower()
            names.setdefault(name, {"broker"}).update(rule.get("labels", {}))
    return names


def parse_exposition(text):
    """Name -> labels, of the samples in Prometheus' text format."""
    names = {}
    for line in text.splitlines():
        if line and not line.startswith("#"):
            name, labels = re.match(r"(\w+)(?:\{(.*)\})? ", line).groups()
            names.setdefault(name, set()).update(re.findall(r'(\w+)="', labels or ""))
    return names


@pytest.fixture(name="ours", scope="module")
def what_a_demo_serves(tmp_path_factory):
    """Name -> labels, from the page of a demo that has written ticks."""
    folder = tmp_path_factory.mktemp("demo")
    command = [os.environ["CANDLEWICK_BINARY"], "demo", "--source", "synthetic", "--listen", "127.0.0.1:0",
               "--poll-interval", "200ms", "--store", f"sqlite:{folder}/ticks.db"]
    log = folder / "log"
    with log.open("w") as out, subprocess.Popen(command, cwd=folder, stdout=out, stderr=out) as demo:
        try:
            yield wait_for_metrics(demo, log)
        finally:
            demo.terminate()
            demo.wait(30)


def wait_for_metrics(demo, log, timeout_s=60):
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline and demo.poll() is None:
        ready = re.search(r"event=ready.* page=(\S+)", log.read_text())
        if ready:
            with urllib.request.urlopen(ready[1].rstrip("/") + "/metrics", timeout=10) as answer:
                text = answer.read().decode()
            # In the midst of a rebalance nobody owns a partition, and what is not known has no sample.
            if re.search(r"^candlewick_exchange_to_store_seconds_count\S* [1-9]", text, re.M) and \
                    re.search(r"^candlewick_broker_round_trip_seconds", text, re.M) and \
                    re.search(r"^candlewick_partition_owned", text, re.M) and \
                    re.search(r"^candlewick_group_lag_seconds", text, re.M):
                return parse_exposition(text)
        time.sleep(0.1)
    return pytest.fail(f"no metrics of a tick that was stored within {timeout_s} s:\n{log.read_text()[-2000:]}")


def used_labels(expression):
    """name -> labels that its matchers and the aggregation around it name."""
    by = set(re.findall(r"\w+", " ".join(re.findall(r"\bby \(([^)]*)\)", expression)))) - {"le"}
    return {s.name: by | {m.name for m in s.matchers.matchers} for s in selectors(expression)}


def test_every_query_parses(tmp_path):
    queries = list(expressions())
    assert {where.split(",")[0] for where, _ in queries} >= UIDS - set(BOARDS_OF_DATA)
    rules = [{"record": f"query:{n}", "expr": expression} for n, (_, expression) in enumerate(queries)]
    path = tmp_path / "queries.yml"
    path.write_text(yaml.safe_dump({"groups": [{"name": "queries", "rules": rules}]}))
    done = subprocess.run(["promtool", "check", "rules", path], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(queries)} rules found" in done.stdout


def test_queries_name_only_what_brokers_exporter_and_prometheus_serve():
    known = {**brokers_metrics(), **KAFKA_EXPORTER, **OF_PROMETHEUS}
    unknown = {name: where for name, where in metric_names().items()
               if not name.startswith("candlewick_") and name not in known}
    assert unknown == {}
    for where, expression in expressions():
        for name, labels in used_labels(expression).items():
            if not name.startswith("candlewick_"):
                assert labels <= known[name], f"{where}: {name} has no {labels - known[name]}"


def test_queries_name_only_what_candlewick_serves(ours):
    for where, expression in expressions():
        for name, labels in used_labels(expression).items():
            if name.startswith("candlewick_"):
                assert name in ours, where
                assert labels <= ours[name], f"{where}: {name} has no {labels - ours[name]}"


def test_legends_name_labels_that_the_query_keeps():
    for uid, board in load_dashboards().items():
        for panel in board["panels"]:
            for target in panel.get("targets", []):
                named = set(re.findall(r"\{\{(\w+)\}\}", target.get("legendFormat", "")))
                kept = set(re.findall(r"\w+", " ".join(re.findall(r"\bby \(([^)]*)\)", target.get("expr", "")))))
                if "by (" in target.get("expr", ""):
                    assert named <= kept, f"{uid}, panel {panel['id']}: {named - kept}"


def test_the_scrape_interval_is_the_one_that_grafana_is_told():
    sources = yaml.safe_load((PROVISIONING / "datasources" / "candlewick.yml").read_text())["datasources"]
    told = next(source for source in sources if source["uid"] == "prom")["jsonData"]["timeInterval"]
    [path] = (STACK / "prometheus").glob("*.yml")
    assert yaml.safe_load(path.read_text())["global"]["scrape_interval"] == told
    assert f"scrape_interval: {told}" in (STACK / "cluster_prometheus.sh").read_text()


def test_a_metric_that_nobody_serves_is_found():
    assert "kafka_server_replicamanager_underreplicated" not in brokers_metrics()
    assert "kafka_server_replicamanager_underreplicatedpartitions" in brokers_metrics()
    text = 'sum by (broker, le) (rate(a_total{x="1"}[$__rate_interval])) / on () group_left () max_over_time(b[5m:10s])'
    assert used_labels(expanded(text)) == {"a_total": {"broker", "x"}, "b": {"broker"}}
    assert parse_exposition('# TYPE a counter\na{x="1",y="2"} 3\nb 4\n') == {"a": {"x", "y"}, "b": set()}
