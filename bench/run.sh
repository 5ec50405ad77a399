#!/usr/bin/env bash
# Reads and writes one topic with Candlewick and with others, side by side, and tells what each costs.
#
#     bench/run.sh                   three rounds of two million ticks, all contenders that are here
#         --rounds N                 so many rounds, interleaved
#         --messages N               so many ticks
#         --only NAME,NAME           only these contenders (a wrong name lists them)
#         --check                    measures the bars too; exit code 1 when a hard one is missed
#         --flat                     instead: consume with more messages, coins, partitions, batches in flight
#         --trades                   instead: live trades of an exchange, from its frames to Kafka and all the way to the sink
#         --sources                  instead: bars from a file to Kafka, news from a feed to the sink; --check measures them too
#         --page                     instead: the page over a month of prices: its answers, first paint and chart, an idle tab. No brokers
#         --write-docs               with --check, --flat, --trades, --sources or --page: writes the tables to docs/performance.md
#
# Starts three real brokers of its own, as ./launch.sh cluster does, in a temporary folder; with KAFKA_BROKERS it uses those,
# and makes and drops topics named bench* there. Lines go to an HTTP sink that only counts; with STORE=URL to that InfluxDB 3,
# which was started without authentication.
# BENCH_BUILD names a build folder with CANDLEWICK_BENCH=ON instead of build/bench, which it makes.
set -euo pipefail
# shellcheck source=setup/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/../setup/common.sh"

usage() {
    sed -n '2,19s/^# \{0,1\}//p' "$root/bench/run.sh"
}

bench_python() {
    # shellcheck source=setup/packages.sh
    . "$root/setup/packages.sh"
    # shellcheck source=setup/python.sh
    . "$root/setup/python.sh"
    ! command -v apt-get >/dev/null || install_packages python3 python3-venv
    need_python bench-venv "$root/bench/requirements.txt"
}

build_all() {
    # shellcheck source=setup/packages.sh
    . "$root/setup/packages.sh"
    # shellcheck source=setup/build.sh
    . "$root/setup/build.sh"
    need_packages "${build_packages[@]}"
    build_preset bench
}

# A second signal ends nothing sooner, and would leave brokers behind.
clean_up() {
    trap : INT TERM
    [[ -z $bench_pid ]] || { kill -TERM "$bench_pid" 2>/dev/null && wait "$bench_pid"; } || true
    [[ $own_brokers == false ]] || brokers_down
    rm -rf "$work"
}

main() {
    local build=${BENCH_BUILD:-$root/build/bench} python status=0
    brokers=${KAFKA_BROKERS:-}
    own_brokers=false
    [[ " $* " != *" --page "* ]] || brokers=127.0.0.1:1 # asks none
    bench_pid=
    bench_python
    "$python" "$root/bench/bench.py" "$@" # checks the options and no more, for it is told of no brokers
    [[ -n ${BENCH_BUILD:-} ]] || build_all
    work=$(mktemp -d "${TMPDIR:-/tmp}/candlewick-bench.XXXXXX")
    trap clean_up EXIT
    trap 'exit 130' INT TERM
    if [[ -z $brokers ]]; then
        # shellcheck source=bench/brokers.sh
        . "$root/bench/brokers.sh"
        own_brokers=true
        brokers_up
    fi
    # In the background, so that a signal is heeded at once.
    "$python" "$root/bench/bench.py" --brokers "$brokers" --folder "$work" --tools "$build/bench" \
        --program "${CANDLEWICK_PROGRAM:-$build/src/candlewick}" --docs "$root/docs/performance.md" "$@" &
    bench_pid=$!
    wait "$bench_pid" || status=$?
    bench_pid=
    return "$status"
}

if [[ ${1:-} == -h || ${1:-} == --help ]]; then
    usage
else
    main "$@"
fi
