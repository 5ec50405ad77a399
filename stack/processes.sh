# Processes that outlive the command which started them: sourced by cluster.sh.
#
# $pids/NAME holds the process id, its start time in the kernel's clock and a fingerprint of how it was started. An id
# with another start time is a stranger who got the number later: it counts as ended and is never signalled.
# shellcheck shell=bash
# shellcheck disable=SC2154 # pids and logs come from cluster.sh

log_most_bytes=$((16 << 20))

# process_started PID: start time (clock ticks since boot); false for a process that is gone or a zombie. While a process ends,
# its first thread is a zombie before the others are gone, and until then its ports are open: it is one of them that counts.
process_started() {
    local stat fields threads
    { stat=$(<"/proc/$1/stat"); } 2>/dev/null || return 1
    # The name, second and in brackets, may hold anything: the fields are counted from behind it.
    read -ra fields <<<"${stat##*) }"
    if [[ ${fields[0]} == [ZX] ]]; then
        threads=("/proc/$1/task"/*)
        ((${#threads[@]} > 1)) || return 1
    fi
    printf '%s\n' "${fields[19]}"
}

# process_id NAME: the id while it runs.
process_id() {
    local id started
    read -r id started _ 2>/dev/null <"$pids/$1" || return 1
    [[ $started == "$(process_started "$id")" ]] && printf '%s\n' "$id"
}

process_runs() {
    process_id "$1" >/dev/null
}

# process_is_stopped NAME: by SIGSTOP, as a drill that was killed leaves it, or by a debugger.
process_is_stopped() {
    local id stat
    id=$(process_id "$1") && { stat=$(<"/proc/$id/stat"); } 2>/dev/null && [[ ${stat##*) } == [Tt]* ]]
}

process_fingerprint() {
    local made=''
    read -r _ _ made 2>/dev/null <"$pids/$1" || true
    printf '%s\n' "$made"
}

# Every process that was started and not stopped, whether it runs or not.
process_names() {
    local file
    for file in "$pids"/*; do
        [[ ! -f $file ]] || printf '%s\n' "${file##*/}"
    done
}

# process_start NAME FINGERPRINT COMMAND…: in a session of its own, its output in $logs/NAME.log. What cannot be written
# down is ended at once: nothing may run of which down does not know. So an interrupt waits until it is written.
process_start() {
    local name=$1 fingerprint=$2 log=$logs/$1.log id interrupted=0
    shift 2
    if [[ -f $log && $(stat -c %s "$log") -gt $log_most_bytes ]]; then
        mv "$log" "$log.old"
    fi
    trap 'interrupted=1' INT
    # Without the lock: it belongs to the command, not to what the command leaves behind.
    (cd "$root" && exec setsid "$@" >>"$log" 2>&1 </dev/null 8>&- 9>&-) &
    id=$!
    if ! printf '%s %s %s\n' "$id" "$(process_started "$id" || echo ended)" "$fingerprint" >"$pids/.$name" ||
        ! mv "$pids/.$name" "$pids/$name"; then
        kill -KILL "$id"
        trap - INT
        return 1
    fi
    trap - INT
    ((interrupted == 0)) || kill -INT "$BASHPID"
}

# process_await NAME SECONDS COMMAND…: until the command succeeds. Shows the log's end when the process ends instead.
process_await() {
    local name=$1 deadline=$((SECONDS + $2))
    shift 2
    until "$@" >/dev/null 2>&1 && process_runs "$name"; do
        if ! process_runs "$name"; then
            printf '%s ended at once; the end of %s:\n' "$name" "$logs/$name.log" >&2
            tail -n 15 "$logs/$name.log" >&2
            return 1
        fi
        if ((SECONDS >= deadline)); then
            printf '%s runs, and is not ready in time; the end of %s:\n' "$name" "$logs/$name.log" >&2
            tail -n 15 "$logs/$name.log" >&2
            return 1
        fi
        sleep 0.1
    done
}

none_runs() {
    local name
    for name in "$@"; do
        ! process_runs "$name" || return 1
    done
}

# process_stop SECONDS NAME…: SIGTERM to all of them, SIGKILL to those that still run after so long.
process_stop() {
    local seconds=$1 name id
    shift
    for name in "$@"; do
        ! id=$(process_id "$name") || kill -TERM "$id" 2>/dev/null || true
    done
    if ! wait_until "$seconds" none_runs "$@"; then
        for name in "$@"; do
            if id=$(process_id "$name"); then
                # 8 is the user's terminal, also inside a step, whose output goes to a log.
                printf 'warning: %s (pid %s) has not ended within %s s of SIGTERM: SIGKILL\n' "$name" "$id" "$seconds" >&8
                kill -KILL "$id" 2>/dev/null || true
            fi
        done
        wait_until 10 none_runs "$@" || fail "these do not end: $*"
    fi
    for name in "$@"; do
        rm -f "$pids/$name"
    done
}
