#!/usr/bin/env bash
# Runs system tests with the tests' own Python: run.sh BINARY BROKERS [pytest arguments].
set -euo pipefail
export CANDLEWICK_BINARY=$1 CANDLEWICK_BROKERS=$2
shift 2
PYTHONPATH=$(cd "$(dirname "${BASH_SOURCE[0]}")/../support" && pwd)
export PYTHONPATH
exec "${CANDLEWICK_TEST_PYTHON:-python3}" -m pytest -q -p no:cacheprovider --no-header "$@"
