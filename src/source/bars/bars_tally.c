#include "source/bars/bars_tally.h"

#include <stdio.h>

#include "base/log.h"

enum {
    NONE_KNOWN_MS = 60000,
};

void bars_tally_init(struct bars_tally *tally)
{
    *tally = (struct bars_tally){.requests = 0};
    pthread_mutex_init(&tally->lock, NULL);
}

void bars_tally_free(struct bars_tally *tally)
{
    pthread_mutex_destroy(&tally->lock);
}

void bars_tally_request(struct bars_tally *tally)
{
    pthread_mutex_lock(&tally->lock);
    tally->requests++;
    pthread_mutex_unlock(&tally->lock);
}

void bars_tally_changed(struct bars_tally *tally, const struct bars_book *book)
{
    pthread_mutex_lock(&tally->lock);
    tally->changed = book->changed;
    pthread_mutex_unlock(&tally->lock);
}

void bars_tally_refused(struct bars_tally *tally, const struct bars_book *book, size_t coin,
                        bool refused)
{
    if (refused == book->plan.turns[coin].refused) {
        return;
    }
    pthread_mutex_lock(&tally->lock);
    tally->refused += refused ? 1 : -1;
    pthread_mutex_unlock(&tally->lock);
    const char *name = book->coins.coins[coin].symbol;
    if (refused) {
        log_warn("unknown_coin", log_text("source", book->config.name), log_text("coin", name),
                 log_text("reason", "the exchange does not know it: going on without, and asking "
                                    "again now and then"));
    } else {
        log_info("coin_back", log_text("source", book->config.name), log_text("coin", name));
    }
}

bool bars_tally_any_known(const struct bars_book *book, struct error *error)
{
    if (!bars_plan_all_refused(&book->plan)) {
        return true;
    }
    (void)error_set(error, ERROR_RETRY,
                    "the exchange knows none of the coins (%s%s): check --coins",
                    book->coins.coins[0].symbol, book->coins.count > 1 ? ",…" : "");
    error->retry_after_ms = NONE_KNOWN_MS;
    return false;
}

int64_t bars_tally_report(struct bars_tally *tally, const struct bars_book *book,
                          struct source_report *report)
{
    pthread_mutex_lock(&tally->lock);
    int64_t requests = tally->requests, changed = tally->changed, refused = tally->refused;
    pthread_mutex_unlock(&tally->lock);
    if (refused > 0 && report->notice[0] == '\0') {
        (void)snprintf(report->notice, sizeof report->notice,
                       "the exchange does not know %lld of the %zu coins: check --coins",
                       (long long)refused, book->coins.count);
    }
    source_report_add(report, "bars_changed",
                      "Bars that the exchange changed after they were sent.", true, changed);
    source_report_add(report, "coins_refused", "Coins that the exchange does not know.", false,
                      refused);
    return requests;
}
