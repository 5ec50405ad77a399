#!/bin/sh
# How Grafana starts in the stack: start.sh COMMAND. Copies the boards to where the provider in dashboards/candlewick.yml looks, then
# becomes the command.
#
# The boards' SQL has 'not public' where the public board may show a source only if PUBLIC_SOURCES names it: no source can have that
# name, so nothing is shown unless this script puts the list of names in its place.
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
quoted=$(printf %s "${names:-not public}" | sed "s/,/','/g")
mkdir -p "$to"
rm -f "$to"/*.json
for board in "$from"/*.json; do
    sed "s/'not public'/'$quoted'/g" "$board" >"$to/${board##*/}"
done
exec "$@"
