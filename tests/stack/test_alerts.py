"""The alert rules as Prometheus rules: each fires where it must, and stays quiet where it must not.

Grafana's rule is an expression and a threshold on it; Prometheus knows both as one expression."""

import subprocess

import pytest
import yaml
from dashboards import PROVISIONING, load_dashboards, panels_of
from promql import alert_rules

RULES = {rule["uid"]: rule for rule in alert_rules()}
COMPARISONS = {"gt": ">", "lt": "<"}


def as_prometheus(rule):
    """The same alert in Prometheus' words."""
    query, threshold = rule["data"]
    evaluator = threshold["model"]["conditions"][0]["evaluator"]
    [limit] = evaluator["params"]
    expression = f"({query['model']['expr']}) {COMPARISONS[evaluator['type']]} {limit}"
    return {"alert": rule["uid"], "expr": expression, "for": rule["for"]}


def run_promtool(folder, *arguments):
    return subprocess.run(["promtool", *arguments], cwd=folder, capture_output=True, text=True, timeout=60, check=False)


def rules_file(folder, *rules):
    content = {"groups": [{"name": "candlewick", "interval": "10s", "rules": list(rules)}]}
    (folder / "rules.yml").write_text(yaml.safe_dump(content))


def alerts_at(folder, uid, series, minutes):
    """The label sets with which the rule fires so many minutes after the series' begin."""
    rules_file(folder, as_prometheus(RULES[uid]))
    firing = []
    for labels in CANDIDATES[uid]:
        case = {
            "interval": "5s",
            "input_series": [{"series": name, "values": values} for name, values in series.items()],
            "alert_rule_test": [{"eval_time": f"{minutes * 60:.0f}s", "alertname": uid,
                                 "exp_alerts": [{"exp_labels": labels}] if labels is not None else []}],
        }
        test = {"rule_files": ["rules.yml"], "evaluation_interval": "10s", "tests": [case]}
        (folder / "test.yml").write_text(yaml.safe_dump(test))
        done = run_promtool(folder, "test", "rules", "test.yml")
        assert done.returncode == 0 or "got:" in done.stdout + done.stderr, done.stdout + done.stderr
        if done.returncode == 0:
            firing.append(labels)
    assert len(firing) == 1, f"{uid} fires in another way: {done.stdout}{done.stderr}"
    return firing[0]


QUIET = None
# All the ways in which a rule may answer here; None: it is quiet.
CANDIDATES = {
    "candlewick-no-tick": [QUIET, {}],
    "candlewick-lag-grows": [QUIET, {}],
    "candlewick-dead-letters": [QUIET, {"reason": "undecodable"}, {"reason": "refused"}],
    "candlewick-broker-down": [QUIET, {"broker": "2"}],
}
MEMBER = '{member="consumer-1"}'
OTHER = '{member="consumer-2"}'
WRITE = "candlewick_last_write_timestamp_seconds"
LAG = "candlewick_partition_lag_messages"
READ = "candlewick_messages_consumed_total"
LETTERS = "candlewick_dead_letters_total"


def up(job, values, **labels):
    text = ",".join(f'{name}="{value}"' for name, value in {"job": job, **labels}.items())
    return {f"up{{{text}}}": values}


# Values are one every 5 seconds: 12 a minute. "a+bxn": n more, each b larger; "_xn": n missing.
NO_TICK = [
    ("ticks come", {WRITE + MEMBER: "0+5x120", **up("candlewick", "1x120")}, 10, QUIET),
    ("the feed stops after a minute",
     {WRITE + MEMBER: "0+5x12 60x120", **up("candlewick", "1x132")}, 1.9, QUIET),
    ("... and is missed a minute later",
     {WRITE + MEMBER: "0+5x12 60x120", **up("candlewick", "1x132")}, 2.2, {}),
    ("one of two members still writes",
     {WRITE + MEMBER: "0+5x12 60x120", WRITE + OTHER: "0+5x120", **up("candlewick", "1x132")}, 8, QUIET),
    ("a member restarts and has not written yet",
     {WRITE + MEMBER: "0+5x12 0x6 95+5x20", WRITE + OTHER: "_x200", **up("candlewick", "1x200")}, 1.4, QUIET),
    ("all members are gone", {WRITE + MEMBER: "0+5x12 stale", **up("candlewick", "1x12 0x240")}, 2.2, {}),
    ("... for a long time", {WRITE + MEMBER: "0+5x12 stale", **up("candlewick", "1x12 0x300")}, 20, {}),
    # Half an hour after 1970, so that a time of 0, "not yet", is far from now.
    ("just started, nothing written",
     {WRITE + MEMBER: "_x360 0x60", **up("candlewick", "_x360 1x60")}, 30.8, QUIET),
    ("started, and nothing comes", {WRITE + MEMBER: "_x360 0x60", **up("candlewick", "_x360 1x60")}, 31.3, {}),
]
LAG_GROWS = [
    ("no lag", {LAG + MEMBER: "0x200", READ + MEMBER: "0+3x200"}, 10, QUIET),
    ("little and busy",
     {LAG + MEMBER: "20 60 10 40 30 80 15 20 60 10 40 30 80x100", READ + MEMBER: "0+1000x200"}, 5, QUIET),
    ("it creeps up, far below what is read in 30 seconds",
     {LAG + MEMBER: "10+1x200", READ + MEMBER: "0+1000x200"}, 10, QUIET),
    ("it grows", {LAG + MEMBER: "0+3x200", READ + MEMBER: "0x200"}, 8, {}),
    ("... but not for three minutes yet", {LAG + MEMBER: "0x60 0+30x100", READ + MEMBER: "0+3x200"}, 7, QUIET),
    ("one partition of two grows",
     {LAG + '{member="consumer-1",partition="0"}': "0+5x200", LAG + '{member="consumer-1",partition="1"}': "0x200",
      READ + MEMBER: "0+2x200"}, 10, {}),
    ("it shrinks", {LAG + MEMBER: "100000-200x200", READ + MEMBER: "0+500x200"}, 8, QUIET),
    ("it is large and steady", {LAG + MEMBER: "5000x200", READ + MEMBER: "0+3x200"}, 8, QUIET),
    ("it stepped up and is worked off",
     {LAG + MEMBER: "0x60 20000-60x140", READ + MEMBER: "0+3x60 180+60x140"}, 7.5, QUIET),
    ("... later too", {LAG + MEMBER: "0x60 20000-60x140", READ + MEMBER: "0+3x60 180+60x140"}, 9, QUIET),
    ("a member restarts: its counter begins anew, the other takes its partition",
     {LAG + '{member="consumer-1",partition="0"}': "5x60 stale", LAG + '{member="consumer-2",partition="0"}': "_x63 40 20 5x120",
      READ + MEMBER: "0+3x60 0+3x100", READ + OTHER: "0+3x200"}, 8, QUIET),
]
DEAD_LETTERS = [
    ("none", {LETTERS + '{member="consumer-1",reason="undecodable"}': "0x200"}, 10, QUIET),
    ("one, counted from zero",
     {LETTERS + '{member="consumer-1",reason="undecodable"}': "0x60 1x100"}, 6, {"reason": "undecodable"}),
    ("one, and its reason is new",
     {LETTERS + '{member="consumer-1",reason="refused"}': "_x60 1x100"}, 6, {"reason": "refused"}),
    ("... which is over after five minutes",
     {LETTERS + '{member="consumer-1",reason="refused"}': "_x60 1x200"}, 12, QUIET),
    ("old ones", {LETTERS + '{member="consumer-1",reason="undecodable"}': "7x200"}, 10, QUIET),
    ("a member with old ones restarts",
     {LETTERS + '{member="consumer-1",reason="undecodable"}': "7x100 0x100"}, 9, QUIET),
    ("a restarted member meets one",
     {LETTERS + '{member="consumer-1",reason="undecodable"}': "7x100 0x5 1x100"}, 9, {"reason": "undecodable"}),
]
BROKER_DOWN = [
    ("all alive", {**up("kafka", "1x100", broker="1"), **up("kafka", "1x100", broker="2")}, 5, QUIET),
    ("one gone",
     {**up("kafka", "1x100", broker="1"), **up("kafka", "1x20 0x80", broker="2")}, 5, {"broker": "2"}),
    ("one away for ten seconds",
     {**up("kafka", "1x100", broker="1"), **up("kafka", "1x20 0x2 1x80", broker="2")}, 1.9, QUIET),
    ("one gone and back",
     {**up("kafka", "1x100", broker="1"), **up("kafka", "1x20 0x20 1x80", broker="2")}, 6, QUIET),
    ("another job is down", {**up("kafka", "1x100", broker="1"), **up("kafka-exporter", "0x100")}, 5, QUIET),
]
CASES = [(uid, *case) for uid, cases in (
    ("candlewick-no-tick", NO_TICK), ("candlewick-lag-grows", LAG_GROWS),
    ("candlewick-dead-letters", DEAD_LETTERS), ("candlewick-broker-down", BROKER_DOWN)) for case in cases]


@pytest.mark.parametrize("uid, what, series, minutes, wanted", CASES, ids=[f"{c[0]}: {c[1]}" for c in CASES])
def test_rule_fires_where_it_must_and_only_there(uid, what, series, minutes, wanted, tmp_path):
    assert alerts_at(tmp_path, uid, series, minutes) == wanted, what


def test_there_is_a_case_of_each_rule_that_fires_and_one_that_does_not():
    for uid in RULES:
        wanted = [case[4] for case in CASES if case[0] == uid]
        assert QUIET in wanted and any(labels is not QUIET for labels in wanted), uid


def test_prometheus_takes_the_rules(tmp_path):
    rules_file(tmp_path, *map(as_prometheus, RULES.values()))
    done = run_promtool(tmp_path, "check", "rules", "rules.yml")
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(RULES)} rules found" in done.stdout


def test_rules_are_what_grafana_takes():
    [group] = yaml.safe_load((PROVISIONING / "alerting" / "rules.yml").read_text())["groups"]
    assert (group["orgId"], group["folder"], group["interval"]) == (1, "Candlewick", "10s")
    boards = load_dashboards()
    for rule in group["rules"]:
        assert rule["condition"] == "B" and [q["refId"] for q in rule["data"]] == ["A", "B"], rule["uid"]
        query, threshold = rule["data"]
        assert query["datasourceUid"] == "prom" and query["model"]["instant"] and not query["model"]["range"]
        assert threshold["datasourceUid"] == "__expr__" and threshold["model"]["type"] == "threshold"
        assert threshold["model"]["expression"] == "A"
        assert all(part["model"]["refId"] == part["refId"] for part in rule["data"])
        assert rule["noDataState"] in ("OK", "NoData") and rule["execErrState"] == "Error"
        assert rule["panelId"] in [panel["id"] for panel in panels_of(boards[rule["dashboardUid"]])]
        # A "$" in a text would be taken for a variable of the environment when Grafana reads the file.
        assert "$" not in str(rule["annotations"]) + str(rule["labels"])
