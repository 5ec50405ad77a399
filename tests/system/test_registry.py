"""Our own registry as a program: what a large one costs."""

import json
import sqlite3

from conftest import get_json

SUBJECTS = 400
MEMORY_MIB = 96


def peak_mib(pid):
    with open(f"/proc/{pid}/status") as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


def test_lists_do_not_cost_the_schemas_that_they_do_not_show(start, tmp_path):
    """Each of the subjects has a schema of almost 1 MiB."""
    file = tmp_path / "registry.sqlite"
    first = start("registry", "--listen", "127.0.0.1:0", "--registry-data", file)
    first.wait_event("listening")
    assert first.stop() == 0, first.log()
    schema = json.dumps({"type": "record", "name": "R", "doc": "x" * 1_000_000, "fields": []})
    with sqlite3.connect(file) as database:
        database.execute("INSERT INTO schemas (canonical, text) VALUES ('', ?)", (schema,))
        database.executemany("INSERT INTO versions (subject, version, schema_id) VALUES (?, 1, 1)",
                             ((f"s{number:03}",) for number in range(SUBJECTS)))
    registry = start("registry", "--listen", "127.0.0.1:0", "--registry-data", file)
    url = registry.wait_event("listening")["url"]
    assert len(get_json(f"{url}/subjects")) == SUBJECTS
    assert len(get_json(f"{url}/schemas/ids/1/versions")) == SUBJECTS
    assert get_json(f"{url}/subjects/s399/versions") == [1]
    assert get_json(f"{url}/subjects/s399/versions/1")["schema"] == schema
    assert peak_mib(registry.process.pid) < MEMORY_MIB
