#include "source/bars/bars_book.h"

#include <stdlib.h>
#include <string.h>

#include "source/bars/bar_changes.h"

enum { LOOK_BACK = 10 }; /* bars that each request asks for again */

bool bars_book_init(struct bars_book *book, const struct bars_book_config *config,
                    struct coin_table *coins, struct error *error)
{
    size_t count = coins->count;
    *book = (struct bars_book){.config = *config, .coins = *coins};
    *coins = (struct coin_table){.count = 0};
    book->run = (struct run_events){.source = config->name};
    book->plan = (struct bars_plan){.turns = calloc(count, sizeof *book->plan.turns),
                                    .count = count,
                                    .length_ns = config->length_ns,
                                    .grace_ns = config->grace_ns,
                                    .pushed = config->pushed,
                                    .interval_ns = config->interval_ns};
    book->known = calloc(count, sizeof *book->known);
    book->paging = calloc(count, sizeof *book->paging);
    if (book->plan.turns == NULL || book->known == NULL || book->paging == NULL) {
        return error_set(error, ERROR_FATAL, "no memory for the bars of %zu coins", count);
    }
    return true;
}

void bars_book_free(struct bars_book *book)
{
    for (size_t i = 0; book->known != NULL && i < book->coins.count; i++) {
        known_bars_free(&book->known[i]);
    }
    free(book->known);
    free(book->paging);
    free(book->plan.turns);
    source_batch_free(&book->answer);
    source_batch_free(&book->events);
    coin_table_free(&book->coins);
    *book = (struct bars_book){.covered_ns = 0};
}

bool bars_book_tell(struct bars_book *book, const struct record_kind *kind, const void *record)
{
    const struct bar *bar = record;
    if (kind == &event_kind) {
        run_events_tell(&book->run, record);
    }
    if (kind != &bar_kind || strcmp(bar->source, book->config.service) != 0 ||
        strcmp(bar->timeframe, book->config.timeframe) != 0) {
        return true;
    }
    const struct coin *coin = coin_table_find(&book->coins, str_from(bar->symbol));
    return coin == NULL || known_bars_tell(&book->known[coin - book->coins.coins], bar);
}

int64_t bars_book_start_ns(struct bars_book *book, size_t coin, int64_t now_ns)
{
    const struct known_bars *known = &book->known[coin];
    bool all = !book->paging[coin] && bars_plan_looks_back(&book->plan, coin, now_ns);
    int64_t start_ns = known_bars_back_ns(known, all ? KNOWN_BARS_MAX : LOOK_BACK);
    if (book->history_ns == 0) {
        book->history_ns = now_ns - book->config.history_ns;
        book->history_ns -= book->history_ns % book->config.length_ns;
    }
    start_ns = start_ns != INT64_MIN ? start_ns : book->history_ns;
    if (book->covered_ns == 0 && !book->paging[coin] && start_ns > book->begun_ns) {
        book->begun_ns = start_ns;
    }
    return start_ns;
}

/* Writes an event about a span of a coin's time. Returns NULL when memory runs out. */
static struct event *add_span(struct bars_book *book, const char *coin, int64_t begin_ns,
                              int64_t end_ns, int64_t now_ns, const char *what)
{
    struct event *event = run_events_add(&book->run, &book->events, now_ns, what, coin);
    if (event != NULL) {
        event->begin_ns = begin_ns;
        event->end_ns = end_ns;
        event->has_begin_ns = event->has_end_ns = true;
    }
    return event;
}

/* Writes the events of a hole, if the service lacks bars between the newest known one and this one.
 * Returns false when memory runs out. */
static bool tell_hole(struct bars_book *book, size_t coin, const struct bar *bar, int64_t now_ns)
{
    int64_t newest_ns = known_bars_back_ns(&book->known[coin], 0);
    int64_t begin_ns = newest_ns != INT64_MIN ? newest_ns + book->config.length_ns : 0;
    if (!book->config.tells_holes || newest_ns == INT64_MIN || bar->open_time_ns <= begin_ns) {
        return true;
    }
    const char *name = book->coins.coins[coin].symbol;
    struct event *hole = add_span(book, name, begin_ns, bar->open_time_ns, now_ns, "hole");
    if (hole == NULL ||
        !event_set_detail(hole, &book->events.texts, str_from("the exchange has no bars"))) {
        return false;
    }
    struct event *closed = add_span(book, name, begin_ns, bar->open_time_ns, now_ns, "hole_closed");
    if (closed == NULL) {
        return false;
    }
    closed->number = 0;
    closed->has_number = true;
    return event_set_detail(closed, &book->events.texts, str_from("exchange_has_no_more"));
}

/* Decides about one bar, and counts it; *keep: it is to be sent. Returns false when memory runs
 * out. */
static bool judge(struct bars_book *book, size_t coin, struct bar *bar, int64_t finished_ns,
                  int64_t now_ns, struct row_counts *counts, bool *keep)
{
    struct known_bar before;
    enum known_finding finding = known_bars_look(&book->known[coin], bar, &before);
    *keep = false;
    if (bar->open_time_ns > finished_ns - book->config.length_ns) {
        counts->rejected[ROW_UNFINISHED]++;
        return true;
    }
    if (finding == KNOWN_EQUAL || finding == KNOWN_TOO_OLD) {
        counts->rejected[finding == KNOWN_EQUAL ? ROW_REPEAT : ROW_OUT_OF_ORDER]++;
        return true;
    }
    if (finding == KNOWN_CHANGED) {
        book->changed++;
        if (!bar_changes_add(&book->run, &book->events, bar, &before, book->config.length_ns,
                             now_ns)) {
            return false;
        }
    }
    counts->records++;
    *keep = true;
    return tell_hole(book, coin, bar, now_ns) && known_bars_keep(&book->known[coin], bar);
}

bool bars_book_take(struct bars_book *book, size_t coin, int64_t finished_ns, int64_t now_ns,
                    struct row_counts *counts)
{
    struct source_batch *answer = &book->answer;
    size_t kept = 0;
    for (size_t i = 0; i < answer->count; i++) {
        struct bar *bar = source_batch_at(answer, i);
        bool keep = false;
        if (!judge(book, coin, bar, finished_ns, now_ns, counts, &keep)) {
            answer->count = book->events.count = 0;
            return false;
        }
        if (keep) {
            *(struct bar *)source_batch_at(answer, kept++) = *bar;
        }
    }
    answer->count = kept;
    return true;
}

/* Returns whether the bar is the one behind the newest known bar, or the coin's first one. */
static bool follows(const struct bars_book *book, size_t coin, const struct bar *bar)
{
    int64_t newest_ns = known_bars_back_ns(&book->known[coin], 0);
    return newest_ns != INT64_MIN ? bar->open_time_ns == newest_ns + book->config.length_ns
                                  : book->plan.turns[coin].asked;
}

bool bars_book_push(struct bars_book *book, size_t coin, const struct bar *bar, int64_t arrived_ns,
                    struct row_counts *counts)
{
    struct bar pushed = *bar;
    struct known_bar before;
    bool keep = false;
    if (known_bars_look(&book->known[coin], &pushed, &before) == KNOWN_NEW &&
        !follows(book, coin, &pushed)) {
        counts->rejected[ROW_OUT_OF_ORDER]++;
        return true;
    }
    pushed = *bar;
    if (!judge(book, coin, &pushed, INT64_MAX, arrived_ns, counts, &keep)) {
        return false;
    }
    if (!keep) {
        return true;
    }
    if (book->answer.count == 0) {
        source_batch_begin(&book->answer, &bar_kind, true);
    }
    struct bar *added = source_batch_add(&book->answer);
    if (added == NULL) {
        return false;
    }
    *added = pushed;
    source_batch_arrived(&book->answer, arrived_ns);
    bars_plan_pushed(&book->plan, coin, pushed.open_time_ns + book->config.length_ns);
    return true;
}

void bars_book_answered(struct bars_book *book, size_t coin, int64_t now_ns,
                        enum bars_answer answer)
{
    book->paging[coin] = answer == BARS_PAGE;
    bars_plan_answer(&book->plan, coin, now_ns, answer);
}

/* Writes up to when the coins that the service knows are covered. Returns false when memory runs
 * out. */
static bool cover(struct bars_book *book, int64_t now_ns)
{
    int64_t whole_ns = bars_plan_whole_ns(&book->plan);
    struct run_span span = {.begin_ns = book->covered_ns != 0 ? book->covered_ns : book->begun_ns,
                            .end_ns = whole_ns,
                            .interval_ms = book->config.length_ns / NS_PER_MS};
    if (whole_ns <= span.begin_ns) {
        return true;
    }
    book->covered_ns = whole_ns;
    for (size_t i = 0; i < book->coins.count; i = span.last + 1) {
        span.first = span.last = i;
        if (book->plan.turns[i].refused) {
            continue;
        }
        while (span.last + 1 < book->coins.count && !book->plan.turns[span.last + 1].refused) {
            span.last++;
        }
        if (!run_events_cover(&book->run, &book->events, now_ns, &span)) {
            return false;
        }
    }
    return true;
}

bool bars_book_write_events(struct bars_book *book, int64_t now_ns)
{
    if (!book->announced) {
        book->announced = true;
        return run_events_start(&book->run, &book->events, now_ns, &book->coins);
    }
    return cover(book, now_ns);
}

/* Moves the records of `from` to `batch`, and the memory of `batch` to `from`. */
static void hand_over(struct source_batch *from, struct source_batch *batch)
{
    struct source_batch room = *batch;
    *batch = *from;
    *from = room;
    from->count = 0;
}

bool bars_book_hand_on(struct bars_book *book, struct source_batch *batch)
{
    if (book->events.count > 0) {
        hand_over(&book->events, batch);
        batch->settle = true;
        return true;
    }
    if (book->answer.count > 0) {
        hand_over(&book->answer, batch);
        return true;
    }
    source_batch_begin(batch, &bar_kind, true);
    return false;
}

bool bars_book_last(struct bars_book *book, int64_t now_ns, struct source_batch *batch)
{
    if (bars_book_hand_on(book, batch)) {
        return true;
    }
    bool ended = book->ended || !book->announced;
    book->ended = true;
    return !ended && cover(book, now_ns) && run_events_end(&book->run, &book->events, now_ns) &&
           bars_book_hand_on(book, batch);
}
