/* CoinMarketCap: what its answers mean, in all their shapes, and what follows from its errors. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text/strbuf.h"
#include "cmocka_all.h"
#include "record/ticker.h"
#include "source/coinmarketcap/coinmarketcap_quotes.h"
#include "support.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define FOLDER FIXTURES "/coinmarketcap/"
#define RECORDED FIXTURES "/../../../shared/data/"
#define NOW (INT64_C(1796040000) * NS_PER_SECOND) /* 2026-11-30T12:00:00Z */

struct taken {
    struct coinmarketcap_coins coins;
    struct source_batch batch;
    struct row_counts counts;
    struct service_refusal refusal;
    struct error error;
    int64_t credits;
    bool read;
};

static struct taken taken_new(const char *const *wanted)
{
    struct taken taken = {.coins = {.all = wanted == NULL}};
    for (; wanted != NULL && *wanted != NULL; wanted++) {
        assert_non_null(coin_table_add(&taken.coins.known, str_from(*wanted)));
    }
    return taken;
}

static void taken_free(struct taken *taken)
{
    coin_table_free(&taken->coins.known);
    source_batch_free(&taken->batch);
}

static void take_text(struct taken *taken, long status, struct str text, const char *past_of)
{
    const struct service_answer answer = {.status = status, .body = text, .now_ns = NOW};
    const struct coinmarketcap_reading reading = {
        .answer = &answer, .coins = &taken->coins, .past_of = past_of};
    taken->counts = (struct row_counts){.rows = 0};
    taken->read = coinmarketcap_quotes_read(&reading, &taken->batch, &taken->counts,
                                            &taken->credits, &taken->refusal, &taken->error);
    int64_t rows = (int64_t)taken->batch.count;
    for (size_t i = 0; i < ROW_FAULTS; i++) {
        rows += taken->counts.rejected[i];
    }
    assert_int_equal(rows, taken->counts.rows);
}

static void take_file(struct taken *taken, const char *name, const char *past_of)
{
    size_t length = 0;
    char path[512];
    (void)snprintf(path, sizeof path, FOLDER "%s", name);
    char *text = support_read_file(path, &length);
    assert_non_null(text);
    take_text(taken, 200, (struct str){.data = text, .length = length}, past_of);
    free(text);
}

static const struct ticker *tick_of(const struct taken *taken, size_t index)
{
    assert_true(index < taken->batch.count);
    return source_batch_at(&taken->batch, index);
}

static void listing_is_an_array_of_coins(void **state)
{
    (void)state;
    struct taken taken = taken_new(NULL);
    take_file(&taken, "listings.json", NULL);
    assert_true(taken.read);
    assert_int_equal(taken.credits, 1);
    assert_int_equal(taken.counts.rows, 11);
    assert_int_equal(taken.batch.count, 3);
    static const struct {
        enum row_fault fault;
        int64_t count;
    } faults[] = {{ROW_DUPLICATE, 1}, {ROW_BAD_PRICE, 1},  {ROW_BAD_SHAPE, 2},
                  {ROW_BAD_TIME, 1},  {ROW_BAD_FIGURE, 1}, {ROW_BAD_SYMBOL, 2}};
    for (size_t i = 0; i < COUNT(faults); i++) {
        assert_int_equal(taken.counts.rejected[faults[i].fault], faults[i].count);
    }
    const struct ticker *tick = tick_of(&taken, 0);
    assert_string_equal(tick->symbol, "cmc:bitcoin");
    assert_string_equal(tick->source, "coinmarketcap");
    assert_int_equal(tick->event_time_ns,
                     NOW - 60 * NS_PER_SECOND); /* the price's, not the coin's */
    assert_true(tick->seq == 0 && tick->run_id == 0);
    assert_true(tick->last_price == 91234.5625);
    assert_true(tick->figures[TICKER_MARKET_CAP] == 1810000000000.25);
    assert_true(tick->figures[TICKER_DAILY_CHANGE_RELATIVE] == -0.025);
    assert_true(tick->figures[TICKER_VOLUME] == 45000000000.5);
    tick = tick_of(&taken, 1);
    assert_false(tick->has[TICKER_MARKET_CAP] || tick->has[TICKER_DAILY_CHANGE_RELATIVE]);
    assert_true(tick->has[TICKER_VOLUME] && tick->figures[TICKER_VOLUME] == 0);
    assert_true(tick_of(&taken, 2)->last_price == 2.5e-09);
    assert_int_equal(coinmarketcap_coins_id(&taken.coins, "cmc:bitcoin"), 1);
    taken_free(&taken);
}

static void coins_are_known_by_their_ids_from_the_first_answer_on(void **state)
{
    (void)state;
    static const char *const wanted[] = {"cmc:bitcoin", "cmc:ethereum", "cmc:nothing", NULL};
    struct taken taken = taken_new(wanted);
    take_file(&taken, "quotes_by_symbol.json", NULL);
    assert_true(taken.read);
    assert_int_equal(taken.batch.count, 2);
    assert_int_equal(taken.counts.rejected[ROW_UNKNOWN_COIN], 1); /* of the same symbol */
    assert_int_equal(coinmarketcap_coins_id(&taken.coins, "cmc:ethereum"), 1027);
    assert_int_equal(coinmarketcap_coins_id(&taken.coins, "cmc:nothing"), 0);
    take_file(&taken, "quotes_by_id.json", NULL);
    assert_true(taken.read);
    assert_int_equal(taken.batch.count, 2);
    assert_string_equal(tick_of(&taken, 1)->symbol, "cmc:ethereum"); /* renamed meanwhile */
    assert_int_equal(taken.counts.rejected[ROW_UNKNOWN_COIN], 1);
    assert_int_equal(taken.credits, 2);
    taken_free(&taken);
}

static void history_is_of_the_coin_that_was_asked_for(void **state)
{
    (void)state;
    static const char *const wanted[] = {"cmc:bitcoin", "cmc:ethereum", NULL};
    struct taken taken = taken_new(wanted);
    take_file(&taken, "quotes_by_id.json", NULL);
    take_file(&taken, "history.json", "cmc:bitcoin");
    assert_true(taken.read);
    assert_int_equal(taken.batch.count, 2);
    const struct ticker *tick = tick_of(&taken, 0);
    assert_string_equal(tick->source, "coinmarketcap-h");
    assert_string_equal(tick->symbol, "cmc:bitcoin");
    assert_int_equal(tick->event_time_ns, NOW - 600 * NS_PER_SECOND);
    assert_true(tick->figures[TICKER_MARKET_CAP] == 1800000000000.0);
    assert_false(tick_of(&taken, 1)->has[TICKER_MARKET_CAP]);
    assert_int_equal(taken.counts.rejected[ROW_DUPLICATE], 1);
    assert_int_equal(taken.counts.rejected[ROW_OUT_OF_ORDER], 1);
    assert_int_equal(taken.counts.rejected[ROW_BAD_PRICE], 1);
    assert_int_equal(taken.credits, 4);
    take_file(&taken, "history.json", "cmc:ethereum");
    assert_true(taken.read && taken.batch.count == 0);
    assert_int_equal(taken.counts.rejected[ROW_UNKNOWN_COIN], 5);
    taken_free(&taken);
}

#define ERROR(code, message)                                                                       \
    "{\"status\":{\"timestamp\":\"2026-11-30T12:00:00.000Z\",\"error_code\":" code                 \
    ",\"error_message\":\"" message "\",\"elapsed\":1,\"credit_count\":0}}"
#define S(seconds) (INT64_C(seconds) * NS_PER_SECOND)

static void errors_say_what_to_do_and_how_long_nothing_is_asked(void **state)
{
    (void)state;
    static const struct {
        long status;
        const char *body;
        int64_t closed_ns;
        bool of_plan;
        const char *text;
    } cases[] = {
        {401, ERROR("1001", "This API Key is invalid."), S(3600), false, "does not know the key"},
        {401, ERROR("1002", "API key missing."), S(3600), false, "it has got no key"},
        {402, ERROR("1003", "x"), S(3600), false, "paid for first"},
        {402, ERROR("1004", "x"), S(3600), false, "overdue"},
        {403, ERROR("1005", "x"), S(3600), false, "asks for a key"},
        {403, ERROR("1006", "x"), S(3600), true, "plan does not have that"},
        {403, ERROR("1007", "x"), S(3600), false, "disabled"},
        {429, ERROR("1008", "x"), S(60), false, "rate limit (HTTP 429, code 1008): waiting 60 s"},
        {429, ERROR("1011", "x"), S(60), false, "programs at this address"},
        /* An error is one with HTTP 200, too; a code may be a string. */
        {200, ERROR("1008", "x"), S(60), false, "rate limit"},
        {200, ERROR("\"1001\"", "x"), S(3600), false, "does not know the key"},
        /* The day ends in 12 h, the month too. */
        {429, ERROR("1009", "x"), S(43260), false,
         "this day are used up (code 1009): no request "
         "is sent before 2026-12-01T00:01:00Z"},
        {200, ERROR("1010", "x"), S(43260), false, "this month are used up (code 1010)"},
        {400, ERROR("400", "Invalid value for id"), S(3600), false, "Invalid value for id"},
        {500, ERROR("500", "An internal error"), 0, false, "An internal error"},
        {500, ERROR("0", "x"), 0, false, "error 500"},
        /* What stands before the service answers in its own way. */
        {401,
         "{\"statusCode\":401,\"error\":\"Unauthorized\",\"message\":\"This API Key is "
         "invalid.\"}",
         S(3600), false, "HTTP 401: it refuses us"},
        {403, "<html>", S(3600), false, "HTTP 403"},
        {429, "<html>", S(60), false, "rate limit"},
        {502, "<html>", 0, false, "HTTP 502: CoinMarketCap is away"},
        {404, "", S(3600), false, "see --coinmarketcap-url"},
        {200, "<html>", 0, false, "an HTML page"},
        {200, "", 0, false, "empty"},
        {200, "[]", 0, false, "none of CoinMarketCap"},
        {200, "{\"status\":{\"error_code\":0}}", 0, false, "none of CoinMarketCap"},
        {200, "{\"status\":{\"error_code\":0},\"data\":7}", 0, false, "has no coins"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct taken taken = taken_new(NULL);
        take_text(&taken, cases[i].status, str_from(cases[i].body), NULL);
        assert_false(taken.read);
        assert_int_equal(taken.error.kind, ERROR_RETRY);
        assert_int_equal(taken.counts.rows, 0);
        assert_int_equal(taken.refusal.closed_ns, cases[i].closed_ns);
        assert_int_equal(taken.refusal.of_plan, cases[i].of_plan);
        if (strstr(taken.error.text, cases[i].text) == NULL) {
            fail_msg("%s", taken.error.text);
        }
        taken_free(&taken);
    }
}

static void retry_after_counts_when_it_asks_for_more(void **state)
{
    (void)state;
    static const struct {
        const char *body;
        int retry_after_ms;
        int64_t closed_ns;
    } cases[] = {
        {ERROR("1008", "x"), 119000, S(119)},
        {ERROR("1011", "x"), 2147483647, S(86400)}, /* a day is believed, and no more */
        {ERROR("1009", "x"), 1000, S(43260)},       /* never before the credits are there again */
        {ERROR("1009", "x"), 80000000, S(80000)},
        {ERROR("500", "x"), 5000, S(5)},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct service_answer answer = {.status = 429,
                                              .body = str_from(cases[i].body),
                                              .retry_after_ms = cases[i].retry_after_ms,
                                              .now_ns = NOW};
        struct service_refusal refusal;
        struct error error = {0};
        int64_t credits = 0;
        assert_null(coinmarketcap_answer_open(&answer, &credits, &refusal, &error));
        assert_int_equal(refusal.closed_ns, cases[i].closed_ns);
    }
}

static char *read_recorded(const char *name, size_t *length)
{
    char path[512];
    (void)snprintf(path, sizeof path, RECORDED "%s", name);
    return support_read_file(path, length);
}

static void recorded_answers_balance(void **state)
{
    (void)state;
    static const struct {
        const char *name, *before, *behind;
        int64_t ticks;
    } cases[] = {
        {"coinmarketcap/v1_quotes_latest_by_id_2019-02-04.json", "", "", 10},
        {"coinmarketcap/one_listing_2021-08-28.json", "{\"status\":{\"error_code\":0},\"data\":[",
         "]}", 1},
        {"coinmarketcap/dead_public_v1_ticker_strings_2019-05.json", "", "", -1},
        {"errors/coinmarketcap_401_1001.json", "", "", -1},
        {"errors/coinmarketcap_401_1002.json", "", "", -1},
        {"errors/coinmarketcap_429_1008.json", "", "", -1},
        {"errors/coinmarketcap_429_1011.json", "", "", -1},
    };
    if (access(RECORDED, R_OK) != 0) {
        skip();
    }
    for (size_t i = 0; i < COUNT(cases); i++) {
        size_t length = 0;
        char *text = read_recorded(cases[i].name, &length);
        assert_non_null(text);
        struct strbuf body = strbuf_new(1 << 20);
        strbuf_append_text(&body, cases[i].before);
        strbuf_append(&body, text, length);
        strbuf_append_text(&body, cases[i].behind);
        struct taken taken = taken_new(NULL);
        take_text(&taken, 200, strbuf_str(&body), NULL);
        assert_int_equal(taken.read, cases[i].ticks >= 0);
        assert_true(cases[i].ticks < 0 || (int64_t)taken.batch.count == cases[i].ticks);
        taken_free(&taken);
        strbuf_free(&body);
        free(text);
    }
}

/* A file of three answers, one after the other. */
static void recorded_answers_by_symbol_balance(void **state)
{
    (void)state;
    json_t *answers =
        json_load_file(RECORDED "coinmarketcap/v1_quotes_by_symbol_2022-08-15.json", 0, NULL);
    if (answers == NULL) {
        skip();
    }
    assert_int_equal(json_array_size(answers), 3);
    for (size_t i = 0; i < json_array_size(answers); i++) {
        char *text = json_dumps(json_array_get(answers, i), JSON_REAL_PRECISION(17));
        assert_non_null(text);
        struct taken taken = taken_new(NULL);
        take_text(&taken, 200, str_from(text), NULL);
        assert_true(taken.read);
        assert_string_equal(tick_of(&taken, 0)->symbol, "cmc:ethereum");
        assert_int_equal(taken.credits, 1);
        taken_free(&taken);
        free(text);
    }
    json_decref(answers);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(listing_is_an_array_of_coins),
        cmocka_unit_test(coins_are_known_by_their_ids_from_the_first_answer_on),
        cmocka_unit_test(history_is_of_the_coin_that_was_asked_for),
        cmocka_unit_test(errors_say_what_to_do_and_how_long_nothing_is_asked),
        cmocka_unit_test(retry_after_counts_when_it_asks_for_more),
        cmocka_unit_test(recorded_answers_balance),
        cmocka_unit_test(recorded_answers_by_symbol_balance),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
