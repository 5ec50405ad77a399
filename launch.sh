#!/usr/bin/env bash
# Starts Candlewick. Installs what is missing, builds, runs; can be repeated.
#
#     ./launch.sh                    the whole stack where Docker answers, else the embedded system
#     ./launch.sh docker             Kafka × 3, registry, Kafka-UI, InfluxDB 3, Grafana, Prometheus in Docker
#     ./launch.sh cluster            three real Kafka brokers without Docker
#     ./launch.sh local [OPTIONS]    everything in one process; options go to `candlewick demo`
#
# The stack that is up (docker or cluster):
#
#     ./launch.sh status             what runs, leaders, members, lag
#     ./launch.sh logs NAME          the log of one part; without a name, the parts
#     ./launch.sh strategy NAME      restart the group with range, roundrobin, sticky or consumer
#     ./launch.sh scale N            so many members in the group, 1 to 6
#     ./launch.sh drill NAME         let a part fail under load and tell what became of the ticks: kill-broker, kill-member,
#                                    freeze-member, stop-store, power-cut, registry-away
#     ./launch.sh down [--volumes]   stop; with --volumes forget the data too
#
# Settings are in .env, made from .env.example at the first start. What it keeps without Docker lies in var/.
set -euo pipefail
self=${BASH_SOURCE[0]}
[[ ! -L $self ]] || self=$(readlink -f "$self")
# shellcheck source=setup/common.sh
. "$(dirname "$self")/setup/common.sh"

usage() {
    sed -n '2,20s/^# \{0,1\}//p' "$self"
}

misuse() {
    refuse "$1 (./launch.sh --help tells all)"
}

docker_answers() {
    docker info >/dev/null 2>&1 && docker compose version >/dev/null 2>&1
}

# Builds the program and becomes the embedded system.
local_up() {
    local up
    up=$(cat "${VAR_DIR:-$root/var}/stack" 2>/dev/null) || true
    [[ -z $up ]] || fail "the $up stack is up, and what it tells in var/ would be overwritten: ./launch.sh down first"
    # shellcheck source=setup/packages.sh
    . "$root/setup/packages.sh"
    # shellcheck source=setup/build.sh
    . "$root/setup/build.sh"
    # A replay file is named from where the user stands; the program runs in the project's folder.
    local arguments=() argument file
    for argument in "$@"; do
        file=${argument#*replay:}
        if [[ $argument =~ ^(--source=)?replay: && $file != /* ]]; then
            argument=${argument%"$file"}$PWD/$file
        fi
        arguments+=("$argument")
    done
    # The source `synthetic` makes up the kinds of --streams: here, as in a stack, all of them.
    [[ " =${SOURCE-} ${arguments[*]-} " != *[\ =]synthetic\ * ]] || export STREAMS=${STREAMS:-ticker,trade,bar,event,news}
    need_packages "${build_packages[@]}"
    build_preset release
    say "==> start (local): three in-process brokers, registry, producer, two consumers, SQLite, page"
    cd "$root"
    exec build/release/src/candlewick demo ${arguments[@]+"${arguments[@]}"}
}

# The functions of one way to run: docker_up, docker_status … or cluster_up, cluster_status …
load_stack() {
    # shellcheck source=stack/settings.sh
    . "$root/stack/settings.sh"
    load_settings
    # shellcheck source=/dev/null # docker.sh or cluster.sh
    . "$root/stack/$1.sh"
}

stack_up() {
    local way=$1 up
    shift
    (($# == 0)) || misuse "\"$way\" takes no options; settings are in .env"
    load_stack "$way"
    up=$(stack_that_is_up)
    [[ -z $up || $up == "$way" ]] ||
        fail "the $up stack is up, on the same ports: ./launch.sh down first"
    "${way}_up"
}

no_stack() {
    local run_env=${VAR_DIR:-$root/var}/run.env
    if [[ $1 == status ]] && grep -q '^KAFKA_BROKERS=' "$run_env" 2>/dev/null; then
        fail "no stack is up, but ./launch.sh local runs or has run: build/release/src/candlewick status"
    elif [[ $1 == down ]]; then
        say "no stack is up. What one has kept: ./launch.sh cluster down --volumes (or docker down --volumes) forgets it"
        ! grep -q '^KAFKA_BROKERS=' "$run_env" 2>/dev/null || say "A ./launch.sh local ends with Ctrl-C where it runs."
        exit 0
    fi
    fail "no stack is up: ./launch.sh docker or ./launch.sh cluster starts one"
}

# A verb on the stack that is up, or that was named before it.
stack_verb() {
    local way=$1 verb=$2
    shift 2
    case $verb in
    status) (($# == 0)) || misuse "\"status\" takes no options" ;;
    down) [[ $# -eq 0 || ($# -eq 1 && $1 == --volumes) ]] || misuse "\"down\" takes --volumes or nothing" ;;
    logs) (($# <= 1)) || misuse "\"logs\" takes one name" ;;
    strategy)
        [[ $# -eq 1 && $1 =~ ^(range|roundrobin|sticky|consumer)$ ]] ||
            misuse "\"strategy\" takes one of range, roundrobin, sticky, consumer, not \"$*\""
        ;;
    scale) [[ $# -eq 1 && $1 =~ ^[1-6]$ ]] || misuse "\"scale\" takes a number of members, 1 to 6, not \"$*\"" ;;
    drill)
        [[ $# -eq 1 && $1 =~ ^(kill-broker|kill-member|freeze-member|stop-store|power-cut|registry-away)$ ]] ||
            misuse "\"drill\" takes one of kill-broker, kill-member, freeze-member, stop-store, power-cut, registry-away, not \"$*\""
        ;;
    esac
    # shellcheck source=stack/settings.sh
    . "$root/stack/settings.sh"
    load_settings
    [[ -n $way ]] || way=$(stack_that_is_up)
    [[ -n $way ]] || no_stack "$verb"
    load_stack "$way"
    if [[ $verb == drill ]]; then
        # shellcheck source=stack/drill.sh
        . "$root/stack/drill.sh"
        drill "$1"
    else
        "${way}_$verb" "$@"
    fi
}

# Read as a whole before it runs: an edit of this file meanwhile does no harm.
main() {
    case ${1:-} in
    -h | --help | help) usage ;;
    local)
        shift
        local_up "$@"
        ;;
    docker | cluster)
        local way=$1
        shift
        case ${1:-} in
        status | down | logs | strategy | scale | drill) stack_verb "$way" "$@" ;;
        up)
            shift
            stack_up "$way" "$@"
            ;;
        *) stack_up "$way" "$@" ;;
        esac
        ;;
    status | down | logs | strategy | scale | drill) stack_verb '' "$@" ;;
    '')
        if docker_answers; then
            stack_up docker
        else
            local_up
        fi
        ;;
    -*) local_up "$@" ;;
    *) misuse "\"$1\" is neither a way to run nor a command" ;;
    esac
}

main "$@"
exit
