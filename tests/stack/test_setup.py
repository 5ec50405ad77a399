"""The scripts that fetch, install and build, with stand-ins for npm, apt-get, sudo and librdkafka's source."""

import hashlib
import io
import os
import re
import shutil
import subprocess
import tarfile

import pytest
from compose_file import ROOT

ARCHIVE = "confluentinc-kafka-javascript-1.10.1.tgz"
PACKAGE = "@confluentinc/kafka-javascript@1.10.1"
FEATURES = "gzip,snappy,ssl,sasl,sasl_plain,sasl_scram,sasl_gssapi,sasl_oauthbearer,lz4,zstd"

# Builds as librdkafka does, of one function and with a source of one file.
CONFIGURE = """#!/bin/sh
echo "$CFLAGS $*" >configured
echo "prefix = ${1#--prefix=}" >Makefile.config
"""
MAKEFILE = """include ../Makefile.config
librdkafka.a: rdkafka.o
\tar rcs $@ $<
librdkafka-static.a: librdkafka.a
\tcp $< $@
rdkafka-static.pc:
\tprintf '%s\\n' 'libdir=$(prefix)/lib' 'includedir=$(prefix)/include' 'Name: librdkafka-static' 'Description: d' \\
\t\t'Version: 2.15.1' 'Cflags: -I$${includedir}' 'Libs: -L$${libdir} $${pc_sysrootdir}$${libdir}/librdkafka.a -lm' >$@
"""
HEADER = """#include <stddef.h>
typedef int rd_kafka_conf_res_t;
enum { RD_KAFKA_CONF_OK };
void *rd_kafka_conf_new(void);
int rd_kafka_conf_get(void *conf, const char *name, char *value, size_t *size);
"""
SOURCE = """#include "rdkafka.h"
#include <string.h>
void *rd_kafka_conf_new(void) { return ""; }
int rd_kafka_conf_get(void *conf, const char *name, char *value, size_t *size)
{
    (void)conf, (void)name, (void)size;
    strcpy(value, "%s");
    return RD_KAFKA_CONF_OK;
}
"""


def archive(features=FEATURES):
    """The bytes of an npm package that carries such a source."""
    files = {"configure": CONFIGURE, "LICENSES.txt": "of all\n", "src/Makefile": MAKEFILE, "src/rdkafka.h": HEADER,
             "src/rdkafka_mock.h": "", "src/rdkafka.c": SOURCE % features}
    kept = io.BytesIO()
    with tarfile.open(fileobj=kept, mode="w:gz") as tar:
        for name, text in {**{f"package/deps/librdkafka/{name}": text for name, text in files.items()},
                           "package/package.json": "{}"}.items():
            member = tarfile.TarInfo(name)
            member.size = len(text)
            member.mode = 0o755 if name.endswith("configure") else 0o644
            tar.addfile(member, io.BytesIO(text.encode()))
    return kept.getvalue()


def change_digit(sha256):
    return sha256[:-1] + ("0" if sha256[-1] != "0" else "1")


class Project:
    """The project's scripts in a folder of their own, a cache, and commands that stand in for the system's."""

    def __init__(self, folder):
        self.folder, self.cache, self.bin = folder, folder / "cache" / "candlewick", folder / "bin"
        self.bin.mkdir()
        for name in ("setup", "stack"):
            shutil.copytree(ROOT / name, folder / "project" / name)
        (folder / "project" / "tests").mkdir()
        for name in ("launch.sh", "tests/run.sh", "tests/count.sh", ".env.example"):
            shutil.copy(ROOT / name, folder / "project" / name)

    def command(self, name, script):
        path = self.bin / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def npm_gives(self, content, sha256=None):
        """npm hands out this archive; the script expects this hash of it, or its own."""
        (self.folder / ARCHIVE).write_bytes(content)
        self.command("npm", f'echo "$PWD $*" >>{self.folder}/npm.log; [ "$1 $2" = "pack {PACKAGE}" ] && cp {self.folder}/{ARCHIVE} .')
        script = self.folder / "project" / "setup" / "librdkafka.sh"
        changed, count = re.subn(r"(?m)^archive_sha256=\w{64}$", f"archive_sha256={sha256 or hashlib.sha256(content).hexdigest()}",
                                 script.read_text())
        assert count == 1
        script.write_text(changed)

    def start(self, *arguments, **environment):
        kept = {key: value for key, value in os.environ.items() if key in ("HOME", "LANG")}
        return subprocess.Popen(
            ["bash", *arguments], cwd=self.folder / "project", text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**kept, "PATH": f"{self.bin}:{os.environ['PATH']}", "XDG_CACHE_HOME": str(self.cache.parent), **environment})

    def run(self, *arguments, **environment):
        process = self.start(*arguments, **environment)
        out, err = process.communicate(timeout=120)
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)

    def librdkafka(self, *arguments, **environment):
        return self.run("setup/librdkafka.sh", *arguments, **environment)

    def kept(self):
        return sorted(path.name for path in self.cache.glob("*"))


@pytest.fixture
def project(tmp_path):
    return Project(tmp_path)


def test_librdkafka_is_fetched_by_version_and_hash_and_kept(project):
    project.npm_gives(archive())
    done = project.librdkafka("plain")
    assert done.returncode == 0, done.stdout + done.stderr
    folder = project.librdkafka("--folder", "plain").stdout.strip()
    assert project.kept() == [os.path.basename(folder)]
    kept = sorted(os.path.relpath(os.path.join(at, name), folder) for at, _, names in os.walk(folder) for name in names)
    assert kept == ["include/librdkafka/rdkafka.h", "include/librdkafka/rdkafka_mock.h", "lib/librdkafka.a",
                    "lib/pkgconfig/rdkafka.pc", "share/doc/librdkafka/LICENSES.txt"]
    calls = (project.folder / "npm.log").read_text().splitlines()
    assert len(calls) == 1 and "/fetched pack " in calls[0] and "--ignore-scripts" in calls[0]
    assert project.librdkafka("plain").stdout == "", "built once"


def test_an_archive_whose_hash_differs_by_one_digit_is_refused_by_name(project):
    content = archive()
    right = hashlib.sha256(content).hexdigest()
    project.npm_gives(content, sha256=change_digit(right))
    done = project.librdkafka("plain")
    assert done.returncode == 1
    for said in (ARCHIVE, PACKAGE, right, change_digit(right), "refused"):
        assert said in done.stderr
    assert project.kept() == []


def test_any_other_archive_than_the_reviewed_one_is_refused(project):
    project.npm_gives(archive(), sha256=re.search(r"archive_sha256=(\w+)", (ROOT / "setup/librdkafka.sh").read_text())[1])
    assert project.librdkafka("plain").returncode == 1
    assert project.kept() == []


@pytest.mark.parametrize("missing", ["ssl", "sasl_gssapi", "lz4"])
def test_a_build_without_a_feature_is_not_kept(project, missing):
    project.npm_gives(archive(",".join(feature for feature in FEATURES.split(",") if feature != missing)))
    done = project.librdkafka("plain")
    assert done.returncode == 1 and f"was built without {missing} " in done.stderr
    assert project.kept() == []


def test_other_flags_another_source_or_another_compiler_make_another_folder(project):
    def folder(*arguments):
        return project.librdkafka("--folder", *arguments).stdout.strip()

    project.npm_gives(archive())
    folders = {folder("plain"), folder("thread")}
    project.npm_gives(archive() + b"\0")
    folders.add(folder("plain"))
    project.command("cc", "echo 'cc 99.1'")
    folders.add(folder("plain"))
    script = project.folder / "project" / "setup" / "librdkafka.sh"
    script.write_text(script.read_text().replace("flags='-O2 -g ", "flags='-O3 -g "))
    folders.add(folder("plain"))
    assert len(folders) == 5


def test_two_first_builds_at_once_leave_one_whole_library(project):
    project.npm_gives(archive())
    both = [project.start("setup/librdkafka.sh", "plain") for _ in range(2)]
    assert [process.communicate(timeout=120) and process.returncode for process in both] == [0, 0]
    assert len(project.kept()) == 1
    assert (project.cache / project.kept()[0] / "lib" / "librdkafka.a").exists()


def test_python_packages_that_cannot_be_had_leave_nothing_behind(project):
    (project.folder / "project" / "list").write_text("pytest\n")
    project.command("pip", "echo 'no such package' >&2; exit 1")
    project.command("python3", f'[ "$1" = --version ] || {{ mkdir "$3/bin" && ln -s {project.bin}/pip "$3/bin/python"; }}')
    done = project.run("-c", ". setup/common.sh; . setup/python.sh; need_python some list")
    assert done.returncode == 1 and "no such package" in done.stderr
    assert project.kept() == []


@pytest.mark.parametrize("setting", ["XDG_CACHE_HOME", "HOME"])
def test_a_cache_with_a_blank_in_its_path_is_refused_in_a_line_before_anything_is_fetched(project, setting):
    project.npm_gives(archive())
    place = project.folder / "John Doe"
    environment = {"XDG_CACHE_HOME": "", setting: str(place)}
    done = project.librdkafka("plain", **environment)
    assert done.returncode == 1 and len(done.stderr.splitlines()) == 1, done.stderr
    assert str(place) in done.stderr and "Set XDG_CACHE_HOME to a folder without one" in done.stderr
    assert not (project.folder / "npm.log").exists() and not place.exists()
    assert project.librdkafka("plain", RDKAFKA_ROOT="/opt/rdkafka", **environment).returncode == 0


POM = "<project><kafka.version>4.9.9</kafka.version><!-- {} --></project>\n"


@pytest.mark.parametrize("found, quicker, kept", [
    (None, None, "ours"),
    ("another", None, "ours"),
    (None, "this", "theirs"),  # whose brokers may run from there already
    ("another", "this", "theirs"),
    (None, "another", "ours"),
])
def test_kafka_is_published_over_another_pom_but_never_over_the_same(project, found, quicker, kept):
    """`found` is there before Maven is asked, `quicker` is what another run publishes meanwhile."""
    home = project.cache / "kafka-4.9.9"
    (project.folder / "project" / "stack" / "kafka" / "pom.xml").write_text(POM.format("this"))

    def publish(pom, jar):
        return f"rm -rf '{home}'; mkdir -p '{home}/lib'; printf '%s' '{POM.format(pom)}' >'{home}/pom.xml'; touch '{home}/lib/{jar}.jar'\n"

    project.command("mvn", f"""for word; do case $word in -DoutputDirectory=*) lib=${{word#*=}} ;; esac; done
mkdir -p "$lib"; touch "$lib/ours.jar"
{publish(quicker, "theirs") if quicker else ""}""")
    if found:
        assert project.run("-c", publish(found, "old")).returncode == 0
    done = project.run("-c", "set -euo pipefail; . setup/common.sh; . stack/settings.sh; . stack/cluster_kafka.sh; resolve_kafka")
    assert done.returncode == 0, done.stderr
    assert [path.name for path in (home / "lib").iterdir()] == [f"{kept}.jar"]
    assert (home / "pom.xml").read_text() == POM.format("this")
    assert project.kept() == ["kafka-4.9.9"], "nothing half-made is left"


def test_a_library_of_ones_own_is_taken_as_it_is(project):
    project.command("npm", "exit 1")
    assert project.librdkafka("plain", RDKAFKA_ROOT="/opt/rdkafka").returncode == 0


@pytest.mark.skipif(shutil.which("dpkg-shlibdeps") is None, reason="not Debian")
def test_what_the_image_needs_is_found_from_the_program():
    done = subprocess.run([ROOT / "setup/runtime_packages.sh", os.environ["CANDLEWICK_BINARY"]], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0
    packages = [re.sub(r"t64$", "", needed.split()[0]) for needed in done.stdout.strip().split(", ")]
    assert {"libc6", "libcurl4", "libmicrohttpd12", "libsasl2-2", "libsqlite3-0"} <= set(packages)
    assert not [name for name in packages if "rdkafka" in name], "linked statically"
    assert not re.search(r"\blib[a-z]+[0-9]", (ROOT / "Dockerfile").read_text()), "a library's package is named there"


@pytest.fixture
def no_root(project):
    """A Debian machine on which libcurl's and cmocka's headers are missing, and a user who may not install anything."""
    project.command("id", "echo 1000")
    project.command("sudo", "exit 1")
    project.command("dpkg-query", 'case "$*" in *libcurl4-openssl-dev | *libcmocka-dev) exit 1 ;; *) printf installed ;; esac')
    project.command("apt-get", f'echo "$*" >>{project.folder}/apt.log')
    for name in ("cmake", "npm", "python3"):
        project.command(name, f"echo {name} >>{project.folder}/built.log")
    return project


@pytest.mark.parametrize("command,missing", [
    (("launch.sh", "local"), "libcurl4-openssl-dev"),
    (("launch.sh", "cluster"), "libcurl4-openssl-dev"),
    (("tests/run.sh", "unit"), "libcurl4-openssl-dev libcmocka-dev"),
    (("tests/run.sh",), "libcurl4-openssl-dev libcmocka-dev"),
])
def test_without_root_all_that_is_missing_is_one_line_and_nothing_is_built(no_root, command, missing):
    no_root.command("java", "echo 'openjdk version \"17.0.1\"'")
    no_root.command("mvn", "exit 1")
    done = no_root.run(*command)
    assert done.returncode == 1
    assert " ... " not in done.stdout, "no step has begun"
    assert [line.strip() for line in done.stderr.splitlines() if "apt-get" in line] == [
        f"apt-get update && apt-get install -y --no-install-recommends {missing}"]
    assert not (no_root.folder / "apt.log").exists() and not (no_root.folder / "built.log").exists()


def test_apt_is_waited_for_while_another_holds_its_lists(no_root):
    no_root.command("id", "echo 0")
    no_root.command("apt-get", f"""echo "$*" >>{no_root.folder}/apt.log
[ $(wc -l <{no_root.folder}/apt.log) -gt 2 ] || {{ echo 'E: Could not get lock /var/lib/apt/lists/lock.' >&2; exit 100; }}""")
    done = no_root.run("-c", ". setup/common.sh; . setup/packages.sh; install_packages libcurl4-openssl-dev")
    assert done.returncode == 0, done.stdout + done.stderr
    calls = (no_root.folder / "apt.log").read_text().splitlines()
    assert [call.split()[2] for call in calls] == ["update", "update", "update", "install"]
    assert all(call.startswith("-o DPkg::Lock::Timeout=") for call in calls)


def test_another_fault_of_apt_is_told_at_once(no_root):
    no_root.command("id", "echo 0")
    no_root.command("apt-get", "echo 'E: Unable to locate package' >&2; exit 100")
    done = no_root.run("-c", ". setup/common.sh; . setup/packages.sh; install_packages libcurl4-openssl-dev")
    assert done.returncode == 1 and "E: Unable to locate package" in done.stderr


@pytest.mark.parametrize("arguments,said", [
    (("--nope",), '"--nope" is not an option'),
    (("-x",), '"-x" is not an option'),
    (("unit", "--rounds", "1"), "is for the part faults, which is not named"),
    (("faults", "--seed"), '"--seed" needs a value'),
    (("nope",), '"nope" is not a part; allowed: all format unit'),
    (("nope:x",), '"nope" is not a part'),
    (("system:x",), '"system:x": tests are chosen by name in unit, asan and tsan alone'),
    (("all", "unit"), '"all" stands alone'),
    (("all", "--seed", "1"), "is for the part faults, which is not named"),
])
def test_tests_run_refuses_what_it_does_not_know(no_root, arguments, said):
    done = no_root.run("tests/run.sh", *arguments)
    assert done.returncode == 2 and done.stdout == ""
    assert said in done.stderr


@pytest.mark.parametrize("option", ["--help", "-h"])
def test_tests_run_tells_how_it_is_used(no_root, option):
    done = no_root.run("tests/run.sh", option)
    assert done.returncode == 0 and done.stderr == ""
    assert "tests/run.sh faults [--rounds 0.1]" in done.stdout and done.stdout.endswith("are marked slow.\n")


@pytest.mark.parametrize("arguments, parts, most", [
    ((), ["format", "unit", "system", "browser", "stack", "walk"], 15),
    (("all",), ["format", "unit", "system", "browser", "stack", "asan", "tsan", "fuzz", "cluster", "faults"], 55),
    (("stack", "unit:kafka", "stack"), ["stack", "unit"], 15),
])
def test_tests_run_says_first_what_it_will_do_and_how_long_that_takes(no_root, arguments, parts, most):
    told, *lines, whole = no_root.run("tests/run.sh", *arguments).stdout.splitlines()
    assert told == "The parts, and the minutes that they usually take on two cores:"
    assert [line.split()[1] for line in lines] == parts
    minutes = [int(line.split()[0]) for line in lines]
    in_all, more = [int(word) for word in whole.split() if word.isdigit()]
    assert in_all == sum(minutes) and in_all + more <= most
