#!/usr/bin/env python3
"""The documents name what is there. A breach is told with file, line and rule; exit status 1.

- A link leads to a file of the repository, and its anchor to a heading.
- A path in `code` is that of a file or folder, from the root or from src; the name of a test alone is that of some test.
  NAME and * stand for any word.
"""
import functools
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
DOCUMENTS = ["README.md", "CONTRIBUTING.md", "SECURITY.md", "src/README.md", "docs/architecture.md", "docs/manual.md", "docs/security.md"]
LINK = re.compile(r"\]\((?!\w+:)([^)#]*)(?:#([^)]*))?\)")
CODE = re.compile(r"`([^`\n]+)`")
PATH = re.compile(r"\w[\w.*-]*(/[\w.*-]+)+/?")
TEST = re.compile(r"test_[\w*]+\.(c|py)")
CODE_BLOCK = "    "


@functools.cache
def known():
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True).stdout.splitlines()
    files = {file for file in listed if (ROOT / file).exists()}
    return files | {str(folder) for file in files for folder in pathlib.PurePath(file).parents}


def is_there(path):
    pattern = re.compile("(src/)?" + re.escape(path.rstrip("/")).replace(r"\*", "[^/]*"))
    return any(pattern.fullmatch(file) for file in known())


def is_path(code):
    """Of ours: var/, build/ and the like are made at run time, and not everything with a slash is a path."""
    return PATH.fullmatch(code) and is_there(code.split("/")[0])


@functools.cache
def anchors(file):
    """As GitHub makes them from headings."""
    headings = re.findall(r"^#+ (.*)$", file.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def link_breaches(document, line):
    for path, anchor in LINK.findall(line):
        target = ((ROOT / document).parent / path).resolve() if path else ROOT / document
        if not target.exists():
            yield f"links to {path}, which is not there"
        elif anchor and target.suffix == ".md" and anchor not in anchors(target):
            yield f"links to #{anchor}, and {target.name} has no such heading"


def path_breaches(line):
    for code in CODE.findall(line):
        if "NAME" in code:
            continue
        if is_path(code) and not is_there(code):
            yield f"names {code}, which is not there"
        elif TEST.fullmatch(code) and not any(pathlib.PurePath(file).name == code for file in known()):
            yield f"names {code}, and no test is called so"


def breaches():
    for document in DOCUMENTS:
        for number, line in enumerate((ROOT / document).read_text().splitlines(), 1):
            if not line.startswith(CODE_BLOCK):
                for breach in [*link_breaches(document, line), *path_breaches(line)]:
                    yield f"{document}:{number}: {breach}"


if __name__ == "__main__":
    told = list(breaches())
    print("\n".join(told), end="\n" if told else "")
    sys.exit(1 if told else 0)
