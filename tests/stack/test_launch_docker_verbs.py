"""What can be done to a Docker stack that is up: the public board kept, status, logs, strategy, scale, down."""

import json
import subprocess

import pytest
from compose_file import ROOT
from http_stand_in import PUBLIC
from test_launch_docker import MEMBERS, PARTS


def make_public(launch, **changes):
    kept = {"uid": "pub1", "dashboardUid": "candlewick-market-public", "accessToken": "0123456789abcdef", "isEnabled": True}
    (launch.folder / "public.json").write_text(json.dumps({**kept, **changes}))


def public_changes(launch):
    return [(method, path) for method, path, _, _ in launch.requests() if path.startswith(PUBLIC) and method != "GET"]


def test_a_board_that_is_public_already_stays_as_it_is(launch):
    make_public(launch, timeSelectionEnabled=False)
    launch.up()
    assert public_changes(launch) == []
    assert json.loads((launch.folder / "public.json").read_text())["timeSelectionEnabled"] is False


def test_a_board_that_was_paused_is_shown_again(launch):
    make_public(launch, isEnabled=False)
    launch.up()
    assert public_changes(launch) == [("PATCH", PUBLIC + "/pub1")]


def test_a_board_that_shows_nothing_is_not_called_public(launch):
    launch.faults(query="flightsql: connection refused")
    done = launch.run("docker")
    assert done.returncode == 1
    assert "panel 1 of the public board does not answer without a login" in done.stderr
    assert "flightsql: connection refused" in done.stderr
    assert "Candlewick is up" not in done.stdout
    launch.faults()
    launch.up()
    assert public_changes(launch) == [("POST", PUBLIC)], "what was made public once is not made so again"


def test_a_password_that_grafana_refuses(launch):
    launch.faults(password="refused")
    done = launch.run("docker")
    assert done.returncode == 1
    assert "Grafana answered 401" in done.stderr
    assert str(launch.var / "secrets/grafana-admin-password") in done.stderr


def test_secrets_that_were_lost_while_the_data_stayed(stack):
    stack.run("down")
    for file in (stack.var / "secrets").iterdir():
        file.unlink()
    done = stack.run("docker")
    assert done.returncode == 1
    assert "the data of an earlier stack is here" in done.stderr and "down --volumes" in done.stderr
    assert stack.run("docker", "down", "--volumes").returncode == 0
    stack.up()


def test_status_names_every_part_and_asks_the_group(stack):
    done = stack.run("status")
    assert done.returncode == 0, done.stdout + done.stderr
    for name in PARTS:
        assert f"{name} " in done.stdout
    assert done.stdout.count("(healthy)") == len(PARTS)
    assert "the group, said by page candlewick status" in done.stdout


def test_status_of_a_stack_that_has_lost_a_part(stack):
    stack.run("scale", "1")
    stack.env_file.write_text(stack.env_file.read_text().replace("MEMBERS=1", "MEMBERS=2"))
    done = stack.run("status")
    assert done.returncode == 1
    assert "consumer-2       absent" in done.stdout and "./launch.sh docker brings back" in done.stdout


def test_logs(stack):
    assert stack.run("logs", "grafana").stdout == "the log of grafana\n"
    assert set(stack.run("logs").stdout.split()) >= PARTS
    wrong = stack.run("logs", "grafanna")
    assert wrong.returncode == 1 and 'no part is called "grafanna"; there are: ' in wrong.stderr


def test_strategy_stops_every_member_before_one_starts(stack):
    before = {name: container["id"] for name, container in stack.containers().items()}
    done = stack.run("strategy", "sticky")
    assert done.returncode == 0, done.stdout + done.stderr
    verbs = [(verb, call[call.index(verb) + 1:]) for call in stack.calls() if call[0] == "compose"
             for verb in ("stop", "up") if verb in call]
    assert [verb for verb, _ in verbs] == ["stop", "up"]
    assert set(verbs[0][1]) == {"consumer-1", "consumer-2"}
    assert ("GET", "/api/status") in [(method, path) for method, path, _, _ in stack.requests()], "the group is empty first"
    after = {name: container["id"] for name, container in stack.containers().items()}
    assert {name for name in after if after[name] != before[name]} == {"consumer-1", "consumer-2"}
    assert stack.containers()["consumer-1"]["settings"]["ASSIGNMENT_STRATEGY"] == "sticky"
    assert stack.setting("ASSIGNMENT_STRATEGY") == "sticky"


def test_the_strategy_that_is_there_already_changes_nothing(stack):
    before = stack.containers()
    assert stack.run("strategy", "range").returncode == 0
    assert stack.containers() == before and stack.composed("stop") == []


def test_a_strategy_changed_in_the_settings_is_not_mixed_either(stack):
    stack.env_file.write_text(stack.env_file.read_text().replace("ASSIGNMENT_STRATEGY=range", "ASSIGNMENT_STRATEGY=sticky"))
    stack.up()
    assert stack.composed("stop") == [["consumer-1", "consumer-2"]]
    assert stack.containers()["consumer-2"]["settings"]["ASSIGNMENT_STRATEGY"] == "sticky"


@pytest.mark.parametrize("members", [1, 4, 6])
def test_scale(stack, members):
    before = {name: container["id"] for name, container in stack.containers().items()}
    done = stack.run("scale", str(members))
    assert done.returncode == 0, done.stdout + done.stderr
    assert stack.running() & MEMBERS == {f"consumer-{n}" for n in range(1, members + 1)}
    assert set(stack.containers()) & MEMBERS == stack.running() & MEMBERS, "those too many are removed"
    assert stack.containers()["consumer-1"]["id"] == before["consumer-1"]
    assert stack.setting("MEMBERS") == str(members)
    stack.up()
    assert stack.running() & MEMBERS == {f"consumer-{n}" for n in range(1, members + 1)}


@pytest.mark.parametrize("verb", [["strategy", "sticky"], ["scale", "3"]])
def test_a_group_needs_brokers(launch, verb):
    done = launch.run("docker", *verb)
    assert done.returncode == 1 and "the brokers do not run: ./launch.sh docker first" in done.stderr
    assert launch.composed("up") == []


def test_down_keeps_data_and_secrets(stack):
    token = stack.secret("influx-token")
    done = stack.run("down")
    assert done.returncode == 0, done.stdout + done.stderr
    assert stack.containers() == {}
    assert not (stack.var / "stack").exists() and not (stack.var / "run.env").exists()
    assert stack.composed("down") == [["--remove-orphans"]]
    stack.up()
    assert stack.secret("influx-token") == token


def test_down_with_volumes_forgets_everything(stack):
    token = stack.secret("influx-token")
    assert stack.run("down", "--volumes").returncode == 0
    assert stack.composed("down") == [["--remove-orphans", "--volumes"]]
    assert not (stack.var / "secrets").exists()
    stack.up()
    assert stack.secret("influx-token") != token


def test_down_with_volumes_leaves_what_is_not_this_stacks(stack):
    (stack.var / "secrets/cluster-influx-token").write_text("of ./launch.sh cluster")
    (stack.var / "stack").write_text("cluster\n")
    assert stack.run("docker", "down", "--volumes").returncode == 0
    assert [file.name for file in (stack.var / "secrets").iterdir()] == ["cluster-influx-token"]
    assert (stack.var / "stack").read_text() == "cluster\n" and (stack.var / "run.env").exists()


def test_one_command_at_a_time(launch):
    launch.var.mkdir()
    with subprocess.Popen(["flock", launch.var / "stack.lock", "sh", "-c", "echo locked; cat"], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE) as holder:
        assert holder.stdout.readline() == b"locked\n"
        done = launch.run("docker")
        holder.stdin.close()
    assert done.returncode == 1 and "another ./launch.sh is at work" in done.stderr
    assert not (launch.var / "secrets").exists()


def test_a_member_that_has_ended_counts_with_its_strategy(stack):
    """Its session may last: a member of another strategy waits until the group is empty."""
    state = json.loads((stack.folder / "state.json").read_text())
    for name in ("consumer-1", "consumer-2"):
        state["containers"][name]["running"] = False
    (stack.folder / "state.json").write_text(json.dumps(state))
    assert stack.run("strategy", "sticky").returncode == 0
    assert ("GET", "/api/status") in [(method, path) for method, path, _, _ in stack.requests()]


def test_another_stack_on_the_same_ports_is_refused(launch):
    launch.var.mkdir()
    (launch.var / "stack").write_text("cluster\n")
    done = launch.run("docker")
    assert done.returncode == 1 and "the cluster stack is up, on the same ports: ./launch.sh down first" in done.stderr
    assert launch.calls() == []


def test_other_machines_are_served_only_when_asked_for(launch):
    launch.up()
    assert "docker-compose.external.yml" not in (launch.folder / "calls.log").read_text()
    launch.forget_calls()
    launch.up(EXTERNAL_HOST="box.example")
    assert all(any("docker-compose.external.yml" in word for word in call) for call in launch.calls()
               if call[0] == "compose" and "--env-file" in call)


def test_secrets_are_handed_to_each_reader_alone(tmp_path):
    for folder in ("from", "to/influxdb", "to/candlewick", "to/grafana", "bin"):
        (tmp_path / folder).mkdir(parents=True)
    chown = tmp_path / "bin/chown"
    chown.write_text(f'#!/bin/sh\necho "$1 ${{2#{tmp_path}/to/}}" >>"{tmp_path}/owners"\n')
    chown.chmod(0o755)
    command = dict(args=["sh", str(ROOT / "stack/secrets.sh")], capture_output=True, text=True, timeout=30,
                   env={"PATH": f"{tmp_path}/bin:/usr/bin:/bin", "SECRETS_FROM": str(tmp_path / "from"), "SECRETS_TO": str(tmp_path / "to")})
    missing = subprocess.run(**command)
    assert missing.returncode == 1 and "influx-admin-token.json is missing: ./launch.sh docker makes it" in missing.stderr
    for name in ("influx-admin-token.json", "influx-token", "grafana-admin-password"):
        (tmp_path / "from" / name).write_text(name)
    for _ in range(2):
        (tmp_path / "owners").unlink(missing_ok=True)
        assert subprocess.run(**command).returncode == 0
    copies = {str(file.relative_to(tmp_path / "to")): file for file in (tmp_path / "to").rglob("*") if file.is_file()}
    assert set(copies) == {"influxdb/influx-admin-token.json", "candlewick/influx-token", "grafana/influx-token",
                           "grafana/grafana-admin-password"}
    for path, file in copies.items():
        assert file.read_text() == path.split("/")[1] and file.stat().st_mode & 0o777 == 0o400
    assert (tmp_path / "owners").read_text().splitlines() == [
        "1500:1500 influxdb/.influx-admin-token.json", "10001:10001 candlewick/.influx-token", "472:472 grafana/.influx-token",
        "472:472 grafana/.grafana-admin-password"]
