# What the Docker stack asks of docker, and what is said when a part does not come up: sourced by docker.sh.
# shellcheck shell=bash
# shellcheck disable=SC2154 # root, env_file, project and the settings come from the scripts that source this

# The profile makes consumer-3 to consumer-6 known; each command names the parts that it means.
compose() {
    local files=(-f "$root/docker-compose.yml")
    [[ -z ${EXTERNAL_HOST:-} ]] || files+=(-f "$root/docker-compose.external.yml")
    docker compose -p "$project" --project-directory "$root" --env-file "$env_file" --profile members "${files[@]}" "$@"
}

# containers FORMAT [FILTER…]: one line for each container of this stack, whether it runs or not.
containers() {
    local format=$1 filters=() filter
    shift
    for filter in "label=com.docker.compose.project=$project" "label=com.docker.compose.oneoff=False" "$@"; do
        filters+=(--filter "$filter")
    done
    docker ps -a "${filters[@]}" --format "$format"
}

# container_of SERVICE: its id; nothing when there is none.
container_of() {
    containers '{{.ID}}' "label=com.docker.compose.service=$1"
}

# "consumer-1 Up 2 minutes (healthy)", a line for each part.
part_states() {
    containers '{{.Label "com.docker.compose.service"}} {{.Status}}' "$@" | sort
}

part_runs() {
    part_states "label=com.docker.compose.service=$1" | grep " Up " >/dev/null
}

# What the last health check of a container said.
health_text() {
    docker inspect -f '{{if .State.Health}}{{range .State.Health.Log}}{{println .Output}}{{end}}{{end}}' "$1" 2>/dev/null |
        grep . | tail -n 1
}

# Those of the parts that are not as they should be: their state, what the health check said and the end of the log.
explain() {
    local service state id
    for service in "$@"; do
        state=$(part_states "label=com.docker.compose.service=$service")
        [[ $state != *"(healthy)"* ]] || continue
        printf '%s is not healthy: %s\n' "$service" "${state#"$service "}"
        id=$(container_of "$service")
        [[ -n $id ]] || continue
        health_text "$id" || true
        printf 'the end of its log (./launch.sh docker logs %s):\n' "$service"
        compose logs --no-color --no-log-prefix --tail 10 "$service" || true
    done
}

# start SECONDS PART…: these alone, until each is healthy. What runs as it should is left as it is.
start() {
    local seconds=$1
    shift
    if ! compose up -d --no-deps --no-build --wait --wait-timeout "$seconds" "$@"; then
        explain "$@"
        return 1
    fi
}

# run_once PART: a part that does its work and ends.
run_once() {
    local code
    compose up -d --no-deps --no-build "$1"
    code=$(docker wait "$(container_of "$1")")
    if [[ $code != 0 ]]; then
        printf '%s ended with %s; the end of its log:\n' "$1" "$code"
        compose logs --no-color --no-log-prefix --tail 15 "$1"
        return 1
    fi
}

# The images that others make and that are not here yet.
missing_images() {
    local image
    compose config --images | sort -u | while IFS= read -r image; do
        [[ $image == candlewick*:local ]] || docker image inspect "$image" >/dev/null 2>&1 || printf '%s\n' "$image"
    done
}

get_images() {
    local image
    for image in "$@"; do
        if ! docker pull "$image"; then
            printf '%s cannot be had: is the network there? Another source can be named in %s\n' "$image" "$env_file"
            return 1
        fi
    done
}

# Both are built in moments when nothing that they are made of has changed.
build_images() {
    compose build secrets kafka-1
}
