#!/bin/sh
# Runs in the stack's one-shot container `secrets`: gives each reader a copy of what it has to know, readable by its own
# user alone. /from is the user's folder, /to/NAME a volume that only the container NAME sees.
set -eu
from=${SECRETS_FROM:-/from}
to=${SECRETS_TO:-/to}

# share FILE READER UID: moved into place when it is complete and given away, never half a file.
share() {
    if [ ! -s "$from/$1" ]; then
        echo "error: $from/$1 is missing: ./launch.sh docker makes it" >&2
        exit 1
    fi
    rm -f "$to/$2/.$1"
    (umask 077 && cat "$from/$1" >"$to/$2/.$1")
    chmod 0400 "$to/$2/.$1"
    chown "$3:$3" "$to/$2/.$1"
    mv -f "$to/$2/.$1" "$to/$2/$1"
}

# share_key FILE READER UID: the same for a file that is there only if a setting names one.
share_key() {
    if [ -s "$from/$1" ]; then
        share "$@"
    else
        rm -f "$to/$2/$1"
    fi
}

share influx-admin-token.json influxdb 1500
share influx-token candlewick 10001
share influx-token grafana 472
share grafana-admin-password grafana 472
share_key coingecko-key producer 10001
share_key coinmarketcap-key producer 10001
share_key cryptopanic-key producer 10001
