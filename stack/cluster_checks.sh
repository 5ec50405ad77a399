# What `./launch.sh cluster` needs, checked and said before anything starts: sourced by cluster.sh.
# shellcheck shell=bash
# shellcheck disable=SC2154 # the settings come from the scripts that source this

broker_mebibytes=700
other_mebibytes=400
disk_mebibytes=2048

# The packages that are missing, one a line.
cluster_packages() {
    [[ -n $(java_version) ]] || echo default-jre-headless
    kafka_is_here || command -v mvn >/dev/null || echo maven
}

# Packages where there is apt; the tools by name elsewhere, and where a package was not enough.
need_cluster_tools() {
    local packages
    [[ -r /proc/self/stat ]] || fail "./launch.sh cluster needs Linux (it knows its processes by /proc): ./launch.sh local runs anywhere"
    mapfile -t packages < <(cluster_packages)
    if ((${#packages[@]} > 0)) && command -v apt-get >/dev/null; then
        install_packages "${packages[@]}"
    fi
    check_java
    kafka_is_here || command -v mvn >/dev/null || fail "Maven is missing: install it (command mvn), then run this again"
    for tool in setsid flock; do
        command -v $tool >/dev/null || fail "$tool is missing: install util-linux, then run this again"
    done
}

check_java() {
    local version
    version=$(java_version)
    [[ -n $version ]] || fail "Java is missing: install a JDK or JRE of version 17 or newer, or name its folder in JAVA_HOME"
    ((version >= 17)) ||
        fail "Java $version is too old, and Kafka needs 17 or newer: install openjdk-17-jre-headless (or newer), or name its folder in JAVA_HOME"
}

# "NAME PORT PROCESS" of every port that this stack takes, with the settings of now.
port_table() {
    local n
    for n in 1 2 3; do
        printf 'KAFKA_%s_PORT %s kafka-%s\n' $n "$(broker_port $n)" $n
        printf 'KAFKA_%s_CONTROLLER_PORT %s kafka-%s\n' $n "$(broker_controller_port $n)" $n
        printf 'KAFKA_%s_JMX_PORT %s kafka-%s\n' $n "$(broker_jmx_port $n)" $n
    done
    printf 'REGISTRY_PORT %s registry\nPAGE_PORT %s page\n' "$REGISTRY_PORT" "$PAGE_PORT"
    printf 'PRODUCER_METRICS_PORT %s producer\n' "$PRODUCER_METRICS_PORT"
    for ((n = 1; n <= MEMBERS; n++)); do
        printf 'CONSUMER_METRICS_PORT %s consumer-%s\n' "$(member_port $n)" $n
    done
    ! has_prometheus || printf 'PROMETHEUS_PORT %s prometheus\n' "$PROMETHEUS_PORT"
    [[ $own_influx == false ]] || printf 'INFLUX_PORT %s influxdb\n' "$INFLUX_PORT"
}

# Who listens on a port, where `ss` tells: " (nginx, pid 812)".
port_holder() {
    command -v ss >/dev/null || return 0
    ss -Hltnp "sport = :$1" 2>/dev/null | sed -nE 's/.*users:\(\("([^"]+)",pid=([0-9]+).*/ (\1, pid \2)/p' | head -n 1
}

# A part of ours that runs may be on its port already; with other settings it is stopped before the port is asked for.
check_ports() {
    local name port process seen=' ' taken=0
    while read -r name port process; do
        if [[ ! $port =~ ^[0-9]{1,5}$ ]] || ((10#$port < 1 || 10#$port > 65535)); then
            refuse "$name=$port: a port from 1 to 65535 is needed"
        fi
        [[ $seen != *" $port "* ]] || refuse "$name: port $port is given to two parts: change one of them in $env_file"
        seen+="$port "
        if ! process_runs "$process" && ! port_is_free "$port"; then
            printf 'error: port %s (%s) is taken%s: end what listens there, or set another %s in %s\n' \
                "$port" "$name" "$(port_holder "$port")" "$name" "$env_file" >&2
            taken=1
        fi
    done < <(port_table)
    ((taken == 0)) || exit 1
}

check_memory() {
    local n needed=0 available
    for n in 1 2 3; do
        process_runs "kafka-$n" || needed=$((needed + broker_mebibytes))
    done
    ((needed > 0)) || return 0
    needed=$((needed + other_mebibytes))
    available=$(awk '$1 == "MemAvailable:" {print int($2 / 1024)}' /proc/meminfo)
    ((available >= needed)) ||
        fail "$available MiB of memory are free, and the brokers need $needed MiB: end something, or run ./launch.sh local"
}

check_disk() {
    local available
    available=$(df -Pk "$var" | awk 'NR == 2 {print int($4 / 1024)}')
    ((available >= disk_mebibytes)) ||
        fail "$available MiB are free under $var, and $disk_mebibytes MiB are needed: make room, or name another folder in VAR_DIR"
}

# Whether a source of this name exists, the program itself says once it is built (check_options).
check_source() {
    check_source_keys
    [[ $SOURCE != replay:?* || -r ${SOURCE#replay:} ]] || refuse "SOURCE=$SOURCE: there is no such file"
}

# check_options COMMAND…: by the program itself, before anything is started, stopped or remembered. Each as it will be run; the
# token of an InfluxDB of our own is made when that starts.
check_options() {
    local command options=(--check-options) fault
    [[ ${KAFKA_PROPERTIES-} != *password=* && ${KAFKA_PROPERTIES-} != *secret=* ]] ||
        refuse "KAFKA_PROPERTIES holds a password, and would be kept in a file: these brokers ask for none"
    for command in "$@"; do
        case $command in
        produce) options=(--check-options --source "$SOURCE") ;;
        consume) options=(--check-options --store "$store" --strategy "$ASSIGNMENT_STRATEGY") ;;
        prepare | serve) options=(--check-options --store "$store") ;;
        *) options=(--check-options) ;;
        esac
        if [[ $command =~ ^(prepare|consume|serve)$ && $own_influx == false && -n ${INFLUX_TOKEN_FILE:-} ]]; then
            options+=(--token-file "$INFLUX_TOKEN_FILE")
        fi
        fault=$(INFLUX_TOKEN_FILE='' "$program" "$command" "${options[@]}" 2>&1) ||
            refuse "${fault#candlewick: }
       (settings come from the environment, $env_file$([[ ! -f $var/stack.env ]] || printf ' and %s' "$var/stack.env"))"
    done
}
