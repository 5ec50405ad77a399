"""setup/build.sh in a folder of its own, with a cmake that only writes down what it was asked."""

import os
import shutil
import subprocess

import pytest
from compose_file import ROOT

BUILD = 'set -euo pipefail; . setup/common.sh; . setup/build.sh; build_in_folder release'


def checkout(folder):
    folder.mkdir(parents=True)
    shutil.copytree(ROOT / "setup", folder / "setup")
    return folder


def build(folder, tmp_path, **environment):
    tools = tmp_path / "tools"
    tools.mkdir(exist_ok=True)
    (tools / "cmake").write_text('#!/bin/sh\necho "cmake $*"\n')
    (tools / "cmake").chmod(0o755)
    return subprocess.run(["bash", "-c", BUILD], cwd=folder, capture_output=True, text=True, timeout=30,
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


@pytest.mark.parametrize("name", ['a"b', "a;b", "a#b", "a\\b", "a*b", "a<b", "a>b", "a|b", "a\nb"])
def test_a_path_that_cmake_cannot_read_is_refused_in_a_line(tmp_path, name):
    done = build(checkout(tmp_path / name), tmp_path, HOME=str(tmp_path))
    assert done.returncode == 1 and "Move or rename the folder" in done.stderr, done.stderr
    assert "cmake" not in done.stdout


@pytest.mark.parametrize("name", ["a b", "it's", "$x", "(a)", "ä", "a&b", "{a}"])
def test_other_paths_are_taken_and_home_may_be_unset(tmp_path, name):
    done = build(checkout(tmp_path / name), tmp_path)
    assert done.returncode == 0 and "cmake --build --preset release" in done.stdout, done.stderr
