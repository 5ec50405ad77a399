# Grafana's own formatter for the tests of its boards: sourced after common.sh.
# shellcheck shell=bash
# shellcheck disable=SC2154 # root and cache come from common.sh

# Sets CANDLEWICK_GRAFANA_DATA to a folder with the npm package @grafana/data, of the versions and hashes in the lock file. Of what it
# asks for besides, three that are large and that no formatter needs stand in package.json's "overrides" as a small package of the same list.
need_grafana_data() {
    local lock=$root/tests/stack/grafana/package-lock.json
    CANDLEWICK_GRAFANA_DATA=$cache/grafana-data-$(sha256sum "$lock" | cut -c 1-12)
    export CANDLEWICK_GRAFANA_DATA
    [[ -d $CANDLEWICK_GRAFANA_DATA ]] || step "Grafana's formatter (npm), once; kept in $cache" get_grafana_data "$CANDLEWICK_GRAFANA_DATA"
}

get_grafana_data() {
    new_folder "$1"
    cp "$root"/tests/stack/grafana/{package.json,package-lock.json,.npmrc} "$made"
    (cd "$made" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error)
    publish "$made" "$1"
}
