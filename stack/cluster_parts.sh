# What `./launch.sh cluster` starts around the brokers: registry, store, producer, members, page, Prometheus. Sourced by cluster.sh.
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # root, home and the settings come from the scripts that source this

# Ours drain and flush for at most 10 s.
part_seconds_to_end=${STOP_SECONDS:-20}

# What of the environment a part of ours heeds, its options and its build: when it differs, the part runs with other settings.
part_fingerprint() {
    local name
    {
        printf '%s\n' "$@"
        sha256sum <"$program"
        for name in $(setting_names "$2"); do
            printf '%s=%s\n' "$name" "${!name-}"
        done
    } | sha256sum | cut -c 1-64
}

# The environment names in a subcommand's help.
setting_names() {
    "$program" "$1" --help | grep -oE '\$[A-Z][A-Z0-9_]+' | tr -d '$' | sort -u
}

part_is_right() {
    local name=$1
    shift
    process_runs "$name" && [[ $(process_fingerprint "$name") == "$(part_fingerprint "$@")" ]]
}

# Asked when nothing of ours is on it: a stranger who answers there would pass for our part.
port_can_be_had() {
    port_is_free "$1" && return
    printf 'port %s is taken%s: end what listens there, or set another one in %s\n' "$1" "$(port_holder "$1")" "$env_file"
    return 1
}

# ensure_part NAME PORT COMMAND…: runs with these settings and answers on its port; left alone when it does already.
ensure_part() {
    local name=$1 port=$2
    shift 2
    if ! part_is_right "$name" "$@"; then
        process_stop "$part_seconds_to_end" "$name"
        port_can_be_had "$port" || return 1
        process_start "$name" "$(part_fingerprint "$@")" "$@" || return 1
    fi
    process_await "$name" 30 port_is_taken "$port"
}

start_registry() {
    ensure_part registry "$REGISTRY_PORT" "$program" registry --listen "127.0.0.1:$REGISTRY_PORT" \
        --registry-data "$home/registry.db"
}

choose_store() {
    own_influx=false
    if [[ -n ${INFLUX_TOKEN_FILE:-} ]]; then
        INFLUX_TOKEN_FILE=$(absolute_file "$INFLUX_TOKEN_FILE")
    fi
    if [[ ${STORE:-} == sqlite:* ]]; then
        STORE=sqlite:$(absolute_file "${STORE#sqlite:}")
    fi
    if [[ -n ${STORE:-} ]]; then
        store=$STORE
    elif command -v influxdb3 >/dev/null; then
        own_influx=true
        store=http://127.0.0.1:$INFLUX_PORT
        : "${INFLUX_TOKEN_FILE:=$var/secrets/cluster-influx-token}"
    else
        store=sqlite:$home/store.db
    fi
    store_options=(--store "$store")
    if [[ -n ${INFLUX_TOKEN_FILE:-} ]]; then
        store_options+=(--token-file "$INFLUX_TOKEN_FILE")
    fi
}

# InfluxDB reads the token from a JSON file, we from a plain one. Named _admin: while there is no token of that
# name, anyone may ask the server for one.
make_influx_token() {
    local token
    [[ ! -s $INFLUX_TOKEN_FILE || ! -s $INFLUX_TOKEN_FILE.json ]] || return 0
    if [[ -s $INFLUX_TOKEN_FILE ]]; then
        printf '%s is the token of another InfluxDB, and this one is made anew: name its address in STORE, or leave INFLUX_TOKEN_FILE out\n' \
            "$INFLUX_TOKEN_FILE"
        return 1
    fi
    token=apiv3_$(head -c 48 /dev/urandom | base64 -w 0 | tr '+/' '-_' | tr -d '=')
    (
        umask 077
        mkdir -p "${INFLUX_TOKEN_FILE%/*}"
        # Ours is the last to be written: when it is there, both are whole.
        printf '{"token":"%s","name":"_admin"}\n' "$token" >"$INFLUX_TOKEN_FILE.json"
        printf '%s\n' "$token" >"$INFLUX_TOKEN_FILE"
    )
}

# Also when it asks for a token: versions differ in what they show without one.
influx_answers() {
    [[ $(http_answer "$INFLUX_PORT" /health | head -n 1) =~ ^HTTP/1\.[01]\ (200|401) ]]
}

start_influx() {
    make_influx_token
    if ! process_runs influxdb; then
        # docker-compose.yml says why, and has the same.
        process_start influxdb - influxdb3 serve --node-id candlewick --object-store file --data-dir "$home/influxdb" \
            --http-bind "127.0.0.1:$INFLUX_PORT" --admin-token-file "$INFLUX_TOKEN_FILE.json" --disable-authz health,ping,metrics \
            --query-file-limit 4500 --gen1-lookback-duration 366d --exec-mem-pool-bytes 536870912 --parquet-mem-cache-size 256 \
            --force-snapshot-mem-threshold 512 --disable-telemetry-upload
    fi
    # A log of a million ticks is read again first.
    process_await influxdb 300 influx_answers
}

# Topics, schemas and tables; then every replica of every partition is in sync.
prepare_topics() {
    "$program" prepare --brokers "$brokers" --registry "$registry" "${store_options[@]}" --wait 60s
    wait_until 60 partitions_are_in_sync || {
        printf 'not every replica is in sync: ./launch.sh status, ./launch.sh logs kafka-1\n' >&2
        return 1
    }
}

# Where no var/run.env is: it may be of another stack than this one.
group_status() {
    (cd "$home" && "$program" status --brokers "$brokers" --log-level off "$@")
}

partitions_are_in_sync() {
    local status
    status=$(group_status --format json) && [[ $status == *'"in_sync":3'* ]] &&
        ! grep -qE '"in_sync":[0-2]\b' <<<"$status"
}

absolute_source() {
    if [[ $SOURCE == replay:?* ]]; then
        printf 'replay:%s\n' "$(absolute_file "${SOURCE#replay:}")"
    else
        printf '%s\n' "$SOURCE"
    fi
}

# A replay ends when its file is read: then the producer has ended, and is as it should be.
replay_is_read() {
    [[ $SOURCE == replay:* && -f $pids/producer ]] && ! process_runs producer &&
        tail -n 3 "$logs/producer.log" | grep 'event=summary' >/dev/null
}

start_producer() {
    ! replay_is_read || return 0
    run_producer || replay_is_read
}

run_producer() {
    ensure_part producer "$PRODUCER_METRICS_PORT" "$program" produce --client-id producer --brokers "$brokers" \
        --registry "$registry" --source "$SOURCE" --metrics "127.0.0.1:$PRODUCER_METRICS_PORT"
}

member_port() {
    printf '%s\n' "$((CONSUMER_METRICS_PORT + $1 - 1))"
}

member_command() {
    member=("$program" consume --client-id "consumer-$1" --brokers "$brokers" --registry "$registry" "${store_options[@]}"
        --strategy "$ASSIGNMENT_STRATEGY" --metrics "127.0.0.1:$(member_port "$1")")
}

# Names of the members that were started: consumer-1 …
members_started() {
    process_names | grep '^consumer-' || true
}

group_is_empty() {
    local status
    status=$(group_status --format json) && [[ $status == *'"members":[]'* ]]
}

stop_members() {
    local names
    mapfile -t names < <(members_started)
    ((${#names[@]} == 0)) || process_stop "$part_seconds_to_end" "${names[@]}"
}

# Members of one group have one strategy: before another one starts, all of the old have left.
make_way_for_strategy() {
    [[ -f $home/strategy && $(<"$home/strategy") != "$ASSIGNMENT_STRATEGY" ]] || return 0
    stop_members
    wait_until 90 group_is_empty || {
        printf 'the group still has members: ./launch.sh status names them; end those that are not of this stack\n' >&2
        return 1
    }
}

# As many members as can be have partitions of any topic: what status would show of a group that is still sharing them out,
# nobody wants.
partitions_are_shared_out() {
    local status partitions owners
    status=$(group_status --format json) || return 1
    status=${status##*\"streams\":} # before it stand the figures of the first topic once more
    partitions=$(grep -o '"leader":' <<<"$status" | wc -l)
    owners=$(grep -oE '"client_id":"consumer-[1-6]"[^]]*"partitions":\[[0-9]' <<<"$status" | grep -o 'consumer-[1-6]' | sort -u | wc -l)
    ((owners >= (MEMBERS < partitions ? MEMBERS : partitions)))
}

# MEMBERS of them, as they should be; those beyond are stopped.
start_members() {
    local n name extra=()
    make_way_for_strategy
    for name in $(members_started); do
        ((${name#consumer-} <= MEMBERS)) || extra+=("$name")
    done
    ((${#extra[@]} == 0)) || process_stop "$part_seconds_to_end" "${extra[@]}"
    printf '%s\n' "$ASSIGNMENT_STRATEGY" >"$home/strategy"
    for ((n = 1; n <= MEMBERS; n++)); do
        member_command $n
        ensure_part "consumer-$n" "$(member_port $n)" "${member[@]}"
    done
    write_targets
    # A member that was killed keeps its place until its session is over: no reason to fail.
    wait_until 15 partitions_are_shared_out || true
}

start_page() {
    ensure_part page "$PAGE_PORT" "$program" serve --listen "127.0.0.1:$PAGE_PORT" --brokers "$brokers" \
        --registry "$registry" "${store_options[@]}"
}
