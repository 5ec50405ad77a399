#!/usr/bin/env bash
# Runs the tests. Installs what is missing, builds, tests; can be repeated.
#
#     tests/run.sh                 everything
#     tests/run.sh unit format     only these parts
#     tests/run.sh faults [--rounds 0.1] [--seed N] [--report FILE.md] [--books FILE.json]
#
# Parts: format (clang-format, shellcheck, file and function lengths), unit (debug build), asan, tsan (the unit tests under
# the sanitizers), fuzz (each target of tests/fuzz for $FUZZ_SECONDS, 30 when unset), system (the program from outside),
# browser (the page in a real Chromium), stack (docker-compose.yml,
# ./launch.sh docker and the dashboards, without an engine), cluster (./launch.sh cluster and its verbs on three real brokers),
# faults (the fault matrix: its quick rows among everything, all of it when it is named).
set -euo pipefail
# shellcheck source=setup/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/../setup/common.sh"
# shellcheck source=setup/packages.sh
. "$root/setup/packages.sh"
# shellcheck source=setup/build.sh
. "$root/setup/build.sh"
# shellcheck source=setup/python.sh
. "$root/setup/python.sh"

all_parts=(format unit asan tsan fuzz system browser stack cluster faults)
parts=()
fault_options=()
fault_tries=1

usage() {
    sed -n '2,13s/^# \{0,1\}//p' "$root/tests/run.sh"
}

misuse() {
    printf 'error: %s (tests/run.sh --help tells all)\n' "$1" >&2
    exit 2
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
        *)
            [[ " ${all_parts[*]} " == *" $1 "* ]] || misuse "\"$1\" is not a part; allowed: ${all_parts[*]}"
            parts+=("$1")
            ;;
        esac
        shift
    done
    [[ ${#fault_options[@]} -eq 0 || " ${parts[*]} " == *" faults "* ]] ||
        misuse "\"${fault_options[0]}\" is for the part faults, which is not named"
    fault_options=("--report=$root/build/faults.md" "${fault_options[@]}")
    if ((${#parts[@]} == 0)); then
        parts=("${all_parts[@]}")
        fault_options=(-m quick --rounds 0.02)
        fault_tries=2
    fi
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
        cluster | faults)
            printf '%s\n' curl kcat
            [[ -n ${JAVA_HOME:-} ]] || command -v java >/dev/null || echo default-jre-headless
            command -v mvn >/dev/null || echo maven
            ;;
        esac
    done | sort -u
}

passed=0
failed=0

# run_ctest PRESET LABEL [TRIES]: adds ctest's figures to ours.
run_ctest() {
    local log
    log=$(mktemp)
    say "==> tests: $2 ($1)"
    # Groups and time-outs run against the clock, and the machine may be busy with other things: a
    # test that fails is shown, and gets one more try. (A fuzzer that found something gets none.)
    (cd "$root" && ctest --test-dir "build/$1" -L "$2" --output-on-failure --no-tests=error \
        --repeat until-pass:"${3:-2}" -j "$jobs" </dev/null) | tee "$log" || true
    count_ctest "$log"
    rm -f "$log"
}

# "97% tests passed, 1 tests failed out of 34"; without that line nothing ran, which is a failure.
count_ctest() {
    local bad total
    read -r bad total < <(sed -nE 's/.* ([0-9]+) tests failed out of ([0-9]+)$/\1 \2/p' "$1") || true
    if [[ -z ${total:-} ]]; then
        failed=$((failed + 1))
        return
    fi
    failed=$((failed + bad))
    passed=$((passed + total - bad))
}

# run_pytest TRIES NAME COMMAND…: adds pytest's figures to ours. Brokers and groups run against the clock, too: when no more
# than two tests fail, they are shown, and with two TRIES these get one more, on a stack started afresh. What breaks a
# promise (tests/faults/invariants.py) gets none.
run_pytest() {
    local tries=$1 name=$2 log seen status good bad
    shift 2
    log=$(mktemp)
    seen=$(mktemp -d) # where pytest notes which failed; by itself it was told to do without
    set -- "$@" -p cacheprovider -o "cache_dir=$seen" -W ignore::pytest.PytestAssertRewriteWarning
    say "==> tests: $name"
    pytest_once "$@"
    if ((tries > 1 && status == 1 && bad <= 2)) && ! grep -qE 'Failed: I[1-9]b?: ' "$log"; then
        say "==> tests: $name, once more what failed: $bad"
        passed=$((passed + good))
        pytest_once "$@" --last-failed
    fi
    passed=$((passed + good))
    failed=$((failed + bad))
    rm -rf "$log" "$seen"
}

# One run, into run_pytest's `log`, `status`, `good` and `bad`. A run that was broken off or that found nothing tells no
# figures: a failure all the same.
pytest_once() {
    status=0
    "$@" </dev/null 2>&1 | tee "$log" || status=$?
    good=$(tail -n 1 "$log" | grep -oE '[0-9]+ passed' | cut -d ' ' -f 1) || true
    bad=$(tail -n 1 "$log" | grep -oE '[0-9]+ (failed|error)' | cut -d ' ' -f 1 | paste -sd +) || true
    ((status == 0)) || : "${bad:=1}"
    good=$((${good:-0}))
    bad=$((${bad:-0}))
}

# check TEXT COMMAND…: one test by its exit code.
check() {
    local text=$1
    shift
    say "==> test: $text"
    if "$@" </dev/null; then
        passed=$((passed + 1))
    else
        say "FAILED: $text"
        failed=$((failed + 1))
    fi
}

sanitizer_options() {
    export ASAN_OPTIONS=detect_leaks=1:abort_on_error=0
    export UBSAN_OPTIONS=print_stacktrace=1
    export TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1:suppressions=$root/tests/tsan.supp
}

read_arguments "$@"
mapfile -t packages < <(part_packages)
need_packages "${build_packages[@]}" "${packages[@]}"
need_test_python
export CANDLEWICK_TEST_PYTHON=$python
sanitizer_options

for part in "${parts[@]}"; do
    case $part in
    format) check "style: format, shell scripts, lengths" "$root/tests/style.sh" ;;
    unit)
        build_preset debug
        run_ctest debug unit
        ;;
    asan | tsan)
        build_preset "$part"
        run_ctest "$part" unit
        ;;
    fuzz)
        build_preset fuzz
        run_ctest fuzz fuzz 1
        ;;
    system | browser)
        build_preset release-tests
        run_ctest release-tests "$part"
        ;;
    stack)
        need_prometheus
        build_preset release-tests
        run_pytest 2 stack "$root/tests/system/run.sh" "$root/build/release-tests/src/candlewick" none "$root/tests/stack"
        ;;
    cluster)
        need_prometheus
        build_preset release-tests
        run_pytest 2 cluster "$root/tests/system/run.sh" "$root/build/release-tests/src/candlewick" none "$root/tests/cluster"
        ;;
    faults)
        build_preset release-tests
        run_pytest "$fault_tries" faults "$root/tests/faults/run.sh" "$root/build/release-tests" "${fault_options[@]}"
        ;;
    esac
done

printf '%d passed, %d failed\n' "$passed" "$failed"
((failed == 0))
