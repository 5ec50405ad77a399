#!/usr/bin/env bash
# The three real brokers of `./launch.sh cluster`, made ready for a test to run: brokers.sh FOLDER PORT…
#
# Installs what they need, formats their storage in FOLDER, and prints for each the words of its command, one a line,
# with an empty line behind. The nine ports are the brokers', their controllers' and their JMX agents'.
set -euo pipefail
# shellcheck source=setup/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/../../setup/common.sh"
# shellcheck source=setup/packages.sh
. "$root/setup/packages.sh"
# shellcheck source=stack/settings.sh
. "$root/stack/settings.sh"
# shellcheck source=stack/cluster_checks.sh
. "$root/stack/cluster_checks.sh"
# shellcheck source=stack/cluster_kafka.sh
. "$root/stack/cluster_kafka.sh"
home=$1
shift
for kind in PORT CONTROLLER_PORT JMX_PORT; do
    for n in 1 2 3; do
        export "KAFKA_${n}_$kind=$1"
        shift
    done
done
mkdir -p "$home"
{
    need_cluster_tools
    kafka_is_here || resolve_kafka
    format_storage
} >&2
for n in 1 2 3; do
    # Short sessions, so that a member that is gone is missed soon.
    cat >>"$home/kafka-$n.properties" <<'PROPERTIES'
group.min.session.timeout.ms=1000
group.consumer.min.session.timeout.ms=1000
group.consumer.session.timeout.ms=3000
group.consumer.min.heartbeat.interval.ms=300
group.consumer.heartbeat.interval.ms=500
PROPERTIES
    broker_command "$n"
    printf '%s\n' "${broker[@]}" ''
done
