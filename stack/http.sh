# Just enough HTTP for conditions to wait on, with nothing but bash: sourced.
# shellcheck shell=bash

# http_answer PORT PATH: status line, headers and body of a GET on this machine.
http_answer() {
    # shellcheck disable=SC2016 # the inner shell's arguments
    timeout 5 bash -c 'exec 3<>"/dev/tcp/127.0.0.1/$1" &&
        printf "GET %s HTTP/1.0\r\nHost: 127.0.0.1:%s\r\n\r\n" "$2" "$1" >&3 && cat <&3' - "$1" "$2" 2>/dev/null
}

http_body() {
    http_answer "$1" "$2" | sed '1,/^\r*$/d'
}

http_is_ok() {
    [[ $(http_answer "$1" "$2" | head -n 1) == HTTP/1.?\ 200* ]]
}
