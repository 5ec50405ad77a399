"""launch.sh in a folder of its own, with a docker that is none."""

import json
import os
import signal
import socket
import stat
import subprocess

import docker_stand_in as stand_in
import pytest
from compose_file import ROOT, defaults, load, resolve, services

# A shell that starts tests in the background has them ignore Ctrl-C; what they start is to heed it again.
signal.signal(signal.SIGINT, signal.default_int_handler)

PORTS = ("KAFKA_1_PORT", "KAFKA_2_PORT", "KAFKA_3_PORT", "REGISTRY_PORT", "KAFKA_UI_PORT", "INFLUX_PORT", "GRAFANA_PORT",
         "PROMETHEUS_PORT", "PAGE_PORT")


def pytest_configure(config):
    config.addinivalue_line("markers", "slow: left out by tests/run.sh without arguments")


def free_ports(count):
    """Open all at once, so that they differ."""
    listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [listener.getsockname()[1] for listener in listeners]
    for listener in listeners:
        listener.close()
    return ports


class Launch:
    """A user's folder: .env, var/ and a docker that keeps its containers in files."""

    def __init__(self, folder):
        self.folder = folder
        self.root = ROOT
        self.var = folder / "var"
        self.env_file = folder / "env"
        self.ports = dict(zip(PORTS, map(str, free_ports(len(PORTS)))))
        known = {}
        for name, service in services().items():
            variables = defaults(repr(service))
            known[name] = {"image": resolve(service["image"]),
                           "variables": {variable: min(how).removeprefix(":-") for variable, how in variables.items()},
                           "ports": [variable for variable in sorted(defaults(repr(service.get("ports", [])))) if variable != "BIND"]}
        volumes = [f"candlewick_{name}" for name in load()["volumes"]]
        self.bin = stand_in.install(folder, known, volumes)

    def run(self, *arguments, path=None, **environment):
        kept = {key: value for key, value in os.environ.items() if key in ("HOME", "LANG")}
        return subprocess.run(
            ["bash", str(self.root / "launch.sh"), *arguments],
            env={**kept, "PATH": path or f"{self.bin}:{os.environ['PATH']}", "VAR_DIR": str(self.var), "ENV_FILE": str(self.env_file),
                 **self.ports, **environment},
            capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL)

    def up(self, **environment):
        done = self.run("docker", **environment)
        assert done.returncode == 0, done.stdout + done.stderr
        return done

    def calls(self):
        return stand_in.calls(self.folder)

    def composed(self, verb):
        """What compose was told to do with the verb, as lists of arguments after it."""
        return [call[call.index(verb) + 1:] for call in self.calls() if call[0] == "compose" and verb in call]

    def forget_calls(self):
        for name in ("calls.log", "requests.log"):
            (self.folder / name).unlink(missing_ok=True)

    def requests(self):
        log = self.folder / "requests.log"
        return [tuple(json.loads(line)) for line in log.read_text().splitlines()] if log.exists() else []

    def faults(self, **faults):
        stand_in.set_faults(self.folder, **faults)

    def containers(self):
        return stand_in.read_state(self.folder)["containers"]

    def running(self):
        return {name for name, container in self.containers().items() if container["running"]}

    def setting(self, name):
        return dict(line.split("=", 1) for line in self.env_file.read_text().splitlines() if "=" in line).get(name)

    def secret(self, name):
        return (self.var / "secrets" / name).read_text().strip()

    def mode(self, name):
        return stat.S_IMODE((self.var / name).stat().st_mode)

    def close(self):
        for container in self.containers().values():
            if container["process"]:
                os.kill(container["process"], 9)


@pytest.fixture
def launch(tmp_path):
    made = Launch(tmp_path)
    yield made
    made.close()


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    """A stack after its first start; to be looked at only."""
    made = Launch(tmp_path_factory.mktemp("first"))
    made.said = made.up()
    yield made
    made.close()


@pytest.fixture
def stack(launch):
    """A stack that is up; what was called until then is forgotten."""
    launch.up()
    launch.forget_calls()
    return launch
