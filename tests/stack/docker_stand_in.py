"""A `docker` that keeps its containers in a folder: what launch.sh's Docker way is tested against where there is no engine.

`install()` puts it into a folder for PATH. It answers the commands that the scripts use and refuses any other, so that a
test fails when they come to use more. Every call is kept in calls.log. What goes wrong is in faults.json.
It is started forty times for one ./launch.sh docker: what few commands need is imported by these alone.
"""

import json
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ONE_SHOTS = ("secrets", "prepare")
SERVED = {"grafana": "GRAFANA_PORT", "page": "PAGE_PORT"}


def install(folder, services, volumes):
    """Makes bin/docker in the folder; services: name -> {"image": …, "variables": {name: default}, "ports": [variable]}."""
    (folder / "bin").mkdir(parents=True)
    write(folder, "services.json", services)
    write_state(folder, {"containers": {}, "images": [], "volumes": [], "all_volumes": volumes, "made": 0})
    set_faults(folder)
    script = folder / "bin" / "docker"
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -I -S "{__file__}" "{folder}" "$@"\n')
    script.chmod(0o755)
    return folder / "bin"


def read(folder, name):
    with open(os.path.join(folder, name)) as file:
        return json.load(file)


def write(folder, name, what):
    with open(os.path.join(folder, name), "w") as file:
        json.dump(what, file)


def read_state(folder):
    return read(folder, "state.json")


def write_state(folder, state):
    write(folder, "state.new", state)
    os.replace(os.path.join(folder, "state.new"), os.path.join(folder, "state.json"))


def set_faults(folder, **faults):
    write(folder, "faults.json", faults)


def calls(folder):
    """Each call's arguments, compose's own options left out."""
    log = os.path.join(folder, "calls.log")
    if not os.path.exists(log):
        return []
    with open(log) as lines:
        return [json.loads(line) for line in lines]


class Docker:
    def __init__(self, folder):
        self.folder = folder
        self.services = read(folder, "services.json")
        self.faults = read(folder, "faults.json")
        self.state = read_state(folder)
        self.containers = self.state["containers"]

    def save(self):
        write_state(self.folder, self.state)

    def info(self, options):
        if self.faults.get("engine"):
            fail(self.faults["engine"])
        figures = {"MemTotal": self.faults.get("memory", 8 << 30), "ServerVersion": "28.2.2", "DockerRootDir": self.folder}
        print(fill(options[1], figures) if options else "Server Version: 28.2.2")

    def ps(self, options):
        wanted = {}
        for filter_text in values(options, "--filter"):
            key, value = filter_text.split("=", 1)
            if key == "label":
                key, value = value.split("=", 1)
            wanted[key] = value
        service = wanted.get("com.docker.compose.service")
        for name, container in self.containers.items():
            if service not in (None, name) or (wanted.get("status") == "running" and not container["running"]):
                continue
            print(fill(values(options, "--format")[0], {
                "ID": container["id"], "Label": name, "Status": status_text(container),
                "Ports": ", ".join(f"127.0.0.1:{port}->9999/tcp" for port in container["ports"])}))

    def container(self, identity):
        return next((c for c in self.containers.values() if c["id"] == identity), None) or fail(f"No such object: {identity}")

    def inspect(self, options):
        for identity in options[2:]:
            container = self.container(identity)
            if ".Config.Env" in options[1]:
                print("\n".join(f"{key}={value}" for key, value in container["settings"].items()))
            elif not container["running"] or container["health"] != "healthy":
                print(self.faults.get("health_text", "the health check's own words"))

    def wait(self, options):
        print(self.container(options[0])["exit"])

    def image(self, options):
        return 0 if options[1] in self.state["images"] else fail("No such image")

    def pull(self, options):
        if options[0] in self.faults.get("no_image", []):
            fail("manifest unknown")
        self.state["images"].append(options[0])

    def volume(self, options):
        print("\n".join(self.state["volumes"]))

    def compose(self, options):
        if self.faults.get("compose") == "missing":
            fail("docker: 'compose' is not a docker command.")
        self.environment = dict(os.environ)
        while options and options[0].startswith("-"):
            if options[0] == "--env-file":
                with open(options[1]) as lines:
                    for line in lines:
                        if re.match("[A-Z]", line):
                            self.environment.setdefault(*line.rstrip("\n").split("=", 1))
            options = options[2:]
        verb = options[0].replace("-", "_")
        getattr(self, f"compose_{verb}", lambda _: fail(f"stand-in: compose {verb}?"))(options[1:])

    def compose_version(self, _):
        print(self.faults.get("compose", "2.39.1"))

    def compose_config(self, options):
        if "--services" in options:
            print("\n".join(self.services))
        if "--images" in options:
            print("\n".join(service["image"] for service in self.services.values()))

    def compose_build(self, options):
        self.state["images"] += [self.services[name]["image"] for name in options]

    def settings_of(self, name):
        return {key: self.environment.get(key) or default for key, default in self.services[name]["variables"].items()}

    def compose_up(self, options):
        names = named(options, "--wait-timeout")
        if "--no-deps" not in options or not names:
            fail("stand-in: up without --no-deps, or of everything")
        for name in names:
            self.bring_up(name)
        self.state["volumes"] = self.state["all_volumes"]
        sick = [name for name in names if "--wait" in options and self.containers[name]["health"] != "healthy"]
        self.save()
        if sick:
            fail(f"container candlewick-{sick[0]}-1 is unhealthy")

    def bring_up(self, name):
        old, settings = self.containers.get(name), self.settings_of(name)
        if self.services[name]["image"] not in self.state["images"]:
            fail(f"No such image: {self.services[name]['image']}")
        if old is None or old["settings"] != settings:
            self.halt(name)
            self.state["made"] += 1
            old = {"id": f"{name}-{self.state['made']:04d}", "settings": settings, "running": False, "exit": 0, "process": 0,
                   "ports": [self.environment[variable] for variable in self.services[name]["ports"]]}
            self.containers[name] = old
        healthy = name not in self.faults.get("unhealthy", [])
        old.update(health="healthy" if healthy else "unhealthy")
        if name in ONE_SHOTS:
            old["exit"] = self.faults.get("exit", {}).get(name, 0)
        elif not old["running"]:
            old.update(running=True, paused=False)
            if name in SERVED:
                old["process"] = self.serve(name)

    def serve(self, name):
        """The listener is open before this returns: who asks next is answered. One that was just ended may still hold its port."""
        import socket
        import subprocess
        listener = socket.create_server(("127.0.0.1", int(self.environment[SERVED[name]])), reuse_port=True)
        os.set_inheritable(listener.fileno(), True)
        process = subprocess.Popen(
            [sys.executable, "-I", os.path.join(HERE, "http_stand_in.py"), name, str(listener.fileno()), self.folder],
            pass_fds=[listener.fileno()], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True)
        return process.pid

    def halt(self, name):
        container = self.containers.get(name)
        if container and container["process"]:
            os.kill(container["process"], 9)
            container["process"] = 0
        if container:
            container["running"] = False

    def compose_stop(self, options):
        for name in options:
            self.halt(name)

    def compose_rm(self, options):
        for name in named(options):
            del self.containers[name]

    def compose_logs(self, options):
        print(f"the log of {named(options, '--tail')[0]}")

    def compose_exec(self, options):
        sys.path.insert(0, HERE)
        import drill_stand_in as drill  # here alone: it takes longer than all other commands
        words = options[2:]
        if words[0] == "sh":
            sys.exit(drill.shell(self.folder, words))
        if words[1] == "verify":
            asked = sum("verify" in call for call in calls(self.folder))
            drill.compact(drill.books(self.faults.get("lost", 0) if asked > 1 else 0))
        elif "json" in words:
            drill.compact(drill.group(self.containers))
        else:
            print(f"the group, said by {' '.join(options[1:])}")

    def compose_kill(self, options):
        self.compose_stop(options)

    def compose_pause(self, options):
        self.containers[options[0]]["paused"] = True

    def compose_unpause(self, options):
        self.containers[options[0]]["paused"] = False

    def compose_run(self, options):
        if "--check-options" in options:
            fault = self.faults.get("options", {}).get(named(options)[0])
            sys.exit(fail(fault, 2) if fault else 0)
        self.state["runs"] = values(options, "--name")

    def stop(self, options):
        return 0 if options[0] in self.state.get("runs", []) else fail(f"No such container: {options[0]}")

    def rm(self, options):
        self.state["runs"] = [name for name in self.state.get("runs", []) if name not in options]

    def compose_down(self, options):
        for name in list(self.containers):
            self.halt(name)
        self.containers.clear()
        if "--volumes" in options:
            self.state["volumes"] = []


def fail(text, status=1):
    print(text, file=sys.stderr)
    sys.exit(status)


def values(options, flag):
    return [options[i + 1] for i, option in enumerate(options) if option == flag]


def named(options, *with_value):
    """The arguments that are no options and no values of options."""
    taken = {i + 1 for i, option in enumerate(options) if option in with_value}
    return [option for i, option in enumerate(options) if i not in taken and not option.startswith("-")]


def fill(template, figures):
    return re.sub(r"{{\.(\w+)[^}]*}}", lambda match: str(figures[match[1]]), template)


def status_text(container):
    if container.get("paused"):
        return "Up 2 minutes (Paused)"
    return f"Up 2 minutes ({container['health']})" if container["running"] else f"Exited ({container['exit']}) 1 second ago"


def main():
    folder, arguments = sys.argv[1], sys.argv[2:]
    with open(os.path.join(folder, "calls.log"), "a") as log:
        log.write(json.dumps(arguments) + "\n")
    docker = Docker(folder)
    getattr(docker, arguments[0], lambda _: fail(f"stand-in: {arguments[0]}?"))(arguments[1:])
    docker.save()


if __name__ == "__main__":
    main()
