# The Docker stack's secrets, made once: sourced by docker.sh. The container `secrets` hands them on (stack/secrets.sh).
# shellcheck shell=bash
# shellcheck disable=SC2154 # secrets and project come from docker.sh

secret_files=(influx-admin-token.json influx-token grafana-admin-password)

# random_text BYTES: letters, digits, - and _.
random_text() {
    head -c "$1" /dev/urandom | base64 | tr '+/' '-_' | tr -d '=\n'
}

# keep_secret NAME TEXT: the whole file or none, and for this user alone.
keep_secret() {
    (umask 077 && printf '%s\n' "$2" >"$secrets/.$1")
    mv "$secrets/.$1" "$secrets/$1"
}

secrets_are_here() {
    local name
    for name in "${secret_files[@]}"; do
        [[ -s $secrets/$name ]] || return 1
    done
}

# What InfluxDB and Grafana have stored was made with other secrets, and both keep their first ones.
refuse_other_secrets() {
    local volumes
    volumes=$(docker volume ls -q --filter "label=com.docker.compose.project=$project" | grep -E '_(influxdb|grafana)-data$' || true)
    [[ -z $volumes ]] ||
        fail "the data of an earlier stack is here ($(printf '%s' "$volumes" | tr '\n' ' ')), and its secrets in $secrets are not:
       put them back, or forget the data too: ./launch.sh docker down --volumes"
}

# A copy of each file that a setting names; of one that is not named any more no copy stays.
take_source_keys() {
    local pair setting name
    for pair in "${source_keys[@]}"; do
        setting=${pair%%:*} name=${pair#*:}
        if [[ -n ${!setting:-} ]]; then
            keep_secret "$name" "$(cat "${!setting}")"
            say "==> secrets: $setting (${!setting}), for the producer alone"
        else
            rm -f "$secrets/$name"
        fi
    done
}

# Those of this stack alone: the folder may hold others' too.
forget_secrets() {
    local name
    for name in "${secret_files[@]}" "${source_keys[@]#*:}"; do
        rm -f "$secrets/$name" "$secrets/.$name"
    done
    rmdir "$secrets" 2>/dev/null || true
}

make_secrets() {
    local token
    if secrets_are_here; then
        return
    fi
    refuse_other_secrets
    (umask 077 && mkdir -p "$secrets")
    chmod 700 "$secrets"
    token=apiv3_$(random_text 48)
    # Under this name: as long as no token has it, InfluxDB gives one to anybody who asks.
    keep_secret influx-admin-token.json "{\"token\":\"$token\",\"name\":\"_admin\"}"
    keep_secret influx-token "$token"
    keep_secret grafana-admin-password "$(random_text 18)"
    say "==> secrets: made in $secrets"
}
