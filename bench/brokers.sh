# The three real brokers of `./launch.sh cluster`, without anything around them, for a measurement: sourced by run.sh.
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # root and work come from run.sh; the stack's files use what is set here

home=$work/cluster
pids=$home/pids
logs=$home/logs
exec 8>&2

# shellcheck source=setup/packages.sh
. "$root/setup/packages.sh"
# shellcheck source=stack/settings.sh
. "$root/stack/settings.sh"
for part in stack/http.sh stack/processes.sh stack/cluster_kafka.sh stack/cluster_checks.sh; do
    # shellcheck source=/dev/null # the list above
    . "$root/$part"
done

# Below those that the system gives to outgoing connections.
choose_broker_ports() {
    local base n kind
    until
        base=$((15000 + RANDOM % 16000))
        for ((n = 0; n < 9; n++)); do
            port_is_free $((base + n)) || break
        done
        ((n == 9))
    do :; done
    for kind in PORT CONTROLLER_PORT JMX_PORT; do
        for n in 1 2 3; do
            printf -v "KAFKA_${n}_$kind" %s $((base++))
        done
    done
    brokers=127.0.0.1:$KAFKA_1_PORT,127.0.0.1:$KAFKA_2_PORT,127.0.0.1:$KAFKA_3_PORT
}

brokers_up() {
    mkdir -p "$home" "$pids" "$logs"
    choose_broker_ports
    need_cluster_tools
    kafka_is_here || step "Kafka $kafka_version from Maven, once; kept in $cache" resolve_kafka
    step "three Kafka brokers" start_brokers
}

brokers_down() {
    process_stop 30 kafka-1 kafka-2 kafka-3
}
