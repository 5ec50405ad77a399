# `./launch.sh drill NAME`: a part of the running stack fails under load and comes back, and a report says what that did to
# the ticks. Sourced by launch.sh after the stack's own functions. Written for bash 3.2, as the Docker way is.
#
# What is shared stands here; drill_cluster.sh and drill_docker.sh say how a part is killed, frozen and brought back.
#
# The load is the stack's own producer. Where it sends less than DRILL_RATE ticks a second (as with real prices: three in
# five seconds), a second producer adds as many of synthetic coins of the drill's own. They go through the same topic, members
# and store, for anything else would be another system than the one that is shown to survive; no other producer sends these
# coins, so that no real price and no candle of one is touched.
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # the settings come from settings.sh; the other files use what is set here

drill_coins=tDRILL0,tDRILL1,tDRILL2,tDRILL3,tDRILL4,tDRILL5,tDRILL6,tDRILL7,tDRILL8,tDRILL9
drill_load_longest=10m # if nobody is left to end it
drill_cut_s=5          # what a power cut takes of InfluxDB's log
drill_hold_ms=8000     # how long store and registry stay away; a member gives SQLite's lock 5 s before it says that it waits

for part in drill_samples drill_report "drill_$way"; do
    # shellcheck source=/dev/null # the list above
    . "$root/stack/$part.sh"
done

drill() {
    : "${DRILL_RATE:=100}"
    [[ $DRILL_RATE =~ ^([0-9]{1,3}|1000)$ ]] ||
        refuse "DRILL_RATE=$DRILL_RATE: ticks a second, from 0 (no load of the drill's own) to 1000"
    lock_stack
    "drill_needs_$way" "$1"
    work=$(mktemp -d "$var/drill.XXXXXX")
    samples=$work/samples
    sampler_pids=()
    : >"$samples"
    trap drill_end EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
    # Before anything fails, so that what is out of balance afterwards is the drill's doing.
    step "the books before the drill" drill_verify "$work/before.json"
    [[ $(json_value balanced "$work/before.json") == true ]] ||
        fail "the books do not balance before the drill: candlewick verify says why, candlewick replay heals what is missing"
    drill_tell "$1" begin
    drill_told=$1
    drill_sample
    drill_load
    "drill_${1//-/_}"
    whole_at=$(newest_sample)
    drill_stop_load
    # The group has until then to commit what the topic holds now: lag 0, however much the producer goes on sending.
    step "the books after the drill" drill_verify "$work/after.json"
    drill_report "$1"
    [[ $drill_passed == true ]]
}

# What the drill had taken away comes back, however the drill ends.
drill_end() {
    local status=$?
    trap - EXIT
    # Ends what runs when it comes, but not this.
    trap : INT TERM HUP
    if [[ -n ${drill_undo:-} ]]; then
        printf '\n'
        # In a shell of its own: a step that fails or is interrupted ends the shell that it runs in.
        (step "the drill was broken off: $drill_away comes back" "$drill_undo" "$drill_away") || true
    fi
    drill_stop_load
    drill_stop_sampling
    [[ -z ${drill_told:-} ]] || drill_tell "$drill_told" end
    rm -rf "$work"
    exit "$status"
}

# drill_tell NAME WHEN: writes it among the events, if the stack has such a stream. A drill is none the worse without it.
drill_tell() {
    [[ ,${STREAMS:-}, == *,event,* ]] || return 0
    drill_event drill "$1" --detail "$2" >/dev/null 2>&1 ||
        printf 'the %s of the drill could not be written among the events\n' "$2" >&2
}

# drill_take_away PART UNDO TEXT COMMAND…: from here on a part is away, and UNDO PART brings it back.
drill_take_away() {
    wait_until 30 something_is_in_flight || fail "no tick is in flight, so that a drill would show nothing: DRILL_RATE=100 sends some"
    drill_away=$1
    drill_undo=$2
    fault=$3
    shift 3
    fault_at=$(newest_sample)
    step "$fault" "$@"
}

drill_bring_back() {
    back_from=$(newest_sample)
    step "$drill_away comes back" "$drill_undo" "$drill_away"
    back_at=$(newest_sample)
    drill_undo=
}

# What is in flight is again no more than before the fault; `flowed` tells how long that took, and from when.
drill_flows() {
    local from=$fault_at text="after the fault, without $drill_away"
    if [[ -z $drill_undo ]]; then
        from=$back_at
        text="after $drill_away was back"
    fi
    step "ticks of all partitions flow" drill_wait 90 "they do not flow: ./launch.sh status says what is missing" flow_is_back
    flowed="$(seconds_between "$from" "$(newest_sample)") s $text"
}

# drill_wait SECONDS REMEDY COMMAND…
drill_wait() {
    local seconds=$1 remedy=$2
    shift 2
    wait_until "$seconds" "$@" || {
        printf 'not within %s s: %s\n' "$seconds" "$remedy" >&2
        return 1
    }
}

drill_kill_broker() {
    local broker led partitions
    drill_group >"$work/group.json" || fail "the cluster does not say who leads: ./launch.sh status"
    read -r led broker <<LEADER
$(grep -o '"leader":[1-3]' "$work/group.json" | cut -d : -f 2 | sort | uniq -c | sort -rn)
LEADER
    partitions=$(grep -o '"leader":' "$work/group.json" | wc -l | tr -d ' ')
    drill_take_away "kafka-$broker" drill_start "kafka-$broker, leader of $led of $partitions partitions, is killed (SIGKILL)" \
        drill_kill "kafka-$broker"
    step "others lead its partitions" drill_wait 90 "./launch.sh logs kafka-$((broker % 3 + 1))" broker_leads_nothing "$broker"
    drill_flows
    drill_bring_back
    step "all replicas are in sync" drill_wait 120 "./launch.sh logs kafka-$broker" replicas_are_in_sync
    lesson="Every acknowledged tick was on another broker already: its partitions got new leaders, the producer sent again what had no answer, and nothing is missing."
}

# For the member that reads most of the ticks.
drill_kill_member() {
    local member
    member=$(busiest_member)
    drill_take_away "$member" drill_start "$member, reader of $(partitions_of "$member") of $partition_count partitions, is killed (SIGKILL)" \
        drill_kill "$member"
    member_was_lost "$member"
    lesson="Its offsets were committed only behind stored ticks: whoever took its partitions read the rest again, and a tick that was written twice is one point of the same bytes."
}

drill_freeze_member() {
    local member
    member=$(busiest_member)
    drill_take_away "$member" drill_thaw "$member, reader of $(partitions_of "$member") of $partition_count partitions, is frozen (SIGSTOP)" \
        drill_freeze "$member"
    member_was_lost "$member"
    lesson="It came back believing that it still owned its partitions: what it still wrote were the same bytes as its successor's, and an offset that it was too late to commit was refused."
}

# member_was_lost MEMBER: its session is over, others have its partitions; then it is there again.
member_was_lost() {
    step "its session is over" drill_wait 90 "./launch.sh logs $1" member_is_out "$1"
    if ((MEMBERS > 1)); then
        drill_flows
    fi
    drill_bring_back
    step "it is a member again" drill_wait 90 "./launch.sh logs $1" member_is_in "$1"
    ((MEMBERS > 1)) || drill_flows
}

drill_stop_store() {
    drill_take_away "$drill_store_part" drill_give_store "$drill_store_fault" drill_take_store
    step "nothing is written for $((drill_hold_ms / 1000)) s" drill_wait 60 "ticks are written all the same: is another store in use?" \
        nothing_is_written
    drill_bring_back
    drill_flows
    lesson="The members kept what they had read and asked again; the log kept the rest. No offset had been committed for a tick that was not stored."
}

# InfluxDB acknowledges what its file store has not synced. What the members had committed before the cut comes back by replay alone.
drill_power_cut() {
    local since missing
    since=$(date -u -d '-2 minutes' +%Y-%m-%dT%H:%M:%SZ)
    [[ ${SOURCE:-} != replay:* ]] || since=first # its ticks are of any time
    drill_take_away "$drill_store_part" drill_give_store "InfluxDB 3 is killed (SIGKILL) and loses the last $drill_cut_s s of its log, as by a power cut" \
        drill_cut_power
    drill_bring_back
    drill_flows
    step "candlewick verify names what is missing" drill_verify "$work/cut.json"
    missing=$(json_value missing "$work/cut.json")
    step "candlewick replay --since $since brings it back" drill_program replay --since "$since"
    lesson="InfluxDB does not sync what it acknowledges: the power cut took $missing ticks whose offsets were committed. A member noticed and said so, verify named them, and replay wrote them again from the log."
}

drill_registry_away() {
    drill_take_away "$drill_registry_part" drill_start "$drill_registry_part is stopped" drill_stop "$drill_registry_part"
    step "for $((drill_hold_ms / 1000)) s" drill_wait 60 "nothing is sampled" time_has_passed
    drill_flows
    flowed="all the while: looked at $flowed"
    drill_bring_back
    lesson="Who knows a schema's id needs no registry: ticks went on. Only an id that nobody has seen yet would wait, with its partition."
}

# The partitions of all topics, and who reads them.
drill_group() {
    local status
    status=$(drill_status) || return
    printf '%s\n' "${status##*\"streams\":}" # before it stand the figures of the first topic once more
}

broker_leads_nothing() {
    local group
    group=$(drill_group) && [[ $group == *'"leader":'* ]] && ! grep -qE "\"leader\":($1\\b|-1)" <<<"$group"
}

replicas_are_in_sync() {
    local group
    group=$(drill_group) && [[ $group == *'"in_sync":3'* ]] && ! grep -qE '"in_sync":[0-2]\b' <<<"$group"
}

member_is_out() {
    local group
    group=$(drill_group) && [[ $group == *'"members":['* && $group != *"\"client_id\":\"$1\""* ]]
}

# With partitions, if there are enough.
member_is_in() {
    local group
    group=$(drill_group) && grep -qE "\"client_id\":\"$1\"[^]]*\"partitions\":\\[$( ((MEMBERS > partition_count)) || printf '[0-9]')" <<<"$group"
}

# drill_verify FILE: the books of the ticks, which are what a drill sends. Its exit code is told by the books themselves,
# unless there are none.
drill_verify() {
    drill_program verify --streams ticker --format json --wait 60s >"$1" || grep -q '^{"balanced":' "$1"
}

# json_value NAME FILE: of the first field with that name; numbers and words.
json_value() {
    grep -oE "\"$1\":[a-z0-9-]+" "$2" | head -n 1 | cut -d : -f 2
}
