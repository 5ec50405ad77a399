# The producer and the members of the consumer group in the Docker stack: sourced by docker.sh.
# shellcheck shell=bash
# shellcheck disable=SC2154 # the settings come from the scripts that source this

producer_seconds=30

members_wanted() {
    local n
    for ((n = 1; n <= MEMBERS; n++)); do
        printf 'consumer-%s\n' $n
    done
}

# Members that there are, whether they run or not.
members_there() {
    containers '{{.Label "com.docker.compose.service"}}' | grep -x 'consumer-[1-6]' | sort
}

# The strategies that the containers of the group were made with; of one that has ended, for its session may last.
strategies_there() {
    local ids
    ids=$(containers '{{.ID}} {{.Label "com.docker.compose.service"}}' | sed -n 's/ consumer-[1-6]$//p')
    # shellcheck disable=SC2086 # ids
    [[ -z $ids ]] || docker inspect -f '{{range .Config.Env}}{{println .}}{{end}}' $ids | sed -n 's/^ASSIGNMENT_STRATEGY=//p' | sort -u
}

group_is_empty() {
    [[ $(curl -fsS --noproxy '*' --max-time 5 "$page/api/status") == *'"members":[],"members_unknown":null'* ]]
}

# A group takes no member of another strategy while one of the old is left; one that was killed stays for a session's length.
stop_members() {
    # shellcheck disable=SC2046 # names
    compose stop $(members_there)
    if part_runs page && ! wait_until 60 group_is_empty; then
        printf 'the group still has members a minute after they were stopped: is another program a member of it?\n'
        return 1
    fi
}

start_members() {
    local name unwanted=() there
    there=$(strategies_there)
    if [[ -n $there && $there != "$ASSIGNMENT_STRATEGY" ]]; then
        stop_members || return 1
    fi
    for name in $(members_there); do
        [[ $name > consumer-$MEMBERS ]] && unwanted+=("$name")
    done
    if ((${#unwanted[@]} > 0)); then
        compose stop "${unwanted[@]}"
        compose rm -f "${unwanted[@]}"
    fi
    # shellcheck disable=SC2046 # names
    start 120 $(members_wanted)
}

producer_state() {
    part_states label=com.docker.compose.service=producer
}

# Why the producer has no ticks; nothing when all is well.
producer_trouble() {
    [[ $(producer_state) == *"(healthy)"* ]] ||
        { health_text "$(container_of producer)" || true; } | sed -n 's/.*not ready: //p'
}

producer_is_settled() {
    [[ $(producer_state) =~ \((healthy|unhealthy)\)|Exited ]]
}

# The exchange may be away: that ends nothing here, for the producer goes on asking. One that does not run is a failure.
start_producer() {
    compose up -d --no-deps --no-build producer
    wait_until $producer_seconds producer_is_settled || true
    if ! part_runs producer; then
        explain producer
        return 1
    fi
}
