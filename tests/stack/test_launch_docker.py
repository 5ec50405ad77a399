"""`./launch.sh docker`: what it starts, in which order, what it leaves alone, and what it says when something is wrong."""

import json
import re
import shutil
import socket
import subprocess

import pytest
from compose_file import ROOT
from http_stand_in import PUBLIC, QUERY

MEMBERS = {f"consumer-{n}" for n in range(1, 7)}
PARTS = {"kafka-1", "kafka-2", "kafka-3", "influxdb", "schema-registry", "producer", "consumer-1", "consumer-2", "page",
         "prometheus", "kafka-exporter", "kafka-ui", "grafana"}


def started(launch):
    """The parts in the order in which they were asked for."""
    return [name for call in launch.composed("up") for name in call if re.fullmatch(r"[a-z][a-z0-9-]*", name)]


def test_first_run_starts_everything_in_order(first):
    order = started(first)
    assert first.running() == PARTS
    for sooner, later in (("secrets", "influxdb"), ("kafka-3", "schema-registry"), ("schema-registry", "prepare"),
                          ("influxdb", "prepare"), ("prepare", "producer"), ("prepare", "consumer-1"), ("prepare", "page")):
        assert order.index(sooner) < order.index(later), order
    for call in first.composed("up"):
        assert "--no-deps" in call
        assert "--wait" in call or set(call) & {"secrets", "prepare", "producer"}, "health is waited for"


def test_first_run_says_each_step_with_its_time_and_the_links(first):
    said = first.said.stdout
    steps = [line for line in said.splitlines() if re.fullmatch(r"==> .+ \.\.\. done \(\d+ s\)", line)]
    assert len(steps) == 11, said
    for link in (f"http://127.0.0.1:{first.ports['GRAFANA_PORT']}/public-dashboards/0123456789abcdef",
                 f"http://127.0.0.1:{first.ports['KAFKA_UI_PORT']}", f"http://127.0.0.1:{first.ports['PAGE_PORT']}",
                 f"http://127.0.0.1:{first.ports['PROMETHEUS_PORT']}", str(first.var / "secrets/grafana-admin-password")):
        assert link in said


def test_first_run_makes_secrets_for_this_user_alone(first):
    assert first.mode("secrets") == 0o700
    token = first.secret("influx-token")
    assert re.fullmatch(r"apiv3_[A-Za-z0-9_-]{64}", token)
    assert json.loads(first.secret("influx-admin-token.json")) == {"token": token, "name": "_admin"}
    assert re.fullmatch(r"[A-Za-z0-9_-]{24}", first.secret("grafana-admin-password"))
    for name in ("influx-token", "influx-admin-token.json", "grafana-admin-password"):
        assert first.mode(f"secrets/{name}") == 0o600


def test_the_producer_alone_gets_the_keys_that_settings_name(launch, tmp_path):
    (tmp_path / "my key").write_text("s3cret-key\n")
    done = launch.up(COINGECKO_KEY_FILE=str(tmp_path / "my key"))
    assert launch.secret("coingecko-key") == "s3cret-key" and launch.mode("secrets/coingecko-key") == 0o600
    assert "COINGECKO_KEY_FILE" in done.stdout and "for the producer alone" in done.stdout and "s3cret-key" not in done.stdout + done.stderr
    assert not (launch.var / "secrets/cryptopanic-key").exists()
    launch.up()  # the setting is remembered until down
    assert launch.secret("coingecko-key") == "s3cret-key"
    launch.up(COINGECKO_KEY_FILE="")
    assert not (launch.var / "secrets/coingecko-key").exists()
    done = launch.run("docker", CRYPTOPANIC_KEY_FILE="nowhere/key")
    assert done.returncode == 2 and "CRYPTOPANIC_KEY_FILE=nowhere/key" in done.stderr and "no such file" in done.stderr, done.stderr


@pytest.mark.parametrize("keys", [{}, {"coingecko-key": "a"}, {"cryptopanic-key": "b", "coinmarketcap-key": "c"}], ids=len)
def test_copies_of_keys_are_those_that_are_there(tmp_path, keys):
    script = re.sub(r"\bchown\b", "true", (ROOT / "stack/secrets.sh").read_text())
    for name in ("influx-admin-token.json", "influx-token", "grafana-admin-password"):
        (tmp_path / "from").mkdir(exist_ok=True)
        (tmp_path / "from" / name).write_text("x")
    for reader in ("influxdb", "candlewick", "grafana", "producer"):
        (tmp_path / "to" / reader).mkdir(parents=True)
    (tmp_path / "to/producer/coingecko-key").write_text("of an earlier start")
    for name, value in keys.items():
        (tmp_path / "from" / name).write_text(value)
    subprocess.run(["sh", "-c", script], env={"PATH": "/usr/bin:/bin", "SECRETS_FROM": str(tmp_path / "from"), "SECRETS_TO": str(tmp_path / "to")},
                   check=True, timeout=30)
    assert {path.name: path.read_text() for path in (tmp_path / "to/producer").iterdir()} == keys
    assert all(path.stat().st_mode & 0o777 == 0o400 for path in (tmp_path / "to/producer").iterdir())


def test_no_secret_is_told_to_anybody(first):
    said = first.said
    everything = said.stdout + said.stderr + (first.folder / "calls.log").read_text() + first.env_file.read_text()
    everything += (first.var / "run.env").read_text() + (first.var / "stack.env").read_text()
    for name in ("influx-token", "grafana-admin-password"):
        assert first.secret(name) not in everything


def test_run_env_leads_the_program_to_the_stack(first):
    lines = dict(line.split("=", 1) for line in (first.var / "run.env").read_text().splitlines())
    ports = first.ports
    assert lines["KAFKA_BROKERS"] == ",".join(f"127.0.0.1:{ports[f'KAFKA_{n}_PORT']}" for n in (1, 2, 3))
    assert lines["SCHEMA_REGISTRY_URL"] == f"http://127.0.0.1:{ports['REGISTRY_PORT']}"
    assert lines["STORE"] == f"http://127.0.0.1:{ports['INFLUX_PORT']}"
    assert lines["INFLUX_TOKEN_FILE"] == str(first.var / "secrets/influx-token")
    assert lines["PAGE"] == f"http://127.0.0.1:{ports['PAGE_PORT']}"
    assert (first.var / "stack").read_text() == "docker\n"


def test_the_board_is_made_public_and_asked_without_a_login(first):
    asked = first.requests()
    assert [(method, login) for method, path, _, login in asked if path == PUBLIC] == [("GET", True), ("POST", True)]
    body = json.loads(next(body for method, path, body, _ in asked if (method, path) == ("POST", PUBLIC)))
    assert body["isEnabled"] is True and body["share"] == "public"
    assert ("POST", QUERY, False) in [(method, path, login) for method, path, _, login in asked]


def test_what_is_mounted_can_be_read_by_the_parts_users(launch, tmp_path):
    """Of a copy of the project that was made under a strict umask."""
    clone = tmp_path / "clone"
    for name in ("stack", "setup", "grafana-provisioning"):
        shutil.copytree(ROOT / name, clone / name)
    for name in ("launch.sh", ".env.example", "docker-compose.yml", "docker-compose.external.yml"):
        shutil.copy(ROOT / name, clone / name)
    for path in clone.rglob("*"):
        path.chmod(path.stat().st_mode & 0o700)
    launch.root = clone
    launch.up()
    for path in (*(clone / "grafana-provisioning").rglob("*"), *(clone / "stack/prometheus").iterdir()):
        assert path.stat().st_mode & 0o005 == (0o005 if path.is_dir() else 0o004), path
    assert (clone / "stack/settings.sh").stat().st_mode & 0o007 == 0, "what is not mounted stays as it was"


def test_a_proxy_of_the_environment_sees_nothing(launch):
    launch.up(http_proxy="http://127.0.0.1:1", all_proxy="http://127.0.0.1:1")
    assert launch.run("strategy", "sticky", http_proxy="http://127.0.0.1:1").returncode == 0


def test_second_run_changes_nothing_that_is_right(stack):
    before = {name: container["id"] for name, container in stack.containers().items()}
    secrets, settings = stack.secret("influx-token"), stack.env_file.read_text()
    stack.up()
    assert {name: container["id"] for name, container in stack.containers().items()} == before
    assert (stack.secret("influx-token"), stack.env_file.read_text()) == (secrets, settings)
    assert {method for method, path, _, _ in stack.requests() if path.startswith(PUBLIC)} == {"GET"}
    assert stack.composed("stop") == [] and stack.composed("rm") == []
    assert not [call for call in stack.calls() if call[0] == "pull"], "the images are here"


def test_a_second_run_brings_back_what_is_gone(stack):
    stack.run("docker", "status")
    kept = stack.containers()["kafka-2"]["id"]
    gone = json.loads((stack.folder / "state.json").read_text())
    gone["containers"]["kafka-3"]["running"] = False
    del gone["containers"]["consumer-2"]
    (stack.folder / "state.json").write_text(json.dumps(gone))
    stack.up()
    assert stack.running() == PARTS
    assert stack.containers()["kafka-2"]["id"] == kept


def test_what_the_environment_set_holds_for_a_repair(stack):
    before = {name: container["id"] for name, container in stack.containers().items()}
    ports, stack.ports = stack.ports, {}
    try:
        stack.up()
    finally:
        stack.ports = ports
    assert {name: container["id"] for name, container in stack.containers().items()} == before


def test_images_are_downloaded_once_and_ours_are_built(first):
    pulled = [call[1] for call in first.calls() if call[0] == "pull"]
    assert "grafana/grafana:13.1.4" in pulled and len(pulled) == len(set(pulled)) == 6
    assert not [image for image in pulled if image.startswith("candlewick")]
    assert first.composed("build") == [["secrets", "kafka-1"]]


def test_an_image_that_cannot_be_had(launch):
    launch.faults(no_image=["prom/prometheus:v3.14.0"])
    done = launch.run("docker")
    assert done.returncode == 1
    assert "prom/prometheus:v3.14.0 cannot be had" in done.stderr
    assert launch.composed("up") == []


@pytest.mark.parametrize("part", ["kafka-2", "schema-registry", "consumer-2", "grafana"])
def test_a_part_that_never_gets_healthy_is_named_with_its_reasons(launch, part):
    launch.faults(unhealthy=[part], health_text="connection refused by itself")
    done = launch.run("docker")
    assert done.returncode == 1
    assert f"{part} is not healthy: Up 2 minutes (unhealthy)" in done.stderr
    assert "connection refused by itself" in done.stderr
    assert f"the log of {part}" in done.stderr
    assert done.stderr.count("is not healthy") == 1, "those that are well are not blamed"
    assert "Candlewick is up" not in done.stdout


def test_nothing_is_started_behind_a_part_that_is_not_healthy(launch):
    launch.faults(unhealthy=["schema-registry"])
    assert launch.run("docker").returncode == 1
    assert "prepare" not in started(launch) and "producer" not in started(launch)
    launch.faults()
    launch.up()
    assert launch.running() == PARTS


def test_a_failure_of_prepare_is_shown(launch):
    launch.faults(exit={"prepare": 1})
    done = launch.run("docker")
    assert done.returncode == 1
    assert "prepare ended with 1" in done.stderr and "the log of prepare" in done.stderr
    assert "producer" not in started(launch)


def test_an_exchange_that_is_away_is_told_and_is_no_failure(launch):
    launch.faults(unhealthy=["producer"], health_text="not ready: the exchange does not answer")
    said = launch.up().stdout
    assert "No ticks yet: the exchange does not answer" in said
    assert "SOURCE=synthetic ./launch.sh docker" in said


def test_taken_ports_are_named_before_anything_starts(launch):
    with socket.create_server(("127.0.0.1", int(launch.ports["GRAFANA_PORT"]))), \
            socket.create_server(("127.0.0.1", int(launch.ports["KAFKA_2_PORT"]))):
        done = launch.run("docker")
    assert done.returncode == 1
    assert f"port {launch.ports['GRAFANA_PORT']} (GRAFANA_PORT) is taken" in done.stderr
    assert f"port {launch.ports['KAFKA_2_PORT']} (KAFKA_2_PORT) is taken" in done.stderr
    assert "set another GRAFANA_PORT in" in done.stderr
    assert launch.composed("up") == [] and not (launch.var / "stack").exists()


def test_a_port_given_twice(launch):
    done = launch.run("docker", PAGE_PORT=launch.ports["GRAFANA_PORT"])
    assert done.returncode == 2 and "is given to two parts" in done.stderr


@pytest.mark.parametrize("settings", [{"ASSIGNMENT_STRATEGY": "stikcy"}, {"MEMBERS": "7"}, {"PAGE_PORT": "http"}],
                         ids=lambda value: next(iter(value)))
def test_a_wrong_setting_is_refused_before_anything_starts(launch, settings):
    done = launch.run("docker", **settings)
    (name, value), = settings.items()
    assert done.returncode == 2 and f"{name}={value}" in done.stderr, done.stderr
    assert launch.composed("up") == [] and not (launch.var / "stack.env").exists()


def test_a_setting_that_the_program_refuses_starts_no_part_and_is_not_remembered(launch):
    launch.faults(options={"consumer-1": 'candlewick: RETENTION: "soon" is not a duration'})
    done = launch.run("docker", RETENTION="soon")
    assert done.returncode == 2 and 'RETENTION: "soon"' in done.stderr, done.stderr
    assert started(launch) == ["secrets"] and not (launch.var / "stack.env").exists()
    assert not (launch.var / "stack").exists(), "no stack is up: another way to run is not refused"
    launch.faults()
    launch.up()
    launch.faults(options={"page": 'candlewick: PAGE: "soon" is not an address'})
    assert launch.run("docker").returncode == 2
    assert (launch.var / "stack").read_text() == "docker\n", "the one that was up still is"


@pytest.mark.parametrize("faults, said", [
    ({"engine": "Cannot connect to the Docker daemon at unix:///var/run/docker.sock."}, "the Docker engine does not answer: start"),
    ({"engine": "permission denied while trying to connect"}, "sudo usermod -aG docker"),
    ({"memory": 3 << 30}, "has 3072 MiB of memory, and the stack needs 5120"),
    ({"compose": "2.10.2"}, "docker compose 2.10.2 is too old: 2.20"),
    ({"compose": "v1.29.2"}, "docker compose 1.29.2 is too old"),
    ({"compose": "missing"}, "docker compose is missing: install"),
])
def test_what_is_missing_or_too_small_is_said_with_the_remedy(launch, faults, said):
    launch.faults(**faults)
    done = launch.run("docker")
    assert done.returncode == 1
    assert said in done.stderr
    assert launch.composed("up") == [] and not (launch.var / "secrets").exists()


@pytest.mark.parametrize("version", ["2.20.0", "v2.39.1", "5.7.0"])
def test_a_compose_that_is_new_enough(launch, version):
    launch.faults(compose=version)
    launch.up()


def test_without_docker(launch):
    tools = launch.folder / "tools"
    tools.mkdir()
    for name in ("bash", "dirname", "nproc", "cp", "mkdir", "cat", "sed", "mktemp"):
        (tools / name).symlink_to(shutil.which(name))
    done = launch.run("docker", path=str(tools))
    assert done.returncode == 1
    assert "Docker is not installed" in done.stderr and "./launch.sh cluster" in done.stderr


def test_a_full_disk(launch):
    df = launch.bin / "df"
    df.write_text("#!/bin/sh\necho header\necho /dev/x 9 9 1048576 9 /\n")
    df.chmod(0o755)
    done = launch.run("docker")
    assert done.returncode == 1
    assert "disk has 1024 MiB free, and 10240 are needed" in done.stderr
