"""What docker-compose.yml, .env.example, settings.sh, the Dockerfile and Prometheus say of the same thing is the same."""

import re
import subprocess

import pytest
import yaml
from compose_file import BROKERS, FILES, OURS, ROOT, defaults, environment_of, example_settings, resolve, services

SERVICES = services()
GIVEN, SHOWN = example_settings()
COMPOSE = {name: how for file in FILES for name, how in defaults(file.read_text()).items()}
DOCKERFILE = (ROOT / "Dockerfile").read_text()
# NAME -> default, of each option of a source that has a variable.
SOURCE_SETTINGS = dict(re.findall(r"^\| `--[^|]*(?:\\\|[^|]*)*\| `([A-Z0-9_]+)` \| `?([^|`]*)`? \| produce, demo \|", (ROOT / "docs/manual.md").read_text(), re.M))
KEY_FILES = {name for name in SOURCE_SETTINGS if name.endswith("_KEY_FILE")}
IMAGES = sorted(name for name in GIVEN if name.endswith("_IMAGE"))


@pytest.mark.parametrize("name", sorted(COMPOSE))
def test_every_variable_has_one_default(name):
    if name == "EXTERNAL_HOST":
        assert COMPOSE[name] == {":?name this machine as others see it"}, "the file is used only when it is set"
    elif name in KEY_FILES:
        assert COMPOSE[name] == {":+/run/secrets/" + name.removesuffix("_FILE").lower().replace("_", "-")}
    else:
        assert len(COMPOSE[name]) == 1 and next(iter(COMPOSE[name])).startswith(":-")


@pytest.mark.parametrize("name", IMAGES)
def test_an_image_is_pinned_alike_and_says_where_its_tag_was_seen(name):
    assert COMPOSE[name] == {":-" + GIVEN[name]}
    assert re.fullmatch(r"[a-z0-9./-]+:[a-z0-9][a-z0-9.-]*\d[a-z0-9.-]*|debian:bookworm-slim", GIVEN[name])
    lines = (ROOT / ".env.example").read_text().splitlines()
    before = lines[: lines.index(f"{name}={GIVEN[name]}")]
    assert any(line.startswith("# ") for line in before[-3:])


def test_the_clusters_influx_has_the_same_flags():
    own = {"--node-id", "--object-store", "--data-dir", "--admin-token-file", "--http-bind"}
    compose = [flag.partition("=") for flag in SERVICES["influxdb"]["command"] if flag.startswith("--")]
    command = (ROOT / "stack" / "cluster_parts.sh").read_text().partition("influxdb3 serve ")[2].partition("\n    fi")[0]
    words = re.findall(r"--[a-z0-9-]+(?: (?!-)[^\s\\]+)?", command)
    cluster = dict(word.partition(" ")[::2] for word in words)
    assert {name: value for name, value in cluster.items() if name not in own} == {
        name: value for name, _, value in compose if name not in own}


def test_no_image_is_named_anywhere_else():
    used = {SERVICES[name]["image"] for name in SERVICES} - {"candlewick:local", "candlewick-kafka:local"}
    assert all(image.startswith("${") for image in used)
    assert {resolve(image) for image in used} | {GIVEN["KAFKA_IMAGE"], GIVEN["MAVEN_IMAGE"], GIVEN["DEBIAN_IMAGE"]} == {
        GIVEN[name] for name in IMAGES}
    froms = re.findall(r"^FROM (\S+)", DOCKERFILE, re.M)
    assert all(re.fullmatch(r"\$\{[A-Z]+_IMAGE\}", base) for base in froms)
    assert dict(re.findall(r"^ARG (\w+)=(\S+)$", DOCKERFILE, re.M)) == {
        name: GIVEN[name] for name in ("DEBIAN_IMAGE", "MAVEN_IMAGE", "KAFKA_IMAGE")}


def test_every_setting_of_a_source_reaches_the_producer():
    """But for files that a container does not have: it has those with keys."""
    assert {"SOURCE", "POLL_INTERVAL", "HISTORY", "REFILL_MAX_AGE"} <= set(SOURCE_SETTINGS)
    given = environment_of(SERVICES["producer"])
    assert len(KEY_FILES) == 3 and set(SOURCE_SETTINGS) - set(given) == {"BITFINEX_CA_FILE"}
    assert all(given[name].startswith("${" + name + (":+" if name in KEY_FILES else ":-")) for name in SOURCE_SETTINGS if name in given)


def test_what_the_example_shows_is_the_default():
    for name, value in SHOWN.items():
        if name in SOURCE_SETTINGS and COMPOSE[name] == {":-"}:
            assert value == SOURCE_SETTINGS[name], name  # the program's own default
            continue
        if name == "EXTERNAL_HOST" or name in KEY_FILES:
            continue  # not set
        shown = {how.removeprefix(":-") for how in COMPOSE[name]}
        assert shown == {value} or (name == "GRAFANA_ROOT_URL" and value == "http://127.0.0.1:3000"), name
    assert set(COMPOSE) - set(SHOWN) - set(GIVEN) - set(SOURCE_SETTINGS) <= {"VAR_DIR", "LOG_LEVEL"}


def test_the_scripts_have_the_same_defaults(tmp_path):
    names = sorted(name for name in COMPOSE if name.endswith("_PORT") and "EXTERNAL" not in name)
    show = "".join(f'printf "%s\\n" "{name}=${{{name}}}"; ' for name in [*names, "MEMBERS", "ASSIGNMENT_STRATEGY"])
    (tmp_path / "env").write_text("")
    brokers = re.search(r"^set_brokers \d+$", (ROOT / "stack/docker.sh").read_text(), re.M)[0]
    said = subprocess.run(
        ["bash", "-c", f". {ROOT}/setup/common.sh; . {ROOT}/stack/settings.sh; load_settings; {brokers}; {show}"],
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "VAR_DIR": str(tmp_path), "ENV_FILE": str(tmp_path / "env")},
        capture_output=True, text=True, timeout=30, check=True).stdout
    expected = {name: next(iter(COMPOSE[name])).removeprefix(":-") for name in names}
    expected |= {"MEMBERS": GIVEN["MEMBERS"], "ASSIGNMENT_STRATEGY": GIVEN["ASSIGNMENT_STRATEGY"]}
    assert dict(line.split("=", 1) for line in said.splitlines()) == expected


def test_secrets_go_to_the_users_that_the_parts_run_as():
    shares = re.findall(r"^share (\S+) (\S+) (\d+)$", (ROOT / "stack/secrets.sh").read_text(), re.M)
    assert {(reader, uid) for _, reader, uid in shares} == {("influxdb", "1500"), ("candlewick", "10001"), ("grafana", "472")}
    for name, reader in (("influxdb", "influxdb"), ("grafana", "grafana"), ("page", "candlewick")):
        text = str(SERVICES[name])
        files = {file for file, to, _ in shares if to == reader}
        named = set(re.findall(r"/run/secrets/([\w.-]+)", text))
        assert named <= files and f"{reader}-secrets:/run/secrets:ro" in text
    keys = re.findall(r"^share_key (\S+) (\S+) (\d+)$", (ROOT / "stack/secrets.sh").read_text(), re.M)
    assert {(f"/run/secrets/{file}", reader, uid) for file, reader, uid in keys} == {
        (next(iter(COMPOSE[name])).removeprefix(":+"), "producer", "10001") for name in KEY_FILES}
    assert "--uid 10001" in DOCKERFILE and "USER 10001:10001" in DOCKERFILE


def test_the_image_is_made_of_what_is_there_and_not_ignored():
    ignore = (ROOT / ".dockerignore").read_text().splitlines()
    patterns = [line for line in ignore if line and not line.startswith("#")]
    assert patterns[0] == "*", "whatever is not named stays out: var/ with its secrets too"
    allowed = {line[1:] for line in patterns if line.startswith("!")}
    copied = [source for line in re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.M) for source in line.split()[:-1]]
    for source in copied:
        assert (ROOT / source).exists(), source
        assert any(source == path or source.startswith(path + "/") for path in allowed), source
    assert {path for path in allowed if not any(source == path or source.startswith(path + "/") for source in copied)} == set()


def test_prometheus_asks_every_part_that_serves_metrics():
    config = yaml.safe_load((ROOT / "stack/prometheus/prometheus.yml").read_text())
    jobs = {job["job_name"]: job for job in config["scrape_configs"]}
    assert set(jobs) == {"candlewick", "kafka", "kafka-exporter", "influxdb", "prometheus"}
    ours = set(jobs["candlewick"]["static_configs"][0]["targets"])
    ours |= {f"{name}:{found['port']}" for found in jobs["candlewick"]["dns_sd_configs"] for name in found["names"]}
    expected = {f"{name}:9100" for name in OURS - {"secrets", "prepare", "page"}} | {"page:8080"}
    assert ours == expected
    brokers = {target["targets"][0]: target["labels"]["broker"] for target in jobs["kafka"]["static_configs"]}
    assert brokers == {f"{name}:7071": name[-1] for name in BROKERS}
    for name in OURS - {"secrets", "prepare"}:
        served = environment_of(SERVICES[name])
        assert served["LISTEN" if name == "page" else "METRICS"] == ("0.0.0.0:8080" if name == "page" else "0.0.0.0:9100")
    for target in ("kafka-exporter:9308", "influxdb:8181"):
        assert target in str(config) and target.split(":")[1] in str(SERVICES[target.split(":")[0]]["healthcheck"]["test"])


def test_both_stacks_have_every_kind():
    kinds = {path.stem for path in (ROOT / "schemas").glob("*.avsc")}
    cluster = re.search(r"STREAMS=\$\{STREAMS:-([a-z,]+)\}", (ROOT / "stack" / "settings.sh").read_text())[1]
    assert COMPOSE["STREAMS"] == {":-" + cluster} and set(cluster.split(",")) == kinds
    assert all("STREAMS" in environment_of(SERVICES[name]) for name in ("prepare", "page", *(n for n in SERVICES if "consumer-" in n)))
