# What `./launch.sh docker` needs, checked and said before anything starts: sourced by docker.sh.
# shellcheck shell=bash
# shellcheck disable=SC2154 # the settings come from the scripts that source this

memory_mebibytes=5120
first_disk_mebibytes=10240 # images, and what building ours takes
later_disk_mebibytes=2048
compose_oldest=2.20

check_engine() {
    local said
    command -v docker >/dev/null ||
        fail "Docker is not installed: install Docker Engine with its compose plugin, or Docker Desktop.
       Without Docker: ./launch.sh cluster (real brokers) or ./launch.sh local (everything in one process)"
    if ! said=$(docker info 2>&1 >/dev/null); then
        case $said in
        *"permission denied"*)
            fail "the Docker engine refuses this user: sudo usermod -aG docker $(id -un), then log in again"
            ;;
        *)
            fail "the Docker engine does not answer: start Docker Desktop, or: sudo systemctl start docker
       It said: $(printf '%s\n' "$said" | tail -n 1)"
            ;;
        esac
    fi
    # A warning is no failure, but an engine that is away may leave the client's own lines in place.
    docker info --format '{{.ServerVersion}}' 2>/dev/null | grep '[0-9]' >/dev/null ||
        fail "the Docker engine does not answer: start Docker Desktop, or: sudo systemctl start docker"
}

check_compose() {
    local version major minor
    version=$(docker compose version --short 2>/dev/null) ||
        fail "docker compose is missing: install the package docker-compose-plugin, or Docker Desktop"
    version=${version#v}
    major=${version%%.*}
    minor=${version#*.}
    minor=${minor%%.*}
    if [[ ! $major$minor =~ ^[0-9]+$ ]] || ((major < ${compose_oldest%.*} || (major == ${compose_oldest%.*} && minor < ${compose_oldest#*.}))); then
        fail "docker compose $version is too old: $compose_oldest or newer is needed (package docker-compose-plugin, or a newer Docker Desktop)"
    fi
}

check_engine_memory() {
    local bytes mebibytes
    bytes=$(docker info --format '{{.MemTotal}}')
    [[ $bytes =~ ^[0-9]+$ ]] || return 0
    mebibytes=$((bytes >> 20))
    ((mebibytes >= memory_mebibytes)) ||
        fail "the Docker engine has $mebibytes MiB of memory, and the stack needs $memory_mebibytes: give it more (Docker Desktop: Settings,
       Resources, Memory). With less: ./launch.sh cluster or ./launch.sh local"
}

# Where the engine keeps its data is not always a folder of this machine; a container of ours sees it from inside.
engine_disk_kibibytes() {
    local folder
    folder=$(docker info --format '{{.DockerRootDir}}')
    if [[ -d $folder ]]; then
        df -Pk "$folder"
    elif docker image inspect candlewick:local >/dev/null 2>&1; then
        docker run --rm --network none --entrypoint df candlewick:local -Pk /
    fi | awk 'NR == 2 {print $4}'
}

check_engine_disk() {
    local free needed=$first_disk_mebibytes
    ! docker image inspect candlewick:local >/dev/null 2>&1 || needed=$later_disk_mebibytes
    free=$(engine_disk_kibibytes)
    [[ $free =~ ^[0-9]+$ ]] || return 0
    ((free / 1024 >= needed)) ||
        fail "the Docker engine's disk has $((free / 1024)) MiB free, and $needed are needed: docker system df shows what takes the place,
       docker system prune frees what nothing uses"
}

# "NAME PORT ADDRESS" of every port that the stack publishes.
published_ports() {
    local name
    for name in KAFKA_1_PORT KAFKA_2_PORT KAFKA_3_PORT REGISTRY_PORT INFLUX_PORT KAFKA_UI_PORT GRAFANA_PORT PROMETHEUS_PORT PAGE_PORT; do
        printf '%s %s\n' $name "${!name}"
    done
    [[ -n ${EXTERNAL_HOST:-} ]] || return 0
    printf 'KAFKA_1_EXTERNAL_PORT %s\nKAFKA_2_EXTERNAL_PORT %s\nKAFKA_3_EXTERNAL_PORT %s\n' \
        "${KAFKA_1_EXTERNAL_PORT:-19094}" "${KAFKA_2_EXTERNAL_PORT:-29094}" "${KAFKA_3_EXTERNAL_PORT:-39094}"
}

# A port that this stack has already is no reason to stop.
check_published_ports() {
    local name port ours seen=' ' taken=0
    ours=$(containers '{{.Ports}}' status=running)
    while read -r name port; do
        if [[ ! $port =~ ^[0-9]{1,5}$ ]] || ((10#$port < 1 || 10#$port > 65535)); then
            refuse "$name=$port: a port from 1 to 65535 is needed"
        fi
        [[ $seen != *" $port "* ]] || refuse "$name: port $port is given to two parts: change one of them in $env_file"
        seen+="$port "
        if [[ $ours != *":$port->"* ]] && ! port_is_free "$port"; then
            printf 'error: port %s (%s) is taken: end what listens there, or set another %s in %s\n' "$port" "$name" "$name" "$env_file" >&2
            taken=1
        fi
    done <<PORTS
$(published_ports)
PORTS
    ((taken == 0)) || exit 1
}

# Grafana and Prometheus run as users of their own: where this folder was made under a strict umask, what is mounted would be
# closed to them. Nothing in it is secret.
open_mounted_files() {
    local folders=("$root/grafana-provisioning" "$root/stack/prometheus") closed
    closed=$(find "${folders[@]}" ! -perm -o=r)
    [[ -z $closed ]] || chmod -R o+rX "${folders[@]}" ||
        fail "Grafana and Prometheus cannot read these, and this user cannot change it: $(printf '%s' "$closed" | tr '\n' ' ')"
}

# check_docker_options PART COMMAND: by the program itself, in the part's own environment, before the part is started and
# before a setting is remembered.
check_docker_options() {
    local said status=0
    said=$(compose run --rm --no-deps -T "$1" "$2" --check-options 2>&1) || status=$?
    ((status != 2)) || refuse "$(printf '%s\n' "$said" | sed -n 's/^candlewick: //p')
       (settings come from the environment and $env_file)"
    ((status == 0)) || fail "the options of $1 could not be checked: $(printf '%s\n' "$said" | tail -n 1)"
}

check_docker() {
    check_engine
    check_compose
    need_command curl
    check_engine_memory
    check_engine_disk
    check_published_ports
    open_mounted_files
}
