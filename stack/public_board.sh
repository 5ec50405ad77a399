# Makes the market board public through Grafana's API, and proves that it is: sourced by docker.sh.
# shellcheck shell=bash
# shellcheck disable=SC2154 # secrets, grafana and var come from docker.sh

board=candlewick-market-public
board_panel=1
panel_seconds=20
public_board_file=$var/public-board

# grafana_api METHOD PATH [BODY]: as the administrator. Sets `answer` and `status`. The password goes in by standard input: a
# process list shows arguments. Nor through a proxy of the environment, which would see it.
grafana_api() {
    local said
    said=$(printf 'user = "admin:%s"\n' "$(cat "$secrets/grafana-admin-password")" |
        curl -sS --noproxy '*' --max-time 10 -K - -X "$1" -H 'Content-Type: application/json' ${3:+--data "$3"} -w '\n%{http_code}' "$grafana$2") || true
    status=${said##*$'\n'}
    answer=${said%$'\n'*}
}

# json_text NAME: the value of a text member of `answer`, which is an object without depth.
json_text() {
    printf '%s\n' "$answer" | sed 's/[,{}]/\
/g' | sed -n "s/^ *\"$1\" *: *\"\([^\"]*\)\".*/\1/p" | head -n 1
}

board_is_there() {
    grafana_api GET "/api/dashboards/uid/$board"
    [[ $status == 200 || $status == 401 || $status == 403 ]]
}

grafana_refused() {
    printf 'Grafana answered %s to %s: %s\n' "${status:-nothing}" "$1" "$answer"
    if [[ $status == 401 ]]; then
        printf 'If its password was changed there, write the new one into %s\n' "$secrets/grafana-admin-password"
    fi
    return 1
}

# A board that is public already stays as somebody may have set it; one that was paused is shown again.
make_public() {
    local api=/api/dashboards/uid/$board/public-dashboards
    grafana_api GET "$api"
    case $status in
    200)
        if [[ $answer != *'"isEnabled":true'* ]]; then
            grafana_api PATCH "$api/$(json_text uid)" '{"isEnabled":true,"share":"public"}'
            [[ $status == 200 ]] || grafana_refused "PATCH $api" || return 1
        fi
        ;;
    404)
        grafana_api POST "$api" '{"isEnabled":true,"timeSelectionEnabled":true,"annotationsEnabled":false,"share":"public"}'
        [[ $status == 200 ]] || grafana_refused "POST $api" || return 1
        ;;
    *) grafana_refused "GET $api" || return 1 ;;
    esac
    token=$(json_text accessToken)
    [[ -n $token ]] || grafana_refused "$api, without an access token"
}

# As anybody: no login is sent. The answer has data frames, or says what is wrong.
panel_answers() {
    local body='{"intervalMs":60000,"maxDataPoints":500,"timeRange":{"from":"now-6h","to":"now","timezone":"utc"}}'
    panel=$(curl -sS --noproxy '*' --max-time 30 -H 'Content-Type: application/json' --data "$body" -w '\n%{http_code}' \
        "$grafana/api/public/dashboards/$token/panels/$board_panel/query" 2>&1) || true
    [[ ${panel##*$'\n'} == 200 && $panel == *'"frames"'* && $panel != *'"error"'* ]]
}

publish_board() {
    local answer='' status='' token='' panel=''
    # Grafana reads the dashboards after it has begun to answer.
    wait_until 60 board_is_there || grafana_refused "the dashboard $board" || return 1
    make_public || return 1
    if ! wait_until $panel_seconds panel_answers; then
        printf 'panel %s of the public board does not answer without a login: %s\n' "$board_panel" "$panel"
        return 1
    fi
    printf '%s/public-dashboards/%s\n' "$grafana_link" "$token" >"$public_board_file"
}
