#include "fake_exchange/fake_fault.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "base/text/str.h"

const char *const fake_scope_names[FAKE_SCOPES] = {"tickers", "trades",    "candles",
                                                   "connect", "subscribe", "stream"};

#define SCOPE(scope) (1u << (scope))
#define ANSWERS (SCOPE(FAKE_TICKERS) | SCOPE(FAKE_TRADES) | SCOPE(FAKE_CANDLES))
#define HANDSHAKE SCOPE(FAKE_CONNECT)
#define SUBSCRIPTION SCOPE(FAKE_SUBSCRIBE)
#define STREAM SCOPE(FAKE_STREAM)

enum value { NO_VALUE, MILLISECONDS, HOW_MANY };

/* If a fault is written without a scope, it has the first one of its row. */
static const struct {
    const char *name;
    unsigned scopes;
    enum value value;
    int64_t otherwise;
} kinds[FAKE_FAULTS] = {
    [FAKE_NONE] = {"none", 0, NO_VALUE, 0},
    [FAKE_429] = {"429", ANSWERS | HANDSHAKE, NO_VALUE, 0},
    [FAKE_408] = {"408", HANDSHAKE, NO_VALUE, 0},
    [FAKE_500] = {"500", ANSWERS | HANDSHAKE, NO_VALUE, 0},
    [FAKE_MAINTENANCE] = {"maintenance", ANSWERS | HANDSHAKE, NO_VALUE, 0},
    [FAKE_HTML] = {"html", ANSWERS | HANDSHAKE, NO_VALUE, 0},
    [FAKE_TRUNCATED] = {"truncated", ANSWERS, NO_VALUE, 0},
    [FAKE_SLOW] = {"slow", ANSWERS, MILLISECONDS, 3000},
    [FAKE_CHANGED_BAR] = {"changed-bar", SCOPE(FAKE_CANDLES), NO_VALUE, 0},
    [FAKE_HB_EARLY] = {"hb-early", SUBSCRIPTION, NO_VALUE, 0},
    [FAKE_10300] = {"10300", SUBSCRIPTION, NO_VALUE, 0},
    [FAKE_10001] = {"10001", SUBSCRIPTION, NO_VALUE, 0},
    [FAKE_DROP] = {"drop", STREAM, NO_VALUE, 0},
    [FAKE_SILENT] = {"silent", STREAM, MILLISECONDS, 60000},
    [FAKE_SEQ_JUMP] = {"seq-jump", STREAM, HOW_MANY, 1},
    [FAKE_DUPLICATE] = {"duplicate", STREAM, NO_VALUE, 0},
    [FAKE_REORDER] = {"reorder", STREAM, NO_VALUE, 0},
    [FAKE_20051] = {"20051", STREAM, MILLISECONDS, 5000},
    [FAKE_20060] = {"20060", STREAM, MILLISECONDS, 5000},
    [FAKE_LATE] = {"late", STREAM, MILLISECONDS, 2000},
    [FAKE_MISSED] = {"missed", STREAM, NO_VALUE, 0},
    [FAKE_TU_ALONE] = {"tu-alone", STREAM, NO_VALUE, 0},
    [FAKE_TU_CHANGED] = {"tu-changed", STREAM, NO_VALUE, 0},
};

const char *fake_fault_name(enum fake_fault fault)
{
    return kinds[fault].name;
}

static bool refuse(struct str piece, const char *why, struct error *error)
{
    int shown = piece.length > 40 ? 40 : (int)piece.length;
    struct strbuf names = strbuf_new(400);
    for (int i = FAKE_NONE + 1; i < FAKE_FAULTS; i++) {
        strbuf_append_format(&names, "%s%s", i > FAKE_NONE + 1 ? ", " : "", kinds[i].name);
    }
    (void)error_set(error, ERROR_USAGE,
                    "fault \"%.*s\" %s; give kinds and places, such as "
                    "429@3,5-7;trades/slow=2s@10;drop@1/500,90s,c2 (kinds: %s)",
                    shown, piece.data, why, strbuf_text(&names));
    strbuf_free(&names);
    return false;
}

/* Removes the text before `mark`, and the mark, from the front of `rest`. Returns false when there
 * is no mark. */
static bool take_until(struct str *rest, char mark, struct str *piece)
{
    const char *at = rest->length > 0 ? memchr(rest->data, mark, rest->length) : NULL;
    if (at == NULL) {
        return false;
    }
    *piece = (struct str){rest->data, (size_t)(at - rest->data)};
    *rest = (struct str){at + 1, rest->length - piece->length - 1};
    return true;
}

/* Parses a number of 1 or more. */
static bool parse_number(struct str text, int64_t *number)
{
    return str_to_int64(str_trim(text), number) && *number >= 1;
}

/* Parses "90s", which has a unit, unlike a number. */
static bool parse_ms(struct str text, int64_t *ms)
{
    int64_t ns = 0;
    char unit = text.length > 0 ? text.data[text.length - 1] : '0';
    if (unit < 'a' || unit > 'z' || !clock_parse_duration(text, &ns) || ns < NS_PER_MS) {
        return false;
    }
    *ms = ns / NS_PER_MS;
    return true;
}

/* Parses "7", "5-7", "20-", "1/500", "90s" or "c2". */
static bool parse_place(struct str text, struct fake_range *range)
{
    struct str rest = text;
    struct str start = text;
    if (text.length > 0 && text.data[0] == 'c') {
        range->place = FAKE_ON_CONNECTION;
        return parse_number((struct str){text.data + 1, text.length - 1}, &range->first);
    }
    if (take_until(&rest, '/', &start)) {
        range->place = FAKE_BY_CHANCE;
        return str_equal_text(str_trim(start), "1") && parse_number(rest, &range->first);
    }
    if (parse_ms(text, &range->first)) {
        range->place = FAKE_AT_TIME;
        return true;
    }
    range->place = FAKE_AT_NUMBER;
    bool more = take_until(&rest, '-', &start);
    if (!parse_number(start, &range->first)) {
        return false;
    }
    rest = str_trim(rest);
    if (more && rest.length == 0) {
        range->last = INT64_MAX;
        return true;
    }
    range->last = range->first;
    return !more || (parse_number(rest, &range->last) && range->last >= range->first);
}

/* Parses "trades/slow=2s". Returns why it is none; NULL: it is. */
static const char *parse_kind(struct str text, struct fake_range *range)
{
    struct str scope = {0};
    bool has_scope = take_until(&text, '/', &scope);
    struct str name = text;
    struct str value = text;
    bool has_value = take_until(&value, '=', &name);
    int kind = FAKE_NONE + 1;
    while (kind < FAKE_FAULTS && !str_equal_text(str_trim(name), kinds[kind].name)) {
        kind++;
    }
    if (kind == FAKE_FAULTS) {
        return "is of no known kind";
    }
    range->fault = (enum fake_fault)kind;
    int found = 0;
    while (found < FAKE_SCOPES &&
           ((kinds[kind].scopes & SCOPE(found)) == 0 ||
            (has_scope && !str_equal_text(str_trim(scope), fake_scope_names[found])))) {
        found++;
    }
    if (found == FAKE_SCOPES) {
        return "is not of a place where that kind can be";
    }
    range->scope = (enum fake_scope)found;
    range->value = kinds[kind].otherwise;
    bool good = !has_value;
    if (kinds[kind].value == MILLISECONDS) {
        good = good || parse_ms(str_trim(value), &range->value);
    } else if (kinds[kind].value == HOW_MANY) {
        good = good || parse_number(value, &range->value);
    }
    return good ? NULL : "has a value that its kind cannot have";
}

static bool parse_fault(struct str text, struct fake_faults *faults, struct error *error)
{
    struct str places = text;
    struct str name = {0};
    if (!take_until(&places, '@', &name)) {
        return refuse(text, "has no @", error);
    }
    struct fake_range range = {0};
    const char *wrong = parse_kind(str_trim(name), &range);
    if (wrong != NULL) {
        return refuse(text, wrong, error);
    }
    bool more = true;
    while (more) {
        struct str place = places;
        more = take_until(&places, ',', &place);
        if (faults->count == FAKE_RANGES) {
            return refuse(text, "is one too many: at most 100 places", error);
        }
        if (!parse_place(str_trim(place), &range)) {
            return refuse(text, "has a place that is none: N, N-M, N-, 1/N, 90s or cN, from 1",
                          error);
        }
        if (range.place == FAKE_ON_CONNECTION && range.scope < FAKE_CONNECT) {
            return refuse(text, "has no connection of a number", error);
        }
        faults->ranges[faults->count++] = range;
    }
    return true;
}

bool fake_faults_parse(const char *text, uint64_t seed, struct fake_faults *faults,
                       struct error *error)
{
    *faults = (struct fake_faults){.seed = seed};
    struct str rest = str_trim(str_from(text != NULL ? text : ""));
    bool more = rest.length > 0;
    while (more) {
        struct str piece = rest;
        more = take_until(&rest, ';', &piece);
        if (!parse_fault(str_trim(piece), faults, error)) {
            return false;
        }
    }
    return true;
}

static bool by_chance(const struct fake_faults *faults, const struct fake_range *range,
                      int64_t number)
{
    struct random random = random_seeded(faults->seed);
    uint64_t own = random_next(&random) + (uint64_t)(range - faults->ranges);
    random = random_seeded(own ^ ((uint64_t)number << 8));
    return random_next(&random) % (uint64_t)range->first == 0;
}

static bool is_met(const struct fake_faults *faults, struct fake_range *range, int64_t number,
                   int64_t connection, int64_t elapsed_ms)
{
    bool met = false;
    switch (range->place) {
    case FAKE_AT_NUMBER:
        met = number >= range->first && number <= range->last;
        break;
    case FAKE_BY_CHANCE:
        met = by_chance(faults, range, number);
        break;
    case FAKE_AT_TIME:
        met = !range->done && elapsed_ms >= range->first;
        range->done = range->done || met;
        break;
    case FAKE_ON_CONNECTION:
        met = !range->done && connection == range->first;
        range->done = range->done || met;
        break;
    }
    return met;
}

struct fake_hit fake_faults_next(struct fake_faults *faults, enum fake_scope scope,
                                 int64_t connection, int64_t elapsed_ms)
{
    struct fake_hit hit = {.number = ++faults->numbers[scope]};
    for (size_t i = 0; i < faults->count && hit.fault == FAKE_NONE; i++) {
        struct fake_range *range = &faults->ranges[i];
        if (range->scope == scope && is_met(faults, range, hit.number, connection, elapsed_ms)) {
            hit.fault = range->fault;
            hit.value = range->value;
        }
    }
    if (hit.fault != FAKE_NONE) {
        faults->happened[hit.fault]++;
        log_info("fault", log_text("kind", fake_fault_name(hit.fault)),
                 log_text("of", fake_scope_names[scope]), log_int("number", hit.number),
                 log_int("connection", connection));
    }
    return hit;
}

void fake_faults_append(const struct fake_faults *faults, struct strbuf *json)
{
    strbuf_append_char(json, '{');
    const char *comma = "";
    for (int i = FAKE_NONE + 1; i < FAKE_FAULTS; i++) {
        if (faults->happened[i] > 0) {
            strbuf_append_format(json, "%s\"%s\":%lld", comma, kinds[i].name,
                                 (long long)faults->happened[i]);
            comma = ",";
        }
    }
    strbuf_append_char(json, '}');
}
