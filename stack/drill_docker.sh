# How a part of `./launch.sh docker` is killed, frozen and brought back, and how it is asked: sourced by drill.sh.
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # the settings and functions come from the scripts that source this

drill_registry_part=schema-registry
drill_store_part=influxdb
drill_store_fault="InfluxDB 3 is stopped"
load_container=$project-drill-load

drill_needs_docker() {
    need_running_stack
    [[ $1 != power-cut ]] ||
        fail "the drill power-cut removes files of InfluxDB's log, which are in a volume here: ./launch.sh cluster with influxdb3 on PATH has it"
    part_runs page || fail "the page does not run, and the drill asks from inside it: ./launch.sh docker brings it back"
}

drill_status() {
    drill_program status --format json
}

# Inside the stack: this machine need not have the program, and finds the brokers by other addresses.
drill_program() {
    compose exec -T page candlewick "$@" </dev/null
}

drill_event() {
    drill_program event "$@"
}

drill_kill() {
    compose kill "$1"
}

drill_stop() {
    compose stop "$1"
}

# A signal would reach the container's init alone.
drill_freeze() {
    compose pause "$1"
}

drill_thaw() {
    compose unpause "$1"
    start 120 "$1"
}

drill_start() {
    start 180 "$1"
}

drill_take_store() {
    drill_stop influxdb
}

# A log of a million ticks is read again first.
drill_give_store() {
    start 360 influxdb
}

# The metrics are not published: one shell in the page's container asks all parts, each in a process of its own, so that one
# that does not answer keeps no other waiting. It ends when its standard input does, which is when this script does, and
# its loops end with it, however it ends.
# shellcheck disable=SC2016 # the inner shell's variables
sampler='
program=$1
shift
for pair; do
    while kill -0 "$$" 2>/dev/null; do
        now=$(date +%s%3N)
        curl -s --max-time 1 "http://${pair#*=}:9100/metrics" | awk -v time="$now" -v part="${pair%%=*}" "$program"
        sleep 0.2
    done &
    loops="$loops $!"
done
cat >/dev/null
kill $loops'

drill_start_sampling() {
    local part pairs=("producer=producer" "load=$load_container")
    for part in "$@"; do
        pairs+=("$part=$part")
    done
    mkfifo "$work/hold"
    exec 7<>"$work/hold"
    compose exec -T page sh -c "$sampler" sampler "$sample_program" "${pairs[@]}" <"$work/hold" >>"$samples" 2>/dev/null 7>&- 9>&- &
}

drill_stop_sampling() {
    exec 7>&-
}

# A leftover of a drill that could not end it is of no use to anybody.
drill_start_load() {
    docker rm -f "$load_container" >/dev/null 2>&1 || true
    load_runs=true
    compose run -d --no-deps --name "$load_container" -e CLIENT_ID=drill-load -e SOURCE=synthetic -e STREAMS=ticker -e "COINS=$drill_coins" \
        -e "POLL_INTERVAL=$(load_interval)" producer produce --duration "$drill_load_longest" >/dev/null </dev/null ||
        fail "the drill's load does not start: DRILL_RATE=0 takes the producer's ticks alone"
}

drill_stop_load() {
    [[ ${load_runs:-} == true ]] || return 0
    load_runs=
    docker stop "$load_container" >/dev/null 2>&1 || true
    docker rm -f "$load_container" >/dev/null 2>&1 || true
}
