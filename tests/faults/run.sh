#!/usr/bin/env bash
# Runs the fault tests with the tests' own Python: run.sh BUILD-FOLDER [pytest arguments].
set -euo pipefail
build=$(cd "$1" && pwd)
shift
export FAULTS_FROM=$PWD # where the caller is: --report is from there
export CANDLEWICK_BINARY=$build/src/candlewick
export CANDLEWICK_BROKERS=$build/tests/support/candlewick_test_brokers
export CANDLEWICK_FEED=$build/tests/support/candlewick_ledger_feed
export CANDLEWICK_FAULT_STORE=$build/tests/support/candlewick_fault_store
export CANDLEWICK_FAULT_SHIM=$build/tests/support/libcandlewick_fault_shim.so
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cd "$here"
export PYTHONPATH=$here/../support
exec "${CANDLEWICK_TEST_PYTHON:-python3}" -m pytest -q -p no:cacheprovider --rootdir "$here" "$@"
