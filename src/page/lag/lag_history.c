#include "page/lag/lag_history.h"

#include "base/clock.h"

static const struct lag_step unknown = {.messages = -1, .age_ms = -1};

static struct lag_step *step_at(struct lag_history *history, int64_t number)
{
    return &history->steps[number % LAG_STEPS];
}

/* Begins all steps up to `number`, which becomes the newest. */
static void go_on_to(struct lag_history *history, int64_t number)
{
    if (history->count == 0 || number - history->newest >= LAG_STEPS) {
        history->count = 0;
        history->newest = number - 1;
    }
    while (history->newest < number) {
        *step_at(history, ++history->newest) = unknown;
        history->count += history->count < LAG_STEPS ? 1 : 0;
    }
}

void lag_history_add(struct lag_history *history, int64_t now_ns, int64_t messages, int64_t age_ms)
{
    go_on_to(history, now_ns / (LAG_STEP_S * NS_PER_SECOND));
    struct lag_step *step = step_at(history, history->newest);
    step->messages = messages > step->messages ? messages : step->messages;
    step->age_ms = age_ms > step->age_ms ? age_ms : step->age_ms;
}

void lag_history_to_json(const struct lag_history *history, struct strbuf *json)
{
    int64_t oldest = history->newest - history->count + 1;
    if (history->count == 0) {
        strbuf_append_text(json, "\"from\":null,\"lag\":[],\"lag_s\":[]");
        return;
    }
    strbuf_append_text(json, "\"from\":");
    strbuf_append_int64(json, oldest * LAG_STEP_S * 1000);
    strbuf_append_text(json, ",\"lag\":[");
    for (int64_t n = oldest; n <= history->newest; n++) {
        int64_t messages = history->steps[n % LAG_STEPS].messages;
        strbuf_append_text(json, n > oldest ? "," : "");
        strbuf_append_format(json, messages >= 0 ? "%lld" : "null", (long long)messages);
    }
    strbuf_append_text(json, "],\"lag_s\":[");
    for (int64_t n = oldest; n <= history->newest; n++) {
        int64_t age_ms = history->steps[n % LAG_STEPS].age_ms;
        strbuf_append_text(json, n > oldest ? "," : "");
        strbuf_append_format(json, age_ms >= 0 ? "%.1f" : "null", (double)age_ms / 1000);
    }
    strbuf_append_char(json, ']');
}
