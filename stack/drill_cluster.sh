# How a part of `./launch.sh cluster` is killed, frozen and brought back, and how it is asked: sourced by drill.sh.
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # the settings and functions come from the scripts that source this

drill_registry_part=registry

drill_needs_cluster() {
    need_running_cluster
    [[ $1 == stop-store || $1 == power-cut ]] || return 0
    [[ $1 == stop-store || $store != sqlite:* ]] ||
        fail "a power cut takes nothing from SQLite, which syncs each commit before it is acknowledged: there is nothing to drill"
    if [[ $own_influx == true ]]; then
        drill_store_part=influxdb
        drill_store_fault="InfluxDB 3 is stopped"
    elif [[ $store == sqlite:* ]]; then
        need_command sqlite3 "it takes the store's write lock, as there is no process to stop"
        drill_store_part=store.db
        drill_store_fault="another process takes the write lock of the store (SQLite has no process of its own to stop)"
    else
        fail "the store $store is not of this stack: the drill stops nothing that it has not started"
    fi
}

drill_status() {
    group_status --format json
}

drill_program() {
    (cd "$home" && "$program" "$1" --brokers "$brokers" --registry "$registry" "${store_options[@]}" "${@:2}")
}

# Knows no store, unlike the other commands of a drill.
drill_event() {
    (cd "$home" && "$program" event --brokers "$brokers" --registry "$registry" "$@")
}

drill_kill() {
    kill -KILL "$(process_id "$1")"
    wait_until 20 none_runs "$1"
}

drill_stop() {
    kill -TERM "$(process_id "$1")"
    wait_until "$broker_seconds_to_end" none_runs "$1"
}

drill_freeze() {
    kill -STOP "$(process_id "$1")"
}

drill_thaw() {
    kill -CONT "$(process_id "$1")"
}

# Also of a part that the drill had not come to take away yet.
drill_start() {
    case $1 in
    kafka-*)
        process_runs "$1" || run_broker "${1#kafka-}"
        # A killed one checks its log first, and on a busy machine that takes longer than a start after a clean end.
        await_broker "${1#kafka-}" || await_broker "${1#kafka-}"
        ;;
    consumer-*)
        member_command "${1#consumer-}"
        ensure_part "$1" "$(member_port "${1#consumer-}")" "${member[@]}"
        ;;
    registry) start_registry ;;
    influxdb) start_influx ;;
    esac
}

drill_take_store() {
    if [[ $own_influx == true ]]; then
        drill_stop influxdb
    else
        hold_write_lock
    fi
}

# The log's files whose last write is as young as that; the server writes one a second, and reads all of them at its start.
drill_cut_power() {
    local since
    since=$(date -d "-$drill_cut_s seconds" '+%F %T')
    drill_kill influxdb
    find "$home/influxdb" -name '*.wal' -newermt "$since" -delete
}

drill_give_store() {
    if [[ $own_influx == true ]]; then
        start_influx
    elif [[ -f $work/lock.pid ]]; then
        kill "$(<"$work/lock.pid")"
    fi
}

# Until the process is killed, or this script is gone: the lock ends with its holder. Empty lines keep it waiting for more.
hold_write_lock() {
    local file=${store#sqlite:}
    [[ $file == /* ]] || file=$root/$file
    {
        printf ".bail on\n.timeout 30000\nBEGIN IMMEDIATE;\nSELECT 'held';\n"
        while kill -0 $$ && printf '\n'; do
            sleep 0.2
        done
    } 2>/dev/null 8>&- 9>&- | sqlite3 -batch "$file" >"$work/lock" 2>&1 8>&- 9>&- &
    printf '%s\n' $! >"$work/lock.pid"
    wait_until 40 grep -q held "$work/lock" || {
        cat "$work/lock"
        return 1
    }
}

# "NAME PORT" of what is asked for figures, in a process each: one that does not answer keeps no other waiting.
drill_start_sampling() {
    local part
    load_port=$((PRODUCER_METRICS_PORT + 1))
    while port_is_taken "$load_port"; do
        load_port=$((load_port + 1))
    done
    sampler_pids=()
    for part in "$@"; do
        sample_part "$part" "$(member_port "${part#consumer-}")" 8>&- 9>&- &
        sampler_pids+=($!)
    done
    for part in "producer $PRODUCER_METRICS_PORT" "load $load_port"; do
        # shellcheck disable=SC2086 # two words
        sample_part $part 8>&- 9>&- &
        sampler_pids+=($!)
    done
}

sample_part() {
    local now
    trap '' PIPE
    while kill -0 $$ 2>/dev/null; do
        if { exec 5<>"/dev/tcp/127.0.0.1/$2"; } 2>/dev/null; then
            printf 'GET /metrics HTTP/1.0\r\nHost: 127.0.0.1:%s\r\n\r\n' "$2" >&5 2>/dev/null || true
            now=${EPOCHREALTIME/[.,]/}
            timeout 1 awk -v time="${now%???}" -v part="$1" "$sample_program" <&5 >>"$samples" 2>/dev/null || true
            exec 5>&-
        fi
        sleep 0.2
    done
}

drill_stop_sampling() {
    ((${#sampler_pids[@]} == 0)) || kill "${sampler_pids[@]}" 2>/dev/null || true
}

drill_start_load() {
    SOURCE=synthetic STREAMS=ticker COINS=$drill_coins POLL_INTERVAL=$(load_interval) setsid "$program" produce --client-id drill-load \
        --brokers "$brokers" --registry "$registry" --metrics "127.0.0.1:$load_port" --duration "$drill_load_longest" \
        >"$work/load.log" 2>&1 </dev/null 8>&- 9>&- &
    load_pid=$!
}

drill_stop_load() {
    [[ -n ${load_pid:-} ]] || return 0
    kill -TERM "$load_pid" 2>/dev/null || true
    wait "$load_pid" || true
    load_pid=
}
