#include "source/poller_books.h"

#include "base/log.h"

bool poller_books_init(struct poller_books *books, const struct source *source)
{
    *books = (struct poller_books){
        .health = {.state = POLLER_IDLE, .source = source->name, .records = source->kind->records}};
    return pthread_mutex_init(&books->lock, NULL) == 0;
}

void poller_books_free(struct poller_books *books)
{
    (void)pthread_mutex_destroy(&books->lock);
}

void poller_books_add(struct poller_books *books, int64_t *counter, int64_t amount)
{
    pthread_mutex_lock(&books->lock);
    *counter += amount;
    pthread_mutex_unlock(&books->lock);
}

void poller_books_add_rows(struct poller_books *books, const struct row_counts *counts)
{
    pthread_mutex_lock(&books->lock);
    books->stats.rows.rows += counts->rows;
    books->stats.rows.records += counts->records;
    for (int i = 0; i < ROW_FAULTS; i++) {
        books->stats.rows.rejected[i] += counts->rejected[i];
    }
    pthread_mutex_unlock(&books->lock);
}

void poller_books_refuse(struct poller_books *books, enum row_fault fault)
{
    pthread_mutex_lock(&books->lock);
    books->stats.rows.records--;
    books->stats.rows.rejected[fault]++;
    pthread_mutex_unlock(&books->lock);
}

void poller_books_set_state(struct poller_books *books, enum poller_state state, int64_t until_ns)
{
    pthread_mutex_lock(&books->lock);
    books->health.state = state;
    books->health.until_ns = until_ns;
    pthread_mutex_unlock(&books->lock);
}

void poller_books_settle(struct poller_books *books, bool begins, int64_t monotonic_ns)
{
    pthread_mutex_lock(&books->lock);
    books->health.settling = begins;
    books->health.settling_since_ns = monotonic_ns;
    pthread_mutex_unlock(&books->lock);
}

void poller_books_succeed(struct poller_books *books, int64_t wall_ns)
{
    pthread_mutex_lock(&books->lock);
    books->health.last_success_ns = wall_ns;
    books->stats.last_success_ns = wall_ns;
    pthread_mutex_unlock(&books->lock);
}

void poller_books_hold(struct poller_books *books, const struct poller_held *held)
{
    pthread_mutex_lock(&books->lock);
    books->health.state = POLLER_HOLDING;
    books->health.held = *held;
    pthread_mutex_unlock(&books->lock);
}

void poller_books_notice_ahead(struct poller_books *books, const struct poller_ahead *record)
{
    pthread_mutex_lock(&books->lock);
    struct poller_ahead *ahead = &books->health.ahead;
    int64_t records = ahead->records + 1;
    if (records == 1 || record->until_ns > ahead->until_ns) {
        *ahead = *record;
    }
    ahead->records = records;
    pthread_mutex_unlock(&books->lock);
}

void poller_books_notice_owned(struct poller_books *books, struct str coin, const char *source,
                               bool refused)
{
    log_warn(refused ? "coin_refused" : "coin_has_live_source",
             log_text("source", books->health.source), log_str("coin", coin),
             log_text("live_source", source),
             log_text("meaning", refused ? "one coin has one live source: end that one and start "
                                           "this one an hour later, or give this one another "
                                           "--topic"
                                         : "these records lie beside its own"));
    pthread_mutex_lock(&books->lock);
    struct poller_owned *owned = &books->health.owned;
    if (owned->coins++ == 0) {
        owned->refused = refused;
        (void)str_copy(coin, owned->coin, sizeof owned->coin);
        (void)str_copy(str_from(source), owned->source, sizeof owned->source);
    }
    pthread_mutex_unlock(&books->lock);
}

void poller_books_retry(struct poller_books *books, const struct error *error, int64_t until_ns)
{
    pthread_mutex_lock(&books->lock);
    books->stats.request_errors++;
    books->health.state = POLLER_RETRY;
    books->health.until_ns = until_ns;
    books->health.error = *error;
    pthread_mutex_unlock(&books->lock);
}

void poller_books_end(struct poller_books *books, enum poller_state state,
                      const struct error *error)
{
    pthread_mutex_lock(&books->lock);
    books->health.state = state;
    books->stats.ended = true;
    if (state == POLLER_FAILED) {
        books->stats.request_errors++;
        books->health.error = *error;
    }
    pthread_mutex_unlock(&books->lock);
}

void poller_books_stop(struct poller_books *books)
{
    pthread_mutex_lock(&books->lock);
    if (!books->stats.ended) {
        books->health.state = POLLER_STOPPED;
    }
    pthread_mutex_unlock(&books->lock);
}

void poller_books_read(struct poller_books *books, int64_t monotonic_ns, struct poller_stats *stats)
{
    pthread_mutex_lock(&books->lock);
    *stats = books->stats;
    struct poller_health health = books->health;
    pthread_mutex_unlock(&books->lock);
    stats->healthy =
        poller_health_describe(&health, monotonic_ns, stats->reason, sizeof stats->reason);
    poller_health_notice(&health, monotonic_ns, stats->notice, sizeof stats->notice);
}
