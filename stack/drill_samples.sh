# What flowed while a drill ran, from the parts' own /metrics, asked five times a second: sourced by drill.sh.
#
# $samples has a line for each answer: time in ms, part, ticks written, rebalances, lag, queue, ticks acknowledged, ticks given
# up, partitions owned (",tickers/0,tickers/2" or "-"), ages of stored ticks (",0.25:17,0.5:30,…" cumulative, or "-"). The times are all of one
# clock, that of whoever asks, and so are the drill's own marks: each is the time of the newest line then.
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # the variables are shared with the scripts that source this

# One answer of /metrics to one line. A part that is cut off in the middle of its answer makes none.
# shellcheck disable=SC2016 # awk's own variables
sample_program='
/^candlewick_ticks_written_total/ {written += $NF}
/^candlewick_rebalances_total/ {rebalances += $NF}
/^candlewick_partition_lag_messages/ {lag += $NF}
/^candlewick_partition_owned.* 1$/ {
    match($0, /topic="[^"]+",partition="[0-9]+/)
    place = substr($0, RSTART + 7, RLENGTH - 7)
    sub(/",partition="/, "/", place)
    owned = owned "," place
}
/^candlewick_ticks_acknowledged_total/ {acknowledged += $NF}
/^candlewick_ticks_(undelivered|dropped)_total/ {given_up += $NF}
/^candlewick_producer_queue_messages/ {queue += $NF}
/^candlewick_exchange_to_store_seconds_bucket/ {match($0, /le="[^"]+/); ages = ages "," substr($0, RSTART + 4, RLENGTH - 4) ":" $NF}
/^candlewick_(partition_lag_messages|producer_queue_messages)/ || /^# TYPE candlewick_partition_lag_messages/ {whole = 1}
END {
    if (whole) print time, part, written + 0, rebalances + 0, lag + 0, queue + 0, acknowledged + 0, given_up + 0,
        owned == "" ? "-" : owned, ages == "" ? "-" : ages
}'

newest_sample() {
    awk '$1 > newest {newest = $1} END {printf "%.0f\n", newest}' "$samples"
}

# Of the last second: "PARTITIONS IN_FLIGHT IDLE_MS": partitions with a reader, ticks sent and not committed, time since
# ticks were last written. A part that has not answered for a second is as good as away.
flow_now() {
    awk '{
        time = $1; part = $2
        if (part in written && $3 != written[part] && $3 > 0) moved = time
        written[part] = $3; last[part] = time; in_flight[part] = $5 + $6; owned[part] = $9
        if (time > newest) newest = time
    }
    END {
        for (part in last) {
            if (newest - last[part] > 1000) continue
            sum += in_flight[part]
            n = split(owned[part], partitions, ",")
            for (i = 2; i <= n; i++) if (!(partitions[i] in seen)) {seen[partitions[i]]; count++}
        }
        printf "%d %d %.0f\n", count, sum, newest - moved
    }' "$samples"
}

flow_is_back() {
    local partitions in_flight idle
    read -r partitions in_flight idle < <(flow_now)
    ((partitions == partition_count && in_flight <= in_flight_most && idle < 1000))
}

nothing_is_written() {
    local idle
    read -r _ _ idle < <(flow_now)
    ((idle >= drill_hold_ms))
}

time_has_passed() {
    (($(newest_sample) - fault_at >= drill_hold_ms))
}

# sampled_since FROM: "SECONDS ACKNOWLEDGED MOST": what producers sent since then, and the most that was in flight at once.
sampled_since() {
    awk -v from="$1" '$1 >= from {
        if (!start) start = $1
        if (!($2 in first)) first[$2] = $7
        acknowledged[$2] = $7; in_flight[$2] = $5 + $6
        sum = 0
        for (part in in_flight) sum += in_flight[part]
        if (sum > most) most = sum
        newest = $1
    }
    END {
        for (part in first) total += acknowledged[part] - first[part]
        printf "%.3f %d %d\n", (newest - start) / 1000, total, most
    }' "$samples"
}

parts_are_sampled() {
    local part
    for part in "$@"; do
        grep -q "^[0-9]* $part " "$samples" || return 1
    done
}

sampled_for() {
    (($(newest_sample) - $1 >= $2))
}

# The parts are asked from here on, until drill_stop_sampling. All partitions have readers, and ticks flow, before anything fails.
drill_sample() {
    local parts=() n
    for ((n = 1; n <= MEMBERS; n++)); do
        parts+=("consumer-$n")
    done
    drill_start_sampling ${parts[@]+"${parts[@]}"}
    step "asking the members for their figures" drill_wait 30 "a member does not answer: ./launch.sh status" parts_are_sampled "${parts[@]}"
    drill_group >"$work/group.json" || fail "the cluster does not tell of the group: ./launch.sh status"
    partition_count=$(grep -o '"leader":' "$work/group.json" | wc -l | tr -d ' ')
}

# partitions_of MEMBER: how many it owns, by its own word.
partitions_of() {
    awk -v part="$1" '$2 == part {owned = $9} END {print split(owned, partitions, ",") - 1}' "$samples"
}

# The member with the most partitions of the ticks' topic, for it is ticks that are watched; of several that with the most of all.
busiest_member() {
    local ticks=${TOPIC:-tickers}
    awk -v ticks=",${ticks%%,*}/" '$2 ~ /^consumer-/ {all = $9; owned[$2] = 1000 * gsub(ticks, "&", all) + split($9, partitions, ",")}
    END {for (part in owned) if (owned[part] > most || (owned[part] == most && part < name)) {most = owned[part]; name = part} print name}' "$samples"
}

something_is_in_flight() {
    local in_flight
    read -r _ in_flight _ < <(flow_now)
    ((in_flight > 0))
}

# Enough ticks a second, of the drill's own coins if need be; then what is usual is measured, to know when it is so again.
drill_load() {
    local from seconds sent
    from=$(newest_sample)
    step "what the producer sends" drill_wait 30 "the parts do not answer: ./launch.sh status" sampled_for "$from" 3000
    read -r seconds sent _ < <(sampled_since "$from")
    load="$(per_second "$sent" "$seconds") ticks/s, the producer's"
    if awk -v sent="$sent" -v seconds="$seconds" -v wanted="$DRILL_RATE" 'BEGIN {exit !(sent < wanted * seconds)}'; then
        drill_start_load
        step "load: $DRILL_RATE ticks/s more, of coins of the drill's own" drill_wait 60 "the load does not start" load_is_sent
        load="$load, and $DRILL_RATE/s of the drill's own coins tDRILL0 to tDRILL9"
    fi
    from=$(newest_sample)
    calm_from=$from
    step "what is usual" drill_wait 30 "the parts do not answer: ./launch.sh status" sampled_for "$from" 3000
    read -r seconds sent in_flight_most < <(sampled_since "$from")
    ((sent > 0)) || fail "no tick is sent, so that a drill would show nothing: ./launch.sh logs producer, or DRILL_RATE=100"
    # What is in flight comes and goes with the batches: half as much again is still usual.
    in_flight_most=$((in_flight_most * 3 / 2 + 10))
    step "ticks of all partitions flow" drill_wait 60 "they do not flow before the drill either: ./launch.sh status" flow_is_back
}

per_second() {
    awk -v count="$1" -v seconds="$2" 'BEGIN {printf "%.1f", (seconds > 0 ? count / seconds : 0)}'
}

load_is_sent() {
    awk '$2 == "load" && $7 > 0 {sent = 1} END {exit !sent}' "$samples"
}

# From one round of all coins to the next.
load_interval() {
    printf '%sms\n' $((10 * 1000 / DRILL_RATE))
}
