# Prometheus beside `./launch.sh cluster`, where its program is installed: sourced by cluster.sh.
# shellcheck shell=bash
# shellcheck disable=SC2154 # home and the ports come from the scripts that source this

has_prometheus() {
    command -v prometheus >/dev/null
}

# write_target_file FILE LINE…: whole, so that Prometheus, which watches the file, never reads half of it.
write_target_file() {
    local file=$home/prometheus/$1
    shift
    {
        printf '['
        printf '%s' "$1"
        shift
        (($# == 0)) || printf ',\n %s' "$@"
        printf ']\n'
    } >"$file.new"
    mv "$file.new" "$file"
}

# Who serves figures now: written anew with every change of the members.
write_targets() {
    local n ours=() kafka=()
    mkdir -p "$home/prometheus"
    ours=("$(target "$PRODUCER_METRICS_PORT" part producer)" "$(target "$PAGE_PORT" part page)")
    for ((n = 1; n <= MEMBERS; n++)); do
        ours+=("$(target "$(member_port $n)" part "consumer-$n")")
    done
    for n in 1 2 3; do
        kafka+=("$(target "$(broker_jmx_port $n)" broker $n)")
    done
    write_target_file candlewick.json "${ours[@]}"
    write_target_file kafka.json "${kafka[@]}"
}

target() {
    printf '{"targets": ["127.0.0.1:%s"], "labels": {"%s": "%s"}}' "$@"
}

prometheus_config() {
    cat <<CONFIG
global:
  scrape_interval: 5s
scrape_configs:
  - job_name: candlewick
    file_sd_configs: [{files: [candlewick.json]}]
  - job_name: kafka
    file_sd_configs: [{files: [kafka.json]}]
  - job_name: prometheus
    static_configs: [{targets: ["127.0.0.1:$PROMETHEUS_PORT"]}]
CONFIG
    [[ $own_influx == false ]] || cat <<CONFIG
  - job_name: influxdb
    static_configs: [{targets: ["127.0.0.1:$INFLUX_PORT"]}]
CONFIG
}

start_prometheus() {
    local fingerprint
    write_targets
    fingerprint=$({ prometheus_config && echo "$PROMETHEUS_PORT"; } | sha256sum | cut -c 1-64)
    if ! process_runs prometheus || [[ $(process_fingerprint prometheus) != "$fingerprint" ]]; then
        process_stop "$part_seconds_to_end" prometheus
        port_can_be_had "$PROMETHEUS_PORT"
        prometheus_config >"$home/prometheus/prometheus.yml"
        process_start prometheus "$fingerprint" prometheus --config.file="$home/prometheus/prometheus.yml" \
            --storage.tsdb.path="$home/prometheus/data" --storage.tsdb.retention.time=7d \
            --web.listen-address="127.0.0.1:$PROMETHEUS_PORT" --log.level=warn
    fi
    process_await prometheus 30 http_is_ok "$PROMETHEUS_PORT" /-/ready
}
