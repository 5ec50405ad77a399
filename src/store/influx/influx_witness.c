/*
 * Is what was written still there? InfluxDB makes a database anew with the first write after it was
 * deleted, and says nothing. So a writer keeps one point that it has written in mind, a witness,
 * and asks for it at most every LOOK_PAUSE_S, and before the first write after a pause; after an
 * outage for the last point that it has written, too. The next witness is one that was written
 * before the present one was found again: what is deleted between two looks takes that away.
 */
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "store/influx/influx.h"

enum {
    LOOK_PAUSE_S = 5,
    /* A point may be out of sight for a moment while InfluxDB moves it to a file (releases before
     * 3.11.2): it is missing when it has been away for so long. */
    MISSING_AFTER_S = 3,
    ASK_AGAIN_MS = 500,
};

/* A point that may leave by its age before long bears no witness. */
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
    (void)str_copy(column_text(kind->key, record), influx->newest.coin, sizeof influx->newest.coin);
    influx->newest.kind = kind;
    influx->newest.time_ns = time_ns;
    if (influx->witness.kind == NULL) {
        influx->witness = influx->newest;
        influx->next_look_ns = clock_monotonic_ns() + LOOK_PAUSE_S * NS_PER_SECOND;
    }
}

void influx_look_soon(struct influx *influx)
{
    if (influx->response.status == 0 || influx->response.status >= 500) {
        influx->was_away = true;
        influx->next_look_ns = 0;
    }
}

static void forget(struct influx *influx)
{
    influx->witness.kind = NULL;
    influx->newest.kind = NULL;
    influx->missing_since_ns = 0;
    influx->was_away = false;
}

/* The database and its retention are made again before anything is written. */
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
    influx->next_look_ns = clock_monotonic_ns() + LOOK_PAUSE_S * NS_PER_SECOND;
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
    return influx_has_point(influx, witness->kind, witness->coin, witness->time_ns, found, error);
}

/* What it held last may be gone alone when it was away: a power cut takes the last seconds. */
static bool ask(struct influx *influx, bool *found, struct error *error)
{
    return has(influx, &influx->witness, found, error) &&
           (!*found || !influx->was_away || has(influx, &influx->newest, found, error));
}

bool influx_look(struct influx *influx, struct error *error)
{
    bool due = influx->witness.kind != NULL && clock_monotonic_ns() >= influx->next_look_ns;
    if (due && too_old(influx, influx->witness.time_ns)) {
        forget(influx);
        due = false;
    }
    if (!due) {
        return true;
    }
    bool found = false;
    struct error failure = {.kind = ERROR_NONE};
    if (ask(influx, &found, &failure)) {
        return found ? found_again(influx) : missing(influx, error);
    }
    if (influx_has_no_table(influx)) {
        return begin_anew(influx, error);
    }
    if (influx->response.status == 0) { /* no answer: the write would wait for one as long again */
        if (error != NULL) {
            *error = failure;
        }
        return false;
    }
    /* What keeps it from answering is told by the write that follows. */
    influx->next_look_ns = clock_monotonic_ns() + LOOK_PAUSE_S * NS_PER_SECOND;
    return true;
}
