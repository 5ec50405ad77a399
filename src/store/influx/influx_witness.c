/*
 * Detects that the database was deleted. InfluxDB silently creates a deleted database again at the
 * next write, and the earlier points are lost. So a writer remembers one point that it has written,
 * the witness, and searches for it before a write: at most once every CHECK_PAUSE_S, and before the
 * first write after a pause. After an outage it also searches for the newest point that it has
 * written. Each time the witness is found, the newest point that was written so far becomes the
 * next witness. So every witness was written before the last successful search, and a deletion
 * after that search removes it.
 */
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "record/series.h"
#include "store/influx/influx.h"

enum {
    CHECK_PAUSE_S = 5,
    /* InfluxDB may hide a point for a moment while it moves it to a file (releases before 3.11.2),
     * so a point counts as lost only after it has been missing for this long. */
    MISSING_AFTER_S = 3,
    ASK_AGAIN_MS = 500,
};

/* Returns whether the retention may soon delete a point of that time: then it cannot be a
 * witness. */
static bool too_old(const struct influx *influx, int64_t time_ns)
{
    int64_t age_ns = 0;
    int64_t margin_ns = influx->retention_ns / 2;
    margin_ns = margin_ns < INFLUX_HOUR_NS ? margin_ns : INFLUX_HOUR_NS;
    return influx->retention_ns > 0 && (__builtin_sub_overflow(clock_wall_ns(), time_ns, &age_ns) ||
                                        age_ns > influx->retention_ns - margin_ns);
}

void influx_remember(struct influx *influx, const struct record_kind *kind, const void *record)
{
    int64_t time_ns = column_int64(kind->time, record);
    if (too_old(influx, time_ns)) {
        return;
    }
    series_of(kind, record, influx->newest.series);
    influx->newest.kind = kind;
    influx->newest.time_ns = time_ns;
    if (influx->witness.kind == NULL) {
        influx->witness = influx->newest;
        influx->next_check_ns = clock_monotonic_ns() + CHECK_PAUSE_S * NS_PER_SECOND;
    }
}

void influx_check_soon(struct influx *influx)
{
    if (influx->response.status == 0 || influx->response.status >= 500) {
        influx->was_away = true;
        influx->next_check_ns = 0;
    }
}

static void forget(struct influx *influx)
{
    influx->witness.kind = NULL;
    influx->newest.kind = NULL;
    influx->missing_since_ns = 0;
    influx->was_away = false;
}

/* Creates the deleted database, its retention and its tables again, before anything is written. */
static bool begin_anew(struct influx *influx, struct error *error)
{
    if (!influx->store.backend->prepare(&influx->store, error)) {
        return false;
    }
    forget(influx);
    store_note_emptied(&influx->store,
                       "a point that had been written is gone: its database was deleted, or "
                       "InfluxDB lost what it had acknowledged (a power cut, another data folder)");
    return true;
}

static bool found_again(struct influx *influx)
{
    influx->witness = influx->newest;
    influx->missing_since_ns = 0;
    influx->was_away = false;
    influx->next_check_ns = clock_monotonic_ns() + CHECK_PAUSE_S * NS_PER_SECOND;
    return true;
}

static bool missing(struct influx *influx, struct error *error)
{
    int64_t now_ns = clock_monotonic_ns();
    if (influx->missing_since_ns == 0) {
        influx->missing_since_ns = now_ns;
    }
    if (now_ns - influx->missing_since_ns >= MISSING_AFTER_S * NS_PER_SECOND) {
        return begin_anew(influx, error);
    }
    (void)error_set(error, ERROR_RETRY,
                    "%s: a point that had been written is not there: it is asked for again before "
                    "more is written",
                    influx->store.name);
    if (error != NULL) {
        error->retry_after_ms = ASK_AGAIN_MS;
    }
    return false;
}

static bool has(struct influx *influx, const struct influx_witness *witness, bool *found,
                struct error *error)
{
    return influx_has_point(influx, witness->kind, witness->series, witness->time_ns, found, error);
}

/* Searches for the witness; after an outage also for the newest point, because a power cut may lose
 * only the last seconds. */
static bool ask(struct influx *influx, bool *found, struct error *error)
{
    return has(influx, &influx->witness, found, error) &&
           (!*found || !influx->was_away || has(influx, &influx->newest, found, error));
}

bool influx_check_witness(struct influx *influx, struct error *error)
{
    bool due = influx->witness.kind != NULL && clock_monotonic_ns() >= influx->next_check_ns;
    if (due && too_old(influx, influx->witness.time_ns)) {
        forget(influx);
        due = false;
    }
    if (!due) {
        return true;
    }
    bool found = false;
    struct error failure = {.kind = ERROR_NONE};
    bool asked = ask(influx, &found, &failure);
    if (influx_has_no_table(influx)) {
        return begin_anew(influx, error);
    }
    if (asked) {
        return found ? found_again(influx) : missing(influx, error);
    }
    if (influx->response.status == 0) { /* unreachable: the write would only wait for the same
                                           time-out */
        if (error != NULL) {
            *error = failure;
        }
        return false;
    }
    /* Any other failure: let the write that follows report it. */
    influx->next_check_ns = clock_monotonic_ns() + CHECK_PAUSE_S * NS_PER_SECOND;
    return true;
}
