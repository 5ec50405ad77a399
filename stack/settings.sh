# The settings of the docker and cluster stacks: sourced after setup/common.sh.
#
# Each comes from the environment, else from .env (made once from .env.example), else from what the running stack was
# started with, else from the default here.
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # the variables are for the scripts that source this; sources_file is theirs

var=${VAR_DIR:-$root/var}
env_file=${ENV_FILE:-$root/.env}
members_most=6

# load_env_file FILE: lines KEY=VALUE, as docker compose reads them: quotes and comments are no part of a value. The environment wins.
load_env_file() {
    local line key value
    local assignment='^[[:blank:]]*(export[[:blank:]]+)?([A-Z][A-Z0-9_]*)[[:blank:]]*=[[:blank:]]*(.*)$'
    local quoted="^(\"([^\"]*)\"|'([^']*)')[[:blank:]]*(#.*)?\$"
    while IFS= read -r line || [[ -n $line ]]; do
        [[ ${line%$'\r'} =~ $assignment ]] || continue
        key=${BASH_REMATCH[2]} value=${BASH_REMATCH[3]}
        [[ -z ${!key+set} ]] || continue
        if [[ $value =~ $quoted ]]; then
            value=${BASH_REMATCH[2]}${BASH_REMATCH[3]}
        else
            value=${value%%[[:blank:]]#*}
            value=${value%"${value##*[![:blank:]]}"}
        fi
        export "$key=$value"
    done <"$1"
}

# is_in_env_file KEY [VALUE]
is_in_env_file() {
    (
        unset "$1"
        load_env_file "$env_file"
        [[ -n ${!1+set} && ${2-${!1}} == "${!1}" ]]
    )
}

load_settings() {
    if [[ ! -f $env_file ]]; then
        cp "$root/.env.example" "$env_file"
        say "==> settings: made ${env_file#"$root"/} from .env.example"
    fi
    load_env_file "$env_file"
    [[ ! -f $var/stack.env ]] || load_env_file "$var/stack.env"
    : "${MEMBERS:=2}" "${ASSIGNMENT_STRATEGY:=range}"
    export STREAMS=${STREAMS:-ticker,trade,bar,event,news}
    : "${REGISTRY_PORT:=8081}" "${KAFKA_UI_PORT:=8082}" "${INFLUX_PORT:=8181}"
    : "${GRAFANA_PORT:=3000}" "${PROMETHEUS_PORT:=9090}" "${PAGE_PORT:=8080}"
    [[ $MEMBERS =~ ^[1-6]$ ]] || refuse "MEMBERS=$MEMBERS (the environment, or $env_file): a number from 1 to $members_most"
    [[ $ASSIGNMENT_STRATEGY =~ ^(range|roundrobin|sticky|consumer)$ ]] ||
        refuse "ASSIGNMENT_STRATEGY=$ASSIGNMENT_STRATEGY (the environment, or $env_file): range, roundrobin, sticky or consumer"
}

# The settings that name files with sources' keys, and what Docker's copies for the producer are called.
source_keys=(COINGECKO_KEY_FILE:coingecko-key COINMARKETCAP_KEY_FILE:coinmarketcap-key CRYPTOPANIC_KEY_FILE:cryptopanic-key)

# A file is named from where the user stands, or else from the project's folder, where the parts run.
absolute_file() {
    local file=$1
    if [[ $file != /* && -f $PWD/$file ]]; then
        file=$PWD/$file
    elif [[ $file != /* ]]; then
        file=$root/$file
    fi
    printf '%s\n' "$file"
}

# The files with keys that the settings name are there. Their names are kept, so they are absolute.
check_source_keys() {
    local setting file
    for setting in "${source_keys[@]%%:*}"; do
        [[ -n ${!setting:-} ]] || continue
        file=$(absolute_file "${!setting}")
        [[ -f $file && -r $file && -s $file ]] ||
            refuse "$setting=${!setting} (the environment, or $env_file): there is no such file, or nothing in it"
        export "$setting=$file"
    done
}

# set_brokers PORT: where the brokers are; the third one's port when no setting names another.
set_brokers() {
    : "${KAFKA_1_PORT:=19092}" "${KAFKA_2_PORT:=29092}" "${KAFKA_3_PORT:=$1}"
    brokers=127.0.0.1:$KAFKA_1_PORT,127.0.0.1:$KAFKA_2_PORT,127.0.0.1:$KAFKA_3_PORT
}

# save_setting KEY VALUE: into .env, for this start and the next ones.
save_setting() {
    local made
    made=$(mktemp "$env_file.XXXXXX")
    KEY=$1 VALUE=$2 awk 'BEGIN {line = ENVIRON["KEY"] "=" ENVIRON["VALUE"]}
        $0 ~ "^[ \t]*(export[ \t]+)?" ENVIRON["KEY"] "[ \t]*=" {print line; seen = 1; next}
        {print}
        END {if (!seen) print line}' "$env_file" >"$made"
    chmod 600 "$made"
    mv "$made" "$env_file"
    export "$1=$2"
}

# "docker", "cluster" or nothing.
stack_that_is_up() {
    cat "$var/stack" 2>/dev/null || true
}

mark_stack_up() {
    mkdir -p "$var"
    printf '%s\n' "$1" >"$var/stack"
}

# other_stack_is_up WAY: what lies in $var beside the data is the other one's.
other_stack_is_up() {
    local up
    up=$(stack_that_is_up)
    [[ -n $up && $up != "$1" ]]
}

mark_stack_down() {
    other_stack_is_up "$1" || rm -f "$var/stack" "$var/stack.env"
}

# One command at a time works on a stack; the lock goes with the command, however that ends. macOS has no flock.
lock_stack() {
    mkdir -p "$var"
    exec 9>"$var/stack.lock"
    ! command -v flock >/dev/null || flock -n 9 || fail "another ./launch.sh is at work on this stack: wait until it is done"
}

# check_source_mix WAY: synthetic prices and real ones never lie in one log. $sources_file names those whose ticks came.
check_source_mix() {
    local others made_up='^synthetic'
    if [[ $SOURCE == synthetic* ]]; then
        others=$(grep -v "$made_up" "$sources_file" 2>/dev/null) || true
    else
        others=$(grep "$made_up" "$sources_file" 2>/dev/null) || true
    fi
    [[ -z $others ]] ||
        fail "the log holds ticks of SOURCE=$(paste -sd ' ' - <<<"$others"), and synthetic prices never mix with real ones:
       SOURCE=${others%%$'\n'*} ./launch.sh $1 goes on with them, ./launch.sh $1 down --volumes forgets them"
}

note_source() {
    grep -qxF "$SOURCE" "$sources_file" 2>/dev/null || printf '%s\n' "$SOURCE" >>"$sources_file"
}

# write_run_env KEY=VALUE…: where the ends are, for `candlewick candles`, `status` and `tail`.
write_run_env() {
    mkdir -p "$var"
    printf '%s\n' "$@" >"$var/run.env.new"
    mv "$var/run.env.new" "$var/run.env"
}

# port_is_free PORT: nobody listens on it on this machine.
port_is_free() {
    ! (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

port_is_taken() {
    ! port_is_free "$1"
}

# wait_until SECONDS COMMAND…: polls until the command succeeds; false when the time is over.
wait_until() {
    local deadline=$((SECONDS + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        ((SECONDS < deadline)) || return 1
        sleep 0.2
    done
}

# What to type next, while the stack runs.
print_verbs() {
    cat <<VERBS

Next:  ./launch.sh status            what runs, leaders, members, lag
       ./launch.sh logs producer     the end of a log; without a name, the names
       ./launch.sh strategy sticky   range, roundrobin, sticky or consumer
       ./launch.sh scale 3           members of the group
       ./launch.sh down              stop; with --volumes forget the data too
VERBS
}
