/*
 * What InfluxDB answers to a write. Input: a byte that chooses the HTTP status, one for the number
 * of lines that were sent (1 to 8), then the body.
 *
 * Done is said of 2xx alone, whatever the body. Lines are refused only by a 400 or 422 that names
 * them: each once, in order, within the request, with a reason, and the body holds how it begins.
 * A request is sent in halves only for its size; one line is never searched in halves. All else is
 * kept, with a reason.
 */
#include "store/influx/influx_outcome.h"

#include "fuzz/fuzz.h"

static const struct influx_line lines[] = {
    {{"ticker,coin=tBTCUSD last_price=1 1", 34}, 0},
    {{"ticker,coin=tBTCUSD last_price=2 2", 34}, 1},
    {{"ticker,coin=tETHUSD last_price=3 3", 34}, 2},
    {{"ticker,coin=tBTCUSD last_price=4 4", 34}, 4},
    {{"ticker,coin=tXRPUSD last_price=5 5", 34}, 5},
    {{"t,c=a p=1 1", 11}, 7},
    {{"t", 1}, 8},
    {{"ticker,coin=tBTCUSD last_price=8 8", 34}, 9},
};
enum { LINES = sizeof lines / sizeof lines[0] };

static void check_named(const struct rejected_list *named, size_t count)
{
    MUST(named->count > 0 && named->count <= count);
    for (size_t i = 0; i < named->count; i++) {
        const struct rejected_record *item = &named->items[i];
        MUST(item->index < count && (i == 0 || item->index > named->items[i - 1].index));
        MUST(memchr(item->reason, '\0', sizeof item->reason) != NULL);
    }
}

static void check_outcome(const struct influx_outcome *outcome, long status, struct str body,
                          size_t count)
{
    bool names_lines = status == 400 || status == 422;
    bool large = status == 413 || status == 500;
    switch (outcome->action) {
    case INFLUX_DONE:
        MUST(status == 204);
        break;
    case INFLUX_REJECT:
        MUST(names_lines);
        check_named(&outcome->named, count);
        break;
    case INFLUX_RESEND:
        MUST(names_lines && outcome->named.count == 1);
        check_named(&outcome->named, count);
        break;
    case INFLUX_BISECT:
        MUST(names_lines && count > 1);
        break;
    case INFLUX_SPLIT:
        MUST(large);
        break;
    case INFLUX_KEEP:
        MUST(outcome->error.kind == ERROR_RETRY && outcome->error.text[0] != '\0');
        MUST(strchr(outcome->error.text, '\n') == NULL);
        break;
    }
    bool named = outcome->action == INFLUX_REJECT || outcome->action == INFLUX_RESEND;
    MUST(named || outcome->named.count == 0);
    MUST(!named || memmem(body.data, body.length, "line_number", 11) != NULL ||
         memchr(body.data, '\\', body.length) != NULL);
    MUST((status == 204) == (outcome->action == INFLUX_DONE));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const long statuses[] = {400, 422, 204, 200, 413, 500, 401, 404,
                                    429, 503, 301, 100, 0,   403, 502, 409};
    struct fuzz_input in = {data, size};
    long status = statuses[fuzz_byte(&in) % 16];
    size_t count = fuzz_byte(&in) % LINES + 1u;
    struct str body = fuzz_rest(&in);
    struct influx_outcome outcome = influx_outcome_of(status, body, lines, count);
    check_outcome(&outcome, status, body, count);
    rejected_list_free(&outcome.named);
    return 0;
}
