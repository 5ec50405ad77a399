# Runs tests with ctest or pytest, counts them, and tells which needed a second try: sourced by run.sh.
# shellcheck shell=bash
# shellcheck disable=SC2154 # root and jobs come from common.sh, python from python.sh

passed=0
failed=0
failures=()            # "PART: TEST"
second_tries=()        # "PART: TEST"
declare -A tried_again # the part in which the test needed its second try
second_try_most=3      # of more tests than that none is tried again: no busy machine explains them
no_second_try='Failed: I[1-9]b?: ' # a promise of tests/faults/invariants.py was broken
second_tries_file=$root/build/second-tries.txt

start_counting() {
    mkdir -p "$root/build"
    : >"$second_tries_file"
}

# run_twice PART TRIES ONCE ARGUMENTS…: ONCE is ctest_once or pytest_once. Groups and time-outs run against the clock, and the
# machine may be busy with other things: with two TRIES, a test that fails is shown and gets one more. Which one did is told.
run_twice() {
    local part=$1 tries=$2 name passed_at_first bad_at_first
    shift 2
    log=$(mktemp)
    seen=$(mktemp -d) # where pytest notes which failed
    again=
    "$@"
    if [[ -n $whole ]] && ((tries > 1 && ${#bad[@]} > 0 && ${#bad[@]} <= second_try_most)) && ! grep -qE "$no_second_try" "$log"; then
        say "==> tests: $part, a second try of what failed: ${bad[*]}"
        passed_at_first=$good
        bad_at_first=("${bad[@]}")
        again=yes
        "$@"
        good=$((good + passed_at_first))
        for name in "${bad_at_first[@]}"; do
            [[ $'\n'$(printf '%s\n' "${bad[@]}")$'\n' == *$'\n'"$name"$'\n'* ]] || note_second_try "$part" "$name"
        done
    fi
    passed=$((passed + good))
    for name in "${bad[@]}"; do
        note_failure "$part: $name"
    done
    rm -rf "$log" "$seen"
}

# note_second_try PART TEST: it passed then. One that needs it in two parts is no matter of chance, and has failed.
note_second_try() {
    second_tries+=("$1: $2")
    printf '%s\t%s\n' "$1" "$2" >>"$second_tries_file"
    if [[ -n ${tried_again[$2]:-} ]]; then
        good=$((good - 1))
        note_failure "$1: $2 (a second try here and in ${tried_again[$2]})"
    fi
    tried_again[$2]=$1
}

note_failure() {
    failures+=("$1")
    failed=$((failed + 1))
}

# ctest_once PRESET LABEL [REGEX]: one run, into `good`, a count, and `bad`, the names of those that failed; `whole` is empty
# when the run did not come to its end.
ctest_once() {
    local total bad_count which=(-L "$2") at_once=$jobs
    [[ $2 != unit ]] || at_once=$((2 * jobs)) # they wait more than they work; what a fuzz target finds hangs on its share of a core
    [[ -z ${3:-} ]] || which+=(-R "$3")
    [[ -z $again ]] || which=(--rerun-failed)
    (cd "$root" && ctest --test-dir "build/$1" "${which[@]}" --output-on-failure --no-tests=error -j "$at_once" </dev/null) |
        tee "$log" || true
    mapfile -t bad < <(sed -nE '/^The following tests FAILED:/,$ s/^[[:space:]]+[0-9]+ - (.*) \([^()]*\).*/\1/p' "$log")
    # "97% tests passed, 1 tests failed out of 34"; without that line nothing ran, which is a failure.
    read -r bad_count total < <(sed -nE 's/.* ([0-9]+) tests failed out of ([0-9]+)$/\1 \2/p' "$log") || true
    whole=${total:-}
    good=$((${total:-0} - ${bad_count:-0}))
    [[ -n $whole ]] || bad=("no test ran")
    ((${#bad[@]} == ${bad_count:-1})) || bad=("$bad_count tests, not all of them named by ctest")
}

# pytest_once COMMAND…: as ctest_once. A run that was broken off or found nothing has failed, whatever its tests have.
pytest_once() {
    local status=0 which=()
    [[ -z $again ]] || which=(--last-failed -n 0)
    "$@" -p cacheprovider -o "cache_dir=$seen" -W ignore::pytest.PytestAssertRewriteWarning "${which[@]}" </dev/null 2>&1 |
        tee "$log" || status=$?
    good=$(tail -n 1 "$log" | grep -oE '[0-9]+ passed' | cut -d ' ' -f 1) || true
    good=$((${good:-0}))
    bad=()
    ((status == 0)) || mapfile -t bad < <("$python" -c 'import json, sys; print(*json.load(open(sys.argv[1])), sep="\n")' \
        "$seen/v/cache/lastfailed" 2>/dev/null)
    whole=yes
    if ((status > 1 || (status == 1 && ${#bad[@]} == 0))); then
        whole=
        bad+=("pytest ended with $status")
    fi
}

# check PART COMMAND…: one test by its exit code.
check() {
    local part=$1
    shift
    if "$@" </dev/null; then
        passed=$((passed + 1))
    else
        note_failure "$part"
    fi
}

# Exits with what the whole run is worth.
end_counting() {
    if ((${#second_tries[@]} > 0)); then
        say "These passed only when they were tried again (${second_tries_file#"$root/"} keeps them):"
        printf '    %s\n' "${second_tries[@]}"
    fi
    if ((${#failures[@]} > 0)); then
        say "These failed:"
        printf '    %s\n' "${failures[@]}"
    fi
    printf '%d passed, %d failed\n' "$passed" "$failed"
    ((failed == 0))
}
