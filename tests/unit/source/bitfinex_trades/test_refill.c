/* Refills against a model of the exchange's history: every trade of a hole comes, whatever a page
 * cuts off, and the pages end. */
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "cmocka_all.h"
#include "source/bitfinex_trades/refill.h"

enum { TRADES = 300, OLDEST_MS = 0, BASE_MS = 1000000 };

struct history {
    struct trade_row trades[TRADES]; /* the newest first */
    size_t count;
    size_t page; /* rows that a page has at most, whatever it is asked for */
};

static struct history make_history(struct random *random)
{
    struct history history = {.count = TRADES, .page = 1 + random_next(random) % 40};
    int64_t time_ms = BASE_MS;
    for (size_t i = 0; i < TRADES; i++) {
        time_ms += (int64_t)(random_next(random) % 400) - 10; /* ids do not follow the times */
        history.trades[i] = (struct trade_row){(int64_t)i, time_ms, 1, 1};
    }
    qsort(history.trades, TRADES, sizeof history.trades[0], trade_row_compare);
    for (size_t i = 0; i < TRADES / 2; i++) {
        struct trade_row other = history.trades[i];
        history.trades[i] = history.trades[TRADES - 1 - i];
        history.trades[TRADES - 1 - i] = other;
    }
    return history;
}

/* Answers a request; returns how many rows there are. */
static size_t answer(const struct history *history, const struct refill_page *page,
                     struct trade_row *rows)
{
    size_t count = 0;
    for (size_t i = 0; i < history->count && count < history->page; i++) {
        int64_t time_ms = history->trades[i].time_ms;
        if (time_ms >= page->start_ms && time_ms <= page->end_ms) {
            rows[count++] = history->trades[i];
        }
    }
    return count;
}

/* Refills all holes; `got` says by id which trades came. Returns how the last group ended. */
static enum refill_result refill_all(struct hole_book *book, const struct history *history,
                                     bool *got)
{
    enum refill_result result = REFILL_GONE;
    struct refill_page page;
    struct trade_row rows[TRADES];
    for (int requests = 0; refill_next(book, OLDEST_MS, &page) == REFILL_ASK; requests++) {
        assert_true(requests < 3 * TRADES);
        size_t count = answer(history, &page, rows);
        for (size_t i = 0; i < count; i++) {
            got[rows[i].id] = true;
        }
        result = refill_take(book, &page, rows, count, count, OLDEST_MS);
        if (result != REFILL_MORE) {
            hole_book_close(book, page.coin, page.hole_begin_ms);
        }
    }
    return result;
}

static void every_trade_of_a_hole_comes_whatever_pages_cut_off(void **state)
{
    (void)state;
    struct random random = random_seeded(7);
    int whole = 0;
    for (int run = 0; run < 300; run++) {
        struct history history = make_history(&random);
        size_t newer = random_next(&random) % (TRADES / 2);
        size_t older = TRADES / 2 + random_next(&random) % (TRADES / 2);
        struct trade_row first = history.trades[older], last = history.trades[newer];
        struct hole_book book = {0};
        bool got[TRADES] = {false};
        assert_true(hole_book_open(&book, 0, first.time_ms, last.time_ms, first.id));
        whole += refill_all(&book, &history, got) == REFILL_WHOLE;
        for (size_t i = newer; i < older; i++) {
            bool cut = history.trades[i].time_ms == history.trades[i + 1].time_ms;
            assert_true(got[history.trades[i].id] || cut);
        }
        hole_book_free(&book);
    }
    assert_true(whole > 250); /* a page that is smaller than what one ms holds cannot be whole */
}

/* Takes one page of a hole from 100,000 to 200,000 ms behind trade 7. */
static void page_means_what_its_rows_say(void **state)
{
    (void)state;
    static const struct {
        struct trade_row rows[3];
        size_t count, all_rows;
        int64_t oldest_ms;
        enum refill_result want;
        int64_t next_end_ms; /* with REFILL_MORE */
    } cases[] = {
        {{{9, 150000, 1, 1}, {7, 100000, 1, 1}}, 2, 2, 0, REFILL_WHOLE, 0},
        {{{9, 150000, 1, 1}, {6, 99999, 1, 1}}, 2, REFILL_ROWS_MAX, 0, REFILL_WHOLE, 0},
        /* full, and it ends within the ms in which the hole begins */
        {{{9, 150000, 1, 1}, {7, 100000, 1, 1}}, 2, REFILL_ROWS_MAX, 0, REFILL_MORE, 100000},
        {{{9, 150000, 1, 1}, {8, 120000, 1, 1}}, 2, 2, 0, REFILL_MORE, 120000},
        {{{9, 200000 + REFILL_MARGIN_MS, 1, 1}},
         1,
         REFILL_ROWS_MAX,
         0,
         REFILL_MORE,
         200000 + REFILL_MARGIN_MS - 1},
        {{{0, 0, 0, 0}}, 0, 0, 0, REFILL_HAS_LESS, 0},
        {{{0, 0, 0, 0}}, 0, 0, 150000, REFILL_AGED, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct hole_book book = {0};
        struct refill_page page;
        assert_true(hole_book_open(&book, 0, 100000, 200000, 7));
        assert_int_equal(refill_next(&book, cases[i].oldest_ms, &page), REFILL_ASK);
        assert_int_equal(page.end_ms, 200000 + REFILL_MARGIN_MS);
        assert_int_equal(page.start_ms,
                         cases[i].oldest_ms > 0 ? cases[i].oldest_ms : 100000 - REFILL_MARGIN_MS);
        assert_int_equal(refill_take(&book, &page, cases[i].rows, cases[i].count, cases[i].all_rows,
                                     cases[i].oldest_ms),
                         cases[i].want);
        if (cases[i].want == REFILL_MORE) {
            assert_int_equal(refill_next(&book, 0, &page), REFILL_ASK);
            assert_int_equal(page.end_ms, cases[i].next_end_ms);
        }
        hole_book_free(&book);
    }
}

/* The connection is lost (again) while a page is under way. */
static void page_closes_no_hole_that_came_after_its_request(void **state)
{
    (void)state;
    static const struct {
        int64_t begin_ms, end_ms; /* of the hole that is opened meanwhile */
        enum refill_result want;
    } cases[] = {
        {100000, HOLE_LASTS, REFILL_GONE}, /* the same one: no trade came in between */
        {100000, 250000, REFILL_GONE},      {200000, HOLE_LASTS, REFILL_GONE},
        {200000, 250000, REFILL_GONE},      {100000, 200000, REFILL_WHOLE},
        {200001, HOLE_LASTS, REFILL_WHOLE}, /* does not touch it */
    };
    const struct trade_row row = {6, 99999, 1, 1};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct hole_book book = {0};
        struct refill_page page;
        assert_true(hole_book_open(&book, 0, 100000, 200000, 7));
        assert_int_equal(refill_next(&book, 0, &page), REFILL_ASK);
        assert_true(hole_book_open(&book, 0, cases[i].begin_ms, cases[i].end_ms, 7));
        assert_int_equal(refill_take(&book, &page, &row, 1, 1, 0), cases[i].want);
        hole_book_free(&book);
    }
}

static void more_trades_in_one_ms_than_a_page_holds_are_missing(void **state)
{
    (void)state;
    struct hole_book book = {0};
    struct refill_page page;
    const struct trade_row full = {9, 150000, 1, 1}, last = {7, 100000, 1, 1};
    assert_true(hole_book_open(&book, 0, 100000, 200000, 7));
    for (int i = 0; i < 2; i++) { /* the second page has no other ms than the first ended with */
        assert_int_equal(refill_next(&book, 0, &page), REFILL_ASK);
        assert_int_equal(refill_take(&book, &page, &full, 1, REFILL_ROWS_MAX, 0), REFILL_MORE);
    }
    assert_int_equal(refill_next(&book, 0, &page), REFILL_ASK);
    assert_int_equal(page.end_ms, 149999);
    assert_int_equal(refill_take(&book, &page, &last, 1, 1, 0), REFILL_HAS_LESS);
    hole_book_free(&book);
}

static void holes_that_are_too_old_are_not_asked_for(void **state)
{
    (void)state;
    struct hole_book book = {0};
    struct refill_page page;
    assert_int_equal(refill_next(&book, 0, &page), REFILL_NOTHING);
    assert_true(hole_book_open(&book, 0, 100000, 200000, 7));
    assert_int_equal(refill_next(&book, 200001 + REFILL_MARGIN_MS, &page), REFILL_TOO_OLD);
    assert_int_equal(page.hole_begin_ms, 100000);
    hole_book_close(&book, 0, 100000);
    assert_int_equal(refill_take(&book, &page, NULL, 0, 0, 0), REFILL_GONE);
    hole_book_free(&book);
}

static void request_names_span_limit_and_order(void **state)
{
    (void)state;
    struct strbuf path = strbuf_new(200);
    const struct refill_page page = {.start_ms = 1, .end_ms = 1734237017719};
    refill_append_path(&page, "tDOGE:USD", &path);
    assert_string_equal(strbuf_text(&path),
                        "/trades/tDOGE:USD/hist?start=1&end=1734237017719&limit=10000&sort=-1");
    strbuf_free(&path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_trade_of_a_hole_comes_whatever_pages_cut_off),
        cmocka_unit_test(page_means_what_its_rows_say),
        cmocka_unit_test(page_closes_no_hole_that_came_after_its_request),
        cmocka_unit_test(more_trades_in_one_ms_than_a_page_holds_are_missing),
        cmocka_unit_test(holes_that_are_too_old_are_not_asked_for),
        cmocka_unit_test(request_names_span_limit_and_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
