# What a drill ends with: sourced by drill.sh.
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # the figures are of the scripts that source this

# Everything that the samples tell, a line "NAME VALUE" each; `fault` and `calm` are the times since when things are
# counted and compared. A member that was started again counts from 0: what it shows first is all new.
# shellcheck disable=SC2016 # awk's own variables
figures_program='
function grown(now, before) {return reset ? now : now - before}
# Ages are cumulative counts by upper bound.
function add_ages(part, now, before,    a, b, i, n, pair) {
    split("", b)
    n = split(before, a, ",")
    for (i = 2; i <= n && !reset; i++) {split(a[i], pair, ":"); b[pair[1]] = pair[2]}
    n = split(now, a, ",")
    for (i = 2; i <= n; i++) {
        split(a[i], pair, ":")
        age[pair[1]] += pair[2] - b[pair[1]]
        if (!(pair[1] in known)) {known[pair[1]]; bound[++bounds] = pair[1]}
    }
}
{
    time = $1; part = $2
    reset = part in written && $3 < written[part]
    if (part in written) {
        acknowledged += $7 - sent[part]
        given_up += $8 - lost[part]
        if (reset || $3 > written[part]) {
            if (moved && time > fault && time - moved > gap) gap = time - moved
            if (moved >= calm && time <= fault && time - moved > calm_gap) calm_gap = time - moved
            moved = time
        }
        if (time > fault) {
            rebalances += grown($4, balanced[part])
            add_ages(part, $10, ages[part])
        }
    }
    written[part] = $3; balanced[part] = $4; sent[part] = $7; lost[part] = $8; ages[part] = $10
    if (time <= fault) {in_flight[part] = $5 + $6; last[part] = time}
    n = split($9, owned, ",")
    for (i = 2; i <= n; i++) {
        if (time > fault && time - read_at[owned[i]] > unread) unread = time - read_at[owned[i]]
        read_at[owned[i]] = time
    }
}
END {
    for (part in in_flight) if (fault - last[part] <= 1000) flight += in_flight[part]
    lower = 0; slowest = "none came through"
    for (i = 1; i <= bounds; i++) {
        if (age[bound[i]] == age["+Inf"]) {if (age["+Inf"] > 0) slowest = lower " to " bound[i] " s"; break}
        lower = bound[i]
    }
    printf "in_flight %d\ngap %.1f\ncalm_gap %.1f\nunread %.1f\n", flight, gap / 1000, calm_gap / 1000, unread / 1000
    printf "rebalances %d\nacknowledged %d\ngiven_up %d\nslowest %s\n", rebalances, acknowledged, given_up, slowest
}'

figure() {
    sed -n "s/^$1 //p" "$work/figures"
}

seconds_between() {
    awk -v from="$1" -v to="$2" 'BEGIN {printf "%.1f", (to - from) / 1000}'
}

row() {
    printf '  %-20s %s\n' "$1" "$2"
}

# A point that the log does not know of would be one too many: identities keep every tick to one point.
drill_report() {
    local missing unexpected conflicting twice balanced lost
    awk -v fault="$fault_at" -v calm="$calm_from" "$figures_program" "$samples" >"$work/figures"
    balanced=$(json_value balanced "$work/after.json")
    missing=$(json_value missing "$work/after.json")
    unexpected=$(json_value unexpected "$work/after.json")
    conflicting=$(json_value conflicting "$work/after.json")
    twice=$(($(json_value sent_twice "$work/after.json") - $(json_value sent_twice "$work/before.json")))
    lost=$((missing + $(json_value not_yet_written "$work/after.json") + $(figure given_up)))
    printf '\nDrill %s\n' "$1"
    row "fault" "$fault"
    row "load" "$load"
    row "in flight" "$(figure in_flight) ticks at the fault, sent and not yet committed"
    row "nothing written" "$(figure gap) s at most ($(figure calm_gap) s before the fault)"
    row "without a reader" "$(figure unread) s at most, of any partition"
    row "slowest tick" "$(figure slowest) from the exchange to the store"
    row "all flows again" "$flowed"
    row "whole again" "$(seconds_between "$back_from" "$whole_at") s after $drill_away was let come back"
    row "rebalances" "$(figure rebalances) assignments received, by all members together"
    row "ticks" "$(figure acknowledged) acknowledged during the drill"
    row "lost" "$lost ($missing missing in the store, $(figure given_up) given up by a producer)"
    row "duplicated" "$unexpected points; $twice messages that repeat a tick, each one point"
    row "conflicting" "$conflicting"
    row "books" "$(books_text "$balanced")"
    drill_passed=false
    if [[ $balanced == true && $lost == 0 ]]; then
        drill_passed=true
        printf '\n%s\n' "$lesson"
    else
        printf '\nSomething was lost or changed: candlewick verify names it, ./launch.sh status shows what runs now.\n'
    fi
}

books_text() {
    local ticks points
    ticks=$(json_value ticks "$work/after.json")
    points=$(json_value points "$work/after.json")
    if [[ $1 == true ]]; then
        printf 'balance: %s ticks in the log, %s points in the store, %s of %s candles proved' "$ticks" "$points" \
            "$(json_value proved "$work/after.json")" "$(json_value provable "$work/after.json")"
    else
        printf 'do NOT balance: %s ticks in the log, %s points in the store' "$ticks" "$points"
    fi
}
