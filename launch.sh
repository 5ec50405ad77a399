#!/usr/bin/env bash
# Starts Candlewick. Installs what is missing, builds, runs; can be repeated.
#
#     ./launch.sh                              the embedded system, on live prices
#     ./launch.sh local --duration 60s         the same for a minute; options go to `candlewick demo`
#     ./launch.sh local --source replay:FILE --speed max
#
# The page is at http://127.0.0.1:8080 (--listen HOST:PORT for another place). Ctrl-C stops it cleanly, a second
# one at once. What it keeps lies in var/ (delete the folder to start afresh).
set -euo pipefail
# shellcheck source=setup/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/setup/common.sh"
# shellcheck source=setup/packages.sh
. "$root/setup/packages.sh"
# shellcheck source=setup/build.sh
. "$root/setup/build.sh"

usage() {
    sed -n '2,9s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
}

mode=local
case ${1:-} in
local) shift ;;
-h | --help)
    usage
    exit 0
    ;;
-* | '') ;;
*)
    printf 'error: "%s" is not a way to run; allowed: local\n' "$1" >&2
    usage >&2
    exit 2
    ;;
esac

# A replay file is named from where the user stands; the program runs in the project's folder.
arguments=()
for argument in "$@"; do
    file=${argument#*replay:}
    if [[ $argument =~ ^(--source=)?replay: && $file != /* ]]; then
        argument=${argument%"$file"}$PWD/$file
    fi
    arguments+=("$argument")
done

need_build_packages
build_preset release
say "==> start ($mode): three in-process brokers, registry, producer, two consumers, SQLite, page"
cd "$root"
exec build/release/src/candlewick demo "${arguments[@]}"
