# Throw-away Python environments for the tests and the measurements: sourced after common.sh.
# shellcheck shell=bash
# shellcheck disable=SC2154 # cache comes from common.sh

# need_python NAME FILE…: sets `python` to that of an environment with the packages that the requirement files list. Another
# list or another Python makes another folder in the cache. Only `python -m …` works in it: it is moved once it is complete.
need_python() {
    local name=$1 key
    shift
    key=$({ python3 --version && cat "$@"; } | sha256sum | cut -c 1-12)
    python=$cache/$name-$key/bin/python
    [[ -x $python ]] || step "python packages ($name), once; kept in $cache" make_python "$cache/$name-$key" "$@"
}

make_python() {
    local folder=$1 file
    shift
    new_folder "$folder"
    python3 -m venv "$made"
    for file in "$@"; do
        "$made/bin/python" -m pip install --quiet --disable-pip-version-check -r "$file"
    done
    publish "$made" "$folder"
}

# The tests' one; clang-format is in it, the same version everywhere.
need_test_python() {
    local lists=$root/tests/support/python
    need_python test-venv "$lists/requirements.txt" "$lists/xdist.txt" "$lists/clang-format.txt" "$lists/duckdb.txt"
}
