# `./launch.sh cluster`: three real Kafka brokers without Docker, and everything around them: sourced by launch.sh.
#
# State lies under $var/cluster: data, logs, pids. Running it again repairs: what runs as it should is left alone.
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2153,SC2154 # the settings come from settings.sh; the other files use what is set here

mkdir -p "$var"
var=$(cd "$var" && pwd)
home=$var/cluster
sources_file=$home/sources
pids=$home/pids
logs=$home/logs
# One's own build, instead of the one that is made here.
program=${CANDLEWICK_PROGRAM:-$root/build/release/src/candlewick}
[[ $program == /* ]] || program=$PWD/$program
registry=http://127.0.0.1:$REGISTRY_PORT
# Not 39092 as with Docker: from 32768 on Linux gives ports to outgoing connections, first those that are even. A broker
# that looks for one that is away gets its very port before long, meets itself there, and the other cannot come back.
set_brokers 30092
: "${KAFKA_1_CONTROLLER_PORT:=19093}" "${KAFKA_2_CONTROLLER_PORT:=29093}" "${KAFKA_3_CONTROLLER_PORT:=30093}"
: "${KAFKA_1_JMX_PORT:=17071}" "${KAFKA_2_JMX_PORT:=27071}" "${KAFKA_3_JMX_PORT:=30071}"
[[ ${COINS:-} != ALL ]] || : "${SOURCE:=bitfinex}" # only its answers have all coins
: "${PRODUCER_METRICS_PORT:=9101}" "${CONSUMER_METRICS_PORT:=9111}" "${SOURCE:=bitfinex,bitfinex-trades,bitfinex-bars}"

for part in setup/packages.sh setup/build.sh stack/http.sh stack/processes.sh stack/cluster_kafka.sh stack/cluster_parts.sh \
    stack/cluster_prometheus.sh stack/cluster_checks.sh; do
    # shellcheck source=/dev/null # the list above
    . "$root/$part"
done
choose_store
SOURCE=$(absolute_source)
exec 8>&2

open_cluster() {
    lock_stack
    mkdir -p "$home" "$pids" "$logs"
}

# Before anything is fetched or built.
need_packages_and_tools() {
    local packages
    mapfile -t packages < <(cluster_packages)
    [[ -n ${CANDLEWICK_PROGRAM:-} ]] || need_packages "${build_packages[@]}" "${packages[@]}"
    need_cluster_tools
}

build_program() {
    [[ -z ${CANDLEWICK_PROGRAM:-} ]] || return 0
    build_preset release
}

cluster_up() {
    open_cluster
    check_source
    check_source_mix cluster
    need_packages_and_tools
    check_memory
    check_disk
    check_ports
    kafka_is_here || step "Kafka $kafka_version from Maven, once; kept in $cache" resolve_kafka
    build_program
    check_brokers_unchanged
    check_options prepare produce consume serve registry
    keep_settings
    mark_stack_up cluster
    when_interrupted="What was started goes on: ./launch.sh cluster starts the rest, ./launch.sh down ends it all."
    tell_ended
    step "three Kafka brokers" start_brokers
    [[ $own_influx == false ]] || step "InfluxDB 3" start_influx
    step "schema registry" start_registry
    step "topics, schemas, tables" prepare_topics
    step "producer ($SOURCE)" start_producer
    step "$MEMBERS members ($ASSIGNMENT_STRATEGY)" start_members
    step "page" start_page
    ! has_prometheus || step "Prometheus" start_prometheus
    write_run_env "KAFKA_BROKERS=$brokers" "SCHEMA_REGISTRY_URL=$registry" "STORE=$store" \
        ${INFLUX_TOKEN_FILE:+"INFLUX_TOKEN_FILE=$INFLUX_TOKEN_FILE"} "PAGE=http://127.0.0.1:$PAGE_PORT" "SOURCE=$SOURCE" \
        "GROUP_ID=${GROUP_ID:-coins}" "TOPIC=${TOPIC:-tickers}" "STREAMS=$STREAMS"
    await_candle
    print_links
}

# What had been started before and runs no longer: this start brings it back.
tell_ended() {
    local name ended=()
    for name in $(process_names); do
        if process_is_stopped "$name"; then
            say "==> had been stopped by a signal, goes on: $name"
            kill -CONT "$(process_id "$name")"
        fi
        process_runs "$name" || { [[ $name == producer ]] && replay_is_read; } || ended+=("$name")
    done
    ((${#ended[@]} == 0)) || say "==> had ended, is started again: ${ended[*]}"
}

# What the environment alone set holds until down: a repair, status or scale without it must not mean another stack.
keep_settings() {
    local name
    (
        umask 077
        for name in $({ port_table | cut -d ' ' -f 1 && for part in produce consume serve registry; do setting_names "$part"; done; } | sort -u); do
            if [[ -n ${!name-} && ! $name =~ ^(MEMBERS|ASSIGNMENT_STRATEGY)$ ]] && ! is_in_env_file "$name"; then
                printf '%s=%s\n' "$name" "${!name}"
            fi
        done >"$var/stack.env"
    )
    keep_in_env_file MEMBERS
    keep_in_env_file ASSIGNMENT_STRATEGY
}

keep_in_env_file() {
    is_in_env_file "$1" "${!1}" || save_setting "$1" "${!1}"
}

first_coin() {
    local coin=${COINS:-tBTCUSD}
    coin=${coin%%,*}
    printf '%s\n' "${coin/#ALL/tBTCUSD}"
}

has_candle() {
    http_body "$PAGE_PORT" "/api/candles?coin=$(first_coin)&interval=1m" | grep '"open"' >/dev/null
}

# What keeps ticks from flowing, in the words of the producer or a member; nothing when all is well.
unwell() {
    local n port
    for port in "$PRODUCER_METRICS_PORT" $(for ((n = 1; n <= MEMBERS; n++)); do member_port $n; done); do
        http_body "$port" /healthz | sed -n 's/.*not ready: //p'
    done | head -n 1
}

# Whether ticks of the coin that is looked for are to come: other sources bring other coins, or bars or news alone.
expects_candle() {
    [[ ,$SOURCE, =~ ,(bitfinex|synthetic|synthetic-ticker), ]]
}

# Not a failure when there is none yet: the exchange may be away, and everything else is ready for it. A source that
# answers has sent something by the shorter time.
await_candle() {
    local started=$SECONDS awaited="first candle"
    expects_candle || awaited="first answer"
    printf '==> %s ... ' "$awaited"
    until ticks_away=$(unwell) && [[ -z $ticks_away ]] && { ! expects_candle || has_candle; }; do
        if ((SECONDS >= started + 30)) || { ((SECONDS >= started + 8)) && [[ -n $ticks_away ]]; }; then
            say "not yet"
            [[ -n $ticks_away ]] || note_source # all are well, so something may have come
            : "${ticks_away:=none has come in 30 s, and nothing says why: ./launch.sh logs producer}"
            return
        fi
        sleep 0.2
    done
    printf 'done (%d s)\n' $((SECONDS - started))
    note_source
}

print_notes() {
    if [[ -n $ticks_away ]]; then
        printf '\nNo ticks yet: %s\n' "$ticks_away"
        [[ $SOURCE != bitfinex* ]] ||
            say "It goes on asking. Where the exchange cannot be reached: SOURCE=synthetic ./launch.sh cluster"
    fi
}

print_links() {
    cat <<LINKS

Candlewick is up: ticks from $SOURCE, stored in $store
  page        http://127.0.0.1:$PAGE_PORT
  registry    $registry
  brokers     $brokers
LINKS
    ! has_prometheus || say "  Prometheus  http://127.0.0.1:$PROMETHEUS_PORT"
    print_notes
    print_verbs
}

cluster_status() {
    local name id dead=0
    printf '%-12s  %-8s  %s\n' part pid state
    for name in $(process_names); do
        if process_is_stopped "$name"; then
            dead=$((dead + 1))
            printf '%-12s  %-8s  STOPPED by a signal: it runs, and does nothing\n' "$name" "$(process_id "$name")"
        elif id=$(process_id "$name"); then
            printf '%-12s  %-8s  runs since %s\n' "$name" "$id" "$(date -r "$pids/$name" '+%F %T')"
        elif [[ $name == producer ]] && replay_is_read; then
            printf '%-12s  %-8s  has read %s to its end\n' "$name" - "${SOURCE#replay:}"
        else
            dead=$((dead + 1))
            printf '%-12s  %-8s  ENDED; ./launch.sh logs %s\n' "$name" - "$name"
        fi
    done
    printf '\n'
    group_status || dead=$((dead + 1))
    if ((dead > 0)); then
        printf '\n./launch.sh cluster brings back what has ended or was stopped\n'
        return 1
    fi
}

cluster_logs() {
    if (($# == 0)); then
        process_names
        return
    fi
    [[ $1 != */* && -f $logs/$1.log ]] ||
        fail "no log of \"$1\"; there are: $(cd "$logs" 2>/dev/null && compgen -G '*.log' | sed 's/\.log$//' | paste -sd ' ')"
    tail -n 200 "$logs/$1.log"
}

need_running_cluster() {
    process_runs kafka-1 || process_runs kafka-2 || process_runs kafka-3 ||
        fail "the brokers do not run: ./launch.sh cluster first"
}

cluster_strategy() {
    open_cluster
    need_running_cluster
    ASSIGNMENT_STRATEGY=$1
    check_options consume
    save_setting ASSIGNMENT_STRATEGY "$1"
    step "$MEMBERS members ($1)" start_members
}

cluster_scale() {
    open_cluster
    need_running_cluster
    MEMBERS=$1
    check_options consume
    check_ports
    save_setting MEMBERS "$1"
    step "$MEMBERS members ($ASSIGNMENT_STRATEGY)" start_members
}

# Those of the names that were started.
started_of() {
    local name
    for name in "$@"; do
        [[ ! -f $pids/$name ]] || printf '%s\n' "$name"
    done
}

# stop_parts SECONDS TEXT NAME…
stop_parts() {
    local seconds=$1 text=$2 started=$SECONDS names
    shift 2
    mapfile -t names < <(started_of "$@")
    ((${#names[@]} > 0)) || return 0
    printf '==> %s ... ' "$text"
    process_stop "$seconds" "${names[@]}"
    printf 'done (%d s)\n' $((SECONDS - started))
}

# What this stack made, by name: VAR_DIR may be a folder that holds other things of this name.
forget_data() {
    rm -rf "$home"/{kafka-1,kafka-2,kafka-3,logs,pids,prometheus,influxdb}
    rm -f "$home"/{kafka-?.properties,cluster-id,strategy,sources,registry.db*,store.db*}
    rmdir "$home" 2>/dev/null || say "==> left in $home, for they are not of this stack: $(cd "$home" && compgen -G "*" | head -n 5 | paste -sd " " -)"
}

# From the source to the log's end, so that each part can finish with those behind it.
cluster_down() {
    local members
    open_cluster
    mapfile -t members < <(members_started)
    stop_parts "$part_seconds_to_end" "stop the producer" producer
    stop_parts "$part_seconds_to_end" "stop the members" ${members[@]+"${members[@]}"}
    stop_parts "$part_seconds_to_end" "stop page, registry, Prometheus" page registry prometheus
    stop_parts "$broker_seconds_to_end" "stop InfluxDB 3" influxdb
    stop_parts "$broker_seconds_to_end" "stop the brokers" kafka-1 kafka-2 kafka-3
    if [[ ${1:-} == --volumes ]]; then
        forget_data
        other_stack_is_up cluster || rm -f "$var/run.env"
        say "==> data, logs and schemas are gone"
    else
        [[ $store != sqlite:* ]] || other_stack_is_up cluster || write_run_env "STORE=$store" "SOURCE=$SOURCE"
        say "==> stopped; the data stays in $home (./launch.sh cluster down --volumes forgets it)"
    fi
    mark_stack_down cluster
}
