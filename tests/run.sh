#!/usr/bin/env bash
# Runs the tests. Installs what is missing, builds, tests; can be repeated. Ends with the names of those that failed and of
# those that passed only when they were tried again (build/second-tries.txt keeps these).
#
#     tests/run.sh                 what a change needs: format unit system browser stack walk
#     tests/run.sh all             the whole of every part, as CI runs it
#     tests/run.sh unit format     only these parts
#     tests/run.sh unit:kafka      of unit, asan or tsan the tests whose names match the regular expression
#     tests/run.sh faults [--rounds 0.1] [--seed N] [--report FILE.md] [--books FILE.json]
#
# Parts: format (clang-format, clang-tidy, shellcheck, lengths), unit (the release build's own tests), system (the program
# from outside), browser (the page in a real Chromium), stack (docker-compose.yml, ./launch.sh docker and the dashboards, without
# an engine), walk (three real brokers, one of which dies), asan, tsan (the unit tests under the sanitizers), fuzz (each target of
# tests/fuzz for $FUZZ_SECONDS, 20 when unset), cluster (./launch.sh cluster and its verbs, the walk among them), faults (the fault
# matrix; of it, "all" runs the quick rows). Without arguments, system and stack leave out the tests that are marked slow.
set -euo pipefail
# shellcheck source=setup/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/../setup/common.sh"
# shellcheck source=setup/packages.sh
. "$root/setup/packages.sh"
# shellcheck source=setup/build.sh
. "$root/setup/build.sh"
# shellcheck source=setup/python.sh
. "$root/setup/python.sh"
# shellcheck source=setup/grafana.sh
. "$root/setup/grafana.sh"
# shellcheck source=tests/count.sh
. "$root/tests/count.sh"

every_part=(format unit system browser stack walk asan tsan fuzz cluster faults)
# Minutes that a part usually takes on two cores, its build included, and what getting things for the first time adds.
declare -A minutes=([format]=1 [unit]=3 [system]=4 [browser]=2 [stack]=2 [walk]=1 [asan]=4 [tsan]=7 [fuzz]=7 [cluster]=12 [faults]=4)
first_time_minutes=2
declare -A workers=([system]=3 [stack]=2) # on each core

parts=()
declare -A regex=() # of a part whose tests are chosen by name
selection=()        # what pytest is told besides
fault_options=()
fault_tries=1

usage() {
    sed -n '2,16s/^# \{0,1\}//p' "$root/tests/run.sh"
}

misuse() {
    printf 'error: %s (tests/run.sh --help tells all)\n' "$1" >&2
    exit 2
}

add_part() {
    local part=${1%%:*}
    [[ " ${every_part[*]} " == *" $part "* ]] || misuse "\"$part\" is not a part; allowed: all ${every_part[*]}"
    if [[ $1 == *:* ]]; then
        [[ $part == unit || $part == [at]san ]] || misuse "\"$1\": tests are chosen by name in unit, asan and tsan alone"
        regex[$part]=${1#*:}
    fi
    [[ " ${parts[*]} " == *" $part "* ]] || parts+=("$part")
}

read_arguments() {
    while (($# > 0)); do
        case $1 in
        -h | --help)
            usage
            exit
            ;;
        --rounds=?* | --seed=?* | --report=?* | --books=?*) fault_options+=("$1") ;;
        --rounds | --seed | --report | --books)
            [[ -n ${2:-} ]] || misuse "\"$1\" needs a value"
            fault_options+=("$1=$2") # in one word: pytest takes a file that exists for a test otherwise
            shift
            ;;
        -*) misuse "\"$1\" is not an option" ;;
        all) parts+=(all) ;;
        *) add_part "$1" ;;
        esac
        shift
    done
    [[ ${#fault_options[@]} -eq 0 || " ${parts[*]} " == *" faults "* ]] ||
        misuse "\"${fault_options[0]}\" is for the part faults, which is not named"
    fault_options=("--report=$root/build/faults.md" "${fault_options[@]}")
    choose_parts
}

# What the words without a part's name stand for.
choose_parts() {
    if ((${#parts[@]} == 0)); then
        parts=(format unit system browser stack walk)
        selection=(-m "not slow")
    elif [[ " ${parts[*]} " == *" all "* ]]; then
        ((${#parts[@]} == 1)) || misuse '"all" stands alone'
        parts=(format unit system browser stack asan tsan fuzz cluster faults) # the walk is a part of cluster
        fault_options=(-m quick --rounds 0.02 -n "$jobs")
        fault_tries=2
    fi
}

tell_plan() {
    local part sum=0
    say "The parts, and the minutes that they usually take on two cores:"
    for part in "${parts[@]}"; do
        printf '%6d  %s\n' "${minutes[$part]}" "$part"
        sum=$((sum + minutes[$part]))
    done
    printf '%6d  in all; on a machine that lacks the packages and libraries, %d more\n' "$sum" "$first_time_minutes"
}

# The packages that the parts need besides those for building, one a line.
part_packages() {
    local part
    printf '%s\n' git shellcheck libcmocka-dev libavro-dev python3 python3-venv
    for part in "${parts[@]}"; do
        case $part in
        fuzz) printf '%s\n' clang libclang-rt-dev llvm ;;
        browser) echo chromium ;;
        system | stack) printf '%s\n' curl kcat openssl ;;
        walk | cluster | faults)
            printf '%s\n' curl kcat
            [[ -n ${JAVA_HOME:-} ]] || command -v java >/dev/null || echo default-jre-headless
            command -v mvn >/dev/null || echo maven
            ;;
        esac
    done | sort -u
}

sanitizer_options() {
    export ASAN_OPTIONS=detect_leaks=1:abort_on_error=0
    export UBSAN_OPTIONS=print_stacktrace=1
    export TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1:suppressions=$root/tests/tsan.supp
}

# from_outside FOLDER ARGUMENTS…: the pytest command for a folder of tests that drive the release build.
from_outside() {
    outside=("$root/tests/system/run.sh" "$root/build/release-tests/src/candlewick"
        "$root/build/release-tests/tests/support/candlewick_test_brokers" "$root/tests/$1" "${@:2}")
}

run_part() {
    local part=$1 preset=release-tests
    [[ $part != [at]san && $part != fuzz ]] || preset=$part
    [[ $part == format ]] || build_preset "$preset"
    [[ $part != stack && $part != walk && $part != cluster ]] || need_prometheus
    [[ $part != stack ]] || need_grafana_data
    say "==> tests: $part"
    case $part in
    format)
        check format "$root/tests/style.sh"
        check tidy "$root/tests/tidy.sh"
        ;;
    unit | asan) run_twice "$part" 2 ctest_once "$preset" unit "${regex[$part]:-}" ;;
    tsan) run_twice "$part" 1 ctest_once "$preset" unit "${regex[$part]:-}" ;; # a race is no matter of chance
    fuzz) run_twice "$part" 1 ctest_once "$preset" fuzz ;;
    browser) run_twice "$part" 2 ctest_once "$preset" browser ;;
    system | stack)
        # Side by side, for they wait more than they work; what a file's tests share is made once.
        from_outside "$part" "${selection[@]}" -n "$((workers[$part] * jobs))" --dist loadfile --no-loadscope-reorder
        run_twice "$part" 2 pytest_once "${outside[@]}"
        ;;
    walk | cluster)
        from_outside cluster
        [[ $part == cluster ]] || outside+=(-m walk)
        run_twice "$part" 2 pytest_once "${outside[@]}"
        ;;
    faults) run_twice "$part" "$fault_tries" pytest_once "$root/tests/faults/run.sh" "$root/build/release-tests" "${fault_options[@]}" ;;
    esac
}

read_arguments "$@"
tell_plan
mapfile -t packages < <(part_packages)
need_packages "${build_packages[@]}" "${packages[@]}"
need_test_python
export CANDLEWICK_TEST_PYTHON=$python
sanitizer_options
start_counting
for part in "${parts[@]}"; do
    started=$SECONDS
    run_part "$part"
    say "==> $part took $((SECONDS - started)) s"
done
end_counting
