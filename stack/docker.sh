# `./launch.sh docker`: the whole stack in containers: sourced by launch.sh. Written for bash 3.2, which macOS has.
#
# docker-compose.yml says what the parts are; here they are started in order, each step waited for and timed. Running it
# again repairs: what runs as it should is left alone.
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2153,SC2154 # the settings come from settings.sh; the other files use what is set here

mkdir -p "$var"
var=$(cd "$var" && pwd)
export VAR_DIR=$var
set_brokers 39092
project=${COMPOSE_PROJECT_NAME:-candlewick}
secrets=$var/secrets
sources_file=$var/docker-sources
[[ ${COINS:-} != ALL ]] || : "${SOURCE:=bitfinex}" # only its answers have all coins
: "${SOURCE:=bitfinex,bitfinex-trades,bitfinex-bars}" "${BIND:=127.0.0.1}"
export MEMBERS ASSIGNMENT_STRATEGY
screen_host=${BIND/#0.0.0.0/127.0.0.1}
grafana=http://$screen_host:$GRAFANA_PORT
grafana_link=${GRAFANA_ROOT_URL:-$grafana}
grafana_link=${grafana_link%/}
page=http://$screen_host:$PAGE_PORT

for part in setup/packages.sh stack/docker_engine.sh stack/docker_checks.sh stack/docker_secrets.sh stack/docker_members.sh \
    stack/public_board.sh; do
    # shellcheck source=/dev/null # the list above
    . "$root/$part"
done

docker_up() {
    local images
    lock_stack
    check_docker
    check_source_mix docker
    check_source_keys
    make_secrets
    take_source_keys
    compose config -q || fail "docker-compose.yml with $env_file is not valid: see above"
    images=$(missing_images)
    # shellcheck disable=SC2086 # names without spaces
    [[ -z $images ]] || step "images: $(printf '%s\n' "$images" | wc -l | tr -d ' ') to download, once" get_images $images
    step "images: our two" build_images
    step "secrets, a copy for each reader" run_once secrets
    check_docker_options producer produce
    check_docker_options consumer-1 consume
    check_docker_options page serve
    keep_docker_settings
    mark_stack_up docker
    step "three Kafka brokers, InfluxDB 3" start 300 kafka-1 kafka-2 kafka-3 influxdb
    step "schema registry" start 120 schema-registry
    step "topics, schemas, database and tables" run_once prepare
    write_run_env "KAFKA_BROKERS=$brokers" "SCHEMA_REGISTRY_URL=http://127.0.0.1:$REGISTRY_PORT" \
        "STORE=http://127.0.0.1:$INFLUX_PORT" "INFLUX_DATABASE=market" "INFLUX_TOKEN_FILE=$secrets/influx-token" \
        "PAGE=$page" "SOURCE=$SOURCE" "GROUP_ID=coins" "TOPIC=tickers" "STREAMS=$STREAMS"
    step "producer ($SOURCE)" start_producer
    step "$MEMBERS members ($ASSIGNMENT_STRATEGY)" start_members
    step "page" start 60 page
    step "Prometheus, kafka_exporter, Kafka-UI, Grafana" start 300 prometheus kafka-exporter kafka-ui grafana
    step "public board" publish_board
    print_links
}

# What the environment alone set holds until down: a repair, status or scale without it must not mean another stack.
keep_docker_settings() {
    local name
    (
        umask 077
        for name in $(cat "$root"/docker-compose*.yml | tr '$' '\n' | sed -n 's/^{\([A-Z0-9_]*\).*/\1/p' | sort -u); do
            if [[ $(declare -p "$name" 2>/dev/null) == "declare -x"* && ! $name =~ ^(VAR_DIR|MEMBERS|ASSIGNMENT_STRATEGY)$ ]] &&
                ! is_in_env_file "$name"; then
                printf '%s=%s\n' "$name" "${!name}"
            fi
        done >"$var/stack.env"
    )
    for name in MEMBERS ASSIGNMENT_STRATEGY; do
        is_in_env_file "$name" "${!name}" || save_setting $name "${!name}"
    done
}

print_links() {
    local reason
    cat <<LINKS

Candlewick is up: ticks from $SOURCE
  public board  $(cat "$public_board_file")
  Grafana       $grafana_link   user admin, password in $secrets/grafana-admin-password
  Kafka-UI      http://$screen_host:$KAFKA_UI_PORT
  our page      $page
  Prometheus    http://$screen_host:$PROMETHEUS_PORT
LINKS
    reason=$(producer_trouble)
    if [[ -z $reason ]]; then
        note_source
    else
        printf '\nNo ticks yet: %s\nIt goes on asking. Where the exchange cannot be reached: SOURCE=synthetic ./launch.sh docker\n' "$reason"
    fi
    print_verbs
}

# Those that should run; the two others do their work and end.
parts_wanted() {
    printf '%s\n' kafka-1 kafka-2 kafka-3 influxdb schema-registry producer page prometheus kafka-exporter kafka-ui grafana
    members_wanted
}

docker_status() {
    local part state unwell=0
    check_engine
    for part in $(parts_wanted); do
        state=$(part_states "label=com.docker.compose.service=$part")
        state=${state#"$part "}
        printf '%-16s %s\n' "$part" "${state:-absent}"
        [[ $state == *"(healthy)"* ]] || unwell=1
    done
    printf '\n'
    if part_runs page; then
        compose exec -T page candlewick status || unwell=1
    fi
    if ((unwell)); then
        printf '\n./launch.sh docker brings back what is absent or not healthy; ./launch.sh logs NAME says why\n'
        return 1
    fi
}

docker_logs() {
    check_engine
    if (($# == 0)); then
        compose config --services | sort
        return
    fi
    compose config --services | grep -x -- "$1" >/dev/null ||
        fail "no part is called \"$1\"; there are: $(compose config --services | sort | tr '\n' ' ')"
    compose logs --no-color --no-log-prefix --tail 200 "$1"
}

need_running_stack() {
    lock_stack
    check_engine
    part_runs kafka-1 || part_runs kafka-2 || part_runs kafka-3 || fail "the brokers do not run: ./launch.sh docker first"
}

docker_strategy() {
    need_running_stack
    save_setting ASSIGNMENT_STRATEGY "$1"
    step "$MEMBERS members ($1)" start_members
}

docker_scale() {
    need_running_stack
    save_setting MEMBERS "$1"
    step "$1 members ($ASSIGNMENT_STRATEGY)" start_members
}

# compose ends the parts from the ticks' source to the brokers: each can finish with those behind it.
docker_down() {
    lock_stack
    check_engine
    [[ -d $secrets ]] || (umask 077 && mkdir -p "$secrets") # named in docker-compose.yml
    step "stop" compose down --remove-orphans ${1:+"$1"}
    rm -f "$public_board_file"
    other_stack_is_up docker || rm -f "$var/run.env"
    mark_stack_down docker
    if [[ ${1:-} == --volumes ]]; then
        forget_secrets
        rm -f "$sources_file"
        say "==> data, schemas and secrets are gone"
    else
        say "==> stopped; the data stays in Docker's volumes (./launch.sh docker down --volumes forgets it)"
    fi
}
