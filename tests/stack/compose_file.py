"""docker-compose.yml and what lies around it, as the tests read them."""

import re
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
FILES = [ROOT / "docker-compose.yml", ROOT / "docker-compose.external.yml"]
ONE_SHOTS = {"secrets", "prepare"}
OURS = {"secrets", "prepare", "producer", "page"} | {f"consumer-{n}" for n in range(1, 7)}
BROKERS = {"kafka-1", "kafka-2", "kafka-3"}


def load(file=FILES[0]):
    return yaml.safe_load(file.read_text())


def services():
    return load()["services"]


def defaults(text):
    """NAME -> what follows it, for every ${NAME…} of a text; the innermost ones count too."""
    found = {}
    while match := re.search(r"\$\{([A-Z0-9_]+)([^${}]*)\}", text):
        found.setdefault(match[1], set()).add(match[2])
        text = text[: match.start()] + match[2].removeprefix(":-") + text[match.end():]
    return found


def resolve(text):
    """With every variable at its default."""
    while match := re.search(r"\$\{([A-Z0-9_]+):-([^${}]*)\}", text):
        text = text[: match.start()] + match[2] + text[match.end():]
    return text


def example_settings():
    """(set, commented): what .env.example sets, and the defaults that it shows."""
    lines = (ROOT / ".env.example").read_text().splitlines()
    pairs = [re.fullmatch(r"(#?)([A-Z0-9_]+)=(.*)", line) for line in lines]
    given = {pair[2]: pair[3] for pair in pairs if pair and not pair[1]}
    return given, {pair[2]: pair[3] for pair in pairs if pair and pair[1]}


def environment_of(service):
    return {key: str(value) for key, value in (service.get("environment") or {}).items()}
