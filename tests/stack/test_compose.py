"""docker-compose.yml: that it is valid, and that every part is held as tightly as the others."""

import base64
import os
import re
import shutil
import subprocess
import sys

import pytest
from compose_file import BROKERS, FILES, ONE_SHOTS, OURS, ROOT, environment_of, load, resolve, services

SERVICES = services()
PARTS = sorted(SERVICES)
RUNNING = sorted(set(SERVICES) - ONE_SHOTS)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_follows_the_compose_specification(file):
    check = subprocess.run(
        [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(file)],
        capture_output=True, text=True, timeout=60)
    assert check.returncode == 0, check.stdout + check.stderr


def compose_command():
    if shutil.which("docker") is None:
        return None
    answers = subprocess.run(["docker", "compose", "version"], capture_output=True, timeout=60).returncode == 0
    return ["docker", "compose"] if answers else None


@pytest.mark.parametrize("files", [FILES[:1], FILES], ids=["alone", "external"])
def test_compose_itself_accepts_it(files):
    command = compose_command()
    if command is None:
        pytest.skip("docker compose is not here")
    options = [option for file in files for option in ("-f", str(file))]
    check = subprocess.run(
        [*command, "--env-file", str(ROOT / ".env.example"), "--profile", "members", *options, "config", "-q"],
        env={**os.environ, "EXTERNAL_HOST": "box.example"},
        capture_output=True, text=True, timeout=60)
    assert check.returncode == 0, check.stderr


def test_the_parts_are_those_that_the_scripts_name():
    others = {"schema-registry", "kafka-ui", "influxdb", "prometheus", "kafka-exporter", "grafana"}
    assert set(SERVICES) == BROKERS | OURS | others


def test_two_members_run_unless_more_are_asked_for():
    assert {name for name in SERVICES if SERVICES[name].get("profiles")} == {f"consumer-{n}" for n in range(3, 7)}


@pytest.mark.parametrize("name", PARTS)
def test_memory_is_limited(name):
    assert SERVICES[name]["mem_limit"]


@pytest.mark.parametrize("name", PARTS)
def test_no_part_can_gain_powers(name):
    assert SERVICES[name]["cap_drop"] == ["ALL"]
    assert SERVICES[name]["security_opt"] == ["no-new-privileges:true"]
    assert SERVICES[name].get("privileged") is None
    assert SERVICES[name].get("cap_add", []) == (["CHOWN", "DAC_OVERRIDE"] if name == "secrets" else [])


@pytest.mark.parametrize("name", RUNNING)
def test_a_running_part_has_a_health_check_and_comes_back(name):
    health = SERVICES[name]["healthcheck"]
    assert health["test"][0] in ("CMD", "CMD-SHELL") and len(health["test"]) > 1
    assert {"interval", "timeout", "retries", "start_period"} <= set(health)
    assert SERVICES[name]["restart"] == "unless-stopped"


@pytest.mark.parametrize("name", sorted(ONE_SHOTS))
def test_a_one_shot_does_its_work_once(name):
    assert SERVICES[name]["restart"] == "no"
    assert "healthcheck" not in SERVICES[name]


@pytest.mark.parametrize("name", PARTS)
def test_what_is_depended_on_can_be_waited_for(name):
    for target, how in (SERVICES[name].get("depends_on") or {}).items():
        assert target in SERVICES
        wanted = "service_completed_successfully" if target in ONE_SHOTS else "service_healthy"
        assert how["condition"] == wanted, f"{name} -> {target}"


def test_nothing_waits_for_itself():
    waiting = {name: set(SERVICES[name].get("depends_on") or {}) for name in SERVICES}
    while waiting:
        ready = {name for name in waiting if not waiting[name] & set(waiting)}
        assert ready, f"these wait for each other: {waiting}"
        waiting = {name: targets for name, targets in waiting.items() if name not in ready}


@pytest.mark.parametrize("name", sorted(BROKERS))
def test_a_broker_waits_for_no_other(name):
    assert not SERVICES[name].get("depends_on")


@pytest.mark.parametrize("name", sorted(OURS - ONE_SHOTS))
def test_ours_starts_when_topics_and_table_are_there(name):
    assert "prepare" in SERVICES[name]["depends_on"]


@pytest.mark.parametrize("name", PARTS)
def test_only_this_machine_is_served(name):
    for port in SERVICES[name].get("ports", []):
        host, published, _ = resolve(port).split(":")
        assert host == "127.0.0.1" and published.isdigit(), port


@pytest.mark.parametrize("name", sorted(BROKERS | {"influxdb", "schema-registry"}))
def test_what_has_no_login_cannot_be_moved_to_the_network(name):
    assert all("BIND" not in port for port in SERVICES[name]["ports"])


@pytest.mark.parametrize("name", sorted(OURS - {"secrets"}))
def test_ours_writes_nothing_and_is_nobody(name):
    assert SERVICES[name]["read_only"] is True
    assert SERVICES[name]["user"] == "10001:10001"
    assert SERVICES[name]["image"] == "candlewick:local"


def test_the_secrets_part_has_no_network():
    assert SERVICES["secrets"]["network_mode"] == "none"
    assert SERVICES["secrets"]["read_only"] is True


@pytest.mark.parametrize("name", PARTS)
def test_no_part_is_asked_through_a_proxy(name):
    lines = (ROOT / services()[name]["env_file"]).read_text().splitlines()
    direct = dict(line.split("=", 1) for line in lines if not line.startswith("#"))
    assert direct["no_proxy"] == direct["NO_PROXY"]
    assert set(direct["no_proxy"].split(",")) == {"localhost", "127.0.0.1"} | set(services()) - ONE_SHOTS


@pytest.mark.parametrize("name", PARTS)
def test_a_secret_is_read_from_a_file(name):
    for key, value in environment_of(SERVICES[name]).items():
        if any(word in key for word in ("TOKEN", "PASSWORD", "SECRET", "KEY")):
            assert re.fullmatch(r"(\$\{[A-Z_]+:\+)?/run/secrets/[a-z-]+\}?", value), key
    for volume in SERVICES[name].get("volumes", []):
        if "/run/secrets" in str(volume):
            assert volume.endswith(":ro")


def test_each_reader_of_secrets_has_a_volume_of_its_own():
    readers = {}
    for name in PARTS:
        for volume in SERVICES[name].get("volumes", []):
            if isinstance(volume, str) and ":/run/secrets" in volume:
                readers.setdefault(volume.split(":")[0], set()).add("ours" if name in OURS else name)
    assert readers == {"influxdb-secrets": {"influxdb"}, "grafana-secrets": {"grafana"}, "candlewick-secrets": {"ours"},
                       "producer-secrets": {"ours"}}
    assert SERVICES["producer"]["volumes"] == ["producer-secrets:/run/secrets:ro"], "the producer needs no token, and nobody else a key"
    assert [name for name in PARTS if "producer-secrets:/run" in str(SERVICES[name])] == ["producer"]


def test_mounted_files_exist():
    mounted = [volume.split(":")[0] for name in PARTS for volume in SERVICES[name].get("volumes", []) if isinstance(volume, str)]
    files = [source for source in mounted if source.startswith(".")]
    assert files
    assert [source for source in files if not (ROOT / source).exists()] == []
    assert {source for source in mounted if not source.startswith(".")} <= set(load()["volumes"])


def test_every_volume_is_used():
    used = str([SERVICES[name].get("volumes") for name in PARTS])
    assert [volume for volume in load()["volumes"] if f"{volume}:" not in used] == []


def test_brokers_differ_in_their_number_alone():
    seen = set()
    for number in (1, 2, 3):
        broker = {**SERVICES[f"kafka-{number}"]}
        broker["environment"] = environment_of(broker)
        assert broker["environment"].pop("KAFKA_NODE_ID") == str(number)
        voters = broker["environment"].pop("KAFKA_CONTROLLER_QUORUM_VOTERS")
        assert voters == ",".join(f"{n}@kafka-{n}:9093" for n in (1, 2, 3))
        text = repr(broker).replace(f"kafka-{number}", "kafka-N").replace(f"KAFKA_{number}_PORT:-{number}9092", "PORT")
        seen.add(text)
    assert len(seen) == 1


def test_the_cluster_keeps_data_on_two_of_three():
    for name in BROKERS:
        settings = environment_of(SERVICES[name])
        assert len(base64.urlsafe_b64decode(settings["CLUSTER_ID"] + "==")) == 16
        assert settings["KAFKA_NODE_ID"] == name[-1]
        assert settings["KAFKA_LOG_DIRS"] in SERVICES[name]["volumes"][0]
        assert settings["KAFKA_AUTO_CREATE_TOPICS_ENABLE"] == "false"
        for key in ("DEFAULT", "OFFSETS_TOPIC", "TRANSACTION_STATE_LOG", "SHARE_COORDINATOR_STATE_TOPIC"):
            assert settings[f"KAFKA_{key}_REPLICATION_FACTOR"] == "3"
        for key in ("MIN_INSYNC_REPLICAS", "TRANSACTION_STATE_LOG_MIN_ISR", "SHARE_COORDINATOR_STATE_TOPIC_MIN_ISR"):
            assert settings[f"KAFKA_{key}"] == "2"


@pytest.mark.parametrize("name", sorted(BROKERS))
def test_the_external_listener_is_off_unless_asked_for(name):
    inside, outside = environment_of(SERVICES[name]), environment_of(load(FILES[1])["services"][name])
    for key in ("KAFKA_LISTENERS", "KAFKA_ADVERTISED_LISTENERS"):
        assert "EXTERNAL" not in inside[key]
        assert outside[key].startswith(inside[key] + ",EXTERNAL://")


def test_the_health_check_of_a_broker_asks_for_what_the_agent_serves():
    rules = (ROOT / "stack/kafka/jmx.yml").read_text()
    for name in BROKERS:
        assert "kafka_server_brokerstate" in SERVICES[name]["healthcheck"]["test"][1]
    assert "name: kafka_server_brokerstate\n" in rules
