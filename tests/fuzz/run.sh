#!/usr/bin/env bash
# One fuzz target for FUZZ_SECONDS (20 when unset), or with FUZZ_RUNS for so many inputs, however long they take.
#
#     tests/fuzz/run.sh build/fuzz/tests/fuzz/fuzz_replay
#     FUZZ_RUNS=10000000 tests/fuzz/run.sh build/fuzz/tests/fuzz/fuzz_bitfinex_frame
#
# Starts from the kept inputs (tests/fuzz/corpus/NAME) and those that earlier runs found, which stay in the build folder
# beside the program: grown/NAME. An input that breaks the property, or takes more than two minutes (milliseconds are usual, but
# the machine may be busy) or 512 MiB, ends the run and is written to finds/NAME-….
set -euo pipefail

program=$1
name=${program##*/fuzz_}
source_folder=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build_folder=$(cd "$(dirname "$program")" && pwd)
mkdir -p "$build_folder/grown/$name" "$build_folder/finds"

# The sanitizer keeps freed memory for a while, which counts as in use. To remember all callers of each malloc() is up to a third
# of an input's time: of what is found, they are told when the program is run with the file of finds alone.
export ASAN_OPTIONS=detect_leaks=1:quarantine_size_mb=16:malloc_context_size=2
export UBSAN_OPTIONS=print_stacktrace=1
if command -v llvm-symbolizer >/dev/null; then
    ASAN_SYMBOLIZER_PATH=$(command -v llvm-symbolizer)
    export ASAN_SYMBOLIZER_PATH
fi

# The longest input in bytes, where libFuzzer's own limit (4,096, or the longest kept input) allows inputs that take long and
# reach nothing that shorter ones do not. Of a kept input that is longer only so much is used here; the unit tests use all of it.
declare -A longest=([binance]=500 [bitfinex]=400 [bitfinex_frame]=700 [bitfinex_history]=300 [candles]=400 [coingecko]=900
    [coinmarketcap]=1800 [cryptopanic]=1200 [feed]=1300 [replay]=600)

options=(-timeout=120 -rss_limit_mb=512 -print_final_stats=1 -artifact_prefix="$build_folder/finds/$name-")
if [[ -n ${longest[$name]:-} ]]; then
    options+=(-max_len="${longest[$name]}")
fi
if [[ -n ${FUZZ_RUNS:-} ]]; then
    options+=(-runs="$FUZZ_RUNS")
else
    options+=(-max_total_time="${FUZZ_SECONDS:-20}")
fi
if [[ -f $source_folder/dictionaries/$name.dict ]]; then
    options+=(-dict="$source_folder/dictionaries/$name.dict")
fi
exec "$program" "${options[@]}" "$build_folder/grown/$name" "$source_folder/corpus/$name"
