# Shared by launch.sh and tests/run.sh: sourced, never run. One line a step, with the time it took.
# shellcheck shell=bash
# shellcheck disable=SC2034 # the variables are for the scripts that source this

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# Services and minimal containers may run without: bash knows the home folder from the user database.
: "${HOME:=$(cd ~ && pwd)}"
export HOME
cache=${XDG_CACHE_HOME:-$HOME/.cache}/candlewick
jobs=$(nproc 2>/dev/null || echo 2)

say() {
    printf '%s\n' "$*"
}

fail() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}

# For what the user gave: nothing was started.
refuse() {
    printf 'error: %s\n' "$*" >&2
    exit 2
}

# step TEXT COMMAND…: runs the command with its output kept in a log, prints "TEXT … done (3 s)".
# When it fails, the log's end is shown and the script stops. Ctrl-C ends the step and the script; then no log is shown,
# but what $when_interrupted says.
step() {
    local text=$1 log started status interrupted=0 trap_before
    shift
    trap_before=$(trap -p INT)
    log=$(mktemp)
    started=$SECONDS
    printf '==> %s ... ' "$text"
    set +e # a failure inside the step ends the step, and is told here
    trap 'interrupted=1' INT
    (
        trap - INT
        set -e
        "$@"
    ) >"$log" 2>&1 </dev/null
    status=$?
    eval "${trap_before:-trap - INT}"
    set -e
    if ((interrupted)); then
        printf 'interrupted (%d s)\n%s' $((SECONDS - started)) "${when_interrupted:+$when_interrupted$'\n'}"
        rm -f "$log"
        exit 130
    fi
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

# new_folder FOLDER: makes another folder beside FOLDER and sets `made` to it, for this run alone: another may make the same
# at the same time. What is not published is gone when this shell (in a step: the step's) ends.
new_folder() {
    mkdir -p "${1%/*}"
    made=$(mktemp -d "$1.XXXXXX")
    chmod 755 "$made"
    trap 'rm -rf "$made"' EXIT
    trap 'exit 130' INT TERM
}

# publish MADE FOLDER: MADE, beside FOLDER, becomes FOLDER in one step, so that a half-made one is never found. Where
# another run has been quicker, its folder stays.
publish() {
    mv -T "$1" "$2" 2>/dev/null || [[ -d $2 ]]
}
