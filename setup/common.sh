# Shared by launch.sh and tests/run.sh: sourced, never run. One line a step, with the time it took.
# shellcheck shell=bash
# shellcheck disable=SC2034 # the variables are for the scripts that source this

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/candlewick
jobs=$(nproc 2>/dev/null || echo 2)

say() {
    printf '%s\n' "$*"
}

fail() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}

# step TEXT COMMAND…: runs the command with its output kept in a log, prints "TEXT … done (3 s)".
# When it fails, the log's end is shown and the script stops.
step() {
    local text=$1 log started status
    shift
    log=$(mktemp)
    started=$SECONDS
    printf '==> %s ... ' "$text"
    set +e # a failure inside the step ends the step, and is told here
    (
        set -e
        "$@"
    ) >"$log" 2>&1 </dev/null
    status=$?
    set -e
    if ((status == 0)); then
        printf 'done (%d s)\n' $((SECONDS - started))
        rm -f "$log"
        return
    fi
    printf 'FAILED (%d s)\n' $((SECONDS - started))
    tail -n 40 "$log" >&2
    rm -f "$log"
    fail "$text: the last lines above say why"
}
