#!/usr/bin/env bash
# What clang-tidy finds in src/ with the checks bugprone and concurrency of .clang-tidy; some 20 s on two cores. The analyzer
# would need seven minutes: CONTRIBUTING.md says how to run it. Each file is read as the build release-tests compiles it.
set -euo pipefail
# shellcheck source=setup/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/../setup/common.sh"
# shellcheck source=setup/python.sh
. "$root/setup/python.sh"
cd "$root"

database=build/release-tests
if [[ ! -f $database/compile_commands.json ]]; then
    "$root/setup/librdkafka.sh" plain
    step "configuration ($database)" cmake --preset release-tests
fi

need_python tidy-venv "$root/tests/support/python/clang-tidy.txt"
clang_tidy=$("$python" -c 'import clang_tidy, pathlib; print(pathlib.Path(clang_tidy.__file__).parent / "data/bin/clang-tidy")')

# The warnings of the compiler itself are the build's affair.
found=$(mktemp)
trap 'rm -f "$found"' EXIT
git ls-files -z 'src/*.c' |
    xargs -0 -n 8 -P "$jobs" "$clang_tidy" -p "$database" --quiet --checks='-clang-analyzer-*' --warnings-as-errors='*' \
        --extra-arg=-Wno-error --extra-arg=-Wno-unknown-warning-option >"$found" 2>&1 && exit
grep -vE '^[0-9]+ warnings?( and [0-9]+ errors?)? (generated|treated as errors?)' "$found" >&2
fail "clang-tidy found the above: mend it, or switch the check off in .clang-tidy with a reason"
