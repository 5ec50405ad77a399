#!/bin/sh
# How Grafana starts in the stack: start.sh COMMAND. Copies the boards to where the provider in dashboards/candlewick.yml looks, then
# becomes the command.
#
# The boards' SQL has 'not public' where the public board may show a source only if PUBLIC_SOURCES names it: no source can have that
# name, so nothing is shown unless this script puts the list of names in its place. Where the boards' links lead, the page and Kafka-UI,
# is told by PAGE_ROOT_URL and KAFKA_UI_ROOT_URL, if they are not at the addresses that the boards have.
set -eu
from=${BOARDS_FROM:-/etc/grafana/provisioning/dashboards}
to=${BOARDS_TO:-/var/lib/grafana/boards}
names=$(printf %s "${PUBLIC_SOURCES:-}" | tr -d ' ')
case $names in
*[!A-Za-z0-9:._,-]*)
    echo "PUBLIC_SOURCES=$PUBLIC_SOURCES: names of sources with commas between them: coinmarketcap, news, the host of a feed" >&2
    exit 1
    ;;
esac
# address NAME VALUE: the value without a slash at its end.
address() {
    case $2 in
    *[!A-Za-z0-9:/._~%@-]* | [!h]* | h[!t]*)
        echo "$1=$2: an address, as http://127.0.0.1:8080" >&2
        exit 1
        ;;
    esac
    printf %s "${2%/}"
}
page=$(address PAGE_ROOT_URL "${PAGE_ROOT_URL:-http://127.0.0.1:8080}")
kafka_ui=$(address KAFKA_UI_ROOT_URL "${KAFKA_UI_ROOT_URL:-http://127.0.0.1:8082}")
quoted=$(printf %s "${names:-not public}" | sed "s/,/','/g")
mkdir -p "$to"
rm -f "$to"/*.json
for board in "$from"/*.json; do
    sed -e "s/'not public'/'$quoted'/g" -e "s|http://127.0.0.1:8080|$page|g" -e "s|http://127.0.0.1:8082|$kafka_ui|g" "$board" >"$to/${board##*/}"
done
exec "$@"
