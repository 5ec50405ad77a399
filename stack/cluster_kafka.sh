# The three brokers of `./launch.sh cluster`: sourced by cluster.sh.
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # root, cache, home and the ports come from the scripts that source this

broker_heap='-Xms128m -Xmx512m'
broker_seconds_to_end=${STOP_SECONDS:-60}
kafka_version=$(sed -n 's:.*<kafka.version>\(.*\)</kafka.version>.*:\1:p' "$root/stack/kafka/pom.xml")
kafka_home=$cache/kafka-$kafka_version

java_command() {
    if [[ -n ${JAVA_HOME:-} && -x $JAVA_HOME/bin/java ]]; then
        printf '%s\n' "$JAVA_HOME/bin/java"
    else
        command -v java
    fi
}

# Its main version: 17 of "17.0.15"; nothing without Java.
java_version() {
    local java
    java=$(java_command) || return 0
    # Not always on the first line: with JAVA_TOOL_OPTIONS set, Java tells of them first.
    "$java" -version 2>&1 | sed -nE 's/.* version "(1\.)?([0-9]+).*/\2/p'
}

kafka_is_here() {
    cmp -s "$root/stack/kafka/pom.xml" "$kafka_home/pom.xml"
}

# Maven resolves what stack/kafka/pom.xml pins, from wherever this machine's Maven is configured to ask.
resolve_kafka() {
    new_folder "$kafka_home"
    mvn -B -q -f "$root/stack/kafka/pom.xml" dependency:copy-dependencies -DincludeScope=runtime \
        -DoutputDirectory="$made/lib"
    cp "$root/stack/kafka/pom.xml" "$made/"
    # What is there may be of another pom.xml; or another run was quicker, and its brokers run from there already.
    kafka_is_here || rm -rf "$kafka_home"
    publish "$made" "$kafka_home"
}

broker_port() {
    local name=KAFKA_$1_PORT
    printf '%s\n' "${!name}"
}

broker_controller_port() {
    local name=KAFKA_$1_CONTROLLER_PORT
    printf '%s\n' "${!name}"
}

broker_jmx_port() {
    local name=KAFKA_$1_JMX_PORT
    printf '%s\n' "${!name}"
}

# The cluster's identity: made once, kept as long as its data.
cluster_id() {
    local id
    if [[ ! -s $home/cluster-id ]]; then
        # 16 random bytes in URL-safe base64; never with a "-" in front, which a command takes for an option.
        id=-
        while [[ $id == -* ]]; do
            id=$(head -c 16 /dev/urandom | base64 | tr '+/' '-_' | cut -c 1-22)
        done
        printf '%s\n' "$id" >"$home/cluster-id"
    fi
    cat "$home/cluster-id"
}

# Few partitions of Kafka's own topics and small buffers: three brokers share one machine with everything else. They end
# together, and the last would wait for a quorum that is no more before it gave its partitions away.
broker_properties() {
    local n=$1
    cat <<PROPERTIES
node.id=$n
process.roles=broker,controller
controller.quorum.voters=$(for k in 1 2 3; do printf '%s%s' "$k@127.0.0.1:$(broker_controller_port $k)" "$([[ $k == 3 ]] || echo ,)"; done)
listeners=PLAINTEXT://127.0.0.1:$(broker_port "$n"),CONTROLLER://127.0.0.1:$(broker_controller_port "$n")
advertised.listeners=PLAINTEXT://127.0.0.1:$(broker_port "$n")
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs=$home/kafka-$n
auto.create.topics.enable=false
default.replication.factor=3
min.insync.replicas=2
offsets.topic.replication.factor=3
offsets.topic.num.partitions=3
transaction.state.log.replication.factor=3
transaction.state.log.min.isr=2
transaction.state.log.num.partitions=3
share.coordinator.state.topic.replication.factor=3
share.coordinator.state.topic.min.isr=2
share.coordinator.state.topic.num.partitions=3
group.initial.rebalance.delay.ms=0
controlled.shutdown.enable=false
leader.imbalance.check.interval.seconds=10
log.segment.bytes=134217728
log.cleaner.dedupe.buffer.size=16777216
num.network.threads=2
num.io.threads=4
PROPERTIES
}

broker_command() {
    local n=$1 java
    java=$(java_command)
    # shellcheck disable=SC2206 # the heap's two options are two words
    broker=("$java" $broker_heap -XX:+UseSerialGC -XX:+ExitOnOutOfMemoryError -Djava.awt.headless=true
        -Dorg.slf4j.simpleLogger.defaultLogLevel=warn -Dorg.slf4j.simpleLogger.showDateTime=true
        "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSSXXX"
        "-javaagent:$(compgen -G "$kafka_home/lib/jmx_prometheus_javaagent-*.jar")=127.0.0.1:$(broker_jmx_port "$n"):$root/stack/kafka/jmx.yml"
        -cp "$kafka_home/lib/*" kafka.Kafka "$home/kafka-$n.properties")
}

# What a running broker was started with; another one needs all three started anew.
broker_fingerprint() {
    broker_command "$1"
    { printf '%s\n' "${broker[@]}" && broker_properties "$1" && cat "$root/stack/kafka/jmx.yml"; } | sha256sum | cut -c 1-64
}

check_brokers_unchanged() {
    local n
    for n in 1 2 3; do
        if process_runs "kafka-$n" && [[ $(process_fingerprint "kafka-$n") != "$(broker_fingerprint $n)" ]]; then
            fail "the brokers run with other settings or another version than these: ./launch.sh down, then ./launch.sh cluster; the data stays"
        fi
    done
}

format_storage() {
    local id n
    id=$(cluster_id)
    for n in 1 2 3; do
        broker_properties $n >"$home/kafka-$n.properties"
        [[ ! -f $home/kafka-$n/meta.properties ]] || continue
        "$(java_command)" -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Dorg.slf4j.simpleLogger.defaultLogLevel=warn \
            -cp "$kafka_home/lib/*" kafka.tools.StorageTool format --cluster-id "$id" --config "$home/kafka-$n.properties"
    done
}

# The controllers know of three brokers that are registered and not fenced.
brokers_are_registered() {
    local n
    for n in 1 2 3; do
        http_body "$(broker_jmx_port $n)" /metrics | awk '
            $1 == "kafka_controller_kafkacontroller_activecontrollercount" {active = $2}
            $1 == "kafka_controller_kafkacontroller_activebrokercount" {brokers = $2}
            END {exit !(active == 1 && brokers == 3)}' && return
    done
    return 1
}

run_broker() {
    broker_command "$1"
    process_start "kafka-$1" "$(broker_fingerprint "$1")" "${broker[@]}"
}

# By its own word, as whoever answers on its port may be another program; and open, as it says so shortly before it takes
# its port, which it may not get.
broker_is_ready() {
    http_body "$(broker_jmx_port "$1")" /metrics | grep -x 'kafka_server_brokerstate 3.0' >/dev/null &&
        port_is_taken "$(broker_port "$1")"
}

# A port from the range that the system gives to outgoing connections (on Linux from 32768 on) may be one's for a moment, and is
# kept for a minute after that connection has ended: meanwhile nobody can listen on it, and nobody answers there either.
await_broker() {
    local deadline=$((SECONDS + 90))
    until process_await "kafka-$1" 60 broker_is_ready "$1"; do
        ((SECONDS < deadline)) && ! process_runs "kafka-$1" &&
            tail -n 40 "$logs/kafka-$1.log" | grep 'Address already in use' >/dev/null || return 1
        run_broker "$1"
    done
}

# Together: one of three has no quorum and waits for the others.
start_brokers() {
    local n started=()
    format_storage
    for n in 1 2 3; do
        if ! process_runs "kafka-$n"; then
            run_broker $n
            started+=("$n")
        fi
    done
    for n in ${started[@]+"${started[@]}"}; do
        await_broker "$n"
    done
    wait_until 60 brokers_are_registered || {
        printf 'the three brokers have not found each other; their logs: %s\n' "$logs/kafka-{1,2,3}.log" >&2
        return 1
    }
}
