"""tests/run.sh in a folder of its own: what it counts, tries again, names and takes for failed. ctest and pytest are real."""

import os
import shutil
import subprocess
import sys

import pytest
from compose_file import ROOT

PYTEST_FILE = """import pathlib, pytest
class Failed(AssertionError):
    pass
@pytest.mark.parametrize("name", {names!r})
def test_case(name):
    tries = pathlib.Path({folder!r}, name)
    codes = tries.read_text().split()
    tries.write_text(" ".join(codes[1:]))
    if codes[0] == "I1":
        raise Failed("I1: a tick is lost")
    assert codes[0] == "0", "as told"
"""


class Project:
    """run.sh and what it sources; nothing is installed or built, and the tests fail as often as they are told to."""

    def __init__(self, folder):
        self.folder, self.bin = folder, folder / "bin"
        self.bin.mkdir()
        shutil.copytree(ROOT / "setup", folder / "setup")
        (folder / "setup/python.sh").write_text(f"need_test_python() {{ python='{sys.executable}'; }}\n")
        (folder / "setup/grafana.sh").write_text("need_grafana_data() { :; }\n")
        for name in ("tests/run.sh", "tests/count.sh", "tests/system/run.sh", "tests/faults/run.sh"):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
        (folder / "tests/support").mkdir()
        for name, script in {"cmake": "", "dpkg-query": "printf installed", "nproc": "echo 1", "prometheus": "", "promtool": ""}.items():
            (self.bin / name).write_text(f"#!/bin/sh\n{script}\n")
            (self.bin / name).chmod(0o755)

    def ctest_has(self, preset, label, **tests):
        """name: the codes that it ends with, one a try."""
        build = self.folder / "build" / preset
        build.mkdir(parents=True)
        lines = []
        for name, codes in tests.items():
            (build / name).write_text(codes)
            script = build / f"{name}.sh"
            script.write_text(f"read -r code rest <{build}/{name}; echo $rest >{build}/{name}; exit $code")
            lines += [f'add_test({label}/{name} sh "{script}")', f"set_tests_properties({label}/{name} PROPERTIES LABELS {label})"]
        (build / "CTestTestfile.cmake").write_text("\n".join(lines))
        (build / "build.ninja").touch()

    def pytest_has(self, part, **tests):
        folder = self.folder / "tests" / part
        folder.mkdir(exist_ok=True)
        for name, codes in tests.items():
            (folder / name).write_text(codes)
        (folder / "test_them.py").write_text(PYTEST_FILE.format(names=list(tests), folder=str(folder)))
        (self.folder / "build/release-tests").mkdir(parents=True, exist_ok=True)

    def run(self, *arguments):
        done = subprocess.run(
            ["bash", "tests/run.sh", *arguments], cwd=self.folder, capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL,
            env={"PATH": f"{self.bin}:{os.environ['PATH']}", "HOME": str(self.folder), "RDKAFKA_ROOT": "/opt/rdkafka",
                 "JAVA_HOME": "/opt/java"})
        print(done.stdout, done.stderr)
        _, _, end = done.stdout.rpartition("==> ")
        return done.returncode, end.partition("\n")[2], (self.folder / "build/second-tries.txt").read_text()


@pytest.fixture
def project(tmp_path):
    return Project(tmp_path)


AGAIN = "These passed only when they were tried again (build/second-tries.txt keeps them):\n"


def test_all_pass_at_the_first_try(project):
    project.ctest_has("release-tests", "unit", a="0", b="0")
    assert project.run("unit") == (0, "2 passed, 0 failed\n", "")


def test_what_passes_at_the_second_try_is_named_and_counts_once(project):
    project.ctest_has("release-tests", "unit", a="1 0", b="0", c="1 0")
    assert project.run("unit") == (0, f"{AGAIN}    unit: unit/a\n    unit: unit/c\n3 passed, 0 failed\n", "unit\tunit/a\nunit\tunit/c\n")


def test_what_fails_twice_has_failed(project):
    project.ctest_has("release-tests", "unit", a="1 1", b="1 0", c="0")
    assert project.run("unit") == (
        1, f"{AGAIN}    unit: unit/b\nThese failed:\n    unit: unit/a\n2 passed, 1 failed\n", "unit\tunit/b\n")


def test_of_more_than_three_none_is_tried_again(project):
    project.ctest_has("release-tests", "unit", a="1 0", b="1 0", c="1 0", d="1 0", e="0")
    code, said, file = project.run("unit")
    assert (code, file) == (1, "") and said.endswith("1 passed, 4 failed\n") and AGAIN not in said


def test_a_second_try_in_two_parts_is_a_failure(project):
    project.ctest_has("release-tests", "unit", a="1 0", b="0")
    project.ctest_has("asan", "unit", a="1 0", b="1 0")
    code, said, file = project.run("unit", "asan")
    assert code == 1 and file == "unit\tunit/a\nasan\tunit/a\nasan\tunit/b\n"
    assert said.endswith("These failed:\n    asan: unit/a (a second try here and in unit)\n3 passed, 1 failed\n")


def test_a_race_is_no_matter_of_chance(project):
    project.ctest_has("tsan", "unit", a="1 0", b="0")
    assert project.run("tsan") == (1, "These failed:\n    tsan: unit/a\n1 passed, 1 failed\n", "")


@pytest.mark.parametrize("part", ["unit", "unit:nothing-of-this-name", "browser"])
def test_a_part_in_which_nothing_runs_has_failed(project, part):
    project.ctest_has("release-tests", "unit", **({"a": "0"} if ":" in part else {}))
    assert project.run(part) == (1, f"These failed:\n    {part.split(':')[0]}: no test ran\n0 passed, 1 failed\n", "")


def test_tests_are_chosen_by_name(project):
    project.ctest_has("release-tests", "unit", kafka_a="0", kafka_b="0", web="1 1")
    assert project.run("unit:kafka_[ab]") == (0, "2 passed, 0 failed\n", "")


def test_pytests_second_try_is_told_in_the_same_way(project):
    project.pytest_has("stack", **{"a and b": "1 0", "c": "0", "d": "1 1"})
    name = "tests/stack/test_them.py::test_case"
    assert project.run("stack") == (1, f"{AGAIN}    stack: {name}[a and b]\nThese failed:\n    stack: {name}[d]\n2 passed, 1 failed\n",
                                    f"stack\t{name}[a and b]\n")


def test_a_broken_promise_is_not_tried_again(project):
    project.pytest_has("stack", a="I1 0", b="0")
    code, said, file = project.run("stack")
    assert (code, file) == (1, "") and said.endswith("1 passed, 1 failed\n")


@pytest.mark.parametrize("text, status", [
    ("", 5), ("import nothing_of_this_name\n", 2), ("def test_a():\n    pass\ndef test_b():\n    raise KeyboardInterrupt\n", 2),
], ids=["no tests", "not to be imported", "broken off"])
def test_a_run_of_pytest_that_does_not_come_to_its_end_has_failed(project, text, status):
    project.pytest_has("cluster")
    (project.folder / "tests/cluster/test_them.py").write_text(text)
    code, said, file = project.run("cluster")
    assert (code, file) == (1, "") and f"    cluster: pytest ended with {status}\n" in said and " 0 failed" not in said


def test_the_walk_is_what_is_marked_so(project):
    project.pytest_has("cluster", a="1 1")
    file = project.folder / "tests/cluster/test_more.py"
    file.write_text("import pytest\n@pytest.mark.walk\ndef test_it():\n    pass\n")
    assert project.run("walk") == (0, "1 passed, 0 failed\n", "")


def test_two_parts_add_up_and_each_is_told_with_its_time(project):
    project.ctest_has("release-tests", "unit", a="0")
    for name in ("style", "tidy"):
        (project.folder / f"tests/{name}.sh").write_text("#!/bin/sh\nexit 3\n")
        (project.folder / f"tests/{name}.sh").chmod(0o755)
    assert project.run("format", "unit") == (1, "These failed:\n    format\n    tidy\n1 passed, 2 failed\n", "")
