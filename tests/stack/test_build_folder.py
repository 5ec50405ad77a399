"""setup/build.sh in a folder of its own, with a cmake that only writes down what it was asked."""

import os
import shutil
import subprocess
import time

import pytest
from compose_file import ROOT

BUILD = 'set -euo pipefail; . setup/common.sh; . setup/build.sh; build_in_folder release'


def checkout(folder):
    folder.mkdir(parents=True)
    shutil.copytree(ROOT / "setup", folder / "setup")
    return folder


def build(folder, tmp_path, script=BUILD, **environment):
    tools = tmp_path / "tools"
    tools.mkdir(exist_ok=True)
    (tools / "cmake").write_text('#!/bin/sh\necho "cmake $*"\n')
    (tools / "cmake").chmod(0o755)
    return subprocess.run(["bash", "-c", script], cwd=folder, capture_output=True, text=True, timeout=30,
                          env={"PATH": f"{tools}:{os.environ['PATH']}", **environment})


def configured(folder, made_for):
    """As CMake leaves it."""
    made = folder / "build" / "release"
    made.mkdir(parents=True)
    (made / "build.ninja").touch()
    (made / "CMakeCache.txt").write_text(f"CMAKE_HOME_DIRECTORY:INTERNAL={made_for}\n")
    return made


@pytest.mark.parametrize("case", ["its own", "its own through a link", "copied", "moved"])
def test_a_build_folder_of_another_checkout_is_made_anew(tmp_path, case):
    here = checkout(tmp_path / "here")
    other = {"its own": here, "its own through a link": tmp_path / "link", "copied": checkout(tmp_path / "there"),
             "moved": tmp_path / "gone"}[case]
    (tmp_path / "link").symlink_to(here)
    made = configured(here, other)
    done = build(here, tmp_path, HOME=str(tmp_path))
    assert done.returncode == 0, done.stderr
    kept = case.startswith("its own")
    assert made.exists() is kept
    assert ("cmake --preset release" in done.stdout) is not kept
    assert "cmake --build --preset release" in done.stdout


@pytest.mark.parametrize("presets_s, again", [(-60, False), (60, True)], ids=["older", "newer"])
def test_presets_that_changed_since_are_read_again_in_the_same_folder(tmp_path, presets_s, again):
    here = checkout(tmp_path / "here")
    made = configured(here, here)
    (here / "CMakePresets.json").touch()
    written = (made / "build.ninja").stat().st_mtime + presets_s
    os.utime(here / "CMakePresets.json", (written, written))
    done = build(here, tmp_path, HOME=str(tmp_path))
    assert done.returncode == 0 and made.exists()
    assert ("cmake --preset release" in done.stdout) is again


@pytest.mark.parametrize("name", ['a"b', "a;b", "a#b", "a\\b", "a*b", "a<b", "a>b", "a|b", "a\nb"])
def test_a_path_that_cmake_cannot_read_is_refused_in_a_line(tmp_path, name):
    done = build(checkout(tmp_path / name), tmp_path, HOME=str(tmp_path))
    assert done.returncode == 1 and "Move or rename the folder" in done.stderr, done.stderr
    assert "cmake" not in done.stdout


@pytest.mark.parametrize("name", ["a b", "it's", "$x", "(a)", "ä", "a&b", "{a}"])
def test_other_paths_are_taken_and_home_may_be_unset(tmp_path, name):
    done = build(checkout(tmp_path / name), tmp_path)
    assert done.returncode == 0 and "cmake --build --preset release" in done.stdout, done.stderr


@pytest.mark.skipif(shutil.which("flock") is None, reason="no flock")
def test_a_second_build_in_the_folder_waits_for_the_first_and_says_so(tmp_path):
    here, tools, asked, gate = checkout(tmp_path / "here"), tmp_path / "tools", tmp_path / "asked", tmp_path / "gate"
    tools.mkdir()
    os.mkfifo(gate)
    asked.touch()
    # It configures until the gate is closed.
    (tools / "cmake").write_text(f"""#!/bin/sh
echo "$*" >>{asked}
[ "$1" = --preset ] || exit 0
cat {gate}
mkdir -p build/release && touch build/release/build.ninja
""")
    (tools / "cmake").chmod(0o755)

    def start(said):
        with said.open("w") as out:
            return subprocess.Popen(["bash", "-c", BUILD.replace("build_in_folder", "build_preset")], cwd=here, stdout=out,
                                    stderr=subprocess.STDOUT, env={"PATH": f"{tools}:{os.environ['PATH']}", "HOME": str(tmp_path),
                                                                   "RDKAFKA_ROOT": "/opt/rdkafka"})

    held = os.open(gate, os.O_RDWR)
    runs = []
    try:
        runs.append(start(tmp_path / "first"))
        wait_for_text(asked, "--preset release")
        runs.append(start(tmp_path / "second"))
        wait_for_text(tmp_path / "second", "another run builds in build/release: waiting until it is done")
        assert asked.read_text() == "--preset release\n"
        os.close(held)
        held = None
        assert [run.wait(timeout=30) for run in runs] == [0, 0]
    finally:
        for run in runs:
            run.kill()
        if held is not None:
            os.close(held)
    assert [line.split()[0] for line in asked.read_text().splitlines()] == ["--preset", "--build", "--build"], "configured once"


def test_what_the_scripts_keep_open_is_left_open_by_a_build(tmp_path):
    """stack/cluster.sh tells of a stop on 8, stack/settings.sh holds its lock on 9, stack/drill_docker.sh a pipe on 7."""
    here = checkout(tmp_path / "here")
    done = build(here, tmp_path, script="exec 7>&1 8>&1 9>&1; " + BUILD.replace("build_in_folder", "build_preset") +
                 "; for n in 7 8 9; do echo open $n >&$n; done", HOME=str(tmp_path), RDKAFKA_ROOT="/opt/rdkafka")
    assert done.returncode == 0, done.stderr
    assert [line for line in done.stdout.splitlines() if line.startswith("open")] == ["open 7", "open 8", "open 9"]


def wait_for_text(file, text):
    deadline = time.monotonic() + 30
    while text not in file.read_text():
        assert time.monotonic() < deadline, f"{text}: {file.read_text()}"
        time.sleep(0.02)
